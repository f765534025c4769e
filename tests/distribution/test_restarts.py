"""Workers that are lost are started again; here nobody trains."""

import json

import pytest

from nntrain.distribution.restarts import Attempt, keep_going, run_of

ADDRESSES = ("a:1", "b:2")


def written(runs, name, addresses, checkpoint=True):
    run = runs / "pair" / name
    run.mkdir(parents=True)
    (run / "run.json").write_text(json.dumps({"workers": [*addresses]}))
    if checkpoint:
        (run / "checkpoint" / "00003").mkdir(parents=True)
    return run


def tried(runs, codes, restarts, run=None):
    """The arguments of every start, what was said, and the code at the end."""
    left, starts, said = [*codes], [], []

    def start(arguments):
        starts.append(arguments)
        return Attempt(left.pop(0), ADDRESSES)

    code = keep_going(start, ["fit"], lambda run: ["on", run.name], run, runs, restarts, said.append)
    return starts, said, code


def test_workers_go_on_with_the_run_that_they_wrote(tmp_path):
    written(tmp_path, "2026-01-02_00-00-00", ("c:1", "d:1"))
    run = written(tmp_path, "2026-01-01_00-00-00", ADDRESSES)
    (tmp_path / "pair" / "latest").symlink_to(run)
    (tmp_path / "pair" / "2026-01-03_00-00-00").mkdir()
    (tmp_path / "pair" / "2026-01-03_00-00-00" / "run.json").write_text("{")
    starts, said, code = tried(tmp_path, [7, 137, 0], 3)
    assert starts == [["fit"], ["on", run.name], ["on", run.name]]
    assert said == [
        f"all workers are started again (start 2 of 4) and go on with {run}",
        f"all workers are started again (start 3 of 4) and go on with {run}",
    ]
    assert code == 0


def test_without_a_checkpoint_all_begins_again(tmp_path):
    written(tmp_path, "2026-01-01_00-00-00", ADDRESSES, checkpoint=False)
    starts, said, code = tried(tmp_path, [7, 7], 1)
    assert starts == [["fit"], ["fit"]]
    assert said == [
        "all workers are started again (start 2 of 2), from the beginning: there is no checkpoint yet"
    ]
    assert code == 7


def test_a_run_that_is_gone_on_with_is_known(tmp_path):
    run = written(tmp_path, "2026-01-01_00-00-00", ("x:1", "y:1"))
    assert tried(tmp_path / "elsewhere", [7, 0], 1, run)[0] == [["fit"], ["on", run.name]]


@pytest.mark.parametrize("code", [0, 3, 6, 9, 129, 130, 143])
def test_what_is_no_loss_is_not_tried_again(tmp_path, code):
    assert tried(tmp_path, [code], 5) == ([["fit"]], [], code)


def test_nothing_is_started_again_unless_that_is_asked_for(tmp_path):
    assert tried(tmp_path, [7], 0) == ([["fit"]], [], 7)


def test_no_run_is_found_where_none_was_written(tmp_path):
    assert run_of(tmp_path, ADDRESSES) is None
