"""Scores read back from where they were written, to be shown and put together with others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

AVERAGED = {
    "precision": "precision ({average})",
    "recall": "recall ({average})",
    "f1": "F1 ({average})",
}
PROBABLE = {"log_loss": "log loss", "roc_auc": "ROC AUC"}
HEADLINES: Mapping[str, Mapping[str, str]] = {
    "exact_match": {
        "exact_match": "exact match",
        "hamming_loss": "Hamming loss",
        **AVERAGED,
        "f1_micro": "F1 (micro)",
        **PROBABLE,
    },
    "mean_iou": {
        "mean_iou": "mean IoU",
        "dice": "Dice ({average})",
        "accuracy": "pixel accuracy",
        "precision": "precision ({average})",
        "recall": "recall ({average})",
    },
    "accuracy": {"accuracy": "accuracy", **AVERAGED, **PROBABLE},
    "mape": {"mae": "MAE", "rmse": "RMSE", "r2": "R2", "mape": "MAPE"},
    "mse": {"mse": "MSE", "mae": "MAE", "rmse": "RMSE", "r2": "R2"},
}
"""By a score that only one kind of task has (the first that is there): each key's name on the terminal."""


@dataclass(frozen=True)
class RecordedScores:
    """What the scores of some task said of themselves."""

    values: Mapping[str, Any]
    """As in a file of scores."""

    def to_json(self) -> dict[str, Any]:
        """The same again."""
        return dict(self.values)

    def headline(self) -> list[tuple[str, float | None]]:
        """Names and values for the terminal, the most looked at first."""
        titles = next(titles for key, titles in HEADLINES.items() if key in self.values)
        average = self.values.get("average")
        return [(title.format(average=average), self.values.get(key)) for key, title in titles.items()]
