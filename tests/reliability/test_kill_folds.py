"""Folds that are killed or stopped go on, and say in the end what they would have said without that."""

import signal
import time

import pytest

from nntrain.run.checkpoint.folder import committed
from tests.reliability.forks import begun
from tests.reliability.net import CONFIG, command, digest, only_run, record

QUICK = CONFIG.replace("epochs: 4", "epochs: 3")
FOLDS = ("fold-1", "fold-2", "fold-3")


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """Three folds that nobody stopped: the parent's scores, and each fold's bits."""
    folder = tmp_path_factory.mktemp("straight")
    (folder / "net.yaml").write_text(QUICK)
    done = command(["fit", "net.yaml", "--folds", "3", "-q"], folder)
    assert done.returncode == 0, done.stderr
    parent = only_run(folder)
    return (parent / "metrics.json").read_bytes(), [digest(parent / fold) for fold in FOLDS], done.stdout


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "net.yaml").write_text(QUICK)
    return tmp_path


def check(parent, straight):
    metrics, digests, _ = straight
    assert (record(parent)["status"], record(parent)["runs"]) == ("finished", list(FOLDS))
    assert (parent / "metrics.json").read_bytes() == metrics
    assert [digest(parent / fold) for fold in FOLDS] == digests
    for number, fold in enumerate(FOLDS, 1):
        assert record(parent / fold)["fold"] == {"number": number, "of": 3}
        assert record(parent / fold)["config"]["overrides"] == [f"data.split.fold={number}/3"]
        assert (parent / fold / "config.yaml").read_text() == QUICK
    assert (parent.parent / "latest").resolve() == parent


def test_folds_that_are_killed_again_and_again_end_as_if_they_had_never_been(folder, straight):
    first = command(
        ["fit", "net.yaml", "--folds", "3", "-q"], folder, NNTRAIN_FAILPOINT="checkpoint.committed:5"
    )
    assert first.returncode == -signal.SIGKILL, first.stderr
    parent = only_run(folder)
    shown = parent.relative_to(folder)
    assert (record(parent)["status"], record(parent)["runs"]) == ("running", ["fold-1"])
    assert committed(parent / "fold-2") == [(1, 0), (2, 0)]
    assert not (parent / "fold-3").exists()
    scored = command(["evaluate", shown], folder)
    assert (scored.returncode, scored.stderr) == (
        5,
        f"the run {shown} was killed when 1 of its 3 folds were finished; go on with: nntrain resume "
        f"{shown}, or score a finished fold: {shown}/fold-1\n",
    )
    for point in ("run.measured:1", "checkpoint.half.arrays.npz:1"):
        again = command(["resume", shown, "-q"], folder, NNTRAIN_FAILPOINT=point)
        assert again.returncode == -signal.SIGKILL, again.stderr
    assert record(parent)["runs"] == ["fold-1", "fold-2"]
    assert committed(parent / "fold-3") == []
    done = command(["resume", shown, "--progress", "lines"], folder)
    assert done.returncode == 0, done.stderr
    told = done.stderr.splitlines()
    assert told[:3] == [
        "note: 2 of 3 folds are finished",
        "fold 3 of 3",
        "note: fold 3 was ended before its first checkpoint, and begins anew",
    ]
    assert "fold 1 of 3" not in told
    check(parent, straight)
    assert [leg["after_folds"] for leg in record(parent)["resumed"]] == [1, 1, 2]
    verified = command(["verify", shown], folder)
    assert verified.returncode == 0, verified.stderr
    assert verified.stderr == ""


def test_ctrl_c_in_a_fold_says_how_to_go_on_and_that_does(folder, straight):
    going = begun(["fit", "net.yaml", "--folds", "3", "--progress", "lines"], folder)
    while "epoch 1/3" not in going.stderr.partition("fold 2 of 3\n")[2]:
        assert going.poll() is None, going.stderr
        time.sleep(0.005)
    going.send_signal(signal.SIGINT)
    assert going.wait() in (130, -signal.SIGINT)
    said = going.stderr.splitlines()
    parent = only_run(folder)
    shown = parent.relative_to(folder)
    assert said[-1] == f"stopped in fold 2 of 3; go on with: nntrain resume {shown}"
    assert (record(parent)["status"], record(parent)["runs"]) == ("interrupted", ["fold-1"])
    done = command(["fit", "--resume", shown], folder)
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert lines[:2] == ["note: 1 of 3 folds are finished", "fold 2 of 3"]
    assert lines[2].startswith(("note: going on after epoch ", "note: going on after step "))
    check(parent, straight)
