"""Parquet files as tables of features and targets, read by pyarrow column by column."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import ParquetSource
from nntrain.data.dataset import Raw
from nntrain.data.files import check_memory
from nntrain.data.streaming.decide import streams
from nntrain.data.tables import arrow
from nntrain.data.tables.build import build
from nntrain.data.tables.cells import FLOAT32_MAX
from nntrain.data.tables.files import SourceFile, check_same_columns, find_files, refuse_name
from nntrain.data.tables.own_files import with_own_files
from nntrain.errors import DataError, Location, Problem

MAGIC, ENCRYPTED = b"PAR1", b"PARE"
"""How Parquet files begin and end."""
IN_MEMORY = 12
"""Bytes that a number takes: 8 as it is read, 4 once it is prepared."""
DAY = 86_400_000_000
"""Microseconds."""

Kind = Literal["number", "truth", "text", "date"]


@dataclass(frozen=True)
class Columns:
    """The columns of one Parquet file or several; each is read when it is asked for."""

    names: tuple[str, ...]
    rows: int
    files: Sequence[tuple[SourceFile, Any]]
    """Each file, and Arrow's view of it."""
    settled: bool = False
    """Whether a finished run has settled which columns are numbers."""
    notes: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()

    def where(self, row: int, column: str) -> Location:
        """The file and the row in it, counted from 0, that a row over all files is in."""
        for file, opened in self.files:
            if row < opened.metadata.num_rows:
                return Location(f"{file.shown}, row {row} (from 0)")
            row -= opened.metadata.num_rows
        return Location(self.files[-1][0].shown)

    def looks_like_text(self, name: str) -> bool:
        """Whether a column holds texts, or dates that are not known to be some.

        Raises:
            DataError: It holds something else that no network reads, such as lists.
        """
        return self._kind(name) in ("text", "date")

    def is_truth(self, name: str) -> bool:
        """Whether a column of texts stands for truth values: Parquet has a type of its own for them."""
        return False

    def date_in(self, name: str) -> str | None:
        """The first date of a column of dates; None if it is no such column."""
        if self._kind(name) != "date":
            return None
        present = [text for text in self.texts(name) if text is not None]
        return present[0] if present else None

    def alike(self, name: str, pattern: str) -> str | None:
        """The first cell of a column of texts that all fit a pattern; None if it is no such column."""
        if self._kind(name) != "text":
            return None
        present = [text for text in self.texts(name) if text is not None]
        return present[0] if present and all(re.search(pattern, text) for text in present) else None

    def texts(self, name: str) -> NDArray[np.object_]:
        """A column as texts, shape `(rows,)`; None where the value is null."""
        import pyarrow as pa

        self._kind(name)
        return arrow.texts(self._read(name, pa.string(), lambda column: column))

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as numbers, truth values as 0 and 1, shape `(rows,)`; NaN where the value is null.

        Raises:
            DataError: It is a column of texts or dates, or holds numbers too large for 32 bits.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        kind = self._kind(name)
        if kind in ("text", "date"):
            message = f"column '{name}' holds {kind}s, and the run was trained on numbers here"
            raise DataError(Problem(message, location=Location(self.files[0][0].shown), id="not_a_number"))
        found = arrow.numbers(
            self._read(
                name, pa.float64(), lambda column: pc.cast(column, pa.uint8()) if kind == "truth" else column
            )
        )
        with np.errstate(invalid="ignore"):
            excessive = np.abs(found) > FLOAT32_MAX
        if excessive.any():
            row, count = int(excessive.argmax()), int(excessive.sum())
            size = "not a finite number" if np.isinf(found[row]) else "more than a 32-bit number can hold"
            message = f"column '{name}': {found[row]:g} is {size} ({count} of {self.rows} values); mend it"
            raise DataError(Problem(message, location=self.where(row, name), id="too_large_a_number"))
        return found

    def days(self, name: str) -> NDArray[np.float64]:
        """A column of dates as days since 1970-01-01, shape `(rows,)`; NaN where the value is null.

        Raises:
            DataError: It is no column of dates.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._kind(name) != "date":
            message = (
                f"column '{name}' is of type {self._types(name)[0]}, and data.dates takes columns of dates"
            )
            raise DataError(Problem(message, location=Location(self.files[0][0].shown), id="not_a_date"))

        def microseconds(column: Any) -> Any:
            zone = getattr(column.type, "tz", None)
            return pc.cast(pc.cast(column, pa.timestamp("us", zone), safe=False), pa.int64())

        return arrow.numbers(self._read(name, pa.float64(), microseconds)) / DAY

    def _types(self, name: str) -> list[Any]:
        """The type of a column in each file; of a dictionary, that of its values."""
        import pyarrow as pa

        types = [opened.schema_arrow.field(name).type for _, opened in self.files]
        return [t.value_type if pa.types.is_dictionary(t) else t for t in types]

    def _kind(self, name: str) -> Kind:
        """What a column holds, in every file alike.

        Raises:
            DataError: Nothing that a network reads, or not the same in all files.
        """
        kinds = [kind_of(one) for one in self._types(name)]
        for (file, _), kind, one in zip(self.files, kinds, self._types(name), strict=True):
            if kind is None:
                message = (
                    f"column '{name}' is of type {one}, and numbers, texts, truth values and dates are read; "
                    f"leave it out with data.drop: [{name}], or write its parts as columns of their own"
                )
                raise DataError(Problem(message, location=Location(file.shown), id="column_type"))
            if kind != kinds[0]:
                message = f"column '{name}' is of type {one}, and of {self._types(name)[0]} in "
                message += f"{self.files[0][0].shown}; all files of data.path need the same columns"
                raise DataError(Problem(message, location=Location(file.shown), id="column_type"))
        assert kinds[0] is not None
        return kinds[0]

    def _read(self, name: str, wanted: Any, convert: Callable[[Any], Any]) -> Any:
        """A column of all files as values of one type.

        Args:
            name: The column.
            wanted: An Arrow type.
            convert: Is given the column of each file, dictionaries written out, before it becomes that type.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        chunks = []
        for (file, opened), own in zip(self.files, self._types(name), strict=True):
            column = guarded(file, lambda: opened.read(columns=[name]).column(0))  # noqa: B023
            chunks += pc.cast(convert(pc.cast(column, own)), wanted, safe=False).chunks
        return pa.chunked_array(chunks, wanted)


