"""What one output of a network is to predict, and what a run records of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nntrain.arrays import Values
from nntrain.errors import ArtefactError, Problem
from nntrain.evaluation.baseline import class_counts, column_means, column_medians, mean_row, pixel_counts

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
class Threshold:
    """Where a trained model's probabilities are cut, chosen on the validation rows.

    Each tuple has one value for two classes, or one for each label.
    """

    rule: str
    """`f1` or `youden`."""
    values: tuple[float, ...]
    """Probabilities in (0, 1); a row above is of the second class, or has the label."""
    gained: tuple[float | None, ...]
    """What the rule measures there; None where the rows were all alike, and 0.5 was kept."""
    usual: tuple[float | None, ...]
    """The same at 0.5."""

    def to_json(self) -> dict[str, Any]:
        """For a run's record and its scores."""
        return {
            "rule": self.rule,
            "chosen_on": "validation",
            "values": list(self.values),
            "measured": list(self.gained),
            "measured_at_0.5": list(self.usual),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Threshold:
        """From a run's record.

        Raises:
            TypeError: The thresholds are no numbers.
        """
        _numbers(record["values"])
        lists = (tuple(record[key]) for key in ("values", "measured", "measured_at_0.5"))
        return cls(record["rule"], *lists)


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
    medians: Array | None = None
    """Of numbers the median of each over the training rows, shape `(k,)`; None where it is not known."""
    threshold: Threshold | None = None
    """What was chosen for it; None where the config's own number holds."""

    @property
    def is_cut(self) -> bool:
        """Whether a threshold decides: of two classes, and of labels."""
        return self.task == "multi_label" or (self.task == "classification" and len(self.names) == 2)

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
        medians = column_medians(np.asarray(train)) if task == "regression" else None
        return cls(name, task, names, shape, known, medians)

    def to_json(self) -> dict[str, Any]:
        """For a run's record."""
        return {
            "name": self.name,
            "task": self.task,
            "names": list(self.names),
            "shape": list(self.shape),
            KNOWN[self.task]: self.known.reshape(-1).tolist(),
            **({} if self.medians is None else {"train_medians": self.medians.tolist()}),
            **({} if self.threshold is None else {"threshold": self.threshold.to_json()}),
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
            known = _numbers(record[KNOWN[task]])
            if task == "reconstruction":
                known = known.reshape(shape if known.size == np.prod(shape) else ())
            medians = _numbers(record["train_medians"]) if "train_medians" in record else None
            threshold = Threshold.from_json(record["threshold"]) if "threshold" in record else None
        except (KeyError, TypeError, ValueError):
            message = f"the record is damaged: what it says of the target '{record['name']}' makes no sense"
            raise ArtefactError(Problem(message, id="damaged")) from None
        return cls(record["name"], task, tuple(record["names"]), shape, known, medians, threshold)

    def describe(self) -> dict[str, Any]:
        """For `metrics.json`: the task, and the names under the word for what they name."""
        labels = {"labels": list(self.names)} if self.task == "multi_label" else {}
        numbers = {"numbers": list(self.names)} if self.task == "regression" and self.names else {}
        classes = list(self.names) if self.task in ("classification", "segmentation") else []
        chosen = {} if self.threshold is None else {"threshold": self.threshold.to_json()}
        return {"task": self.task, "classes": classes, **labels, **numbers, **chosen}


def _numbers(values: object) -> Array:
    """Numbers of a record.

    Raises:
        TypeError: They are something else.
    """
    found = np.asarray(values)
    if found.dtype.kind not in "iuf":
        raise TypeError(found.dtype)
    return found
