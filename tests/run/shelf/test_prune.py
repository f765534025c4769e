"""`runs prune`: what goes, what stays, and what a kill leaves."""

import shutil

import pytest

from nntrain.errors import ArtefactError, MachineError
from nntrain.run.lock import RunLock
from nntrain.run.shelf import prune
from nntrain.run.shelf.listing import list_runs
from nntrain.run.shelf.prune import carry_out, plan
from tests.reliability.disk import Disk


def going(found):
    return [one.row.run.path.name for one in found.leaving]


def staying(found):
    return {row.run.path.name: reason for row, reason in found.staying}


@pytest.fixture
def five(make_run):
    """Five runs, the day of which is their name's end; that of the 2nd failed, that of the 5th was interrupted."""
    states = ["finished", "failed", "finished", "finished", "interrupted"]
    return [make_run(f"small/2026-11-{day:02}_10-00-00", status=s) for day, s in enumerate(states, 1)]


def test_runs_before_the_newest_finished_ones_go(five):
    found = plan(None, "runs", 2)
    assert going(found) == ["2026-11-01_10-00-00", "2026-11-02_10-00-00"]
    assert staying(found) == {
        "2026-11-03_10-00-00": "newest",
        "2026-11-04_10-00-00": "newest",
        "2026-11-05_10-00-00": "newer",
    }


@pytest.mark.parametrize("keep", [3, 4, 100])
def test_nothing_goes_where_there_are_no_more_finished_runs_than_are_kept(five, keep):
    assert going(plan(None, "runs", keep)) == []


def test_with_none_kept_all_go(five):
    assert len(going(plan(None, "runs", 0))) == 5


def test_each_name_keeps_its_own(five, make_run):
    make_run("other/2026-10-01_10-00-00")
    assert "2026-10-01_10-00-00" not in going(plan(None, "runs", 1))
    assert going(plan("other", "runs", 0)) == ["2026-10-01_10-00-00"]


def test_what_latest_leads_to_stays(five, runs):
    (runs / "latest").symlink_to("small/2026-11-01_10-00-00")
    found = plan(None, "runs", 1)
    assert staying(found)["2026-11-01_10-00-00"] == "latest"


def test_what_is_kept_anyway_is_among_the_newest(five, runs):
    (runs / "latest").symlink_to(five[3].relative_to(runs))
    assert staying(plan(None, "runs", 2))[five[3].name] == "newest"


def test_a_run_that_is_going_on_stays(five):
    with RunLock(five[0], five[0]):
        assert staying(plan(None, "runs", 1))["2026-11-01_10-00-00"] == "running"


def test_a_parent_with_a_fold_that_is_going_on_stays(make_run, five):
    make_run("small/2026-11-01_09-00-00", status="interrupted", folds=2, runs=[])
    fold = make_run("small/2026-11-01_09-00-00/fold-1", status="running")
    with RunLock(fold, fold):
        assert staying(plan(None, "runs", 1))["2026-11-01_09-00-00"] == "running"
    assert "2026-11-01_09-00-00" in going(plan(None, "runs", 1))


def test_what_cannot_be_read_stays(five):
    (five[0] / "run.json").write_text('{"schema": "nntrain.run/2"}')
    assert staying(plan(None, "runs", 1))["2026-11-01_10-00-00"] == "damaged"


def test_a_run_is_no_folder_of_runs(five):
    with pytest.raises(ArtefactError) as caught:
        plan("runs/small/2026-11-01_10-00-00", "runs", 1)
    assert str(caught.value) == (
        "runs/small/2026-11-01_10-00-00 is a run; name the folder that it is in, to remove the older ones there"
    )


def test_what_goes_is_gone_and_counted(five, runs):
    (five[0] / "large").write_bytes(b"0" * 100_000)
    found = plan(None, "runs", 2)
    assert found.leaving[0].size > 100_000
    done = list(carry_out(found))
    assert [one.row.run.path.name for one in done] == going(found)
    assert sorted(path.name for path in (runs / "small").iterdir()) == [path.name for path in five[2:]]


def test_a_kill_leaves_no_half_run_and_the_next_time_clears_up(five, runs, monkeypatch):
    def killed(path):
        (path / "run.json").unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        list(carry_out(plan(None, "runs", 2)))
    monkeypatch.undo()
    monkeypatch.chdir(runs.parent)
    assert [row.run.path.name for row in list_runs(None)] == [path.name for path in five[1:]]
    found = plan(None, "runs", 2)
    assert [path.name for path in found.leftovers] == [".removed-2026-11-01_10-00-00"]
    list(carry_out(found))
    assert sorted(path.name for path in (runs / "small").iterdir()) == [path.name for path in five[2:]]


def test_a_run_that_begins_to_go_on_meanwhile_stays(five):
    found = plan(None, "runs", 2)
    with RunLock(five[0], five[0]):
        done = list(carry_out(found))
    assert done[0] is found.leaving[0].row
    assert (five[0] / "metrics.json").exists()
    assert not five[1].exists()


def test_links_that_lead_nowhere_are_mended(five, runs):
    (runs / "latest").symlink_to("small/2026-11-09_10-00-00")
    (runs / "small" / "latest").symlink_to("2026-11-09_10-00-00")
    found = plan(None, "runs", 5)
    assert len(found.links) == 2
    list(carry_out(found))
    assert (runs / "latest").resolve() == five[3]
    assert (runs / "small" / "latest").resolve() == five[3]


def test_a_broken_link_without_any_finished_run_goes(make_run, runs):
    make_run(status="failed")
    (runs / "latest").symlink_to("small/2026-11-09_10-00-00")
    list(carry_out(plan(None, "runs", 5)))
    assert not (runs / "latest").is_symlink()


def test_a_link_that_the_disk_refuses_to_mend_is_told(five, runs):
    (runs / "latest").symlink_to("small/2026-11-09_10-00-00")
    with Disk("runs", at=1, error="EIO", only=".latest."), pytest.raises(MachineError) as caught:
        list(carry_out(plan(None, "runs", 5)))
    assert str(caught.value) == "runs/latest can't be mended: Input/output error; the runs after it were kept"


def test_a_link_of_somebody_else_is_left_alone(five, runs):
    (runs / "latest").symlink_to("/nowhere/at/all")
    assert plan(None, "runs", 5).links == ()
    assert prune.WHY["newer"]
