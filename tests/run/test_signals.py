"""The first signal ends training after the step, the third one at once."""

import contextlib
import json
import os
import re
import signal
import time
from concurrent.futures import Future

import pytest

from nntrain import fit, load_config
from nntrain.run import keras_import
from nntrain.run.observer import Silent
from nntrain.run.signals import Interrupted, StopSwitch, stop_switch


class Impatient(Silent):
    """Presses Ctrl-C in the second epoch, as often as it is told to."""

    def __init__(self, number, times):
        self.number, self.times = number, times

    def step(self, epoch, step, loss):
        if epoch == 2:
            for _ in range(self.times):
                os.kill(os.getpid(), self.number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("times", [2, 3])
def test_more_signals_end_training_and_tear_nothing(write_config, tmp_path, number, times):
    before = signal.getsignal(number)
    signal.signal(number, signal.default_int_handler)
    try:
        with pytest.raises(Interrupted) as raised:
            fit(load_config(write_config()), tmp_path / "runs", observer=Impatient(number, times))
    finally:
        signal.signal(number, before)
    (run,) = (tmp_path / "runs" / "blobs").iterdir()
    assert raised.value.signum == number
    assert re.match(r"stopped after step \d of epoch 2; go on with: nntrain resume ", raised.value.message)
    record = json.loads((run / "run.json").read_text())
    assert (record["status"], record["epochs"]) == ("interrupted", 1)
    assert [path.name for path in run.rglob("*") if "tmp" in path.name] == []
    assert len((run / "history.csv").read_text().splitlines()) == 2


@pytest.fixture
def python_takes_ctrl_c():
    """Signals are those of a command, not of the tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def ctrl_c_swallowed():
    """What a library with a bare `except:` makes of Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)


@pytest.mark.usefixtures("python_takes_ctrl_c")
@pytest.mark.parametrize("broken", [False, True], ids=["swallowed", "made an error"])
def test_ctrl_c_that_a_reader_swallows_ends_the_wait_for_keras(write_config, tmp_path, monkeypatch, broken):
    def read(config):
        ctrl_c_swallowed()
        if broken:
            raise SystemError("returned a result with an exception set")

    never_there = Future()
    monkeypatch.setattr("nntrain.run.fit.read_data", read)
    monkeypatch.setattr("nntrain.run.startup.is_light", lambda data: True)
    for place in ("startup", "keras_import"):
        monkeypatch.setattr(f"nntrain.run.{place}.keras_import", lambda: never_there)
    with pytest.raises(Interrupted, match=r"^stopped before training; nothing was written$"):
        fit(load_config(write_config()), tmp_path / "runs")


@pytest.mark.usefixtures("python_takes_ctrl_c")
def test_ctrl_c_that_is_swallowed_while_nothing_is_done_but_wait_is_seen(monkeypatch):
    never_there = Future()
    monkeypatch.setattr(keras_import, "keras_import", lambda: never_there)
    monkeypatch.setattr("concurrent.futures.wait", lambda futures, timeout: ctrl_c_swallowed())
    with stop_switch(), pytest.raises(KeyboardInterrupt):
        keras_import.imported()


@pytest.mark.usefixtures("python_takes_ctrl_c")
def test_ctrl_c_that_is_swallowed_while_a_run_is_scored_interrupts_it(write_config, tmp_path, monkeypatch):
    monkeypatch.setattr("nntrain.run.model_files.saving.check_export", lambda *_: ctrl_c_swallowed())
    with pytest.raises(Interrupted, match=r"^stopped after epoch 5; go on with: nntrain resume "):
        fit(load_config(write_config()), tmp_path / "runs")
    (run,) = (tmp_path / "runs" / "blobs").iterdir()
    assert json.loads((run / "run.json").read_text())["status"] == "interrupted"


def test_a_third_ctrl_c_of_which_a_library_makes_an_error_ends_training(write_config, tmp_path, monkeypatch):
    """As TensorFlow does while it traces the gradients of a step: a TypeError without a word."""

    def trained(model, rows, validation, recipe, observer, on_epoch, stop, **_):
        for _ in range(3):
            with contextlib.suppress(KeyboardInterrupt):
                stop.receive(signal.SIGINT, None)
        raise TypeError

    monkeypatch.setattr("nntrain.training.train.train", trained)
    with pytest.raises(Interrupted) as raised:
        fit(load_config(write_config()), tmp_path / "runs")
    (run,) = (tmp_path / "runs" / "blobs").glob("2*")
    assert raised.value.message == f"stopped after epoch 0; see {run}"
    assert json.loads((run / "run.json").read_text())["status"] == "interrupted"


def test_the_first_signal_waits_for_whoever_asks():
    switch = StopSwitch()
    switch.patient = True
    switch.receive(signal.SIGTERM, None)
    assert switch()
    assert switch.cause == signal.SIGTERM
    assert not switch.insisted


def test_the_second_signal_gives_some_time_and_the_third_none(monkeypatch):
    monkeypatch.setattr("nntrain.run.signals.GRACE", 0.05)
    with stop_switch() as switch:
        switch.patient = True
        switch.receive(signal.SIGTERM, None)
        os.kill(os.getpid(), signal.SIGTERM)
        assert not switch.insisted
        with pytest.raises(KeyboardInterrupt):  # it comes again by itself
            time.sleep(5)
        assert switch.insisted
    switch = StopSwitch()
    switch.patient = True
    for _ in range(2):
        switch.receive(signal.SIGTERM, None)
    with pytest.raises(KeyboardInterrupt):
        switch.receive(signal.SIGTERM, None)
    switch.close()


def test_a_switch_that_is_closed_sends_nothing(monkeypatch):
    monkeypatch.setattr("nntrain.run.signals.GRACE", 0.05)
    with stop_switch() as switch:
        switch.patient = True
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.2)
    assert switch.signum == signal.SIGTERM


def test_a_signal_that_the_parent_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_switch() as switch:
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            os.kill(os.getpid(), signal.SIGHUP)
        assert not switch()
    finally:
        signal.signal(signal.SIGHUP, before)
