"""Processes that are started together; here they are small Python programs."""

import json
import os
import signal
import sys
import threading
import time

import pytest

from nntrain.distribution import local

INDEX = "import json, os, sys, time; index = json.loads(os.environ['TF_CONFIG'])['task']['index']\n"


@pytest.fixture
def launched(monkeypatch):
    """Exit code, and what the others said, of two processes that run a program."""
    monkeypatch.setattr(local, "PATIENCE", 0.3)
    monkeypatch.setattr(local, "LAST_WORD", 0.3)

    def run(program, count=2):
        said = []
        done = local.launch(count, [sys.executable, "-c", INDEX + program], said.append)
        assert len({*done.addresses}) == count
        return done.code, said

    return run


def test_each_knows_all_addresses_and_its_own_number(launched, tmp_path):
    code, _ = launched(f"open({str(tmp_path)!r} + f'/{{index}}', 'w').write(os.environ['TF_CONFIG'])", 3)
    told = [json.loads((tmp_path / str(i)).read_text()) for i in range(3)]
    assert code == 0
    assert [one["task"] for one in told] == [{"type": "worker", "index": i} for i in range(3)]
    assert told[0]["cluster"] == told[1]["cluster"] == told[2]["cluster"]
    assert len({*told[0]["cluster"]["worker"]}) == 3


def test_the_first_one_prints_and_errors_of_others_say_whose_they_are(launched, capfd):
    code, said = launched("print('out', index); sys.stderr.write(f'err {index}\\n')")
    assert code == 0
    assert said == ["worker 1: err 1"]
    assert capfd.readouterr() == ("out 0\n", "err 0\n")


@pytest.mark.parametrize(("ending", "code"), [("sys.exit(9)", 9), ("os.kill(os.getpid(), 15)", 143)])
def test_the_code_is_that_of_the_first_one(launched, ending, code):
    assert launched(f"if index == 0: {ending}")[0] == code


def test_all_end_when_the_first_one_does(launched):
    began = time.monotonic()
    assert launched("if index: time.sleep(60)")[0] == 0
    assert time.monotonic() - began < 20


def test_the_first_one_ends_when_another_one_fails(launched):
    began = time.monotonic()
    assert launched("sys.exit(7) if index else time.sleep(60)")[0] == 143
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("index", [0, 1])
def test_what_the_system_kills_may_have_lacked_memory(launched, index):
    done = launched(f"os.kill(os.getpid(), 9) if index == {index} else sys.exit(7)")
    assert done == (
        7 if index else 137,
        [
            f"worker {index} was killed, as the system does when memory runs out: "
            "a smaller training.batch_size or fewer workers take less"
        ],
    )


def test_another_one_that_is_done_ends_nobody(launched):
    assert launched("time.sleep(1.0 - index)")[0] == 0


def test_signals_are_passed_on_once(launched, tmp_path):
    program = (
        "import signal; got = []\n"
        "signal.signal(signal.SIGINT, lambda number, frame: got.append(number))\n"
        f"open({str(tmp_path)!r} + f'/ready{{index}}', 'w').close()\n"
        "while not got: time.sleep(0.01)\n"
        "time.sleep(0.1); sys.stderr.write(f'{got}\\n'); sys.exit(0 if index else 5)"
    )

    def interrupt():
        while len(list(tmp_path.glob("ready*"))) < 2:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    assert launched(program) == (5, ["worker 1: [2]"])
