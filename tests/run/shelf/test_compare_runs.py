"""`compare`: which runs can be set side by side, and what their rows say."""

import pytest

from nntrain.errors import ArtefactError, ConflictError, UsageError
from nntrain.run.lock import RunLock
from nntrain.run.shelf.compare import compare, histories
from tests.run.shelf.conftest import CONFIG, change, table

A, B, C = (f"small/2026-11-2{day}_10-00-00" for day in range(3))
EIGHT = [(i, "ab"[i % 2], "ab"[i % 2]) for i in range(8)]
WORSE = [(i, actual, "a") for i, actual, _ in EIGHT]


def refusal(*paths, error=UsageError):
    with pytest.raises(error) as caught:
        compare(paths)
    return str(caught.value)


def test_rows_that_one_run_has_right_are_counted(make_run):
    first, second = make_run(A, rows=EIGHT), make_run(B, rows=WORSE[::-1])
    (other,) = compare([first, second]).others
    (test,) = other.tests
    assert (test.score, test.better, other.not_tested) == ("accuracy", "higher", None)
    assert (test.paired.first, test.paired.second, test.paired.difference) == (1.0, 0.5, -0.5)
    assert (test.mcnemar.first_alone, test.mcnemar.second_alone) == (4, 0)
    assert test.mcnemar.p == 2 / 2**4
    assert test.within_noise


def test_what_configs_do_differently_is_told(make_run):
    first = make_run(A)
    second = make_run(B, config=CONFIG.replace("epochs: 20", "epochs: 30").replace("units: 3", "units: 4"))
    assert [str(difference) for difference in compare([first, second]).others[0].differences] == [
        "model.layers[0].units: 3 -> 4",
        "training.epochs: 20 -> 30",
    ]


def test_scores_stand_side_by_side_with_their_intervals(make_run):
    scores = {
        "test": {"accuracy": 0.75, "intervals": {"accuracy": {"low": 0.5, "high": 0.9, "resamples": 1000}}}
    }
    found = compare([make_run(A, scores=scores), make_run(B)])
    one, two = found.scores[""]["test accuracy"]
    assert (one.value, one.interval, two.value, two.interval) == (0.75, (0.5, 0.9), 0.75, None)
    assert [cell and cell.value for cell in found.scores[""]["test F1 (macro)"]] == [None, 0.5]


NUMBER = {"name": "target", "task": "regression", "names": [], "shape": []}


def numbers(make_run, path, off):
    folder = make_run(path, scores={"test": {"mae": off, "mape": 1.0}}, targets=[NUMBER])
    return rewritten(folder, [(i, 1.0 * i, i + off) for i in range(30)])


def rewritten(folder, rows, **more):
    """The run with other scored rows, as if it had written them."""
    from nntrain.run.directory import RunDirectory

    run = RunDirectory.open(folder)
    run.write("predictions.csv", table(rows, **more))
    run.update({})
    return folder


def test_numbers_are_compared_by_their_errors(make_run):
    first, second = numbers(make_run, A, 2.0), numbers(make_run, B, -1.0)
    tests = compare([first, second]).others[0].tests
    assert [(test.score, test.paired.difference, test.within_noise) for test in tests] == [
        ("mae", -1.0, False),
        ("mse", -3.0, False),
    ]
    assert {test.better for test in tests} == {"lower"}


@pytest.mark.parametrize(
    ("task", "header", "rows", "found"),
    [
        ("reconstruction", ("row", "mse", "mae"), [(0, 1, 2), (1, 3, 4)], [("mse", 2.0), ("mae", 3.0)]),
        (
            "segmentation",
            ("row", "accuracy", "mean_iou"),
            [(0, 1, 0.5), (1, 0.5, 0.7), (2, 0.75, "")],
            [("accuracy", 0.75), ("mean_iou", 0.6)],
        ),
        (
            "multi_label",
            ("row", "actual(x)", "actual(y)", "predicted(x)", "predicted(y)"),
            [(0, 1, 0, 1, 0), (1, 1, 0, 0, 0)],
            [("exact_match", 0.5)],
        ),
    ],
)
def test_every_task_has_its_test(make_run, task, header, rows, found):
    target = {"name": "target", "task": task, "names": ["x", "y"], "shape": []}
    folders = [rewritten(make_run(path, targets=[target]), rows, header=header) for path in (A, B)]
    tests = compare(folders).others[0].tests
    assert [(test.score, pytest.approx(test.paired.first)) for test in tests] == found


def test_several_outputs_are_tested_each(make_run):
    targets = [
        {"name": "kind", "task": "classification", "names": ["a"], "shape": []},
        {**NUMBER, "name": "size"},
    ]
    header = ("row", "kind.actual", "kind.predicted", "size.actual", "size.predicted")
    folders = [
        rewritten(make_run(path, targets=targets), [(0, "a", "a", 1, 2), (1, "b", "a", 1, 1)], header=header)
        for path in (A, B)
    ]
    tests = compare(folders).others[0].tests
    assert [(test.output, test.score) for test in tests] == [
        ("kind", "accuracy"),
        ("size", "mae"),
        ("size", "mse"),
    ]


@pytest.mark.parametrize(
    ("rows", "record", "reason"),
    [
        (
            [(0, "a", "a"), (1, "b", "b"), (2, "a", "b")],
            {},
            "they were scored on other rows (4 and 3 rows, 2 of which are the same); the same data.split and seed "
            "give the same rows",
        ),
        (
            None,
            {"data": {"fingerprint": "0" * 64}},
            "their data differ (SHA-256 ffffffffffff... and 000000000000...)",
        ),
        (
            [(0, "b", "a"), (1, "b", "b"), (4, "a", "b"), (6, "b", "b")],
            {},
            "the same rows have other targets",
        ),
    ],
)
def test_other_rows_are_not_tested(make_run, rows, record, reason):
    first, second = make_run(A), make_run(B, rows=rows)
    change(second, **record)
    (other,) = compare([first, second]).others
    assert (other.tests, other.not_tested) == ((), reason)


