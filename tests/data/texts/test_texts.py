import json

import numpy as np
import pytest

from nntrain.config.data import TextSource
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows
from nntrain.errors import DataError

TRAIN = ["a b b c", "b a", "b d", "c c a"]
"""b 4 times, a and c 3 times, d once."""


@pytest.fixture
def texts(tmp_path):
    """Reads `TRAIN`, and other texts as test rows, with steps: a function of both that gives the data."""

    def read(test=("b e",), classes=("n", "p"), **steps):
        for part, rows in (("train", TRAIN), ("test", test)):
            for i, text in enumerate([*rows, *rows] if part == "train" else rows):
                file = tmp_path / "t" / part / classes[i >= len(rows)] / f"{i}.txt"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
        source = TextSource(type="text", path="t", split={"validation": 0}, preprocess={"text": steps})
        return load(source, base=tmp_path, seed=0)

    return read


def test_a_word_has_a_number_by_its_count_and_then_by_the_alphabet(texts):
    data = texts()
    assert data.preprocess["inputs"]["features"]["text"]["words"] == ["b", "a", "c", "d"]
    assert data.train.x[:4].tolist() == [[3, 2, 2, 4], [2, 3, 0, 0], [2, 5, 0, 0], [4, 4, 3, 0]]
    assert data.train.x.dtype == np.int32
    assert data.facts == {"data.features": 4, "data.vocabulary": 6, "data.classes": 2}


def test_a_word_of_the_test_texts_alone_is_unknown(texts):
    assert texts(test=["b e", "e e e e e"]).test.x.tolist() == [[2, 1, 0, 0], [1, 1, 1, 1]]


def test_the_test_texts_change_nothing_that_is_learnt(texts, tmp_path):
    assert texts(test=["b e"]).preprocess == texts(test=["z z z z z z z z z"]).preprocess


def test_the_most_frequent_words_are_kept(texts):
    data = texts(vocabulary=4)
    assert data.train.x[:4].tolist() == [[3, 2, 2, 1], [2, 3, 0, 0], [2, 1, 0, 0], [1, 1, 3, 0]]
    assert data.facts["data.vocabulary"] == 4
    assert (
        "the training texts have 4 different words, of which 2 are left out of the vocabulary "
        "(36.4% of all words)" in data.notes
    )


def test_rare_words_can_be_left_out(texts):
    assert texts(min_count=3).preprocess["inputs"]["features"]["text"]["words"] == ["b", "a", "c"]


def test_a_row_is_as_long_as_a_share_of_the_training_texts(texts):
    data = texts(percentile=75)
    assert data.input_shapes == {"features": (3,)}
    assert "a row has 3 words; 2 of 8 training texts are longer and are cut" in data.notes
    assert texts(length=2).train.x[:2].tolist() == [[3, 2], [2, 3]]


def test_words_can_be_columns(texts):
    data = texts(output="multi_hot")
    assert data.inputs == {"features": ("b", "a", "c", "d")}
    assert data.train.x[:4].tolist() == [[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 1], [0, 1, 1, 0]]
    assert data.test.x.tolist() == [[1, 0, 0, 0]]
    assert data.train.x.dtype == np.float32
    assert "data.vocabulary" not in data.facts


def test_words_can_be_weighed_by_how_few_texts_have_them(texts):
    data = texts(output="tf_idf")
    weight = {word: np.log(1 + 8 / (1 + 2 * n)) for word, n in (("b", 3), ("a", 3), ("c", 2), ("d", 1))}
    np.testing.assert_allclose(data.train.x[0], [2 * weight["b"], weight["a"], weight["c"], 0], rtol=1e-6)


def test_characters_have_numbers_too(texts):
    data = texts(split="characters", length=3)
    assert data.preprocess["inputs"]["features"]["text"]["words"] == [" ", "b", "a", "c", "d"]
    assert data.train.x[0].tolist() == [4, 2, 3]


def test_a_vocabulary_of_nothing_is_explained(texts):
    with pytest.raises(DataError) as caught:
        texts(min_count=9)
    assert str(caught.value) == (
        "data.preprocess.text.min_count: no word stands 9 times in the training texts; 'b' is the most "
        "frequent, with 8: lower this"
    )


def test_texts_without_a_word_are_explained(tmp_path):
    (tmp_path / "t.csv").write_text("t,y\n" + "!!!,a\n...,b\n" * 10)
    source = TextSource(type="text", path="t.csv", text="t", target="y")
    with pytest.raises(DataError) as caught:
        load(source, base=tmp_path, seed=0)
    assert str(caught.value) == (
        "data.path: no training text holds a word, so there is no vocabulary; "
        "set data.preprocess.text.punctuation: keep"
    )


def test_a_text_without_a_word_is_counted(texts, tmp_path):
    (tmp_path / "t" / "train" / "n").mkdir(parents=True)
    (tmp_path / "t" / "train" / "n" / "9.txt").write_text("...")
    assert "training texts without a single one of the words: 1" in texts().notes


def test_an_empty_text_can_be_kept(tmp_path):
    (tmp_path / "t.csv").write_text("t,y\n" + "a b,a\n ,b\n" * 10)
    steps = {"text": {"empty": "keep"}}
    source = TextSource(type="text", path="t.csv", text="t", target="y", preprocess=steps)
    data = load(source, base=tmp_path, seed=0)
    assert sorted(map(tuple, data.test.x.tolist())) in ([(0, 0), (2, 3), (2, 3)], [(0, 0), (0, 0), (2, 3)])
    new = rows(source, tmp_path, data, "t.csv")
    assert new.x[1].tolist() == [0, 0]


def rows(source, folder, data, name):
    """The rows of a new file, prepared as those of the data were."""
    preprocess = json.loads(json.dumps(data.preprocess))
    return load_rows(source, folder / name, name, preprocess=preprocess, targets=data.targets)


@pytest.mark.parametrize("output", ["tokens", "multi_hot", "tf_idf"])
def test_the_same_file_gives_the_same_bits(tmp_path, output):
    lines = [f'"Row {i}, {"good" if i % 2 else "bad"}!",{"yn"[i % 2]}' for i in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["t,y", *lines]))
    steps = {"text": {"output": output}}
    source = TextSource(type="text", path="t.csv", text="t", target="y", preprocess=steps)
    data = load(source, base=tmp_path, seed=0)
    new = rows(source, tmp_path, data, "t.csv")
    assert len(new) == 40
    for split in data.splits.values():
        assert new.x[split.index].tobytes() == split.x.tobytes()
        np.testing.assert_array_equal(new.y[split.index], split.y)


def test_a_damaged_vocabulary_is_refused(texts, tmp_path):
    data = texts()
    source = TextSource(type="text", path="t")
    state = {**data.preprocess["inputs"]["features"]["text"], "steps": {"lower": 3}}
    preprocess = {**data.preprocess, "inputs": {"features": {"rows": 8, "text": state}}}
    with pytest.raises(Exception, match="the preprocessing is not as nntrain wrote it"):
        load_rows(source, tmp_path / "t", "t", preprocess=preprocess, targets=data.targets)
