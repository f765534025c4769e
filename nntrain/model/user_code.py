"""The user's own Keras code: run once for a command, and blamed by file and line for what it raises."""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from traceback import walk_tb
from types import ModuleType, TracebackType

import keras

from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.config.vocabulary.user_code import UserCode
from nntrain.errors import ConfigError, Location, NntrainError, Problem
from nntrain.model.reasons import first_sentence

MARK = "__nntrain_code__"
"""A global of every module that is run here: the path of its file for messages."""
Raised = tuple[type[BaseException], ...]


def execute(code: UserCode) -> None:
    """Run the file, so that Keras knows what it registers; what an earlier file registered is replaced.

    Raises:
        ConfigError: The file raises something, or does not register what is written in it.
    """
    name = f"nntrain_code_{code.sha256[:16]}"
    module = ModuleType(name)
    module.__file__ = str(code.file)
    setattr(module, MARK, code.shown)
    lines = code.text.splitlines(keepends=True)
    # Tracebacks show the lines that ran, whatever becomes of the file.
    linecache.cache[module.__file__] = (len(code.text), None, lines, module.__file__)
    sys.modules[name] = module
    custom = keras.saving.get_custom_objects()
    for part in code.parts.values():
        custom.pop(part.key, None)
    with _Explained(code):
        exec(compile(code.text, module.__file__, "exec", dont_inherit=True), vars(module))
    problems = [
        Problem(f"'{part.name}' is not registered when the file runs", location=code.location(part.line))
        for part in code.parts.values()
        if keras.saving.get_registered_object(part.key) is None
    ]
    if problems:
        raise ConfigError(*problems)


class _Explained(AbstractContextManager[None]):
    """Turns what a user's file raises while it runs into an error at its line; Ctrl-C passes."""

    def __init__(self, code: UserCode) -> None:
        self.code = code

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        if not isinstance(error, (Exception, SystemExit)) or isinstance(error, NntrainError):
            return
        lines = [line for _, line, _ in own_frames(error)]
        place = self.code.location(lines[-1]) if lines else Location(self.code.shown)
        raise ConfigError(Problem(_said(error), location=place, id="own-code")) from error


def blamed_on_code() -> AbstractContextManager[None]:
    """Turns what the user's own code raises inside, called by Keras, into an error that names its line.

    Raises:
        ConfigError: For every exception that went through that code; others pass.
    """
    return _Blamed()


class _Blamed(AbstractContextManager[None]):
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, NntrainError):
            where = own_line(error)
            if where:
                raise ConfigError(Problem(where, id="own-code")) from error


def any_of(spec: KerasObject | None, expected: Raised) -> Raised:
    """What may be caught around the object: the user's own code may raise anything."""
    return (Exception,) if spec is not None and has_own_code(spec) else expected


def has_own_code(spec: KerasObject) -> bool:
    """Whether the object or one inside it is the user's own."""
    inside = list(spec.arguments.values())
    while inside:
        value = inside.pop()
        if isinstance(value, (list, tuple)):
            inside += value
        elif isinstance(value, KerasObject) and has_own_code(value):
            return True
    return spec.registered is not None


def own_line(error: BaseException) -> str | None:
    """`my_parts.py line 12, in Scale.call: NameError: ...`, if the error went through the user's own code."""
    frames = list(own_frames(error))
    if frames:
        file, line, function = frames[-1]
        return f"{file} line {line}, in {function}: {_said(error)}"
    return _line_of_operation(str(error))


GRAPH_FRAME = re.compile(r'File "(.+?)", line (\d+), in (\S+)')
"""A line of what TensorFlow says of an operation that failed: where it was written."""


def _line_of_operation(said: str) -> str | None:
    """The same for an operation that fails in a graph, which only TensorFlow's text tells."""
    shown = {
        m.__file__: vars(m)[MARK] for m in list(sys.modules.values()) if MARK in getattr(m, "__dict__", {})
    }
    frames = [found for found in GRAPH_FRAME.finditer(said) if found[1] in shown]
    if not frames:
        return None
    file, line, function = frames[-1].groups()
    reason = next(part for part in reversed(said.split("\n\n")) if part.strip()).splitlines()[0]
    return f"{shown[file]} line {line}, in {function}: {reason.strip()}"


def own_frames(error: BaseException) -> Iterator[tuple[str, int, str]]:
    """File, line and function of each call in the user's own code, the outermost first."""
    for frame, line in walk_tb(error.__traceback__):
        mark = frame.f_globals.get(MARK)
        if mark is not None:
            yield str(mark), line, frame.f_code.co_qualname


def _said(error: BaseException) -> str:
    """The error's type and the first sentence of what it says."""
    said = first_sentence(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
