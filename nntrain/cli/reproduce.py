"""`nntrain reproduce`: train a run again, and compare."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nntrain.cli.options import AllowCode, Device, Json, Progress, ProgressOption, Quiet, observer_for
from nntrain.cli.output import console, error_json, explain_errors, result, result_json, say

if TYPE_CHECKING:
    from nntrain.run.reproduce import ReproduceResult

SHORT = 12
"""Digits that are shown of a SHA-256."""


def reproduce(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A finished run's directory.")],
    runs_dir: Annotated[
        Path, typer.Option("--runs-dir", help="The folder of all runs, for the new one.")
    ] = Path("runs"),
    device: Device = None,
    allow_code: AllowCode = False,
    progress: ProgressOption = Progress.auto,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train a run again from its own record, and compare the two.

    Weights, history and scores are identical bit for bit, within a tolerance, or different. What is another
    than it was is listed: data, seed, versions, threads, device. If losses or scores lie further apart than
    the tolerance, the command leaves with exit code 9.
    """
    with explain_errors(as_json):
        from nntrain.run.reproduce import reproduce as reproduce_run

        observer = observer_for(progress, quiet)
        with closing(observer):
            done = reproduce_run(run, runs_dir, device=device, allow_code=allow_code, observer=observer)
        error = done.error
        if as_json:
            result_json(
                {**({"ok": True, "exit": 0} if error is None else error_json(error)), **done.to_json()}
            )
        else:
            _print(done)
            if error is None:
                result(f"{done.outcome}: {done.path} is {run} again")
            else:
                say(str(error))
        raise typer.Exit(0 if error is None else error.exit_code)


def _print(done: ReproduceResult) -> None:
    """What was compared, and what is another than it was."""
    from rich.table import Table

    from nntrain.run.reproduce import TOLERANCE

    table = Table(box=None, pad_edge=False)
    for title, justify in (
        ("Compared", "left"),
        ("numbers", "right"),
        ("difference", "right"),
        ("outcome", "left"),
    ):
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    for name, one in done.compared.items():
        gap = "-" if one.difference is None else f"{one.difference:.3g}"
        word = f"{one.outcome} ({TOLERANCE:g})" if one.outcome == "within tolerance" else one.outcome
        table.add_row(name, f"{one.count:,}", gap, word)
    console().print(table)
    for what, recorded, now in done.changed:
        result(f"changed: {what} {_shown(recorded)} -> {_shown(now)}")


def _shown(value: Any) -> str:
    """A value on a line, a SHA-256 by its beginning."""
    text = "nothing" if value is None else str(value)
    is_sum = len(text) == 64 and all(c in "0123456789abcdef" for c in text)
    return f"{text[:SHORT]}..." if is_sum else text
