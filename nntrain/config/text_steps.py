"""`data.preprocess.text`, and `text` of a column: how texts become numbers."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from nntrain.config.section import Section, fault, faults
from nntrain.errors import KeyPath

LONGEST_ROW = 1_000_000
"""Tokens of a row at most."""
Length = Annotated[int, Field(ge=1, le=LONGEST_ROW)]
Side = Literal["pre", "post"]


class TextSteps(Section):
    """What is done to texts; the vocabulary comes from the training texts alone."""

    lower: bool = True
    """Whether capital letters become small ones."""
    punctuation: Literal["strip", "keep"] = "strip"
    """`strip`: punctuation marks separate words and are no part of them, apart from the apostrophe inside
    a word; `keep`: they stay where they are."""
    split: Literal["words", "characters"] = "words"
    """What a text is a row of. Words are what stands between spaces."""
    vocabulary: int = Field(default=10_000, ge=3, le=10_000_000)
    """Numbers at most, 0 (padding) and 1 (unknown) among them; the most frequent words are kept, and of
    equally frequent ones those that come first in the alphabet."""
    min_count: int = Field(default=1, ge=1)
    """How often a word must stand in the training texts to be kept."""
    output: Literal["tokens", "multi_hot", "tf_idf"] = "tokens"
    """`tokens`: word numbers in the text's order, for an Embedding layer; `multi_hot`: a column of 0 and 1
    for each word; `tf_idf`: how often each word stands in the text, times
    log(1 + texts / (1 + texts with the word)). A word that is not in the vocabulary has the number 1, and no
    column."""
    length: Length | None = None
    """Words of a row; longer texts are cut, shorter ones are padded with 0."""
    percentile: float = Field(default=95, gt=0, le=100)
    """Without `length`: the share of the training texts, in percent, that are not cut."""
    padding: Side = "post"
    """Where a short text is padded: before its first word or after its last."""
    truncating: Side = "post"
    """Where a long text is cut: at its beginning or at its end."""
    empty: Literal["error", "keep"] = "error"
    """A text without a single character: an error, or a row of padding or of zeros."""

    @model_validator(mode="after")
    def _lengths_belong_to_tokens(self) -> Self:
        if self.length is not None and self.percentile != _default("percentile"):
            raise fault("is given besides 'length', which decides; keep one of the two", "percentile")
        if self.output == "tokens":
            return self
        given = [
            (
                f"is for 'output: tokens', and '{self.output}' has no order of words; remove this",
                (key,),
                "conflict",
            )
            for key in ("length", "percentile", "padding", "truncating")
            if getattr(self, key) != _default(key)
        ]
        if given:
            raise faults(*given)
        return self


def text_key(column: str | None) -> KeyPath:
    """Where the steps of a column of texts are set; of no column, those of `type: text`."""
    return ("data", "preprocess", *(("text",) if column is None else ("columns", column, "text")))


def _default(key: str) -> object:
    return TextSteps.model_fields[key].default
