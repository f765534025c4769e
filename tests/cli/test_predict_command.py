"""`nntrain predict` as a user meets it: streams, exit codes, and one object under `--json`."""

import json
import shutil
import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator

from nntrain.cli.contract import result_schema
from tests.cli.in_process import run_command


@pytest.fixture
def folder(finished_run, tmp_path, monkeypatch):
    """A folder with a run in `run`, and rows for it in `x.npz`."""
    import numpy as np
    from sklearn.datasets import make_blobs

    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished_run.path, tmp_path / "run")
    x, _ = make_blobs(n_samples=120, centers=3, cluster_std=0.7, random_state=0)
    np.save(tmp_path / "x.npy", x)
    x[1, 0] = np.nan
    np.save(tmp_path / "bad.npy", x)
    return tmp_path


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command in this process: its exit code, and what it wrote."""

    def command(*arguments):
        done = run_command(monkeypatch, capsys, *arguments)
        return done.code, done.out, done.err

    return command


def test_predictions_go_to_stdout_and_all_else_to_stderr(folder, run):
    code, out, err = run("predict", "run", "x.npy")
    assert code == 0
    lines = out.splitlines()
    assert (lines[0], len(lines)) == ("row,predicted,probability", 121)
    assert err.startswith("120 rows in ")
    assert err.endswith(" s\n")


def test_rows_that_are_left_out_are_told(folder, run):
    code, out, err = run("predict", "run", "bad.npy", "--skip-bad", "--to", "out.csv")
    assert (code, out) == (0, "")
    left, row, wrote = err.splitlines()
    assert left == "left out 1 of 120 rows:"
    assert row == "bad.npy: row 1 (from 0) holds nan, which is not a finite 32-bit number"
    assert wrote.startswith("wrote out.csv: 119 rows in ")


def test_a_bad_row_ends_the_command(folder, run):
    assert run("predict", "run", "bad.npy", "--to", "out.csv") == (
        4,
        "",
        "bad.npy: row 1 (from 0) holds nan, which is not a finite 32-bit number; --skip-bad leaves such rows out\n",
    )
    assert not (folder / "out.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("no", "x.npy"), 5, "there is no run at no\n"),
        (("run", "y.npy"), 4, "there is no file 'y.npy': looked for {}/y.npy\n"),
        (("run", "x.npy", "--to", "x.npy"), 2, "--to x.npy: end the file's name with one of .csv, .jsonl, .parquet, .npz\n"),
        (("run", "x.npy", "--to", "x.csv"), 9, "x.csv is there already; name another, or replace it with --force\n"),
        (("run", "x.npy", "--json"), 2, None),
    ],
    ids=["no run", "no input", "an ending", "there already", "an object and rows"],
)  # fmt: skip
def test_a_mistake_has_its_exit_code(arguments, code, text, folder, run):
    (folder / "x.csv").write_text("")
    left, out, err = run("predict", *arguments)
    assert left == code
    if text is not None:
        assert (out, err) == ("", text.format(folder))
        return
    (content,) = map(json.loads, out.splitlines())
    assert (
        content["error"]["message"]
        == "--json prints one object, so the predictions need a file; add --to FILE"
    )


def test_json_is_one_object_as_the_schema_says(folder, run):
    code, out, err = run("predict", "run", "bad.npy", "--skip-bad", "--to", "out.jsonl", "--json")
    assert (code, err) == (0, "")
    (content,) = map(json.loads, out.splitlines())
    assert list(Draft202012Validator(result_schema()).iter_errors(content)) == []
    assert (content["command"], content["rows"], content["skipped"]) == ("predict", 119, 1)
    assert [problem["id"] for problem in content["problems"]] == ["not-finite"]
    assert len((folder / "out.jsonl").read_text().splitlines()) == 119


def test_rows_come_and_go_by_pipes(tmp_path):
    """In a process of its own, where standard input is a pipe."""
    from tests.run.prediction.conftest import made

    path = made(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "nntrain", "predict", str(path), "-", "--quiet"],
        input=(tmp_path / "rows.csv").read_bytes(),
        capture_output=True,
        check=True,
        timeout=300,
    )
    lines = done.stdout.decode().splitlines()
    assert (lines[0], len(lines)) == ("row,predicted,probability", 121)
    assert done.stderr.decode().count("\n") == 1
