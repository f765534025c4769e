"""A run that was killed ends with the bits of one that was not, wherever that was; and so does a second one."""

import json
import os
import subprocess
import sys

import pytest

from nntrain.errors import ArtefactError
from nntrain.run.checkpoint.folder import committed
from tests.conftest import ROOT
from tests.reliability.forks import begun
from tests.reliability.net import CONFIG, reopened
from tests.reliability.trainings import NINE, digest, gone_on, photographed, text_of, tree

MOMENTS = 20
"""Calls, out of all, before which a run is killed in every run of the tests."""


def refused(text):
    raise AssertionError(text)


def all_go_on(folder, text, wanted):
    """Let copies of a run go on: how many moments there were, states among them, and what ended otherwise."""
    run, moments = photographed(folder, text, wanted)
    expected, known, wrong, epochs = digest(run), {}, [], []
    for number, (call, path, copy) in moments.items():
        if not committed(copy):
            with pytest.raises(ArtefactError, match="it was ended before one was written"):
                gone_on(copy)
            continue
        epochs.append(reopened(copy, refused).epoch)
        state = tree(copy)
        if state not in known:
            known[state] = gone_on(copy)
        if known[state] != expected:
            wrong.append([number, call, path])
    assert epochs == sorted(epochs)
    return len(moments), len(known), wrong


def test_a_kill_at_any_step_of_a_commit_or_before_any_call_ends_in_the_same_bits(tmp_path):
    def wanted(number, call, path):
        in_two_epochs = seen.setdefault(call, 0) < 3 and path is None
        seen[call] += 1
        return in_two_epochs or number % 13 == 0

    seen = {}
    moments, states, wrong = all_go_on(tmp_path, CONFIG.replace("epochs: 4", "epochs: 3"), wanted)
    assert moments >= 2 * 14 + MOMENTS - 8
    assert states > 5
    assert wrong == []


@pytest.mark.parametrize(("cell", "epoch"), NINE, ids=lambda given: "-".join(map(str, given)) if isinstance(given, tuple) else str(given))  # fmt: skip
def test_every_kind_of_network_goes_on_with_every_kind_of_state(tmp_path, cell, epoch):
    commits = []

    def wanted(number, call, path):
        commits.append(number) if call == "checkpoint.committed" else None
        return call == "checkpoint.committed" and len(commits) == epoch

    run, moments = photographed(tmp_path, text_of(*cell), wanted)
    ((_, _, copy),) = moments.values()
    assert committed(copy)[-1] == (epoch, 0)
    assert gone_on(copy) == digest(run)


def test_another_process_comes_to_the_same_bits(tmp_path):
    """A fork and a process: what this one has computed before may have fixed its threads otherwise."""
    cells = [",".join(cell) for cell, _ in NINE[::3]] + [",".join(NINE[1][0])]
    fork = begun(cells, tmp_path, what="tests.reliability.trainings:main")
    other = subprocess.run(
        [sys.executable, "-m", "tests.reliability.trainings", *cells],
        cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert (fork.wait(), other.returncode) == (0, 0), fork.stderr + other.stderr
    assert json.loads(other.stdout) == json.loads(fork.stdout)
    assert [*json.loads(fork.stdout)] == cells
