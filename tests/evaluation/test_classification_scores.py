import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from nntrain.errors import ConfigError, DataError
from nntrain.evaluation.classification import score_classification
from nntrain.evaluation.outputs import Predictions, decode


def says(labels, classes):
    """Predictions without probabilities."""
    scores = np.eye(classes)[labels]
    return Predictions(np.array(labels), None, scores[:, 1] if classes == 2 else scores)


@st.composite
def splits(draw):
    """Actual classes and softmax rows; some classes may be absent."""
    classes = draw(st.integers(2, 5))
    rows = draw(st.integers(1, 30))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    truth = random.integers(0, draw(st.integers(1, classes)), rows)
    logits = (
        random.normal(size=(rows, classes)) * draw(st.sampled_from([0.1, 1, 50])) + np.eye(classes)[truth]
    )
    return truth, logits, classes


@settings(max_examples=30, deadline=None)
@given(splits())
def test_scores_equal_those_of_scikit_learn(split):
    truth, logits, classes = split
    predictions = decode(logits, classes=classes, kind="softmax_logits")
    found = score_classification(truth, predictions, [f"c{i}" for i in range(classes)], average="weighted")
    guess, labels = predictions.labels, range(classes)
    matrix = np.array(found.confusion)
    assert matrix.sum() == found.rows == len(truth)
    assert found.accuracy == pytest.approx(np.trace(matrix) / len(truth))
    assert found.accuracy == pytest.approx(metrics.accuracy_score(truth, guess))
    assert matrix.tolist() == metrics.confusion_matrix(truth, guess, labels=labels).tolist()
    for average in ("macro", "weighted"):
        options = {"labels": labels, "average": average, "zero_division": 0}
        ours = found.averages[average]
        assert ours.precision == pytest.approx(metrics.precision_score(truth, guess, **options))
        assert ours.recall == pytest.approx(metrics.recall_score(truth, guess, **options))
        assert ours.f1 == pytest.approx(metrics.f1_score(truth, guess, **options))
    assert found.averages["weighted"].recall == pytest.approx(found.accuracy)
    assert [row.support for row in found.per_class] == np.bincount(truth, minlength=classes).tolist()
    _same_curves(found, truth, predictions, classes)


@settings(max_examples=60, deadline=None)
@given(splits())
def test_further_scores_equal_those_of_scikit_learn(split):
    truth, logits, classes = split
    predictions = decode(logits, classes=classes, kind="softmax_logits")
    found = score_classification(truth, predictions, [f"c{i}" for i in range(classes)])
    guess, shares, labels = predictions.labels, predictions.probabilities, range(classes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes that are predicted and not there
        assert found.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(truth, guess))
        kappa = metrics.cohen_kappa_score(truth, guess)
        assert found.mcc == pytest.approx(metrics.matthews_corrcoef(truth, guess), abs=1e-12)
    assert found.kappa == (None if np.isnan(kappa) else pytest.approx(kappa, abs=1e-12))
    assert ("kappa" in found.undefined) == (found.kappa is None)
    if classes == 2:
        assert found.brier == pytest.approx(metrics.brier_score_loss(truth, shares[:, 1], pos_label=1))
    else:
        assert found.brier == pytest.approx(((shares - np.eye(classes)[truth]) ** 2).sum(axis=1).mean())
    for k, value in found.top.items():
        ordered = np.argsort(-shares, axis=1, kind="stable")[:, :k]
        assert value == np.mean([label in row for label, row in zip(truth, ordered, strict=True)])
        if len(np.unique(shares)) == shares.size:
            assert value == pytest.approx(metrics.top_k_accuracy_score(truth, shares, k=k, labels=labels))
    assert list(found.top) == [k for k in (3, 5) if k < classes]
    for label in labels:
        positive, row = truth == label, found.per_class[label]
        if 0 < positive.sum() < len(truth):
            ranks = shares[:, label] if classes > 2 else (2 * label - 1) * predictions.scores
            assert row.roc_auc == pytest.approx(metrics.roc_auc_score(positive, ranks))
            assert row.average_precision == pytest.approx(metrics.average_precision_score(positive, ranks))
        else:
            assert row.roc_auc is row.average_precision is None
    if found.average_precision is not None:
        areas = [row.average_precision for row in found.per_class]
        assert found.average_precision == pytest.approx(areas[1] if classes == 2 else np.mean(areas))


