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


def _same_curves(found, truth, predictions, classes):
    kept = np.clip(predictions.probabilities, 1e-7, 1)
    kept /= kept.sum(axis=1, keepdims=True)
    assert found.log_loss == pytest.approx(metrics.log_loss(truth, kept, labels=range(classes)))
    if len(set(truth)) < classes:
        assert found.roc_auc is None
        assert "roc_auc" in found.undefined
    elif classes == 2:
        assert found.roc_auc == metrics.roc_auc_score(truth, predictions.scores)
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
    assert found.per_class[2] == ("wasp", 0.0, 0.0, 0.0, 2)
    assert found.notes == ("never predicted, so precision and F1 count as 0: class 'wasp'",)


def test_classes_absent_from_the_split_still_count_and_are_named():
    found = score_classification(np.array([0, 0, 1]), says([0, 0, 1], 4), ["a", "b", "c", "d"])
    assert found.averages["macro"].recall == pytest.approx(0.5)
    assert found.averages["weighted"].recall == 1
    assert len(found.confusion) == 4
    assert found.undefined == {
        "log_loss": "the model's outputs are not probabilities",
        "roc_auc": "no rows of classes 'c', 'd'",
    }
    assert found.notes == (
        "never predicted, so precision and F1 count as 0: classes 'c', 'd'",
        "not in these rows, so recall and F1 count as 0: classes 'c', 'd'",
    )


def test_one_class_alone_has_no_roc_curve():
    found = score_classification(
        np.array([1, 1]), decode([0.9, 0.2], classes=2, kind="sigmoid"), ["no", "yes"]
    )
    assert found.roc_auc is None
    assert found.undefined == {"roc_auc": "only one class in these rows"}
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
