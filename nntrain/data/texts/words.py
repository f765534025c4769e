"""A text as the words, or the characters, that it is a row of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from unicodedata import category

APOSTROPHES = "'\u2019"


class _Marks(dict[int, str]):
    """What each character becomes where punctuation is taken out; looked up once for every character."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        mark = category(character)[0] == "P" or (code < 128 and category(character)[0] == "S")
        self[code] = "'" if character in APOSTROPHES else " " if mark else character
        return self[code]


_MARKS = _Marks()


def splitter(
    lower: bool, punctuation: Literal["strip", "keep"], split: Literal["words", "characters"]
) -> Callable[[str], list[str]]:
    """What takes a text apart.

    Args:
        lower: Whether capital letters become small ones.
        punctuation: `strip` makes every punctuation mark, and every symbol of ASCII, a space, but for an
            apostrophe inside a word.
        split: Words stand between spaces; among characters, a run of spaces is one space.
    """

    def words(text: str) -> list[str]:
        text = text.lower() if lower else text
        if punctuation == "keep":
            return text.split()
        found = text.translate(_MARKS).split()
        if "'" in text or "\u2019" in text:
            found = [word for part in found if (word := part.strip("'"))]
        return found

    return words if split == "words" else lambda text: list(" ".join(words(text)))
