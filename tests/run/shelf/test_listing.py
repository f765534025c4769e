"""`runs`: what is told of each, whatever has become of it."""

import json

import pytest

from nntrain.errors import ArtefactError, UsageError
from nntrain.run.lock import RunLock
from nntrain.run.shelf.listing import list_runs
from nntrain.run.shelf.query import filtered, ordered
from nntrain.run.shelf.stored import read_run
from tests.run.shelf.conftest import change


def names(rows):
    return [row.run.path.name for row in rows]


@pytest.fixture
def three(make_run):
    """Two runs of one name and one of another."""
    make_run("small/2026-11-20_10-00-00", scores={"test": {"accuracy": 0.5}})
    make_run("small/2026-11-21_10-00-00", scores={"test": {"accuracy": 0.9}}, seed=7)
    make_run("other/2026-11-20_12-00-00", scores={"validation": {"mape": 0.1, "mae": 2.0}}, timings={})
    return list_runs(None)


def test_the_newest_run_comes_last(three):
    assert names(three) == ["2026-11-20_10-00-00", "2026-11-20_12-00-00", "2026-11-21_10-00-00"]


def test_a_row_tells_what_the_files_say(make_run):
    make_run()
    (row,) = list_runs("small")
    assert row.to_json() == {
        "run": "runs/small/2026-11-20_10-00-00",
        "name": "small",
        "status": "finished",
        "started": row.values["started"].isoformat(timespec="seconds"),
        "epochs": 20,
        "seconds": 1.5,
        "parameters": 15,
        "seed": 3,
        "task": "classification",
        "of": 20,
        "holds": None,
        "score": "test.accuracy",
        "scores": {"test.accuracy": {"value": 0.75, "std": None}, "test.f1": {"value": 0.5, "std": None}},
        "problem": None,
    }


@pytest.mark.parametrize("where", ["small", "runs/small", "runs"])
def test_a_name_and_a_folder_lead_to_the_same_runs(make_run, where):
    make_run()
    assert names(list_runs(where)) == ["2026-11-20_10-00-00"]


def test_a_run_is_listed_alone(make_run):
    assert names(list_runs(str(make_run()))) == ["2026-11-20_10-00-00"]


def test_without_a_runs_folder_there_are_none(runs):
    assert list_runs(None) == []


def test_what_is_no_folder_of_runs_is_told(make_run, tmp_path):
    make_run()
    (tmp_path / "empty").mkdir()
    for where, message in (
        ("smal", "there are no runs at smal, and none of that name in runs (did you mean 'small'?)"),
        ("empty", "empty holds no runs"),
    ):
        with pytest.raises(ArtefactError) as caught:
            list_runs(where)
        assert str(caught.value) == message


def test_a_run_whose_process_is_gone_was_interrupted(make_run):
    folder = make_run(status="running")
    assert (read_run(folder).status, read_run(folder).epochs) == ("interrupted", 2)
    with RunLock(folder, folder):
        assert read_run(folder).status == "running"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "run.json is damaged"),
        (b"[1]", "run.json is damaged"),
        (b'{"a": 1', "run.json is damaged"),
        (b"[" * 100_000, "run.json is damaged"),
        (b"\xff\xfe", "run.json is damaged"),
        (None, "run.json is missing"),
        (b'{"schema": "other/1"}', "run.json is not the record of a run: schema 'other/1'"),
        (
            b'{"schema": "nntrain.run/2"}',
            "run.json was written by a newer release: its schema is 'nntrain.run/2'",
        ),
        (
            b'{"schema": "nntrain.run/1", "status": "asleep"}',
            "the record is damaged: 'status' is not as nntrain writes it",
        ),
        (
            b'{"schema": "nntrain.run/1", "status": "failed", "timings": 3}',
            "the record is damaged: 'timings' is not as nntrain writes it",
        ),
    ],
)
def test_a_run_that_cannot_be_read_is_listed_as_such(make_run, content, problem):
    folder = make_run()
    (folder / "run.json").unlink()
    if content is not None:
        (folder / "run.json").write_bytes(content)
    (row,) = list_runs("small")
    assert (row.run.status, row.run.problem, row.main) == ("damaged", problem, None)
    assert row.values["started"].isoformat()[:10] == "2026-11-20"


@pytest.mark.parametrize(
    "value", [None, [], "x", {"splits": 3}, {"splits": {"test": [1]}}, {"splits": {"test": {}}}]
)
def test_scores_that_are_none_are_left_out(make_run, value):
    folder = make_run()
    (folder / "metrics.json").write_text(json.dumps(value))
    (row,) = list_runs("small")
    assert (row.run.status, row.scores, row.main) == ("finished", {}, None)


def test_missing_scores_are_told(make_run):
    (make_run() / "metrics.json").unlink()
    (row,) = list_runs("small")
    assert row.run.problem == "metrics.json is missing"


