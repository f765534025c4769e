import os
import signal

import pytest

from nntrain.signals import taken_by


@pytest.fixture
def ended():
    """What SIGTERM does before; it is put back afterwards."""
    before = signal.getsignal(signal.SIGTERM)
    yield lambda taker: signal.signal(signal.SIGTERM, taker)
    signal.signal(signal.SIGTERM, before)


def test_signals_are_taken_for_a_while(ended):
    first, inside = [], []
    ended(lambda number, frame: first.append(number))
    with taken_by(lambda number, frame: inside.append(number)):
        os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)
    assert (first, inside) == ([signal.SIGTERM], [signal.SIGTERM])


def test_what_is_ignored_stays_ignored(ended):
    ended(signal.SIG_IGN)
    inside = []
    with taken_by(lambda number, frame: inside.append(number)):
        os.kill(os.getpid(), signal.SIGTERM)
    assert inside == []


def test_what_a_program_around_python_takes_is_left_to_it(monkeypatch):
    monkeypatch.setattr(signal, "getsignal", lambda number: None)
    before = signal.SIG_DFL
    with taken_by(lambda number, frame: None):
        monkeypatch.undo()
        assert signal.getsignal(signal.SIGTERM) == before
