"""Where commands write: results to stdout, everything else to stderr, one object under `--json`."""

from __future__ import annotations

import atexit
import errno
import json
import math
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, NoReturn

import typer

from nntrain.errors import Helped, MachineError, MemoryLimitError, NntrainError, Problem, UsageError, readable

if TYPE_CHECKING:
    from rich.console import Console

LONGEST = 60
"""Characters of a path that are shown of one that is too long."""
RESULT_SCHEMA = "nntrain.result/1"


def console(stderr: bool = False) -> Console:
    """A terminal or a plain stream, as rich finds it; text is shown as it is, without markup."""
    from rich.console import Console

    class Patient(Console):
        """Goes on without a reader; rich would end the process."""

        def on_broken_pipe(self) -> None:
            self.quiet = True
            _to_nobody(self.file)

    return Patient(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def say(text: str) -> None:
    """A line for people, beside the results."""
    try:
        sys.stderr.write(readable(text) + "\n")
        sys.stderr.flush()
    except BrokenPipeError:
        _to_nobody(sys.stderr)


def result(text: str) -> None:
    """A line of the result."""
    sys.stdout.write(readable(text) + "\n")


class Speaker:
    """Who prints: `command` is its name once that is known."""

    command: str | None = None


def result_json(value: Mapping[str, Any]) -> None:
    """The one object of `--json`; numbers that JSON does not have are null, and named as `nonfinite`."""
    names: list[str] = []
    content = {"schema": RESULT_SCHEMA, "command": Speaker.command, **_finite(value, "", names)}
    if names:
        content["nonfinite"] = names
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    result(text.encode(errors="backslashreplace").decode())  # which JSON reads as the file's name again


def _finite(value: Any, path: str, names: list[str]) -> Any:
    """A value without NaN and infinity; their places are added to `names`."""
    if isinstance(value, Mapping):
        return {key: _finite(inner, f"{path}.{key}".lstrip("."), names) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner, f"{path}[{i}]", names) for i, inner in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        names.append(path)
        return None
    return value


def error_json(error: NntrainError) -> dict[str, Any]:
    """A user's mistake as the object of `--json`; `error` is the first problem, `problems` has all."""
    problems = [problem.as_json() for problem in error.problems]
    return {
        "ok": False,
        "exit": error.exit_code,
        "error": {**problems[0], "rendered": str(error)},
        "problems": problems,
    }


def failure_json(code: int, id: str, message: str) -> dict[str, Any]:
    """The same for what ends a command and has no place in a file."""
    return {**error_json(NntrainError(Problem(message, id=id))), "exit": code}


@contextmanager
def explain_errors(as_json: bool = False) -> Iterator[None]:
    """Print a user's mistake and leave with its exit code; a bug keeps its traceback."""
    try:
        yield
    except NntrainError as error:
        raise _told(error, as_json) from None
    except Helped as helped:
        if as_json:
            result_json({"ok": True, "exit": 0, "worker": helped.worker, "workers": helped.workers})
        else:
            say(str(helped))
        raise typer.Exit(0) from None
    except MemoryError:
        message = "the machine has no memory left; lower training.batch_size, or use fewer rows"
        raise _told(MemoryLimitError(Problem(message, id="memory")), as_json) from None
    except BrokenPipeError:
        _to_nobody(sys.stdout)
        raise typer.Exit(0) from None
    except OSError as error:
        refused = _refused(error)
        if refused is None:
            raise
        raise _told(refused, as_json) from None
    except KeyboardInterrupt as interrupt:
        _leave_by_signal(interrupt, as_json)


def _told(error: NntrainError, as_json: bool) -> typer.Exit:
    """Print a mistake; what to raise to leave with its exit code."""
    if as_json:
        result_json(error_json(error))
    else:
        say(str(error))
    return typer.Exit(error.exit_code)


def _refused(error: OSError) -> NntrainError | None:
    """What to say of a path that the system does not look at; None of anything else."""
    path = "" if error.filename is None else str(error.filename)
    shown = path if len(path) <= LONGEST else f"{path[:LONGEST]}..."
    if path and error.errno == errno.ENAMETOOLONG:
        return UsageError(f"'{shown}' is too long for the name of a file; name another")
    if path and error.errno == errno.EACCES:
        return MachineError(Problem(f"'{shown}' may not be looked at: {error.strerror}", id="permission"))
    return None


def finish_as_python_does() -> None:
    """Wait for threads that the user's own code may have left, and call what was registered for the end.

    Python calls both by these names itself; idle threads of a pool end by the first alone.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()


def leave_at_once(code: int | str | None) -> NoReturn:
    """End the process though other threads are at work; what was written reaches its readers."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            _to_nobody(stream)
    os._exit(code if isinstance(code, int) else code is not None)


def _to_nobody(stream: IO[str]) -> None:
    """Whoever read the stream has gone: what is written from now on goes nowhere, and work goes on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _leave_by_signal(interrupt: KeyboardInterrupt, as_json: bool) -> None:
    """End as the signal would have ended the process, so that a shell loop stops too."""
    number = getattr(interrupt, "signum", signal.SIGINT)
    message = getattr(interrupt, "message", "stopped")
    if as_json:
        result_json(failure_json(128 + number, "interrupted", message))
    else:
        say(message)
    sys.stdout.flush()
    sys.stderr.flush()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