@pytest.mark.parametrize("key", ["seed", "epochs", "parameters", "started", "name", "targets", "runs"])
@pytest.mark.parametrize("value", [None, "x", [], {}, True, -1.5])
def test_strange_values_do_not_end_the_list(make_run, key, value):
    change(make_run(), **{key: value})
    (row,) = list_runs(None)
    json.dumps(row.to_json())


def test_a_folder_of_something_else_and_links_are_passed_over(make_run, runs):
    make_run()
    (runs / "small" / "notes").mkdir()
    (runs / "small" / ".removed-2026-11-20_09-00-00").mkdir()
    (runs / "small" / "latest").symlink_to("2026-11-20_10-00-00")
    assert names(list_runs(None)) == ["2026-11-20_10-00-00"]


def spread(mean, std):
    return {"mean": mean, "std": std, "folds": [mean]}


def test_a_parent_shows_mean_and_deviation_and_hides_its_runs(make_run):
    parent = make_run(folds=2, runs=["fold-1", "fold-2"], scores={"test": {"accuracy": spread(0.8, 0.1)}})
    for number in (2, 1):
        make_run(f"small/2026-11-20_10-00-00/fold-{number}", timings={"train": number})
    (row,) = list_runs(None)
    assert (row.run.parts, row.values["epochs"], row.run.wanted_epochs) == ("folds", 2, 2)
    assert (row.main, row.scores["test.accuracy"].std) == ("test.accuracy", 0.1)
    assert (row.values["seconds"], row.values["parameters"]) == (3, 15)
    assert names(list_runs(None, children=True)) == [parent.name, "fold-1", "fold-2"]


def test_several_outputs_have_scores_of_their_own(make_run):
    make_run(scores={"test": {"outputs": {"kind": {"accuracy": 0.5}, "size": {"mae": 1.0, "mape": 2.0}}}})
    (row,) = list_runs(None)
    assert list(row.scores) == ["test.kind.accuracy", "test.size.mae", "test.size.mape"]
    assert row.main == "test.kind.accuracy"


@pytest.mark.parametrize(
    ("expressions", "found"),
    [
        (["status=finished"], 3),
        (["status!=finished"], 0),
        (["test.accuracy>0.9"], 0),
        (["test.accuracy >= 0.9"], 1),
        (["test.accuracy==0.5"], 1),
        (["test.accuracy>0", "seed=7"], 1),
        (["name=o*"], 1),
        (["name!=o*"], 2),
        (["run=*/2026-11-21*"], 1),
        (["started=2026-11-20"], 2),
        (["started>=2026-11-20T11:00+00:00"], 2),
        (["seconds<2"], 2),
        (["validation.mae<=2"], 1),
    ],
)
def test_expressions_choose_runs(three, expressions, found):
    assert len(filtered(three, expressions)) == found


def test_text_in_an_expression_is_never_run(three):
    with pytest.raises(UsageError) as caught:
        filtered(three, ["seed=__import__('os').getpid()"])
    assert str(caught.value) == (
        "--filter seed=__import__('os').getpid(): 'seed' is a number, and '__import__('os').getpid()' is none"
    )


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "test.acuracy>0.9",
            "no run has 'test.acuracy' (did you mean 'test.accuracy'?); there are run, name, status, started, epochs, "
            "seconds, parameters, seed, task, test.accuracy, validation.mape, validation.mae",
        ),
        (
            "finished",
            "compares nothing: write a key, one of =, !=, <, <=, > and >=, and a value, such as 'test.accuracy>0.9'",
        ),
        ("test.accuracy>high", "'test.accuracy' is a number, and 'high' is none"),
        ("name<b", "'name' is text, for which there are = and != alone"),
        (
            "status=finishd",
            "there is no status 'finishd' (did you mean 'finished'?); they are running, finished, interrupted, failed, "
            "damaged",
        ),
        ("started>yesterday", "'yesterday' is no time; write 2026-11-21, or 2026-11-21T18:30"),
    ],
)
def test_an_expression_that_is_none_is_refused(three, expression, message):
    with pytest.raises(UsageError) as caught:
        filtered(three, [expression])
    assert str(caught.value) == f"--filter {expression}: {message}"


def test_a_key_orders_runs_and_a_minus_turns_it_round(three):
    assert [row.value("test.accuracy") for row in ordered(three, "test.accuracy")] == [None, 0.5, 0.9]
    assert [row.value("test.accuracy") for row in ordered(three, "-test.accuracy")] == [None, 0.9, 0.5]
    assert [row.value("name") for row in ordered(three, "name")] == ["other", "small", "small"]


def test_an_unknown_key_to_sort_by_is_named(three):
    with pytest.raises(UsageError) as caught:
        ordered(three, "-secnds")
    assert str(caught.value) == (
        "--sort -secnds: no run has 'secnds' (did you mean 'seconds'?); there are run, name, status, started, epochs, "
        "seconds, parameters, seed, task, test.accuracy, validation.mape, validation.mae"
    )


def test_before_the_first_score_any_may_be_asked_for(make_run):
    make_run(status="failed")
    assert filtered(list_runs(None), ["test.accuracy>0.5"]) == []
