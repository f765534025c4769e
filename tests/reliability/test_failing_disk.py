"""A disk that is full or breaks at any call of a whole run: exit 7, and nothing that was verified is lost."""

import pytest

from nntrain import fit
from nntrain.errors import MachineError
from nntrain.run.checkpoint.folder import committed
from nntrain.run.checkpoint.store import Store
from nntrain.run.verify import verify
from tests.reliability.disk import ERRORS, Disk
from tests.reliability.net import record
from tests.reliability.trainings import SMALL, digest, eager, gone_on, written

PLACES = ("log.txt", "history.csv", "arrays.npz", "weights.safetensors", "predictions", "plots/", "metrics.json", "manifest.json")  # fmt: skip


def refused(text):
    raise AssertionError(text)


def hurt(folder, *, plots=False, **how):
    """A run on a disk that fails, and what was said; None where nothing failed."""
    config = written(folder, SMALL)
    with eager(plots=plots), Disk(folder / "runs", **how) as disk:
        try:
            fit(config, folder / "runs")
        except MachineError as error:
            return disk, error
    return disk, None


def is_kept(folder):
    """Whether the newest checkpoint of the run, if there is one, is whole, and nothing looks finished but is not.

    What fails last is to bring the name of the finished record to the disk: all files are whole by then. Scores may be there while the record says `running`: a disk that breaks lets nothing be removed or said.
    """
    for run in (path for path in (folder / "runs").glob("net/*") if not path.is_symlink()):
        if committed(run):
            Store(run).newest(refused)
        status = record(run)["status"] if (run / "run.json").exists() else "running"
        if status == "finished":
            return not verify(run).problems
        if status != "running" and (run / "metrics.json").exists():
            return False
    return True


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    """What a whole run asks of the disk."""
    disk, said = hurt(tmp_path_factory.mktemp("whole"))
    assert said is None
    return disk.calls


@pytest.mark.parametrize("case", range(8))
def test_an_error_at_any_call_of_a_run_is_told(tmp_path, calls, case):
    at = 1 + (len(calls) * (2 * case + 1)) // 16
    how = {"error": ERRORS[case % 4], "lasting": case % 2 == 0}
    disk, said = hurt(tmp_path, at=at, **how)
    assert disk.failed
    assert said is not None, calls[at - 1]
    assert said.exit_code == 7
    assert is_kept(tmp_path)


@pytest.mark.parametrize("place", PLACES)
def test_a_disk_that_is_full_for_one_file_of_a_run_is_told(tmp_path, place):
    disk, said = hurt(tmp_path, plots=place == "plots/", at=2, error="ENOSPC", lasting=True, only=place)
    assert disk.failed
    assert said is not None
    assert said.exit_code == 7
    assert "the disk is full" in str(said)
    assert is_kept(tmp_path)


def test_a_disk_that_breaks_at_the_end_and_lets_nothing_be_removed_is_told(tmp_path, calls):
    at = calls.index(("open", next(path for call, path in calls if ".manifest.json." in path)))
    disk, said = hurt(tmp_path, at=at + 1, error="EIO", lasting=True)
    (run,) = (path for path in (tmp_path / "runs" / "net").iterdir() if not path.is_symlink())
    assert str(said) == f"{run}/manifest.json can't be written: Input/output error"
    assert ("unlink", f"net/{run.name}/metrics.json") in disk.calls
    assert (run / "metrics.json").exists()
    assert is_kept(tmp_path)


def test_a_disk_that_breaks_when_the_record_is_there_leaves_a_whole_run_and_is_told(tmp_path, calls):
    at = max(number for number, (call, _) in enumerate(calls, 1) if call == "fsync")
    assert calls[at - 2][0] == "rename"
    _, said = hurt(tmp_path, at=at, error="EIO", lasting=True)
    (run,) = (path for path in (tmp_path / "runs" / "net").iterdir() if not path.is_symlink())
    assert str(said) == f"{run}/run.json can't be written: Input/output error"
    assert record(run)["status"] == "finished"
    assert is_kept(tmp_path)
    (run / "metrics.json").write_text("{}")
    assert not is_kept(tmp_path)


def test_a_run_whose_disk_was_full_at_the_end_goes_on_to_the_same_bits(tmp_path):
    with eager():
        expected = digest(fit(written(tmp_path / "straight", SMALL), tmp_path / "straight" / "runs").path)
    _, said = hurt(tmp_path, at=1, error="ENOSPC", lasting=True, only="metrics.json")
    assert said is not None
    (run,) = (path for path in (tmp_path / "runs" / "net").iterdir() if not path.is_symlink())
    assert gone_on(run) == expected
