import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from nntrain.errors import ConfigError, DataError, DivergedError
from nntrain.evaluation.multi_label import LabelPredictions, decode_labels, score_labels


@st.composite
def splits(draw):
    """Labels `(n, k)` and logits of the same shape; some labels may be on everywhere or nowhere."""
    rows, labels = draw(st.integers(1, 30)), draw(st.integers(2, 5))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    truth = (random.random((rows, labels)) < random.choice([0.0, 0.1, 0.5, 1.0], labels)).astype(np.float32)
    logits = random.normal(size=(rows, labels)) * draw(st.sampled_from([0.1, 1, 50])) + 2 * truth - 1
    return truth, logits


@settings(max_examples=30, deadline=None)
@given(splits(), st.floats(0.1, 0.9))
def test_scores_equal_those_of_scikit_learn(split, threshold):
    truth, logits = split
    names = [f"l{j}" for j in range(truth.shape[1])]
    predictions = decode_labels(logits, labels=len(names), kind="sigmoid_logits", threshold=threshold)
    found = score_labels(truth, predictions, names)
    guess = predictions.labels
    assert found.exact_match == pytest.approx(metrics.accuracy_score(truth, guess))
    assert found.hamming_loss == pytest.approx(metrics.hamming_loss(truth, guess))
    for average in ("macro", "micro", "weighted"):
        theirs = metrics.precision_recall_fscore_support(truth, guess, average=average, zero_division=0)
        assert found.averages[average] == pytest.approx(theirs[:3])
    theirs = metrics.precision_recall_fscore_support(truth, guess, average=None, zero_division=0)
    assert [row[1:5] for row in found.per_label] == [pytest.approx(row) for row in zip(*theirs, strict=True)]
    kept = np.clip(predictions.probabilities, 1e-7, 1 - 1e-7)
    losses = [metrics.log_loss(truth[:, j], kept[:, j], labels=[0, 1]) for j in range(len(names))]
    assert found.log_loss == pytest.approx(np.mean(losses))
    mixed = [j for j in range(len(names)) if 0 < truth[:, j].sum() < len(truth)]
    if mixed:
        theirs = metrics.roc_auc_score(truth[:, mixed], predictions.scores[:, mixed], average="macro")
        assert found.roc_auc == pytest.approx(theirs)
    else:
        assert found.roc_auc is None
        why = "no label that some of these rows have and others have not"
        assert found.undefined == {"roc_auc": why, "average_precision": why}
    for j, row in enumerate(found.per_label):
        if j in mixed:
            column = truth[:, j], predictions.scores[:, j]
            assert row.roc_auc == pytest.approx(metrics.roc_auc_score(*column))
            assert row.average_precision == pytest.approx(metrics.average_precision_score(*column))
        else:
            assert row.roc_auc is row.average_precision is None
    if mixed:
        areas = [found.per_label[j].average_precision for j in mixed]
        assert found.average_precision == pytest.approx(np.mean(areas))
    assert found.brier == pytest.approx(((predictions.probabilities - truth) ** 2).mean())


def test_a_small_case_by_hand():
    predictions = decode_labels([[0.9, 0.2], [0.8, 0.6], [0.3, 0.1]], labels=2, kind="sigmoid")
    found = score_labels([[1, 0], [0, 1], [1, 0]], predictions, ["news", "sport"], average="weighted")
    assert predictions.labels.tolist() == [[1, 0], [1, 1], [0, 0]]
    assert found.exact_match == pytest.approx(1 / 3)
    assert found.hamming_loss == pytest.approx(2 / 6)
    assert [row[:5] for row in found.per_label] == [("news", 0.5, 0.5, 0.5, 2), ("sport", 1.0, 1.0, 1.0, 1)]
    assert found.averages["macro"].f1 == pytest.approx(0.75)
    assert found.averages["weighted"].f1 == pytest.approx((2 * 0.5 + 1) / 3)
    assert found.averages["micro"].f1 == pytest.approx(2 / 3)
    assert found.roc_auc == pytest.approx((0.5 + 1) / 2)
    assert [name for name, _ in found.headline()] == [
        "exact match",
        "Hamming loss",
        "precision (weighted)",
        "recall (weighted)",
        "F1 (weighted)",
        "F1 (micro)",
        "log loss",
        "ROC AUC",
    ]
    written = found.to_json()
    assert written["f1"] == written["averages"]["weighted"]["f1"]
    assert written["per_label"][1] == {
        "name": "sport", "precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1,
        "roc_auc": 1.0, "average_precision": 1.0,
    }  # fmt: skip


