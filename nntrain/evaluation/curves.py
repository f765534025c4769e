"""The curves behind a classifier's scores, for drawing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nntrain.evaluation.calibration import BINS
from nntrain.evaluation.outputs import FloatArray
from nntrain.evaluation.ranking import Ranked

MOST_CORNERS = 500
"""Of more corners some are kept, at equal distances along the ranks, the first and the last among them."""


class Curve(NamedTuple):
    """Points from left to right, shape `(points,)`, in [0, 1]."""

    x: FloatArray
    y: FloatArray
    area: float


class Bins(NamedTuple):
    """Predictions by their probability, shape `(bins,)` each; bins without predictions are left out."""

    confidence: FloatArray
    """Mean probability."""
    frequency: FloatArray
    """Share that came true."""
    rows: FloatArray
    """How many predictions."""


def curves(positive: NDArray[np.bool_], scores: FloatArray) -> tuple[Curve, Curve] | None:
    """The ROC curve, and precision over recall; None where the rows are all alike.

    Args:
        positive: Which rows are of the class, or have the label, shape `(n,)`.
        scores: Decision values, shape `(n,)`; larger speaks for positive.

    Source: scikit-learn's `roc_curve` and `precision_recall_curve`. Precision holds from the recall before
    to its own, so that the area below the steps is the average precision.
    """
    if positive.all() or not positive.any():
        return None
    ranked = Ranked(positive, scores)
    areas = ranked.areas()
    found, taken = ranked.steps()
    hits = np.r_[0.0, found / found[-1]]
    alarms = np.r_[0.0, (taken - found) / (taken[-1] - found[-1])]
    bends = np.flatnonzero(np.r_[True, _turns(hits, alarms), True])
    precision = found / taken
    reached = int(np.argmax(found == found[-1])) + 1  # beyond, no more is found
    kept, corners = some(bends), some(np.arange(reached))
    return (
        Curve(alarms[kept], hits[kept], float(areas.roc_auc[0])),
        Curve(
            np.r_[0.0, hits[1:][corners]],
            np.r_[precision[0], precision[corners]],
            float(areas.average_precision[0]),
        ),
    )


def reliability(confidence: FloatArray, so: FloatArray) -> Bins:
    """How often predictions came true, by their probability, in the bins of the calibration error.

    Args:
        confidence: Probabilities, shape `(n,)`.
        so: 1 where what they were given for came true and 0 where not, shape `(n,)`.
    """
    bins = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    rows = np.bincount(bins, minlength=BINS)
    held = rows > 0
    sums = (np.bincount(bins, weights=values, minlength=BINS)[held] for values in (confidence, so))
    means = [values / rows[held] for values in sums]
    return Bins(means[0], means[1], rows[held].astype(np.float64))


def some(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most `MOST_CORNERS` of these places, the first and the last among them."""
    if len(places) <= MOST_CORNERS:
        return places
    return places[np.linspace(0, len(places) - 1, MOST_CORNERS).round().astype(np.int64)]


def _turns(y: FloatArray, x: FloatArray) -> NDArray[np.bool_]:
    """Whether a curve changes its direction at each of its inner points."""
    run, rise = np.diff(x), np.diff(y)
    return np.asarray(run[1:] * rise[:-1] != run[:-1] * rise[1:])
