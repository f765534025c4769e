"""`nntrain export` as a user meets it."""

import json

import pytest
from jsonschema import Draft202012Validator

from nntrain.cli.contract import result_schema
from tests.cli.in_process import run_command


@pytest.fixture
def run(monkeypatch, capfd, tmp_path):
    """Run a command in this process: its exit code, and what it wrote."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        done = run_command(monkeypatch, capfd, *arguments)
        return done.code, done.out, done.err

    return command


def test_what_goes_in_and_comes_out_is_told_with_the_agreement(run, finished_run):
    import keras

    code, out, err = run("export", finished_run.path, "--to", "keras", "--out", "b.keras")
    assert (code, err) == (0, "")
    takes, gives, agrees, wrote = out.splitlines()
    assert takes == "takes 'features': float32 (rows, 2), raw rows"
    assert gives == "gives 'output': float32 (rows, 3), probabilities of 0, 1, 2"
    begin = f"Keras {keras.__version__} gives what the run gives on 30 test rows: the largest difference is "
    assert agrees.startswith(begin)
    assert float(agrees.removeprefix(begin)) < 1e-6
    assert wrote.startswith("wrote b.keras (")


def test_the_change_in_scores_is_told(run, finished_run):
    code, out, _ = run("export", finished_run.path, "--to", "tflite", "--quantize", "float16")
    assert code == 0
    agrees = out.splitlines()[-2]
    assert " gives nearly what the run gives on 30 test rows: accuracy 1.0000 -> " in agrees


def test_one_object_is_printed(run, finished_run):
    code, out, err = run("export", finished_run.path, "--to", "saved_model", "--json")
    assert (code, err) == (0, "")
    (line,) = out.splitlines()
    content = json.loads(line)
    Draft202012Validator(result_schema()).validate(content)
    assert (content["format"], content["path"], content["tolerance"]) == (
        "saved_model",
        "blobs_saved_model",
        1e-5,
    )
