"""A process that writes checkpoints is killed, its disk fails, its files are damaged: what is verified stays.

Each test is a process without TensorFlow that does many cases; `larger.py` does more of them.
"""

import json
import subprocess
import sys

from tests.conftest import ROOT


def hurt(name, count=0, seed=7):
    done = subprocess.run(
        [sys.executable, "-m", "tests.reliability.writer", name, str(count), str(seed)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_of_sixty_random_kills_none_costs_more_than_the_epoch_at_hand():
    found = hurt("kills", 60)
    assert (found["kills"], found["wrong"]) == (60, [])
    assert found["epochs"] > 60


def test_a_kill_before_any_call_of_a_commit_leaves_the_old_state_or_the_new_one():
    found = hurt("every_call")
    assert found["calls"] > 20
    assert found["wrong"] == []


def test_an_error_at_any_call_of_a_commit_is_told_and_the_next_commit_works():
    found = hurt("every_error")
    assert found["cases"] > 140
    assert found["wrong"] == []


def test_a_flipped_bit_and_a_lost_end_are_noticed_at_every_place():
    found = hurt("damage", 50)
    assert (found["cases"], found["missed"]) == (300, [])


def test_of_twenty_at_once_one_has_the_lock_and_a_killed_one_has_it_no_more():
    assert hurt("locks", 2) == {"rounds": 2, "wrong": []}
