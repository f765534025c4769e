"""Messages between two workers: a line of JSON each, over TCP."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from typing import Any

LONGEST = 16 << 20
"""Bytes of a message."""
Message = dict[str, Any]


class Line:
    """A connection."""

    def __init__(self, connected: socket.socket) -> None:
        """Take a connected socket; a machine that is gone without a word is noticed within 30 s."""
        self.socket = connected
        self._rest = b""
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
            if hasattr(socket, name):
                connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message.

        Raises:
            OSError: The other end is gone.
        """
        self.socket.sendall(json.dumps(message, allow_nan=False).encode() + b"\n")

    def received(self) -> list[Message] | None:
        """What has come, as far as it is whole; None if the other end has hung up.

        Raises:
            OSError: The connection broke, or what comes is none of nntrain's messages.
        """
        content = self.socket.recv(1 << 16)
        if not content:
            return None
        *whole, self._rest = (self._rest + content).split(b"\n")
        if len(self._rest) > LONGEST:
            raise OSError("a message without an end")
        return [_message(line) for line in whole]

    def first(self, seconds: float) -> Message:
        """The next message.

        Raises:
            OSError: It does not come in time, or the other end has hung up.
        """
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.socket.settimeout(left)
            messages = self.received()
            if messages is None:
                raise ConnectionResetError
            if messages:
                return messages[0]

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


def _message(line: bytes) -> Message:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise OSError("what came is no message")
    return value
