"""A column of texts as numbers: 0 and 1 for each category or bin, or the category's number."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Categorical
from nntrain.data.dataset import Array, Table
from nntrain.data.tables.disguise import spelling
from nntrain.errors import DataError, KeyPath, Problem, did_you_mean, listing

MOST_COLUMNS = 1000
"""Of one column's categories in 0 and 1."""


@dataclass(frozen=True)
class Texts:
    """What the training rows say about one column."""

    name: str
    steps: Categorical
    missing: int
    filling: str | None
    """The text that replaces a missing one; None where nothing does."""
    categories: tuple[str, ...]
    """Sorted. An imputed text is one of them, whether or not a training row has it. Empty for hashes."""
    distinct: int
    """How many different texts the training rows have once gaps are filled."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the prepared columns, without the flag of gaps."""
        if self.steps.encode == "ordinal":
            return (self.name,)
        kinds = self.categories if self.steps.encode == "one_hot" else range(self.steps.bins or 0)
        sign = "=" if self.steps.encode == "one_hot" else "#"
        return tuple(f"{self.name}{sign}{kind}" for kind in kinds)

    @property
    def flagged(self) -> bool:
        """Whether gaps get a column of their own: where the training rows have any."""
        return self.steps.flag_missing and self.missing > 0

    @property
    def fills(self) -> bool:
        """Whether gaps are filled."""
        return self.filling is not None

    @property
    def constant(self) -> bool:
        """Whether the training rows have one text alone."""
        return self.distinct == 1

    def write(self, table: Table, out: Array) -> None:
        """Write the prepared columns into `out`, shape `(rows, columns)`, which holds zeros.

        Raises:
            DataError: A category that the training rows did not have, where that is an error.
        """
        values = table.categorical[self.name]
        if self.steps.encode == "hashing":
            out[np.arange(len(values)), _codes(values, self._bins(values))] = 1
            return
        index: dict[str | None, int] = {category: i for i, category in enumerate(self.categories)}
        if self.filling is not None:
            index[None] = index[self.filling]
        codes = _codes(values, index)
        known = codes >= 0
        if self.steps.unknown == "error" and not known.all():
            raise self._unknown(table, ~known)
        if self.steps.encode == "ordinal":
            out[:, 0] = np.where(known, codes, len(self.categories))
        else:
            rows = np.flatnonzero(known)
            out[rows, codes[rows]] = 1

    def _bins(self, values: NDArray[np.object_]) -> dict[str | None, int]:
        assert self.steps.bins is not None
        distinct = set(values.tolist())
        found = {value: bin_of(value, self.steps.bins) for value in distinct if value is not None}
        if self.filling is not None:
            found[None] = bin_of(self.filling, self.steps.bins)
        return found

    def _unknown(self, table: Table, unknown: NDArray[np.bool_]) -> DataError:
        at = int(unknown.argmax())
        location, row = table.place(at, self.name)
        value = str(table.categorical[self.name][at])
        for how in spelling(self.categories):
            message = f"column '{self.name}' holds numbers {how}, such as '{value}'; write the numbers alone"
            return DataError(Problem(message, location=location, id="unknown_category"))
        pass_on = (
            f"data.preprocess.columns.{self.name}.unknown: own"
            if self.steps.encode == "ordinal"
            else "data.preprocess.categorical.unknown: zeros"
        )
        message = (
            f"column '{self.name}': no training row has '{value}'{row}"
            f"{did_you_mean(value, self.categories)} "
            f"({int(unknown.sum())} of {len(table)} rows have unknown texts); "
            f"known are {listing(self.categories)}; "
            f"set {pass_on} to let them pass"
        )
        return DataError(Problem(message, location=location, id="unknown_category"))

    def to_json(self) -> dict[str, Any]:
        """Settings and findings; the categories are a list in the order of their columns or numbers."""
        return {
            **self.steps.model_dump(mode="json"),
            "missing": self.missing,
            "filling": self.filling,
            "distinct": self.distinct,
            "categories": list(self.categories),
        }


def read_texts(name: str, document: Mapping[str, Any]) -> Texts:
    """What `Texts.to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError: It did not write that.
    """
    steps = Categorical(**{key: document[key] for key in Categorical.model_fields})
    categories = tuple(document["categories"])
    return Texts(name, steps, document["missing"], document["filling"], categories, document["distinct"])


class Counting:
    """The texts of one column in the making; values are added in blocks of any size."""

    def __init__(self, name: str, steps: Categorical, key_of: Callable[[str], KeyPath]) -> None:
        self.name, self.steps, self._key_of = name, steps, key_of
        self._counts: Counter[str | None] = Counter()

    def add(self, values: NDArray[np.object_]) -> None:
        """Take in texts, shape `(rows,)`; None where missing."""
        self._counts.update(values.tolist())

    def result(self) -> Texts:
        """What all rows say; to be called once.

        Raises:
            DataError: The most frequent text is asked for and there is none, or there are too many
                categories for a column each.
        """
        missing = self._counts.pop(None, 0)
        counts: Counter[str] = self._counts  # type: ignore[assignment]
        filling = self.steps.impute
        if filling == "most_frequent":
            if not counts:
                message = f"no training row has a value of '{self.name}', so there is none to fill in; "
                raise DataError(
                    Problem(f"{message}drop the column", self._key_of("impute"), id="empty_column")
                )
            filling = min(counts, key=lambda text: (-counts[text], text))
        known = {*counts, filling} if filling is not None else set(counts)
        if self.steps.encode == "one_hot" and len(known) > MOST_COLUMNS:
            raise self._too_many(len(known))
        categories = () if self.steps.encode == "hashing" else tuple(sorted(known))
        distinct = len(known if missing else counts)
        return Texts(self.name, self.steps, missing, filling, categories, distinct)

    def _too_many(self, count: int) -> DataError:
        message = (
            f"column '{self.name}': the training rows have {count:,} different texts, and one_hot makes at "
            f"most {MOST_COLUMNS:,} columns of one; set data.preprocess.columns.{self.name}: "
            "{encode: hashing, bins: 256} or {encode: ordinal}, or leave the column out of the features"
        )
        return DataError(Problem(message, self._key_of("encode"), id="many_categories"))


def bin_of(text: str, bins: int) -> int:
    """The bin of a text: the same on every machine and in every process."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") % bins


def _codes(values: NDArray[np.object_], index: Mapping[str | None, int]) -> NDArray[np.int64]:
    """The number of each text, -1 for one that has none."""
    return np.fromiter(map(index.get, values.tolist(), repeat(-1)), np.int64, len(values))