def test_the_calibration_error_is_that_of_its_bins_by_hand():
    shares = np.array([[0.9, 0.1], [0.91, 0.09], [0.35, 0.65], [0.5, 0.5], [0.0, 1.0]])
    truth = np.array([0, 1, 1, 0, 1])
    found = score_classification(truth, decode(shares, classes=2, kind="softmax"), ["no", "yes"])
    # bins of 1/15: 0.9 and 0.91 share one, 0.65 and 0.5 and 1.0 have one each
    gaps = [abs(0.9 + 0.91 - 1), abs(0.65 - 1), abs(0.5 - 1), 0]
    assert found.calibration_error == pytest.approx(sum(gaps) / 5)


def test_probabilities_that_come_true_as_often_as_they_say_are_calibrated():
    random = np.random.default_rng(3)
    shares = random.dirichlet([1, 1, 1], 60_000)
    truth = (random.random((60_000, 1)) > shares.cumsum(axis=1)).sum(axis=1)
    names = ["a", "b", "c"]
    good = score_classification(truth, decode(shares, classes=3, kind="softmax"), names)
    sure = score_classification(truth, decode(shares**3, classes=3, kind="scores"), names)
    assert good.calibration_error < 0.01
    assert sure.calibration_error is None
    power = shares**3 / (shares**3).sum(axis=1, keepdims=True)
    assert (
        score_classification(truth, decode(power, classes=3, kind="softmax"), names).calibration_error > 0.1
    )


def test_classes_of_little_support_are_flagged_and_those_without_rows_are_told_apart():
    truth = np.repeat([0, 1], [10, 9])
    found = score_classification(truth, says(truth, 3), ["ten", "nine", "none"])
    assert found.to_json()["little_support"] == ["nine"]
    assert found.notes[-1] == (
        "fewer than 10 rows, so that one row moves the recall by more than 0.1: class 'nine'"
    )


def _same_curves(found, truth, predictions, classes):
    kept = np.clip(predictions.probabilities, 1e-7, 1)
    kept /= kept.sum(axis=1, keepdims=True)
    assert found.log_loss == pytest.approx(metrics.log_loss(truth, kept, labels=range(classes)))
    if len(set(truth)) < classes:
        assert found.roc_auc is None
        assert "roc_auc" in found.undefined
    elif classes == 2:
        assert found.roc_auc == pytest.approx(metrics.roc_auc_score(truth, predictions.scores))
    else:
        theirs = metrics.roc_auc_score(truth, predictions.probabilities, multi_class="ovr", average="macro")
        assert found.roc_auc == pytest.approx(theirs)


def test_a_small_binary_case_by_hand():
    predictions = decode([0.9, 0.8, 0.4, 0.6, 0.1], classes=2, kind="sigmoid")
    found = score_classification(np.array([1, 1, 1, 0, 0]), predictions, ["no", "yes"], average="binary")
    assert found.confusion == ((1, 1), (1, 2))
    assert found.accuracy == pytest.approx(3 / 5)
    assert found.per_class[1].name == "yes"
    assert found.averages["binary"] == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert found.averages["macro"] == pytest.approx((7 / 12, 7 / 12, 7 / 12))
    assert found.averages["weighted"] == pytest.approx((3 / 5, 3 / 5, 3 / 5))
    assert found.roc_auc == pytest.approx(5 / 6)
    assert found.log_loss == pytest.approx(-np.log([0.9, 0.8, 0.4, 0.4, 0.9]).mean())
    assert [name for name, _ in found.headline()] == [
        "accuracy",
        "precision (binary)",
        "recall (binary)",
        "F1 (binary)",
        "log loss",
        "ROC AUC",
    ]


