"""Runs of older releases are read, or say that they are older and what to do."""

import json
import shutil

import pytest

from nntrain import evaluate
from nntrain.errors import ArtefactError
from nntrain.run.resume import resume
from nntrain.run.verify import verify
from tests.data.prepare.test_document import VERSION_2
from tests.reliability.malicious_runs import vouched

FIRST = ("schema", "status", "name", "seed", "started", "device", "config", "data", "parameters", "versions")
FIRST += ("machine", "process", "command", "folder", "git", "sha256", "epochs", "best_epoch", "timings")
"""What the first release wrote of a run."""


@pytest.fixture
def older(finished_run, tmp_path):
    """A run as the first release left it: no weights.safetensors, no manifest, no checkpoints, a short record."""
    run = shutil.copytree(finished_run.path, tmp_path / "run")
    shutil.rmtree(run / "checkpoint")
    for name in ("weights.safetensors", "manifest.json", ".lock"):
        (run / name).unlink()
    content = json.loads((run / "run.json").read_text())
    content = {key: content[key] for key in FIRST}
    del content["sha256"]["weights.safetensors"]
    content["config"] = {key: content["config"][key] for key in ("file", "overrides")}
    content["data"]["task"] = "classification"
    (run / "run.json").write_text(json.dumps(content))
    return run


def refusal(do, *arguments, **options):
    with pytest.raises(ArtefactError) as raised:
        do(*arguments, **options)
    (problem,) = raised.value.problems
    return problem.as_json()["id"], str(raised.value)


def test_a_run_of_the_first_release_says_how_its_model_can_be_scored(older):
    assert refusal(evaluate, older) == (
        "older-run",
        f"the run was made by an older nntrain and has no weights.safetensors; score its model with nntrain "
        f"evaluate {older}/model.keras --config {older}/resolved.yaml --trust-model",
    )


def test_the_command_that_it_names_gives_the_scores_of_the_run(older, finished_run, nntrain):
    command = ["evaluate", older / "model.keras", "--config", older / "resolved.yaml", "--trust-model"]
    done = nntrain(*command, "--json")
    assert done.code == 0, done.err
    scores = json.loads(done.out)["metrics"]["test"]
    recorded = json.loads((finished_run.path / "metrics.json").read_text())["splits"]["test"]
    assert scores["accuracy"] == recorded["accuracy"]


def test_a_run_of_the_first_release_has_no_checkpoint_to_go_on_from(older):
    word, message = refusal(resume, older)
    assert word == "no-checkpoint"
    assert message.startswith(f"{older}: has no checkpoint to go on from: ")


def test_a_run_of_the_first_release_lacks_its_manifest(older):
    found = verify(older)
    assert found.files["manifest.json"] == "missing"
    assert {state for name, state in found.files.items() if name != "manifest.json"} == {"ok"}


@pytest.mark.parametrize("key", ["threads", "onednn"])
def test_a_run_that_did_not_note_how_it_computed_does_not_go_on(finished_run, tmp_path, key):
    run = shutil.copytree(finished_run.path, tmp_path / "run")
    content = json.loads((run / "run.json").read_text())
    del content[key]
    (run / "run.json").write_text(json.dumps(content))
    assert refusal(resume, run, ["training.epochs=6"]) == (
        "older-run",
        f"{run} was made by an older nntrain, whose run.json has no '{key}'; train it again",
    )


def test_a_run_that_did_not_note_its_targets_scores_no_new_rows(finished_run, tmp_path):
    run = shutil.copytree(finished_run.path, tmp_path / "run")
    content = json.loads((run / "run.json").read_text())
    del content["targets"]
    (run / "run.json").write_text(json.dumps(content))
    assert refusal(evaluate, run, data=tmp_path / "new.npz") == (
        "older-run",
        f"{run} was made by an older nntrain, whose run.json has no 'targets'; train it again",
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"version": 1}, "the preprocessing has version 1; this nntrain reads versions 2 and 3"),
        ({"version": 9}, "the preprocessing has version 9; this nntrain reads versions 2 and 3"),
    ],
)
def test_a_state_of_another_version_says_which_are_read(finished_run, tmp_path, document, message):
    run = shutil.copytree(finished_run.path, tmp_path / "run")
    vouched("preprocess.json", json.dumps(document))(run)
    assert refusal(evaluate, run, data=tmp_path / "new.npz") == ("version", message)


def test_new_rows_are_prepared_by_a_state_of_version_2(finished_run, tmp_path):
    import numpy as np
    from sklearn.datasets import make_blobs

    x, y = make_blobs(n_samples=60, centers=3, cluster_std=0.7, random_state=0)
    np.savez(tmp_path / "new.npz", x=x, y=y)
    new = evaluate(finished_run.path, data=tmp_path / "new.npz").scores.to_json()
    run = shutil.copytree(finished_run.path, tmp_path / "run")
    ((name, state),) = json.loads((run / "preprocess.json").read_text())["inputs"].items()
    kept = {key: state[key] for key in ("row_shape", "missing", "mean", "std", "min", "max")}
    array = {**kept, "tokens": False, "impute": None}
    old = {"rows": state["rows"], "scale": state["scale"], "range": state["range"], "array": array}
    targets = VERSION_2["targets"]["kind"]
    document = {"version": 2, "inputs": {name: old}, "targets": {"target": targets}}
    vouched("preprocess.json", json.dumps(document))(run)
    assert evaluate(run, data=tmp_path / "new.npz").scores.to_json() == new
