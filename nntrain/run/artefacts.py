"""The files of a run that show what the model does: predictions and pictures."""

from __future__ import annotations

from collections.abc import Mapping

from nntrain.run.directory import RunDirectory
from nntrain.run.drawing import AT_ONCE, NUMBERS, Plans, draw, pack, write_picture
from nntrain.run.rows import prediction_columns
from nntrain.run.scoring import Scored


def write_predictions(run: RunDirectory, name: str, outputs: Mapping[str, Scored]) -> None:
    """Write a row for each scored one: its number in the source, and each output's actual and predicted."""
    columns = prediction_columns(outputs)
    run.write_table(name, list(columns), list(zip(*columns.values(), strict=True)))


def write_plots(run: RunDirectory, plans: Plans) -> None:
    """Write the first pictures to `plots/`, and the numbers behind the others, drawn when they are wanted."""
    for stem, planned in plans.items():
        if planned.kind in AT_ONCE:
            write_picture(run, stem, draw(planned))
    later = {stem: planned for stem, planned in plans.items() if planned.kind not in AT_ONCE}
    if later:
        run.write(NUMBERS, pack(later))
