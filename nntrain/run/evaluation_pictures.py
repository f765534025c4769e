"""The pictures of one evaluation: those that the rows of a run have, drawn beside its scores."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nntrain.run.directory import RunDirectory
from nntrain.run.drawing import Planned, draw, write_picture
from nntrain.run.insides import of_rows
from nntrain.run.manifest import amend
from nntrain.run.pictured import of_scores
from nntrain.run.scoring import Scored, Seen


def draw_evaluation(run: RunDirectory, folder: Path, outputs: Mapping[str, Scored], seen: Seen) -> list[str]:
    """Draw `<kind>.png` and `<kind>.svg`, of several outputs `<kind>_<output>`; older ones are replaced.

    Args:
        run: The run.
        folder: In the run.
        outputs: What was scored, by output.
        seen: The rows behind it.

    Returns:
        The files' paths in the run.

    Raises:
        MachineError: They can't be written.
    """
    written: list[str] = []
    for output, scored in outputs.items():
        more = of_rows(seen.config, seen.model, seen.columns, seen.rows, scored)
        for kind, arguments in (*of_scores(scored), *more):
            stem = f"{kind}_{output}" if len(outputs) > 1 else kind
            written += write_picture(run, stem, draw(Planned(kind, arguments)), folder.as_posix())
    amend(run, written)
    return written
