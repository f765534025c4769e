"""The files of a run that show what the model does: predictions and pictures."""

from __future__ import annotations

from typing import Any

from nntrain.report.plots import confusion_plot, history_plot, predicted_actual_plot, residuals_plot
from nntrain.run.directory import RunDirectory
from nntrain.run.experiment import Scored
from nntrain.training.train import Trained


def write_predictions(run: RunDirectory, name: str, scored: Scored, classes: tuple[str, ...]) -> None:
    """Write a row for each scored one: its number in the source, actual, predicted, probabilities."""
    rows: list[list[Any]] = []
    if scored.labels is None:
        header = ["row", "actual", "predicted"]
        outputs = scored.outputs[:, 0]
        for number, actual, predicted in zip(scored.rows.index, scored.rows.y, outputs, strict=True):
            rows.append([int(number), float(actual), float(predicted)])
    else:
        header = ["row", "actual", "predicted"]
        if scored.probabilities is not None:
            header += [f"p({name})" for name in classes]
        for i, (number, actual, label) in enumerate(
            zip(scored.rows.index, scored.rows.y, scored.labels, strict=True)
        ):
            row = [int(number), classes[int(actual)], classes[int(label)]]
            if scored.probabilities is not None:
                row += [round(float(p), 6) for p in scored.probabilities[i]]
            rows.append(row)
    run.write_table(name, header, rows)


def write_plots(
    run: RunDirectory, trained: Trained, scored: Scored, classes: tuple[str, ...], split: str
) -> None:
    """Write `plots/*.png`: the history, and what the scored rows show."""
    names = [name for name in trained.history[0] if name != "epoch"]
    curves = {name: [row[name] for row in trained.history] for name in names}
    if len(set(curves["learning_rate"])) == 1:
        del curves["learning_rate"]  # a flat line says nothing
    stopped = len(trained.history) if trained.stopped_early else None
    run.write("plots/history.png", history_plot(curves, best_epoch=trained.best_epoch, stopped_epoch=stopped))
    if scored.labels is not None:
        matrix = scored.scores.to_json()["confusion_matrix"]
        run.write(f"plots/confusion_{split}.png", confusion_plot(matrix, classes))
        return
    actual, predicted = scored.rows.y, scored.outputs[:, 0]
    run.write(f"plots/predicted_actual_{split}.png", predicted_actual_plot(actual, predicted))
    run.write(f"plots/residuals_{split}.png", residuals_plot(actual, predicted))
