import io
from collections import namedtuple

import pytest
from rich.console import Console

from nntrain.report.tables import (
    confusion_table,
    model_table,
    number,
    per_class_table,
    per_column_table,
    scores_table,
    shape_text,
    size_text,
)

Layer = namedtuple("Layer", ["name", "type", "output_shape", "parameters", "memory"], defaults=[4])


SCORES = [("accuracy", 0.97333, 0.1013), ("precision (macro)", 0.9, 0.01), ("ROC AUC", None, 0.5)]


def shown(table, width=80):
    """What a plain terminal of that width prints, without blanks at line ends."""
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(table)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def test_scores_stand_beside_their_baseline_for_each_split():
    assert (
        shown(scores_table({"validation": SCORES, "test": SCORES[:1]}))
        == """\
Score              validation  baseline    test  baseline
─────────────────────────────────────────────────────────
accuracy               0.9733    0.1013  0.9733    0.1013
precision (macro)      0.9000    0.0100     n/a       n/a
ROC AUC                   n/a    0.5000     n/a       n/a"""
    )


def test_splits_are_stacked_where_the_terminal_is_narrow():
    table = scores_table({"validation": SCORES, "test": SCORES[:1]}, width=50)
    assert (
        shown(table, 50)
        == """\
Score                 model  baseline
─────────────────────────────────────
validation
  accuracy           0.9733    0.1013
  precision (macro)  0.9000    0.0100
  ROC AUC               n/a    0.5000

test
  accuracy           0.9733    0.1013"""
    )


def test_per_class_scores_keep_names_as_they_are():
    assert (
        shown(
            per_class_table([("[bold]yes[/bold]", 1.0, 0.5, 2 / 3, 12345), ("a\x1b[2Jb", 0.0, 0.0, 0.0, 0)])
        )
        == """\
Class             Precision  Recall      F1    Rows
───────────────────────────────────────────────────
[bold]yes[/bold]     1.0000  0.5000  0.6667  12,345
a\N{REPLACEMENT CHARACTER}[2Jb               0.0000  0.0000  0.0000       0"""
    )


def test_labels_are_scored_like_classes_under_a_heading_of_their_own():
    assert (
        shown(per_class_table([("news", 1.0, 0.5, 2 / 3, 7)], "Label"))
        == """\
Label  Precision  Recall      F1  Rows
──────────────────────────────────────
news      1.0000  0.5000  0.6667     7"""
    )


def test_each_of_several_numbers_has_a_line():
    assert (
        shown(per_column_table([("width", 0.5, 0.75, 0.9), ("height [cm]", 1234.5, 2e-5, None)]))
        == """\
Number           MAE       RMSE      R2
───────────────────────────────────────
width         0.5000     0.7500  0.9000
height [cm]  1,234.5  2.000e-05     n/a"""
    )


def test_confusion_names_its_rows_and_columns():
    assert (
        shown(confusion_table([[50, 0], [1234, 9]], ["no", "yes"]))
        == """\
Actual \\ predicted     no  yes
──────────────────────────────
no                     50    0
yes                 1,234    9"""
    )


def test_confusion_numbers_its_columns_where_names_do_not_fit():
    names = ["a long name", "another long name", "the longest name of them all"]
    assert (
        shown(confusion_table([[5, 0, 0], [1, 9, 0], [0, 0, 7]], names, width=40), 40)
        == """\
Actual \\ predicted          0  1  2
───────────────────────────────────
0 a long name               5  0  0
1 another long name         1  9  0
2 the longest name…hem all  0  0  7"""
    )


def test_confusion_counts_wide_characters_twice():
    wide = ["猫" * 12] * 3
    matrix = [[1, 0, 0]] * 3
    shown(confusion_table(matrix, wide, width=80), 80)
    assert shown(confusion_table(matrix, wide, width=80)).splitlines()[0].split() == [
        "Actual",
        "\\",
        "predicted",
        "0",
        "1",
        "2",
    ]


@pytest.mark.parametrize(("classes", "width", "fits"), [(20, 80, True), (21, 200, False), (20, 50, False)])
def test_a_confusion_matrix_that_is_too_large_is_no_table(classes, width, fits):
    matrix = [[0] * classes] * classes
    table = confusion_table(matrix, [str(i) for i in range(classes)], width=width)
    assert (table is not None) == fits
    if fits:
        shown(table, width)


def test_layers_are_listed_with_shapes_parameters_and_totals():
    rows = [
        Layer("conv2d", "Conv2D", (None, 26, 26, 32), 320),
        Layer("lstm", "LSTM", ((None, 64), (None, 32)), 1234567),
        Layer("out[0]", "Dense", (None,), 1),
        Layer("mystery", "Layer", None, 0),
    ]
    assert (
        shown(model_table(rows, trainable=1234760, non_trainable=128))
        == """\
Layer                   Output shape  Parameters
────────────────────────────────────────────────
conv2d (Conv2D)   (None, 26, 26, 32)         320
lstm (LSTM)               (None, 64)   1,234,567
                          (None, 32)
out[0] (Dense)               (None,)           1
mystery (Layer)                    ?           0

Total parameters                       1,234,888
Trainable                              1,234,760
Non-trainable                                128
Memory (float32)                        4.71 MiB"""
    )


def test_a_long_layer_name_folds_and_numbers_stay_whole():
    rows = [Layer("a_name_that_goes_on_and_on", "BatchNormalization", (None, 26, 26, 32), 12345678)]
    text = shown(model_table(rows, trainable=1, non_trainable=0), 60)
    assert "12,345,678" in text
    assert "(None, 26, 26, 32)" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.97333, "0.9733"),
        (0.0, "0.0000"),
        (-0.0123, "-0.0123"),
        (0.00001234, "1.234e-05"),
        (12345.678, "12,345.7"),
        (2.5e12, "2.500e+12"),
        (None, "n/a"),
        (float("nan"), "n/a"),
        (float("inf"), "n/a"),
    ],
)
def test_numbers_are_readable(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (4 * 10**9, "3.73 GiB"), (2**42, "4,096.00 GiB")],
)
def test_sizes_have_binary_units(size, text):
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("shape", "text"),
    [((None, 26, 26, 32), "(None, 26, 26, 32)"), ((None,), "(None,)"), ((), "()"), (None, "?")],
)
def test_shapes_print_as_python_prints_them(shape, text):
    assert shape_text(shape) == text
