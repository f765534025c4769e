"""Arguments that several commands share."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.errors import UsageError

if TYPE_CHECKING:
    from nntrain.run.observer import Observer


class Progress(StrEnum):
    """How training is shown."""

    auto = "auto"
    bar = "bar"
    lines = "lines"
    none = "none"


def _checked_device(value: str | None) -> str | None:
    """Refuse what `training.device` would refuse."""
    from nntrain.config.training import GPU_BY_NUMBER

    if value is None or value in {"auto", "cpu", "gpu"} or re.match(GPU_BY_NUMBER, value):
        return value
    raise typer.BadParameter(f"'{value}' is not one of auto, cpu, gpu, or gpu:N with the number of a GPU.")


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
Device = Annotated[
    str | None,
    typer.Option(
        "--device",
        metavar="auto|cpu|gpu|gpu:N",
        callback=_checked_device,
        help="Override training.device; gpu is an error if there is none, gpu:1 is the second one.",
    ),
]
AllowCode = Annotated[
    bool,
    typer.Option("--allow-code", help="Run the Python file that the config's code names; read it first."),
]
ProgressOption = Annotated[
    Progress,
    typer.Option("--progress", help="A bar, a line an epoch, or nothing; auto asks the terminal."),
]


def is_file(argument: str) -> bool:
    """Whether a file is called so; what is too long for a name, such as a value of layers, is none."""
    try:
        return Path(argument).is_file()
    except OSError:
        return False


def check_output(file: Path | None) -> None:
    """Refuse a folder where a file is to be written.

    Raises:
        UsageError: It is one.
    """
    if file is not None and file.is_dir():
        raise UsageError(f"--output {file} is a folder; name a file in it")


def observer_for(progress: Progress, quiet: bool) -> Observer:
    """Who watches training: a bar on a terminal, lines elsewhere, notes alone when quiet."""
    import sys

    from nntrain.cli.progress import Bar, Lines, Notes
    from nntrain.run.stderr import own_stream

    own_stream()
    if quiet or progress is Progress.none:
        return Notes()
    if progress is Progress.bar or (progress is Progress.auto and sys.stderr.isatty()):
        return Bar()
    return Lines()
