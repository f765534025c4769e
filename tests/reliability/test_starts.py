"""Runs that begin together have directories of their own, whatever the clock says."""

import errno
import json
import os
import re
from datetime import UTC, datetime, timedelta

import pytest

from nntrain import fit, load_config
from nntrain.run import fit as fit_module
from nntrain.run import log as log_module
from nntrain.run.directory import RunDirectory
from nntrain.run.observer import Silent
from nntrain.run.verify import verify
from tests.reliability.disk import Disk
from tests.reliability.starts import begin_together
from tests.reliability.trainings import SMALL, eager, written


def test_sixty_four_starts_in_one_second_make_sixty_four_runs(tmp_path):
    begin_together(tmp_path, 16)
    runs = [path for path in (tmp_path / "runs" / "x").iterdir() if not path.is_symlink()]
    names = sorted(path.name.removeprefix("2026-01-02_03-04-05").removeprefix("-") for path in runs)
    assert names == sorted(["", *map(str, range(2, 65))])
    records = [json.loads((path / "run.json").read_text()) for path in runs]
    assert len({record["owner"] for record in records}) == 64
    assert {record["status"] for record in records} == {"finished"}
    assert (tmp_path / "runs" / "latest").resolve() in [path.resolve() for path in runs]
    assert [path.name for path in tmp_path.rglob("*.tmp")] == []


BERLIN = "%Y-%m-%d_%H-%M-%S"
CLOCKS = {
    "back an hour": ["2026-05-01T12:00:00", "2026-05-01T11:00:00"],
    "summer time ends": ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"],
    "summer time begins": ["2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00"],
    "a leap day": ["2028-02-29T23:59:59", "2028-03-01T00:00:00"],
    "a leap second, which a clock tells twice": ["2016-12-31T23:59:59", "2016-12-31T23:59:59"],
    "past what 32 bits can tell": ["2038-01-19T03:14:07", "2038-01-19T03:14:08"],
}


@pytest.mark.parametrize("name", CLOCKS)
def test_the_run_that_began_last_is_the_latest(tmp_path, name):
    moments = [datetime.fromisoformat(text) for text in CLOCKS[name]]
    made = []
    for moment in moments:
        run = RunDirectory.create(tmp_path, "x", {}, moment)
        run.link_latest()
        made.append(run.path)
        assert run.path.name.startswith(moment.strftime(BERLIN))
    assert len(set(made)) == 2
    assert (tmp_path / "latest").resolve() == (tmp_path / "x" / "latest").resolve() == made[-1].resolve()


def test_a_link_that_the_disk_refuses_leaves_nothing_and_is_told(tmp_path):
    made = [RunDirectory.create(tmp_path, "x", {}, datetime(2026, 1, day)) for day in (1, 2)]
    assert made[0].link_latest() == ()
    with Disk(tmp_path, at=1, error="EIO", lasting=True, only="latest") as disk:
        assert made[0].link_latest() == ()  # they lead there
        assert made[1].link_latest() == (
            f"{tmp_path}/x/latest and {tmp_path}/latest can't be made to lead to {made[1].path}: "
            "Input/output error; the run is whole, give its own name",
        )
    assert disk.failed == 2 * 2  # neither can be renamed, nor removed
    for temporary in tmp_path.rglob(".latest.*"):
        temporary.unlink()
    with Disk(tmp_path, at=1, error="EIO", only=".latest.") as disk:
        (told,) = made[1].link_latest()
    assert told.startswith(f"{tmp_path}/x/latest can't be made to lead to {made[1].path}: ")
    assert disk.failed == 1
    assert list(tmp_path.rglob(".latest.*")) == []
    assert (tmp_path / "x" / "latest").resolve() == made[0].path.resolve()
    assert (tmp_path / "latest").resolve() == made[1].path.resolve()


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EROFS])
def test_a_file_system_without_links_is_not_told_of(tmp_path, monkeypatch, number):
    made = [RunDirectory.create(tmp_path, "x", {}, datetime(2026, 1, day)) for day in (1, 2)]

    def refused(*_, **named):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "symlink", refused)
        assert len(made[0].link_latest()) == (number == errno.EROFS)
    made[0].link_latest()
    monkeypatch.setattr(os, "symlink", refused)
    assert len(made[1].link_latest()) == 1  # or a link would lead to another run in silence


def test_a_run_tells_of_the_link_that_the_disk_refused_and_is_whole(tmp_path):
    said = []

    class Told(Silent):
        def note(self, text):
            said.append(text)

    with eager(), Disk(tmp_path / "runs", at=1, error="EIO", only=".latest.") as disk:
        done = fit(written(tmp_path, SMALL), tmp_path / "runs", observer=Told())
    link = tmp_path / "runs" / "net" / "latest"
    note = f"{link} can't be made to lead to {done.path}: Input/output error; the run is whole, give its own name"
    assert disk.failed == 1
    assert said[-1] == done.notes[-1] == note
    assert done.to_json()["notes"][-1] == note
    assert not link.is_symlink()
    assert (tmp_path / "runs" / "latest").resolve() == done.path.resolve()
    assert verify(done.path).problems == ()


class Backwards(datetime):
    """A clock that goes back an hour whenever it is looked at."""

    looked = 0

    @classmethod
    def now(cls, tz=None):
        cls.looked += 1
        return datetime(2038, 1, 19, 3, tzinfo=UTC) - timedelta(hours=cls.looked)


def test_a_clock_that_goes_back_changes_no_order_and_no_duration(write_config, tmp_path, monkeypatch):
    monkeypatch.setattr(fit_module, "datetime", Backwards)
    monkeypatch.setattr(log_module, "datetime", Backwards)
    config = load_config(write_config(), ["training.epochs=2"])
    first, second = (fit(config, tmp_path / "runs") for _ in range(2))
    assert second.path.name < first.path.name
    assert (tmp_path / "runs" / "latest").resolve() == second.path.resolve()
    for done in (first, second):
        record = json.loads((done.path / "run.json").read_text())
        assert [row["epoch"] for row in done.history] == [1, 2]
        assert (
            0 < sum(record["timings"]["epochs"]) <= record["timings"]["train"] <= record["timings"]["total"]
        )
        assert record["timings"]["total"] < 600
        stamps = re.findall(r"^(\S+) ", (done.path / "log.txt").read_text(), re.MULTILINE)
        assert sorted(stamps, reverse=True) == stamps
