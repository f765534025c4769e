"""Text with references in it, taken apart: `${training.epochs}`, `${env:NAME:-default}`, `$${` for `${`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nntrain.config.text.keypath import split_keys

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FACT = re.compile(r"data\.(classes|features|vocabulary)(\.[^.\[\]{}$]+)?")
"""What only the data tell: `data.classes`, or `data.classes.species` of one output."""
WAITING = re.compile(r"\$\{(" + FACT.pattern + r")\}")
"""A reference to a fact, in a text that is otherwise done."""
LONGEST = 200


@dataclass(frozen=True)
class Reference:
    """One `${...}`."""

    written: str
    """As it stands in the text."""
    keys: tuple[str, ...] = ()
    """The keys of the value that is meant."""
    variable: str = ""
    """The environment variable that is meant, if it is one."""
    default: str | None = None
    """What stands for a variable that is not set."""

    @property
    def fact(self) -> str | None:
        """The fact about the data that is meant, such as `data.classes`; None if it is something else."""
        name = self.written[2:-1].strip()
        return name if FACT.fullmatch(name) else None


class MalformedError(ValueError):
    """A reference is not written as one."""

    def __init__(self, message: str, written: str) -> None:
        super().__init__(message)
        self.written = written
        """The text at fault."""


def take_apart(text: str) -> list[str | Reference]:
    """Plain text and references, in turn; `$${` has become `${` in the former.

    Raises:
        MalformedError: A `${` begins nothing that can be read.
    """
    parts: list[str | Reference] = []
    plain, at = "", 0
    while (found := text.find("${", at)) >= 0:
        if found > at and text[found - 1] == "$":
            plain += text[at : found - 1] + "${"
            at = found + 2
            continue
        plain += text[at:found]
        end = text.find("}", found)
        if end < 0:
            raise MalformedError("'${' is never closed; add '}', or write '$${' for '${' itself", "${")
        parts += [plain, _reference(text[found : end + 1])]
        plain, at = "", end + 1
    return [part for part in (*parts, plain + text[at:]) if part != ""]


def _reference(written: str) -> Reference:
    inside = written[2:-1].strip()
    if "${" in inside:
        raise MalformedError("a reference can't stand inside another one", written)
    if not inside:
        raise MalformedError("'${}' names nothing; write a key, as in ${training.epochs}", written)
    if len(inside) > LONGEST:
        raise MalformedError("this reference is too long to be a key", written)
    if inside.startswith("env:"):
        variable, marked, default = inside[4:].partition(":-")
        if not VARIABLE.fullmatch(variable):
            message = "an environment variable is written ${env:NAME} or ${env:NAME:-default}"
            raise MalformedError(message, written)
        return Reference(written, variable=variable, default=default if marked else None)
    keys = split_keys(inside)
    if keys is None:
        raise MalformedError(f"{written} is no key; write one as in ${{training.epochs}}", written)
    return Reference(written, tuple(keys))


def escape(text: str) -> str:
    """A text as it is written in a file, so that it refers to nothing."""
    return text.replace("${", "$${")
