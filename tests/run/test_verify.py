"""`verify`: every byte of a finished run is known, and what changed is named."""

import json
import random
import shutil

import numpy as np
import pytest

from nntrain import evaluate, fit, load_config
from nntrain.errors import ArtefactError, MachineError
from nntrain.run.folds import fit_folds
from nntrain.run.verify import verify
from tests.conftest import BLOBS

FILES = (
    "config.yaml", "history.csv", "log.txt", "metrics.json", "model.keras", "pictures.npz", "plots/confusion_test.png",
    "plots/confusion_test.svg", "plots/history.png", "plots/history.svg", "predictions.csv", "preprocess.json", "resolved.yaml", "run.json",
)  # fmt: skip


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """A run that no other test scores."""
    folder = tmp_path_factory.mktemp("untouched")
    (folder / "blobs.yaml").write_text(BLOBS)
    return fit(load_config(folder / "blobs.yaml"), folder / "runs").path


@pytest.fixture
def run(untouched, tmp_path):
    return shutil.copytree(untouched, tmp_path / "run")


def states(run, state):
    return [name for name, found in verify(run).files.items() if found == state]


def test_fit_leaves_a_run_that_is_whole(finished_run):
    done = verify(finished_run.path)
    assert (done.error, done.extra, done.notes, done.status) == (None, (), (), "finished")
    assert set(FILES) <= set(done.files)
    assert set(done.files.values()) == {"ok"}


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_file_that_is_gone_is_missing(run, name):
    (run / name).unlink()
    assert states(run, "missing") == [name]
    assert str(verify(run).error) == f"{run / name}: the file is missing from the run"


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_bit_that_flips_anywhere_in_a_file_is_found(run, name):
    path, draw = run / name, random.Random(name)
    content = path.read_bytes()
    for _ in range(6):
        place = draw.randrange(len(content))
        path.write_bytes(
            content[:place] + bytes([content[place] ^ 1 << draw.randrange(8)]) + content[place + 1 :]
        )
        assert states(run, "damaged") == [name], place


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_file_that_was_cut_off_is_found(run, name):
    path, draw = run / name, random.Random(name)
    content = path.read_bytes()
    for length in (0, *(draw.randrange(len(content)) for _ in range(3))):
        path.write_bytes(content[:length])
        assert states(run, "damaged") == [name], length


def test_a_change_is_told_with_both_sizes_or_both_sums(run):
    content = (run / "history.csv").read_bytes()
    was = json.loads((run / "run.json").read_text())["sha256"]["history.csv"]
    other = content[:-1] + b" "
    (run / "history.csv").write_bytes(other)
    assert str(verify(run).error) == (
        f"{run / 'history.csv'}: the file was changed after the run: its SHA-256 is {sha_of(other)}..., "
        f"recorded is {was[:12]}..."
    )
    (run / "history.csv").write_bytes(b"epoch\n")
    assert str(verify(run).error) == (
        f"{run / 'history.csv'}: the file was changed after the run: it has 6 bytes, and had {len(content)}"
    )


def sha_of(content):
    import hashlib

    return hashlib.sha256(content).hexdigest()[:12]


def test_a_damaged_manifest_is_told_and_the_files_are_compared_all_the_same(run):
    (run / "manifest.json").write_text("{}")
    (run / "metrics.json").write_text("{}")
    done = verify(run)
    assert [name for name, state in done.files.items() if state == "damaged"] == [
        "manifest.json", "metrics.json",
    ]  # fmt: skip
    assert str(done.error).startswith(
        f"{run / 'manifest.json'}: the file was changed after the run: it does not fit its own SHA-256\n\n"
    )


def test_a_file_of_somebody_else_is_no_damage(run):
    (run / "notes.txt").write_text("good one")
    (run / ".hidden").write_text("")
    done = verify(run)
    assert (done.error, done.extra) == (None, ("notes.txt",))


