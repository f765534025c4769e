"""`fit --folds`: whole runs under a parent that says what they say together."""

import json
import statistics
from types import SimpleNamespace

import numpy as np
import pytest

from nntrain import evaluate, fit, fit_folds, load_config
from nntrain.config.folds import FOLDS
from nntrain.errors import ArtefactError, ConfigError, DataError, DivergedError, UsageError
from nntrain.run.reading import read_data
from nntrain.run.signals import Interrupted
from tests.conftest import BLOBS
from tests.run.breaker import Breaker

QUICK = BLOBS.replace("epochs: 5", "epochs: 2")


def record(path):
    return json.loads((path / "run.json").read_text())


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Three folds of the small config."""
    folder = tmp_path_factory.mktemp("folds")
    config = folder / "blobs.yaml"
    config.write_text(QUICK)
    done = fit_folds(load_config(config), 3, folder / "runs")
    return SimpleNamespace(result=done, path=done.path, config=config, runs=folder / "runs")


def test_each_fold_is_a_whole_run_in_the_parent(trained):
    parent = record(trained.path)
    assert (parent["status"], parent["folds"], parent["runs"]) == (
        "finished",
        3,
        ["fold-1", "fold-2", "fold-3"],
    )
    assert (trained.runs / "latest").resolve() == trained.path.resolve()
    assert not list(trained.path.glob("latest"))
    for number in (1, 2, 3):
        run = record(trained.path / f"fold-{number}")
        assert (run["status"], run["fold"]) == ("finished", {"number": number, "of": 3})
        assert run["data"]["rows"] == {"train": 60, "validation": 30, "test": 30}
        assert run["config"]["overrides"] == [f"data.split.fold={number}/3"]
        files = {file.name for file in (trained.path / f"fold-{number}").iterdir()}
        assert {"model.keras", "metrics.json", "history.csv", "log.txt", "resolved.yaml"} <= files


def test_the_parent_holds_mean_deviation_and_each_value_of_every_score(trained):
    metrics = json.loads((trained.path / "metrics.json").read_text())
    assert (metrics["schema"], metrics["folds"]) == ("nntrain.folds/1", 3)
    each = [
        json.loads((trained.path / f"fold-{k}" / "metrics.json").read_text())["splits"] for k in (1, 2, 3)
    ]
    for split in ("validation", "test"):
        for score in ("accuracy", "f1", "log_loss"):
            values = [fold[split][score] for fold in each]
            found = metrics["splits"][split][score]
            assert found["folds"] == values
            assert found["mean"] == pytest.approx(statistics.mean(values))
            assert found["std"] == pytest.approx(statistics.stdev(values), abs=1e-12)
        recall = [fold[split]["per_class"][1]["recall"] for fold in each]
        assert metrics["splits"][split]["per_class"][1]["recall"]["folds"] == recall
        assert metrics["splits"][split]["per_class"][1]["name"] == "1"
        assert metrics["splits"][split]["baseline"]["accuracy"]["mean"] > 0


def test_a_fold_equals_a_plain_fit_on_the_same_division(trained, tmp_path):
    config = load_config(trained.config, ["data.split.fold=2/3"])
    alone = fit(config, tmp_path / "runs")
    inside = trained.result.runs[1]
    assert alone.history == inside.history
    assert alone.to_json()["metrics"] == inside.to_json()["metrics"]


def test_every_row_is_scored_once_and_the_test_rows_stay(trained):
    config = load_config(trained.config)
    datasets = [read_data(FOLDS.of(config, number, 3)) for number in (1, 2, 3)]
    held = np.concatenate([dataset.validation.index for dataset in datasets])
    test = read_data(config).test.index
    np.testing.assert_array_equal(np.sort(np.concatenate([held, test])), np.arange(120))
    assert all(np.array_equal(dataset.test.index, test) for dataset in datasets)


def test_evaluate_gives_the_numbers_that_fit_gave(trained):
    scored = evaluate(trained.path)
    assert (scored.split, len(scored.each)) == ("test", 3)
    assert scored.metrics()["test"] == trained.result.metrics()["test"]
    assert json.loads(scored.written.read_text())["splits"] == scored.metrics()
    held_out = evaluate(trained.path, split="validation")
    assert held_out.metrics()["validation"] == trained.result.metrics()["validation"]
    one = evaluate(trained.path / "fold-3", split="validation")
    assert one.scores.to_json() == trained.result.runs[2].scores["validation"].to_json()


def test_rows_of_a_parent_are_not_shown(trained):
    with pytest.raises(UsageError) as caught:
        evaluate(trained.path, examples=3)
    assert str(caught.value) == (
        f"{trained.path} holds a run for each fold; show the rows of one, such as {trained.path}/fold-1"
    )


def test_an_interruption_keeps_finished_folds(write_config, tmp_path):
    with pytest.raises(Interrupted) as caught:
        fit_folds(load_config(write_config(QUICK)), 3, tmp_path / "runs", observer=Breaker(2))
    (parent,) = (tmp_path / "runs" / "blobs").iterdir()
    assert caught.value.message == f"stopped in fold 2 of 3; go on with: nntrain resume {parent}"
    assert (record(parent)["status"], record(parent)["runs"]) == ("interrupted", ["fold-1"])
    assert record(parent / "fold-1")["status"] == "finished"
    assert record(parent / "fold-2")["status"] == "interrupted"
    assert not (parent / "metrics.json").exists()
    assert evaluate(parent / "fold-1").split == "test"
    with pytest.raises(ArtefactError) as refused:
        evaluate(parent)
    assert str(refused.value) == (
        f"the run {parent} was interrupted when 1 of its 3 folds were finished; go on with: nntrain resume "
        f"{parent}, or score a finished fold: {parent}/fold-1"
    )


def test_a_fold_that_diverges_is_in_the_record(write_config, tmp_path):
    text = QUICK.replace("learning_rate: 0.05", "learning_rate: 1e30")
    with pytest.raises(DivergedError):
        fit_folds(load_config(write_config(text)), 2, tmp_path / "runs")
    (parent,) = (tmp_path / "runs" / "blobs").iterdir()
    assert (record(parent)["status"], record(parent)["failure"]["exit"]) == ("failed", 6)


def test_the_network_the_classes_and_each_note_are_told_once(write_config, tmp_path):
    observer = Breaker()
    text = QUICK.replace("test: 0.25", "test: 0").replace("epochs: 2", "epochs: 1\n  early_stopping: {}")
    done = fit_folds(load_config(write_config(text)), 2, tmp_path / "runs", observer=observer)
    assert observer.told[:4] == ["fold 1 of 2", "classes", "network", "fold 2 of 2"]
    assert set(done.outputs["target"]) == {"validation"}
    assert done.notes[-1] == (
        "early stopping chose each fold's epoch by the rows that score it, so validation scores flatter"
    )


TABLE = """\
data:
  type: csv
  path: rows.csv
  target: y
  split: {test: 0}
  preprocess: {numeric: {scale: standard}}
