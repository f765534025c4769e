"""`show`: one run, whatever has become of it."""

import pytest

from nntrain.errors import ArtefactError
from nntrain.run.shelf.show import Bounds, Line, show
from tests.run.shelf.conftest import change


def test_a_finished_run_tells_what_was_trained(make_run):
    found = show(make_run(device="CPU", best_epoch=7, stopped_early=True))
    assert found.facts == {
        "began": found.facts["began"],
        "config": found.facts["config"],
        "data": "eight rows; 8 training, 4 test rows",
        "model": "Dense 3 softmax; 15 parameters",
        "training": "sparse_categorical_crossentropy; batches of None; seed 3",
        "device": "CPU, float32",
        "epochs": "20 of 20, the weights are those of epoch 7, stopped early; 1.5 s of training",
    }
    assert found.facts["began"].endswith(", 4.0 s in all")
    assert found.scores == {"": {"test": [Line("accuracy", 0.75, (None,)), Line("F1 (macro)", 0.5, (None,))]}}
    assert {"run.json", "metrics.json", "history.csv"} <= set(found.files)


def test_a_score_stands_with_its_interval_and_its_baseline(make_run):
    intervals = {"accuracy": {"low": 0.5, "high": 1.0}, "f1": {"low": 0.5, "high": 0.5}}
    scores = {
        "accuracy": 0.75,
        "f1": 0.5,
        "average": "macro",
        "intervals": intervals,
        "baseline": {"accuracy": 0.25},
    }
    found = show(make_run(scores={"test": scores}))
    assert found.scores[""]["test"] == [
        Line("accuracy", 0.75, (0.25,), Bounds(0.5, 1.0)),
        Line("F1 (macro)", 0.5, (None,)),
    ]


def test_a_failed_run_tells_why(make_run):
    found = show(make_run(status="failed", failure={"exit": 6, "message": "the loss\nbecame nan"}))
    assert (found.run.status, found.facts["failed"]) == ("failed", "the loss became nan")
    assert found.scores == {}


@pytest.mark.parametrize(
    ("status", "checkpoint", "stopped", "command"),
    [
        ("interrupted", True, False, "nntrain resume {}"),
        ("interrupted", False, False, None),
        ("failed", True, False, "nntrain resume {}"),
        ("finished", True, False, "nntrain resume {} --epochs 40"),
        ("finished", True, True, None),
    ],
)
def test_how_to_go_on_is_told_where_that_can_be(make_run, status, checkpoint, stopped, command):
    folder = make_run(status=status, stopped_early=stopped)
    if checkpoint:
        (folder / "checkpoint" / "00002").mkdir(parents=True)
    assert show(folder).further == (None if command is None else command.format(folder))


@pytest.mark.parametrize(
    "text", ["", "model: 3\ntraining: [1]\n", "a: {", "model: {layers: [3, {repeat: 2}]}\n"]
)
def test_a_damaged_config_leaves_the_rest(make_run, text):
    folder = make_run()
    (folder / "resolved.yaml").write_text(text)
    assert show(folder).facts["data"] == "eight rows; 8 training, 4 test rows"


def test_a_parent_tells_of_its_runs(make_run):
    spread = {"mean": 0.8, "std": 0.1, "folds": [0.7, 0.9]}
    folder = make_run(folds=2, runs=["fold-1", "fold-2"], scores={"test": {"accuracy": spread}})
    for number in (1, 2):
        config = {"file": "a.yaml", "overrides": ["training.epochs=2", f"data.split.fold={number}/2"]}
        make_run(f"small/2026-11-20_10-00-00/fold-{number}")
        change(folder / f"fold-{number}", config=config)
    found = show(folder)
    assert found.facts["folds"] == "2 of 2 finished: fold-1, fold-2"
    assert found.facts["config"] == "a.yaml training.epochs=2"
    assert found.scores[""]["test"] == [Line("accuracy", 0.8, (0.1,))]


def test_a_parent_that_was_ended_goes_on(make_run):
    folder = make_run(status="interrupted", seeds=2, runs=[])
    assert show(folder).further == f"nntrain resume {folder}"


def test_a_run_of_a_newer_release_is_refused(make_run):
    folder = make_run()
    change(folder, schema="nntrain.run/2")
    with pytest.raises(ArtefactError) as caught:
        show(folder)
    assert str(caught.value) == (
        f"{folder}/run.json: was written by nntrain 1 in a form that this one does not know (nntrain.run/2); "
        "install that release"
    )
    assert caught.value.problems[0].id == "version"


def test_a_folder_that_is_no_run_is_refused(runs):
    runs.mkdir()
    with pytest.raises(ArtefactError) as caught:
        show(runs)
    assert str(caught.value) == f"{runs} is no run: it has no run.json"


def test_a_record_that_cannot_be_gone_by_is_refused(make_run):
    folder = make_run()
    change(folder, status="asleep")
    with pytest.raises(ArtefactError) as caught:
        show(folder)
    assert str(caught.value) == (
        f"runs/small/{folder.name}/run.json: the record is damaged: 'status' is not as nntrain writes it"
    )
