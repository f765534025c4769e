"""Which pictures a run has: what its scored rows, its data and its network allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nntrain.arrays import Stored, Values
from nntrain.evaluation import curves, reliability, row_scores
from nntrain.report.gallery import file_stem
from nntrain.report.plots import MOST_IMAGES, MOST_MISTAKES, Line, is_picture, shrunk
from nntrain.run.drawing import Planned
from nntrain.run.scoring import Scored
from nntrain.run.target import Array

if TYPE_CHECKING:
    from nntrain.run.experiment import Experiment
    from nntrain.training.train import Trained

MOST_CURVES = 100
"""Of more classes those with the most rows have curves."""


def planned(
    trained: Trained, outputs: Mapping[str, Scored], split: str, experiment: Experiment | None = None
) -> dict[str, Planned]:
    """Every picture of a run, by the name of its file without the ending.

    Args:
        trained: Its history.
        outputs: What was scored, by output.
        split: The rows that it was scored on.
        experiment: The data and the trained network; None where the scored rows alone are pictured.
    """
    several = len(outputs) > 1
    found = {"history": _history(trained, tuple(outputs) if several else ())}
    for output, scored in outputs.items():
        of = output if several else ""
        for kind, arguments in of_scores(scored):
            found[file_stem(kind, split, of)] = Planned(kind, arguments)
        if experiment is not None:
            from nntrain.run.insides import of_rows

            rows, columns = experiment.scored_rows[split], experiment.dataset.inputs
            for kind, arguments in of_rows(experiment.config, experiment.model, columns, rows, scored):
                found[file_stem(kind, split, of)] = Planned(kind, arguments)
    if experiment is not None:
        from nntrain.run.insides import of_data, of_network

        for output, arguments in of_data(experiment):
            found[file_stem("class_balance", split, output)] = Planned("class_balance", arguments)
        for kind, arguments in of_network(experiment, outputs, split):
            found[file_stem(kind, split)] = Planned(kind, arguments)
    return found


def _history(trained: Trained, outputs: tuple[str, ...]) -> Planned:
    names = [name for name in trained.history[0] if name != "epoch"]
    lines = {name: [row[name] for row in trained.history] for name in names}
    if len(set(lines["learning_rate"])) == 1:
        del lines["learning_rate"]  # a flat line says nothing
    stopped = len(trained.history) if trained.stopped_early else None
    return Planned(
        "history",
        {"history": lines, "outputs": outputs, "best_epoch": trained.best_epoch, "stopped_epoch": stopped},
    )


def of_scores(scored: Scored) -> Iterator[tuple[str, dict[str, Any]]]:
    """What one output did on these rows: the kinds of its pictures, and what is drawn."""
    truth, outputs, names = scored.truth, scored.outputs, scored.target.names
    scores = scored.scores.to_json()
    task = scored.target.task
    if task == "classification":
        yield "confusion", {"matrix": np.asarray(scores["confusion_matrix"]), "class_names": names}
    elif task == "segmentation":
        yield from _masks(scored, np.asarray(scores["confusion_matrix"]))
    elif task == "multi_label":
        yield "labels", {"rows": [tuple(label.values()) for label in scores["per_label"]]}
    elif task == "reconstruction":
        if is_picture(truth.shape[1:]):
            count = slice(MOST_IMAGES)
            shown = {"actual": truth[count], "made": outputs[count], "index": scored.index[count]}
            yield "reconstruction", shown
        else:
            yield "errors", {"actual": truth, "made": outputs}
    elif names:
        yield "predicted_actual", {"actual": truth, "predicted": outputs, "names": names}
    else:
        both = {"actual": truth.reshape(-1), "predicted": outputs.reshape(-1)}
        yield "predicted_actual", both
        yield "residuals", both
    if scored.values is not None:
        yield from _of_ranks(scored, scores)


def _masks(scored: Scored, matrix: Array) -> Iterator[tuple[str, dict[str, Any]]]:
    assert scored.images is not None
    assert scored.labels is not None
    names = scored.target.names
    yield "confusion", {"matrix": matrix, "class_names": names, "unit": "pixels"}
    count = len(scored.images)
    shown = (scored.truth[:count], scored.labels[:count])
    yield (
        "masks",
        {
            "images": scored.images,
            "actual": shown[0],
            "predicted": shown[1],
            "class_names": names,
            "index": scored.index[:count],
            "scores": row_scores(*shown, len(names)).mean_iou,
        },
    )


def _of_ranks(scored: Scored, scores: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The curves of classes or labels, and what their probabilities are worth."""
    truth, names = np.asarray(scored.truth), scored.target.names
    values = np.asarray(scored.values, np.float64)
    labels = scored.target.task == "multi_label"
    if labels:
        columns = {i: (truth[:, i] == 1, values[:, i]) for i in range(len(names))}
    elif values.ndim == 1:
        columns = {1: (truth == 1, values)}
    else:
        rows = np.bincount(truth, minlength=len(names))
        most = np.sort(np.argsort(-rows, kind="stable")[:MOST_CURVES])
        columns = {int(i): (truth == i, values[:, i]) for i in most}
    lines: dict[str, list[Line]] = {"roc": [], "precision_recall": []}
    for i, (positive, column) in columns.items():
        found = curves(positive, column)
        for kind, curve in zip(lines, found or (), strict=False):
            lines[kind].append(Line(names[i], curve.x, curve.y, curve.area, float(positive.mean())))
    for kind, kept in lines.items():
        if kept:
            yield kind, {"lines": kept, "rows": len(truth)}
    if scored.probabilities is not None:
        shares = np.asarray(scored.probabilities, np.float64)
        so = truth == 1 if labels else shares.argmax(axis=1) == truth
        bins = reliability(shares.ravel() if labels else shares.max(axis=1), so.ravel().astype(np.float64))
        what = "a label" if labels else "the predicted class"
        shown = {"confidence": bins.confidence, "frequency": bins.frequency, "counts": bins.rows}
        yield "reliability", {**shown, "error": float(scores["calibration_error"]), "what": what}


def mistakes(scored: Scored, images: Values) -> dict[str, Any] | None:
    """The most confident mistakes of a classifier, the first in front; None where there are none.

    Args:
        scored: The rows.
        images: Their prepared inputs, of a shape that is a picture.
    """
    if scored.target.task != "classification" or scored.labels is None or scored.probabilities is None:
        return None
    wrong = np.flatnonzero(scored.labels != scored.truth)
    if not len(wrong):
        return None
    sure = np.asarray(scored.probabilities)[wrong, scored.labels[wrong]]
    order = np.argsort(-sure, kind="stable")[:MOST_MISTAKES]
    chosen, names = wrong[order], scored.target.names
    return {
        "images": np.stack([shrunk(row) for row in picked(images, chosen)]),
        "actual": [names[i] for i in scored.truth[chosen]],
        "predicted": [names[i] for i in scored.labels[chosen]],
        "confidence": sure[order],
        "index": scored.index[chosen],
        "wrong": len(wrong),
        "rows": len(scored.truth),
    }


def picked(rows: Values, at: Array) -> Array:
    """Some rows as an array, in the order of `at`."""
    if not isinstance(rows, Stored):
        return np.asarray(rows[at])
    order = np.argsort(at, kind="stable")
    found = np.asarray(rows.take(at[order]))
    back: Array = np.empty_like(found)
    back[order] = found
    return back
