"""Validation and test rows from files of their own, read as the files of training rows were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from nntrain.config.data import TableSource
from nntrain.data.dataset import Part, Raw, Table
from nntrain.data.roles import find_columns
from nntrain.data.streaming.features import StoredFeatures
from nntrain.data.tables.build import ReadFeatures, make_table, read_beside, read_target, selected
from nntrain.data.tables.cells import Cells
from nntrain.data.tables.files import SourceFile, find_files
from nntrain.data.texts.features import Texts
from nntrain.errors import DataError, KeyPath, Problem, did_you_mean, listing

Open = Callable[[Sequence[SourceFile]], Cells]
"""Looks at the cells of files of one kind."""


def with_own_files(
    source: TableSource,
    base: Path,
    raw: Raw,
    cells: Cells,
    opened: Open,
    features: ReadFeatures = make_table,
) -> Raw:
    """Add the rows of `validation_path` and `test_path`, where the source has them.

    Args:
        source: The `data:` section.
        base: The config's folder.
        raw: The rows of `path`.
        cells: The cells of `path`.
        opened: Looks at other files.
        features: Reads the features of other files.

    Raises:
        DataError: A file is missing, lacks a column, or its cells are not what `path` has.
        MachineError: It may not be read.
    """
    dates = set(find_columns(source.dates, cells.names, ("data", "dates"), []))
    found: dict[str, Part] = {}
    description = raw.description
    for name in ("validation", "test"):
        shown, key = getattr(source, f"{name}_path"), ("data", f"{name}_path")
        if shown is None:
            continue
        own = opened(find_files(shown, base, key, whole=features is make_table))
        found[name] = _read_like(raw, own, dates, shown, key, features)
        description += f"; {name} rows: {shown}, {len(found[name]):,}"
    return replace(
        raw,
        validation=found.get("validation"),
        test=found.get("test"),
        description=description,
    )


def _read_like(
    raw: Raw, cells: Cells, dates: set[str], shown: str, key: KeyPath, features: ReadFeatures
) -> Part:
    """Rows with the columns of others; their order is free, and more of them are ignored."""
    wanted, texts = _columns_of(raw)
    _check_columns(wanted, cells.names, shown, key)
    tables = {name: x for name, x in raw.rows.inputs.items() if isinstance(x, Table | StoredFeatures | Texts)}
    order = tuple(dict.fromkeys(column for table in tables.values() for column in table.order))
    table = features(cells, order, texts, dates)
    return Part(
        {
            name: selected(table, known.order, as_rows=isinstance(known, Texts))
            for name, known in tables.items()
        },
        {name: read_target(cells, origin.columns, texts, dates) for name, origin in raw.targets.items()},
        {use: read_beside(cells, use, b.column) for use, b in raw.rows.beside.items() if use != "weight"},
        cells.where,
    )


def text_columns(raw: Raw) -> set[str]:
    """The columns of rows that are read as texts, so that other files' are too, whatever stands there."""
    return _columns_of(raw)[1]


def _columns_of(raw: Raw) -> tuple[dict[str, str], set[str]]:
    """What a file must have to be read like these rows: columns with their uses, and which are texts."""
    tables = [x for x in raw.rows.inputs.values() if isinstance(x, Table | StoredFeatures | Texts)]
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


def _check_columns(wanted: dict[str, str], names: Sequence[str], shown: str, key: KeyPath) -> None:
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
