"""A column of free texts as numbers: a column of each word of the training texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from nntrain.config.text_steps import TextSteps
from nntrain.data.dataset import Array, Table
from nntrain.data.texts.counting import WordCounting
from nntrain.data.texts.features import Texts
from nntrain.data.texts.vocabulary import Vocabulary


@dataclass(frozen=True)
class Words:
    """What the training rows say about one column of texts."""

    name: str
    vocabulary: Vocabulary
    flagged = False
    fills = True
    """A missing text is an empty one, which the vocabulary refuses or keeps."""
    constant = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the prepared columns, as `review:good`."""
        return tuple(f"{self.name}:{word}" for word in self.vocabulary.words)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about the training texts."""
        return self.vocabulary.notes

    def write(self, table: Table, out: Array) -> None:
        """Write the prepared columns into `out`, shape `(rows, columns)`, which holds zeros.

        Raises:
            DataError: A text is empty and such are refused.
        """
        self.vocabulary.write(Texts.of_column(table, self.name), out)

    def to_json(self) -> dict[str, Any]:
        """What the vocabulary keeps of a column."""
        document = self.vocabulary.to_json()
        return {"text": document["text"]}


def read_words(name: str, rows: int, document: Mapping[str, Any]) -> Words:
    """What `Words.to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError: It did not write that.
    """
    return Words(name, Vocabulary.from_json({"rows": rows, "column": name, "text": document["text"]}))


class WordsOf:
    """The words of one column in the making; texts are added in blocks of any size."""

    def __init__(self, name: str, steps: TextSteps) -> None:
        self.name = name
        self._counting = WordCounting(steps, name)

    def add(self, values: NDArray[Any]) -> None:
        """Take in texts, shape `(rows,)`; None where missing."""
        self._counting.add(values)

    def result(self) -> Words:
        """What all rows say; to be called once.

        Raises:
            DataError: No word is left.
        """
        return Words(self.name, self._counting.result())
