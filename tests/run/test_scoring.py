"""Each output is scored by its task, and from a run's record alone."""

import json

import numpy as np
import pytest

from nntrain.config.schema import Evaluation
from nntrain.run.scoring import score, worse_than_baseline
from nntrain.run.target import Target
from tests.run.outputs import GIVEN, INDEX, KINDS, TARGETS, TRUTH, scored


def again(target):
    """The target after it was written and read."""
    return Target.from_json(json.loads(json.dumps(target.to_json())))


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_scores_the_same_after_it_was_written_and_read(name):
    target, evaluation = TARGETS[name], Evaluation()
    read = again(target)
    assert (read.name, read.task, read.names, read.shape) == (name, target.task, target.names, target.shape)
    np.testing.assert_array_equal(read.known, target.known)
    found = score(
        read, TRUTH[name], GIVEN[name], INDEX, kind=KINDS.get(name, "scores"), evaluation=evaluation
    )
    assert found.scores.to_json() == scored(name)[name].scores.to_json()


def test_the_record_holds_what_a_baseline_knows_and_no_more():
    assert TARGETS["kind"].to_json() == {
        "name": "kind",
        "task": "classification",
        "names": ["ant", "bee", "wasp"],
        "shape": [],
        "train_counts": [1, 2, 1],
    }
    assert TARGETS["width"].to_json()["train_means"] == [3.5]
    assert TARGETS["size"].to_json()["train_means"] == [3.5, 28.5]
    assert TARGETS["topics"].to_json()["train_shares"] == [0.5, 0.5]
    assert TARGETS["copy"].to_json()["train_row"] == [5.5, 6.5, 7.5]


@pytest.mark.parametrize("shape", [(101, 100), (3, 1), (1,)])
def test_a_mean_row_keeps_its_shape_and_a_large_one_is_one_number(shape):
    target = Target.of("copy", "reconstruction", (), shape, np.full((2, *shape), 2.5, np.float32))
    assert again(target).known.shape == (() if shape == (101, 100) else shape)
    rows = np.zeros((2, *shape))
    found = score(again(target), rows, rows, INDEX[:2], evaluation=Evaluation()).scores
    assert found.baseline.mse == 2.5**2
    large = "the mean of all training values, 2.5"
    assert found.baseline_name == (large if shape == (101, 100) else "the mean of the training rows")


def test_every_task_is_scored_by_its_own_scores():
    found = scored(*TARGETS)
    assert found["kind"].scores.model.accuracy == 0.75
    assert found["kind"].labels.tolist() == [0, 1, 2, 0]
    assert found["width"].scores.model.mae == 0.375
    assert found["size"].scores.model.per_column[1].mae == 5
    assert found["topics"].scores.model.exact_match == 0.75
    assert found["topics"].labels.tolist() == [[1, 0], [1, 1], [0, 1], [1, 0]]
    assert found["copy"].scores.model.mse == 0.25
    assert found["copy"].probabilities is None


def test_threshold_and_average_apply_to_labels():
    high = scored("topics", evaluation=Evaluation(threshold=0.75, average="weighted"))["topics"]
    assert high.labels.tolist() == [[1, 0], [1, 0], [0, 0], [0, 0]]
    assert high.scores.model.to_json()["average"] == "weighted"


def test_being_worse_than_the_baseline_is_said_with_the_output_where_there_are_several():
    bad = {**GIVEN, "width": GIVEN["width"] + 100}
    alone = {name: found.scores for name, found in scored("width", given=bad).items()}
    assert worse_than_baseline(alone, "test rows") == (
        "on the test rows the model is worse than its baseline in MAE, RMSE, R2, MAPE",
    )
    several = {name: found.scores for name, found in scored("kind", "width", given=bad).items()}
    assert worse_than_baseline(several, "rows of new.csv") == (
        "on the rows of new.csv the model of 'width' is worse than its baseline in MAE, RMSE, R2, MAPE",
    )


def test_a_model_above_its_baseline_gets_no_word():
    assert worse_than_baseline({n: f.scores for n, f in scored("kind", "copy").items()}, "test rows") == ()
