"""kill -9 at every step of a commit, and of what comes after it: the next command goes on to the same bits."""

import random
import signal
import subprocess
import sys
import time

import pytest

from nntrain.run.checkpoint.store import Store
from tests.conftest import ROOT
from tests.reliability.net import (
    CONFIG,
    command,
    digest,
    history,
    kept,
    only_run,
    process,
    record,
    reopened,
)

FILES = ("arrays.npz", "state.json", "manifest.json")
BEFORE = [
    "checkpoint.begin",
    "checkpoint.mkdir",
    *(f"checkpoint.{step}.{name}" for name in FILES for step in ("open", "half", "sync")),
    "checkpoint.sync-folder",
    "checkpoint.rename",
]
AFTER = ["checkpoint.renamed", "checkpoint.committed", "checkpoint.removing", "checkpoint.pruned"]
COMMIT = """
import sys
from pathlib import Path
import numpy as np
from nntrain.run.checkpoint.store import Store
from nntrain.training.state import Snapshot

store = Store(Path(sys.argv[1]))
rows = [{"epoch": i + 1, "loss": 1 / (i + 1)} for i in range(9)]
for epoch in range(int(sys.argv[2]), 10):
    arrays = {"weights/0000": np.full((300, 20), epoch, np.float32)}
    store.commit(Snapshot(epoch, False, arrays, {}, {}, rows, [0.0] * 9))
"""


def nothing(text):
    raise AssertionError(text)


@pytest.mark.parametrize("point", [*BEFORE, *AFTER])
def test_a_commit_that_is_killed_is_whole_or_was_never_made(tmp_path, point):
    at = 2 if point == "checkpoint.removing" else 4  # the second and the third commit remove nothing
    died = subprocess.run(
        [sys.executable, "-c", COMMIT, str(tmp_path), "1"],
        env={"NNTRAIN_FAILPOINT": f"{point}:{at}", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    found = reopened(tmp_path, nothing)
    assert found.epoch == {True: 3, False: 4}[point in BEFORE]
    assert (found.arrays["weights/0000"] == found.epoch).all()
    assert not [*(tmp_path / "checkpoint").glob(".tmp-*")]
    going_on = [sys.executable, "-c", COMMIT, str(tmp_path), str(found.epoch + 1)]
    subprocess.run(going_on, env={"PYTHONPATH": str(ROOT)}, check=True)
    assert kept(tmp_path) == [8, 9]


def test_a_file_that_may_not_grow_ends_with_a_message_and_keeps_the_checkpoint_before(tmp_path):
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)){COMMIT}"
    growing = limited.replace("(300, 20)", "(300 * epoch, 2)")
    failed = subprocess.run(
        [sys.executable, "-c", growing, str(tmp_path), "1"],
        env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert failed.stderr.splitlines()[-1] == (
        f"nntrain.errors.MachineError: the checkpoint {tmp_path}/checkpoint/00004 can't be written: "
        f"File too large; mend that, then go on with: nntrain resume {tmp_path}"
    )
    assert Store(tmp_path).newest(nothing).epoch == 3


def test_a_training_that_is_killed_again_and_again_ends_as_if_it_had_never_been(tmp_path):
    (tmp_path / "straight").mkdir()
    for folder in (tmp_path, tmp_path / "straight"):
        (folder / "net.yaml").write_text(CONFIG)
    assert command(["fit", "net.yaml", "--quiet"], tmp_path / "straight").returncode == 0
    expected = digest(only_run(tmp_path / "straight"))
    first = command(["fit", "net.yaml", "-q"], tmp_path, NNTRAIN_FAILPOINT="checkpoint.half.arrays.npz:2")
    assert first.returncode == -signal.SIGKILL
    run = only_run(tmp_path)
    assert (kept(run), len(history(run)), record(run)["status"]) == ([1], 2, "running")
    resumed = ["resume", run.relative_to(tmp_path)]
    for point, epoch in (("checkpoint.renamed:2", 3), ("run.measured:1", 4)):
        again = command(resumed, tmp_path, NNTRAIN_FAILPOINT=point)
        assert again.returncode == -signal.SIGKILL, again.stderr
        assert kept(run)[-1] == epoch
    done = command(resumed, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "note: going on after epoch 4 of 4" in done.stderr.splitlines()
    assert digest(run) == expected
    assert record(run)["status"] == "finished"
    assert [leg["after_epoch"] for leg in record(run)["resumed"]] == [1, 3, 4]


def killed_at_random(folder, draw, arguments):
    """A command that is killed once the run has some more epochs, or has ended before; its exit code."""
    before, more = epochs_of(folder), draw.randint(1, 12)
    with process(arguments, folder) as going:
        while going.poll() is None and epochs_of(folder) < before + more:
            time.sleep(draw.uniform(0, 0.02))
        going.kill()
        return going.wait()


def epochs_of(folder):
    return sum(len(path.read_bytes().splitlines()) for path in folder.glob("runs/net/*/history.csv"))


def test_a_run_that_is_killed_three_times_at_random_ends_as_if_it_had_never_been(tmp_path):
    draw = random.Random(4)
    text = CONFIG.replace("epochs: 4", "epochs: 60").replace("patience: 3", "patience: 60")
    for folder in (tmp_path, tmp_path / "straight"):
        folder.mkdir(exist_ok=True)
        (folder / "net.yaml").write_text(text)
    assert command(["fit", "net.yaml", "--quiet"], tmp_path / "straight").returncode == 0
    killed = killed_at_random(tmp_path, draw, ["fit", "net.yaml", "-q"])
    run = only_run(tmp_path)
    for _ in range(2):
        assert killed == -signal.SIGKILL
        shown = len(history(run))
        killed = killed_at_random(tmp_path, draw, ["resume", run.relative_to(tmp_path)])
        assert record(run)["resumed"][-1]["after_epoch"] >= shown - 1
    done = command(["resume", run.relative_to(tmp_path)], tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(record(run)["resumed"]) == 3
    assert [int(row["epoch"]) for row in history(run)] == list(range(1, 61))
    assert digest(run) == digest(only_run(tmp_path / "straight"))
