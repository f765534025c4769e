"""What is found in a CSV file before a config is made for it."""

import pytest

from nntrain.data.profile import profile
from nntrain.errors import DataError, UsageError

ROWS = 40


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write columns into rows.csv in the working directory."""
    monkeypatch.chdir(tmp_path)

    def make(delimiter=",", header=True, **columns):
        lines = [delimiter.join(columns)] if header else []
        lines += [delimiter.join(map(str, row)) for row in zip(*columns.values(), strict=True)]
        file = tmp_path / "rows.csv"
        file.write_text("\n".join(lines) + "\n")
        return file.relative_to(tmp_path)

    return make


def numbers(step=0.37):
    return [round((i * step * 7.3) % 5, 3) for i in range(ROWS)]


KINDS = [("ash", "birch", "oak")[i % 3] for i in range(ROWS)]


def columns_of(found):
    return {column.name: column for column in found.columns}


def test_kinds_gaps_and_classes_are_counted(write):
    width = ["" if i % 10 == 0 else v for i, v in enumerate(numbers())]
    found = profile(write(width=width, wood=KINDS, y=[i % 4 == 0 for i in range(ROWS)]), "y")
    assert (found.rows, found.delimiter, found.header) == (ROWS, ",", True)
    assert (columns_of(found)["width"].kind, columns_of(found)["width"].gaps) == ("number", 4)
    assert (columns_of(found)["wood"].kind, columns_of(found)["wood"].distinct) == ("text", 3)
    assert found.target.classes == (("False", 30), ("True", 10))
    assert not found.target.from_numbers


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " "])
def test_the_delimiter_is_found(write, delimiter):
    found = profile(write(delimiter, a=numbers(), y=KINDS), "y")
    assert found.delimiter == delimiter
    assert [column.name for column in found.columns] == ["a"]


def test_spaces_and_commas_in_cells_do_not_divide_rows(write):
    words = ["1,5 m high" if i % 2 else "2,5 m" for i in range(ROWS)]
    found = profile(write(";", a=numbers(), b=words, y=KINDS), "y")
    assert found.delimiter == ";"


def test_a_file_without_names_has_no_header(write):
    found = profile(write(header=False, a=numbers(), b=[i % 2 for i in range(ROWS)]), "-1")
    assert not found.header
    assert (found.target.name, found.columns[0].name) == ("c1", "c0")


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ([i + 1 for i in range(ROWS)], "it numbers the rows"),
        ([f"row {i}" for i in range(ROWS)], "every row holds another text"),
        (["same"] * ROWS, "all rows hold the same"),
        ([""] * ROWS, "every cell is empty"),
        ([round(i * 1.5, 1) for i in range(ROWS)], ""),
        ([1000 + i * i for i in range(ROWS)], ""),
    ],
)
def test_a_column_that_teaches_nothing_is_told_with_its_reason(write, column, reason):
    found = profile(write(x=numbers(), c=column, y=KINDS), "y")
    assert columns_of(found)["c"].useless == reason
    assert [c.name for c in found.features] == (["x"] if reason else ["x", "c"])


def test_numbers_under_the_name_of_an_id_are_an_id(write):
    found = profile(write(x=numbers(), customer_id=[1000 + i * i for i in range(ROWS)], y=KINDS), "y")
    assert columns_of(found)["customer_id"].useless == "it numbers the rows"


def test_texts_of_many_kinds_that_repeat_are_names(write, tmp_path):
    rows = "".join(f"{i % 7},{f't{i % 110}'},{i % 2}\n" for i in range(220))
    (tmp_path / "many.csv").write_text("x,t,y\n" + rows)
    assert columns_of(profile(tmp_path / "many.csv", "y"))["t"].kind == "names"


def test_a_few_words_among_numbers_mark_gaps_and_many_are_texts(write):
    few = ["unknown" if i % 9 == 0 else v for i, v in enumerate(numbers())]
    many = [f"w{i}" if i % 5 == 0 else i % 7 for i in range(ROWS)]
    found = columns_of(profile(write(few=few, many=many, y=KINDS), "y"))
    assert (found["few"].kind, found["few"].words, found["few"].gaps) == ("number", ("unknown",), 5)
    assert found["many"].kind == "text"


@pytest.mark.parametrize(
    ("target", "classes"),
    [
        ([i % 3 for i in range(ROWS)], 3),
        ([(i % 2) * 7 for i in range(ROWS)], 2),
        (list(range(ROWS)), 0),
        ([i % 15 for i in range(ROWS)], 0),
        (numbers(), 0),
    ],
)
def test_few_different_whole_numbers_are_classes(write, target, classes):
    found = profile(write(x=numbers(0.11), y=target), "y").target
    assert len(found.classes) == classes
    assert found.from_numbers == bool(classes)


def test_a_number_to_predict_is_measured(write):
    found = profile(write(x=numbers(), y=[float(i) for i in range(ROWS)]), "y").target
    assert (found.lowest, found.highest, found.mean) == (0, 39, 19.5)
    assert found.deviation == pytest.approx(11.54, abs=0.01)


def message(file, target):
    with pytest.raises((DataError, UsageError)) as caught:
        profile(file, target)
    return type(caught.value), str(caught.value)


def test_a_target_that_is_not_named_or_not_there_is_explained(write):
    file = write(width=numbers(), kind=KINDS)
    assert message(file, None) == (
        UsageError,
        "say with --target which column to predict; rows.csv has width, kind",
    )
    assert message(file, "kin") == (
        UsageError,
        "--target: rows.csv has no column 'kin' (did you mean 'kind'?); it has width, kind",
    )
    assert message(file, "7") == (UsageError, "--target: rows.csv has no column '7'; it has width, kind")


def test_up_to_thirty_columns_are_named_so_that_the_last_is_among_them(write):
    file = write(**{f"x{i}": numbers() for i in range(29)}, kind=KINDS)
    assert message(file, None)[1].endswith(", x27, x28, kind")
    assert message(file, "wood")[1].endswith(", x27, x28, kind")


def test_decimal_commas_are_explained_for_every_column(write):
    commas = [str(value).replace(".", ",") for value in numbers()]
    assert message(write(";", x=commas, y=["3", *commas[1:]], kind=KINDS), "kind") == (
        DataError,
        "rows.csv: 2 problems\n\n"
        "2:1 column 'x' holds numbers with a decimal comma, such as '0,0'; "
        "write them with a point\n"
        "   2 | 0,0;3;ash\n"
        "       ^\n"
        "3:7 column 'y' holds numbers with a decimal comma, such as '2,701'; "
        "write them with a point\n"
        "   3 | 2,701;2,701;birch\n"
        "             ^",
    )


def test_a_first_line_can_be_told_to_be_a_row(write, tmp_path):
    found = profile(write(header=False, wood=KINDS, x=numbers()), "c1", header=False)
    assert (found.header, found.rows, found.target.name) == (False, ROWS, "c1")


def test_a_workbook_is_not_read(write, tmp_path):
    file = write(x=numbers(), y=KINDS)
    file.write_bytes(b"PK\x03\x04\x14\x00")
    assert message(file, "y") == (DataError, "rows.csv: this is an Excel or zip file; export it as CSV")


def test_a_target_that_is_always_the_same_is_explained(write):
    file = write(x=numbers(), y=[1] * ROWS)
    assert message(file, "y")[1] == "all rows of 'y' hold the same, so there is nothing to predict"


def test_a_target_with_gaps_is_explained(write):
    file = write(x=numbers(), y=["", *KINDS[1:]])
    assert message(file, "y") == (
        DataError,
        "rows.csv: 1 problem\n\n"
        "2:5 the target 'y' is missing here (1 of 40 rows); remove the rows without it from the file\n"
        "   2 | 0.0,\n"
        "           ^",
    )


def test_a_missing_or_empty_file_is_explained(write, tmp_path):
    file = write(x=numbers(), y=KINDS)
    kind, text = message(file.with_name("row.csv"), "y")
    assert kind is DataError
    assert text == f"there is no file 'row.csv': looked for {tmp_path}/row.csv (did you mean 'rows.csv'?)"
    file.write_text("")
    assert message(file, "y") == (DataError, "rows.csv: the file is empty; give one with rows")
    file.write_text("a,b\n")
    assert message(file, "b") == (
        DataError,
        "rows.csv: 0 rows: the file holds its header alone; give one with rows",
    )