def test_runs_of_other_columns_are_tested_where_rows_and_targets_are_the_same(make_run):
    dropped = CONFIG.replace("name: iris", "name: iris, preprocess: {numeric: {scale: standard}}")
    other_data = {"data": {"fingerprint": "0" * 64, "source": "eight rows", "rows": {"train": 8, "test": 4}}}
    first = make_run(A)
    found = compare([first, make_run(B, config=dropped, **other_data)]).others[0]
    assert ([test.score for test in found.tests], found.not_tested) == (["accuracy"], None)
    other_rows = make_run(
        C, config=dropped, rows=[(0, "b", "a"), (1, "b", "b"), (4, "a", "b"), (6, "b", "b")]
    )
    change(other_rows, **other_data)
    assert compare([first, other_rows]).others[0].not_tested == "the same rows have other targets"


def test_a_parent_is_shown_and_not_tested(make_run):
    scores = {"test": {"accuracy": {"mean": 0.8, "std": 0.1, "folds": [0.7, 0.9]}}}
    parent = make_run(A, folds=2, runs=["fold-1", "fold-2"], scores=scores)
    for number in (1, 2):
        make_run(f"{A}/fold-{number}")
    found = compare([parent, make_run(B)])
    assert (found.scores[""]["test accuracy"][0].value, found.scores[""]["test accuracy"][0].std) == (
        0.8,
        0.1,
    )
    assert found.others[0].not_tested == f"{parent} holds several runs; compare single ones row by row"
    with pytest.raises(UsageError) as caught:
        histories(found.runs)
    assert str(caught.value) == (
        f"--plot draws single runs, and {parent} holds several; name one, such as {parent}/fold-1"
    )


def test_what_a_test_does_not_tell_is_told(make_run):
    found = compare([make_run(A), make_run(B), make_run(C)])
    assert found.notes == (
        "a test tells of these trained models on other rows; each is one seed, and another may differ by more: "
        "nntrain fit CONFIG --seeds 5 measures that",
        "one of 2 comparisons at 5 % finds a difference by chance in 10% of cases",
    )


def test_learning_curves_are_read(make_run):
    found = histories(compare([make_run(A), make_run(B)]).runs)
    assert found[0] == {"loss": [0.9, 0.5], "val_loss": [1.0, 0.7]}


def test_one_run_is_not_compared(make_run):
    first = make_run(A)
    assert refusal(first) == f"there is one run to compare, {first}; name another one, or use nntrain show"


def test_too_many_are_not_compared(runs):
    names = [f"run-{number}" for number in range(27)]
    assert refusal(*names) == "27 runs are too many to read side by side; name at most 26"


def test_a_run_is_not_compared_with_itself(make_run, runs):
    first = make_run(A)
    (runs / "latest").symlink_to(A)
    assert refusal(first, first) == f"{first} stands there twice; name different runs"
    assert refusal(first, "runs/latest") == f"{first} and runs/latest are the same run; name different runs"


def test_other_tasks_are_not_compared(make_run):
    first, second = make_run(A), numbers(make_run, B, 1.0)
    assert refusal(first, second) == (
        f"{first} is a run of classification, and {second} one of regression; only runs of the same task can be compared"
    )


def test_other_outputs_are_not_compared(make_run):
    first, second = make_run(A), make_run(B)
    change(second, targets=[{"name": "kind", "task": "classification", "names": ["a"], "shape": []}])
    assert refusal(first, second) == (
        f"{first} predicts target, and {second} predicts kind; only runs with the same outputs can be compared"
    )


def test_a_run_without_scores_is_not_compared(make_run):
    first, second = make_run(A), make_run(B, status="failed", failure={"message": "no"})
    assert refusal(first, second, error=ArtefactError) == f"the run {second} failed, so it has no scores: no"
    third = make_run(C, status="running")
    assert refusal(first, third, error=ArtefactError) == (
        f"the run {third} was killed after epoch 2, so it has no scores; train it again with nntrain fit"
    )
    with RunLock(third, third):
        assert refusal(first, third, error=ConflictError) == (
            f"the run {third} is still going; wait until it has finished"
        )


@pytest.mark.parametrize(
    ("status", "told"),
    [("failed", "failed"), ("interrupted", "was interrupted")],
)
def test_a_parent_that_has_not_finished_is_not_compared(make_run, status, told):
    first, second = make_run(A), make_run(B, status=status, folds=3, runs=["fold-1"])
    assert refusal(first, second, error=ArtefactError) == (
        f"the run {second} {told} when 1 of its 3 folds were finished, so it has no scores of all; "
        f"go on with: nntrain resume {second}"
    )


def test_files_that_are_not_as_they_were_are_named(make_run):
    first, second = make_run(A), make_run(B)
    (second / "predictions.csv").unlink()
    assert (
        refusal(first, second, error=ArtefactError)
        == f"runs/small/{second.name}/predictions.csv: the file is missing from the run; "
        "bring back what was written, or train again"
    )
    (second / "metrics.json").write_text("{")
    assert refusal(first, second, error=ArtefactError) == f"{second}: metrics.json is damaged"


def test_no_run_is_compared_with_a_folder(make_run, runs):
    assert refusal(make_run(A), runs, error=ArtefactError) == f"{runs} is no run: it has no run.json"
