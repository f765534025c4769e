"""Where predictions go: a table or arrays, a row at a time in memory, and a file that is whole or absent."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nntrain.errors import ConflictError, UsageError
from nntrain.run.files import explained, synced_folder
from nntrain.run.prediction.answers import Answer

ENDINGS = (".csv", ".jsonl", ".parquet", ".npz")
SPECIAL = ',"\r\n'
"""What is quoted in CSV."""
BETWEEN = ";"
"""Between the labels of a row in CSV."""
ELSEWHERE = "choose another --to"
BLOCK = 1 << 20
"""Bytes that are copied at once."""
Array = NDArray[Any]


class Writer(Protocol):
    """Takes columns of some rows after another."""

    def write(self, answers: Sequence[Answer]) -> None:
        """Add rows; the columns are the same each time."""

    def finish(self) -> None:
        """Write what comes last."""


class CsvWriter:
    """CSV with a line of names, as every reader understands it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._begun = stream, False

    def write(self, answers: Sequence[Answer]) -> None:
        """Add rows."""
        import pyarrow as pa
        from pyarrow import csv

        columns = [column for answer in answers for column in answer.columns()]
        if not self._begun:
            self._begun = True
            self._stream.write((",".join(_quoted(title) for title, _ in columns) + "\n").encode())
        values = [_joined(held) if _are_lists(held) else held for _, held in columns]
        # Arrow quotes every text or none; here those are quoted that need it.
        values = [_texts_quoted(held) if held.dtype == object else held for held in values]
        table = pa.table([pa.array(held) for held in values], names=[str(i) for i in range(len(values))])
        options = csv.WriteOptions(include_header=False, quoting_style="none")
        if any(held.dtype == object and _special(held) for held in values):
            self._stream.write(_lines(values))
        else:
            csv.write_csv(table, self._stream, options)

    def finish(self) -> None:
        """Nothing comes last."""


def _special(texts: Array) -> bool:
    return any(text[:1] == '"' for text in {*texts.tolist()} if text)


def _lines(values: Sequence[Array]) -> bytes:
    """Rows of which some cells are quoted."""
    columns = [held.tolist() if held.dtype == object else held.astype(str).tolist() for held in values]
    return "".join(",".join(cells) + "\n" for cells in zip(*columns, strict=True)).encode()


def _quoted(text: str) -> str:
    if any(character in text for character in SPECIAL):
        return '"' + text.replace('"', '""') + '"'
    return text


def _texts_quoted(texts: Array) -> Array:
    known = {text: _quoted(text) for text in {*texts.tolist()}}
    if all(text == quoted for text, quoted in known.items()):
        return texts
    found = np.empty(len(texts), object)
    found[:] = [known[text] for text in texts.tolist()]
    return found


def _are_lists(values: Array) -> bool:
    return values.dtype == object and bool(len(values)) and isinstance(values[0], list)


def _joined(lists: Array) -> Array:
    found = np.empty(len(lists), object)
    found[:] = [BETWEEN.join(names) for names in lists.tolist()]
    return found


class JsonWriter:
    """An object a line."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, answers: Sequence[Answer]) -> None:
        """Add rows."""
        columns = {title: values.tolist() for answer in answers for title, values in answer.columns()}
        rows = zip(*columns.values(), strict=True)
        lines = [
            json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, allow_nan=False)
            for row in rows
        ]
        self._stream.write("".join(f"{line}\n" for line in lines).encode())

    def finish(self) -> None:
        """Nothing comes last."""


class ParquetWriter:
    """A Parquet file; a group of rows for each chunk."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._writer: Any = None

    def write(self, answers: Sequence[Answer]) -> None:
        """Add rows."""
        import pyarrow as pa
        from pyarrow import parquet

        columns = {}
        for title, values in (column for answer in answers for column in answer.columns()):
            kind = pa.list_(pa.string()) if _are_lists(values) else pa.string()
            columns[title] = pa.array(values.tolist(), kind) if values.dtype == object else pa.array(values)
        table = pa.table(columns)
        if self._writer is None:
            self._writer = parquet.ParquetWriter(self._stream, table.schema)
        self._writer.write_table(table)

    def finish(self) -> None:
        """Write the end of the file."""
        if self._writer is not None:
            self._writer.close()


