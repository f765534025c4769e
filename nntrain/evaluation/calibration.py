"""How much the probabilities of a model are worth, row by row and in bins."""

from __future__ import annotations

import numpy as np

from nntrain.evaluation.outputs import FloatArray, IntArray

SMALLEST_PROBABILITY = 1e-7
"""Floor of probabilities in the log loss, Keras' `epsilon()`: one row costs 16.12 at most."""
BINS = 15
"""Bins of equal width over [0, 1] of the calibration error."""


def class_losses(truth: IntArray, probabilities: FloatArray) -> FloatArray:
    """-ln(probability of the actual class) of each row, shape `(n,)`, in [0, 16.12].

    Args:
        truth: Class indices, shape `(n,)`.
        probabilities: Rows that sum to 1, shape `(n, classes)`; they are kept away from 0.
    """
    kept = np.maximum(probabilities, SMALLEST_PROBABILITY)
    return np.asarray(np.log(kept.sum(axis=1)) - np.log(kept[np.arange(len(truth)), truth]))


def label_losses(truth: IntArray, probabilities: FloatArray) -> FloatArray:
    """Binary cross-entropy, shape `(n, k)`, of labels 0 and 1; probabilities are kept off 0 and 1."""
    kept = np.clip(probabilities, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return np.asarray(-np.log(np.where(truth == 1, kept, 1 - kept)))


def brier_rows(truth: IntArray, probabilities: FloatArray) -> FloatArray:
    """Squared distance of each row's probabilities from the truth, shape `(n,)`.

    Of two classes that of the second one alone, in [0, 1]; of more the sum over them, in [0, 2].

    Source: Brier, "Verification of forecasts expressed in terms of probability", 1950; scikit-learn's
    `brier_score_loss`.
    """
    if probabilities.shape[1] == 2:
        return np.asarray((probabilities[:, 1] - truth) ** 2)
    actual = np.eye(probabilities.shape[1])[truth]
    return np.asarray(((probabilities - actual) ** 2).sum(axis=1))


def calibration_error(confidence: FloatArray, so: FloatArray) -> float:
    """Expected calibration error: the mean gap between confidence and frequency, by bin size, in [0, 1].

    Args:
        confidence: Probabilities, shape `(n,)`.
        so: 1 where what they were given for came true and 0 where not, shape `(n,)`.

    Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, section 2, with `BINS` bins
    `(i / BINS, (i + 1) / BINS]`, 0 being in the first.
    """
    bins = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    gaps = np.bincount(bins, weights=confidence - so, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidence))
