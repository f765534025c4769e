"""Which pictures a run has, and that they are drawn from the numbers of its scores."""

import io
import json
import zipfile

import numpy as np
import pytest
from sklearn import metrics

from nntrain.arrays import Scaled
from nntrain.config.schema import Evaluation
from nntrain.run.drawing import AT_ONCE, DRAW, PLAN, Planned, draw, pack, unpack
from nntrain.run.pictured import MOST_CURVES, mistakes, of_scores, picked, planned
from nntrain.run.scoring import score
from nntrain.run.target import Target
from nntrain.training.choice import Engine
from nntrain.training.train import Trained
from tests.run.outputs import KIND, TARGETS, scored

HISTORY = [{"epoch": 1, "loss": 1.0, "learning_rate": 0.1}]
TRAINED = Trained(HISTORY, [0.1], best_epoch=1, stopped_early=True, engine=Engine("compiled"))
RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.integers(0, 3, 200)
SHARES = RANDOM.dirichlet([1, 1, 1], 200) * 0.5 + 0.5 * np.eye(3)[TRUTH]


def classified(truth=TRUTH, shares=SHARES, kind="softmax"):
    names = tuple(f"c{i}" for i in range(int(truth.max()) + 1))
    target = Target.of("target", "classification", names, (), truth)
    return score(target, truth, shares, np.arange(len(truth)) + 10, kind=kind, evaluation=Evaluation())


def drawn_of(found):
    return dict(of_scores(found))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("kind", ["confusion", "roc", "precision_recall", "reliability"]),
        ("topics", ["labels", "roc", "precision_recall", "reliability"]),
        ("width", ["predicted_actual", "residuals"]),
        ("size", ["predicted_actual"]),
        ("copy", ["errors"]),
    ],
)
def test_each_task_has_its_pictures(name, kinds):
    assert list(drawn_of(scored(name)[name])) == kinds


def test_files_name_the_rows_and_the_outputs():
    names = list(planned(TRAINED, scored("kind", "width"), "validation"))
    assert names[0] == "history"
    assert {"roc_validation_kind", "residuals_validation_width"} <= set(names)
    assert "roc_test" in planned(TRAINED, scored("kind"), "test")


def test_the_history_is_marked():
    (history, *_) = planned(TRAINED, scored("width"), "test").values()
    assert history.arguments["history"] == {"loss": [1.0]}
    assert (history.arguments["best_epoch"], history.arguments["stopped_epoch"]) == (1, 1)


def test_the_curves_of_classes_are_those_of_the_scores():
    found = classified()
    drawn = drawn_of(found)
    for i, line in enumerate(drawn["roc"]["lines"]):
        assert line.name == f"c{i}"
        assert line.share == np.mean(i == TRUTH)
        assert line.area == pytest.approx(metrics.roc_auc_score(i == TRUTH, SHARES[:, i]))
    mean = np.mean([line.area for line in drawn["roc"]["lines"]])
    assert mean == pytest.approx(found.scores.model.numbers()["roc_auc"])
    mean = np.mean([line.area for line in drawn["precision_recall"]["lines"]])
    assert mean == pytest.approx(found.scores.model.numbers()["average_precision"])


def test_reliability_is_the_calibration_error_of_the_scores():
    found = classified()
    drawn = drawn_of(found)["reliability"]
    gaps = np.abs(drawn["confidence"] - drawn["frequency"]) * drawn["counts"]
    assert gaps.sum() / drawn["counts"].sum() == pytest.approx(drawn["error"])
    assert drawn["error"] == found.scores.model.numbers()["calibration_error"]


def test_two_classes_have_one_curve():
    truth = (TRUTH > 0).astype(np.int64)
    lines = drawn_of(classified(truth, 1 - SHARES[:, :1], "sigmoid"))["roc"]["lines"]
    assert [line.name for line in lines] == ["c1"]


def test_outputs_that_are_no_probabilities_have_no_reliability():
    assert list(drawn_of(classified(shares=SHARES * 7, kind="scores"))) == [
        "confusion",
        "roc",
        "precision_recall",
    ]


def test_of_very_many_classes_the_largest_have_curves():
    truth = np.r_[np.arange(120), np.arange(20, 120)]
    lines = drawn_of(classified(truth, RANDOM.dirichlet(np.ones(120), len(truth))))["roc"]["lines"]
    assert [line.name for line in lines] == [f"c{i}" for i in range(20, 120)]
    assert len(lines) == MOST_CURVES


def test_a_class_without_rows_has_no_curve():
    target = Target.of("target", "classification", ("a", "b", "c"), (), TRUTH)
    found = score(target, TRUTH % 2, SHARES, np.arange(200), kind="softmax", evaluation=Evaluation())
    assert [line.name for line in drawn_of(found)["roc"]["lines"]] == ["a", "b"]


def test_mistakes_are_the_most_confident_ones():
    images = RANDOM.random((200, 8, 8))
    truth = (TRUTH + (np.arange(200) % 3 == 0)) % 3
    found = mistakes(classified(truth), images)
    labels = SHARES.argmax(axis=1)
    wrong = np.flatnonzero(labels != truth)
    best = sorted(wrong, key=lambda i: -SHARES[i].max())[:24]
    assert (found["wrong"], found["rows"]) == (len(wrong), 200)
    assert found["index"].tolist() == [i + 10 for i in best]
    assert found["actual"] == [f"c{truth[i]}" for i in best]
    assert found["predicted"] == [f"c{labels[i]}" for i in best]
    np.testing.assert_array_equal(found["images"], images[best])
    np.testing.assert_allclose(found["confidence"], SHARES[best].max(axis=1))


def test_without_mistakes_and_probabilities_there_are_no_images():
    images = np.zeros((200, 8, 8))
    assert mistakes(classified(SHARES.argmax(axis=1)), images) is None
    assert mistakes(classified(shares=SHARES * 7, kind="scores"), images) is None
    assert mistakes(scored("width")["width"], images) is None


def test_rows_are_taken_in_the_order_asked_for():
    values = np.arange(40, dtype=np.uint8).reshape(10, 4)
    at = np.array([7, 0, 3])
    np.testing.assert_array_equal(picked(values, at), values[at])
    np.testing.assert_array_equal(picked(Scaled(values, 0, 2), at), values[at] / 2)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_kept_draws_the_same_picture(name):
    found = scored(name)[name]
    for kind, arguments in of_scores(found):
        (again,) = unpack(pack({"x": Planned(kind, arguments)})).values()
        assert again.kind == kind
        assert set(again.arguments) == set(arguments)
        assert draw(again)._size == draw(Planned(kind, arguments))._size


def test_numbers_are_kept_as_they_are():
    arguments = {
        "a": np.arange(3),
        "b": float("nan"),
        "c": ("x", None, [True, np.float32(0.5)]),
        "d": {"e": KIND},
    }
    (again,) = unpack(pack({"x": Planned("roc", arguments)})).values()
    np.testing.assert_array_equal(again.arguments["a"], np.arange(3))
    assert np.isnan(again.arguments["b"])
    assert again.arguments["c"] == ["x", None, [True, 0.5]]
    np.testing.assert_array_equal(again.arguments["d"]["e"], KIND)
    assert pack({"x": Planned("roc", arguments)}) == pack({"x": Planned("roc", arguments)})


def test_packed_parts_are_refused():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(f"{PLAN}.npy", json.dumps({}))
    with pytest.raises(ValueError, match="a part is packed"):
        unpack(content.getvalue())


def test_what_fit_draws_can_be_drawn():
    assert set(DRAW) >= AT_ONCE
