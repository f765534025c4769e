"""The first signal ends training after the step, the second one at once."""

import json
import os
import re
import signal

import pytest

from nntrain import fit, load_config
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
def test_a_second_signal_ends_training_at_once_and_tears_nothing(write_config, tmp_path, number):
    before = signal.getsignal(number)
    signal.signal(number, signal.default_int_handler)
    try:
        with pytest.raises(Interrupted) as raised:
            fit(load_config(write_config()), tmp_path / "runs", observer=Impatient(number, 2))
    finally:
        signal.signal(number, before)
    (run,) = (tmp_path / "runs" / "blobs").iterdir()
    assert raised.value.signum == number
    assert re.match(r"stopped after step \d of epoch 2; go on with: nntrain resume ", raised.value.message)
    record = json.loads((run / "run.json").read_text())
    assert (record["status"], record["epochs"]) == ("interrupted", 1)
    assert [path.name for path in run.rglob("*") if "tmp" in path.name] == []
    assert len((run / "history.csv").read_text().splitlines()) == 2


def test_the_first_signal_waits_for_whoever_asks():
    switch = StopSwitch()
    switch.patient = True
    switch.receive(signal.SIGTERM, None)
    assert switch()
    assert switch.cause == signal.SIGTERM
    with pytest.raises(KeyboardInterrupt):
        switch.receive(signal.SIGINT, None)


def test_a_signal_that_the_parent_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_switch() as switch:
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            os.kill(os.getpid(), signal.SIGHUP)
        assert not switch()
    finally:
        signal.signal(signal.SIGHUP, before)
