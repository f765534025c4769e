"""What can go wrong for a user, as values: problems with a place, and one exception a cause.

Every class of mistake has its own exit code, so that a script can tell a bad config from a full disk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import groupby
from pathlib import PurePath
from typing import ClassVar
from unicodedata import combining, east_asian_width

KeyPath = tuple[str | int, ...]
NO_TEXT = re.compile("[\udc80-\udcff]")
"""What Python puts into a file's name for each byte that is no UTF-8."""


def dotted(path: KeyPath) -> str:
    """Write a key path as a reader would: `("model", "layers", 0)` is `model.layers[0]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` most resembles, or None; `lr` is `learning_rate`, `f1` begins `F1Score`."""
    names = sorted(known)
    by_lower = {name.lower(): name for name in reversed(names)}
    for candidates, text in ((names, word), (list(by_lower), word.lower())):
        matches = get_close_matches(text, candidates, n=3, cutoff=0.6)
        if matches:
            nearest = next((match for match in matches if match[:3] == text[:3]), matches[0])
            return nearest if nearest in names else by_lower[nearest]
    initials = {"".join(part[:1] for part in name.split("_")): name for name in names if "_" in name}
    begun = [name for name in names if len(word) > 1 and name.lower().startswith(word.lower())]
    return initials.get(word.lower()) or min(begun, key=len, default=None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` for the nearest other word that is known, or nothing."""
    nearest = suggestion(word, (name for name in known if name != word))
    return f" (did you mean '{nearest}'?)" if nearest else ""


def did_you_mean_file(name: str, files: Iterable[str]) -> str:
    """The same for the name of a file: what stands before its ending must be alike.

    Args:
        name: The last part of a path that leads nowhere.
        files: The names of the files that lie there.
    """
    stem, ending = PurePath(name).stem, PurePath(name).suffix
    alike = sorted((file for file in files if file != name), key=lambda file: (file.endswith(ending), file))
    by_stem = {PurePath(file).stem: file for file in alike}  # the last one holds: one of the same ending
    nearest = by_stem.get(stem) or by_stem.get(suggestion(stem, by_stem) or "")
    return f" (did you mean '{nearest}'?)" if nearest else ""


def readable(name: str) -> str:
    """A file's name as text that can be written: a byte that is no UTF-8 as its number in hexadecimal."""
    return NO_TEXT.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", name)


def listing(names: Iterable[object], limit: int = 12) -> str:
    """Names with commas; a long list is cut and counted."""
    words = [str(name) for name in names]
    rest = len(words) - limit
    return ", ".join(words) if rest <= 0 else f"{', '.join(words[:limit])} and {rest} more"


@dataclass(frozen=True)
class Location:
    """A place in a file (or in a command-line argument): lines and columns count from 1."""

    source: str
    line: int | None = None
    column: int | None = None
    text: str | None = None
    """The source line that the caret points into."""


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is, what was found, what is allowed and what to do."""

    message: str
    key: KeyPath = ()
    """The config key that the mistake belongs to; its line is looked up when `location` is None."""
    location: Location | None = None
    id: str = "invalid"
    """A stable word for programs; the message may change."""

    def as_json(self) -> dict[str, object]:
        """The same facts for `--json`; the words of an id are joined by hyphens."""
        place = self.location or Location("")
        return {
            "id": self.id.replace("_", "-"),
            "message": self.message,
            "key": dotted(self.key) or None,
            "file": place.source or None,
            "line": place.line,
            "column": place.column,
            "text": place.text,
        }


class NntrainError(Exception):
    """A mistake that the user can mend; carries every problem that was found."""

    exit_code: ClassVar[int] = 1
    usual_id: ClassVar[str] = "invalid"
    """The stable word of a problem that is given as a text."""

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(Problem(p, id=self.usual_id) if isinstance(p, str) else p for p in problems)
        super().__init__(*self.problems)

    def __str__(self) -> str:
        return render(self.problems)

    def located(self, find: Callable[[KeyPath], Location | None]) -> NntrainError:
        """The same error with a place for each problem that names a key and has none."""
        placed = (p if p.location or not p.key else replace(p, location=find(p.key)) for p in self.problems)
        return type(self)(*placed)


class UsageError(NntrainError):
    """The command line asks for something that is not there."""

    exit_code = 2
    usual_id = "usage"


class ConfigError(NntrainError):
    """The config's text, schema or meaning is wrong."""

    exit_code = 3


class DataError(NntrainError):
    """The data are missing or unfit."""

    exit_code = 4


class ArtefactError(NntrainError):
    """A run or model file is damaged, missing or made by something else."""

    exit_code = 5


class DivergedError(NntrainError):
    """Training produced a loss that is not a finite number."""

    exit_code = 6


class MachineError(NntrainError):
    """The disk, a permission or a device is not what the command needs."""

    exit_code = 7


class MemoryLimitError(NntrainError):
    """The machine has not enough memory for the model or the batch."""

    exit_code = 8


class ConflictError(NntrainError):
    """What was recorded and what is there now disagree."""

    exit_code = 9


class ExpectationError(NntrainError):
    """What was to hold does not."""

    exit_code = 10


class Helped(Exception):
    """No mistake: a worker has helped to train, and another one has the results."""

    def __init__(self, worker: int, workers: int) -> None:
        super().__init__(worker, workers)
        self.worker, self.workers = worker, workers

    def __str__(self) -> str:
        return f"worker {self.worker} of {self.workers} is done; worker 0 has the results"


class TrialsError(NntrainError):
    """Some trials of a search failed."""

    exit_code = 11


def render(problems: Sequence[Problem]) -> str:
    """Problems as text, grouped by file and sorted by line; a caret under the culprit."""
    ordered = sorted(problems, key=_position)
    blocks = []
    for source, group in groupby(ordered, key=lambda p: p.location.source if p.location else ""):
        members = list(group)
        if len(members) == 1 and _line(members[0]) is None:
            blocks.append((f"{source}: " if source else "") + _paragraph(members[0]))
            continue
        count = f"{len(members)} problem" + ("s" if len(members) > 1 else "")
        head = f"{source}: {count}\n\n" if source else ""
        blocks.append(head + "\n".join(_paragraph(p) for p in members))
    return "\n\n".join(blocks)


def _position(problem: Problem) -> tuple[str, int, int, str]:
    place = problem.location or Location("")
    return place.source, place.line or 0, place.column or 0, dotted(problem.key)


def _line(problem: Problem) -> int | None:
    return problem.location.line if problem.location else None


def _sentence(problem: Problem) -> str:
    key = dotted(problem.key)
    text = f"{key}: {problem.message}" if key else problem.message
    shown = readable(text)
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in shown)


def _paragraph(problem: Problem) -> str:
    place = problem.location or Location("")
    where = [str(number) for number in (place.line, place.column) if number] if place.line else []
    lines = [" ".join((":".join(where), _sentence(problem))).lstrip()]
    if place.text is not None:
        lines += _excerpt(place.line, place.column, place.text)
    return "\n".join(lines)


def _excerpt(line: int | None, column: int | None, text: str, width: int = 96) -> list[str]:
    """The source line and a caret; a long line is cut around the caret."""
    gutter = f"{line:>4} | " if line else " " * 7
    start = max(0, column - 1 - width // 2) if column and len(text) > width else 0
    part = text[start : start + width].replace("\t", " ")
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in part)
    left = gutter + ("..." if start else "")
    right = "..." if start + width < len(text) else ""
    rows = [(left + shown + right).rstrip()]
    if column:
        before = shown[: column - 1 - start].ljust(column - 1 - start)
        rows.append(" " * (len(left) + sum(map(_cells, before))) + "^")
    return rows


def _cells(character: str) -> int:
    """Columns of a terminal that a character takes."""
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1
