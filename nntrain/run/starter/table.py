"""A config for a CSV file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from nntrain.config.data import CsvSource
from nntrain.config.dump import on_one_line
from nntrain.config.guide.json_schema import COMMENT
from nntrain.config.load import default_name
from nntrain.data.csv_open import delimiter_of
from nntrain.data.profile import Column, Profile, Target, profile
from nntrain.errors import DataError, listing
from nntrain.run.starter.lines import (
    FEW_ROWS,
    SHOWN,
    Start,
    class_weight,
    clean,
    last_layer,
    noted,
    shares,
    split,
)

MANY_NAMES = 1_000
"""From this number of different texts on, they are hashed into more columns."""
WORDS = 1_000
"""Of a column of free texts at most."""
SMALL = 10.0
"""A target that deviates by less than this is learnt at Adam's usual rate."""


def of_table(file: Path, target: str | None, folder: Path, *, header: bool = True) -> Start:
    """Make a config.

    Args:
        file: The rows.
        target: The column to predict.
        folder: Where the config will lie; `data.path` starts there.
        header: Whether the first line may hold the columns' names.

    Raises:
        UsageError: No target is named, or there is no such column.
        DataError: The file can't be read, or has no column to learn from, or has a class of too few rows.
        MachineError: It may not be read.
    """
    found = profile(file, target, header=header)
    if not found.features:
        reasons = listing(f"{column.name} ({column.useless})" for column in found.columns)
        raise DataError(f"no column of {file} is left to learn from: {reasons}")
    _check_classes(file, found.target)
    path = os.path.relpath(file, folder)
    lines = [COMMENT, f"# Made from {clean(file.name)}: {_rows(found)}.", "version: 1", "seed: 7", ""]
    lines += [*_data(found, path), "", *_model(found), "", *_training(found)]
    return Start(default_name(file), "\n".join(lines) + "\n", tuple(_findings(file, found)))


def _check_classes(file: Path, target: Target) -> None:
    """Refuse classes that can't be in training, validation and test rows."""
    rare = [f"'{name}' ({count})" for name, count in target.classes if count < FEW_ROWS]
    if rare:
        raise DataError(
            f"{file}: each class of '{target.name}' needs {FEW_ROWS} rows, one for each split, and "
            f"{len(rare):,} of {len(target.classes):,} have fewer: {listing(rare, SHOWN)}; "
            "add rows of them, leave them out of the file, or predict another column"
        )


def _rows(found: Profile) -> str:
    return f"{found.rows:,} rows, {len(found.features)} of {len(found.columns)} columns as features"


def _findings(file: Path, found: Profile) -> Iterator[str]:
    target = found.target
    yield f"{file}: {_rows(found)}"
    if target.classes:
        yield f"'{target.name}' has {len(target.classes)} classes: {shares(target.classes)}"
    else:
        yield f"'{target.name}' is a number from {target.lowest:g} to {target.highest:g}"
    gaps = [f"{column.name} ({column.gaps:,})" for column in found.features if column.gaps]
    if gaps:
        yield f"missing cells are filled in: {listing(gaps, SHOWN)}"
    for kind, told in (
        ("names", "hashed, as there are many"),
        ("free text", "taken apart into words"),
    ):
        if chosen := [f"{c.name} ({c.distinct:,} different texts)" for c in found.features if c.kind == kind]:
            yield f"{told}: {listing(chosen, SHOWN)}"
    rising = [column.name for column in found.features if column.rising]
    if rising:
        yield f"the rows are in the order of {rising[0]}: see the comment at data.split"
    dropped = [f"{column.name} ({column.useless})" for column in found.columns if column.useless]
    if dropped:
        yield f"left out: {listing(dropped, SHOWN)}"


def _data(found: Profile, path: str) -> Iterator[str]:
    target = found.target
    yield "data:"
    yield "  type: csv"
    yield f"  path: {on_one_line(path)}"
    if found.delimiter != delimiter_of(None, path):
        yield f"  delimiter: {on_one_line(found.delimiter)}"
    if not found.header:
        yield noted("  header: false", "the first line is a row; columns are c0, c1, ...")
    line = f"  target: {on_one_line(target.name)}"
    if target.classes:
        yield noted(line, f"{found.rows:,} rows, {shares(target.classes)}")
        yield noted("  task: classification", _why_classes(target))
    else:
        yield noted(line, f"from {target.lowest:g} to {target.highest:g}, on average {target.mean:g}")
        yield "  task: regression"
    yield from _columns(found)
    validation, test = split(found.rows, target.classes)
    for column in [column for column in found.features if column.rising][:1]:
        yield f"  # The rows are in the order of {clean(column.name)}; to learn from the older ones and be"
        yield f"  # scored on the newer ones, add to split: by_time: {on_one_line(column.name)}"
    yield f"  split: {{validation: {validation:g}, test: {test:g}}}"
    yield "  preprocess:"
    numbers = [column for column in found.features if column.kind in ("number", "date")]
    texts = [column for column in found.features if column.kind == "text"]
    if numbers:
        gaps = sum(column.gaps > 0 for column in numbers)
        impute = "impute: median, " if gaps else ""
        note = _columns_of(len(numbers), "numbers") + (f", {gaps} with missing cells" if gaps else "")
        yield noted(f"    numeric: {{{impute}scale: standard}}", note)
    if texts:
        gaps = sum(column.gaps > 0 for column in texts)
        impute = "impute: most_frequent, " if gaps else ""
        note = f"{_columns_of(len(texts), 'texts')}: one-hot, unknown ones are zeros"
        yield noted(f"    categorical: {{{impute}unknown: zeros}}", note)
    yield from _long_columns([c for c in found.features if c.kind in ("names", "free text")])


