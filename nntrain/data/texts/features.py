"""Rows of texts, which teach a vocabulary and a length.

Words are counted here, not by Keras' TextVectorization, because a source is read without TensorFlow, while
that is imported; and because a vocabulary in `preprocess.json` can be read by anyone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Preprocess
from nntrain.config.text_steps import text_key
from nntrain.data.dataset import Table
from nntrain.data.kind import Array, Index, Kind
from nntrain.data.texts.counting import WordCounting
from nntrain.data.texts.vocabulary import Vocabulary
from nntrain.errors import DataError, Location, Problem


@dataclass(frozen=True)
class Texts(Kind):
    """Texts of differing length."""

    values: NDArray[np.object_]
    """Shape `(rows,)`; None where a cell of a file is empty."""
    index: Index
    """Row number in the source, from 0, shape `(rows,)`."""
    where: Callable[[int], Location] | None
    """The place of a text, from its row number in the source; None where there is no file. It may read the
    file again, so it is for errors alone."""
    column: str | None = None
    """The column of a table that holds them; None where the rows are texts."""

    @classmethod
    def of_column(cls, table: Table, column: str) -> Texts:
        """The texts of one column of a table."""
        where = table.where
        place = None if where is None else lambda row: where(row, column)
        return cls(table.categorical[column], table.index, place, column)

    @property
    def order(self) -> tuple[str, ...]:
        """The columns of a table that are read: one, or none."""
        return () if self.column is None else (self.column,)

    @property
    def categorical(self) -> tuple[str, ...]:
        """Those of texts."""
        return self.order

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Index) -> Texts:
        """The texts at these positions."""
        return replace(self, values=self.values[rows], index=self.index[rows])

    def arrays(self) -> Iterator[tuple[str, Array]]:
        """The texts."""
        yield "text", self.values

    def comparable(self) -> Array:
        """The texts."""
        return self.values

    def check(self, settings: Preprocess) -> None:
        """Refuse empty texts, unless they are to be kept."""
        key = ".".join(map(str, text_key(self.column)))
        self.refuse_empty(settings.text_of(self.column).empty == "error", f"set {key}.empty: keep")

    def refuse_empty(self, wanted: bool, remedy: str) -> None:
        """Refuse empty texts.

        Args:
            wanted: Whether they are to be refused.
            remedy: What can be done, apart from taking the row out.

        Raises:
            DataError: With the place of the first.
        """
        empty = [i for i, text in enumerate(self.values) if not text or text.isspace()]
        if wanted and empty:
            row = int(self.index[empty[0]])
            location = self.where(row) if self.where else None
            first = "here" if location else f"in row {row} (from 0)"
            count = f"{len(empty)} of {len(self)} texts {'is' if len(empty) == 1 else 'are'} empty"
            whose = "" if self.column is None else f"column '{self.column}': "
            message = f"{whose}{count}, the first {first}; take the row out, or {remedy}"
            raise DataError(Problem(message, location=location, id="empty_text"))

    def fit(self, settings: Preprocess) -> Vocabulary:
        """Count the words of the training texts."""
        counting = WordCounting(settings.text_of(self.column), self.column)
        counting.add(self.values)
        return counting.result()
