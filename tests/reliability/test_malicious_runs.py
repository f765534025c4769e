"""A stranger's run is data: whatever stands in it is read with care or refused, and nothing of it is run."""

import json
import shutil
import subprocess
import sys

import pytest

from nntrain import evaluate
from nntrain.errors import ArtefactError, ConfigError, NntrainError
from nntrain.run.verify import verify
from tests.reliability.malicious_runs import CORPUS, record, replaced, vouched
from tests.run.model_files.malicious import CANARY
from tests.run.model_files.malicious import CORPUS as FILES
from tests.run.model_files.numbers import CORPUS as NUMBERS

JUDGE = """\
import json, sys, time
from pathlib import Path
from nntrain.errors import NntrainError
from nntrain.run.evaluate import evaluate
told = {}
for run in map(Path, sys.argv[1:]):
    began = time.process_time()
    try:
        evaluate(run)
    except NntrainError as error:
        told[run.name] = [error.exit_code, time.process_time() - began]
memory = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
print(json.dumps({"told": told, "memory": memory}))
"""


@pytest.fixture
def run(finished_run, tmp_path):
    return shutil.copytree(finished_run.path, tmp_path / "run")


def test_there_are_more_than_forty_of_them():
    assert len(CORPUS) >= 40
    assert len(CORPUS) + len(FILES) + len(NUMBERS) > 90


@pytest.mark.parametrize("name", CORPUS)
def test_a_run_that_was_made_to_do_harm_is_refused_and_not_run(name, run, tmp_path):
    change, expected = CORPUS[name]
    change(run)
    with pytest.raises((ArtefactError, ConfigError)) as raised:
        evaluate(run)
    assert str(raised.value).startswith(expected.format(run=run))
    assert list(tmp_path.iterdir()) == [run]


LONG = {"record_bomb", "weights_sparse"}
"""Five gigabytes take their time to be compared, byte for byte."""


@pytest.mark.parametrize("name", sorted(CORPUS.keys() - LONG))
def test_verify_waits_for_nothing_and_finds_what_is_wrong(name, run):
    CORPUS[name][0](run)
    try:
        problems = verify(run).problems
    except NntrainError as error:
        problems = error.problems
    assert problems


def test_all_are_judged_quickly_and_with_little_memory(finished_run, tmp_path):
    for name, (change, _) in CORPUS.items():
        change(shutil.copytree(finished_run.path, tmp_path / "runs" / name))
    runs = sorted(map(str, (tmp_path / "runs").iterdir()))
    done = subprocess.run([sys.executable, "-c", JUDGE, *runs], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert {code for code, _ in found["told"].values()} == {3, 5}
    assert len(found["told"]) == len(CORPUS)
    assert max(seconds for _, seconds in found["told"].values()) < 2
    assert found["memory"] < 500 << 10
    assert not (tmp_path / CANARY).exists()


def preprocessed(text):
    return vouched("preprocess.json", text)


STATES = {
    "deep": ("[" * 100_000, "{run}/preprocess.json: is not as nntrain wrote it"),
    "list": ("[]", "{run}/preprocess.json: is not as nntrain wrote it"),
    "inputs": (
        '{"version": 3, "inputs": [1], "targets": {}}',
        "the preprocessing is not as nntrain wrote it (AttributeError: 'list' object has no attribute 'items')",
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_a_state_that_is_none_is_refused(name, run, tmp_path):
    content, expected = STATES[name]
    preprocessed(content)(run)
    (tmp_path / "new.npz").write_bytes(b"")
    with pytest.raises(ArtefactError) as raised:
        evaluate(run, data=tmp_path / "new.npz")
    assert str(raised.value) == expected.format(run=run)


def test_what_a_record_says_of_targets_has_to_make_sense(run, tmp_path):
    (target,) = json.loads((run / "run.json").read_text())["targets"]
    for known in (["many"], [[1], [2, 3]], {"a": 1}, None):
        record(targets=[{**target, "train_counts": known}])(run)
        with pytest.raises(ArtefactError) as raised:
            evaluate(run, data=tmp_path / "new.npz")
        assert str(raised.value) == (
            "the record is damaged: what it says of the target 'target' makes no sense"
        )


def test_a_manifest_that_names_pipes_and_devices_is_not_followed(run):
    manifest = json.loads((run / "manifest.json").read_text())
    replaced("log.txt", lambda path: path.symlink_to("/dev/zero"))(run)
    states = verify(run).files
    assert states["log.txt"] == "damaged"
    assert states.keys() == manifest["files"].keys()
