"""`expect:` as a user meets it: a table, exit code 10, `--json` and `--junit`."""

import json
import os
import shutil
from functools import partial
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from nntrain import fit, fit_seeds, load_config
from nntrain.cli.contract import result_schema
from tests.cli.in_process import run_command
from tests.conftest import BLOBS

EXPECTING = f"""{BLOBS}expect:
  test.accuracy: ">= 90%"
  test.log_loss: "< baseline"
  validation.f1: "0.5..1"
  params: "== 51"
  seconds: "< 600"
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run, and one of two seeds, of the small config with something expected."""
    folder = tmp_path_factory.mktemp("expecting")
    config = folder / "blobs.yaml"
    config.write_text(EXPECTING)
    missing = ["expect.params=< 50", "expect.epochs=== 5"]
    seeds = fit_seeds(load_config(config, ["training.epochs=1"]), 2, folder / "seeds")
    return SimpleNamespace(
        config=config, run=fit(load_config(config, missing), folder / "runs"), seeds=seeds, folder=folder
    )


@pytest.fixture
def told(monkeypatch, capsys, tmp_path):
    """Run a command in this process, in an empty folder."""

    monkeypatch.chdir(tmp_path)
    return partial(run_command, monkeypatch, capsys)


def record(path):
    return json.loads((path / "run.json").read_text())


def test_the_record_of_a_finished_run_says_what_became_of_each(trained):
    found = record(trained.run.path)
    assert found["status"] == "finished"
    assert found["expectations"] == [one.to_json() for one in trained.run.expectations]
    assert {one["name"]: one["met"] for one in found["expectations"]} == {
        "test.accuracy": True,
        "test.log_loss": True,
        "validation.f1": True,
        "params": False,
        "epochs": True,
        "seconds": True,
    }
    by_name = {one["name"]: one for one in found["expectations"]}
    scores = trained.run.scores["test"].to_json()
    assert by_name["test.accuracy"]["value"] == scores["accuracy"]
    assert by_name["test.log_loss"]["baseline"] == scores["baseline"]["log_loss"]
    assert by_name["seconds"]["value"] == found["timings"]["total"]
    log = (trained.run.path / "log.txt").read_text()
    assert "expectation missed: params is 51, and < 50 is expected\n" in log


def test_fit_prints_a_table_and_leaves_with_10(told, trained):
    done = told("fit", trained.config, "expect.params=< 50", "training.epochs=1", "--progress", "none")
    assert done.code == 10
    table = done.out[done.out.index("Expectation") :].splitlines()
    assert [line.split()[0] for line in table[2:-1]] == [
        "test.accuracy",
        "test.log_loss",
        "validation.f1",
        "params",
        "seconds",
    ]
    assert table[5].split() == ["params", "<", "50", "51", "+1", "missed"]
    assert table[-1].startswith("wrote runs/blobs/")
    assert done.err.splitlines()[-1].endswith("params is 51, and < 50 is expected")


def test_evaluate_judges_what_its_rows_tell(told, trained, tmp_path):
    done = told("evaluate", trained.run.path, "-q", "--junit", "found.xml")
    assert done.code == 10
    assert done.err.splitlines() == [
        "note: what is expected of other rows is not checked; score them with --split validation",
        "1 of 5 expectations missed: params is 51, and < 50 is expected",
    ]
    written = json.loads((trained.run.path / "evaluations/test.json").read_text())
    kept = [one for one in record(trained.run.path)["expectations"] if one["name"] != "validation.f1"]
    assert written["expectations"] == kept
    (suite,) = ElementTree.parse(tmp_path / "found.xml").getroot()
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("blobs", "5", "1")


def test_one_object_holds_the_error_and_the_result(told, trained):
    done = told("evaluate", trained.run.path, "-q", "--split", "validation", "--json")
    content = json.loads(done.out)
    assert list(Draft202012Validator(result_schema()).iter_errors(content)) == []
    assert (done.code, content["exit"], content["ok"]) == (10, 10, False)
    assert content["error"]["id"] == "expectation"
    assert [one["name"] for one in content["expectations"] if not one["met"]] == ["params"]
    assert "validation" in content["metrics"]