model:
  layers: [{type: Dense, units: 2, activation: softmax}]
training: {loss: sparse_categorical_crossentropy, epochs: 1}
"""


def test_preprocessing_learns_from_each_folds_own_training_rows(write_config, tmp_path):
    values = np.random.default_rng(0).normal(size=60)
    values[7] = 1e6  # whoever looks at this row knows of it
    rows = "".join(f"{value},{i % 2}\n" for i, value in enumerate(values))
    (tmp_path / "rows.csv").write_text(f"a,y\n{rows}")
    config = load_config(write_config(TABLE))
    for number in (1, 2, 3):
        dataset = read_data(FOLDS.of(config, number, 3))
        own = values[dataset.train.index]
        np.testing.assert_allclose(
            dataset.train.x[:, 0], (own - own.mean()) / own.std(), rtol=1e-5, atol=1e-6
        )
        held = values[dataset.validation.index]
        expected = (held - own.mean()) / own.std()
        np.testing.assert_allclose(dataset.validation.x[:, 0], expected, rtol=1e-5, atol=1e-6)
        assert (abs(dataset.validation.x).max() > 1e5) == (7 in dataset.validation.index)


def test_unfit_rows_of_a_later_fold_leave_nothing(write_config, tmp_path):
    text = TABLE.replace("test: 0", "test: 0, stratify: false")
    base = load_config(write_config(text))
    (tmp_path / "rows.csv").write_text("a,y\n" + "1,x\n2,z\n" * 15)
    last = read_data(FOLDS.of(base, 3, 3)).validation.index[0]
    rows = ["1,x", "2,z"] * 15
    rows[last] = "1,rare"
    (tmp_path / "rows.csv").write_text("a,y\n" + "\n".join(rows) + "\n")
    text = text.replace("units: 2", "units: 3")
    with pytest.raises(DataError) as caught:
        fit_folds(load_config(write_config(text)), 3, tmp_path / "runs")
    assert "labels that stand in the validation rows and in no training row can't be learnt: rare (1)" in str(
        caught.value
    )
    assert not list((tmp_path / "runs").iterdir())


def test_data_that_bring_their_own_validation_rows_have_no_folds(write_config):
    data = "  validation_path: other.csv\n  split: {test: 0}"
    config = load_config(write_config(TABLE.replace("  split: {test: 0}", data)))
    with pytest.raises(ConfigError) as caught:
        FOLDS.of(config, 1, 5)
    assert str(caught.value) == (
        "command line: data.split.fold: the set brings its own validation rows, and a fold would "
        "take their place; remove one of them\n       data.split.fold=1/5\n                       ^"
    )
