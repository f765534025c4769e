"""What the training texts teach, and texts made numbers with it: 0 is padding, 1 a word that is not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nntrain.config.text_steps import TextSteps, text_key
from nntrain.data.files import check_memory
from nntrain.data.kind import Array, State
from nntrain.data.texts.padding import padded
from nntrain.data.texts.words import splitter

if TYPE_CHECKING:
    from nntrain.data.texts.features import Texts

Split = Callable[[str], list[str]]
PADDING, UNKNOWN, FIRST = 0, 1, 2


@dataclass(frozen=True)
class Vocabulary(State):
    """The words of the training texts, and the steps that they were found with."""

    rows: int
    steps: TextSteps
    """With the length that a row has, where it has one."""
    words: tuple[str, ...]
    """The most frequent first; the word at position `i` has the number `i + 2`, or the column `i`."""
    weights: tuple[float, ...]
    """tf_idf: the weight of each word."""
    counted: int
    """Words in the training texts, as often as they stand there."""
    unknown: int
    """Those that are not in the vocabulary."""
    left_out: int
    """Different words that are not in the vocabulary."""
    cut: int
    """Training texts that are cut."""
    wordless: int
    """Training texts without a word."""
    column: str | None = None
    """The column of a table that holds the texts; None where the rows are texts."""

    @property
    def order(self) -> tuple[str, ...]:
        """The columns of a table that are read: one, or none."""
        return () if self.column is None else (self.column,)

    @property
    def texts(self) -> tuple[str, ...]:
        """Those that hold texts."""
        return self.order

    @property
    def columns(self) -> tuple[str, ...]:
        """The words, where each has a column."""
        return () if self.steps.output == "tokens" else self.words

    @property
    def vocabulary(self) -> int | None:
        """Word numbers, padding and unknown among them."""
        return len(self.words) + FIRST if self.steps.output == "tokens" else None

    @property
    def notes(self) -> tuple[str, ...]:
        """How many words there are, how long a row is, and what was left out."""
        kind = "words" if self.steps.split == "words" else "characters"
        found = [f"the training texts have {len(self.words) + self.left_out:,} different {kind}"]
        if self.left_out:
            share = self.unknown / self.counted
            found[0] += (
                f", of which {self.left_out:,} are left out of the vocabulary ({share:.1%} of all {kind})"
            )
        if self.steps.length is not None:
            are = "is" if self.cut == 1 else "are"
            cut = f"; {self.cut:,} of {self.rows:,} training texts {are} longer and {are} cut"
            found.append(f"a row has {self.steps.length:,} {kind}{cut if self.cut else ''}")
        if self.wordless:
            found.append(f"training texts without a single one of the {kind}: {self.wordless:,}")
        return tuple(found if self.column is None else (f"column '{self.column}': {line}" for line in found))

    def apply(self, features: Texts) -> Array:
        """Texts as the model reads them.

        Args:
            features: The texts.

        Returns:
            int32 `(rows, length)` for tokens, else float32 `(rows, words)`.

        Raises:
            DataError: A text is empty and such are refused, or the rows need more memory than there is.
        """
        steps = self.steps
        split = self._checked(features)
        if steps.output != "tokens":
            width = len(self.words)
            check_memory(len(features) * width * 4, f"{len(features):,} rows of {width:,} words take")
            out = np.zeros((len(features), width), np.float32)
            self._count(features, split, out)
            return out
        assert steps.length is not None
        check_memory(
            len(features) * steps.length * 4, f"{len(features):,} rows of {steps.length:,} words take"
        )
        number = {word: i for i, word in enumerate(self.words, FIRST)}
        rows = ([number.get(word, UNKNOWN) for word in split(text or "")] for text in features.values)
        return padded(rows, len(features), steps.length, steps.padding, steps.truncating)

    def write(self, features: Texts, out: Array) -> None:
        """Write a column for each word into `out`, shape `(rows, words)`, which holds zeros.

        Raises:
            DataError: A text is empty and such are refused.
        """
        self._count(features, self._checked(features), out)

    def _checked(self, features: Texts) -> Split:
        """What takes the texts apart, once it is known that none is empty against the config's word."""
        steps, key = self.steps, ".".join(map(str, text_key(self.column)))
        features.refuse_empty(steps.empty == "error", f"train with {key}.empty: keep")
        return splitter(steps.lower, steps.punctuation, steps.split)

    def _count(self, features: Texts, split: Split, out: Array) -> None:
        column = {word: i for i, word in enumerate(self.words)}
        for row, text in zip(out, features.values, strict=True):
            for word, count in Counter(split(text or "")).items():
                at = column.get(word)
                if at is not None:
                    row[at] = count * self.weights[at] if self.weights else 1.0

    def to_json(self) -> dict[str, Any]:
        """The words and the steps under `text`."""
        return {
            "kind": "text",
            "rows": self.rows,
            **({} if self.column is None else {"column": self.column}),
            "text": {
                "steps": self.steps.model_dump(mode="json"),
                "words": list(self.words),
                "weights": list(self.weights),
                "counted": self.counted,
                "unknown": self.unknown,
                "left_out": self.left_out,
                "cut": self.cut,
                "wordless": self.wordless,
            },
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Vocabulary:
        """The vocabulary of a run.

        Raises:
            KeyError, TypeError, ValueError: It is not what `to_json` gave.
        """
        text = document["text"]
        return cls(
            rows=document["rows"],
            steps=TextSteps.model_validate(text["steps"]),
            words=tuple(text["words"]),
            weights=tuple(text["weights"]),
            counted=text["counted"],
            unknown=text["unknown"],
            left_out=text["left_out"],
            cut=text["cut"],
            wordless=text["wordless"],
            column=document.get("column"),
        )
