"""kill -9 at every step of a commit, and of what comes after it: the next command goes on to the same bits."""

import random
import signal
import time

import pytest

from nntrain.run.checkpoint.folder import committed
from nntrain.run.checkpoint.store import Store
from tests.reliability.forks import begun
from tests.reliability.net import (
    CONFIG,
    command,
    digest,
    history,
    kept,
    only_run,
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
KILLED = -signal.SIGKILL


def nothing(text):
    raise AssertionError(text)


def commit(folder, first, what="main", **environment):
    """A command that commits the epochs from one to the ninth: how it ended, and what it said."""
    going = begun([folder, first], folder, what=f"tests.reliability.commits:{what}", **environment)
    return going.wait(), going.stderr


@pytest.mark.parametrize("point", [*BEFORE, *AFTER])
def test_a_commit_that_is_killed_is_whole_or_was_never_made(tmp_path, point):
    at = 2 if point == "checkpoint.removing" else 4  # the second and the third commit remove nothing
    assert commit(tmp_path, 1, NNTRAIN_FAILPOINT=f"{point}:{at}") == (KILLED, "")
    found = reopened(tmp_path, nothing)
    assert found.epoch == {True: 3, False: 4}[point in BEFORE]
    assert (found.arrays["weights/0000"] == found.epoch).all()
    assert not [*(tmp_path / "checkpoint").glob(".tmp-*")]
    assert commit(tmp_path, found.epoch + 1) == (0, "")
    assert kept(tmp_path) == [8, 9]


def test_a_file_that_may_not_grow_ends_with_a_message_and_keeps_the_checkpoint_before(tmp_path):
    code, said = commit(tmp_path, 1, what="limited")
    assert code == 1
    assert said.splitlines()[-1] == (
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


LONG = 60
"""Epochs of a run that is killed at random."""


def killed_at_random(folder, draw, arguments):
    """A command that is killed once the run has some more epochs, or has ended before.

    Returns:
        Its exit code, and whether it has trained.
    """
    before, more = epochs_of(folder), draw.randint(1, 8)
    going = begun(arguments, folder)
    while going.poll() is None and epochs_of(folder) < before + more:
        time.sleep(draw.uniform(0, 0.02))
    going.kill()
    return going.wait(), epochs_of(folder) > before


def killed_early(folder, draw, arguments):
    """A command that is killed after some of the time that it computes before it trains; the same of it."""
    before, most = epochs_of(folder), draw.uniform(0, 2)
    going = begun(arguments, folder)
    while going.poll() is None and going.seconds() < most:
        time.sleep(0.01)
    going.kill()
    return going.wait(), epochs_of(folder) > before


def kept_something(folder):
    """Whether there is a run with a checkpoint, to go on from."""
    return any(committed(path) for path in folder.glob("runs/net/2*"))


def epochs_of(folder):
    return sum(len(path.read_bytes().splitlines()) for path in folder.glob("runs/net/*/history.csv"))


def test_a_run_that_is_killed_three_times_at_random_ends_as_if_it_had_never_been(tmp_path):
    draw = random.Random(4)
    text = CONFIG.replace("epochs: 4", f"epochs: {LONG}").replace("patience: 3", f"patience: {LONG}")
    for folder in (tmp_path, tmp_path / "straight"):
        folder.mkdir(exist_ok=True)
        (folder / "net.yaml").write_text(text)
    straight = begun(["fit", "net.yaml", "--quiet"], tmp_path / "straight")
    killed = killed_at_random(tmp_path, draw, ["fit", "net.yaml", "-q"])
    run = only_run(tmp_path)
    for _ in range(2):
        assert killed == (KILLED, True)
        shown = len(history(run))
        killed = killed_at_random(tmp_path, draw, ["resume", run.relative_to(tmp_path)])
        assert record(run)["resumed"][-1]["after_epoch"] >= shown - 1
    done = command(["resume", run.relative_to(tmp_path)], tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(record(run)["resumed"]) == 3
    assert [int(row["epoch"]) for row in history(run)] == list(range(1, LONG + 1))
    assert straight.wait() == 0
    assert digest(run) == digest(only_run(tmp_path / "straight"))
