"""How well one output of a network does: the one way in which nntrain scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nntrain.config.checks.threshold import THRESHOLD
from nntrain.config.schema import Config, Evaluation
from nntrain.data.dataset import Rows
from nntrain.errors import ConfigError, Problem
from nntrain.evaluation import (
    LabelPredictions,
    OutputKind,
    Predictions,
    SplitScores,
    decode,
    decode_labels,
    evaluate_classes,
    evaluate_labels,
    evaluate_numbers,
    evaluate_pixels,
    evaluate_reconstruction,
)
from nntrain.evaluation.outputs import not_finite
from nntrain.run.target import Array, Target


@dataclass(frozen=True)
class Decided:
    """What a model says of rows whose outputs are classes or labels."""

    labels: Array
    """Class indices `(n,)`, or 0 and 1 for each label `(n, k)`."""
    probabilities: Array | None
    """Shape `(n, classes)` or `(n, k)`; None where the outputs are no probabilities."""
    found: Predictions | LabelPredictions
    """The same for scoring."""


def decide(
    target: Target,
    outputs: Array,
    *,
    kind: OutputKind = "scores",
    boundary: float = 0.0,
    threshold: float | str = 0.5,
) -> Decided:
    """Read outputs for classes or labels, with the threshold that was chosen for them if one was.

    Whatever decides on a class or a label goes through here: scores, files of predictions and pictures.

    Args:
        target: Of task `classification` or `multi_label`.
        outputs: What the model gave, shape `(n, ...)`.
        kind: How outputs are read.
        boundary: Value above which an output of kind `scores` means yes.
        threshold: The config's `evaluation.threshold`; its number holds where none was chosen, else 0.5.

    Raises:
        ConfigError: The outputs do not suit the target.
        DivergedError: The outputs are not finite numbers.
    """
    cut = np.asarray([threshold if isinstance(threshold, float) else 0.5])
    if target.threshold is not None:
        cut = np.asarray(target.threshold.values)
    if target.task == "multi_label":
        labels = decode_labels(outputs, labels=len(target.names), kind=kind, threshold=cut, boundary=boundary)
        return Decided(labels.labels, labels.probabilities, labels)
    classes = decode(
        outputs, classes=len(target.names), kind=kind, threshold=float(cut[0]), boundary=boundary
    )
    return Decided(classes.labels, classes.probabilities, classes)


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
    values: Array | None = None
    """What ranks the rows of classes and labels, as `Predictions.scores`; None for numbers and masks."""
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
    last: Array | None = None,
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
        last: Of a series the value that each row knows last, shape `(n,)`.

    Raises:
        ConfigError: The outputs do not suit the target.
        DivergedError: The outputs are not finite numbers.
    """
    names, known = target.names, target.known
    if target.task == "regression":
        scores = evaluate_numbers(truth, outputs, means=known, names=names, medians=target.medians, last=last)
        return Scored(target, scores, index, truth, outputs)
    if target.task == "reconstruction":
        return Scored(target, evaluate_reconstruction(truth, outputs, mean=known), index, truth, outputs)
    decided = decide(target, outputs, kind=kind, boundary=boundary, threshold=evaluation.threshold)
    average = evaluation.average
    if isinstance(decided.found, LabelPredictions):
        scores = evaluate_labels(truth, decided.found, shares=known, names=names, average=average)
    else:
        scores = evaluate_classes(truth, decided.found, counts=known, names=names, average=average)
    return Scored(
        target,
        scores,
        index,
        truth,
        outputs,
        decided.labels,
        decided.probabilities,
        decided.found.scores,
    )


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


def check_cut(threshold: float | str, targets: Mapping[str, Target], has_validation: bool) -> None:
    """Refuse, before training, a rule for the threshold that has nothing to choose.

    Args:
        threshold: The config's `evaluation.threshold`; a number fits everything.
        targets: What is predicted, by name.
        has_validation: Whether there are validation rows.

    Raises:
        ConfigError: No target is of two classes or of labels, or there are no validation rows.
    """
    if not isinstance(threshold, str):
        return
    if not has_validation:
        message = f"'{threshold}' is chosen on validation rows, and there are none; write a number"
        raise ConfigError(Problem(message, THRESHOLD, id="threshold"))
    if not any(target.is_cut for target in targets.values()):
        target = next(iter(targets.values()))
        why = "no target has two classes or labels"
        if target.task == "classification":
            why = f"the data have {len(target.names)} classes, of which the likeliest is taken"
        raise ConfigError(
            Problem(f"'{threshold}' chooses a threshold, and {why}; remove this", THRESHOLD, id="threshold")
        )


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


@dataclass(frozen=True)
class Seen:
    """What pictures of an evaluation show besides its scores."""

    config: Config
    model: Any
    columns: Mapping[str, tuple[str, ...]]
    """The names of each input's prepared columns."""
    rows: Rows
