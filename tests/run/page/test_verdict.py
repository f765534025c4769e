"""A run in a sentence, for each task."""

import pytest

from nntrain.run.page.course import Outcome
from nntrain.run.page.verdict import of_several, verdict

INTERVAL = {"low": 0.8, "high": 0.95, "resamples": 1000}
SAID = [
    (
        "classification",
        "test",
        {
            "accuracy": 0.9,
            "intervals": {"accuracy": INTERVAL},
            "baseline": {"name": "always 'a'", "accuracy": 0.5},
        },
        "The class is right for 90.0 % of the 1,200 test rows, which the network has not seen (95 % interval "
        "80.0 % to 95.0 %); the baseline (always 'a') has 50.0 %.",
        "good",
    ),
    (
        "classification",
        "test",
        {
            "accuracy": 0.9,
            "intervals": {"accuracy": INTERVAL},
            "baseline": {"name": "always 'a'", "accuracy": 0.85},
        },
        "The class is right for 90.0 % of the 1,200 test rows, which the network has not seen (95 % interval "
        "80.0 % to 95.0 %); the baseline (always 'a') has 85.0 %, which lies within the interval: the gain may "
        "be chance.",
        "note",
    ),
    (
        "multi_label",
        "validation",
        {"exact_match": 0.25, "baseline": {"name": "no label", "exact_match": 0.5}},
        "All labels are right for 25.0 % of the 1,200 validation rows, which the network was not trained on: no "
        "better than the baseline (no label), which has 50.0 %.",
        "bad",
    ),
    (
        "regression",
        "test",
        {"mae": 12.5, "baseline": {"name": "the mean, 30", "mae": 40.0}},
        "The predictions miss by 12.5000 on average (MAE) on the 1,200 test rows, which the network has not seen; "
        "the baseline (the mean, 30) has 40.0000.",
        "good",
    ),
    (
        "reconstruction",
        "training",
        {"mse": 0.01, "baseline": {"name": "the mean row", "mse": 0.1}},
        "Rows are given back with a mean squared error of 0.0100 on the 1,200 training rows, which the network "
        "learnt from; no rows were held out; the baseline (the mean row) has 0.1000.",
        "good",
    ),
    (
        "segmentation",
        "test",
        {"mean_iou": 0.6},
        "Predicted and actual masks overlap with a mean IoU of 0.6000 on the 1,200 test rows, which the network has "
        "not seen.",
        "plain",
    ),
    (
        "classification",
        "test",
        {"accuracy": None},
        "The score that counts is not defined on the 1,200 test rows, which the network has not seen.",
        "note",
    ),
]


@pytest.mark.parametrize(("task", "split", "scores", "text", "tone"), SAID)
def test_the_chief_score_is_told_beside_its_baseline(task, split, scores, text, tone):
    assert verdict(Outcome("", task, {"rows": 1200, **scores}), split) == (text, tone)


def test_an_output_is_named_where_there_are_several():
    text, _ = verdict(Outcome("width", "regression", {"rows": 3, "mae": 1.0}), "test")
    assert text == (
        "The predictions of 'width' miss by 1.0000 on average (MAE) on the 3 test rows, which the network has not seen."
    )


def test_folds_have_a_mean_and_a_deviation():
    scores = {
        "accuracy": {"mean": 0.9, "std": 0.02, "folds": [0.88, 0.92]},
        "baseline": {"name": "x", "accuracy": {"mean": 0.5, "std": 0.0, "folds": [0.5, 0.5]}},
    }
    (found,) = of_several("folds", 2, "test", {"": scores}, ["classification"])
    assert found == (
        "Over 2 folds the accuracy on the test rows is 0.9000 on average, with a standard deviation of 0.0200; the "
        "baseline has 0.5000.",
        "good",
    )
