"""A file of a run that is far larger than it can be is refused unread: at once, and without memory."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from nntrain.errors import ArtefactError, MachineError
from nntrain.run.bounded import read_bounded
from nntrain.run.directory import RunDirectory
from nntrain.run.evaluate import evaluate

HUGE = 5 << 30
COMMANDS = {
    "run.json": ("evaluate", "resume", "reproduce", "verify"),
    "resolved.yaml": ("evaluate", "resume", "reproduce"),
    "weights.safetensors": ("evaluate",),
    "preprocess.json": ("evaluate --data",),
    "model.keras": ("reproduce",),
    "history.csv": ("reproduce",),
    "metrics.json": ("reproduce",),
    "manifest.json": ("verify",),
    "checkpoint/00005/arrays.npz": ("resume",),
    "checkpoint/00005/state.json": ("resume",),
    "checkpoint/00005/manifest.json": ("resume",),
}
"""By file: the commands that read it."""
LIMITS = {
    "run.json": "16.0 MiB",
    "resolved.yaml": "256.0 KiB",
    "weights.safetensors": "8.0 MiB",
    "preprocess.json": "512.0 MiB",
    "model.keras": "64.0 MiB",
    "history.csv": "64.0 MiB",
    "metrics.json": "32.0 MiB",
}
NO_CHECKPOINT = ": has no checkpoint to go on from: the checkpoint after epoch 5 is damaged: "
SCRIPT = """
import json, os, resource, sys, time
from pathlib import Path
from nntrain.errors import NntrainError
from nntrain.run.evaluate import evaluate
from nntrain.run.reproduce import reproduce
from nntrain.run.resume import resume
from nntrain.run.verify import verify
import numpy, nntrain.run.checkpoint.store

run, huge, asked = Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
COMMANDS = {
    "evaluate": lambda: evaluate(run),
    "evaluate --data": lambda: evaluate(run, data="new.csv"),
    "resume": lambda: resume(run),
    "reproduce": lambda: reproduce(run, run.parent.parent),
    "verify": lambda: verify(run),
}
found = []
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name, commands in asked.items():
    kept = (run / name).read_bytes()
    os.truncate(run / name, huge)
    for command in commands:
        began = time.process_time()
        try:
            done = COMMANDS[command]()
            told = [0, "" if done.error is None else str(done.error)]
        except NntrainError as error:
            told = [error.exit_code, str(error)]
        found.append([name, command, *told, time.process_time() - began])
    (run / name).write_bytes(kept)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({"found": found, "grown": grown // 1024}))
"""


@pytest.fixture
def run(finished_run, tmp_path):
    copied = tmp_path / "runs" / "blobs" / "copied"
    shutil.copytree(finished_run.path, copied)
    return copied


def test_five_gigabytes_in_place_of_any_file_are_refused_in_two_seconds(run):
    for older in (run / "checkpoint").iterdir():
        if older.name != "00005":
            shutil.rmtree(older)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(run), str(HUGE), json.dumps(COMMANDS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["grown"] < 100  # MiB
    assert len(told["found"]) == sum(map(len, COMMANDS.values()))
    for name, command, code, message, seconds in told["found"]:
        assert seconds < 2, (name, command)
        file = run / name
        if name.startswith("checkpoint"):
            assert (code, message[: len(NO_CHECKPOINT) + len(str(run))]) == (5, f"{run}{NO_CHECKPOINT}")
            assert ("is not the manifest" if "manifest" in name else f"has {HUGE:,} bytes, and ") in message
            continue
        if (name, command) == ("run.json", "verify"):
            size = json.loads((run / "manifest.json").read_text())["files"][name]["bytes"]
            expected = f"the file was changed after the run: it has {HUGE:,} bytes, and had {size:,}"
            assert f"{file}: {expected}" in message.split("\n\n")
            continue
        limit = LIMITS.get(name, "16.0 MiB")
        assert (code if command != "verify" else 5) == 5, (name, command)
        assert message == (
            f"{file}: has 5.0 GiB, and at most {limit} of such a file are read; put it back as the run wrote it"
        )


def test_numbers_that_are_many_are_compared_with_the_network_before_they_are_read(run, monkeypatch):
    from nntrain.run.model_files import admission, tensors

    monkeypatch.setattr(admission, "EAGER", 100)
    assert evaluate(run).split == "test"
    other = tensors.to_bytes({"dense/kernel": np.zeros((2, 9), np.float32)})
    (run / "weights.safetensors").write_bytes(other)
    monkeypatch.setattr(RunDirectory, "read", never_weights(RunDirectory.read))
    with pytest.raises(ArtefactError) as raised:
        evaluate(run)
    assert "holds other weights than the config's layers have: weight 1 is 'dense/kernel' (2, 9)" in str(
        raised.value
    )


def never_weights(read):
    def reads(self, name, most=None):
        assert name != "weights.safetensors"
        return read(self, name, most)

    return reads


def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ArtefactError) as raised:
        read_bounded(tmp_path / "pipe", 10)
    assert str(raised.value) == f"{tmp_path / 'pipe'}: is no regular file"
    with pytest.raises(ArtefactError, match="is no regular file"):
        read_bounded(tmp_path, 10)
    with pytest.raises(FileNotFoundError):
        read_bounded(tmp_path / "none", 10)


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(MachineError) as raised:
        read_bounded(tmp_path / "x", 10)
    assert str(raised.value) == f"{tmp_path / 'x'} can't be read: Permission denied"
