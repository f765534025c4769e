"""A threshold is chosen on the validation rows alone, recorded, and used wherever the run decides again."""

import json

import numpy as np
import pytest

from nntrain import evaluate, fit, load_config
from nntrain.errors import ConfigError
from nntrain.evaluation.threshold import choose
from nntrain.run.scoring import check_cut, decide
from nntrain.run.target import Target, Threshold
from nntrain.run.thresholds import chosen_note

CONFIG = """\
name: rare
seed: 2
data: {type: npz, path: rare.npz, task: %s, split: {validation: 0.3, test: 0.3}}
model: {layers: [{type: Dense, units: %d, activation: sigmoid}]}
training: {loss: binary_crossentropy, optimizer: {type: Adam, learning_rate: 0.05}, epochs: 2}
evaluation: {threshold: %s}
"""


def write(folder, rule="f1", labels=0):
    """A config of rows of which a few are positive; with labels, of which the last is in every row."""
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 3))
    y = (x[:, 0] + random.normal(size=200) > 1.3).astype(int)
    if labels:
        y = np.column_stack([y, x[:, 1] > 0, np.ones(200)]).astype(int)[:, -labels:]
    np.savez(folder / "rare.npz", x=x, y=y)
    file = folder / "rare.yaml"
    file.write_text(CONFIG % ("multi_label" if labels else "classification", labels or 1, rule))
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("thresholds")


@pytest.fixture(scope="module")
def trained(folder):
    return fit(load_config(write(folder)), folder / "runs")


def recorded(run):
    (target,) = json.loads((run / "run.json").read_text())["targets"]
    return target["threshold"]


def test_the_threshold_is_the_best_of_the_validation_rows_and_no_other(trained):
    rows = evaluate(trained.path, split="validation", examples=1000).examples
    positive = np.array([row["actual"] == "1" for row in rows]).astype(int)
    shares = np.array([row["p(1)"] for row in rows])
    found = choose(positive, shares, "f1")
    written = recorded(trained.path)
    assert written == {
        "rule": "f1",
        "chosen_on": "validation",
        "values": [found.value],
        "measured": [found.gained],
        "measured_at_0.5": [found.usual],
    }
    assert found.gained > found.usual
    assert json.loads((trained.path / "metrics.json").read_text())["threshold"] == written
    assert f"threshold chosen on the validation rows for F1: {found.value:.4g}" in trained.notes


def test_scores_and_predictions_are_cut_there(trained):
    (value,) = recorded(trained.path)["values"]
    rows = evaluate(trained.path, examples=1000).examples
    assert [row["predicted"] for row in rows] == [str(int(row["p(1)"] > value)) for row in rows]
    right = np.mean([row["predicted"] == row["actual"] for row in rows])
    assert trained.scores["test"].model.accuracy == pytest.approx(right)
    assert any((row["p(1)"] > value) != (row["p(1)"] > 0.5) for row in rows)


def test_evaluate_uses_the_recorded_threshold_on_splits_on_files_and_on_a_bare_model(trained, folder):
    test = evaluate(trained.path)
    assert test.scores.to_json() == trained.scores["test"].to_json()
    assert not [note for note in test.notes if "not the scores" in note]
    with np.load(folder / "rare.npz") as stored:
        index = [row["row"] for row in evaluate(trained.path, examples=1000).examples]
        np.savez(folder / "new.npz", x=stored["x"][index], y=stored["y"][index])
    new = evaluate(trained.path, data=folder / "new.npz")
    assert new.scores.model.accuracy == test.scores.model.accuracy
    config = load_config(folder / "rare.yaml")
    bare = evaluate(trained.path / "model.keras", config=config, trust_model=True)
    assert bare.scores.to_json() == test.scores.to_json()
    bare = evaluate(trained.path / "model.keras", config=config, data=folder / "new.npz", trust_model=True)
    assert bare.scores.model.accuracy == test.scores.model.accuracy