def test_a_class_never_predicted_scores_zero_and_is_named():
    found = score_classification(np.array([0, 1, 2, 2]), says([0, 1, 0, 1], 3), ["ant", "bee", "wasp"])
    assert found.per_class[2][:5] == ("wasp", 0.0, 0.0, 0.0, 2)
    assert found.notes[0] == "never predicted, so precision and F1 count as 0: class 'wasp'"


def test_classes_absent_from_the_split_still_count_and_are_named():
    found = score_classification(np.array([0, 0, 1]), says([0, 0, 1], 4), ["a", "b", "c", "d"])
    assert found.averages["macro"].recall == pytest.approx(0.5)
    assert found.averages["weighted"].recall == 1
    assert len(found.confusion) == 4
    assert found.undefined == {
        **dict.fromkeys(
            ("log_loss", "brier", "calibration_error"), "the model's outputs are not probabilities"
        ),
        **dict.fromkeys(("roc_auc", "average_precision"), "no rows of classes 'c', 'd'"),
    }
    assert found.notes == (
        "never predicted, so precision and F1 count as 0: classes 'c', 'd'",
        "not in these rows, so recall and F1 count as 0: classes 'c', 'd'",
        "fewer than 10 rows, so that one row moves the recall by more than 0.1: classes 'a', 'b'",
    )


def test_one_class_alone_has_no_roc_curve():
    found = score_classification(
        np.array([1, 1]), decode([0.9, 0.2], classes=2, kind="sigmoid"), ["no", "yes"]
    )
    assert found.roc_auc is None
    why = "only one class in these rows"
    assert found.undefined == {"roc_auc": why, "average_precision": why}
    assert found.accuracy == 0.5


def test_certainty_in_the_wrong_class_costs_a_finite_log_loss():
    wrong = decode([1000.0, -1000.0], classes=2, kind="sigmoid_logits")
    found = score_classification(np.array([0, 1]), wrong, ["no", "yes"])
    assert found.log_loss == pytest.approx(-np.log(1e-7), rel=1e-6)
    assert found.roc_auc == 0


def test_scores_without_probabilities_still_have_a_roc_curve():
    truth = np.array([0, 0, 1, 1])
    margins = np.array([-1.0, 0.5, -0.2, 2.0])
    found = score_classification(truth, decode(margins, classes=2, kind="scores"), ["no", "yes"])
    assert found.roc_auc == pytest.approx(0.75)
    assert found.log_loss is None


@pytest.mark.parametrize(
    ("truth", "classes", "average", "error", "message"),
    [
        (
            [0, 1, 2],
            3,
            "binary",
            ConfigError,
            "evaluation.average: 'binary' scores class 1 of 2, the data have 3 classes: "
            "use macro or weighted",
        ),
        ([0, 1, 5], 3, "macro", DataError, "label 5 is not one of the 3 classes 0 to 2"),
        ([0, -1, 1], 3, "macro", DataError, "label -1 is not one of the 3 classes 0 to 2"),
        ([], 3, "macro", DataError, "there are no rows to score"),
    ],
)
def test_what_cannot_be_scored_is_refused(truth, classes, average, error, message):
    predictions = says(np.zeros(len(truth), int), classes)
    with pytest.raises(error) as caught:
        score_classification(np.array(truth), predictions, ["a", "b", "c"][:classes], average=average)
    assert str(caught.value) == message


def test_labels_and_predictions_must_be_of_the_same_rows():
    with pytest.raises(ValueError, match=r"^\(3,\) labels for \(2,\) predictions$"):
        score_classification(np.array([0, 1, 1]), says([0, 1], 2), ["a", "b"])
