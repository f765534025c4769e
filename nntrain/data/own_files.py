"""Validation and test rows from files of their own, read as the file of training rows was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from nntrain.config.data_tables import TableSection
from nntrain.data.dataset import Part, Raw, Table
from nntrain.data.files import check_file, resolve
from nntrain.errors import DataError, KeyPath, Problem, did_you_mean, listing

ReadLike = Callable[[Raw, Path, str, KeyPath], Part]
"""Reads a file with the columns of rows that were read: `read(raw, file, shown, key)`, where `key` is the
config key that names the file."""


def with_own_files(source: TableSection, base: Path, raw: Raw, read: ReadLike) -> Raw:
    """Add the rows of `validation_path` and `test_path`, where the source has them.

    Args:
        source: The `data:` section.
        base: The config's folder.
        raw: The rows of `path`.
        read: Reads one file.

    Raises:
        DataError: A file is missing, lacks a column, or its cells are not what `path` has.
        MachineError: It may not be read.
    """
    found: dict[str, Part] = {}
    description = raw.description
    for name in ("validation", "test"):
        shown, key = getattr(source, f"{name}_path"), ("data", f"{name}_path")
        if shown is None:
            continue
        file = resolve(shown, base)
        check_file(file, shown, key)
        found[name] = read(raw, file, shown, key)
        description += f"; {name} rows: {shown}, {len(found[name]):,}"
    return replace(
        raw,
        validation=found.get("validation"),
        test=found.get("test"),
        description=description,
    )


def columns_of(raw: Raw) -> tuple[dict[str, str], set[str]]:
    """What a file must have to be read like these rows: columns with their uses, and which are texts."""
    tables = [features for features in raw.rows.inputs.values() if isinstance(features, Table)]
    wanted: dict[str, str] = {
        beside.column: use for use, beside in raw.rows.beside.items() if use != "weight"
    }
    wanted |= {column: "target" for origin in raw.targets.values() for column in origin.columns}
    wanted |= {column: "feature" for table in tables for column in table.order}
    texts = {column for table in tables for column in table.categorical}
    texts |= {
        origin.columns[0] for name, origin in raw.targets.items() if raw.rows.targets[name].dtype == object
    }
    return wanted, texts


def check_columns(wanted: dict[str, str], names: Sequence[str], shown: str, key: KeyPath) -> None:
    """Refuse a file that lacks columns; each is named.

    Args:
        wanted: Columns with what each is for.
        names: The file's columns.
        shown: The file as the user wrote it.
        key: The config key that names it.

    Raises:
        DataError: Columns are missing.
    """
    absent = [(column, use) for column, use in wanted.items() if column not in names]
    free = [name for name in names if name not in wanted]
    if absent:
        raise DataError(
            *(
                Problem(
                    f"'{shown}' lacks the {use} column '{column}' of data.path{did_you_mean(column, free)}; "
                    f"it has {listing(names)}",
                    key,
                    id="missing_column",
                )
                for column, use in absent
            )
        )
