"""`nntrain pictures`: every picture of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nntrain.cli.options import Json
from nntrain.cli.output import explain_errors, result, result_json


def pictures(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run's directory.")],
    as_json: Json = False,
) -> None:
    """Draw every picture of a finished run.

    They are written into its plots folder, as PNG and as SVG. Fit itself draws the training curves and the
    chief picture of each output. The others are drawn here from numbers that the run keeps, without the data
    and without TensorFlow.
    """
    with explain_errors(as_json):
        from nntrain.run.pictures import pictures as draw_all

        done = draw_all(run)
        if as_json:
            result_json({"ok": True, "exit": 0, **done.to_json()})
            return
        width = max(len(shown.files[0]) for shown in done.pictures)
        for shown in done.pictures:
            result(f"{shown.files[0]:{width}}  {shown.title}")
        count = len(done.pictures)
        result(f"{count} picture{'' if count == 1 else 's'} in {run / 'plots'}, each as PNG and as SVG")
