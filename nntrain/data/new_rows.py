"""New labelled rows for a finished run: read with its settings, prepared as its training rows were."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from nntrain.arrays import Values
from nntrain.config.data import (
    TARGET,
    CsvSource,
    DataSection,
    ImagesSource,
    NpySource,
    NpzSource,
    OpenmlSource,
    SequenceSource,
    SeriesSource,
    SklearnSource,
    StreamedSection,
    TableSource,
    TextSource,
    TfrecordSource,
)
from nntrain.data.dataset import Part, Rows, TargetInfo, TargetOrigin, known_last, series_names
from nntrain.data.files import check_file
from nntrain.data.images import source as images
from nntrain.data.images.masks import known_masks
from nntrain.data.new_tables import csv_cells, missing, named, parquet_cells
from nntrain.data.npy_file import ArrayStore
from nntrain.data.npz_arrays import array_names, read_arrays
from nntrain.data.npz_file import make_part
from nntrain.data.prepare.arrays import FittedArray
from nntrain.data.prepare.document import from_json
from nntrain.data.prepare.fits import check_shape, fills
from nntrain.data.prepare.fitted import Fitted
from nntrain.data.prepare.tables import FittedTable
from nntrain.data.record_file import read_records
from nntrain.data.sequences.load import load_new as new_sequences
from nntrain.data.series.load import load_new as new_windows
from nntrain.data.sklearn_builtin import table_of
from nntrain.data.streaming.features import StoredFeatures, applied
from nntrain.data.tables.build import ReadFeatures, read_target, selected
from nntrain.data.tables.cells import Cells
from nntrain.data.tables.files import SourceFile
from nntrain.data.targets import encode_known
from nntrain.data.texts.load import load_new as new_texts
from nntrain.data.texts.vocabulary import Vocabulary
from nntrain.errors import DataError, Location, Problem, listing

CSV_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
RECORD_SUFFIXES = (".tfrecord", ".tfrecords", ".tfr")


@dataclass(frozen=True)
class Known:
    """What a run knows of its inputs and targets."""

    fitted: Mapping[str, Fitted]
    targets: Mapping[str, tuple[str, ...]]
    """The source's names of each target."""
    classes: tuple[str, ...] = ()
    """Of masks."""

    @property
    def features(self) -> tuple[str, ...]:
        """The feature columns of all inputs, each once."""
        return tuple(dict.fromkeys(name for state in self.tables.values() for name in state.order))

    @property
    def tables(self) -> dict[str, FittedTable | Vocabulary]:
        """The inputs that read columns of a table."""
        kinds = (FittedTable, Vocabulary)
        return {name: state for name, state in self.fitted.items() if isinstance(state, kinds)}

    @property
    def texts(self) -> set[str]:
        """The feature columns that are texts."""
        return {name for fitted in self.tables.values() for name in fitted.texts}

    @property
    def predicted(self) -> tuple[str, ...]:
        """The columns of all targets, each once."""
        return tuple(dict.fromkeys(name for columns in self.targets.values() for name in columns))

    @property
    def named_columns(self) -> bool:
        """Whether the run was trained on a table."""
        return len(self.tables) == len(self.fitted)


