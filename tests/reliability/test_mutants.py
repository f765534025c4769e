"""The tests can fail: without any one of the lines that keep a run safe, the test that is named for it does."""

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.reliability.mutants import MUTANTS, NOTHING, without

EVERY_TIME = [name for name, mutant in MUTANTS.items() if mutant.every_time]


@pytest.mark.parametrize("name", MUTANTS)
def test_a_safety_line_is_where_it_is_taken_from(name):
    mutant = MUTANTS[name]
    text = (ROOT / "nntrain" / mutant.file).read_text()
    assert without(mutant.line, mutant.instead, text) != text


def test_a_safety_line_that_is_taken_away_is_noticed():
    assert len(EVERY_TIME) >= 10
    done = subprocess.run(
        [sys.executable, "-m", "tests.reliability.mutants", *EVERY_TIME],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop(NOTHING) is None
    assert list(found) == EVERY_TIME
    assert [name for name, failed in found.items() if failed is None] == []
