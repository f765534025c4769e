import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nntrain import arrays
from nntrain.arrays import Scaled
from nntrain.evaluation import (
    decode,
    decode_labels,
    evaluate_classes,
    evaluate_labels,
    evaluate_numbers,
    evaluate_reconstruction,
)
from nntrain.evaluation.baseline import (
    class_counts,
    column_means,
    majority_class,
    majority_labels,
    majority_predictions,
    mean_row,
)


def plain(value):
    """True for what JSON carries without loss: no NumPy scalars, no NaN, no tuples."""
    if isinstance(value, dict):
        return all(type(key) is str and plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(plain(item) for item in value)
    return value is None or type(value) in (str, int, float)


def test_majority_is_the_lowest_of_equally_frequent_classes():
    counts = class_counts(np.array([2, 1, 1, 2, 0]), 4)
    assert counts.tolist() == [1, 2, 2, 0]
    assert majority_class(counts) == 1
    found = majority_predictions(counts, rows=2)
    assert found.labels.tolist() == [1, 1]
    assert found.probabilities.tolist() == [[0.2, 0.4, 0.4, 0.0]] * 2


def test_the_mean_is_taken_of_each_number():
    assert column_means(np.array([1, 2, 6], np.float32)).tolist() == [3.0]
    assert column_means(np.array([[1, 0], [2, 1]], np.float32)).tolist() == [1.5, 0.5]


def test_labels_of_half_the_training_rows_are_not_predicted():
    found = majority_labels(np.array([0.5, 0.75]), 2)
    assert found.labels.tolist() == [[0, 1], [0, 1]]
    assert found.probabilities.tolist() == [[0.5, 0.75]] * 2


def test_a_mean_row_that_is_too_large_becomes_one_number():
    small, large = np.full((2, 100, 100), 3.0), np.full((2, 100, 101), 3.0)
    assert mean_row(small).shape == (100, 100)
    assert mean_row(large).shape == ()
    assert mean_row(large) == 3.0


@pytest.mark.parametrize("shape", [(3, 2), (40, 26), (1, 10_000), (3, 5_000), (10_001,)])
@pytest.mark.parametrize("block", [1, 4_000, 1 << 20])
def test_the_mean_row_of_bytes_is_that_of_their_numbers(monkeypatch, shape, block):
    monkeypatch.setattr(arrays, "BLOCK", block)
    rows = Scaled(np.random.default_rng(0).integers(0, 256, (57, *shape), np.uint8), 3, 255)
    whole = np.asarray(rows)
    expected = whole.mean(axis=0 if whole[0].size <= 10_000 else None, dtype=np.float64)
    for form in (rows, whole):
        found = mean_row(form)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-12 if found.ndim == 0 else 0)


@pytest.mark.parametrize("learn", [lambda rows: class_counts(rows, 3), column_means, mean_row])
def test_baselines_need_training_rows(learn):
    with pytest.raises(ValueError, match="at least one training row"):
        learn(np.array([], int))


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 4), st.integers(1, 20), st.integers(0, 2**32))
def test_baseline_is_right_as_often_as_the_training_majority_occurs(classes, rows, seed):
    random = np.random.default_rng(seed)
    truth, train = random.integers(0, classes, rows), random.integers(0, classes, 15)
    outputs = decode(random.normal(size=(rows, classes)), classes=classes, kind="softmax_logits")
    found = evaluate_classes(
        truth, outputs, counts=class_counts(train, classes), names=list("abcd")[:classes]
    )
    majority = int(np.bincount(train).argmax())
    assert found.baseline.accuracy == pytest.approx(np.mean(truth == majority))
    assert found.baseline.roc_auc in (None, 0.5)
    assert found.baseline_name == f"the majority class of the training rows, '{'abcd'[majority]}'"
    written = found.to_json()
    assert plain(written)
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    for scores in (written, written["baseline"]):
        missing = {name for name, value in scores.items() if value is None}
        assert missing == set(scores["undefined"])


def test_classification_headline_sets_each_score_beside_the_baseline():
    outputs = decode([0.9, 0.2, 0.7, 0.6], classes=2, kind="sigmoid")
    found = evaluate_classes([1, 0, 1, 0], outputs, counts=np.array([3, 1]), names=["no", "yes"])
    rows = {name: (value, reference) for name, value, reference in found.headline()}
    assert list(rows) == [
        "accuracy",
        "precision (macro)",
        "recall (macro)",
        "F1 (macro)",
        "log loss",
        "ROC AUC",
    ]
    assert rows["accuracy"] == (0.75, 0.5)
    assert rows["ROC AUC"] == (1.0, 0.5)
    assert rows["log loss"][1] == pytest.approx(-(np.log(0.75) + np.log(0.25)) / 2)


def test_classification_json_holds_what_a_run_needs():
    outputs = decode([0.9, 0.2, 0.7, 0.6], classes=2, kind="sigmoid")
    options = {"counts": np.array([3, 1]), "names": ["no", "yes"], "average": "binary"}
    written = evaluate_classes([1, 0, 1, 0], outputs, **options).to_json()
    assert written["rows"] == 4
    assert written["average"] == "binary"
    assert written["recall"] == 1.0
    assert written["recall"] == written["averages"]["binary"]["recall"]
    assert written["confusion_matrix"] == [[1, 1], [0, 2]]
    assert written["per_class"][0] == {
        "name": "no",
        "precision": 1.0,
        "recall": 0.5,
        "f1": pytest.approx(2 / 3),
        "support": 2,
        "roc_auc": 1.0,
        "average_precision": 1.0,
    }
    assert written["baseline"]["accuracy"] == 0.5
    assert "confusion_matrix" not in written["baseline"]


