"""A run that can't be used says why, whatever the command: newer, going on, failed, without its model."""

import hashlib
import json
import os
import shutil
import socket

import pytest

from nntrain import evaluate, load_config
from nntrain.errors import NntrainError
from nntrain.run import environment
from nntrain.run.directory import BACK
from nntrain.run.lock import RunLock
from nntrain.run.reproduce import reproduce
from nntrain.run.resume import resume

COMMANDS = {
    "evaluate": evaluate,
    "resume": resume,
    "reproduce": lambda run: reproduce(run, run.parent.parent),
}
WEIGHTS, MODEL = "weights.safetensors", "model.keras"


@pytest.fixture
def run(finished_run, tmp_path):
    copied = tmp_path / "runs" / "blobs" / "copied"
    shutil.copytree(finished_run.path, copied)
    return copied


def change(run, **changes):
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**record, **changes}))
    return record


def refusals(run, *names):
    """Exit code and message of each command."""
    found = []
    for name in names or COMMANDS:
        with pytest.raises(NntrainError) as raised:
            COMMANDS[name](run)
        found.append((raised.value.exit_code, str(raised.value)))
    return found


def test_a_record_of_a_newer_release_names_it(run):
    change(run, schema="nntrain.run/2", versions={"nntrain": "3.1"})
    unknown = "in a form that this one does not know (nntrain.run/2); install that release"
    assert refusals(run) == 3 * [(5, f"{run}/run.json: was written by nntrain 3.1 {unknown}")]
    change(run, versions=None)
    assert refusals(run, "evaluate") == [(5, f"{run}/run.json: was written by a newer nntrain {unknown}")]
    change(run, schema="other/1")
    told = f"{run}/run.json: is not the record of a run: schema 'other/1', not 'nntrain.run/1'"
    assert refusals(run, "evaluate") == [(5, told)]


def test_a_config_of_another_release_names_both(run):
    text = (run / "resolved.yaml").read_text() + "magic: 3\n"
    (run / "resolved.yaml").write_text(text)
    record = change(run)
    sums = {**record["sha256"], "resolved.yaml": hashlib.sha256(text.encode()).hexdigest()}
    change(run, sha256=sums, versions={**record["versions"], "nntrain": "3.1"})
    now = environment.versions()["nntrain"]
    for code, message in refusals(run):
        assert code == 5
        assert (
            f":1 was written by nntrain 3.1, and nntrain {now} does not read it: magic: there is no key "
            in (message)
        )
    change(run, sha256=sums, versions=record["versions"])
    ((code, message),) = refusals(run, "evaluate")
    assert code == 3
    assert "was written by" not in message


def test_a_run_that_is_going_on(run):
    change(run, status="running")
    here = f"process {os.getpid()} on {socket.gethostname()}"
    with RunLock(run, run):
        assert refusals(run) == [
            (9, f"the run {run} is still going; wait until it has finished"),
            (9, f"{run} is being trained by {here}; wait until it has ended, or stop it"),
            (9, f"the run {run} is still going; wait until it has finished"),
        ]
    told = f"the run {run} was killed after epoch 5, so it has no scores; go on with: nntrain resume {run}"
    assert refusals(run, "evaluate", "reproduce") == 2 * [(5, told)]


def test_a_run_that_failed(run):
    change(run, status="failed", failure={"exit": 6, "message": "the loss became nan"})
    told = f"the run {run} failed, so it has no scores: the loss became nan"
    assert refusals(run, "evaluate", "reproduce") == 2 * [(5, told)]


def test_a_run_whose_model_is_gone_or_altered(run):
    files = {"evaluate": run / WEIGHTS, "reproduce": run / MODEL}
    kept = {name: file.read_bytes() for name, file in files.items()}
    for name, file in files.items():
        file.unlink()
        assert refusals(run, name) == [(5, f"{file}: the file is missing from the run; {BACK}")]
        file.mkdir()
        assert refusals(run, name) == [(5, f"{file}: is no regular file")]
        file.rmdir()
        content = kept[name][:-1] + bytes([kept[name][-1] ^ 1])
        file.write_bytes(content)
        was, now = (hashlib.sha256(c).hexdigest()[:12] for c in (kept[name], content))
        told = f"the file was changed after the run: its SHA-256 is {now}..., recorded is {was}...; {BACK}"
        assert refusals(run, name) == [(5, f"{file}: {told}")]
    config = load_config(run / "resolved.yaml")
    with pytest.raises(NntrainError) as raised:
        evaluate(run / MODEL, config=config, trust_model=True)
    assert raised.value.exit_code == 5
