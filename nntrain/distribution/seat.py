"""A worker's place on the machine that Ray chose for it: there the worker is started, watched and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import IO

Lines = list[tuple[bool, str]]
"""Whether a line was written to standard output rather than to the error stream, and the line."""


class Seat:
    """One worker; Ray keeps it in a process of its own, and calls it from where `nntrain launch` runs."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._worker: subprocess.Popen[str] | None = None
        self._lines: deque[tuple[bool, str]] = deque()
        self._readers: list[threading.Thread] = []

    def address(self) -> str:
        """`host:port` where the others reach the worker: this machine's name for Ray, and a free port."""
        from ray.util import get_node_ip_address

        with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as made:
            made.bind(("", 0))
            return f"{get_node_ip_address()}:{made.getsockname()[1]}"

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> str | None:
        """Start `nntrain` with some arguments, in a folder; what is wrong with that, if it can't be.

        The worker ends when this process does.
        """
        if not Path(folder).is_dir():
            return f"there is no folder {folder}"
        command = [sys.executable, "-m", "nntrain.distribution.tethered", sys.executable, "-m", "nntrain"]
        self._worker = subprocess.Popen(
            [*command, *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        for is_result, stream in ((True, self._worker.stdout), (False, self._worker.stderr)):
            reader = threading.Thread(target=self._read, args=(is_result, stream), daemon=True)
            reader.start()
            self._readers.append(reader)
        return None

    def news(self) -> tuple[Lines, int | None]:
        """What the worker has written since it was asked, and its exit code once it has ended."""
        code = None if self._worker is None else self._worker.poll()
        if code is not None:
            self._close()
        found = [self._lines.popleft() for _ in range(len(self._lines))]
        return found, code

    def end(self, number: int = signal.SIGTERM) -> None:
        """Ask the worker to end, by a signal."""
        if self._worker is not None:
            with suppress(ProcessLookupError):
                self._worker.send_signal(number)

    def _close(self) -> None:
        """Let go of the worker's pipes once it has ended, and all that it wrote is read."""
        for reader in self._readers:
            reader.join(1)
        for stream in (self._worker.stdin, self._worker.stdout, self._worker.stderr) if self._worker else ():
            if stream is not None:
                stream.close()

    def _read(self, is_result: bool, stream: IO[str] | None) -> None:
        for line in stream or ():
            self._lines.append((is_result, line.rstrip("\n")))
