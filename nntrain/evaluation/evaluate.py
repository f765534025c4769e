"""Scores of one split beside those of its baseline: what `fit`, `evaluate` and CI all report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nntrain.evaluation.baseline import majority_class, majority_predictions, mean_predictions
from nntrain.evaluation.classification import Average, ClassificationScores, score_classification
from nntrain.evaluation.outputs import Predictions
from nntrain.evaluation.regression import RegressionScores, score_regression, single_output

Scores = ClassificationScores | RegressionScores
DETAILS = ("averages", "per_class", "confusion_matrix", "notes")
"""What of a baseline's scores nobody reads."""


@dataclass(frozen=True)
class SplitScores:
    """A model and a baseline, scored on the same rows by the same functions."""

    model: Scores
    baseline: Scores
    baseline_name: str
    """What the baseline always answers."""

    def to_json(self) -> dict[str, Any]:
        """The scores, and the baseline's single numbers under `baseline`; `undefined` explains each None."""
        reference = _finite(self.baseline.to_json())
        kept = {name: value for name, value in reference.items() if name not in DETAILS}
        return {**_finite(self.model.to_json()), "baseline": {"name": self.baseline_name, **kept}}

    def headline(self) -> list[tuple[str, float | None, float | None]]:
        """Name, the model's value and the baseline's, in the order in which they are printed."""
        pairs = zip(self.model.headline(), self.baseline.headline(), strict=True)
        return [(name, value, reference) for (name, value), (_, reference) in pairs]


def evaluate_split(
    truth: ArrayLike,
    predictions: Predictions | ArrayLike,
    *,
    train_truth: ArrayLike,
    class_names: Sequence[str] = (),
    average: Average = "macro",
) -> SplitScores:
    """Score a model on one split, and the baseline of its training rows beside it.

    Args:
        truth: Actual class indices or numbers, shape `(n,)`.
        predictions: Decoded outputs of a classifier, or the numbers a regression model gives, shape
            `(n,)` or `(n, 1)`.
        train_truth: Class indices or numbers of the training rows, shape `(m,)`.
        class_names: Name of class 0, 1, 2, ...; unused for regression.
        average: What precision, recall and F1 mean; unused for regression.

    Raises:
        ConfigError: The outputs or `average` do not suit the task.
        DataError: No rows, or a label that is not one of the classes.
        DivergedError: A predicted number is not finite.
    """
    if isinstance(predictions, Predictions):
        return _classification(np.asarray(truth), predictions, np.asarray(train_truth), class_names, average)
    baseline = mean_predictions(train_truth, len(np.asarray(truth)))
    return SplitScores(
        model=score_regression(truth, single_output(predictions)),
        baseline=score_regression(truth, baseline),
        baseline_name=f"the mean of the training targets, {np.mean(np.asarray(train_truth, np.float64)):g}",
    )


def _classification(
    truth: Any, predictions: Predictions, train_labels: Any, class_names: Sequence[str], average: Average
) -> SplitScores:
    classes = len(class_names)
    majority = class_names[majority_class(train_labels, classes)]
    baseline = majority_predictions(train_labels, classes, len(truth))
    return SplitScores(
        model=score_classification(truth, predictions, class_names, average=average),
        baseline=score_classification(truth, baseline, class_names, average=average),
        baseline_name=f"the majority class of the training rows, {majority!r}",
    )


def _finite(scores: dict[str, Any]) -> dict[str, Any]:
    """Put None, and a word on it, in place of a score that overflowed."""
    undefined = dict(scores["undefined"])
    for name, value in scores.items():
        if isinstance(value, float) and not math.isfinite(value):
            scores[name], undefined[name] = None, "too large for a number"
    scores["undefined"] = undefined
    return scores
