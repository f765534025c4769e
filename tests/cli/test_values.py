"""`check --resolved`, `check --why` and `diff` as a user types them."""

import json
import shutil
from pathlib import Path

import pytest

from nntrain.config import load_config
from tests.conftest import BLOBS, CONFIGS

IRIS = CONFIGS / "iris_mlp.yaml"


@pytest.mark.parametrize("option", ["--resolved", "--why"])
def test_the_whole_config_is_printed_as_a_config(nntrain, tmp_path, option):
    done = nntrain("check", IRIS, option, "training.epochs=7")
    assert (done.code, done.err) == (0, "")
    copied = tmp_path / "copy.yaml"
    copied.write_text(done.out)
    assert load_config(copied).plain() == load_config(IRIS, ["training.epochs=7"]).plain()


def test_why_says_where_a_value_came_from(nntrain, tmp_path):
    (tmp_path / "base.yaml").write_text(BLOBS)
    (tmp_path / "child.yaml").write_text("extends: base.yaml\nseed: ${env:NNTRAIN_TEST_SEED:-5}\n")
    done = nntrain("check", "child.yaml", "--why", "training.epochs=7", cwd=tmp_path, NNTRAIN_TEST_SEED="6")
    lines = {line.split(":")[0]: line.partition("#")[::2] for line in done.out.splitlines()}
    assert lines["seed"][0].strip() == "seed: 6"
    assert lines["seed"][1] == " $NNTRAIN_TEST_SEED, child.yaml:2"
    assert lines["  epochs"][1] == " command line"
    assert lines["  batch_size"][1] == " base.yaml:21"
    assert lines["  shuffle"][1] == " default"


@pytest.mark.parametrize("option", ["--resolved", "--why"])
def test_one_config_is_printed_at_a_time(nntrain, option):
    done = nntrain("check", IRIS, IRIS, option)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"{option} prints one config; name one file\n"


