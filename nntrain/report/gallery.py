"""What the pictures of a run are called: their files, their titles, and what they show in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

SPLITS = ("training", "validation", "test")
FORMATS = ("png", "svg")
"""Each picture is written in each of them."""


class Kind(NamedTuple):
    """What one kind of picture shows."""

    title: str
    alt: str
    """A sentence for readers who can't see the picture; `{rows}` stands for the rows that it shows."""
    of_rows: bool = True
    """Whether it is drawn from the rows of one split, which its file then names."""


GALLERY: Mapping[str, Kind] = {
    "history": Kind(
        "Training curves",
        "Line charts of the loss and of each metric by epoch, for training and validation rows, with the "
        "best epoch and the early stop marked.",
        of_rows=False,
    ),
    "confusion": Kind(
        "Confusion matrix",
        "A table of actual against predicted classes of the {rows}: each cell holds a count, and its shade "
        "the share of the actual class.",
    ),
    "labels": Kind(
        "Scores of each label", "Bars of F1, precision and recall of each label on the {rows}, with its rows."
    ),
    "roc": Kind(
        "ROC curves",
        "Curves of the true positive rate over the false positive rate on the {rows}, above the diagonal of "
        "chance.",
    ),
    "precision_recall": Kind(
        "Precision and recall",
        "Curves of precision over recall on the {rows}; chance is at the share of positive rows.",
    ),
    "reliability": Kind(
        "Reliability of the probabilities",
        "Of the {rows}: how often predictions came true over the probability that the model gave them, "
        "beside the diagonal of perfect calibration, above the number of rows in each bin.",
    ),
    "mistakes": Kind(
        "Most confident mistakes",
        "A grid of the images of the {rows} that were predicted wrongly with the highest probability, each "
        "with its actual and its predicted class.",
    ),
    "predicted_actual": Kind(
        "Predicted against actual",
        "A scatter of predicted over actual numbers of the {rows}, with the line where they are equal.",
    ),
    "residuals": Kind(
        "Residuals",
        "A scatter of actual minus predicted over predicted numbers of the {rows}, beside a histogram.",
    ),
    "forecast": Kind(
        "Forecast against truth",
        "The actual series and its forecast over the {rows} in the order of time, with the error below.",
    ),
    "masks": Kind(
        "Masks",
        "Images of the {rows} with their actual masks, the predicted ones, and these over the images.",
    ),
    "boxes": Kind(
        "Boxes",
        "Images of the {rows} with the actual box around the object and the predicted one, dashed.",
    ),
    "reconstruction": Kind(
        "Inputs and reconstructions",
        "Images of the {rows} above what the model made of them, with the mean squared error of each.",
    ),
    "denoised": Kind(
        "Inputs with noise and reconstructions",
        "Images of the {rows}, the same with the noise that the network adds in training, and what the model "
        "made of these, with the mean squared error of each.",
    ),
    "errors": Kind(
        "Errors of reconstruction",
        "How the errors of the {rows} spread over the rows, and over the values of a row.",
    ),
    "latent": Kind(
        "Latent space",
        "A scatter of the {rows} by the numbers of the network's narrowest layer in two dimensions, "
        "coloured by class where the classes are known.",
    ),
    "class_balance": Kind(
        "Class balance", "Bars of how many rows or pixels of each class every split holds.", of_rows=False
    ),
    "structure": Kind(
        "Structure of the network",
        "A drawing of the layers from the input to the output, each with its kind, the shape that it gives "
        "and its parameters.",
        of_rows=False,
    ),
    "first_weights": Kind(
        "Weights of the first dense layer",
        "A grid with the weights of each unit of the first dense layer as an image of the input's shape.",
        of_rows=False,
    ),
    "filters": Kind(
        "Filters of the first convolution",
        "A grid with the weights of each filter of the first convolution as an image.",
        of_rows=False,
    ),
    "feature_maps": Kind(
        "Feature maps of one example",
        "One image of the {rows} and what convolutions make of it, a line of maps for each layer.",
    ),
}
"""By the stem that their files begin with, in the order in which they are looked at."""


class Named(NamedTuple):
    """One picture of a run."""

    kind: str
    """The key in `GALLERY`."""
    title: str
    """With the output that it belongs to, where there are several."""
    alt: str
    """What it shows, one sentence in plain text."""


def file_stem(kind: str, split: str, output: str = "") -> str:
    """What a picture's file is called, without its ending: `roc_test`, `roc_test_species`, `history`.

    Args:
        kind: A key of `GALLERY`.
        split: The rows that the run reports; left out where the picture is not drawn from rows.
        output: The output that it belongs to; empty for a single one, and for the whole network.
    """
    parts = (kind, split if GALLERY[kind].of_rows else "", output)
    return "_".join(part for part in parts if part)


def named(file: str) -> Named | None:
    """Title and alternative text of a picture by its file's name or path; None for a file that is no picture.

    `plots/roc_test_species.png` is the kind `roc`, drawn from the test rows, of the output `species`.
    """
    stem = PurePosixPath(file).stem
    for kind, shown in GALLERY.items():
        rows = rf"_(?P<split>{'|'.join(SPLITS)})" if shown.of_rows else "(?P<split>)"
        found = re.fullmatch(rf"{kind}{rows}(_(?P<output>.+))?", stem, re.DOTALL)
        if found is None:
            continue
        output = found["output"]
        title = f"{shown.title} of '{output}'" if output else shown.title
        alt = shown.alt.format(rows=f"{found['split']} rows")
        return Named(kind, title, f"{alt} Output: {output}." if output else alt)
    return None


def in_order(files: Iterable[str]) -> list[str]:
    """The pictures among these files as they are looked at: by kind, then by output."""
    order = list(GALLERY)
    known = [(found, file) for file in files if (found := named(file)) is not None]
    return [file for _, file in sorted(known, key=lambda pair: (order.index(pair[0].kind), pair[1]))]
