"""How often each class stands in each split, as it is shown before training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from nntrain.data.dataset import Dataset

SHOWN = 12
"""Classes in the log; of more the commonest and the rarest are told."""


@dataclass(frozen=True)
class Balance:
    """The classes, or labels, of one target."""

    target: str
    names: tuple[str, ...]
    rows: Mapping[str, int]
    """Rows of each split."""
    counts: Mapping[str, tuple[int, ...]]
    """By split: rows of each class, or with each label."""

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
            told = (f"{s} {n:,} ({share:.1%})" for s, (n, share) in zip(self.rows, cells, strict=False))
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
            several = info.task == "multi_label"
            counted = values.sum(axis=0) if several else np.bincount(values, minlength=len(info.classes))
            counts[name] = tuple(int(count) for count in counted)
        sizes = {name: len(rows) for name, rows in splits.items()}
        found.append(Balance(info.name, info.classes, sizes, counts))
    return tuple(found)
