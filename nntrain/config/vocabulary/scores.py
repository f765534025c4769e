"""What scores are called: in files, and on the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

TITLES = {
    "exact_match": "exact match",
    "hamming_loss": "Hamming loss",
    "mean_iou": "mean IoU",
    "dice": "Dice ({average})",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "precision": "precision ({average})",
    "recall": "recall ({average})",
    "f1": "F1 ({average})",
    "f1_micro": "F1 (micro)",
    "mcc": "Matthews correlation",
    "kappa": "Cohen's kappa",
    "log_loss": "log loss",
    "brier": "Brier score",
    "calibration_error": "calibration error",
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "mse": "MSE",
    "mae": "MAE",
    "rmse": "RMSE",
    "median_error": "median error",
    "max_error": "largest error",
    "r2": "R2",
    "mape": "MAPE",
    "box_iou": "box IoU",
}
"""By what files call a score: what the terminal does."""
TOP = re.compile(r"top_(\d+)_accuracy")
CHIEF: Mapping[str, tuple[str, ...]] = {
    "multi_label": (
        "exact_match", "hamming_loss", "precision", "recall", "f1", "f1_micro", "log_loss", "roc_auc",
    ),
    "segmentation": ("mean_iou", "dice", "accuracy", "precision", "recall"),
    "classification": ("accuracy", "precision", "recall", "f1", "log_loss", "roc_auc"),
    "regression": ("mae", "rmse", "r2", "mape", "box_iou"),
    "reconstruction": ("mse", "mae", "rmse", "r2"),
}  # fmt: skip
"""By task the scores that are shown unasked, the most looked at first."""
SCORES: Mapping[str, tuple[str, ...]] = {
    "multi_label": (
        "exact_match", "hamming_loss", "precision", "recall", "f1", "f1_micro", "log_loss", "brier",
        "calibration_error", "roc_auc", "average_precision",
    ),
    "segmentation": ("mean_iou", "dice", "accuracy", "balanced_accuracy", "precision", "recall", "kappa"),
    "classification": (
        "accuracy", "balanced_accuracy", "top_3_accuracy", "top_5_accuracy", "precision", "recall", "f1",
        "mcc", "kappa", "log_loss", "brier", "calibration_error", "roc_auc", "average_precision",
    ),
    "regression": ("mae", "mse", "rmse", "median_error", "max_error", "r2", "mape", "box_iou"),
    "reconstruction": ("mse", "mae", "rmse", "r2"),
}  # fmt: skip
"""By task every score that is reported; top-k accuracy of more than k classes alone."""
AT_MOST_1 = frozenset(
    {*SCORES["multi_label"], *SCORES["segmentation"], *SCORES["classification"], "r2", "box_iou"}
) - {
    "log_loss",
    "brier",
}
"""Scores that are never above 1."""
MARKS = {
    "exact_match": "multi_label",
    "mean_iou": "segmentation",
    "accuracy": "classification",
    "mape": "regression",
    "mse": "reconstruction",
}
"""By a score that no task further down has: the task."""


def task_of(scores: Mapping[str, Any]) -> str:
    """The task that the scores of one output and split are for, as files have them."""
    return next((task for key, task in MARKS.items() if key in scores), "")


def title(key: str, average: object, task: str) -> str:
    """What the terminal calls a score.

    Args:
        key: What files call it.
        average: The one that its run reports; None where there is none.
        task: That of its output.
    """
    top = TOP.fullmatch(key)
    if top is not None:
        return f"top-{top[1]} accuracy"
    if key == "accuracy" and task == "segmentation":
        return "pixel accuracy"
    return TITLES[key].format(average=average if isinstance(average, str) else "averaged")


def is_score(key: str) -> bool:
    """Whether files call a score so."""
    return key in TITLES or TOP.fullmatch(key) is not None


def chief(scores: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The key and the title of each score that is shown unasked, in the order in which they are shown.

    Args:
        scores: Of one output and split, as files have them; what an older release did not write is left out.
    """
    task = task_of(scores)
    for key in CHIEF.get(task, ()):
        if key in scores:
            yield key, title(key, scores.get("average"), task)
