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
    try:
        with closing(_listening(who)) as door:
            door.listen(len(who.workers))
            door.settimeout(AGAIN)
            deadline = time.monotonic() + who.timeout
            while len(lines) < len(who.workers) - 1:
                if time.monotonic() > deadline:
                    _tell(lines, {"refused": _missing(who, lines), "kind": "machine"})
                    raise MachineError(Problem(_missing(who, lines), id="workers"))
                with suppress(TimeoutError):
                    _greet(who, Line(door.accept()[0]), lines, greetings)
        for index in sorted(lines):
            difference = compare(given, greetings[index])
            if difference is not None:
                text = f"{who.name(index)} was not given what {who.name(0)} was given: {difference}"
                message = f"{text}; start all of them with the same"
                _tell(lines, {"refused": message, "kind": "conflict"})
                raise ConflictError(Problem(message, id="workers-differ"))
    except BaseException:
        for line in lines.values():
            line.close()
        raise
    _tell(lines, {"welcome": True})
    return Links(lines, who.timeout)


def _greet(
    who: Membership, line: Line, lines: dict[int, Line], greetings: dict[int, Mapping[str, Any]]
) -> None:
    """Take in a worker, and send away who is none."""
    try:
        said = line.first(GREETING)
    except OSError:
        line.close()
        return
    index, given = said.get("worker"), said.get("given")
    others = range(1, len(who.workers))
    if type(index) is int and type(given) is dict and index in others and index not in lines:
        lines[index], greetings[index] = line, given
        return
    _tell({0: line}, {"refused": _taken(who, index), "kind": "conflict"})
    line.close()


def _call(who: Membership, given: Mapping[str, Any]) -> Links:
    """At the others: call the first worker until it answers."""
    with closing(_listening(who)):  # until TensorFlow takes the port, nobody else may
        line = _connected(who)
        try:
            line.send({"worker": who.index, "given": given})
            verdict = _verdict(line, time.monotonic() + who.timeout + GREETING)
        except OSError:
            line.close()
            message = f"{who.name(0)} ended before all workers had come; its own messages say why"
            raise MachineError(Problem(message, id="workers")) from None
        except BaseException:
            line.close()
            raise
    refused = verdict.get("refused")
    if not isinstance(refused, str):
        return Links({0: line}, who.timeout)
    line.close()
    if verdict.get("kind") == "conflict":
        raise ConflictError(Problem(refused, id="workers-differ"))
    raise MachineError(Problem(refused, id="workers"))


def _connected(who: Membership) -> Line:
    deadline = time.monotonic() + who.timeout
    while True:
        try:
            return Line(socket.create_connection(who.place(0), timeout=2))
        except OSError as error:
            if time.monotonic() > deadline:
                why = f"within {who.timeout:g} s: {error.strerror or error}"
                message = f"{who.name(0)} could not be reached {why}; start all workers"
                raise MachineError(Problem(message, id="workers")) from None
        time.sleep(AGAIN)


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
