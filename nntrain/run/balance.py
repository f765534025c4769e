"""How often each class stands in each split, as it is shown before training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nntrain.data.dataset import Dataset
from nntrain.evaluation.baseline import pixel_counts

SHOWN = 12
"""Classes in the log; of more the commonest and the rarest are told."""


@dataclass(frozen=True)
class Balance:
    """The classes, or labels, of one target."""

    target: str
    names: tuple[str, ...]
    rows: Mapping[str, int]
    """Rows of each split, or pixels of its masks that are not left out."""
    counts: Mapping[str, tuple[int, ...]]
    """By split: rows of each class, or with each label; or pixels of each class."""
    unit: Literal["rows", "pixels"] = "rows"
    """What is counted."""

    @property
    def classes(self) -> list[tuple[str, dict[str, int]]]:
        """Each class with its rows in each split."""
        return [(name, {s: n[i] for s, n in self.counts.items()}) for i, name in enumerate(self.names)]

    def _lines(self) -> Iterator[tuple[str, tuple[tuple[int, float], ...]]]:
        """Each class with its count and share in each split; one line without stands for many."""
        order = list(range(len(self.names)))
        if len(order) > SHOWN:
            order.sort(key=lambda i: -self.counts["train"][i])
            order[SHOWN // 2 : -SHOWN // 2] = [-1]
        for i in order:
            if i < 0:
                yield f"... {len(self.names) - SHOWN:,} more", ()
                continue
            counted = ((self.counts[name][i], self.rows[name]) for name in self.rows)
            yield self.names[i], tuple((count, count / rows) for count, rows in counted)

    def texts(self) -> Iterator[str]:
        """A line of the log for each class."""
        for name, cells in self._lines():
            unit = "" if self.unit == "rows" else " pixels"
            told = (f"{s} {n:,}{unit} ({share:.1%})" for s, (n, share) in zip(self.rows, cells, strict=False))
            yield f"class {name}: {', '.join(told)}" if cells else name


def balances(dataset: Dataset) -> tuple[Balance, ...]:
    """The classes and labels of every target that has any."""
    found = []
    splits = {str(name): rows for name, rows in dataset.splits.items()}
    for info in dataset.targets:
        if not info.classes:
            continue
        counts = {}
        for name, rows in splits.items():
            values = np.asarray(rows.targets[info.name])
            if info.task == "multi_label":
                counted = values.sum(axis=0)
            elif info.task == "segmentation":
                counted = pixel_counts(values, len(info.classes))
            else:
                counted = np.bincount(values, minlength=len(info.classes))
            counts[name] = tuple(int(count) for count in counted)
        sizes = {name: len(rows) for name, rows in splits.items()}
        if info.task == "segmentation":
            pixels = {name: sum(counted) for name, counted in counts.items()}
            found.append(Balance(info.name, info.classes, pixels, counts, "pixels"))
        else:
            found.append(Balance(info.name, info.classes, sizes, counts))
    return tuple(found)
