"""Texts without labels: a line each, a column of a file, or a file each in a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from nntrain.arrays import Values
from nntrain.data.dataset import Array, Index
from nntrain.data.streaming.features import chunk_rows
from nntrain.data.texts.features import Texts
from nntrain.data.texts.vocabulary import Vocabulary
from nntrain.data.unlabelled.blocks import blocks
from nntrain.data.unlabelled.cells import row_bytes
from nntrain.data.unlabelled.chunk import Chunk, Fault, NewRows, sifted
from nntrain.errors import DataError, Location, MachineError, Problem, readable

FILES = 256
"""Files that are read at once."""
Place = Callable[[int], Location]
"""The place of a text, by its position."""


def line_rows(
    name: str, vocabulary: Vocabulary, stream: IO[bytes], shown: str, skip: bool
) -> Iterator[Chunk]:
    """Each line as a text.

    Raises:
        DataError: There are no lines, they are not UTF-8, or one is empty and such are refused.
    """
    first = 0
    for block in blocks(stream, quotes=False):
        lines = block.text(shown).split("\n")
        if not lines[-1]:
            lines.pop()
        values = np.array([line.removesuffix("\r") for line in lines], object)

        def where(row: int, line: int = block.line, values: Array = values) -> Location:
            return Location(shown, line + row, None, values[row])

        yield from of_texts(name, vocabulary, values, first, where, skip, block.done)
        first += len(values)
    if not first:
        raise DataError(
            Problem("the file is empty; give one with rows", location=Location(shown), id="empty")
        )


def of_texts(
    name: str,
    vocabulary: Vocabulary,
    values: Array,
    first: int,
    where: Place,
    skip: bool,
    done: int,
    faults: Sequence[Fault] = (),
) -> Iterator[Chunk]:
    """Texts as the model takes them, in portions that fit into memory.

    Args:
        name: The input's.
        vocabulary: Of the run.
        values: Texts, shape `(rows,)`; None where one is missing.
        first: The row number in the input of the first.
        where: The place of each.
        skip: Whether bad rows are left out.
        done: How much of the input is read with them.
        faults: Rows that could not be read.

    Raises:
        DataError: A row is no good, and such are not to be left out.
    """
    step = chunk_rows(row_bytes({name: vocabulary}))
    for start in range(0, len(values), step):
        stop = min(start + step, len(values))
        part = values[start:stop]
        own = [fault.part(start, stop) for fault in faults]
        own = [fault for fault in own if fault.rows.any()]
        if vocabulary.steps.empty == "error":
            empty = np.fromiter((not text or text.isspace() for text in part), bool, len(part))
            if empty.any():
                own.append(Fault(empty, partial(_empty, where, start)))
        index = np.arange(first + start, first + stop)

        def prepare(rows: Index, part: Array = part, index: Index = index) -> Mapping[str, Values]:
            return {name: vocabulary.apply(Texts(part[rows], index[rows], None))}

        chunk = sifted(index, own, prepare, list, skip)
        yield Chunk(chunk.inputs, chunk.index, {}, chunk.problems, chunk.skipped, done)


def _empty(where: Place, start: int, row: int) -> Problem:
    message = "the text is empty, and the run was trained without empty texts"
    return Problem(message, location=where(start + row), id="empty_text")


def folder_rows(name: str, vocabulary: Vocabulary, folder: Path, shown: str, skip: bool) -> NewRows:
    """Each .txt file of a folder and of the folders in it as a text, in the order of their names.

    Raises:
        DataError: There are none, or one is not UTF-8.
        MachineError: One may not be read.
    """
    files = sorted(
        Path(place, file) for place, _, names in os.walk(folder) for file in names if file.endswith(".txt")
    )
    if not files:
        message = "the folder holds no .txt files; each is read as a text"
        raise DataError(Problem(message, location=Location(shown), id="no_texts"))
    return NewRows(_files(name, vocabulary, files, folder, shown, skip), len(files))


def _files(
    name: str, vocabulary: Vocabulary, files: Sequence[Path], folder: Path, shown: str, skip: bool
) -> Iterator[Chunk]:
    for start in range(0, len(files), FILES):
        part = files[start : start + FILES]
        names = [readable(str(file.relative_to(folder))) for file in part]
        values, told = np.empty(len(part), object), {}
        for row, file in enumerate(part):
            place = f"{shown}/{names[row]}"
            try:
                values[row] = file.read_bytes().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                message = f"not UTF-8 at byte {error.start}; save the file as UTF-8"
                told[row] = Problem(message, location=Location(place), id="encoding")
            except OSError as error:
                raise MachineError(f"'{place}' may not be read: {error.strerror}") from None
        bad = np.fromiter((row in told for row in range(len(part))), bool, len(part))
        faults = [Fault(bad, told.__getitem__, whole=True)] if told else []

        def where(row: int, names: Sequence[str] = names) -> Location:
            return Location(f"{shown}/{names[row]}")

        for chunk in of_texts(name, vocabulary, values, start, where, skip, start + len(part), faults):
            beside = {"file": [names[i - start] for i in chunk.index.tolist()]}
            yield Chunk(chunk.inputs, chunk.index, beside, chunk.problems, chunk.skipped, chunk.done)
