import pytest

from nntrain import errors
from nntrain.errors import (
    ConfigError,
    Location,
    NntrainError,
    Problem,
    did_you_mean,
    did_you_mean_file,
    dotted,
    listing,
    render,
    suggestion,
)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("a",), "a"),
        (("model", "layers", 0, "units"), "model.layers[0].units"),
        ((1, "a"), "[1].a"),
    ],
)
def test_dotted(path, text):
    assert dotted(path) == text


@pytest.mark.parametrize(
    ("word", "known", "nearest"),
    [
        ("epoch", ["epochs", "loss"], "epochs"),
        ("EPOCHS", ["epochs", "loss"], "epochs"),
        ("dense", ["Dense", "Dropout"], "Dense"),
        ("lr", ["learning_rate", "loss"], "learning_rate"),
        ("f1", ["F1Score", "FBetaScore"], "F1Score"),
        ("conv", ["Conv2DTranspose", "Conv2D"], "Conv2D"),
        ("x", ["xylophone"], None),
        ("qqq", ["epochs"], None),
        ("epochs", [], None),
    ],
)
def test_suggestion(word, known, nearest):
    assert suggestion(word, known) == nearest


def test_did_you_mean_is_a_part_of_a_sentence():
    assert did_you_mean("epoch", ["epochs"]) == " (did you mean 'epochs'?)"
    assert did_you_mean("qqq", ["epochs"]) == ""


def test_the_word_itself_is_never_what_was_meant():
    assert did_you_mean("epochs", ["epochs"]) == ""
    assert did_you_mean("epochs", ["epochs", "epoch"]) == " (did you mean 'epoch'?)"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("irsi.yaml", "iris.yaml"),
        ("pima.yaml", "pima.yml"),
        ("not_there.yaml", None),
        ("a.yaml", None),
        ("iris.yaml", None),
        ("iris", "iris.yaml"),
        ("blob.csv", "blobs.csv"),
        ("blobs.yml", "blobs.yaml"),
    ],
)
def test_files_are_alike_by_what_stands_before_their_ending(name, nearest):
    hint = f" (did you mean '{nearest}'?)" if nearest else ""
    assert did_you_mean_file(name, ["iris.yaml", "pima.yml", "blobs.csv", "blobs.yaml"]) == hint


def test_a_long_listing_is_cut_and_counted():
    assert listing([1, 2, 3]) == "1, 2, 3"
    assert listing([1, 2, 3], limit=2) == "1, 2 and 1 more"


def test_every_cause_has_its_own_exit_code():
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, NntrainError)
    ]
    codes = {kind.__name__: kind.exit_code for kind in kinds}
    assert codes == {
        "NntrainError": 1,
        "UsageError": 2,
        "ConfigError": 3,
        "DataError": 4,
        "ArtefactError": 5,
        "DivergedError": 6,
        "MachineError": 7,
        "MemoryLimitError": 8,
        "ConflictError": 9,
        "ExpectationError": 10,
        "TrialsError": 11,
    }


def test_text_alone():
    assert str(NntrainError("no")) == "no"
    assert str(NntrainError("no", "neither")) == "no\nneither"


def test_a_file_without_a_line():
    assert render([Problem("is empty", location=Location("a.csv"))]) == "a.csv: is empty"


def test_a_key_and_a_caret():
    place = Location("a.yaml", 3, 5, "key: value")
    assert render([Problem("is odd", ("key",), place)]) == (
        "a.yaml: 1 problem\n\n3:5 key: is odd\n   3 | key: value\n           ^"
    )


def test_a_line_without_a_column_and_without_text():
    assert (
        render([Problem("x", location=Location("a.csv", 7, None, "1,2"))])
        == "a.csv: 1 problem\n\n7 x\n   7 | 1,2"
    )
    assert render([Problem("x", location=Location("a.csv", 7))]) == "a.csv: 1 problem\n\n7 x"


def test_an_argument_of_the_command_line():
    place = Location("command line", None, 3, "a=b")
    assert render([Problem("x", ("a",), place)]) == "command line: a: x\n       a=b\n         ^"


def test_files_apart_and_lines_in_order():
    problems = [
        Problem("last", location=Location("b.yaml", 9, 1)),
        Problem("second", location=Location("a.yaml", 2, 7)),
        Problem("first", location=Location("a.yaml", 2, 3)),
        Problem("nowhere"),
    ]
    assert render(problems) == (
        "nowhere\n\na.yaml: 2 problems\n\n2:3 first\n2:7 second\n\nb.yaml: 1 problem\n\n9:1 last"
    )


@pytest.mark.parametrize(
    ("text", "column", "cells"),
    [
        ("abc", 3, 2),
        ("\u4f53\u91cdx", 3, 4),
        ("e\u0301x", 3, 1),
        ("\U0001f600x", 2, 2),
        ("\tx", 2, 1),
        ("x", 2, 1),
        ("", 1, 0),
    ],
)
def test_the_caret_counts_the_cells_of_a_terminal(text, column, cells):
    shown = render([Problem("m", location=Location("a", 1, column, text))])
    assert shown.splitlines()[-1] == " " * (7 + cells) + "^"


def test_a_long_line_is_cut_around_the_caret():
    text = "x" * 200 + "HERE" + "y" * 200
    row, caret = render([Problem("m", location=Location("a", 1, 201, text))]).splitlines()[-2:]
    assert row.startswith("   1 | ...x")
    assert row.endswith("y...")
    assert len(row) == 7 + 96 + 6
    assert row[caret.index("^") :].startswith("HERE")


def test_nothing_reaches_the_terminal_that_it_would_act_on():
    text = render([Problem("'\x1b[31m'", ("a\u200bb",), Location("a", 1, 1, "\x1b[31m\x07"))])
    assert "\\x1b[31m" in text
    assert "a\\u200bb" in text
    assert all(c.isprintable() or c == "\n" for c in text)


def test_a_place_is_looked_up_for_keys_that_have_none():
    placed = Location("b", 2)
    error = ConfigError(Problem("x", ("a",)), Problem("y"), Problem("z", ("c",), placed))
    found = error.located(lambda key: Location("found", len(key)))
    assert isinstance(found, ConfigError)
    assert [p.location for p in found.problems] == [Location("found", 1), None, placed]


def test_a_problem_as_json():
    assert Problem("x", ("a", 0), Location("f", 1, 2, "t"), "odd").as_json() == {
        "id": "odd",
        "message": "x",
        "key": "a[0]",
        "file": "f",
        "line": 1,
        "column": 2,
        "text": "t",
    }
    assert Problem("x").as_json()["key"] is None
