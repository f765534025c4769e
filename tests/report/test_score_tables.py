import pytest

from nntrain.evaluation.bootstrap import Interval
from nntrain.evaluation.split import ScoreRow
from nntrain.report.score_tables import confusion_table, per_class_table, per_column_table, scores_table
from tests.report.terminal import shown

SCORES = [
    ScoreRow("accuracy", 0.97333, Interval(0.95, 0.99, 1000), (0.1013, 0.099)),
    ScoreRow("precision (macro)", 0.9, Interval(0.875, 0.925, 1000), (0.01, 0.1)),
    ScoreRow("ROC AUC", None, None, (0.5, None)),
]
BARE = [row._replace(interval=None) for row in SCORES]


def test_scores_stand_beside_their_interval_and_their_baseline():
    assert (
        shown(scores_table({"validation": BARE[:1], "test": SCORES}))
        == """\
Score              validation    test   95 % interval  baseline
───────────────────────────────────────────────────────────────
accuracy               0.9733  0.9733  0.9500..0.9900    0.1013
precision (macro)           -  0.9000  0.8750..0.9250    0.0100
ROC AUC                     -       -               -    0.5000"""
    )


def test_where_no_score_has_an_interval_there_is_no_column_for_it():
    assert (
        shown(scores_table({"training": BARE}))
        == """\
Score              training  baseline
─────────────────────────────────────
accuracy             0.9733    0.1013
precision (macro)    0.9000    0.0100
ROC AUC                   -    0.5000"""
    )


def test_several_baselines_are_numbered():
    assert (
        shown(scores_table({"test": SCORES}, baselines=2))
        == """\
Score                test   95 % interval  baseline 1  baseline 2
─────────────────────────────────────────────────────────────────
accuracy           0.9733  0.9500..0.9900      0.1013      0.0990
precision (macro)  0.9000  0.8750..0.9250      0.0100      0.1000
ROC AUC                 -               -      0.5000           -"""
    )


def test_splits_are_stacked_where_the_terminal_is_narrow():
    table = scores_table({"validation": BARE[:1], "test": SCORES}, width=60)
    assert (
        shown(table, 60)
        == """\
Score                 model   95 % interval  baseline
─────────────────────────────────────────────────────
validation
  accuracy           0.9733               -    0.1013

test
  accuracy           0.9733  0.9500..0.9900    0.1013
  precision (macro)  0.9000  0.8750..0.9250    0.0100
  ROC AUC                 -               -    0.5000"""
    )


def test_per_class_scores_keep_names_as_they_are():
    assert (
        shown(
            per_class_table(
                [
                    ("[bold]yes[/bold]", 1.0, 0.5, 2 / 3, 12345, 0.9, 0.8),
                    ("a\x1b[2Jb", 0.0, 0.0, 0.0, 0, None, None),
                ]
            )
        )
        == """\
Class             Precision  Recall      F1  ROC AUC    Rows
────────────────────────────────────────────────────────────
[bold]yes[/bold]     1.0000  0.5000  0.6667   0.9000  12,345
a\N{REPLACEMENT CHARACTER}[2Jb               0.0000  0.0000  0.0000        -       0"""
    )


def test_labels_are_scored_like_classes_under_a_heading_of_their_own():
    assert (
        shown(per_class_table([("news", 1.0, 0.5, 2 / 3, 7, 0.75, 0.5)], "Label"))
        == """\
Label  Precision  Recall      F1  ROC AUC  Rows
───────────────────────────────────────────────
news      1.0000  0.5000  0.6667   0.7500     7"""
    )


def test_each_of_several_numbers_has_a_line():
    assert (
        shown(per_column_table([("width", 0.5, 0.75, 0.9), ("height [cm]", 1234.5, 2e-5, None)]))
        == """\
Number           MAE       RMSE      R2
───────────────────────────────────────
width         0.5000     0.7500  0.9000
height [cm]  1,234.5  2.000e-05       -"""
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