def test_a_model_without_its_run_is_judged_by_scores_and_weights(told, trained):
    model = trained.run.path / "model.keras"
    done = told("evaluate", model, "--config", trained.config, "--trust-model", "-q", "--json")
    content = json.loads(done.out)
    assert (done.code, [one["name"] for one in content["expectations"]]) == (
        0,
        ["test.accuracy", "test.log_loss", "params"],
    )


def test_of_several_seeds_the_mean_counts(told, trained):
    parent = trained.seeds
    by_name = {one.name: one for one in parent.expectations}
    each = [run.scores["test"].to_json()["accuracy"] for run in parent.runs]
    assert by_name["test.accuracy"].value == sum(each) / 2
    totals = [record(run.path)["timings"]["total"] for run in parent.runs]
    assert by_name["seconds"].value == pytest.approx(sum(totals) / 2)
    assert record(parent.path)["expectations"] == [one.to_json() for one in parent.expectations]
    assert not any("expectations" in record(run.path) for run in parent.runs)
    content = json.loads(told("evaluate", parent.path, "-q", "--json").out)
    kept = [one.to_json() for one in parent.expectations if one.name != "validation.f1"]
    assert content["expectations"] == kept
    alone = json.loads(told("evaluate", parent.runs[0].path, "-q", "--json").out)
    assert "expectations" not in alone


def test_rows_of_a_file_are_not_judged(told, trained):
    (trained.folder / "new.npz").write_bytes(b"")
    done = told("evaluate", trained.run.path, "--data", trained.folder / "new.npz", "--junit", "out.xml")
    assert (done.code, done.err) == (
        2,
        "a config expects something of its own rows, not of --data, so leave --junit out\n",
    )


def test_a_junit_file_without_a_place_is_refused_before_training(told, trained, tmp_path):
    done = told("fit", trained.config, "--junit", "reports/out.xml")
    assert (done.code, done.err) == (
        2,
        "--junit reports/out.xml: there is no folder reports; make it first\n",
    )
    (tmp_path / "reports").mkdir()
    done = told("fit", trained.config, "--junit", "reports")
    assert (done.code, done.err) == (2, "--junit reports is a folder; name a file in it\n")
    assert not (tmp_path / "runs").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_closed_folder_for_the_junit_file_is_refused(told, trained, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    done = told("fit", trained.config, "--junit", "closed/out.xml")
    assert done.err == "--junit closed/out.xml: the folder closed can't be written; choose another one\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--smoke"], "--smoke has no scores, so there is nothing for --junit; leave one of them out"),
        (["~expect"], "{config} has no 'expect', so there is nothing for --junit; leave it out"),
    ],
)
def test_a_junit_file_of_nothing_is_refused(told, trained, arguments, message):
    done = told("fit", trained.config, *arguments, "--junit", "out.xml")
    assert (done.code, done.err) == (2, message.format(config=trained.config) + "\n")


def test_a_run_that_goes_on_writes_its_junit_file_afterwards(told):
    done = told("fit", "--resume", "runs/a/1", "--junit", "out.xml")
    assert (done.code, done.err) == (
        2,
        "--junit does not go with --resume; write the file afterwards: "
        "nntrain evaluate runs/a/1 --junit out.xml\n",
    )


def test_a_run_of_which_nothing_is_expected_has_no_junit_file(told, finished_run, tmp_path):
    run = shutil.copytree(finished_run.path, tmp_path / "run")
    done = told("evaluate", run, "-q", "--junit", "out.xml")
    assert done.code == 2
    assert done.err == f"nothing is expected of {run} here, so there is nothing for --junit\n"
    assert not (tmp_path / "out.xml").exists()


def test_a_run_that_trains_longer_is_judged_anew(told, trained, tmp_path):
    run = shutil.copytree(trained.run.path, tmp_path / "run")
    done = told("resume", run, "--epochs", 6, "expect.params=< 60", "-q", "--json")
    content = json.loads(done.out)
    assert {one["name"]: one["met"] for one in content["expectations"]}["epochs"] is False
    assert done.code == 10
    assert [one["name"] for one in record(run)["expectations"] if not one["met"]] == ["epochs"]
