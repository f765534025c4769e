import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nntrain.evaluation import decode, evaluate_split
from nntrain.evaluation.baseline import majority_class, majority_predictions, mean_predictions


def plain(value):
    """True for what JSON carries without loss: no NumPy scalars, no NaN, no tuples."""
    if isinstance(value, dict):
        return all(type(key) is str and plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(plain(item) for item in value)
    return value is None or type(value) in (str, int, float)


def test_majority_is_the_lowest_of_equally_frequent_classes():
    assert majority_class(np.array([2, 1, 1, 2, 0]), 3) == 1
    found = majority_predictions(np.array([2, 1, 1, 2, 0]), 4, rows=2)
    assert found.labels.tolist() == [1, 1]
    assert found.probabilities.tolist() == [[0.2, 0.4, 0.4, 0.0]] * 2


def test_mean_baseline_repeats_the_mean_of_the_training_targets():
    assert mean_predictions(np.array([1, 2, 6], np.float32), 2).tolist() == [3.0, 3.0]


def test_baselines_need_training_rows():
    with pytest.raises(ValueError, match="at least one training row"):
        majority_class(np.array([], int), 3)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 4), st.integers(1, 20), st.integers(0, 2**32))
def test_baseline_is_right_as_often_as_the_training_majority_occurs(classes, rows, seed):
    random = np.random.default_rng(seed)
    truth, train = random.integers(0, classes, rows), random.integers(0, classes, 15)
    outputs = decode(random.normal(size=(rows, classes)), classes=classes, kind="softmax_logits")
    found = evaluate_split(truth, outputs, train_truth=train, class_names=list("abcd")[:classes])
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
    found = evaluate_split([1, 0, 1, 0], outputs, train_truth=[0, 0, 0, 1], class_names=["no", "yes"])
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
    options = {"train_truth": [0, 0, 0, 1], "class_names": ["no", "yes"], "average": "binary"}
    written = evaluate_split([1, 0, 1, 0], outputs, **options).to_json()
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
    }
    assert written["baseline"]["accuracy"] == 0.5
    assert "confusion_matrix" not in written["baseline"]


def test_regression_is_set_beside_the_mean_of_the_training_targets():
    found = evaluate_split(
        np.array([1.0, 3.0], np.float32), np.array([[1.0], [2.0]], np.float32), train_truth=[2.0, 4.0, 6.0]
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
    found = evaluate_split([1e200, 2.0], [0.0, 2.0], train_truth=[1.0])
    written = found.to_json()
    assert written["mse"] is None
    assert written["undefined"]["mse"] == "too large for a number"
    json.dumps(written, allow_nan=False)


def test_importing_evaluation_does_not_import_scikit_learn():
    code = "import sys, nntrain.evaluation; sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
