"""`nntrain predict`: what a finished run says of new rows."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.cli.options import AllowCode, Device, Json, Quiet
from nntrain.cli.output import explain_errors, result_json, say

if TYPE_CHECKING:
    from nntrain.run.prediction.ask import Predicted

SHOWN = 5
"""Rows left out that are told of."""
MANY = 10_000
"""Rows from which on a rate says something."""


def predict(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's directory.")],
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Rows in a file, images, a folder, or - for standard input."),
    ],
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FILE",
            help="Write .csv, .jsonl, .parquet or .npz, of masks also a folder of PNG files; "
            "CSV on standard output without it.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file at --to.")] = False,
    top: Annotated[
        int, typer.Option("--top", min=0, metavar="K", help="Also the K most likely classes of each row.")
    ] = 0,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Also the probability of every class or label.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out rows that can't be used, and say how many.")
    ] = False,
    device: Device = None,
    allow_code: AllowCode = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Predict rows without targets by a finished run.

    Rows are prepared as the run's own were, and read and written some at a time, so there may be any number
    of them. Columns are found by their names; those that the run does not use are ignored. The file at --to
    is there once all rows are in it.
    """
    with explain_errors(as_json):
        from nntrain.errors import UsageError
        from nntrain.run.prediction.ask import Ask
        from nntrain.run.prediction.predict import predict as predict_rows
        from nntrain.run.stderr import own_stream

        if as_json and to is None:
            raise UsageError("--json prints one object, so the predictions need a file; add --to FILE")
        own_stream()
        with closing(_Moving(shown=not quiet and sys.stderr.isatty())) as moving:
            done = predict_rows(
                run,
                Ask(tuple(inputs), to, force, top, probabilities, skip_bad),
                sys.stdout.buffer,
                device=device,
                allow_code=allow_code,
                moved=moving,
            )
        if as_json:
            result_json({"ok": True, "exit": 0, **done.to_json()})
        else:
            _tell(done)


def _tell(done: Predicted) -> None:
    for note in done.notes:
        say(f"note: {note}")
    if done.skipped:
        from nntrain.errors import render

        told = done.problems[:SHOWN]
        which = f", the first {len(told)}" if len(told) < done.skipped else ""
        say(f"left out {done.skipped:,} of {done.skipped + done.rows:,} rows{which}:")
        for problem in told:
            say(render([problem]))
    rate = f" ({done.rows / done.seconds:,.0f} a second)" if done.rows >= MANY and done.seconds else ""
    rows = f"{done.rows:,} row{'s' if done.rows != 1 else ''}"
    where = f"wrote {done.ask.to}: " if done.ask.to else ""
    say(f"{where}{rows} in {done.seconds:.2f} s{rate}")


class _Moving:
    """A line of progress on a terminal."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._bar: object = None

    def __call__(self, done: int, size: int | None, rows: int) -> None:
        """Move it."""
        if not self._shown:
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        from nntrain.cli.output import console

        if self._bar is None:
            self._bar = Progress(
                TextColumn("predicting"),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[state]}", markup=False),
                TimeRemainingColumn(compact=True),
                console=console(stderr=True),
                transient=True,
            )
            self._bar.add_task("", total=None, state="")
            self._bar.start()
        assert isinstance(self._bar, Progress)
        self._bar.update(self._bar.task_ids[0], total=size, completed=done, state=f"{rows:,} rows")

    def close(self) -> None:
        """Leave the terminal as it was."""
        from rich.progress import Progress

        if isinstance(self._bar, Progress):
            self._bar.stop()
