"""Addresses that hold a password, as they may be shown and written down."""

from __future__ import annotations

import re

HIDDEN = "***"
BEFORE_HOST = re.compile(r"(://[^\s:/]*:).+(?=@)")
"""What stands between a user's name and the host, up to the last @: a password may have that, and blanks."""
IN_QUERY = re.compile(r"((?:password|passwd|sslpassword)=)[^&\s'\"]+", re.IGNORECASE)


def masked(text: str) -> str:
    """A text with `***` for every password of an address in it."""
    return IN_QUERY.sub(rf"\1{HIDDEN}", BEFORE_HOST.sub(rf"\1{HIDDEN}", text))
