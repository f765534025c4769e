"""The processes of a bench: what they say to one another, and how they end."""

import io
import json
import signal
import subprocess
import sys

import pytest

from nntrain.errors import ConfigError, Location, MemoryLimitError, NntrainError, Problem
from nntrain.run.bench import child as children
from nntrain.run.bench import protocol, worker
from nntrain.run.bench.child import Child
from nntrain.run.bench.protocol import Job, Turns, error_message, error_of, peak_memory

JOB = Job("fit", "c.yaml", (), None, False)


def test_an_error_comes_through_a_pipe_as_it_was():
    error = ConfigError(
        Problem("is wrong", ("model", "layers", 0), Location("c.yaml", 3, 5, "  - x"), "shape"),
        Problem("as is this"),
    )
    again = error_of(json.loads(json.dumps(error_message(error)))["error"])
    assert isinstance(again, ConfigError)
    assert again.problems == error.problems
    assert str(again) == str(error)


class Pipe:
    """The other side of a channel: gives commands, keeps answers."""

    def __init__(self, *commands):
        self.commands = list(commands)
        self.answers = []

    def read(self):
        if not self.commands:
            raise SystemExit(0)
        return self.commands.pop(0)

    def write(self, message):
        self.answers.append(message)


def test_a_turn_reports_its_epochs_and_waits(monkeypatch):
    clock = iter([10.0, 11.5, 12.0, 20.0, 20.25])
    monkeypatch.setattr(protocol.time, "perf_counter", lambda: next(clock))
    pipe = Pipe({"epochs": 2}, {"epochs": 1})
    turns = Turns(pipe)
    turns.begin(threads=None)
    turns.epoch_ended(0.9)
    turns.epoch_ended(0.8)
    with pytest.raises(SystemExit):
        turns.epoch_ended(0.7)
    ready, first, second = pipe.answers
    assert ready == {"ready": {"threads": None}}
    assert (first["seconds"], first["loss"]) == ([1.5, 0.5], 0.8)
    assert (second["seconds"], second["loss"]) == ([0.25], 0.7)  # waiting is no part of an epoch


def test_a_process_knows_the_most_memory_that_it_has_held():
    before = peak_memory()
    block = bytearray(b"x") * 50_000_000
    assert peak_memory() >= before
    assert peak_memory() > len(block)


@pytest.fixture
def program(monkeypatch):
    """Lets a child run this text instead of a worker."""

    def instead(text):
        monkeypatch.setattr(children, "START", text)
        return Child("model.fit", JOB)

    return instead


def test_a_process_that_fails_says_how(program):
    with program("raise ValueError('no such thing')") as child, pytest.raises(NntrainError) as raised:
        child.receive()
    assert str(raised.value) == ("the process of model.fit ended with exit code 1: ValueError: no such thing")
    assert raised.value.exit_code == 1


def test_a_process_that_ends_without_a_word_is_told_so(program):
    with program("raise SystemExit(3)") as child, pytest.raises(NntrainError) as raised:
        child.receive()
    assert str(raised.value) == "the process of model.fit ended with exit code 3"


def test_a_process_that_the_system_kills_had_no_memory(program):
    text = "import os; os.kill(os.getpid(), 9)"
    with program(text) as child, pytest.raises(MemoryLimitError) as raised:
        child.receive()
    assert str(raised.value) == (
        "the process of model.fit was killed, as the system does when memory runs out; use fewer rows or a "
        "smaller training.batch_size"
    )
    with program(text.replace("9", "11")) as child, pytest.raises(NntrainError) as raised:
        child.receive()
    assert str(raised.value) == "the process of model.fit ended by signal 11"


def test_leaving_the_block_ends_the_process(program):
    with program("import time; time.sleep(100)") as child:
        process = child._process
        assert process.poll() is None
    assert process.poll() == -signal.SIGKILL


def test_a_process_without_memory_is_no_bug(monkeypatch):
    def no_memory(job, channel):
        raise MemoryError

    pipe = Pipe({**JOB.to_json(), "overrides": []})
    monkeypatch.setattr(worker, "Channel", lambda: pipe)
    monkeypatch.setattr(worker, "function", lambda what: no_memory)
    with pytest.raises(SystemExit) as raised:
        worker.main()
    error = error_of(pipe.answers[0]["error"])
    assert raised.value.code == error.exit_code == 8
    assert str(error) == "the machine has no memory left; lower training.batch_size, or use fewer rows"


def test_a_worker_ends_when_nobody_reads_it():
    process = subprocess.Popen(
        [sys.executable, "-c", children.START, str(children.ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_what_is_printed_in_a_worker_is_no_answer(capfd):
    text = (
        "from nntrain.run.bench.protocol import Channel\n"
        "channel = Channel()\nprint('noise', flush=True)\nchannel.write({'a': 1})\n"
    )
    ended = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ('{"a": 1}\n', "noise\n")


def test_the_end_of_the_input_ends_a_wait(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(SystemExit) as raised:
        protocol.Channel.read(None)
    assert raised.value.code == 0