def load_rows(
    source: DataSection,
    file: Path,
    shown: str,
    *,
    preprocess: Mapping[str, Any],
    targets: Sequence[TargetInfo],
) -> Rows:
    """Read a file of new rows with their targets.

    A run on named columns reads a CSV or Parquet file (by its name; columns are found by theirs, their order
    is free and others are ignored, with a note). Texts, sequences and series are read as the run's own were,
    images from a folder or list of them. Every other source reads an .npz file with the run's array names, or
    `x` and `y` (the names of inputs and outputs where there are several); a run on TFRecord files reads such
    a file too, and one on images an .npz file. Reconstruction needs no target.

    Args:
        source: The run's `data:` section.
        file: The path as resolved.
        shown: The path as the user wrote it.
        preprocess: The run's `preprocess.json`.
        targets: What the run predicts.

    Raises:
        DataError: The file is missing or damaged, lacks a column, or holds labels, texts or shapes that the
            run does not know.
        ArtefactError: `preprocess` is not what a run writes.
        MachineError: The file may not be read.
    """
    known, names = from_json(preprocess)
    classes = next((info.names for info in targets if info.task == "segmentation"), ())
    part, origins, notes = _rows_of(source, Known(known, names, classes), file, shown)
    inputs = {name: applied(fitted, part.inputs[name]) for name, fitted in known.items()}
    found: dict[str, Values] = {}
    for info in targets:
        if info.task == "reconstruction":
            (found[info.name],) = inputs.values()
            continue
        if info.task == "segmentation":
            found[info.name] = known_masks(source, info, part.targets[info.name], shown)
            continue
        what = "the target" if len(targets) == 1 else f"the target '{info.name}'"
        indices = _labels_are_indices(source)
        try:
            found[info.name] = encode_known(
                info, origins[info.name], part.targets[info.name], indices=indices, what=what
            )
        except DataError as error:
            raise DataError(*(_placed(problem, shown) for problem in error.problems)) from None
    last, series = known_last(part.inputs), series_names(part.inputs)
    return Rows(inputs, found, np.arange(len(part)), notes, last, series)


def _placed(problem: Problem, shown: str) -> Problem:
    return problem if problem.location else replace(problem, location=Location(shown))


def _labels_are_indices(source: DataSection) -> bool:
    """Whether a number among the labels is a class index: where the source names its classes itself."""
    if isinstance(source, NpzSource | NpySource):
        return source.class_names is not None
    named = (TableSource, OpenmlSource, TfrecordSource, ImagesSource)
    return type(source) not in READERS and not isinstance(source, named)


_Found = tuple[Part, dict[str, TargetOrigin], tuple[str, ...]]
"""Rows, what is known of their targets, and notes."""

READERS: Mapping[type[DataSection], Callable[[Any, Path, str], _Found]] = {
    TextSource: new_texts,
    SequenceSource: new_sequences,
    SeriesSource: new_windows,
}
"""What reads files that are written as the run's own was."""


def _rows_of(source: DataSection, state: Known, file: Path, shown: str) -> _Found:
    if type(source) in READERS:
        return READERS[type(source)](source, file, shown)
    if isinstance(source, ImagesSource) and file.suffix.lower() != ".npz":
        (fitted,) = state.fitted.values()
        assert isinstance(fitted, FittedArray)
        found = images.read_new(
            source, fitted.row_shape, file, shown, targets=bool(state.targets), classes=state.classes
        )
    else:
        check_file(file, shown, ())
        found = _read(source, state, file, shown)
    for name, features in found[0].inputs.items():
        rows = features.store if isinstance(features, StoredFeatures) else features
        if isinstance(rows, np.ndarray | ArrayStore):
            check_shape(state.fitted[name], rows, shown)
    return found


def _read(source: DataSection, state: Known, file: Path, shown: str) -> _Found:
    suffix = PurePath(file.name.lower().removesuffix(".gz")).suffix
    written = as_csv(source, state, shown)
    if written is not None and suffix in PARQUET_SUFFIXES:
        return _read_table(written, state, shown, *parquet_cells(written, SourceFile(file, shown)))
    if isinstance(source, TableSource) and suffix == ".npz":
        kind = {"csv": "CSV", "parquet": "Parquet"}[source.type]
        message = f"the run was trained on a {kind} file; give one with the same columns"
        raise DataError(Problem(message, location=Location(shown), id="wrong_kind"))
    if written is not None and (suffix in CSV_SUFFIXES or isinstance(source, TableSource)):
        as_text = (*state.texts, *written.categorical, *written.dates)
        return _read_table(written, state, shown, *csv_cells(written, SourceFile(file, shown), as_text))
    if isinstance(source, TfrecordSource) and suffix in RECORD_SUFFIXES:
        origins = {TARGET: TargetOrigin((), (source.label or "",))}
        return read_records(source, (SourceFile(file, shown),)), origins, ()
    if suffix in (*CSV_SUFFIXES, *PARQUET_SUFFIXES):
        names = " and ".join(f"'{name}'" for name in free_names(state))
        message = f"the run was trained on arrays; give an .npz file with {names}"
        raise DataError(Problem(message, location=Location(shown), id="wrong_kind"))
    return _read_npz(source, state, file, shown)


