"""`nntrain resume` and `nntrain fit --resume` as a user types them."""

import json
import shutil

import pytest


@pytest.fixture
def run(finished_run, tmp_path):
    """A finished run of five epochs, as a user in its folder names it."""
    shutil.copytree(finished_run.path, tmp_path / "runs" / "blobs" / "mine")
    shutil.copy(finished_run.config, tmp_path / "blobs.yaml")
    return "runs/blobs/mine"


def test_a_finished_run_says_how_to_train_it_longer(nntrain, run, tmp_path):
    done = nntrain("resume", run, cwd=tmp_path)
    assert (done.code, done.out, done.err) == (
        9, "", f"{run} has finished its 5 epochs; to train it longer: nntrain resume {run} --epochs 10\n",
    )  # fmt: skip
    told = json.loads(nntrain("resume", run, "--json", cwd=tmp_path).out)
    assert (told["exit"], told["error"]["id"]) == (9, "run-finished")


@pytest.mark.parametrize(
    "arguments", [["resume", "RUN", "--epochs", "6"], ["fit", "--resume", "RUN", "training.epochs=6"]]
)
def test_a_finished_run_is_trained_longer(nntrain, run, tmp_path, arguments):
    done = nntrain(*(run if word == "RUN" else word for word in arguments), "--json", cwd=tmp_path)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["epochs"], told["run"]) == (6, {"dir": run, "name": "blobs", "status": "finished"})
    lines = done.err.splitlines()
    assert lines[0] == "note: going on after epoch 5 of 6"
    assert lines[-1].startswith("epoch 6/6  loss ")


def test_a_config_that_differs_from_that_of_the_run_is_refused(nntrain, run, tmp_path):
    asked = ["fit", "blobs.yaml", "--resume", run, "training.epochs=6"]
    done = nntrain(*asked, "training.batch_size=20", cwd=tmp_path)
    assert (done.code, done.err) == (
        9,
        f"{run} would not go on as it began: training.batch_size: 16 -> 20. Undo that, or add --force to go "
        "on all the same\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["fit"], 2, "name a config file, such as nntrain fit config.yaml"),
        (["fit", "c.yaml", "--force"], 2, "--force goes with --resume RUN; leave it out"),
        (
            ["fit", "--resume", "r", "--folds", "3"],
            2,
            "--resume goes on with a run as it began, so --folds says nothing; leave it out",
        ),
        (
            ["fit", "--resume", "r", "--device", "cpu"],
            2,
            "--resume goes on with a run as it began, so --device says nothing; leave it out",
        ),
        (["resume", "nowhere"], 5, "there is no run at nowhere"),
    ],
)
def test_what_does_not_go_together_is_refused(nntrain, tmp_path, arguments, code, message):
    done = nntrain(*arguments, cwd=tmp_path)
    assert (done.code, done.out, done.err) == (code, "", f"{message}\n")
