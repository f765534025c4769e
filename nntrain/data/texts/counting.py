"""What training texts teach, in the making: words are counted as texts are added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from nntrain.config.text_steps import TextSteps, text_key
from nntrain.data.texts.vocabulary import Vocabulary
from nntrain.data.texts.words import splitter
from nntrain.errors import DataError, Problem

DEFAULTS = TextSteps()


class WordCounting:
    """The words of some texts, which may be added in portions of any size."""

    def __init__(self, steps: TextSteps, column: str | None) -> None:
        """Begin.

        Args:
            steps: How texts become words.
            column: The column of a table that holds the texts; None where the rows are texts.
        """
        self._steps, self._column = steps, column
        self._split = splitter(steps.lower, steps.punctuation, steps.split)
        self._counts: Counter[str] = Counter()
        self._texts: Counter[str] = Counter()
        self._lengths: list[int] = []

    def add(self, values: Iterable[str | None]) -> None:
        """Take in texts; None is an empty one."""
        for text in values:
            found = self._split(text or "")
            self._lengths.append(len(found))
            self._counts.update(found)
            if self._steps.output == "tf_idf":
                self._texts.update(set(found))

    def result(self) -> Vocabulary:
        """What all texts teach; to be called once.

        Raises:
            DataError: No word is left.
        """
        steps, counts, texts, rows = self._steps, self._counts, self._texts, len(self._lengths)
        words = _kept(counts, steps)
        if not words:
            raise self._no_words()
        lengths = np.array(self._lengths, np.int64)
        length = _length(lengths, steps) if steps.output == "tokens" else None
        return Vocabulary(
            rows=rows,
            steps=steps.model_copy(update={"length": length, "percentile": DEFAULTS.percentile}),
            words=words,
            weights=tuple(float(np.log(1 + rows / (1 + texts[word]))) for word in words if texts),
            counted=sum(counts.values()),
            unknown=sum(counts.values()) - sum(counts[word] for word in words),
            left_out=len(counts) - len(words),
            cut=0 if length is None else int((lengths > length).sum()),
            wordless=int((lengths == 0).sum()),
            column=self._column,
        )

    def _no_words(self) -> DataError:
        key, steps = text_key(self._column), self._steps
        if self._counts:
            (word, most), *_ = self._counts.most_common(1)
            message = f"no word stands {steps.min_count} times in the training texts"
            message += f"; '{word}' is the most frequent, with {most}: lower this"
            return DataError(Problem(message, (*key, "min_count"), id="no_words"))
        whose = "" if self._column is None else f" of '{self._column}'"
        message = f"no training text{whose} holds a word, so there is no vocabulary"
        if steps.punctuation == "strip":
            message += f"; set {'.'.join(map(str, key))}.punctuation: keep"
        return DataError(Problem(message, ("data", "path") if self._column is None else key, id="no_words"))


def _kept(counts: Counter[str], steps: TextSteps) -> tuple[str, ...]:
    """The words by falling count, equal ones by the alphabet; two numbers are taken already."""
    frequent = (word for word, count in counts.items() if count >= steps.min_count)
    ordered = sorted(frequent, key=lambda word: (-counts[word], word))
    return tuple(ordered[: steps.vocabulary - 2])


def _length(lengths: NDArray[np.int64], steps: TextSteps) -> int:
    """Words of a row: as the config says, or so many that its share of the training texts is not cut."""
    if steps.length is not None:
        return steps.length
    return max(1, int(np.percentile(lengths, steps.percentile, method="inverted_cdf")))
