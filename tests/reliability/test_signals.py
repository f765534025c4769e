"""Signals at any moment of a run: it ends at once or after the step, with their number, and goes on later."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from nntrain import fit
from nntrain.run.checkpoint.folder import committed
from nntrain.run.checkpoint.store import Store
from nntrain.run.signals import Interrupted
from tests.reliability.disk import Disk
from tests.reliability.net import CONFIG, only_run, record
from tests.reliability.trainings import digest, eager, gone_on, written

SHORT = CONFIG.replace("epochs: 4", "epochs: 2")
KINDS = ([signal.SIGINT], [signal.SIGTERM], [signal.SIGHUP], [signal.SIGINT, signal.SIGINT])
"""Signals that come at one call, and at the next one."""


def refused(text):
    raise AssertionError(text)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The digest of an undisturbed run, and what it asks of the disk."""
    folder = tmp_path_factory.mktemp("whole")
    config = written(folder, SHORT)
    with eager(), Disk(folder / "runs" / "net") as disk:
        return digest(fit(config, folder / "runs").path), disk.calls


def signalled(folder, at, kind):
    """A run that gets signals at a call: the one it ended by, how it was said, and after how many seconds."""
    coming, began = list(kind), []
    # While tests run, no signal may end them: those of this process are put back afterwards.
    before = {number: signal.signal(number, signal.SIG_DFL) for number in set(kind)}

    def send(call, path):
        if len(disk.calls) >= at and coming:
            began.append(time.monotonic())
            os.kill(os.getpid(), coming.pop(0))

    try:
        with (
            eager(),
            Disk(folder / "runs" / "net", before=send) as disk,
            pytest.raises(Interrupted) as raised,
        ):
            fit(written(folder, SHORT), folder / "runs")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return raised.value.signum, raised.value.message, time.monotonic() - began[0]


def went_on(folder, whole):
    """Whether the run in a folder, where it has a checkpoint, ends as if nothing had been."""
    run = only_run(folder)
    if not committed(run):
        return True
    Store(run).newest(refused)
    return gone_on(run) == whole


@pytest.mark.parametrize("case", range(8))
def test_a_signal_at_any_call_ends_the_run_and_it_goes_on_later(tmp_path, whole, case):
    expected, calls = whole
    kind = KINDS[case % 4]
    at = 3 + (len(calls) - 6) * case // 8
    number, message, seconds = signalled(tmp_path, at, kind)
    assert number == kind[0]
    assert seconds < 5
    if not [*(tmp_path / "runs" / "net").iterdir()]:
        assert message == "stopped before training; nothing was written"
        return
    assert message.startswith(("stopped after epoch ", "stopped after step "))
    assert record(only_run(tmp_path))["status"] == "interrupted"
    assert went_on(tmp_path, expected)


def test_ctrl_c_twice_ends_a_command_within_seconds(tmp_path):
    (tmp_path / "net.yaml").write_text(CONFIG.replace("n_samples: 90", "n_samples: 900000"))
    process = subprocess.Popen(
        [sys.executable, "-m", "nntrain", "fit", "net.yaml", "training.epochs=100000"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    deadline = time.monotonic() + 200
    logs = []
    while not logs and time.monotonic() < deadline and process.poll() is None:
        logs = [log for log in tmp_path.glob("runs/net/*/log.txt") if " training " in log.read_text()]
        time.sleep(0.05)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    began = time.monotonic()
    _, err = process.communicate(timeout=60)
    assert time.monotonic() - began < 5
    assert process.returncode == -signal.SIGINT
    assert "Traceback" not in err
    assert re.match(r"stopped after (step \d+ of )?epoch ", err.splitlines()[-1])
    assert record(only_run(tmp_path))["status"] == "interrupted"
