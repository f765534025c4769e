"""A stream of text as blocks of whole rows, each with the number of its first line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from nntrain.errors import DataError, Location, Problem

SIZE = 4 << 20
"""Bytes that are read at once."""
LONGEST = 16 * SIZE
"""A block without the end of a row grows up to this."""
MARK = b"\xef\xbb\xbf"
"""How files of UTF-8 may begin."""


@dataclass(frozen=True)
class Block:
    """Whole rows of a text."""

    content: bytes
    line: int
    """The number of the first line, from 1."""
    done: int
    """Bytes of the stream up to the end of the block."""
    last: bool
    """Whether the stream ends here."""

    def text(self, shown: str) -> str:
        """The content as text.

        Raises:
            DataError: It is not UTF-8.
        """
        try:
            return self.content.decode()
        except UnicodeDecodeError as error:
            message = (
                f"this line is not UTF-8 (byte 0x{self.content[error.start]:02x}); save the file as UTF-8"
            )
            if self.content.startswith((b"\xff\xfe", b"\xfe\xff")):
                message = "this looks like UTF-16; save the file as UTF-8"
            line = self.line + self.content.count(b"\n", 0, error.start)
            raise DataError(Problem(message, location=Location(shown, line), id="encoding")) from None


def blocks(stream: IO[bytes], *, quotes: bool) -> Iterator[Block]:
    """Cut a stream behind rows.

    Args:
        stream: Read from where it is.
        quotes: Whether a row goes on over lines where a quote is open.
    """
    rest, line, done, first = b"", 1, 0, True
    while True:
        data = stream.read(SIZE)
        if first and data.startswith(MARK):
            data = data[len(MARK) :]
            done += len(MARK)
        first = False
        content = rest + data
        if not data:
            if content:
                yield Block(content, line, done + len(content), last=True)
            return
        end = _end(content, quotes) or (content.rfind(b"\n") + 1 if len(content) > LONGEST else 0)
        if end:
            done += end
            yield Block(content[:end], line, done, last=False)
            line += content.count(b"\n", 0, end)
        rest = content[end:]


def _end(content: bytes, quotes: bool) -> int:
    """Where the last whole row ends; 0 where none does."""
    end = content.rfind(b"\n") + 1
    if not quotes or b'"' not in content:
        return end
    count = content.count(b'"', 0, end)
    while end and count % 2:
        before = content.rfind(b"\n", 0, end - 1) + 1
        count -= content.count(b'"', before, end)
        end = before
    return end
