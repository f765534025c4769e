"""What is drawn of a classifier is what scikit-learn finds."""

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from nntrain.evaluation import curves, reliability
from nntrain.evaluation.calibration import BINS, calibration_error
from nntrain.evaluation.curves import MOST_CORNERS


def rows(seed, count, digits):
    random = np.random.default_rng(seed)
    positive = random.random(count) < 0.4
    positive[:2] = True, False
    return positive, (random.random(count) + 0.5 * positive).round(digits)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("count", "digits"), [(2, 3), (40, 1), (300, 2), (300, 9)])
def test_the_roc_curve_has_the_corners_of_sklearn(seed, count, digits):
    positive, scores = rows(seed, count, digits)
    roc, _ = curves(positive, scores)
    alarms, hits, _ = metrics.roc_curve(positive, scores, drop_intermediate=True)
    np.testing.assert_allclose(np.interp(alarms, roc.x, roc.y)[alarms == 1], 1)
    assert {(round(x, 9), round(y, 9)) for x, y in zip(roc.x, roc.y, strict=True)} <= {
        (round(x, 9), round(y, 9))
        for x, y in zip(*metrics.roc_curve(positive, scores, drop_intermediate=False)[:2], strict=True)
    }
    assert np.trapezoid(roc.y, roc.x) == pytest.approx(np.trapezoid(hits, alarms))
    assert roc.area == pytest.approx(metrics.roc_auc_score(positive, scores))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("count", "digits"), [(2, 3), (40, 1), (300, 2), (300, 9)])
def test_precision_over_recall_has_the_points_of_sklearn(seed, count, digits):
    positive, scores = rows(seed, count, digits)
    _, found = curves(positive, scores)
    precision, recall, _ = metrics.precision_recall_curve(positive, scores)
    ours = list(zip(found.x[1:].round(9), found.y[1:].round(9), strict=True))
    theirs = list(zip(recall[:-1].round(9), precision[:-1].round(9), strict=True))
    assert [pair for pair in reversed(theirs) if pair[0] < 1] == [pair for pair in ours if pair[0] < 1]
    assert (np.diff(found.x) * found.y[1:]).sum() == pytest.approx(found.area)
    assert found.area == pytest.approx(metrics.average_precision_score(positive, scores))


def test_curves_of_many_rows_keep_some_corners_and_their_areas():
    positive, scores = rows(0, 100_000, 9)
    roc, found = curves(positive, scores)
    assert len(roc.x) == MOST_CORNERS
    assert len(found.x) == MOST_CORNERS + 1
    assert roc.area == pytest.approx(metrics.roc_auc_score(positive, scores))
    assert np.trapezoid(roc.y, roc.x) == pytest.approx(roc.area, abs=1e-3)
    assert (roc.x[-1], roc.y[-1], found.x[-1]) == (1, 1, 1)


@pytest.mark.parametrize("positive", [[True, True], [False, False]])
def test_rows_that_are_all_alike_have_no_curve(positive):
    assert curves(np.array(positive), np.array([0.1, 0.2])) is None


@pytest.mark.parametrize("seed", range(6))
def test_reliability_is_that_of_sklearn_and_of_the_calibration_error(seed):
    random = np.random.default_rng(seed)
    confidence = random.random(500)
    so = (random.random(500) < confidence).astype(float)
    found = reliability(confidence, so)
    frequency, mean = calibration_curve(so, confidence, n_bins=BINS)
    np.testing.assert_allclose(found.frequency, frequency)
    np.testing.assert_allclose(found.confidence, mean)
    gap = (np.abs(found.confidence - found.frequency) * found.rows).sum() / 500
    assert gap == pytest.approx(calibration_error(confidence, so))


def test_bins_without_rows_are_left_out():
    found = reliability(np.array([0.0, 1.0, 1.0]), np.array([0.0, 1.0, 0.0]))
    assert [values.tolist() for values in found] == [[0, 1], [0, 0.5], [1, 2]]
