"""The whole text of every finding."""

import pytest

from nntrain.data.findings.find import thorough
from tests.data.findings.cases import CASES

TEXTS = {
    "copy": [
        "leak target_copy: column 'survived' holds the target: in all 40 training rows the one follows "
        "from the other (rows.csv:2, rows.csv:3, rows.csv:4); it is hardly known before the target is, "
        "so leave it out with data.drop: [survived]",
    ],
    "code": [
        "leak target_code: column 'boat' is another spelling of the target: in all 40 training rows the"
        " one follows from the other (rows.csv:2, rows.csv:3, rows.csv:4); it is hardly known before "
        "the target is, so leave it out with data.drop: [boat]",
    ],
    "noisy number": [
        "leak target_giveaway: column 'bill' tells the target by itself: correlation 1.0000 (training "
        "rows 0, 1, 2); it is hardly known before the target is, so name the other columns in "
        "data.inputs, without it",
        "warning shifted_columns: column 'bill' differs in the test rows: the mean is 5.034, in the "
        "training rows 1.98: 2.6 deviations apart (test rows 59, 58, 57); scores on other data than "
        "were learnt from say little: look for another unit, scaling or origin",
    ],
    "doubtful": [
        "warning target_suspect: column 'score' almost tells the target by itself: AUC 0.9960 (training"
        " rows 0, 1, 2); if it is not known before the target is, name the other columns in "
        "data.inputs, without it",
    ],
    "copied rows": [
        "leak rows_in_two_splits: 2 of 36 test rows are identical to a training row (test row 0 and "
        "training row 2, test row 3 and training row 4); the network is scored on what it has learnt by"
        " heart: remove the copies, or keep them in one split",
    ],
    "copied pictures": [
        "leak near_rows_in_two_splits: 1 of 359 test rows is nearly the same picture as a training row "
        "(test row 21 and training row 0); the network is scored on what it has learnt by heart: remove"
        " the copies, or keep them in one split",
    ],
    "rounded rows": [
        "leak near_rows_in_two_splits: 2 of 114 test rows are the same, but for rounding, as a training"
        " row (test row 9 and training row 0, test row 21 and training row 1); the network is scored on"
        " what it has learnt by heart: remove the copies, or keep them in one split",
    ],
    "few values": [
        "warning rows_in_two_splits: 20 of 20 test rows are identical to a training row (test row 40 "
        "and training row 0, test row 41 and training row 1, test row 42 and training row 2); rows of "
        "few different values repeat by chance, and flatter the scores all the same: remove the copies,"
        " or keep them in one split",
        "note duplicated_rows: 36 of 40 training rows repeat an earlier one (training row 0 and "
        "training row 4, training row 1 and training row 5, training row 2 and training row 6); what is"
        " there twice counts twice in training: remove the copies unless they are meant",
    ],
    "two labels": [
        "warning rows_in_two_splits: 3 of 20 test rows are identical to a training row (rows.csv:42 and"
        " rows.csv:3, rows.csv:43 and rows.csv:4, rows.csv:44 and rows.csv:5); rows of few different "
        "values repeat by chance, and flatter the scores all the same: remove the copies, or keep them "
        "in one split",
        "warning label_noise: 3 of 60 rows have another label than identical rows have, so that no "
        "network names more than 95 % of these labels correctly (rows.csv:3 and rows.csv:42, rows.csv:4"
        " and rows.csv:43, rows.csv:5 and rows.csv:44); look at their labels, or give the features what"
        " tells them apart",
    ],
    "absent class": [
        "warning absent_classes: no test row has the class 'b'; the test scores say nothing of it: set "
        "data.split.stratify, or hold out more rows",
    ],
    "other order": [
        "warning class_order: the labels of the test rows seem to be in another order: '0' there looks "
        "like '9', '1' there looks like '0', '2' there looks like '1' and 7 more; the nearest class "
        "mean is right for 1.11 % of them as they are, 89.7 % renamed, and 90.1 % of the training rows "
        "(test rows 21, 24, 28); give the classes of both splits the same numbers",
    ],
    "other scale": [
        "warning shifted_array: the array 'features' differs in the test rows: values go from 0 to 240,"
        " in the training rows from 0 to 0.9412 (test rows 40, 41, 42); scores on other data than were "
        "learnt from say little: look for another unit, scaling or origin",
    ],
    "other unit": [
        "warning shifted_columns: column 'height' differs in the test rows: 20 of 20 values lie far "
        "outside 168.3 to 171.6, where all training rows are (rows.csv:42, rows.csv:43, rows.csv:44); "
        "scores on other data than were learnt from say little: look for another unit, scaling or "
        "origin",
    ],
    "other mean": [
        "warning shifted_columns: column 'age' differs in the test rows: the mean is 1.9, in the "
        "training rows -0.3222: 2.7 deviations apart (rows.csv:60, rows.csv:58, rows.csv:42); scores on"
        " other data than were learnt from say little: look for another unit, scaling or origin",
    ],
    "new texts": [
        "warning shifted_columns: column 'city' differs in the test rows: 10 of 20 texts stand in no "
        "training row, such as 'Oslo' (rows.csv:43, rows.csv:45, rows.csv:47); scores on other data "
        "than were learnt from say little: look for another unit, scaling or origin",
        "warning constant_columns: column 'city' is 'Rome' in all 40 training rows (rows.csv:2); "
        "nothing can be learnt from it: leave it out with data.drop: [city]",
    ],
    "numbers rows": [
        "warning identifier_column: column 'n' names the rows: each of the 40 training rows has a "
        "number of its own (rows.csv:2, rows.csv:3, rows.csv:4); new rows have other ones, so that "
        "nothing useful is learnt from it: leave it out with data.drop: [n]",
    ],
    "names rows": [
        "warning identifier_column: column 'who' names the rows: each of the 40 training rows has a "
        "text of its own (rows.csv:2, rows.csv:3, rows.csv:4); new rows have other ones, so that "
        "nothing useful is learnt from it: leave it out with data.drop: [who]",
    ],
    "stand-in": [
        "warning stand_in: column 'age' is -999 in 5 of 40 training rows, and from 38.27 to 41.6 in all others "
        "(rows.csv:3, rows.csv:11, rows.csv:19); if that means that the value is missing, empty those cells "
        "(or add it to data.missing) and let data.preprocess.numeric.impute fill them",
    ],
    "constant": [
        "warning constant_columns: columns 'ship', 'unit' hold one value each in all 40 training rows "
        "(rows.csv:2); nothing can be learnt from them: leave them out with data.drop: [ship, unit]",
    ],
    "many gaps": [
        "warning many_missing_values: column 'cabin' is empty in 75 % of the training rows and 75 % of "
        "the test rows (rows.csv:3, rows.csv:4, rows.csv:5); what stands in for them outweighs what is "
        "known: leave it out with data.drop: [cabin]",
    ],
    "uneven gaps": [
        "warning uneven_missing_values: column 'wage' is empty in 0 % of the training rows and 100 % of"
        " the test rows (rows.csv:42, rows.csv:43, rows.csv:44); the splits were not made alike: find "
        "out where they come from",
    ],
    "few gaps": [
        "note missing_values: values are missing in 2 columns of 40 training rows: 'port' 6, 'age' 5 "
        "(rows.csv:2); data.preprocess says what stands in for them",
    ],
}


@pytest.mark.parametrize("case", CASES)
def test_a_finding_says_what_where_why_and_what_to_do(case):
    assert [f"{f.severity} {f.id}: {f.message}" for f in thorough(CASES[case]())] == TEXTS[case]


def test_every_case_has_its_text():
    assert list(TEXTS) == list(CASES)
