"""The commands as a user types them: what goes where, exit codes, one JSON object."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from nntrain import __version__
from nntrain.run.checkpoint.folder import committed
from tests.conftest import BLOBS, CONFIGS
from tests.reliability.forks import begun


def test_version(nntrain):
    done = nntrain("--version")
    assert (done.code, done.out, done.err) == (0, f"nntrain {__version__}\n", "")


def test_help_names_every_command_and_the_exit_codes(nntrain):
    done = nntrain("--help")
    assert done.code == 0
    for word in ("fit", "evaluate", "bench", "check", "diff", "Exit codes: 0 done", "130 Ctrl-C"):
        assert word in " ".join(done.out.split())


def test_what_a_command_does_is_said_whole_on_80_columns(nntrain):
    listed = nntrain("--help", COLUMNS="80").out.partition("Commands:\n")[2].splitlines()
    assert len(listed) > 30
    assert [line for line in listed if line.endswith("...")] == []


@pytest.mark.parametrize(
    ("command", "usage"),
    [
        ("fit", "[CONFIG] [KEY=VALUE]..."),
        ("predict", "RUN INPUT..."),
        ("compare", "A B [C ...]"),
        ("runs", "[prune] [DIR|NAME]..."),
    ],
)
def test_arguments_are_called_what_the_command_calls_them(nntrain, command, usage):
    told = nntrain(command, "--help").out
    assert told.startswith(f"Usage: nntrain {command} [OPTIONS] {usage}\n")
    described = told.partition("\nArguments:\n")[2].partition("\n\n")[0]
    assert described
    assert "<" not in described


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """One `nntrain fit` on a terminal-less stream: folder and what was printed."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "blobs.yaml").write_text(BLOBS)
    done = subprocess.run(
        [sys.executable, "-m", "nntrain", "fit", "blobs.yaml", "training.epochs=2"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return folder, done


def test_fit_prints_lines_to_stderr_and_scores_to_stdout(trained):
    folder, done = trained
    assert done.returncode == 0, done.stderr
    (run,) = [p for p in (folder / "runs" / "blobs").iterdir() if not p.is_symlink()]
    lines = done.stderr.splitlines()
    assert lines[0].split() == ["Class", "training", "validation", "test"]
    assert lines[2].split() == ["0", "24", "33.3", "%", "6", "33.3", "%", "10", "33.3", "%"]
    assert lines[6].split() == ["all", "rows", "72", "18", "30"]
    assert lines[8].split() == ["Layer", "Output", "shape", "Parameters"]
    assert lines[-4] == "training on 72 rows, 5 steps an epoch, up to 2 epochs, on CPU"
    assert lines[-3].startswith("epoch 1/2  loss ")
    assert lines[-2].startswith("epoch 2/2  loss ")
    assert lines[-1] == f"next: nntrain report runs/blobs/{run.name}"
    out = done.stdout.splitlines()
    assert out[0].split() == ["Score", "validation", "test", "95", "%", "interval", "baseline"]
    assert out[2].split()[0] == "accuracy"
    assert out[-1].startswith(f"wrote runs/blobs/{run.name} (2 epochs in ")


def test_evaluate_finds_the_latest_run_and_prints_what_fit_printed(trained, nntrain):
    folder, fitted = trained
    done = nntrain("evaluate", "runs/blobs/latest", "--json", cwd=folder)
    assert (done.code, done.err) == (0, "")
    content = json.loads(done.out)
    assert (content["schema"], content["ok"], content["exit"]) == ("nntrain.result/1", True, 0)
    metrics = json.loads((folder / "runs/blobs/latest/metrics.json").read_text())
    assert content["metrics"]["test"] == metrics["splits"]["test"]
    accuracy = f"{content['metrics']['test']['accuracy']:.4f}"
    assert accuracy in next(line for line in fitted.stdout.splitlines() if line.startswith("accuracy"))


def test_evaluate_shows_tables_and_rows(trained, nntrain):
    folder, _ = trained
    done = nntrain("evaluate", "runs/latest", "--split", "validation", "--show", "2", cwd=folder)
    assert done.code == 0
    words = done.out.split()
    assert {"validation", "baseline", "Class", "Precision", "row", "actual", "predicted"} <= set(words)
    assert done.out.splitlines()[-1].startswith("wrote runs/latest/evaluations/validation.json")


def test_new_rows_are_called_by_the_files_name(trained, nntrain, tmp_path):
    from sklearn.datasets import make_blobs

    folder, _ = trained
    deep = tmp_path / "a rather long name of a folder" / "and another one below it"
    deep.mkdir(parents=True)
    x, y = make_blobs(n_samples=30, centers=3, cluster_std=0.7, random_state=0)
    np.savez(deep / "new.npz", x=x, y=(y + 1) % 3)
    done = nntrain("evaluate", "runs/latest", "--data", deep / "new.npz", cwd=folder)
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].split() == ["Score", "new.npz", "95", "%", "interval", "baseline"]
    assert done.err.startswith("note: on the rows of new.npz the model is worse than its baseline in ")
    content = json.loads((folder / "runs/latest/evaluations/new.json").read_text())
    assert list(content["splits"]) == [str(deep / "new.npz")]


def test_quiet_prints_the_run_and_nothing_else(trained, nntrain, tmp_path):
    folder, _ = trained
    config = folder / "blobs.yaml"
    done = nntrain("fit", config, "training.epochs=1", "--quiet", "--runs-dir", tmp_path / "r")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"wrote {tmp_path / 'r'}/blobs/")
    assert len(done.out.splitlines()) == 1


