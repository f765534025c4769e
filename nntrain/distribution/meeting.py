"""Before TensorFlow connects them, workers meet: all have come, and all were given the same."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from typing import Any

from nntrain.config.workers import Membership
from nntrain.distribution.lines import Line
from nntrain.distribution.links import Links
from nntrain.errors import ConflictError, MachineError, Problem, listing

AGAIN = 0.2
"""Seconds between two tries to reach the first worker, and between two looks for a signal."""
GREETING = 10.0
"""Seconds that somebody who has called may take to say who it is."""
Compare = Callable[[Mapping[str, Any], Mapping[str, Any]], str | None]
"""How what a worker was given differs from what the first one was given; None if it does not."""


def check_port(who: Membership) -> None:
    """Find out early that this worker's port can't be used.

    Raises:
        MachineError: Another process uses it, or it may not be used.
    """
    with closing(_listening(who)):
        pass


def meet(who: Membership, given: Mapping[str, Any], compare: Compare) -> Links:
    """Wait for all workers, and see that they were given the same.

    Args:
        who: All of them, and this one.
        given: What this one was given, as JSON has it.
        compare: Is asked by the first worker.

    Returns:
        What connects this one to the others from now on.

    Raises:
        ConflictError: One of them was given something else.
        MachineError: One of them does not come in time, or the port can't be used.
    """
    return _receive(who, given, compare) if who.leads else _call(who, given)


def _receive(who: Membership, given: Mapping[str, Any], compare: Compare) -> Links:
    """At the first worker: take the calls of all others."""
    lines: dict[int, Line] = {}
    greetings: dict[int, Mapping[str, Any]] = {}
    deadline = time.monotonic() + who.timeout
    with closing(_listening(who)) as door:
        door.listen(len(who.workers))
        door.settimeout(AGAIN)
        while len(lines) < len(who.workers) - 1:
            if time.monotonic() > deadline:
                _tell(lines, {"refused": _missing(who, lines), "kind": "machine"})
                raise MachineError(Problem(_missing(who, lines), id="workers"))
            with suppress(TimeoutError):
                line = Line(door.accept()[0])
                try:
                    said = line.first(GREETING)
                except OSError:  # not one of ours
                    line.close()
                    continue
                index = said.get("worker")
                if type(index) is not int or not 0 < index < len(who.workers) or index in lines:
                    _tell({0: line}, {"refused": _taken(who, index), "kind": "conflict"})
                    line.close()
                    continue
                lines[index], greetings[index] = line, said
    for index in sorted(lines):
        difference = compare(given, greetings[index]["given"])
        if difference is not None:
            text = f"{who.name(index)} was not given what {who.name(0)} was given: {difference}"
            message = f"{text}; start all of them with the same"
            _tell(lines, {"refused": message, "kind": "conflict"})
            raise ConflictError(Problem(message, id="workers-differ"))
    _tell(lines, {"welcome": True})
    return Links(lines)


def _call(who: Membership, given: Mapping[str, Any]) -> Links:
    """At the others: call the first worker until it answers."""
    deadline = time.monotonic() + who.timeout
    own = _listening(who)  # until then nobody else may have the port
    with closing(own):
        while True:
            try:
                line = Line(socket.create_connection(who.place(0), timeout=2))
                break
            except OSError as error:
                if time.monotonic() > deadline:
                    message = (
                        f"{who.name(0)} could not be reached for {who.timeout:g} s: {error.strerror or error}"
                    )
                    raise MachineError(Problem(f"{message}; start all workers", id="workers")) from None
            time.sleep(AGAIN)
        try:
            line.send({"worker": who.index, "given": given})
            verdict = _verdict(line, time.monotonic() + who.timeout + GREETING)
        except OSError:
            message = f"{who.name(0)} ended before all workers had come; its own message says why"
            raise MachineError(Problem(message, id="workers")) from None
    refused = verdict.get("refused")
    if isinstance(refused, str):
        if verdict.get("kind") == "conflict":
            raise ConflictError(Problem(refused, id="workers-differ"))
        raise MachineError(Problem(refused, id="workers"))
    return Links({0: line})


def _verdict(line: Line, deadline: float) -> Mapping[str, Any]:
    while True:
        try:
            return line.first(AGAIN)
        except TimeoutError:
            if time.monotonic() > deadline:
                raise


def _tell(lines: Mapping[int, Line], message: Mapping[str, Any]) -> None:
    for line in lines.values():
        with suppress(OSError):
            line.send(message)


def _missing(who: Membership, lines: Mapping[int, Line]) -> str:
    absent = [who.name(i) for i in range(1, len(who.workers)) if i not in lines]
    return f"{listing(absent)} did not come within {who.timeout:g} s; start all, and look at their messages"


def _taken(who: Membership, index: object) -> str:
    return (
        f"there is no place for a worker {index}: there are {len(who.workers)}, and each number is taken once"
    )


def _listening(who: Membership) -> socket.socket:
    """A socket that has this worker's port, on all addresses of the machine, as TensorFlow's will."""
    _, port = who.place(who.index)
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(("", port))
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE:
            why = "is in use by another process; end that, or take another port"
        else:
            why = f"can't be used: {error.strerror}; take another one"
        message = f"port {port} of {who.name(who.index)} {why}"
        raise MachineError(Problem(message, id="workers")) from None
    return made