def kind_of(given: Any) -> Kind | None:
    """What values of an Arrow type are to a network; None for those that it can't read."""
    from pyarrow import types

    kinds: tuple[tuple[Kind, tuple[Callable[[Any], bool], ...]], ...] = (
        ("truth", (types.is_boolean,)),
        ("number", (types.is_integer, types.is_floating, types.is_decimal, types.is_null)),
        ("text", (types.is_string, types.is_large_string, types.is_string_view)),
        ("date", (types.is_date, types.is_timestamp)),
    )
    return next((kind for kind, tests in kinds if any(test(given) for test in tests)), None)


def load(source: ParquetSource, base: Path) -> Raw:
    """Read the files that a config in the folder `base` names.

    Raises:
        DataError: A file is missing, damaged or no Parquet file, or its columns are not what the config says.
        MachineError: It may not be read.
    """
    from nntrain.data.streaming.parquet import stored_features

    whole = source.streaming is False
    look = partial(open_parquet, whole=whole)
    columns = look(find_files(source.path, base, ("data", "path"), whole=whole))
    reason = streams(source, columns.rows * len(columns.names) * IN_MEMORY)
    if not reason:
        check_size(columns)
        raw = build(source, columns, source.path)
        return with_own_files(source, base, raw, columns, open_parquet)
    raw = build(source, columns, source.path, stored_features)
    raw = replace(raw, notes=(*raw.notes, reason))
    return with_own_files(source, base, raw, columns, look, stored_features)


def open_parquet(files: Sequence[SourceFile], *, whole: bool = True) -> Columns:
    """Look at the columns of one file or several.

    Args:
        files: At least one; they are there and can be opened.
        whole: Whether their columns are to be in memory as a whole.

    Raises:
        DataError: One is no Parquet file, is damaged, has no rows, names a column twice or is larger than
            memory, or its columns are not those of the first.
    """
    opened = [(file, _open(file)) for file in files]
    names = [tuple(one.schema_arrow.names) for _, one in opened]
    for (file, _), own in zip(opened, names, strict=True):
        twice = next((name for i, name in enumerate(own) if name in own[:i]), None)
        if twice is not None:
            message = f"two columns are named '{twice}': positions {own.index(twice)} and "
            message += f"{own.index(twice, own.index(twice) + 1)} (from 0); rename one of them"
            raise DataError(Problem(message, location=Location(file.shown), id="duplicate_column"))
        check_same_columns(files[0], names[0], file, own)
    rows = sum(one.metadata.num_rows for _, one in opened)
    columns = Columns(names[0], rows, opened)
    if whole:
        check_size(columns)
    return columns


def check_size(columns: Columns) -> None:
    """Refuse files whose columns are larger than memory.

    Raises:
        DataError: They are.
    """
    rows, count = columns.rows, len(columns.names)
    shown = columns.files[0][0].shown if len(columns.files) == 1 else ""
    check_memory(rows * count * 8, f"{rows:,} rows of {count} columns take", shown)


def _open(file: SourceFile) -> Any:
    """Arrow's view of a file."""
    from pyarrow import parquet

    refuse_name(file)
    with file.path.open("rb") as stream:
        start = stream.read(len(MAGIC))
        stream.seek(max(0, file.path.stat().st_size - len(MAGIC)))
        end = stream.read()
    if not start:
        raise _unread(file, "the file is empty; give one with rows", "empty")
    if ENCRYPTED in (start, end):
        raise _unread(file, "the Parquet file is encrypted, and nothing here can decrypt it", "encrypted")
    if start != MAGIC:
        message = f"this is no Parquet file: it begins with {start!r}, and Parquet files with {MAGIC!r}; "
        message += "write it again as Parquet"
        raise _unread(file, message, "not_parquet")
    if end != MAGIC:
        message = f"the Parquet file is cut short: it ends with {end!r}, and whole ones with {MAGIC!r}; "
        message += "copy or write it again"
        raise _unread(file, message, "damaged")
    opened = guarded(file, lambda: parquet.ParquetFile(file.path, page_checksum_verification=True))
    if not opened.metadata.num_rows:
        raise _unread(
            file, "0 rows: the file holds the names of its columns alone; give one with rows", "empty"
        )
    return opened


ONE_READER = threading.Lock()
"""A file that is open is read by one thread at a time: Arrow crashes where two do."""


def guarded(file: SourceFile, read: Callable[[], Any]) -> Any:
    """What `read` gives; what Arrow says of a damaged file, with the file's name."""
    import pyarrow as pa

    try:
        with ONE_READER:
            return read()
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).partition("\n")[0].strip().rstrip(".")
        raise _unread(file, f"the Parquet file is damaged: {first}", "damaged") from None


def _unread(file: SourceFile, message: str, id: str) -> DataError:
    return DataError(Problem(message, location=Location(file.shown), id=id))
