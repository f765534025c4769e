"""The `code:` file: the user's own Keras classes and functions, known by name without being run."""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from nntrain.config.text.source import decode, located
from nntrain.config.text.yaml_text import MAX_PROBLEMS
from nntrain.config.vocabulary.catalogue import OwnEntry
from nntrain.config.vocabulary.code_parts import Part, parts_of
from nntrain.config.vocabulary.hints import SINGULAR
from nntrain.errors import ConfigError, KeyPath, Location, Problem, did_you_mean_file

CODE: KeyPath = ("code",)
MAX_CODE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class UserCode:
    """One file of Python, read and not run."""

    file: Path
    """Where it lies, absolute."""
    shown: str
    """The path as messages show it."""
    content: bytes
    text: str
    parts: Mapping[str, Part]
    """What it registers, by the name that a config uses."""

    @property
    def sha256(self) -> str:
        """Of the file's bytes."""
        return hashlib.sha256(self.content).hexdigest()

    def entry(self, kind: str, name: str) -> OwnEntry | None:
        """The part of this name, as one of a kind of Keras objects; None if it is none."""
        part = self.parts.get(name)
        if part is None or (part.kinds is not None and kind not in part.kinds):
            return None
        arguments = MappingProxyType(dict(part.arguments))
        return OwnEntry(
            name,
            kind,
            part.summary,
            arguments,
            registered=part.key,
            base=part.base,
            own=part.own,
            takes_more=part.takes_more,
        )

    def names(self, kind: str) -> list[str]:
        """The names that a config may use for a kind of Keras objects."""
        return [name for name in self.parts if self.entry(kind, name)]

    def not_a(self, kind: str, name: str) -> str:
        """Why the part of this name can't stand where an object of a kind is wanted."""
        part = self.parts[name]
        if not part.kinds:
            return f"'{name}' of {self.shown} has no base class of Keras, so it is no {SINGULAR[kind]}"
        what = "a function" if len(part.kinds) > 1 else _a(SINGULAR[part.kinds[0]])
        return f"'{name}' of {self.shown} is {what}, not {_a(SINGULAR[kind])}"

    def location(self, line: int, column: int | None = None) -> Location:
        """A place in the file."""
        return _place(self.shown, self.text, line, column)


def find_code(path: str, folder: Path, at: Location) -> UserCode:
    """Read the file that `code:` names.

    Args:
        path: As the config has it.
        folder: Where relative paths start.
        at: The place of the config's `code`.

    Raises:
        ConfigError: It is missing, is no Python, or registers nothing that a config could use.
    """
    file = located(path, folder)

    def refuse(message: str) -> ConfigError:
        return ConfigError(Problem(message, CODE, at, "code-file"))

    try:
        if file.is_dir():
            raise refuse(f"'{path}' is a folder; name a Python file in it")
        with file.open("rb") as stream:
            content = stream.read(MAX_CODE_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        siblings = [p.name for p in file.parent.glob("*.py")]
        raise refuse(f"there is no file '{path}'{did_you_mean_file(file.name, siblings)}") from None
    except OSError as error:
        raise refuse(f"'{path}' can't be read: {error.strerror}") from None
    except ValueError:
        raise refuse(f"{path!r} can't be the name of a file") from None
    if len(content) > MAX_CODE_BYTES:
        raise refuse(f"'{path}' is larger than 1 MiB; it should hold Keras classes and functions alone")
    return read_code(content, file.absolute(), path)


def read_code(content: bytes, file: Path, shown: str) -> UserCode:
    """Read code without running it.

    Args:
        content: The file's bytes.
        file: Where they lie.
        shown: The path for messages.

    Raises:
        ConfigError: With the places in the file that are wrong.
    """
    text = decode(content, shown)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            compile(text, shown, "exec", dont_inherit=True)  # finds what the grammar alone allows
    except SyntaxError as error:
        message = f"Python can't read this: {error.msg}"
        place = _place(shown, text, error.lineno or 1, error.offset)
        raise ConfigError(Problem(message, location=place, id="code-syntax")) from None
    except (ValueError, RecursionError, MemoryError) as error:
        message = f"Python can't read this file: {error or 'it is nested too deeply'}"
        raise ConfigError(Problem(message, location=Location(shown), id="code-syntax")) from None
    parts, mistakes = parts_of(tree, text)
    problems = [
        Problem(m.message, location=_place(shown, text, m.line, m.column), id="code") for m in mistakes
    ]
    if not parts and not problems:
        message = "the file registers nothing; write @keras.saving.register_keras_serializable() above each"
        problems.append(
            Problem(f"{message} class and function of yours", location=Location(shown), id="code")
        )
    if problems:
        raise ConfigError(*problems[:MAX_PROBLEMS])
    return UserCode(file, shown, content, text, {part.name: part for part in parts})


def _place(shown: str, text: str, line: int, column: int | None) -> Location:
    lines = text.splitlines()
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    return Location(shown, line, column and min(column, len(source) + 1), source)


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
