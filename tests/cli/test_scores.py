"""Scores of several outputs as the terminal shows them."""

import io

from rich.console import Console

from nntrain.cli.scores import print_examples, print_scores
from nntrain.run.rows import examples
from tests.run.outputs import scored


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

width
Score    test  baseline
───────────────────────
MAE    0.3750    1.2500
RMSE   0.5590    1.5000
R2     0.7500   -0.8000
MAPE   0.1875    0.8854"""
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
R2     0.9778   -0.0889"""
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
Label  Precision  Recall      F1  Rows
──────────────────────────────────────
news      0.6667  1.0000  0.8000     2
sport     1.0000  1.0000  1.0000     2

size
Score    test  baseline
───────────────────────
MAE    2.7500    6.8750
RMSE   3.5532   10.5357
R2     0.8429   -0.4023
MAPE   0.2573    0.7871
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
