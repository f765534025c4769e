"""`nntrain show`: one run on one screen."""

from __future__ import annotations

import shutil
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.cli.options import Json
from nntrain.cli.output import console, explain_errors, result, result_json, say

if TYPE_CHECKING:
    from nntrain.run.shelf.show import Shown

INDENT = 10
"""Columns that the names of facts take."""
MOST_FILES = 12
"""Of more files and folders the largest are named."""


def show(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run's directory.")],
    as_json: Json = False,
) -> None:
    """Show one run: its data, model, training, scores and files.

    Scores stand beside the baseline's. Runs that failed, were interrupted or are going on are shown too.
    """
    with explain_errors(as_json):
        from nntrain.run.shelf.show import show as look

        found = look(run)
        if as_json:
            result_json({"ok": True, "exit": 0, **found.to_json()})
        else:
            _print(found)


def _print(found: Shown) -> None:
    from nntrain.report.tables import size_text

    width = shutil.get_terminal_size().columns
    result(f"{found.run.path}: {found.run.status}")
    for name, text in found.facts.items():
        _fact(name, text, width)
    _print_scores(found)
    grouped: dict[str, int] = {}
    for path, size in found.files.items():
        folder, slash, _ = path.partition("/")
        grouped[folder + slash] = grouped.get(folder + slash, 0) + size
    by_size = sorted(grouped.items(), key=lambda entry: -entry[1])
    told = [f"{name} {size_text(size)}" for name, size in by_size[:MOST_FILES]]
    rest = len(by_size) - MOST_FILES
    more = f" and {rest} more" if rest > 0 else ""
    if told:
        _fact("files", f"{', '.join(told)}{more}; {size_text(sum(found.files.values()))} in all", width)
    if found.further is not None:
        _fact("longer" if found.run.status == "finished" else "go on", found.further, width)
    if found.run.problem is not None:
        say(f"note: {found.run.problem}")


def _print_scores(found: Shown) -> None:
    from rich.text import Text

    from nntrain.report.figure import shorten
    from nntrain.report.score_tables import scores_table

    out = console()
    reference = "std" if found.run.parts else "baseline"
    for output, splits in found.scores.items():
        result("")
        if len(found.scores) > 1:
            out.print(Text(shorten(output, 60), style="bold"))
        out.print(scores_table(splits, width=out.width, reference=reference))
    if found.scores:
        result("")


def _fact(name: str, text: str, width: int) -> None:
    """A fact after its name, wrapped under itself."""
    first, *others = wrap(text, max(40, width - INDENT), break_on_hyphens=False, break_long_words=False) or [
        ""
    ]
    result(f"{name:<{INDENT}}{first}")
    for line in others:
        result(" " * INDENT + line)
