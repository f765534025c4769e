import pytest

from nntrain.data.texts.padding import padded
from nntrain.data.texts.words import splitter


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The cat, the hat!", ["the", "cat", "the", "hat"]),
        ("Don't  stop\n'now'", ["don't", "stop", "now"]),
        ("it\u2019s 3.5 \u20ac\u2014or $4", ["it's", "3", "5", "\u20ac", "or", "4"]),
        ("\u00dcber \u00c9t\u00e9", ["\u00fcber", "\u00e9t\u00e9"]),
        ("\u0939\u093f\u0928\u094d\u0926\u0940 \u0964", ["\u0939\u093f\u0928\u094d\u0926\u0940"]),
        ("' ''", []),
        (" \t", []),
    ],
)
def test_a_text_is_taken_apart_at_spaces_and_punctuation(text, words):
    assert splitter(True, "strip", "words")(text) == words


def test_punctuation_and_capitals_can_be_kept():
    assert splitter(False, "keep", "words")("Oh, No!") == ["Oh,", "No!"]


def test_characters_have_single_spaces_between_words():
    assert splitter(True, "strip", "characters")("Ab,\n c") == ["a", "b", " ", "c"]


@pytest.mark.parametrize(
    ("padding", "truncating", "expected"),
    [
        ("post", "post", [[1, 2, 3], [7, 0, 0], [0, 0, 0]]),
        ("pre", "post", [[1, 2, 3], [0, 0, 7], [0, 0, 0]]),
        ("post", "pre", [[2, 3, 4], [7, 0, 0], [0, 0, 0]]),
        ("pre", "pre", [[2, 3, 4], [0, 0, 7], [0, 0, 0]]),
    ],
)
def test_rows_are_cut_and_filled_up_on_the_side_that_is_asked_for(padding, truncating, expected):
    rows = padded([[1, 2, 3, 4], [7], []], 3, 3, padding, truncating)
    assert rows.tolist() == expected
    assert rows.dtype == "int32"
