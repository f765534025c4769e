"""Rows of texts, and what the training texts teach: a vocabulary and a length.

Words are counted here, not by Keras' TextVectorization, because a source is read without TensorFlow, while
that is imported; and because a vocabulary in `preprocess.json` can be read by anyone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Preprocess
from nntrain.config.text_steps import TextSteps
from nntrain.data.kind import Array, Index, Kind
from nntrain.data.texts.vocabulary import Vocabulary
from nntrain.data.texts.words import splitter
from nntrain.errors import DataError, Location, Problem

STEPS = ("data", "preprocess", "text")
DEFAULTS = TextSteps()


@dataclass(frozen=True)
class Texts(Kind):
    """Texts of differing length."""

    values: NDArray[np.object_]
    """Shape `(rows,)`; None where a cell of a file is empty."""
    index: Index
    """Row number in the source, from 0, shape `(rows,)`."""
    where: Callable[[int], Location]
    """The place of a text, from its row number in the source. It may read the file again, so it is for
    errors alone."""

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Index) -> Texts:
        """The texts at these positions."""
        return replace(self, values=self.values[rows], index=self.index[rows])

    def arrays(self) -> Iterator[tuple[str, Array]]:
        """The texts."""
        yield "text", self.values

    def comparable(self) -> Array:
        """The texts."""
        return self.values

    def check(self, settings: Preprocess) -> None:
        """Refuse empty texts, unless they are to be kept."""
        self.refuse_empty(settings.text.empty == "error", "set data.preprocess.text.empty: keep")

    def refuse_empty(self, wanted: bool, remedy: str) -> None:
        """Refuse empty texts.

        Args:
            wanted: Whether they are to be refused.
            remedy: What can be done, apart from taking the row out.

        Raises:
            DataError: With the place of the first.
        """
        empty = [i for i, text in enumerate(self.values) if not text or text.isspace()]
        if wanted and empty:
            count = f"{len(empty)} of {len(self)} texts {'is' if len(empty) == 1 else 'are'} empty"
            message = f"{count}, the first here; take the row out, or {remedy}"
            raise DataError(Problem(message, location=self.where(int(self.index[empty[0]])), id="empty_text"))

    def fit(self, settings: Preprocess) -> Vocabulary:
        """Count the words of the training texts."""
        steps = settings.text
        split = splitter(steps.lower, steps.punctuation, steps.split)
        counts: Counter[str] = Counter()
        texts: Counter[str] = Counter()
        lengths = np.zeros(len(self), np.int64)
        for i, text in enumerate(self.values):
            found = split(text or "")
            lengths[i] = len(found)
            counts.update(found)
            if steps.output == "tf_idf":
                texts.update(set(found))
        words = _kept(counts, steps)
        if not words:
            raise _no_words(counts, steps)
        length = _length(lengths, steps) if steps.output == "tokens" else None
        return Vocabulary(
            rows=len(self),
            steps=steps.model_copy(update={"length": length, "percentile": DEFAULTS.percentile}),
            words=words,
            weights=tuple(float(np.log(1 + len(self) / (1 + texts[word]))) for word in words if texts),
            counted=sum(counts.values()),
            unknown=sum(counts.values()) - sum(counts[word] for word in words),
            left_out=len(counts) - len(words),
            cut=0 if length is None else int((lengths > length).sum()),
            wordless=int((lengths == 0).sum()),
        )


def _kept(counts: Counter[str], steps: TextSteps) -> tuple[str, ...]:
    """The words by falling count, equal ones by the alphabet; two numbers are taken already."""
    frequent = (word for word, count in counts.items() if count >= steps.min_count)
    ordered = sorted(frequent, key=lambda word: (-counts[word], word))
    return tuple(ordered[: steps.vocabulary - 2])


def _no_words(counts: Counter[str], steps: TextSteps) -> DataError:
    if counts:
        (word, most), *_ = counts.most_common(1)
        message = f"no word stands {steps.min_count} times in the training texts"
        message += f"; '{word}' is the most frequent, with {most}: lower this"
        return DataError(Problem(message, (*STEPS, "min_count"), id="no_words"))
    message = "no training text holds a word, so there is no vocabulary"
    message += "; set data.preprocess.text.punctuation: keep" if steps.punctuation == "strip" else ""
    return DataError(Problem(message, ("data", "path"), id="no_words"))


def _length(lengths: NDArray[np.int64], steps: TextSteps) -> int:
    """Words of a row: as the config says, or so many that its share of the training texts is not cut."""
    if steps.length is not None:
        return steps.length
    return max(1, int(np.percentile(lengths, steps.percentile, method="inverted_cdf")))
