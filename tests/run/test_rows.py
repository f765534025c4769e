"""What `predictions.csv` and `evaluate --show` say of each row."""

import pytest

from nntrain.run.rows import examples, prediction_columns
from tests.run.outputs import scored


def test_classes_have_their_names_and_probabilities():
    assert prediction_columns(scored("kind")) == {
        "row": [3, 0, 12, 7],
        "actual": ["ant", "bee", "wasp", "bee"],
        "predicted": ["ant", "bee", "wasp", "ant"],
        "p(ant)": pytest.approx([0.7, 0.1, 0.2, 0.6]),
        "p(bee)": pytest.approx([0.2, 0.8, 0.2, 0.3]),
        "p(wasp)": pytest.approx([0.1, 0.1, 0.6, 0.1]),
    }


def test_one_number_is_actual_and_predicted():
    assert prediction_columns(scored("width")) == {
        "row": [3, 0, 12, 7],
        "actual": [1.0, 2.0, 3.0, 4.0],
        "predicted": [1.5, 2.0, 3.0, 3.0],
    }


def test_several_numbers_have_columns_by_name():
    assert prediction_columns(scored("size")) == {
        "row": [3, 0, 12, 7],
        "actual(long)": [1, 2, 3, 4],
        "actual(wide)": [10, 20, 30, 50],
        "predicted(long)": [1.5, 2.5, 3.5, 4.5],
        "predicted(wide)": [5, 15, 25, 45],
    }


def test_labels_have_columns_by_name_and_are_0_or_1():
    columns = prediction_columns(scored("topics"))
    assert columns == {
        "row": [3, 0, 12, 7],
        "actual(news)": [1, 1, 0, 0],
        "actual(sport)": [0, 1, 1, 0],
        "predicted(news)": [1, 1, 0, 1],
        "predicted(sport)": [0, 1, 1, 0],
        "p(news)": pytest.approx([0.9, 0.8, 0.3, 0.7]),
        "p(sport)": pytest.approx([0.2, 0.6, 0.7, 0.1]),
    }
    assert {type(value) for value in columns["actual(news)"] + columns["predicted(news)"]} == {int}


def test_rows_that_were_given_back_have_their_errors():
    assert prediction_columns(scored("copy")) == {"row": [3, 0, 12, 7], "mse": [0.25] * 4, "mae": [0.5] * 4}


def test_with_several_outputs_every_column_names_its_output():
    assert list(prediction_columns(scored("kind", "width", "topics", "copy"))) == [
        "row",
        *("kind.actual", "kind.predicted", "kind.p(ant)", "kind.p(bee)", "kind.p(wasp)"),
        *("width.actual", "width.predicted"),
        *("topics.actual(news)", "topics.actual(sport)"),
        *("topics.predicted(news)", "topics.predicted(sport)", "topics.p(news)", "topics.p(sport)"),
        *("copy.mse", "copy.mae"),
    ]


def test_examples_are_short():
    assert examples(scored("kind"), 1) == ({"row": 3, "actual": "ant", "predicted": "ant"},)
    assert examples(scored("width"), 1) == ({"row": 3, "actual": 1.0, "predicted": 1.5, "difference": 0.5},)
    assert examples(scored("size"), 1) == (
        {"row": 3, "actual(long)": 1, "actual(wide)": 10, "predicted(long)": 1.5, "predicted(wide)": 5},
    )
    assert examples(scored("topics"), 9)[2:] == (
        {"row": 12, "actual": ["sport"], "predicted": ["sport"]},
        {"row": 7, "actual": [], "predicted": ["news"]},
    )
    assert examples(scored("copy"), 1) == ({"row": 3, "mse": 0.25},)
    assert examples(scored("kind", "copy"), 1) == (
        {"row": 3, "kind.actual": "ant", "kind.predicted": "ant", "copy.mse": 0.25},
    )
    assert examples(scored("kind"), 0) == ()
