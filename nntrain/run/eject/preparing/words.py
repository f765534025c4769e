"""The lines that make numbers of texts."""

from __future__ import annotations

from nntrain.config.text_steps import TextSteps
from nntrain.run.eject.code import Call, Expression, lines, text
from nntrain.run.eject.draft import Draft
from nntrain.run.eject.preparing import functions


def cells(name: str) -> str:
    """The texts of a column of `table`; an empty cell is an empty text."""
    return f'table[{text(name)}].fillna("").to_numpy()'


def column(draft: Draft, texts: str, steps: TextSteps) -> Expression:
    """A matrix of words, which are the columns.

    Args:
        draft: Takes the functions.
        texts: The texts.
        steps: With an output other than tokens.
    """
    _define(draft, functions.MULTI_HOT if steps.output == "multi_hot" else functions.TF_IDF, steps)
    return Call(steps.output, [texts, _known(draft, texts, steps)])


def rows(draft: Draft, variable: str, texts: str, steps: TextSteps, asked: TextSteps) -> list[str]:
    """The lines that give texts as the network reads them.

    Args:
        draft: Takes the functions.
        variable: Of the matrix.
        texts: A name in the script.
        steps: As they were fitted.
        asked: As the config has them.
    """
    if steps.output != "tokens":
        return [*lines(f"{variable} = ", column(draft, texts, steps), '.astype("float32")')]
    _define(draft, functions.NUMBERED, steps)
    found = lines("rows = ", Call("numbered", [texts, _known(draft, texts, steps)]))
    length = str(steps.length)
    if asked.length is None:
        length = "length"
        share = f"{asked.percentile:g}"
        found.append("lengths = [len(rows[i]) for i in train]")
        measured = f'np.percentile(lengths, {share}, method="inverted_cdf")'
        found.append(f"length = max(1, int({measured}))")
    sides = {"padding": text(steps.padding), "truncating": text(steps.truncating)}
    return [*found, *lines(f"{variable} = ", Call("keras.utils.pad_sequences", ["rows", length], sides))]


def _known(draft: Draft, texts: str, steps: TextSteps) -> Expression:
    draft.need("from collections import Counter")
    _define(draft, functions.VOCABULARY, steps)
    named = {"least": str(steps.min_count), "most": str(steps.vocabulary - 2)}
    return Call("vocabulary", [texts], named)


def _define(draft: Draft, function: str, steps: TextSteps) -> None:
    lower = ".lower()" if steps.lower else ""
    if steps.punctuation == "strip":
        draft.need("from unicodedata import category")
        draft.define(functions.WORDS_OF.format(lower=lower))
    else:
        draft.define(functions.PLAIN_WORDS_OF.format(lower=lower))
    what = "word" if steps.split == "words" else "character"
    if what == "character":
        draft.define(functions.CHARACTERS_OF)
    split = f"{what}s_of"
    draft.define(function.format(split=split, what=what, What=f"{what.title()}s"))