def test_scores_of_a_later_evaluation_belong_to_the_run(run):
    evaluate(run, split="validation")
    done = verify(run)
    assert (done.error, done.extra) == (None, ())
    assert {"evaluations/validation.json", "evaluations/validation.csv"} <= set(done.files)
    (run / "evaluations/validation.csv").write_text("")
    assert states(run, "damaged") == ["evaluations/validation.csv"]


def test_an_evaluation_does_not_bless_what_was_damaged(run):
    (run / "predictions.csv").write_text("")
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(record | {"seed": 4}))
    evaluate(run, split="validation")
    assert states(run, "damaged") == ["predictions.csv", "run.json"]


def test_folds_are_looked_at_each(write_config, tmp_path):
    config = load_config(write_config(), ["data.split.fold=1/2", "training.epochs=1"])
    parent = fit_folds(config, 2, tmp_path / "runs").path
    assert verify(parent).error is None
    (parent / "fold-2/model.keras").write_bytes(b"")
    assert states(parent, "damaged") == ["fold-2/model.keras"]


def test_data_that_changed_since_are_a_note(write_config, tmp_path):
    file = tmp_path / "rows.npz"
    x = np.arange(80, dtype="float32").reshape(40, 2) / 80
    np.savez(file, x=x, y=np.arange(40) % 2)
    text = BLOBS.partition("data:")[0] + "data: {type: npz, path: rows.npz, task: classification}\n"
    config = text + BLOBS[BLOBS.index("model:") :].replace("units: 3", "units: 2")
    path = fit(load_config(write_config(config), ["training.epochs=1"]), tmp_path / "runs").path
    was = json.loads((path / "run.json").read_text())["data"]["fingerprint"]
    np.savez(file, x=x * 2, y=np.arange(40) % 2)
    done = verify(path)
    assert done.error is None
    (note,) = done.notes
    assert note.startswith("the data have changed since the run: their SHA-256 is ")
    assert note.endswith(f"..., recorded is {was[:12]}...")
    file.unlink()
    (note,) = verify(path).notes
    assert note.startswith("what the run learnt from can't be compared: there is no file '")


def test_of_a_run_that_did_not_finish_what_is_known_is_compared(run):
    (run / "manifest.json").unlink()
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(record | {"status": "failed"}))
    done = verify(run)
    assert (done.error, done.status) == (None, "failed")
    assert done.notes == (
        "the status of the run is failed: only the files that run.json knows were looked at",
    )
    (run / "resolved.yaml").write_text("")
    assert states(run, "damaged") == ["resolved.yaml"]


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(ArtefactError, match=r"is no run: it has no run\.json"):
        verify(tmp_path)


def test_a_disk_that_fills_at_the_end_leaves_no_finished_run(write_config, tmp_path, monkeypatch):
    from nntrain.run import files, manifest

    def full(path, content, instead=""):
        if path.name == "manifest.json":
            raise MachineError("the disk is full")
        files.write_whole(path, content)

    monkeypatch.setattr(manifest, "write_whole", full)
    with pytest.raises(MachineError):
        fit(load_config(write_config(), ["training.epochs=1"]), tmp_path / "runs")
    (path,) = (tmp_path / "runs/blobs").iterdir()
    assert json.loads((path / "run.json").read_text())["status"] == "failed"


def test_the_command_says_so_and_leaves_with_5(run, nntrain):
    done = nntrain("verify", run)
    count = len(verify(run).files)
    assert count > len(FILES)
    assert (done.code, done.out, done.err) == (0, f"{run}: all {count} files are as they were written\n", "")
    (run / "log.txt").unlink()
    done = nntrain("verify", run)
    assert (done.code, done.out) == (5, "")
    assert done.err == f"{run / 'log.txt'}: the file is missing from the run\n"
    told = json.loads(nntrain("verify", run, "--json").out)
    assert (told["ok"], told["exit"], told["error"]["id"]) == (False, 5, "missing-file")
    assert told["files"]["log.txt"] == "missing"
