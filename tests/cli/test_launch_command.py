"""`nntrain launch` starts `nntrain fit` for each worker, and says once what is wrong."""

import sys

import pytest

from nntrain.distribution.restarts import Attempt
from tests.cli.in_process import run_command
from tests.conftest import CONFIGS

DIGITS = str(CONFIGS / "digits_mlp.yaml")


@pytest.fixture
def launched(monkeypatch, capsys):
    """What `launch` would start, and how the command ends."""
    started = []

    def start(count, command, say):
        started.append((count, *command[3:]))
        assert command[:3] == [sys.executable, "-m", "nntrain"]
        return Attempt(6, ("127.0.0.1:1", "127.0.0.1:2"))

    monkeypatch.setattr("nntrain.distribution.local.launch", start)

    def run(*arguments):
        started.clear()
        done = run_command(monkeypatch, capsys, "launch", *arguments)
        return done, list(started)

    return run


WORKERS = "training.distribute=workers"


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ([DIGITS], (2, "fit", DIGITS, WORKERS, "--progress", "auto")),
        (
            ["--workers", "4", DIGITS, "training.epochs=3", "--runs-dir", "r", "--device", "cpu", "--json", "-q"],
            (4, "fit", DIGITS, "training.epochs=3", WORKERS, "--runs-dir", "r", "--device", "cpu", "--quiet", "--json", "--progress", "auto"),
        ),
        (
            ["--resume", "runs/a/b", "training.epochs=40", "--force"],
            (2, "fit", "training.epochs=40", "--resume", "runs/a/b", "--force", "--progress", "auto"),
        ),
        (
            ["--resume", "runs/a/b", DIGITS, "training.epochs=40"],
            (2, "fit", DIGITS, "training.epochs=40", WORKERS, "--resume", "runs/a/b", "--progress", "auto"),
        ),
    ],
)  # fmt: skip
def test_every_worker_runs_fit(launched, arguments, command):
    done, started = launched(*arguments)
    assert started == [command]
    assert (done.code, done.out, done.err) == (6, "", "")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "name a config file, such as nntrain launch --workers 2 config.yaml"),
        ([DIGITS, "--force"], 2, "--force goes with --resume RUN; leave it out"),
        (
            ["--resume", "r", "--runs-dir", "r"],
            2,
            "--resume goes on with a run as it began, so --runs-dir says nothing; leave it out",
        ),
        (
            [DIGITS, "cluster.workers=['a:1', 'b:1']"],
            2,
            "launch chooses the workers' ports, and cluster.workers names workers; leave that out with "
            "~cluster, or start nntrain fit for each of them",
        ),
        ([DIGITS, "--cpus", "2"], 2, "--cpus and --gpus go with --engine ray; leave them out"),
        (
            [DIGITS, "--engine", "ray"],
            2,
            "--engine ray needs Ray, which is not installed; run pip install 'nntrain[ray]'",
        ),
        (
            [DIGITS, "training.batch_size=33"],
            3,
            "command line: training.batch_size: is 33, which 2 workers can't share evenly; use 32 or 34\n"
            "       training.batch_size=33\n                           ^",
        ),
    ],
)
def test_what_is_wrong_is_said_once(launched, arguments, code, message, monkeypatch):
    monkeypatch.setattr("nntrain.distribution.by_ray.find_spec", lambda name: None)
    done, started = launched(*arguments)
    assert started == []
    assert (done.code, done.err) == (code, f"{message}\n")


def test_lost_workers_are_started_again_if_that_is_asked_for(launched, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("nntrain.distribution.restarts.LOST", 6)
    done, started = launched(DIGITS, "--restarts", "1", "--runs-dir", "r")
    assert [command[1:3] for command in started] == [("fit", DIGITS)] * 2
    assert done.err == (
        "all workers are started again (start 2 of 2), from the beginning: there is no checkpoint yet\n"
    )
