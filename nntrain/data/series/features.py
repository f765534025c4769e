"""Windows over the rows of a table: each row is prepared once, then every window shows its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Preprocess
from nntrain.data.dataset import Table
from nntrain.data.files import check_memory
from nntrain.data.kind import Array, Index, Kind, State
from nntrain.data.prepare import preparation
from nntrain.data.prepare.fitted import Fitted


@dataclass(frozen=True)
class Windows(Kind):
    """Windows of `window` rows that follow one another."""

    table: Table
    """All rows, the series one after another, each in the order of its time."""
    starts: Index
    """The position in the table at which each window begins, shape `(windows,)`."""
    window: int
    last: Array | None = None
    """The target's value in the last row of each window, shape `(windows,)`; NaN where it is missing."""
    series: Array | None = None
    """The name of the series of each window, shape `(windows,)`; None where there is one alone."""

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, rows: Index) -> Windows:
        """The windows at these positions."""
        last = None if self.last is None else self.last[rows]
        series = None if self.series is None else self.series[rows]
        return replace(self, starts=self.starts[rows], last=last, series=series)

    def arrays(self) -> Iterator[tuple[str, Array]]:
        """The columns of all rows, and where the windows begin."""
        for name in self.table.order:
            numeric = name in self.table.numeric
            yield name, (self.table.numeric if numeric else self.table.categorical)[name]
        yield "starts", self.starts
        yield "window", np.array([self.window])

    @property
    def shown(self) -> Index:
        """The rows that some window shows, ascending."""
        seen = np.zeros(len(self.table) + 1, np.int64)
        np.add.at(seen, self.starts, 1)
        np.add.at(seen, self.starts + self.window, -1)
        return np.flatnonzero(np.cumsum(seen)[:-1])

    def comparable(self) -> Array:
        """A number of each window, made of those of its rows."""
        table = self.table
        columns = [table.numeric.get(name, table.categorical.get(name)) for name in table.order]
        rows = [hash(row) for row in zip(*columns, strict=True)]
        out = np.empty(len(self), object)
        out[:] = [hash(tuple(rows[start : start + self.window])) for start in self.starts.tolist()]
        return out

    def check(self, settings: Preprocess) -> None:
        """Refuse missing values that nothing replaces."""
        preparation.check({"": self.table.take(self.shown)}, settings)

    def fit(self, settings: Preprocess) -> WindowState:
        """Learn from the rows that these windows show, each of them counted once."""
        return WindowState(len(self), self.window, preparation.fit(self.table.take(self.shown), settings))


@dataclass(frozen=True)
class WindowState(State):
    """How the rows of windows are prepared."""

    rows: int
    """Training windows."""
    window: int
    fitted: Fitted
    """Of the rows."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the prepared columns: the last axis of a window."""
        return self.fitted.columns

    @property
    def notes(self) -> tuple[str, ...]:
        """Those on the rows."""
        return self.fitted.notes

    @property
    def vocabulary(self) -> None:
        """Windows hold quantities."""

    def apply(self, features: Windows) -> NDArray[np.float32]:
        """Windows as the model reads them, float32 `(windows, window, columns)`.

        Raises:
            DataError: A value is missing or unknown and nothing replaces it, or the windows need more memory
                than there is.
        """
        shown = features.shown
        rows = self.fitted.apply(features.table.take(shown))
        size = len(features) * self.window * rows.shape[1] * 4
        check_memory(size, f"{len(features):,} windows of {self.window:,} rows take")
        first = np.searchsorted(shown, features.starts)
        found: NDArray[np.float32] = np.asarray(rows)[first[:, np.newaxis] + np.arange(self.window)]
        return found

    def to_json(self) -> dict[str, Any]:
        """The state of the rows under `windows`."""
        windows = {"window": self.window, "of": self.fitted.to_json()}
        return {"kind": "windows", "rows": self.rows, "windows": windows}

    @classmethod
    def from_json(cls, document: Mapping[str, Any], read: Callable[[Any], Fitted]) -> WindowState:
        """The state of a run.

        Args:
            document: From `to_json`.
            read: Gives the state of the rows.

        Raises:
            KeyError, TypeError, ValueError: It is not what `to_json` gave.
        """
        windows = document["windows"]
        return cls(document["rows"], windows["window"], read(windows["of"]))