def as_csv(source: DataSection, state: Known, shown: str) -> CsvSource | None:
    """How a file of the run's columns is read; None for a run on arrays.

    The columns are the run's, so how the cells are written and which of them are texts or dates is all that
    is asked of a source.
    """
    if isinstance(source, CsvSource):
        return source
    if isinstance(source, (TableSource, OpenmlSource)):
        return CsvSource(
            type="csv",
            path=shown,
            task="reconstruction",
            drop=source.drop,
            categorical=source.categorical,
            dates=source.dates,
            streaming=source.streaming if isinstance(source, StreamedSection) else "auto",
        )
    if isinstance(source, SklearnSource) and state.named_columns:
        return CsvSource(type="csv", path=shown, task="reconstruction")
    return None


def _read_table(
    source: TableSource,
    state: Known,
    shown: str,
    sheet: Cells,
    features: ReadFeatures,
    notes: tuple[str, ...],
) -> _Found:
    """The run's columns, looked up by name, and what else there is.

    Args:
        source: Says how columns are read.
        state: What the run knows.
        shown: The path as the user wrote it.
        sheet: What was read.
        features: Reads the features.
        notes: What is to be told besides.
    """
    wanted = (*state.features, *state.predicted)
    absent = [name for name in wanted if name not in sheet.names]
    if absent:
        raise DataError(
            missing(absent, sheet.names, shown, features=state.features, predicted=state.predicted)
        )
    as_text, dates = named(source.categorical, sheet.names), named(source.dates, sheet.names)
    table = features(sheet, state.features, state.texts, dates)
    texts = {n for n in state.predicted if n in as_text or (n not in dates and sheet.looks_like_text(n))}
    part = Part(
        {
            name: selected(table, fitted.order, as_rows=isinstance(fitted, Vocabulary))
            for name, fitted in state.tables.items()
        },
        {name: read_target(sheet, columns, texts, dates) for name, columns in state.targets.items()},
    )
    used = {*wanted, *named(source.drop, sheet.names)}
    extra = [name for name in sheet.names if name not in used]
    if extra:
        notes = (f"columns that the run does not use were ignored: {listing(extra)}", *notes)
    origins = {name: TargetOrigin((), columns, where=sheet.where) for name, columns in state.targets.items()}
    return part, origins, (*sheet.notes, *notes)


def free_names(state: Known) -> tuple[str, ...]:
    """What arrays are called in a file that does not keep the run's names."""
    inputs = ("x",) if len(state.fitted) == 1 else tuple(state.fitted)
    return (*inputs, *(("y",) if len(state.targets) == 1 else tuple(state.targets)))


def _read_npz(source: DataSection, state: Known, file: Path, shown: str) -> _Found:
    free = free_names(state)
    inputs = dict(zip(state.fitted, free, strict=False))
    targets = dict(zip(state.targets, free[len(inputs) :], strict=True))
    present = set(array_names(file, shown))
    if isinstance(source, NpzSource):
        own = {*source.input_arrays.values(), *source.target_arrays.values()}
        if own <= present or not set(free) <= present:
            inputs, targets = source.input_arrays, source.target_arrays
    arrays = read_arrays(file, shown, dict.fromkeys((*inputs.values(), *targets.values()), ()))
    replaced = any(fills(fitted) for fitted in state.fitted.values())
    masks = bool(state.classes)
    part = make_part(arrays, inputs, targets, shown, missing_allowed=replaced, masks=masks)
    features = dict(part.inputs)
    for name, fitted in state.fitted.items():
        given = features[name]
        if isinstance(fitted, FittedTable) and isinstance(given, np.ndarray):
            check_shape(fitted, given, shown)
            features[name] = table_of(given, fitted.order)
    origins = {name: TargetOrigin((), (array,)) for name, array in targets.items()}
    return Part(features, part.targets), origins, ()
