"""Keras' own words about a mistake, without their repetitions."""

from __future__ import annotations

import re

PREAMBLES = ("Exception encountered when", "Could not automatically infer the output shape")
"""Beginnings of paragraphs that say where, and not what."""


def first_sentence(error: BaseException) -> str:
    """Keras' reason without its repetitions: the first paragraph that says something, on one line."""
    text = re.sub(
        r"\x1b\[\d*m|\{\{.*?\}\} | \[Op:\w+\]", "", str(error.args[0]) if error.args else str(error)
    )
    said = [part for part in text.strip().split("\n\n") if not part.startswith(PREAMBLES)]
    return " ".join((said[0] if said else text).split())[:300]
