"""Columns of free texts in a table: as columns of words among others, or as an input of their own."""

import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from nntrain.config.data import CsvSource, ParquetSource
from nntrain.data.findings.find import thorough
from nntrain.data.load import load, survey
from nntrain.data.new_rows import load_rows
from nntrain.errors import DataError

ROWS = ["1,red,good good food,5", "2,blue,bad food,1", "3,red,good shoes,4", "4,blue,food,3"] * 5
HEADER = "n,color,review,y\n"
BAG = {"numeric": {}, "columns": {"review": {"text": {"output": "multi_hot"}}}}
APART = {"inputs": {"words": ["review"], "rest": ["n", "color"]}}
TOKENS = {"columns": {"review": {"text": {}}}}


@pytest.fixture
def rows(tmp_path):
    """Trains on `ROWS` and tests on others: a function of the steps and of the test rows."""

    def read(preprocess=BAG, test=("9,red,good hats,5",), train=ROWS, **more):
        (tmp_path / "t.csv").write_text(HEADER + "\n".join(train) + "\n")
        (tmp_path / "new.csv").write_text(HEADER + "\n".join(test) + "\n")
        given = {"target": "y", "task": "regression", "split": {"validation": 0}, "test_path": "new.csv"}
        source = CsvSource(type="csv", path="t.csv", preprocess=preprocess, **(given | more))
        return source, load(source, base=tmp_path, seed=0)

    return read


def refused(rows, *given, **more):
    with pytest.raises(DataError) as caught:
        rows(*given, **more)
    return str(caught.value)


def test_words_are_columns_among_the_others(rows):
    _, data = rows()
    names = ("n", "color=blue", "color=red", "review:food", "review:good", "review:bad", "review:shoes")
    assert data.inputs == {"features": names}
    assert data.train.x[:2].tolist() == [[1, 0, 1, 1, 1, 0, 0], [2, 1, 0, 1, 0, 1, 0]]
    assert data.train.x.dtype == np.float32


def test_a_word_that_no_training_text_had_counts_as_none(rows):
    assert rows()[1].test.x.tolist() == [[9, 0, 1, 0, 1, 0, 0]]


def test_words_are_weighed_by_how_few_training_texts_have_them(rows):
    _, data = rows({"columns": {"review": {"text": {"output": "tf_idf"}}}})
    weights = {"food": np.log(1 + 20 / 16), "good": np.log(1 + 20 / 11)}
    np.testing.assert_allclose(
        data.train.x[0], [1, 0, 1, weights["food"], 2 * weights["good"], 0, 0], rtol=1e-6
    )


def test_the_test_texts_change_nothing_that_is_learnt(rows):
    assert (
        rows(test=["9,red,good hats,5"])[1].preprocess == rows(test=["1,red,z z z z z z z z,5"])[1].preprocess
    )


def test_the_vocabulary_is_kept_with_its_column(rows):
    column = rows()[1].preprocess["inputs"]["features"]["columns"][2]
    assert (column["name"], column["kind"]) == ("review", "text")
    assert column["text"]["words"] == ["food", "good", "bad", "shoes"]
    assert column["text"]["steps"]["output"] == "multi_hot"


def test_what_was_left_out_is_told_with_the_columns_name(rows):
    _, data = rows({"columns": {"review": {"text": {"output": "tf_idf", "min_count": 6}}}})
    assert (
        "column 'review': the training texts have 4 different words, of which 2 are left out of the "
        "vocabulary (25.0% of all words)" in data.notes
    )


def test_a_text_column_of_its_own_is_rows_of_word_numbers(rows):
    _, data = rows(TOKENS, **APART)
    assert data.train.inputs["words"][:3].tolist() == [[3, 3, 2], [4, 2, 0], [3, 5, 0]]
    assert data.train.inputs["words"].dtype == np.int32
    assert data.test.inputs["words"].tolist() == [[3, 1, 0]]
    assert data.train.inputs["rest"].shape == (20, 3)
    assert data.facts == {"data.features.words": 3, "data.features.rest": 3, "data.vocabulary": 6}


@pytest.mark.parametrize("more", [{}, {"preprocess": TOKENS, **APART}], ids=["columns", "tokens"])
def test_a_finished_run_reads_new_rows(rows, tmp_path, more):
    source, data = rows(**more)
    new = tmp_path / "later.csv"
    new.write_text("y,review,color,n\n5,good hats,red,9\n")
    kept = json.loads(json.dumps(data.preprocess))
    found = load_rows(source, new, "later.csv", preprocess=kept, targets=data.targets)
    for name, x in data.test.inputs.items():
        assert found.inputs[name].tolist() == x.tolist()