def test_the_threshold_moves_every_label_and_a_value_on_it_is_no():
    rows = [[0.5, 0.2], [0.4, 0.7]]
    assert decode_labels(rows, labels=2, kind="sigmoid").labels.tolist() == [[0, 0], [0, 1]]
    low = decode_labels(rows, labels=2, kind="sigmoid", threshold=0.3)
    assert low.labels.tolist() == [[1, 0], [1, 1]]
    logits = decode_labels(np.log(rows) - np.log1p(-np.array(rows)), labels=2, kind="sigmoid_logits")
    np.testing.assert_allclose(logits.probabilities, rows)


def test_each_label_can_have_a_threshold_of_its_own():
    found = decode_labels([[0.5, 0.5], [0.2, 0.9]], labels=2, kind="sigmoid", threshold=np.array([0.1, 0.6]))
    assert found.labels.tolist() == [[1, 0], [1, 1]]


def test_scores_are_cut_at_the_boundary_and_are_no_probabilities():
    found = decode_labels([[-0.5, 0.2]], labels=2, kind="scores", boundary=0.0)
    assert found.labels.tolist() == [[0, 1]]
    assert found.probabilities is None
    scored = score_labels([[0, 1]], found, ["a", "b"])
    assert scored.log_loss is None
    assert scored.undefined["log_loss"] == "the model's outputs are not probabilities"


def test_one_label_alone_is_scored_as_a_label():
    found = score_labels([[1], [0]], decode_labels([0.9, 0.8], labels=1, kind="sigmoid"), ["spam"])
    assert found.per_label == (("spam", 0.5, 1.0, pytest.approx(2 / 3), 1, 1.0, 1.0),)
    assert found.averages["macro"] == found.averages["micro"]


def test_labels_never_predicted_or_never_there_are_named():
    nothing = np.zeros((2, 3), int)
    predictions = LabelPredictions(nothing, None, nothing.astype(float))
    found = score_labels([[1, 0, 1], [0, 0, 1]], predictions, ["a", "b", "c"])
    assert found.notes == (
        "never predicted, so precision and F1 count as 0: labels 'a', 'b', 'c'",
        "not in these rows, so recall and F1 count as 0: label 'b'",
        "fewer than 10 rows, so that one row moves the recall by more than 0.1: labels 'a', 'c'",
        "the same in all of these rows, so ROC AUC leaves out labels 'b', 'c'",
    )
    assert found.roc_auc == 0.5


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(ConfigError) as error:
        decode_labels(np.ones((2, 3)), labels=4, kind="sigmoid")
    assert str(error.value) == (
        "model: the model's output shape is (None, 3), the data have 4 labels, which take (None, 4)"
    )
    with pytest.raises(DivergedError, match="not a finite number on 1 of 2 rows"):
        decode_labels([[1.0, 0.0], [np.nan, 1.0]], labels=2, kind="sigmoid")
    one = decode_labels([[0.9, 0.9]], labels=2, kind="sigmoid")
    with pytest.raises(DataError, match=r"^a label is 0 or 1 for each row, and one is 2$"):
        score_labels([[2, 0]], one, ["a", "b"])
    empty = decode_labels(np.ones((0, 2)), labels=2, kind="sigmoid")
    with pytest.raises(DataError, match=r"^there are no rows to score$"):
        score_labels(np.ones((0, 2)), empty, ["a", "b"])
    with pytest.raises(
        ValueError, match=r"^labels of shape \(1, 2\) for predictions of shape \(1, 2\) and 1 names$"
    ):
        score_labels([[1, 0]], one, ["a"])