def test_regression_is_set_beside_the_mean_of_the_training_targets():
    found = evaluate_numbers(
        np.array([1.0, 3.0], np.float32), np.array([[1.0], [2.0]], np.float32), means=np.array([4.0])
    )
    assert found.baseline_name == "the mean of the training targets, 4"
    assert found.headline() == [
        ("MAE", 0.5, 2.0),
        ("RMSE", pytest.approx(0.5**0.5), pytest.approx(5**0.5)),
        ("R2", pytest.approx(0.5), pytest.approx(-4)),
        ("MAPE", pytest.approx(1 / 6), pytest.approx(5 / 3)),
    ]
    assert plain(found.to_json())


def test_a_score_that_overflows_is_none_in_json_with_a_word_on_it():
    found = evaluate_numbers([1e200, 2.0], [0.0, 2.0], means=np.array([1.0]))
    written = found.to_json()
    assert written["mse"] is None
    assert written["undefined"]["mse"] == "too large for a number"
    json.dumps(written, allow_nan=False)


def test_a_column_that_overflows_is_none_in_json():
    rows = np.array([[1e200, 1.0], [2.0, 2.0]])
    found = evaluate_numbers(rows, np.zeros((2, 2)), means=np.array([1.0, 1.0]), names=["a", "b"])
    first, second = found.to_json()["per_column"]
    assert first["rmse"] is None
    assert second["rmse"] == pytest.approx(2.5**0.5)
    json.dumps(found.to_json(), allow_nan=False)


def test_several_numbers_are_set_beside_the_mean_of_each():
    truth = np.array([[1.0, 10.0], [3.0, 30.0]])
    found = evaluate_numbers(truth, truth + 1, means=np.array([2.0, 20.0]), names=["width", "height"])
    assert found.baseline_name == "the means of the training targets, width 2, height 20"
    assert found.headline() == [
        ("MAE", 1.0, 5.5),
        ("RMSE", 1.0, pytest.approx((101 / 2) ** 0.5)),
        ("R2", pytest.approx(1 - (2 / 2 + 2 / 200) / 2), 0.0),
        ("MAPE", pytest.approx((1 + 1 / 3 + 1 / 10 + 1 / 30) / 4), pytest.approx((1 + 1 / 3) / 2)),
    ]
    assert plain(found.to_json())
    assert "per_column" not in found.to_json()["baseline"]


def test_labels_are_set_beside_what_most_training_rows_have():
    truth = np.array([[1, 0], [1, 1], [0, 1], [1, 0]])
    outputs = decode_labels(np.where(truth, 0.8, 0.3), labels=2, kind="sigmoid")
    found = evaluate_labels(truth, outputs, shares=np.array([0.7, 0.5]), names=["news", "sport"])
    assert found.baseline_name == "what most training rows have, label 'news'"
    rows = {name: (value, reference) for name, value, reference in found.headline()}
    assert rows["exact match"] == (1.0, 0.5)
    assert rows["Hamming loss"] == (0.0, 3 / 8)
    assert rows["ROC AUC"] == (1.0, 0.5)
    assert plain(found.to_json())
    assert "per_label" not in found.to_json()["baseline"]
    none = evaluate_labels(truth, outputs, shares=np.array([0.1, 0.5]), names=["news", "sport"])
    assert none.baseline_name == "what most training rows have, no label"


def test_a_reconstruction_is_set_beside_the_mean_training_row():
    truth = np.array([[0.0, 4.0], [2.0, 8.0]], np.float32)
    found = evaluate_reconstruction(truth, truth + 0.5, mean=np.array([1.0, 6.0]))
    assert found.baseline_name == "the mean of the training rows"
    assert found.headline() == [
        ("MSE", 0.25, 2.5),
        ("MAE", 0.5, 1.5),
        ("RMSE", 0.5, pytest.approx(2.5**0.5)),
        ("R2", pytest.approx(0.9), 0.0),
    ]
    assert plain(found.to_json())
    flat = evaluate_reconstruction(truth, truth, mean=np.asarray(3.5))
    assert flat.baseline_name == "the mean of all training values, 3.5"
    assert flat.baseline.mse == pytest.approx((3.5**2 + 0.5**2 + 1.5**2 + 4.5**2) / 4)


def test_scores_that_are_worse_than_the_baseline_are_named_whichever_way_they_go():
    outputs = decode([0.1, 0.9, 0.1, 0.2], classes=2, kind="sigmoid")
    found = evaluate_classes([1, 0, 1, 0], outputs, counts=np.array([3, 1]), names=["no", "yes"])
    assert found.worse() == [
        "accuracy", "precision (macro)", "recall (macro)", "F1 (macro)", "log loss", "ROC AUC",
    ]  # fmt: skip
    numbers = evaluate_numbers([1.0, 3.0], [1.0, 9.0], means=np.array([3.0]))
    assert numbers.worse() == ["MAE", "RMSE", "R2"]


def test_rounding_does_not_make_a_model_worse_than_its_baseline():
    found = evaluate_numbers([1.0, 3.0], [2.0000001, 2.0000001], means=np.array([2.0]))
    assert found.worse() == []
    assert found.model.rmse > found.baseline.rmse


def test_importing_evaluation_does_not_import_scikit_learn():
    code = "import sys, nntrain.evaluation; sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
