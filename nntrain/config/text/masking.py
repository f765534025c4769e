"""References in YAML's flow style: `{units: ${data.classes}}` holds characters that YAML takes for its own.

They are replaced one for one by code points of private use before parsing, so that lines and columns
stay, and turned back in what was parsed.
"""

from __future__ import annotations

import re

REFERENCE = re.compile("\\$\\{[^{}\n\r\x85\u2028\u2029]*\\}")
PLAIN = "{}[],:#"
PRIVATE = "".join(chr(0xF8D0 + i) for i in range(len(PLAIN)))
_MASK = str.maketrans(PLAIN, PRIVATE)
_UNMASK = str.maketrans(PRIVATE, PLAIN)


def mask(text: str) -> tuple[str, bool]:
    """The text with its references made harmless, and whether anything was replaced.

    A text that has such code points of its own is left as it is.
    """
    if "${" not in text or any(character in text for character in PRIVATE):
        return text, False
    return REFERENCE.sub(lambda found: found[0].translate(_MASK), text), True


def unmask(text: str) -> str:
    """The text as it was."""
    return text.translate(_UNMASK)