def test_a_bad_config_is_explained_and_not_printed(nntrain, tmp_path):
    (tmp_path / "bad.yaml").write_text(BLOBS.replace("epochs: 5", "epochs: ${sed}"))
    done = nntrain("check", "bad.yaml", "--resolved", cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert "20:11 training.epochs: there is no sed to refer to (did you mean 'seed'?)" in done.err


def test_values_and_causes_for_programs(nntrain):
    content = json.loads(nntrain("check", IRIS, "--why", "--json", "training.epochs=7").out)
    (report,) = content["files"]
    assert report["resolved"]["training"]["epochs"] == 7
    assert report["why"]["training.epochs"] == {"kind": "command line", "words": "command line"}
    assert report["why"]["training.shuffle"] == {"kind": "default"}
    content = json.loads(nntrain("check", IRIS, "--resolved", "--json").out)
    assert "why" not in content["files"][0]


def test_problems_of_a_base_are_told_with_its_file(nntrain, tmp_path):
    (tmp_path / "base.yaml").write_text(BLOBS.replace("units: 8", "units: 0"))
    (tmp_path / "child.yaml").write_text("extends: base.yaml\n")
    content = json.loads(nntrain("check", "child.yaml", "--json", cwd=tmp_path).out)
    (report,) = content["files"]
    assert (report["file"], report["problems"][0]["file"], report["problems"][0]["line"]) == (
        "child.yaml", "base.yaml", 13,
    )  # fmt: skip


def test_a_missing_base_is_a_mistake_of_the_config(nntrain, tmp_path):
    (tmp_path / "child.yaml").write_text("extends: bose.yaml\n")
    (tmp_path / "base.yaml").write_text(BLOBS)
    done = nntrain("check", "child.yaml", cwd=tmp_path)
    assert done.code == 3
    assert "1:10 extends: there is no file bose.yaml (did you mean 'base.yaml'?)" in done.err


def test_a_file_that_shares_only_its_ending_is_not_what_was_meant(nntrain, tmp_path):
    (tmp_path / "child.yaml").write_text("extends: not_there.yaml\n")
    (tmp_path / "mine.yaml").write_text(BLOBS)
    assert nntrain("check", "child.yaml", cwd=tmp_path).err == (
        "child.yaml: 1 problem\n\n"
        "1:10 extends: there is no file not_there.yaml\n"
        "   1 | extends: not_there.yaml\n"
        "                ^\n"
    )
    assert nntrain("check", "x.yaml", cwd=tmp_path).err == "there is no file x.yaml\n"


def test_diff_prints_a_line_a_key(nntrain, tmp_path):
    (tmp_path / "a.yaml").write_text(BLOBS)
    (tmp_path / "b.yaml").write_text(
        BLOBS.replace("epochs: 5", "epochs: 6").replace("rate: 0.1", "rate: 0.2")
    )
    done = nntrain("diff", "a.yaml", "b.yaml", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out == "model.layers[1].rate: 0.1 -> 0.2\ntraining.epochs: 5 -> 6\n"
    content = json.loads(nntrain("diff", "a.yaml", "b.yaml", "--json", cwd=tmp_path).out)
    assert (content["ok"], content["exit"], content["a"], content["b"]) == (True, 0, "a.yaml", "b.yaml")
    assert content["differences"][1] == {"key": "training.epochs", "change": "changed", "old": 5, "new": 6}


def test_diff_says_when_nothing_differs(nntrain, tmp_path):
    (tmp_path / "a.yaml").write_text(BLOBS)
    (tmp_path / "b.yaml").write_text(f"# another comment\n{BLOBS}")
    done = nntrain("diff", "a.yaml", "b.yaml", cwd=tmp_path)
    assert (done.code, done.out) == (0, "a.yaml and b.yaml do not differ in effect\n")
    assert json.loads(nntrain("diff", "a.yaml", "b.yaml", "--json", cwd=tmp_path).out)["differences"] == []


def test_a_run_is_compared_by_what_it_was_trained_with(nntrain, finished_run, tmp_path):
    (tmp_path / "b.yaml").write_text(BLOBS.replace("epochs: 5", "epochs: 6"))
    latest = finished_run.runs / "blobs" / "latest"
    assert nntrain("diff", latest, finished_run.config).out.endswith("do not differ in effect\n")
    done = nntrain("diff", latest, tmp_path / "b.yaml")
    assert (done.code, done.out) == (0, "training.epochs: 5 -> 6\n")


def test_what_the_data_told_a_run_is_no_difference(nntrain, tmp_path):
    text = BLOBS.replace("epochs: 5", "epochs: 1").replace("units: 8", "units: ${data.classes}")
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "b.yaml").write_text(text.replace("units: ${data.classes}", "units: ${data.features}"))
    (tmp_path / "c.yaml").write_text(text.replace("units: ${data.classes}", "units: ${data.classes.other}"))
    assert nntrain("fit", "a.yaml", "--quiet", cwd=tmp_path).code == 0
    run = tmp_path / "runs" / "blobs" / "latest"
    facts = json.loads((run / "run.json").read_text())["facts"]
    classes, features = facts["data.classes"], facts["data.features"]
    assert nntrain("diff", run, "a.yaml", cwd=tmp_path).out == f"{run} and a.yaml do not differ in effect\n"
    done = nntrain("diff", "b.yaml", run, cwd=tmp_path)
    assert done.out == f"model.layers[0].units: {features} -> {classes}\n"
    done = nntrain("diff", "c.yaml", run, cwd=tmp_path)
    assert done.out == f"model.layers[0].units: ${{data.classes.other}} -> {classes}\n"


def test_a_folder_that_is_no_run_is_explained(nntrain, tmp_path):
    (tmp_path / "a.yaml").write_text(BLOBS)
    done = nntrain("diff", "a.yaml", tmp_path, cwd=tmp_path)
    assert (done.code, done.out) == (5, "")
    assert str(tmp_path) in done.err


def test_a_changed_run_is_not_compared(nntrain, finished_run, tmp_path):
    copied = tmp_path / "run"
    shutil.copytree(finished_run.path, copied)
    resolved = Path(copied / "resolved.yaml")
    resolved.write_text(resolved.read_text().replace("epochs: 5", "epochs: 6"))
    done = nntrain("diff", copied, finished_run.path)
    assert done.code == 5
    assert "resolved.yaml" in done.err


@pytest.mark.parametrize("arguments", [[], ["a.yaml"]])
def test_diff_needs_two(nntrain, arguments):
    assert nntrain("diff", *arguments).code == 2


def test_diff_names_the_nearest_file(nntrain, tmp_path):
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    done = nntrain("diff", "blob.yaml", "blobs.yaml", cwd=tmp_path)
    assert (done.code, done.err) == (2, "there is no file blob.yaml (did you mean 'blobs.yaml'?)\n")


def test_a_run_of_an_extending_config_stores_what_it_was_made_of(nntrain, tmp_path):
    (tmp_path / "bases").mkdir()
    (tmp_path / "bases" / "base.yaml").write_text(BLOBS)
    child = "extends: bases/base.yaml\nname: child\ntraining: {epochs: 1, batch_size: ${env:NNTRAIN_TEST_BATCH}}\n"
    (tmp_path / "child.yaml").write_text(child)
    done = nntrain("fit", "child.yaml", "--quiet", cwd=tmp_path, NNTRAIN_TEST_BATCH="8")
    assert done.code == 0, done.err
    run = tmp_path / "runs" / "child" / "latest"
    assert (run / "config.yaml").read_text() == child
    shutil.rmtree(tmp_path / "bases")
    assert nntrain("evaluate", run, cwd=tmp_path).code == 0
    resolved = load_config(run / "resolved.yaml")
    assert (resolved.training.epochs, resolved.training.batch_size, resolved.extends) == (1, 8, None)
