"""What is looked at when training starts, what is told of it, and when rows may be alike by chance."""

from dataclasses import replace

import numpy as np
import pytest

from nntrain.data.findings import find, rows
from nntrain.data.findings.association import classes_by, numbers_by, ranks
from nntrain.data.findings.chance import expected_pairs
from nntrain.data.findings.find import notes, quick, thorough
from nntrain.data.findings.finding import Finding, Place
from tests.data.findings.cases import CASES, NUMBER, ROWS, Y, columns, parts
from tests.data.findings.planting import rows_of, split

SLOW = {"near_rows_in_two_splits", "class_order", "missing_values", "duplicated_rows"}
SLOW |= {"many_missing_values", "uneven_missing_values"}


@pytest.mark.parametrize("case", CASES)
def test_what_is_found_when_training_starts_is_part_of_what_check_finds(case):
    view = CASES[case]()
    assert {f.id for f in quick(view)} == {f.id for f in thorough(view)} - SLOW


def test_when_training_starts_no_file_is_read_again():
    (finding,) = quick(CASES["copy"]())
    assert finding.rows == (Place("train", 0), Place("train", 1), Place("train", 2))


def test_rows_beyond_a_size_are_not_compared_when_training_starts(monkeypatch):
    view = CASES["copied rows"]()
    assert rows.work(view) == 250 * 178 + 178 * 13 * 32
    monkeypatch.setattr(find, "QUICK_WORK", rows.work(view))
    assert [f.id for f in quick(view)] == ["rows_in_two_splits"]
    monkeypatch.setattr(find, "QUICK_WORK", rows.work(view) - 1)
    assert quick(view) == ()


def test_columns_beyond_a_number_and_rows_between_the_chosen_are_not_looked_at(monkeypatch):
    view = columns(copy=Y, code=7 - Y)
    monkeypatch.setattr(find, "QUICK_COLUMNS", 2)
    assert [f.columns for f in quick(view)] == [("copy",)]
    monkeypatch.setattr(find, "QUICK_ROWS", 25)
    (finding,) = quick(view)
    assert finding.found == (
        "column 'copy' holds the target: in the 25 rows looked at the one follows from the other"
    )


def test_five_leaks_and_warnings_are_told_when_training_starts():
    found = [Finding(f"f{i}", "leak" if i < 2 else "warning", f"found {i}", "do") for i in range(7)]
    note = Finding("n", "note", "a trifle", "do")
    told = ["leak: found 0; do", "leak: found 1; do", *(f"warning: found {i}; do" for i in (2, 3, 4))]
    assert notes((*found, note)) == (*told, "2 more findings: nntrain check CONFIG --data shows all")
    assert notes((*found[:6], note)) == (*told, "1 more finding: nntrain check CONFIG --data shows all")
    assert notes((*found[:5], note)) == tuple(told)
    assert notes((note,)) == ()


def test_what_could_steer_a_terminal_is_spelled_out():
    assert Finding("f", "note", "column 'a\x1b[2J'", "do").message == "column 'a\\x1b[2J'; do"


def test_rows_of_few_values_are_alike_by_chance_and_rows_of_many_are_not():
    corners = CASES["few values"]()
    assert expected_pairs(corners, 800) > 300
    assert expected_pairs(split(*rows_of("iris")), 30 * 96) > 1
    assert expected_pairs(split(*rows_of("wine")), 36 * 114) < 1e-6
    assert expected_pairs(split(*rows_of("wine")), 36 * 114, 0.01) < 1e-3


def test_rows_are_identical_whatever_the_sign_of_zero_and_the_dtype_of_a_split():
    x = np.column_stack([NUMBER, NUMBER + 1]).astype(np.float32)
    x[0, 0], x[40] = 0.0, x[0]
    x[40, 0] = -0.0
    view = parts(x, Y, ("a", "b"))
    test = view.parts["test"]
    wide = replace(test, inputs={"features": test.inputs["features"].astype(np.float64)})
    view = replace(view, parts={**view.parts, "test": wide})
    keys = rows.row_keys(view)
    assert rows.repeated(keys["train"], keys["test"]).tolist() == [[0, 0]]


def test_the_order_of_texts_and_of_columns_makes_a_row_another():
    view = columns(a=np.where(Y, "p", "q"), b=np.where(Y, "q", "p"), x=NUMBER * 0)
    keys = rows.row_keys(view)["train"]
    assert len(set(keys)) == 2


def test_how_well_a_column_tells_classes_is_measured_on_rows_not_learnt_from():
    labels = np.arange(200) % 2
    random = np.random.default_rng(0)
    names = np.array([f"p{i}" for i in range(200)], object)
    assert classes_by(names, labels).value == pytest.approx(0.5, abs=0.05)
    assert classes_by(labels * 1.0, labels) == classes_by(-labels * 1.0, labels)
    assert classes_by(labels * 1.0, labels).value == 1.0
    assert 0.4 < classes_by(random.normal(size=200), labels).value < 0.6
    third = np.where(labels == 0, np.arange(200) % 4 - 1.0, 0.0)
    assert (classes_by(third, labels).measure, classes_by(third, labels).value) == ("accuracy", 1.0)


def test_area_and_ranks_are_those_of_scikit_learn():
    from scipy.stats import rankdata
    from sklearn.metrics import roc_auc_score

    random = np.random.default_rng(1)
    labels = random.integers(0, 2, 300)
    values = np.round(labels + random.normal(0, 0.5, 300), 1)
    told = classes_by(values, labels)
    assert told.measure == "AUC"
    assert told.value == pytest.approx(roc_auc_score(labels, values))
    np.testing.assert_array_equal(ranks(values), rankdata(values) - 1)


def test_how_well_a_column_tells_a_number_is_its_larger_correlation():
    x = np.linspace(0, 5, 100)
    assert numbers_by(np.exp(3 * x), x).value == pytest.approx(1.0)
    assert numbers_by(np.where(np.arange(100) % 3 == 0, np.nan, -x), x).value == pytest.approx(1.0)
    text = np.array(list("abcde"), object)[np.arange(100) // 20]
    told = numbers_by(text, np.arange(100) // 20 * 10.0)
    assert (told.measure, told.value) == ("R2", 1.0)


def test_a_99_among_numbers_of_its_size_and_two_of_them_stand_for_nothing():
    ages = np.where(np.arange(ROWS) % 8 == 1, 99, 20 + np.arange(ROWS) % 60)
    once = np.where(np.arange(ROWS) % 30 == 1, 999, NUMBER)
    found = thorough(columns(age=ages, once=once))
    assert "stand_in" not in {finding.id for finding in found}