def test_fit_json_is_one_object_on_stdout(trained, nntrain, tmp_path):
    folder, _ = trained
    done = nntrain("fit", folder / "blobs.yaml", "training.epochs=1", "--json", "--runs-dir", tmp_path / "r")
    content = json.loads(done.out)
    assert content["ok"] is True
    assert content["run"]["status"] == "finished"
    assert content["epochs"] == 1
    assert set(content["metrics"]) == {"validation", "test"}


def test_check_reports_every_file_and_the_worst_exit_code(nntrain, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(BLOBS.replace("epochs: 5", "epoch: 5"))
    done = nntrain("check", CONFIGS / "iris_mlp.yaml", bad)
    assert done.code == 3
    assert done.out == f"{CONFIGS}/iris_mlp.yaml: ok\n"
    assert done.err == (
        f"{bad}: 1 problem\n\n"
        "20:3 training.epoch: there is no key 'epoch' (did you mean 'epochs'?)\n"
        "  20 |   epoch: 5\n"
        "         ^\n"
    )


def test_check_json_has_the_same_facts(nntrain, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(BLOBS.replace("units: 8", "units: 0"))
    done = nntrain("check", CONFIGS / "iris_mlp.yaml", bad, "--json")
    assert (done.code, done.err) == (3, "")
    content = json.loads(done.out)
    assert (content["ok"], content["exit"]) == (False, 3)
    good, report = content["files"]
    assert good == {"file": f"{CONFIGS}/iris_mlp.yaml", "ok": True, "exit": 0, "problems": [], "warnings": []}
    assert report["file"] == str(bad)
    assert report["problems"] == [
        {
            "id": "bad-argument",
            "message": "must be a whole number of at least 1, got 0",
            "key": "model.layers[0].units",
            "file": str(bad),
            "line": 13,
            "column": 28,
            "text": "    - {type: Dense, units: 0, activation: relu}",
        }
    ]


def test_check_needs_a_file(nntrain):
    done = nntrain("check", "training.epochs=3")
    assert (done.code, done.out, done.err) == (2, "", "name at least one config file\n")


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["blobs.yaml", "training.epochs", "3"], "training.epochs=3"),
        (["training.epochs", "blobs.yaml"], "training.epochs=VALUE"),
        (["blobs.yaml", "data.path"], "data.path=VALUE"),
    ],
)
def test_a_key_without_a_sign_is_no_file(nntrain, write_config, tmp_path, arguments, key):
    write_config()
    done = nntrain("check", *arguments, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    name = key.partition("=")[0]
    assert done.err == f"there is no file '{name}'; to change the key write {key}\n"


def test_a_file_whose_name_has_a_sign_is_a_file(nntrain, write_config, tmp_path):
    write_config(name="a=b.yaml")
    done = nntrain("check", "a=b.yaml", "training.epochs=2", cwd=tmp_path)
    assert (done.code, done.out, done.err) == (0, "a=b.yaml: ok\n", "")


def test_a_missing_config_names_the_nearest(nntrain, tmp_path):
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    done = nntrain("fit", "blob.yaml", cwd=tmp_path)
    assert (done.code, done.out, done.err) == (
        2,
        "",
        "there is no file blob.yaml (did you mean 'blobs.yaml'?)\n",
    )


def test_a_folder_is_no_config(nntrain, tmp_path):
    done = nntrain("check", tmp_path)
    assert (done.code, done.err) == (2, f"{tmp_path} is a folder; name a config file in it\n")


def test_an_override_that_does_not_fit_shows_the_argument(nntrain, tmp_path):
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    done = nntrain("fit", "blobs.yaml", "training.epochs=many", "--json", cwd=tmp_path)
    content = json.loads(done.out)
    assert done.code == content["exit"] == 3
    assert content["error"]["rendered"] == (
        "command line: training.epochs: must be a whole number of at least 1, got 'many'\n"
        "       training.epochs=many\n"
        "                       ^"
    )


def test_a_gpu_that_is_not_there_is_an_error_that_says_why(nntrain, tmp_path):
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        pytest.skip("needs a machine without a GPU")
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    done = nntrain("fit", "blobs.yaml", "--device", "gpu", cwd=tmp_path)
    assert done.code == 7
    assert "device gpu is asked for, and TensorFlow has none: " in done.err
    assert done.err.rstrip().endswith("use device cpu or auto to train on the CPU")
    assert list((tmp_path / "runs").iterdir()) == []


def test_overrides_need_a_config_to_change(nntrain, finished_run):
    done = nntrain("evaluate", finished_run.path, "training.epochs=3")
    assert (done.code, done.err) == (
        2,
        "training.epochs=3 changes a config, and a run has its own; add --config FILE\n",
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_training_after_the_step_and_keeps_the_history(tmp_path, number):
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    going = begun(["fit", "blobs.yaml", "training.epochs=100000"], tmp_path, what="nntrain.cli.main:main")
    deadline = time.monotonic() + 120
    while not _rows(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    going.send_signal(number)
    assert going.wait() == -number
    assert going.stdout == ""
    (run,) = (tmp_path / "runs" / "blobs").iterdir()
    record = json.loads((run / "run.json").read_text())
    assert record["status"] == "interrupted"
    assert record["epochs"] == _rows(tmp_path) > 0
    *_, (epoch, step) = committed(run)
    assert epoch == record["epochs"]
    # The signal may come between two epochs.
    where = f"step {step} of epoch {epoch + 1}" if step else f"epoch {epoch}"
    assert (
        going.stderr.splitlines()[-1]
        == f"stopped after {where}; go on with: nntrain resume runs/blobs/{run.name}"
    )
    assert (run / "last_epoch.keras").is_file()
    assert not (run / "metrics.json").exists()


def _rows(folder):
    histories = list((folder / "runs").glob("blobs/*/history.csv"))
    return len(histories[0].read_text().splitlines()) - 1 if histories else 0


def test_a_reader_that_leaves_gets_no_traceback(trained):
    folder, _ = trained
    done = subprocess.run(
        f"{sys.executable} -m nntrain check {CONFIGS}/*.yaml | head -n 1",
        shell=True, capture_output=True, text=True, cwd=folder, check=False,
    )  # fmt: skip
    assert done.stdout.endswith(": ok\n")
    assert done.stderr == ""


def test_training_goes_on_when_nobody_reads_its_progress(tmp_path):
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    done = subprocess.run(
        f"{sys.executable} -m nntrain fit blobs.yaml training.epochs=3 2>&1 | head -n 1",
        shell=True, capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["Class", "training", "validation", "test"]
    record = json.loads((tmp_path / "runs" / "latest" / "run.json").read_text())
    assert (record["status"], record["epochs"]) == ("finished", 3)
