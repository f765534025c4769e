"""Scores of several outputs as the terminal shows them."""

import io

from rich.console import Console

from nntrain.cli.scores import print_examples, print_scores
from nntrain.config.schema import Evaluation
from nntrain.run.rows import examples
from nntrain.run.scoring import score
from tests.run.outputs import GIVEN, INDEX, KIND, KINDS, TARGETS, WIDTH, scored


def printed(call, *arguments, **options):
    """What a plain terminal of 80 columns shows, without blanks at line ends."""
    console = Console(file=io.StringIO(), width=80, force_terminal=False)
    call(console, *arguments, **options)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def splits(*names):
    return {name: {"test": found.scores} for name, found in scored(*names).items()}


def test_each_of_several_outputs_has_a_table_under_its_name():
    assert (
        printed(print_scores, splits("kind", "width"))
        == """\
kind
Score                test  baseline
───────────────────────────────────
accuracy           0.7500    0.5000
precision (macro)  0.8333    0.1667
recall (macro)     0.8333    0.3333
F1 (macro)         0.7778    0.2222
log loss           0.5737    1.0397
ROC AUC            1.0000    0.5000
baseline: the majority class of the training rows, 'bee'

width
Score    test  baseline
───────────────────────
MAE    0.3750    1.2500
RMSE   0.5590    1.5000
R2     0.7500   -0.8000
MAPE   0.1875    0.8854
baseline: the mean of the training targets, 3.5"""
    )


def test_one_output_has_a_table_without_a_name():
    assert (
        printed(print_scores, splits("copy"))
        == """\
Score    test  baseline
───────────────────────
MSE    0.2500   12.2500
MAE    0.5000    3.0000
RMSE   0.5000    3.5000
R2     0.9778   -0.0889
baseline: the mean of the training rows"""
    )


def test_details_show_what_labels_and_several_numbers_are_made_of():
    assert (
        printed(print_scores, splits("topics", "size"), details=True)
        == """\
topics
Score                test  baseline
───────────────────────────────────
exact match        0.7500    0.2500
Hamming loss       0.1250    0.5000
precision (macro)  0.8333    0.0000
recall (macro)     1.0000    0.0000
F1 (macro)         0.9000    0.0000
F1 (micro)         0.8889    0.0000
log loss           0.3856    0.6931
ROC AUC            1.0000    0.5000
baseline: what most training rows have, no label

Label  Precision  Recall      F1  ROC AUC  Rows
───────────────────────────────────────────────
news      0.6667  1.0000  0.8000   1.0000     2
sport     1.0000  1.0000  1.0000   1.0000     2
fewer than 10 rows, so that one row moves the recall by more than 0.1: labels
'news', 'sport'

size
Score    test  baseline
───────────────────────
MAE    2.7500    6.8750
RMSE   3.5532   10.5357
R2     0.8429   -0.4023
MAPE   0.2573    0.7871
baseline: the means of the training targets, long 3.5, wide 28.5

Number     MAE    RMSE      R2
──────────────────────────────
long    0.5000  0.5000  0.8000
wide    5.0000  5.0000  0.8857"""
    )


def test_rows_show_the_labels_that_they_have():
    assert (
        printed(print_examples, examples(scored("topics", "copy"), 4))
        == """\
row  topics.actual  topics.predicted  copy.mse
  3           news              news    0.2500
  0    news, sport       news, sport    0.2500
 12          sport             sport    0.2500
  7              -              news    0.2500"""
    )


def test_everything_is_every_score_beside_every_baseline():
    assert (
        printed(print_scores, splits("kind"), everything=True)
        == """\
Score                   test  baseline 1  baseline 2
────────────────────────────────────────────────────
accuracy              0.7500      0.5000      0.3750
balanced accuracy     0.8333      0.3333      0.3333
precision (macro)     0.8333      0.1667      0.3333
recall (macro)        0.8333      0.3333      0.3333
F1 (macro)            0.7778      0.2222      0.3333
Matthews correlation  0.7000      0.0000      0.0000
Cohen's kappa         0.6364      0.0000      0.0000
log loss              0.5737      1.0397           -
Brier score           0.3250      0.6250           -
calibration error     0.1750      0.0000           -
ROC AUC               1.0000      0.5000           -
average precision     1.0000      0.3333           -
baseline 1: the majority class of the training rows, 'bee'
baseline 2: guesses in the proportions of the training rows"""
    )


def test_a_score_that_is_not_there_has_its_reason_below_the_table():
    alike = {"kind": KIND[:1], "width": WIDTH[:1] * 0}
    found = {
        name: score(TARGETS[name], truth, GIVEN[name][:1], INDEX[:1], kind=KINDS.get(name, "scores"),
                    evaluation=Evaluation())
        for name, truth in alike.items()
    }  # fmt: skip
    kind, width = ({name: {"new": found[name].scores}} for name in alike)
    assert printed(print_scores, kind).splitlines()[-3:] == [
        "ROC AUC                 -         -",
        "baseline: the majority class of the training rows, 'bee'",
        "no ROC AUC: only one class in these rows",
    ]
    assert printed(print_scores, width).splitlines()[-3:] == [
        "baseline: the mean of the training targets, 3.5",
        "no R2: only one row",
        "no MAPE: 1 of 1 targets is 0",
    ]
