"""What one output of a network is to predict, and how well it does: the one way in which nntrain scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nntrain.arrays import Values
from nntrain.config.schema import Evaluation
from nntrain.errors import ArtefactError, Problem
from nntrain.evaluation import (
    OutputKind,
    SplitScores,
    decode,
    decode_labels,
    evaluate_classes,
    evaluate_labels,
    evaluate_numbers,
    evaluate_pixels,
    evaluate_reconstruction,
)
from nntrain.evaluation.baseline import class_counts, column_means, mean_row, pixel_counts
from nntrain.evaluation.outputs import not_finite

Array = NDArray[Any]
Task = Literal["classification", "regression", "multi_label", "reconstruction", "segmentation"]
KNOWN: Mapping[Task, str] = {
    "classification": "train_counts",
    "multi_label": "train_shares",
    "regression": "train_means",
    "reconstruction": "train_row",
    "segmentation": "train_pixels",
}
"""What a run's record calls that which a baseline knows."""


@dataclass(frozen=True)
class Target:
    """What one output is to predict, and what a baseline knows of it.

    That is enough to score rows without the training data.
    """

    name: str
    """`target`, or the output's name."""
    task: Task
    names: tuple[str, ...]
    """Class names, label names, or the names of several numbers; else empty."""
    shape: tuple[int, ...]
    """Of one row's target."""
    known: Array
    """Of the training rows: the number of each class or of its pixels, the share with each label, the mean of
    each number, or the mean row (shape `()`, the mean of all its values, where it is too large to keep)."""

    @classmethod
    def of(
        cls, name: str, task: Task, names: tuple[str, ...], shape: tuple[int, ...], train: Values
    ) -> Target:
        """The target of training rows, shape `(m, *shape)`."""
        if task == "classification":
            known: Array = class_counts(np.asarray(train), len(names))
        elif task == "segmentation":
            known = pixel_counts(np.asarray(train), len(names))
        else:
            known = mean_row(train) if task == "reconstruction" else column_means(np.asarray(train))
        return cls(name, task, names, shape, known)

    def to_json(self) -> dict[str, Any]:
        """For a run's record."""
        return {
            "name": self.name,
            "task": self.task,
            "names": list(self.names),
            "shape": list(self.shape),
            KNOWN[self.task]: self.known.reshape(-1).tolist(),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Target:
        """The target of a run, from its record.

        Raises:
            ArtefactError: It is damaged.
        """
        task: Task = record["task"]
        shape = tuple(record["shape"])
        try:
            known = np.asarray(record[KNOWN[task]])
            if known.dtype.kind not in "iuf":
                raise TypeError(known.dtype)
            if task == "reconstruction":
                known = known.reshape(shape if known.size == np.prod(shape) else ())
        except (KeyError, TypeError, ValueError):
            message = f"the record is damaged: what it says of the target '{record['name']}' makes no sense"
            raise ArtefactError(Problem(message, id="damaged")) from None
        return cls(record["name"], task, tuple(record["names"]), shape, known)

    def describe(self) -> dict[str, Any]:
        """For `metrics.json`: the task, and the names under the word for what they name."""
        labels = {"labels": list(self.names)} if self.task == "multi_label" else {}
        numbers = {"numbers": list(self.names)} if self.task == "regression" and self.names else {}
        classes = list(self.names) if self.task in ("classification", "segmentation") else []
        return {"task": self.task, "classes": classes, **labels, **numbers}


@dataclass(frozen=True)
class Scored:
    """One output on one split, scored."""

    target: Target
    scores: SplitScores
    index: Array
    """Row numbers in the source, shape `(n,)`."""
    truth: Array
    """Class indices `(n,)`, labels `(n, k)`, numbers `(n,)` or `(n, k)`, prepared inputs `(n, ...)`, or masks
    `(n, height, width)`."""
    outputs: Array
    """What the model gave, shape `(n, ...)`; of masks the sum of what it gave for each image, `(n,)`."""
    labels: Array | None = None
    """Predicted class indices `(n,)`, or 0 and 1 for each label `(n, k)`, or masks `(n, height, width)`; None
    for numbers."""
    probabilities: Array | None = None
    """Shape `(n, classes)` or `(n, k)`; None where the outputs are no probabilities."""
    images: Array | None = None
    """The first rows' prepared images where masks are predicted, for pictures."""

    def __len__(self) -> int:
        return len(self.index)


def score(
    target: Target,
    truth: Array,
    outputs: Array,
    index: Array,
    *,
    kind: OutputKind = "scores",
    boundary: float = 0.0,
    evaluation: Evaluation,
) -> Scored:
    """Score one output.

    Args:
        target: What it predicts.
        truth: The rows' targets, shape `(n, *target.shape)`.
        outputs: What the model gave for these rows, shape `(n, ...)`.
        index: The rows' numbers in the source, shape `(n,)`.
        kind: How outputs for classes and labels are read; unused for numbers.
        boundary: Value above which an output of kind `scores` means yes.
        evaluation: The config's threshold and average.

    Raises:
        ConfigError: The outputs do not suit the target.
        DivergedError: The outputs are not finite numbers.
    """
    names, known = target.names, target.known
    if target.task == "regression":
        return Scored(
            target, evaluate_numbers(truth, outputs, means=known, names=names), index, truth, outputs
        )
    if target.task == "reconstruction":
        return Scored(target, evaluate_reconstruction(truth, outputs, mean=known), index, truth, outputs)
    how: dict[str, Any] = {"kind": kind, "threshold": evaluation.threshold, "boundary": boundary}
    average = evaluation.average
    if target.task == "multi_label":
        found = decode_labels(outputs, labels=len(names), **how)
        scores = evaluate_labels(truth, found, shares=known, names=names, average=average)
        return Scored(target, scores, index, truth, outputs, found.labels, found.probabilities)
    predicted = decode(outputs, classes=len(names), **how)
    scores = evaluate_classes(truth, predicted, counts=known, names=names, average=average)
    return Scored(target, scores, index, truth, outputs, predicted.labels, predicted.probabilities)


def score_masks(
    target: Target,
    truth: Array,
    labels: Array,
    sums: Array,
    index: Array,
    average: Literal["macro", "weighted"],
) -> Scored:
    """Score predicted masks.

    Args:
        target: What is predicted.
        truth: The rows' masks, shape `(n, height, width)`.
        labels: The predicted ones.
        sums: The sum of what the model gave for each row, float64, shape `(n,)`.
        index: The rows' numbers in the source, shape `(n,)`.
        average: What Dice, precision and recall mean.

    Raises:
        DivergedError: The outputs are not finite numbers.
    """
    bad = int((~np.isfinite(sums)).sum())
    if bad:
        raise not_finite(bad, len(sums))
    scores = evaluate_pixels(truth, labels, counts=target.known, names=target.names, average=average)
    return Scored(target, scores, index, truth, sums, labels)


def worse_than_baseline(outputs: Mapping[str, SplitScores], where: str) -> tuple[str, ...]:
    """A sentence for each output on which the model does worse than its baseline.

    Args:
        outputs: Scores by the output's name.
        where: The rows: `test rows`, `rows of new.csv`.
    """
    notes = []
    for name, scores in outputs.items():
        worse = scores.worse()
        if worse:
            whose = f"of '{name}' " if len(outputs) > 1 else ""
            notes.append(f"on the {where} the model {whose}is worse than its baseline in {', '.join(worse)}")
    return tuple(notes)
