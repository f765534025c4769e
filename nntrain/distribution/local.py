"""Workers on this machine: started together, and ended when one of them ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from typing import IO

from nntrain.config.workers import VARIABLE
from nntrain.distribution.restarts import Attempt
from nntrain.signals import taken_by

HOST = "127.0.0.1"
LOOK = 0.1
"""Seconds between two looks at the workers."""
PATIENCE = 30.0
"""Seconds that the first has to end by itself when another one has ended: it writes a checkpoint then."""
LAST_WORD = 10.0
"""Seconds between asking a worker to end, and ending it."""


def launch(count: int, command: Sequence[str], say: Callable[[str], None]) -> Attempt:
    """Run a command in several processes, which are the workers of one cluster on this machine.

    The first one writes to where this process writes. What the others write to their error stream goes to
    `say`, a line at a time; what they write to standard output is dropped.

    Args:
        count: How many, 2 or more.
        command: The program and its arguments.
        say: Takes the lines.

    Returns:
        With the exit code of the first one; of one that a signal ended 128 and its number.
    """
    addresses = [f"{HOST}:{port}" for port in free_ports(count)]
    workers = [_start(command, addresses, index) for index in range(count)]
    readers = [
        threading.Thread(target=_pass_on, args=(index, worker.stderr, say), daemon=True)
        for index, worker in enumerate(workers)
        if worker.stderr is not None
    ]
    for reader in readers:
        reader.start()
    try:
        with taken_by(lambda number, frame: _send(number, workers)):
            _wait(workers)
    finally:
        killed = [i for i, worker in enumerate(workers) if worker.poll() == -signal.SIGKILL]
        _end(workers)
    for reader, worker in zip(readers, workers[1:], strict=True):
        reader.join(LAST_WORD)
        if worker.stderr is not None:
            worker.stderr.close()
    for index in killed:
        say(
            f"worker {index} was killed, as the system does when memory runs out: "
            "a smaller training.batch_size or fewer workers take less"
        )
    code = workers[0].returncode
    return Attempt(code if code >= 0 else 128 - code, tuple(addresses))


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses at the moment."""
    with ExitStack() as held:
        found = []
        for _ in range(count):
            made = held.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)))
            made.bind((HOST, 0))
            found.append(int(made.getsockname()[1]))
        return found


def environment_of(addresses: Sequence[str], index: int) -> dict[str, str]:
    """What tells a process which worker it is."""
    told = {"cluster": {"worker": list(addresses)}, "task": {"type": "worker", "index": index}}
    return {VARIABLE: json.dumps(told)}


def _start(command: Sequence[str], addresses: Sequence[str], index: int) -> subprocess.Popen[str]:
    others: Mapping[str, int] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [*command],
        env={**os.environ, **environment_of(addresses, index)},
        stdin=subprocess.DEVNULL,
        stdout=others["stdout"] if index else None,
        stderr=others["stderr"] if index else None,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C in a terminal comes to this process alone, which passes it on once
    )


def _pass_on(index: int, stream: IO[str], say: Callable[[str], None]) -> None:
    for line in stream:
        say(f"worker {index}: {line.rstrip()}")


def _wait(workers: Sequence[subprocess.Popen[str]]) -> None:
    """Until the first worker has ended, or another one has and the first had time to end too."""
    deadline: float | None = None
    while workers[0].poll() is None:
        failed = any(worker.poll() not in (None, 0) for worker in workers[1:])
        if failed and deadline is None:
            deadline = time.monotonic() + PATIENCE
        if deadline is not None and time.monotonic() > deadline:
            return
        time.sleep(LOOK)


def _end(workers: Sequence[subprocess.Popen[str]]) -> None:
    """See that all have ended: by themselves, asked to, or not asked."""
    first, others = workers[0], workers[1:]
    grace = LAST_WORD if first.poll() is not None else 0.0
    for number, seconds in ((None, grace), (signal.SIGTERM, LAST_WORD), (signal.SIGKILL, LAST_WORD)):
        deadline = time.monotonic() + seconds
        if number is not None:
            _send(number, workers)
        for worker in (first, *others):
            with suppress(subprocess.TimeoutExpired):
                worker.wait(max(0.0, deadline - time.monotonic()))


def _send(number: int, workers: Sequence[subprocess.Popen[str]]) -> None:
    """Pass a signal on to those that are still there."""
    for worker in workers:
        with suppress(ProcessLookupError):
            worker.send_signal(number)
