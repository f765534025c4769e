"""A command that ends with whoever started it."""

import signal
import subprocess
import sys
import time

import pytest

TETHERED = [sys.executable, "-m", "nntrain.distribution.tethered", sys.executable, "-c"]


@pytest.fixture
def started():
    """Start a small program, and wait until it has said that it runs."""
    found = []

    def start(program):
        worker = subprocess.Popen(
            [*TETHERED, f"print('runs', flush=True); {program}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        found.append(worker)
        assert worker.stdout.readline() == "runs\n"
        return worker

    yield start
    for worker in found:
        worker.kill()
        worker.wait()
        worker.stdin.close()
        worker.stdout.close()


@pytest.mark.parametrize(
    ("program", "code"),
    [("raise SystemExit(9)", 9), ("import os; os.kill(os.getpid(), 15)", 143)],
)
def test_its_code_is_passed_on(started, program, code):
    assert started(program).wait(20) == code


def test_it_ends_when_standard_input_is_closed(started):
    began = time.monotonic()
    worker = started("import time; time.sleep(60)")
    worker.stdin.close()
    assert worker.wait(20) == 143
    assert time.monotonic() - began < 30


def test_a_signal_is_passed_on(started):
    worker = started("import time; time.sleep(60)")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 143
