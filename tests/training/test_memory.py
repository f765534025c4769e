"""Memory stays flat, however many epochs there are."""

import json
import subprocess
import sys

import pytest

BOUND = 10.0
"""MiB between epochs 200 and 2,000; 1 was measured, most of it what malloc keeps."""
SCRIPT = """
import json
from pathlib import Path
from tests.training.twins import Notes, layer, numbers, regression
from nntrain.training.train import train

resident = {}

def measure(row):
    if row["epoch"] in (200, 2000):
        line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmRSS"))
        resident[row["epoch"]] = int(line.split()[1]) / 1024

case = regression(layer("Dense", 4), batch_size=30, epochs=2000, validation=(numbers(5, 6), numbers(5, 1)))
done = train(case.seeded(), case.rows, case.validation, case.recipe(), Notes(), measure, lambda: False)
print(json.dumps([len(done.history), resident[200], resident[2000]]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_two_thousand_epochs_take_no_more_memory_than_two_hundred():
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    epochs, early, late = json.loads(run.stdout)
    assert epochs == 2000
    assert late - early < BOUND
