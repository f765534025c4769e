"""`nntrain verify`: whether a run is still as it was written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nntrain.cli.options import Json
from nntrain.cli.output import error_json, explain_errors, result, result_json, say


def verify(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run's directory.")],
    as_json: Json = False,
) -> None:
    """Check every file of a run against what was recorded of it.

    Each file that was changed, cut off or removed since is named, and the command leaves with exit code 5.
    What has become of the data that the run learnt from is told beside, if they can be found.
    """
    with explain_errors(as_json):
        from nntrain.run.verify import verify as verify_run

        done = verify_run(run)
        error = done.error
        if as_json:
            head = {"ok": True, "exit": 0} if error is None else error_json(error)
            result_json({**head, **done.to_json()})
        else:
            for note in done.notes:
                say(f"note: {note}")
            for name in done.extra:
                say(f"note: {run / name} is no part of the run")
            if error is None:
                count = len(done.files)
                result(f"{run}: {'all ' if count > 1 else ''}{count} files are as they were written")
            else:
                say(str(error))
        raise typer.Exit(0 if error is None else error.exit_code)
