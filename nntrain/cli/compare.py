"""`nntrain compare`: runs side by side, and whether they differ by more than noise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.cli.options import Json
from nntrain.cli.output import console, explain_errors, result, result_json, say
from nntrain.errors import UsageError

if TYPE_CHECKING:
    from nntrain.run.shelf.compare import Cell, Compared, Comparison
    from nntrain.run.shelf.paired import Tested


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="A B [C ...]", help="Directories of finished runs.")],
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE.png", help="Draw their learning curves into this file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Set runs beside the first, and tell differences from noise.

    Configs and scores are set side by side. Where two runs were scored on the same rows, their predictions
    are compared row by row: a paired bootstrap gives the 95 % interval of the difference, McNemar's test says
    of classes and labels whether it is within noise. Runs of folds or seeds are shown by mean and standard
    deviation.
    """
    with explain_errors(as_json):
        if plot is not None and plot.suffix != ".png":
            raise UsageError(f"--plot writes a PNG: name a file that ends in .png, not '{plot}'")
        if plot is not None:
            _check_curves(len(runs))
        from nntrain.run.shelf.compare import compare as set_beside

        found = set_beside(runs)
        if plot is not None:
            _draw(found, plot)
        if as_json:
            written = {} if plot is None else {"plot": str(plot)}
            result_json({"ok": True, "exit": 0, **found.to_json(), **written})
            return
        _print(found)
        if plot is not None:
            say(f"wrote {plot}")


def _check_curves(count: int) -> None:
    """Refuse more runs than there are curves that can be told apart.

    Raises:
        UsageError: There are more.
    """
    from nntrain.report.overlaid import LOOKS

    if count > len(LOOKS):
        message = f"--plot draws {len(LOOKS)} runs at most, so that their curves can be told apart"
        raise UsageError(f"{message}, and these are {count}; name fewer, or leave it out")


def _draw(found: Compared, plot: Path) -> None:
    from nntrain.report.overlaid import overlaid_plot
    from nntrain.run.files import write_whole
    from nntrain.run.shelf.compare import histories

    courses = zip(_letters(found), found.runs, histories(found.runs), strict=True)
    picture = overlaid_plot({f"{letter}  {run.path}": course for letter, run, course in courses})
    write_whole(plot, picture, "choose another --plot")


def _print(found: Compared) -> None:
    from nntrain.report.figure import shorten
    from nntrain.report.run_tables import compared_table

    letters = _letters(found)
    for letter, run in zip(letters, found.runs, strict=True):
        held = f", {run.count} {run.parts}" if run.parts else ""
        result(f"{letter}  {run.path}{held}")
    for letter, other in zip(letters[1:], found.others, strict=True):
        result(f"\nConfig, {letters[0]} -> {letter}:")
        for difference in other.differences:
            result(f"  {difference}")
        if not other.differences:
            result("  the same in effect")
    out = console()
    for output, titles in found.scores.items():
        result("")
        if len(found.scores) > 1:
            result(shorten(output, 60))
        cells = {title: [_cell(cell) for cell in row] for title, row in titles.items()}
        out.print(compared_table(letters, cells, width=out.width))
    for letter, other in zip(letters[1:], found.others, strict=True):
        result("")
        for line in _verdict(letters[0], letter, other):
            result(line)
    for note in found.notes:
        say(f"note: {note}")


def _verdict(first: str, second: str, other: Comparison) -> Iterator[str]:
    """What the tests say of two runs."""
    if other.not_tested is not None:
        yield f"{second} against {first}: not tested, because {other.not_tested}"
    for test in other.tests:
        yield _sentence(first, second, test)


def _sentence(first: str, second: str, test: Tested) -> str:
    """`B against A, accuracy on 30 rows: +0.1000 (-0.0333..+0.2333); within noise (...)`."""
    paired, from_rows = test.paired, ""
    what = f"{test.output} {test.score}".lstrip()
    if test.mcnemar is not None:
        ours, theirs = test.mcnemar.first_alone, test.mcnemar.second_alone
        alone = f"{second} alone is right on {theirs:,}, {first} alone on {ours:,}"
        from_rows = f" ({alone}; McNemar p = {_p(test.mcnemar.p)})"
    if test.within_noise:
        told = "within noise"
    else:
        better = (paired.difference > 0) == (test.better == "higher")
        told = f"{second} is {'better' if better else 'worse'}, by more than noise"
    interval = f"({_signed(paired.low)}..{_signed(paired.high)})"
    change = f"{_signed(paired.difference)} {interval}"
    return f"{second} against {first}, {what} on {paired.rows:,} rows: {change}; {told}{from_rows}"


def _signed(value: float) -> str:
    from nntrain.report.tables import number

    return f"{'+' if value > 0 else ''}{number(value)}"


def _p(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else f"{p:.1e}"


def _cell(cell: Cell | None) -> str:
    """`0.9000 [0.7667, 1.0000]`, or `0.9867 ± 0.0183`."""
    from nntrain.report.run_tables import NONE, score_text
    from nntrain.report.tables import number

    if cell is None:
        return NONE
    between = "" if cell.interval is None else f" ({number(cell.interval[0])}..{number(cell.interval[1])})"
    return score_text(cell.value, cell.std) + between


def _letters(found: Compared) -> str:
    return ascii_uppercase[: len(found.runs)]