def _long_columns(columns: Sequence[Column]) -> Iterator[str]:
    """The steps of columns with so many texts that each can't become a column."""
    if columns:
        yield "    columns:"
    for column in columns:
        name = on_one_line(column.name)
        if column.kind == "names":
            impute = "impute: most_frequent, " if column.gaps else ""
            bins = 64 if column.distinct < MANY_NAMES else 256
            line = f"      {name}: {{{impute}encode: hashing, bins: {bins}}}"
            yield noted(line, f"{column.distinct:,} different texts")
        else:
            empty = ", empty: keep" if column.gaps else ""
            line = f"      {name}: {{text: {{output: tf_idf, vocabulary: {WORDS}{empty}}}}}"
            yield noted(line, "a column for each of the most frequent words")


def _columns_of(count: int, what: str) -> str:
    return f"{count} column{'' if count == 1 else 's'} of {what}"


def _why_classes(target: Target) -> str:
    if not target.from_numbers:
        return "the target is text"
    return f"{len(target.classes)} different whole numbers; regression if they are amounts"


def _columns(found: Profile) -> Iterator[str]:
    """Columns that are left out or read in another way, and words for gaps, each with its reason."""
    dropped = [column for column in found.columns if column.useless]
    if dropped:
        yield "  drop:"
        yield from (noted(f"    - {on_one_line(c.name)}", c.useless) for c in dropped)
    mixed = [column for column in found.features if column.kind == "text" and column.words]
    if mixed:
        yield "  categorical:"
        yield from (noted(f"    - {on_one_line(c.name)}", "numbers and words") for c in mixed)
    dates = [column for column in found.features if column.kind == "date"]
    if dates:
        yield noted("  dates:", "days since 1970")
        yield from (f"    - {on_one_line(c.name)}" for c in dates)
    words = sorted({word for c in found.features if c.kind == "number" for word in c.words})
    if words:
        usual = list(CsvSource.model_fields["missing"].default)
        yield noted("  missing:", f"words among numbers: {listing(words)}")
        yield f"    {on_one_line([*usual, *words])}"


def _model(found: Profile) -> Iterator[str]:
    rows, target = found.rows, found.target
    width = 16 if rows < 300 else 32 if rows < 2_000 else 64 if rows < 50_000 else 128
    yield "model:"
    yield "  layers:"
    yield f"    - {{type: Dense, units: {width}, activation: relu}}"
    if rows >= 2_000:
        yield f"    - {{type: Dense, units: {width // 2}, activation: relu}}"
    yield noted("    - {type: Dropout, rate: 0.2}", "against learning the rows by heart")
    if not target.classes:
        begin = f"bias_initializer: {{type: Constant, value: {target.mean:.4g}}}"
        yield "    # One number without an activation; it begins at the target's mean."
        yield f"    - {{type: Dense, units: 1, {begin}}}"
    else:
        names = sorted((name for name, _ in target.classes), key=int if target.from_numbers else str)
        yield from last_layer(target.classes, names[1])


def _training(found: Profile) -> Iterator[str]:
    rows, target = found.rows, found.target
    batch = 16 if rows < 1_000 else 32 if rows < 10_000 else 128 if rows < 100_000 else 512
    epochs, patience = (200, 20) if rows < 1_000 else (100, 10) if rows < 50_000 else (40, 5)
    yield "training:"
    if target.classes:
        yield f"  loss: {'binary' if len(target.classes) == 2 else 'sparse_categorical'}_crossentropy"
    else:
        yield "  loss: mean_squared_error"
    quick = rows < 1_000 if target.classes else target.deviation > SMALL
    line = f"  optimizer: {{type: Adam, learning_rate: {'1e-2' if quick else '1e-3'}}}"
    why = "few rows" if target.classes else f"the target deviates by {target.deviation:.3g}"
    yield noted(line, f"above 1e-3: {why}") if quick else line
    yield f"  metrics: [{'accuracy' if target.classes else 'mae'}]"
    yield f"  epochs: {epochs}"
    yield f"  batch_size: {batch}"
    yield f"  early_stopping: {{monitor: val_loss, patience: {patience}}}"
    yield from class_weight(target.classes)
