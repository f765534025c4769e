"""The files of a run that show what the model does: predictions and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nntrain.evaluation import row_scores
from nntrain.report.plots import (
    confusion_plot,
    errors_plot,
    history_plot,
    is_picture,
    labels_plot,
    masks_plot,
    numbers_plot,
    pictures_plot,
    predicted_actual_plot,
    residuals_plot,
)
from nntrain.run.directory import RunDirectory
from nntrain.run.rows import prediction_columns
from nntrain.run.scoring import Scored
from nntrain.training.train import Trained


def write_predictions(run: RunDirectory, name: str, outputs: Mapping[str, Scored]) -> None:
    """Write a row for each scored one: its number in the source, and each output's actual and predicted."""
    columns = prediction_columns(outputs)
    run.write_table(name, list(columns), list(zip(*columns.values(), strict=True)))


def write_plots(run: RunDirectory, trained: Trained, outputs: Mapping[str, Scored], split: str) -> None:
    """Write `plots/*.png`: the history, and what the scored rows of each output show."""
    several = len(outputs) > 1
    names = [name for name in trained.history[0] if name != "epoch"]
    curves = {name: [row[name] for row in trained.history] for name in names}
    if len(set(curves["learning_rate"])) == 1:
        del curves["learning_rate"]  # a flat line says nothing
    picture = history_plot(
        curves,
        outputs=tuple(outputs) if several else (),
        best_epoch=trained.best_epoch,
        stopped_epoch=len(trained.history) if trained.stopped_early else None,
    )
    run.write("plots/history.png", picture)
    for output, scored in outputs.items():
        for kind, picture in _pictures(scored):
            run.write(f"plots/{kind}_{split}{f'_{output}' if several else ''}.png", picture)


def _pictures(scored: Scored) -> Iterator[tuple[str, bytes]]:
    """What one output did on these rows, as pictures by name."""
    truth, outputs, names = scored.truth, scored.outputs, scored.target.names
    scores = scored.scores.to_json()
    if scored.target.task == "classification":
        yield "confusion", confusion_plot(scores["confusion_matrix"], names)
    elif scored.target.task == "segmentation":
        assert scored.images is not None
        assert scored.labels is not None
        yield "confusion", confusion_plot(scores["confusion_matrix"], names, unit="pixels")
        count = len(scored.images)
        shown = (truth[:count], scored.labels[:count])
        iou = row_scores(*shown, len(names)).mean_iou
        yield "masks", masks_plot(scored.images, *shown, names, scored.index[:count], iou)
    elif scored.target.task == "multi_label":
        yield "labels", labels_plot([tuple(label.values()) for label in scores["per_label"]])
    elif scored.target.task == "reconstruction":
        if is_picture(truth.shape[1:]):
            yield "reconstruction", pictures_plot(truth, outputs, scored.index)
        else:
            yield "errors", errors_plot(truth, outputs)
    elif names:
        yield "predicted_actual", numbers_plot(truth, outputs, names)
    else:
        actual, predicted = truth.reshape(-1), outputs.reshape(-1)
        yield "predicted_actual", predicted_actual_plot(actual, predicted)
        yield "residuals", residuals_plot(actual, predicted)
