"""Sets of openml.org as tables: scikit-learn downloads, checks and parses them, without pandas."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import OpenmlSource
from nntrain.config.text.source import at_home
from nntrain.data import own_cache
from nntrain.data.dataset import Raw
from nntrain.data.tables import words
from nntrain.data.tables.build import build
from nntrain.data.tables.cells import FLOAT32_MAX
from nntrain.errors import DataError, KeyPath, Location, MachineError, Problem, listing

HOME = "NNTRAIN_DATA_HOME"
RETRIES, DELAY = 1, 1.0
"""How often a download is tried again, and after how many seconds."""


@dataclass(frozen=True)
class Columns:
    """The columns of a set: numbers, and codes of categories."""

    names: tuple[str, ...]
    values: NDArray[np.float64]
    """Shape `(rows, columns)`; NaN where missing."""
    categories: Mapping[str, tuple[str, ...]]
    """What the codes of a column stand for."""
    notes: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()
    where: Callable[[int, str], Location] | None = None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.values)

    def looks_like_text(self, name: str) -> bool:
        """Whether a column has categories."""
        return name in self.categories

    def is_truth(self, name: str) -> bool:
        """Whether the categories are true and false, or yes and no."""
        return words.truth_words({*self.categories.get(name, ())}) is not None

    def date_in(self, name: str) -> None:
        """Nothing: no column is of dates."""

    def alike(self, name: str, pattern: str) -> str | None:
        """The first category of a column whose categories all fit a pattern; None if it is no such column."""
        known = self.categories.get(name, ())
        return known[0] if known and all(re.search(pattern, text) for text in known) else None

    def texts(self, name: str) -> NDArray[np.object_]:
        """A column as texts, shape `(rows,)`; None where the value is missing."""
        column = self._column(name)
        known = self.categories.get(name)
        if known is None:
            return np.array([None if np.isnan(value) else f"{value:g}" for value in column], object)
        codes = np.where(np.isnan(column), len(known), column).astype(np.int64)
        return np.array([*known, None], object)[codes]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as numbers, truth values as 0 and 1, shape `(rows,)`; NaN where the value is missing.

        Raises:
            DataError: Numbers that are too large for 32 bits.
        """
        column = self._column(name)
        truth = words.truth_words({*self.categories.get(name, ())})
        if truth is not None:
            return np.array([np.nan if text is None else truth[text] for text in self.texts(name)])
        with np.errstate(invalid="ignore"):
            excessive = np.abs(column) > FLOAT32_MAX
        if excessive.any():
            row = int(excessive.argmax())
            message = (
                f"column '{name}': {column[row]:g} in row {row} (from 0) is more than a 32-bit number "
                "can hold; leave the column out"
            )
            raise DataError(Problem(message, ("data", "drop"), id="too_large_a_number"))
        return column

    def days(self, name: str) -> NDArray[np.float64]:
        """The numbers: no column is of dates."""
        return self.numbers(name)

    def _column(self, name: str) -> NDArray[np.float64]:
        return np.ascontiguousarray(self.values[:, self.names.index(name)])


def load(source: OpenmlSource, base: Path) -> Raw:
    """The set, downloaded unless it is in the cache; the folder `base` plays no part.

    Raises:
        DataError: It can't be downloaded, there is no such set, it is damaged, or it is no table of numbers
            and categories.
        MachineError: The cache can't be written.
    """
    key: KeyPath = ("data", "name" if source.id is None else "id")
    fetched, notes = _fetched(source, key)
    if not isinstance(fetched.data, np.ndarray):
        message = f"{source.called} is sparse: zeros are not written; only dense sets are read"
        raise DataError(Problem(message, key, id="sparse"))
    known = {name: tuple(map(str, values)) for name, values in (fetched.categories or {}).items()}
    cells = Columns(tuple(fetched.feature_names), np.asarray(fetched.data, np.float64), known, notes)
    if source.task != "reconstruction" and not source.target_columns:
        source = source.model_copy(update={"target": _own_target(source, fetched, cells, key)})
    return build(source, cells, f"OpenML's {fetched.details['name']}, version {fetched.details['version']}")


def _own_target(source: OpenmlSource, fetched: Any, cells: Columns, key: KeyPath) -> tuple[str, ...]:
    """The columns that the set names as its target."""
    given = str(fetched.details.get("default_target_attribute") or "")
    names = (given,) if given in cells.names else tuple(filter(None, given.split(",")))
    if not names:
        columns = listing(cells.names, 30)
        message = f"{source.called} names no target; say it with data.target: the columns are {columns}"
        raise DataError(Problem(message, key, id="no_target"))
    return names


def _fetched(source: OpenmlSource, key: KeyPath) -> tuple[Any, tuple[str, ...]]:
    """What scikit-learn makes of a set, and what it warns of."""
    from sklearn.datasets import fetch_openml

    home = cache()
    chosen: dict[str, Any] = {"data_id": source.id}
    if source.id is None:
        chosen = {"name": source.name, "version": source.version}
    try:
        own_cache.make(home)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fetched = fetch_openml(
                **chosen,
                data_home=str(home),
                target_column=None,
                as_frame=False,
                parser="liac-arff",
                n_retries=RETRIES,
                delay=DELAY,
            )
    except URLError as error:
        message = (
            f"{source.called} is not in {home / 'openml'}, and it can't be downloaded from www.openml.org "
            f"({error.reason}); fetch it once where there is a network, copy that folder, and name the "
            f"folder that holds the copy in {HOME}"
        )
        raise DataError(Problem(message, key, id="offline")) from None
    except OSError as error:
        message = (
            f"{home / 'openml'}, where sets are kept, can't be used: {error.strerror or error}; name another "
            f"folder in {HOME}"
        )
        raise MachineError(Problem(message, key, id="cache")) from None
    except ValueError as error:
        raise DataError(Problem(_refused(source, str(error), home), key, id="openml")) from None
    told = [" ".join(str(warning.message).split()) for warning in caught if warning.category is UserWarning]
    return fetched, tuple(f"OpenML: {text.rstrip('.')}" for text in told)


def _refused(source: OpenmlSource, reason: str, home: Path) -> str:
    """What scikit-learn says of a set that it can't read, in words that say what to do."""
    if "md5" in reason:
        return (
            f"the file of {source.called} is not the one that OpenML describes: its md5 sum differs; "
            f"remove {home / 'openml'} and fetch it again"
        )
    if "STRING" in reason:
        return f"{source.called} has columns of free texts, which are not read from OpenML; save it as CSV"
    return f"{source.called} can't be read: {' '.join(reason.split()).rstrip('.')}"


def cache() -> Path:
    """The folder in which sets are kept."""
    named = os.environ.get(HOME)
    return at_home(named) if named else own_cache.users_cache()
