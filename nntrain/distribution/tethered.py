"""`python -m nntrain.distribution.tethered COMMAND...`: run a command while standard input stays open.

Who started it may be killed without a word; then the system closes the pipe, and what was started ends too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from types import FrameType

LAST_WORD = 10.0
"""Seconds between asking the command to end, and ending it."""


def main(command: list[str]) -> int:
    """Run the command; gives its exit code, of one that a signal ended 128 and its number."""
    worker = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def pass_on(number: int, frame: FrameType | None) -> None:
        worker.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    threading.Thread(target=_end_when_alone, args=(worker,), daemon=True).start()
    code = worker.wait()
    return code if code >= 0 else 128 - code


def _end_when_alone(worker: subprocess.Popen[bytes]) -> None:
    sys.stdin.buffer.read()
    worker.terminate()
    try:
        worker.wait(LAST_WORD)
    except subprocess.TimeoutExpired:
        worker.kill()


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # the thread may wait for standard input still
