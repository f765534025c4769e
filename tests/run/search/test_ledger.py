import json
import subprocess
import sys
from dataclasses import replace

import pytest

from nntrain.errors import ArtefactError
from nntrain.run.search.ledger import GONE, TRIALS, WORKERS, Ledger, Worker

HOLDS = """
import sys, time
from pathlib import Path
from nntrain.run.search.ledger import Ledger, Worker
study = Path(sys.argv[1])
Ledger(study).begin(Worker(study), lambda trials: {"units": len(trials)})
print("begun", flush=True)
time.sleep(60)
"""


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path)


def values(trials):
    return {"units": len(trials)} if len(trials) < 3 else None


def killed_worker(study):
    """A process that took up a trial and was killed."""
    process = subprocess.Popen([sys.executable, "-c", HOLDS, study], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    process.kill()
    process.communicate()


def test_what_one_writes_another_reads(ledger, tmp_path):
    worker = Worker(tmp_path)
    trial = ledger.begin(worker, values)
    assert (trial.number, trial.values, trial.state) == (1, {"units": 0}, "running")
    ended = replace(trial, state="finished", value=0.5, steps=(0.25, 0.5), marks={"rung": 1.0}, seconds=2.0)
    ledger.end(ended)
    assert Ledger(tmp_path).trials == [ended]
    assert ledger.begin(worker, values).number == 2
    assert ledger.begin(worker, values).number == 3
    assert ledger.begin(worker, values) is None
    worker.close()
    assert list((tmp_path / WORKERS).iterdir()) == []


def test_the_trial_of_a_killed_process_is_tried_again(ledger, tmp_path):
    killed_worker(tmp_path)
    assert [trial.state for trial in ledger.trials] == ["running"]
    again = ledger.begin(Worker(tmp_path), values)
    assert (again.number, again.again, again.values) == (2, 1, {"units": 0})
    assert [trial.state for trial in Ledger(tmp_path).trials] == ["lost", "running"]


def test_values_that_end_their_process_three_times_have_failed(ledger, tmp_path):
    for _ in range(3):
        killed_worker(tmp_path)
    ledger.find_lost()
    assert [trial.state for trial in ledger.trials] == ["lost", "lost", "failed"]
    assert ledger.trials[2].why == GONE
    assert ledger.begin(Worker(tmp_path), lambda trials: {"units": 9}).values == {"units": 9}


def test_a_line_that_was_cut_off_is_dropped(ledger, tmp_path):
    worker = Worker(tmp_path)
    ledger.begin(worker, values)
    with (tmp_path / TRIALS).open("a") as stream:
        stream.write('{"event": "ended", "tri')
    assert [trial.state for trial in Ledger(tmp_path).trials] == ["running"]
    assert Ledger(tmp_path).begin(worker, values).number == 2
    for line in (tmp_path / TRIALS).read_text().splitlines():
        json.loads(line)


def test_a_file_of_something_else_is_named(tmp_path):
    (tmp_path / TRIALS).write_text("trial,value\n")
    with pytest.raises(ArtefactError) as caught:
        _ = Ledger(tmp_path).trials
    assert str(caught.value) == f"{tmp_path / TRIALS}: holds a line that is no trial"


def test_processes_that_write_at_once_lose_nothing(tmp_path):
    work = (
        "import sys; from dataclasses import replace; from pathlib import Path\n"
        "from nntrain.run.search.ledger import Ledger, Worker\n"
        "study = Path(sys.argv[1]); ledger, worker = Ledger(study), Worker(study)\n"
        "while trial := ledger.begin(worker, lambda t: {'units': len(t)} if len(t) < 40 else None):\n"
        "    ledger.end(replace(trial, state='finished', value=1.0))\n"
    )
    began = [subprocess.Popen([sys.executable, "-c", work, tmp_path]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in began] == [0, 0, 0]
    trials = Ledger(tmp_path).trials
    assert [trial.values["units"] for trial in trials] == list(range(40))
    assert {trial.state for trial in trials} == {"finished"}
