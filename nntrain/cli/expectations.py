"""What becomes of a config's `expect`: a table, a JUnit file, and exit code 10 where something is missed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from nntrain.cli.output import console, error_json, result_json, say
from nntrain.errors import UsageError

if TYPE_CHECKING:
    from nntrain.run.expectations import Outcome

Junit = Annotated[
    Path | None,
    typer.Option("--junit", metavar="FILE", help="Write what is expected as JUnit XML, a test each."),
]


def check_junit(file: Path | None) -> None:
    """Find out before the work that its results have a place.

    Raises:
        UsageError: They have none.
    """
    if file is None:
        return
    if file.is_dir():
        raise UsageError(f"--junit {file} is a folder; name a file in it")
    if not file.parent.is_dir():
        raise UsageError(f"--junit {file}: there is no folder {file.parent}; make it first")
    if not os.access(file.parent, os.W_OK):
        raise UsageError(f"--junit {file}: the folder {file.parent} can't be written; choose another one")


def write_junit(file: Path | None, name: str, run: Path, found: Sequence[Outcome], seconds: float) -> None:
    """Write the JUnit file, if one is wanted, whole or not at all.

    Raises:
        MachineError: It can't be written.
        UsageError: Nothing is expected.
    """
    if file is None:
        return
    if not found:
        raise UsageError(f"nothing is expected of {run} here, so there is nothing for --junit")
    from nntrain.report.junit import junit
    from nntrain.run.files import write_whole

    content = junit(name, str(run), found, seconds, datetime.now())
    write_whole(file, content, "choose another file for --junit")


def print_expectations(found: Sequence[Outcome]) -> None:
    """Print the table, if there are any."""
    if not found:
        return
    from nntrain.report.expectations import expectations_table

    out = console()
    out.print()
    out.print(expectations_table(found))


def head_json(found: Sequence[Outcome]) -> dict[str, Any]:
    """How the object of `--json` begins."""
    from nntrain.run.expectations import missed

    error = missed(found)
    return {"ok": True, "exit": 0} if error is None else error_json(error)


def result_and_leave(content: Mapping[str, Any], found: Sequence[Outcome]) -> None:
    """Print the object of `--json`, and leave with exit code 10 if something is missed."""
    result_json({**head_json(found), **content})
    if not all(outcome.met for outcome in found):
        _leave()


def leave_if_missed(found: Sequence[Outcome]) -> None:
    """Say what is missed, and leave with exit code 10; goes on if nothing is."""
    from nntrain.run.expectations import missed

    error = missed(found)
    if error is not None:
        say(str(error))
        _leave()


def _leave() -> NoReturn:
    from nntrain.errors import ExpectationError

    raise typer.Exit(ExpectationError.exit_code)
