"""How scores are called on the terminal, from what a file of scores calls them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

TITLES = {
    "exact_match": "exact match",
    "hamming_loss": "Hamming loss",
    "mean_iou": "mean IoU",
    "dice": "Dice ({average})",
    "accuracy": "accuracy",
    "precision": "precision ({average})",
    "recall": "recall ({average})",
    "f1": "F1 ({average})",
    "f1_micro": "F1 (micro)",
    "log_loss": "log loss",
    "roc_auc": "ROC AUC",
    "mse": "MSE",
    "mae": "MAE",
    "rmse": "RMSE",
    "r2": "R2",
    "mape": "MAPE",
}
"""The scores that are shown unasked."""


def titled(scores: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The key of each score that is shown, and its title, in the order in which they are shown.

    Args:
        scores: Of one output and split, as in `metrics.json`.
    """
    average = scores.get("average")
    for key, title in TITLES.items():
        if key in scores:
            yield key, title.format(average=average if isinstance(average, str) else "averaged")
