"""What can be wrong with the file of a series, on the whole text."""

import json

import pytest

from nntrain.config.data import SeriesSource
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows
from nntrain.errors import DataError

ROWS = [f"{i},{i % 7},{i % 5}" for i in range(40)]


def source(**keys):
    return SeriesSource(**{"type": "series", "path": "s.csv", "target": "a", "window": 3, **keys})


def refused(folder, rows=None, header="day,a,b", **keys):
    rows = ROWS if rows is None else rows
    (folder / "s.csv").write_text("\n".join([header, *rows]))
    with pytest.raises(DataError) as caught:
        load(source(**keys), base=folder, seed=0)
    return str(caught.value)


def changed(line, text):
    """The rows with another text on a line of the file."""
    return [*ROWS[: line - 2], text, *ROWS[line - 1 :]]


def at(line, column, text, message):
    excerpt = f"{line:>4} | {text}\n" + " " * (6 + column) + "^"
    return f"s.csv: 1 problem\n\n{line}:{column} {message}\n{excerpt}"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"window": 40},
            "data.window: a window of 40 rows and 1 ahead takes 41 rows that follow one another, and the file has 40; make it shorter",
        ),
        (
            {"window": 30},
            "data.window: a window of 30 rows and 1 ahead takes 31 rows that follow one another, and none fits into the 29 training rows; make it shorter, or change the shares of data.split",
        ),
        (
            {"window": 4, "horizon": 2},
            "data.split.validation: a window of 4 rows and 2 ahead takes 6 rows that follow one another, and none fits into the 5 validation rows; make it shorter, or change the shares of data.split",
        ),
        (
            {"group": "b", "window": 8},
            "data.window: a window of 8 rows and 1 ahead takes 9 rows that follow one another, and the longest of 5 pieces has 8; make it shorter",
        ),
        ({"target": "c"}, "data.target: there is no column 'c'; the columns are day, a, b"),
        (
            {"time": "dya", "group": "g", "features": ["a", "d"]},
            "data.features[1]: there is no column 'd'; the columns are day, a, b\ndata.group: there is no column 'g'; the columns are day, a, b\ndata.time: there is no column 'dya' (did you mean 'day'?); the columns are day, a, b",
        ),
        ({"time": 1}, "data.time: 'a' is to be predicted too"),
        ({"time": "day", "group": 0}, "data.group: 'day' is the time too"),
        (
            {"time": "day", "features": ["a", 0]},
            "data.features[1]: 'day' is named twice, or is the time or the group; remove it",
        ),
        (
            {"features": ["a", 1]},
            "data.features[1]: 'a' is named twice, or is the time or the group; remove it",
        ),
    ],
)
def test_a_config_that_does_not_fit_the_file_is_explained(tmp_path, keys, message):
    assert refused(tmp_path, **keys) == message


def test_times_out_of_order_are_named_with_their_line(tmp_path):
    order = "sort the rows by time, or name the column that tells several series apart in data.group"
    assert refused(tmp_path, changed(10, "3,1,1"), time="day") == at(
        10, 1, "3,1,1", f"the time 3 comes after 7; {order}"
    )
    assert refused(tmp_path, changed(10, "7,1,1"), time="day") == at(
        10, 1, "7,1,1", f"the time 7 is the time of the row before too; {order}"
    )


def test_a_gap_is_named_with_its_line(tmp_path):
    rows = [row for row in ROWS if not row.startswith(("8,", "9,"))]
    fill = "fill in the rows, or set data.gaps: split | ignore"
    assert refused(tmp_path, rows, time="day") == at(
        10, 1, "10,3,0", f"a gap: 10 comes after 7, 3.0 usual steps on; {fill}"
    )
    rows = [row for row in rows if not row.startswith("20,")]
    assert refused(tmp_path, rows, time="day") == at(
        10, 1, "10,3,0", f"2 gaps, the first here: 10 comes after 7, 3.0 usual steps on; {fill}"
    )


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("", "the time is missing here; a row needs its time"),
        (
            "31.12.2024",
            "'31.12.2024' is no time; write numbers, or times such as 2024-05-31 or 2024-05-31T12:00",
        ),
        (
            "2024-02-30",
            "'2024-02-30' is no time; write numbers, or times such as 2024-05-31 or 2024-05-31T12:00",
        ),
    ],
)
def test_a_time_that_is_none_is_shown(tmp_path, cell, message):
    rows = [f"2024-01-{i:02},{i},1" for i in range(1, 31)]
    rows[4] = f"{cell},5,1"
    assert refused(tmp_path, rows, time="day") == at(6, 1, rows[4], message)


def test_dates_that_nothing_names_are_no_features(tmp_path):
    rows = [f"2024-01-{i:02},{i},2024-02-{i:02}" for i in range(1, 29)]
    assert refused(tmp_path, rows) == at(
        2,
        1,
        rows[0],
        "column 'day' holds times, which are no features; name it with data.time: day, or leave "
        "it out: name the columns of a window in data.features",
    )
    assert refused(tmp_path, rows, time="day") == at(
        2,
        14,
        rows[0],
        "column 'b' holds times, which are no features; leave it out: name the columns of a "
        "window in data.features",
    )


def test_a_missing_time_among_numbers_is_shown(tmp_path):
    message = "the time is missing here; a row needs its time"
    assert refused(tmp_path, changed(6, ",1,1"), time="day") == at(6, 1, ",1,1", message)


def test_a_row_of_no_series_is_shown(tmp_path):
    message = "'b' is missing here, so the row belongs to no series"
    assert refused(tmp_path, changed(6, "4,1,"), group="b") == at(6, 5, "4,1,", message)


def test_a_missing_value_is_shown(tmp_path):
    assert refused(tmp_path, changed(6, "4,1,")) == at(
        6,
        5,
        "4,1,",
        "column 'b': 1 of 28 rows has no value, the first here; set data.preprocess.numeric.impute: "
        "mean | median | most_frequent | a number",
    )


def test_a_missing_target_is_shown(tmp_path):
    message = (
        "the target 'a' is missing here; fill it in, or leave out the windows that predict it with "
        "data.preprocess.numeric.impute"
    )
    assert refused(tmp_path, changed(12, "10,,1")) == at(12, 4, "10,,1", message)
    rows = [f"{i},,1" for i in range(40)]
    keys = {"features": ["b"], "preprocess": {"numeric": {"impute": "mean"}}}
    assert refused(tmp_path, rows, **keys) == at(5, 3, "3,,1", message)


def test_a_cell_that_is_no_number_is_shown(tmp_path):
    assert refused(tmp_path, changed(6, "4,x,1")) == at(
        6,
        3,
        "4,x,1",
        "column 'a': 'x' is not a number (1 of 40 cells); mend the cell, or add its text to data.missing",
    )


def test_new_rows_that_make_no_window_are_explained(tmp_path):
    (tmp_path / "s.csv").write_text("\n".join(["day,a,b", *ROWS]))
    data = load(source(), base=tmp_path, seed=0)
    (tmp_path / "n.csv").write_text("\n".join(["day,a,b", *ROWS[:3]]))
    preprocess = json.loads(json.dumps(data.preprocess))
    with pytest.raises(DataError) as caught:
        load_rows(source(), tmp_path / "n.csv", "n.csv", preprocess=preprocess, targets=data.targets)
    assert str(caught.value) == (
        "n.csv: a window of 3 rows and 1 ahead takes 4 rows that follow one another, and the file has 3; "
        "make it shorter"
    )
