"""What is printed of data: the findings of `nntrain check --data`, and `nntrain data`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.cli.options import Json
from nntrain.cli.output import console, explain_errors, result, result_json, say
from nntrain.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from nntrain.data.findings.measures import Numbers
    from nntrain.data.findings.overview import Overview
    from nntrain.report.data_tables import Measures
    from nntrain.run.findings import DataCheck

INDENT = 9
"""Columns that a severity takes."""
NARROWEST = 40
MOST_FEATURES = 20
"""The features of an array with more of them are not printed one by one; --json has them."""
STYLES = {"leak": "bold red", "warning": "bold yellow", "note": "bold"}


def print_findings(file: str, done: DataCheck) -> None:
    """The findings of one config, the gravest first, wrapped to the terminal's width."""
    from rich.text import Text

    out = console()
    _say_notes(file, done.notes)
    room = max(NARROWEST, shutil.get_terminal_size().columns - INDENT)
    result(f"{file}: {done.source}; {rows_text(done.rows)}")
    for finding in done.findings:
        first, *others = wrap(finding.message, room, break_on_hyphens=False)
        out.print(Text(f"{finding.severity:<{INDENT}}", STYLES[finding.severity]).append(first, "none"))
        for line in others:
            result(" " * INDENT + line)
    told = [f"{count} {name}{'s' if count > 1 else ''}" for name, count in done.counts.items() if count]
    if told or done.refused is None:
        result(f"{file}: {', '.join(told) or 'nothing found'}")


def _say_notes(file: str, notes: Sequence[str]) -> None:
    for note in notes:
        say(f"{file}: note: {note}")


def rows_text(rows: Mapping[str, int]) -> str:
    """`96 training, 24 validation and 30 test rows`."""
    words = [f"{count:,} {'training' if name == 'train' else name}" for name, count in rows.items()]
    return f"{', '.join(words[:-1])}{' and ' if len(words) > 1 else ''}{words[-1]} rows"


def data(
    config: Annotated[str, typer.Argument(metavar="CONFIG", help="A YAML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Values that replace the file's; ~key removes one."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot", metavar="FILE.png", help="Write a page of pictures: classes, columns, images."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what the rows of a config hold.

    Rows and classes of each split, and what the columns or arrays of the training rows hold. The rows are
    read and split as for training; nothing is prepared, so that gaps may be there. For what is wrong with
    them see nntrain check --data.
    """
    with explain_errors(as_json):
        from nntrain.config import load_config
        from nntrain.run.overview import page, survey

        if plot is not None and plot.suffix != ".png":
            raise UsageError(f"--plot writes a PNG: name a file that ends in .png, not '{plot}'")
        loaded = load_config(config, overrides or ())
        view, found = survey(loaded)
        if plot is not None:
            from nntrain.run.files import write_whole

            write_whole(plot, page(f"{loaded.name}: {found.source}", view, found), "choose another --plot")
        if as_json:
            written = {} if plot is None else {"plot": str(plot)}
            data = {**found.to_json(), "notes": list(view.notes)}
            result_json({"ok": True, "exit": 0, "file": config, "data": data, **written})
            return
        _say_notes(config, view.notes)
        _print_overview(config, found)
        if plot is not None:
            say(f"wrote {plot}")


def _print_overview(file: str, found: Overview) -> None:
    """The tables, one below the other."""
    from nntrain.report import data_tables as tables

    out = console()
    result(f"{file}: {found.source}; {rows_text(found.rows)}")
    made: list[tuple[Table, str]] = []
    for target in found.targets:
        what = "Class" if target.task == "classification" else "Label"
        what = f"{what} of {target.name}" if len(found.targets) > 1 else what
        if target.task == "segmentation":
            pixels = {split: sum(n[split] for _, n in target.classes) for split in found.rows}
            made.append(tables.classes_table(target.classes, pixels, "Class", unit="pixels"))
        elif target.classes:
            made.append(tables.classes_table(target.classes, found.rows, what))
        for name, by_split in target.numbers:
            measures = {split: _measures(numbers) for split, numbers in by_split.items()}
            title = f"Target {target.name}" if len(found.targets) > 1 else "Target"
            made.append((tables.measures_table(f"{title} {name}".rstrip(), measures), ""))
    if found.arrays:
        rows = [
            tables.ArrayRow(a.name, a.shape, a.dtype, a.missing, _measures(a.numbers)) for a in found.arrays
        ]
        made.append((tables.arrays_table(rows), ""))
    long = {a.name for a in found.arrays if prod(a.shape) > MOST_FEATURES}
    numbers = [
        tables.NumberRow(c.name, c.missing, c.distinct, _measures(c.numbers), c.more)
        for c in found.columns
        if c.kind == "number" and c.input not in long
    ]
    texts = [
        tables.TextRow(c.name, c.missing, c.distinct, c.commonest, c.more)
        for c in found.columns
        if c.kind == "text"
    ]
    made += [tables.numbers_table(numbers)] if numbers else []
    made += [tables.texts_table(texts)] if texts else []
    for table, said in made:
        result("")
        out.print(table)
        if said:
            result(said)
    if found.arrays or numbers or texts:
        result("\nFeatures: the training rows alone.")


def _measures(numbers: Numbers | None) -> Measures:
    from nntrain.report.data_tables import Measures

    if numbers is None:
        return Measures(None, None, None, None)
    return Measures(numbers.mean, numbers.deviation, numbers.low, numbers.high)
