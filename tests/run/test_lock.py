"""One process works on a run at a time, and the lock of one that was killed is free at once."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from nntrain.errors import ConflictError
from nntrain.run.lock import RunLock, is_going_on

HOLD = """
import sys, time
from pathlib import Path
from nntrain.run.lock import RunLock
lock = RunLock(Path(sys.argv[1]), Path("x"))
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_owner_is_told_who_is_the_first(tmp_path):
    with RunLock(tmp_path, tmp_path):
        with pytest.raises(ConflictError) as raised:
            RunLock(tmp_path, tmp_path / "latest")
        assert str(raised.value) == (
            f"{tmp_path}/latest is being trained by process {os.getpid()} on {socket.gethostname()}; "
            "wait until it has ended, or stop it"
        )
        assert raised.value.exit_code == 9
        (tmp_path / ".lock").write_text("")
        with pytest.raises(ConflictError, match="is being trained by another process; wait"):
            RunLock(tmp_path, tmp_path)
    RunLock(tmp_path, tmp_path).release()


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    running = {"status": "running"}
    assert is_going_on(tmp_path, running)
    assert not is_going_on(tmp_path, {"status": "finished"})
    with pytest.raises(ConflictError, match=f"process {process.pid} on "):
        RunLock(tmp_path, tmp_path)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not is_going_on(tmp_path, running)
    with RunLock(tmp_path, tmp_path):
        assert is_going_on(tmp_path, running)
    assert json.loads((tmp_path / ".lock").read_text())["process"] == os.getpid()


def test_a_run_without_a_lock_is_going_on_while_its_process_lives(tmp_path):
    here = {"machine": {"host": socket.gethostname()}, "status": "running"}
    assert is_going_on(tmp_path, {**here, "process": os.getpid()})
    assert not is_going_on(tmp_path, {**here, "process": 2**22 + 1})
