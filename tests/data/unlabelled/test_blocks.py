import io

import pytest

from nntrain.data.unlabelled import blocks as module
from nntrain.data.unlabelled.blocks import blocks
from nntrain.errors import DataError

TEXT = b'a,b\n1,2\n"x\ny",3\n4,"5 "" 6"\n7,8'


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 100])
def test_blocks_hold_whole_rows_and_know_their_lines(size, monkeypatch):
    monkeypatch.setattr(module, "SIZE", size)
    found = list(blocks(io.BytesIO(TEXT), quotes=True))
    assert b"".join(block.content for block in found) == TEXT
    assert [block.last for block in found] == [False] * (len(found) - 1) + [True]
    for block in found:
        before = TEXT[: block.done - len(block.content)]
        assert block.line == before.count(b"\n") + 1
        assert before.count(b'"') % 2 == 0
        assert not before or before.endswith(b"\n")


def test_without_quotes_a_row_is_a_line(monkeypatch):
    monkeypatch.setattr(module, "SIZE", 4)
    found = [block.content for block in blocks(io.BytesIO(b'a"b\nc"\nd\n'), quotes=False)]
    assert found == [b'a"b\n', b'c"\n', b"d\n"]


def test_a_byte_order_mark_is_no_text():
    (block,) = blocks(io.BytesIO(b"\xef\xbb\xbfa\n"), quotes=True)
    assert (block.content, block.done) == (b"a\n", 5)


def test_a_quote_that_stays_open_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(module, "SIZE", 4)
    monkeypatch.setattr(module, "LONGEST", 16)
    found = list(blocks(io.BytesIO(b'"a\n' + b"b\n" * 40), quotes=True))
    assert max(len(block.content) for block in found) <= 24


def test_nothing_makes_no_blocks():
    assert list(blocks(io.BytesIO(b""), quotes=True)) == []


def test_the_line_of_a_byte_that_is_no_text_is_told():
    (block,) = blocks(io.BytesIO(b"a\nb\n\xe9\n"), quotes=True)
    with pytest.raises(DataError) as raised:
        block.text("new.csv")
    assert str(raised.value) == (
        "new.csv: 1 problem\n\n3 this line is not UTF-8 (byte 0xe9); save the file as UTF-8"
    )