class NpzWriter:
    """An .npz file of arrays; their values wait in files of their own until all are known."""

    def __init__(self, stream: IO[bytes], folder: Path, spools: contextlib.ExitStack) -> None:
        self._stream, self._folder, self._spools = stream, folder, spools
        self._held: dict[str, tuple[IO[bytes], tuple[int, ...], np.dtype[Any]]] = {}
        self._widths: dict[str, int] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._rows = 0

    def write(self, answers: Sequence[Answer]) -> None:
        """Add rows."""
        for answer in answers:
            values = answer.values
            if answer.names:
                self._names[answer.title] = answer.names
            if answer.title not in self._held:
                spool: IO[bytes] = self._spools.enter_context(
                    tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  (entered here)
                )
                self._held[answer.title] = spool, values.shape[1:], values.dtype
            held, _, dtype = self._held[answer.title]
            if dtype.kind == "O":
                texts = values.tolist()
                self._widths[answer.title] = max(self._widths.get(answer.title, 1), *map(len, texts))
                held.write("".join(f"{text}\0" for text in texts).encode())
            else:
                held.write(np.ascontiguousarray(values, dtype).tobytes())
        self._rows += len(answers[0].values)

    def finish(self) -> None:
        """Put the arrays together."""
        with zipfile.ZipFile(self._stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, (spool, shape, dtype) in self._held.items():
                spool.seek(0)
                with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                    found = np.dtype(f"<U{self._widths[name]}") if dtype.kind == "O" else dtype
                    head = {"descr": found.str, "fortran_order": False, "shape": (self._rows, *shape)}
                    np.lib.format.write_array_header_2_0(entry, head)
                    if dtype.kind == "O":
                        for texts in _texts(spool):
                            entry.write(np.array(texts, found).tobytes())
                    else:
                        shutil.copyfileobj(spool, entry, BLOCK)
            for name, names in self._names.items():
                with archive.open(f"{name} names.npy", "w") as entry:
                    np.lib.format.write_array(entry, np.array(names), allow_pickle=False)


@contextlib.contextmanager
def _npz(stream: IO[bytes], folder: Path) -> Iterator[NpzWriter]:
    """Arrays, and the files that their values wait in."""
    with contextlib.ExitStack() as spools:
        yield NpzWriter(stream, folder, spools)


def _texts(spool: IO[bytes]) -> Iterator[list[str]]:
    """Texts that end with a zero, some at a time."""
    rest = b""
    while block := spool.read(BLOCK):
        *whole, rest = (rest + block).split(b"\0")
        yield [text.decode() for text in whole]


class MaskWriter:
    """A folder of PNG files, a mask each, whose numbers are those of the classes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[str] = set()

    def write(self, answers: Sequence[Answer]) -> None:
        """Add masks, called like their images or by their row."""
        from PIL import Image

        by_title = {answer.title: answer.values for answer in answers}
        names = by_title.get("file")
        for i, mask in enumerate(by_title["mask"]):
            name = f"row_{by_title['row'][i]:06d}" if names is None else _inside(str(names[i]))
            short = str(PurePath(name).with_suffix("")) if names is not None else name
            chosen = name if short in self._seen else short
            self._seen.add(chosen)
            file = self._folder / f"{chosen}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(mask).save(file)

    def finish(self) -> None:
        """Nothing comes last."""


def _inside(name: str) -> str:
    """A file's name that stays in a folder."""
    path = PurePath(name)
    return path.name if path.is_absolute() or ".." in path.parts else name


def check_place(to: str, *, force: bool, masks: bool) -> str:
    """What is written to a path: one of `ENDINGS`, or `folder`.

    Args:
        to: The path as the user wrote it.
        force: Whether a file that is there may be replaced; a folder that holds anything never is.
        masks: Whether the run predicts masks.

    Raises:
        UsageError: Nothing is known that is called so.
        ConflictError: Something is there already.
        MachineError: A folder may not be looked into.
    """
    path = Path(to)
    ending = path.suffix.lower()
    if ending not in ENDINGS and not (masks and (not ending or to.endswith("/"))):
        folder = ", or name a folder for PNG files" if masks else ""
        raise UsageError(f"--to {to}: end the file's name with one of {', '.join(ENDINGS)}{folder}")
    if path.is_dir() and ending in ENDINGS:
        raise ConflictError(f"{to} is a folder; name a file")
    with explained(path, ELSEWHERE):
        filled = path.is_dir() and any(path.iterdir())
    if filled:
        raise ConflictError(f"{to} is a folder that holds files, which nntrain does not remove; name another")
    if path.exists() and not force and not path.is_dir():
        raise ConflictError(f"{to} is there already; name another, or replace it with --force")
    return ending if ending in ENDINGS else "folder"


@contextlib.contextmanager
def written(to: str, what: str) -> Iterator[Writer]:
    """Write a file or folder that is there once all rows are, and not before.

    Raises:
        MachineError: The disk is full, or the place can't be written to.
    """
    path = Path(to)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with explained(path, ELSEWHERE):
        try:
            if what == "folder":
                temporary.mkdir()
                yield MaskWriter(temporary)
                if path.is_file():
                    path.unlink()
            else:
                with temporary.open("wb") as stream, _writer(what, stream, path.parent) as writer:
                    yield writer
                    writer.finish()
                    stream.flush()
                    os.fsync(stream.fileno())
            temporary.replace(path)
            synced_folder(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                shutil.rmtree(temporary) if what == "folder" else temporary.unlink()
            raise


def _writer(what: str, stream: IO[bytes], folder: Path) -> contextlib.AbstractContextManager[Writer]:
    if what == ".npz":
        return _npz(stream, folder)
    kinds: dict[str, type[CsvWriter | JsonWriter | ParquetWriter]] = {
        ".csv": CsvWriter,
        ".jsonl": JsonWriter,
        ".parquet": ParquetWriter,
    }
    return contextlib.nullcontext(kinds[what](stream))