def test_a_missing_text_is_named_with_its_line(rows):
    assert refused(rows, train=[*ROWS, "7,red,,2", "7,red, ,2"]) == (
        "t.csv: 1 problem\n\n22:7 column 'review': 2 of 22 texts are empty, the first here; take the row out, or set "
        "data.preprocess.columns.review.text.empty: keep\n  22 | 7,red,,2\n             ^"
    )


@pytest.mark.parametrize("more", [{}, {"preprocess": TOKENS, **APART}], ids=["columns", "tokens"])
def test_a_missing_text_of_a_new_row_is_named(rows, tmp_path, more):
    source, data = rows(**more)
    (tmp_path / "later.csv").write_text(HEADER + "1,red,,2\n")
    with pytest.raises(DataError) as caught:
        load_rows(
            source,
            tmp_path / "later.csv",
            "later.csv",
            preprocess=data.preprocess,
            targets=data.targets,
        )
    assert str(caught.value) == (
        "later.csv: 1 problem\n\n2:7 column 'review': 1 of 1 texts is empty, the first here; take the row out, or train "
        "with data.preprocess.columns.review.text.empty: keep\n   2 | 1,red,,2\n             ^"
    )


def test_a_missing_text_may_be_one_without_words(rows):
    _, data = rows(
        {"columns": {"review": {"text": {"output": "multi_hot", "empty": "keep"}}}}, train=[*ROWS, "7,red,,2"]
    )
    assert data.train.x[-1].tolist() == [7, 0, 1, 0, 0, 0, 0]


def test_texts_of_digits_or_of_yes_and_no_stay_texts(rows):
    _, data = rows(train=[f"{i},red,{'yes' if i % 2 else 'no'},1" for i in range(20)])
    assert data.inputs["features"][2:] == ("review:no", "review:yes")
    _, data = rows(train=[f"{i},red,{i % 2},1" for i in range(20)])
    assert data.inputs["features"][2:] == ("review:0", "review:1")


def test_texts_without_a_word_are_explained(rows):
    assert refused(rows, train=["1,red,...,2"] * 20) == (
        "data.preprocess.columns.review.text: no training text of 'review' holds a word, so there is no "
        "vocabulary; set data.preprocess.columns.review.text.punctuation: keep"
    )


def test_too_rare_words_are_explained(rows):
    steps = {"columns": {"review": {"text": {"output": "tf_idf", "min_count": 99}}}}
    assert refused(rows, steps) == (
        "data.preprocess.columns.review.text.min_count: no word stands 99 times in the training texts; "
        "'good' is the most frequent, with 15: lower this"
    )


def test_a_misspelt_column_of_texts_is_named(rows):
    assert refused(rows, {"columns": {"reviev": {"text": {"output": "tf_idf"}}}}) == (
        "data.preprocess.columns.reviev: no feature column is called 'reviev' (did you mean 'review'?)"
    )


def test_texts_that_all_differ_are_not_taken_for_names_of_rows(rows, tmp_path):
    texts = [f"{i},red,text number {i},{i % 3}" for i in range(60)]
    source, _ = rows(train=texts, test=texts[:30])
    found = {f.id: f.columns for f in thorough(survey(source, base=tmp_path, seed=0))}
    assert "review" not in found.get("identifier_column", ())
    assert "review" not in found.get("shifted_columns", ())


def test_texts_of_rows_that_stay_in_their_file_teach_the_same(tmp_path):
    draw = np.random.default_rng(0)
    texts = [" ".join(draw.choice(["a", "b", "c", "d"], 4)) for _ in range(400)]
    table = pa.table({"n": draw.normal(size=400), "t": texts, "y": draw.normal(size=400)})
    parquet.write_table(table, tmp_path / "t.parquet", row_group_size=50)
    steps = {"numeric": {"scale": "standard"}, "columns": {"t": {"text": {"output": "tf_idf"}}}}
    found = {}
    for streaming in (False, True):
        source = ParquetSource(
            type="parquet", path="t.parquet", target="y", streaming=streaming, preprocess=steps
        )
        found[streaming] = load(source, base=tmp_path, seed=0)
    assert found[True].preprocess == found[False].preprocess
    stored = np.concatenate([np.asarray(part) for part in found[True].train.x.parts()])
    np.testing.assert_array_equal(stored, found[False].train.x)