def test_scores_that_are_not_those_reported_are_told(trained, tmp_path):
    import shutil

    copy = tmp_path / "run"
    shutil.copytree(trained.path, copy)
    record = json.loads((copy / "run.json").read_text())
    record["targets"][0]["threshold"]["values"] = [0.999]
    (copy / "run.json").write_text(json.dumps(record))
    (note,) = [note for note in evaluate(copy).notes if "not the scores" in note]
    was = trained.scores["test"].model
    assert note.startswith("these are not the scores that the run reported for its test rows: accuracy is ")
    assert f" and was {was.accuracy:.6g}; precision (macro) is " in note
    assert "log loss" not in note
    (copy / "metrics.json").unlink()
    assert not [note for note in evaluate(copy).notes if "not the scores" in note]


def test_each_label_has_its_own_and_one_without_contrast_keeps_the_usual_one(folder):
    done = fit(load_config(write(folder, "youden", labels=3)), folder / "runs")
    written = recorded(done.path)
    assert written["values"][2] == 0.5
    assert written["measured"][2] is None
    assert len(set(written["values"])) == 3
    assert "the same in all validation rows, so the threshold stays at 0.5: '2'" in done.notes
    (note,) = [note for note in done.notes if note.startswith("threshold chosen")]
    first, second = (f"{value:.4g}" for value in written["values"][:2])
    assert note == f"threshold chosen on the validation rows for Youden's J: 0 {first}, 1 {second}, 2 0.5"
    assert evaluate(done.path).scores.to_json() == done.scores["test"].to_json()


def test_three_classes_are_refused_before_training(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text(
        "data: {type: csv, path: c.csv, target: y}\n"
        "model: {layers: [{type: Dense, units: '${data.classes}', activation: softmax}]}\n"
        "training: {loss: sparse_categorical_crossentropy, epochs: 1}\n"
        "evaluation: {threshold: f1}\n"
    )
    (tmp_path / "c.csv").write_text("a,y\n" + "".join(f"{i % 7},{'abc'[i % 3]}\n" for i in range(60)))
    with pytest.raises(ConfigError) as error:
        fit(load_config(file), tmp_path / "runs")
    message = "'f1' chooses a threshold, and the largest of 3 outputs decides; remove this"
    assert str(error.value).splitlines()[2] == f"4:25 evaluation.threshold: {message}"
    assert not list((tmp_path / "runs").glob("*/*"))


@pytest.mark.parametrize(
    ("names", "task", "validation", "message"),
    [
        (("a", "b", "c"), "classification", True,
         "chooses a threshold, and the data have 3 classes, of which the likeliest is taken; remove this"),
        ((), "regression", True,
         "chooses a threshold, and no target has two classes or labels; remove this"),
        (("a", "b"), "classification", False,
         "is chosen on validation rows, and there are none; write a number"),
    ],
)  # fmt: skip
def test_data_that_leave_nothing_to_choose_are_refused(names, task, validation, message):
    target = Target("y", task, names, (), np.ones(max(1, len(names))))
    check_cut(0.3, {"y": target}, validation)
    with pytest.raises(ConfigError) as error:
        check_cut("youden", {"y": target}, validation)
    assert str(error.value) == f"evaluation.threshold: 'youden' {message}"


def test_one_of_several_targets_is_enough():
    targets = {"a": Target("a", "regression", (), (), np.ones(1)),
               "b": Target("b", "multi_label", ("x",), (1,), np.ones(1))}  # fmt: skip
    check_cut("f1", targets, True)


def test_a_target_reads_its_threshold_back():
    chosen = Threshold("youden", (0.25, 0.5), (0.75, None), (0.5, None))
    target = Target.of("topics", "multi_label", ("news", "sport"), (2,), np.array([[1, 0], [0, 0]]))
    target = Target(**{**vars(target), "threshold": chosen})
    assert Target.from_json(json.loads(json.dumps(target.to_json()))).threshold == chosen
    assert target.describe()["threshold"] == chosen.to_json()
    decided = decide(target, np.array([[0.3, 0.3], [0.2, 0.6]]), kind="sigmoid", threshold=0.9)
    assert decided.labels.tolist() == [[1, 0], [0, 1]]
    assert chosen_note({"topics": target})[0] == (
        "threshold chosen on the validation rows for Youden's J: news 0.25, sport 0.5"
    )
