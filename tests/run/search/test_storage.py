"""Trials in a database: what `Ledger` promises for a file holds there too, and for workers of several machines."""

import contextlib
import gc
import sqlite3
from dataclasses import replace

import pytest

from nntrain.config.search.section import Search
from nntrain.errors import ConflictError, MachineError, UsageError
from nntrain.run.passwords import masked
from nntrain.run.search.address import Address
from nntrain.run.search.ledger import GONE, Ledger, Worker
from nntrain.run.search.storage import StorageLedger

CHOICE = {"choice": ["relu", {"type": "LeakyReLU"}]}
SEARCH = Search(space={"units": {"int": [1, 99]}, "activation": CHOICE, "rate": {"log": [1e-4, 0.1]}})


def values(trials):
    number = len(trials) + 1
    return (
        {"units": number, "activation": CHOICE["choice"][number % 2], "rate": 0.001} if number < 4 else None
    )


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Open the study as a machine of this name does; all use one database."""
    monkeypatch.setattr("nntrain.run.search.address.PAUSES", ())

    def open_there(name="one", sha256="a"):
        study = tmp_path / name
        study.mkdir(exist_ok=True)
        address = Address.of(f"sqlite:///{tmp_path}/study.db")
        return StorageLedger.open(study, address, SEARCH, "blobs", "maximize", sha256)

    return open_there


def execute(tmp_path, statement):
    with contextlib.closing(sqlite3.connect(tmp_path / "study.db")) as database, database:
        database.execute(statement)


def fall_silent(tmp_path):
    """No worker has given a sign of life for years."""
    execute(tmp_path, "update trial_heartbeats set heartbeat = '2020-01-01 00:00:00'")


def test_what_one_machine_writes_another_reads(machine, tmp_path):
    one, other = machine("one"), machine("other")
    trial = one.begin(Worker(tmp_path / "one"), values)
    assert (trial.number, trial.values, trial.state) == (1, values([]), "running")
    ended = replace(trial, state="finished", value=0.5, steps=(0.25, 0.5), marks={"rung": 1.0}, seconds=2.0)
    one.end(ended)
    assert other.trials == [ended]
    worker = Worker(tmp_path / "other")
    second = other.begin(worker, values)
    assert second.values["activation"] == "relu"
    other.end(replace(second, state="diverged", why="the loss became nan"))
    other.end(replace(other.begin(worker, values), state="pruned", value=0.1, steps=(0.1,)))
    assert other.begin(worker, values) is None
    assert [trial.state for trial in one.trials] == ["finished", "diverged", "pruned"]
    assert one.id == other.id
    one.keep()
    assert Ledger(tmp_path / "one").trials == one.trials


def test_the_trial_of_a_machine_that_fell_silent_is_tried_again_by_another(machine, tmp_path):
    gone, other = machine("gone"), machine("other")
    lost = gone.begin(Worker(tmp_path / "gone"), values)
    worker = Worker(tmp_path / "other")
    assert other.begin(worker, values).number == 2  # it may yet live
    fall_silent(tmp_path)
    again = other.begin(worker, values)
    assert (again.values, again.again) == (lost.values, lost.number)
    assert other.trials[0].state == "lost"
    gone.end(replace(lost, state="finished", value=1.0))  # comes back too late
    assert other.trials[0].state == "lost"


def test_a_process_of_this_machine_that_ended_is_found_at_once(machine, tmp_path):
    ledger, worker = machine(), Worker(tmp_path / "one")
    trial = ledger.begin(worker, values)
    ledger.find_lost()
    assert [one.state for one in ledger.trials] == ["running"]
    worker.close()
    other = machine("other")
    other.find_lost()
    assert [one.state for one in other.trials] == ["running"]  # another machine can't know
    ledger.find_lost()
    assert [one.state for one in ledger.trials] == ["lost"]
    assert ledger.begin(Worker(tmp_path / "one"), values).again == trial.number


def test_values_that_end_their_process_three_times_have_failed(machine, tmp_path):
    ledger = machine()
    for _ in range(3):
        worker = Worker(tmp_path / "one")
        ledger.begin(worker, values)
        worker.close()
    ledger.find_lost()
    assert [trial.state for trial in ledger.trials] == ["lost", "lost", "failed"]
    assert ledger.trials[2].why == GONE
    assert (
        ledger.begin(Worker(tmp_path / "one"), lambda trials: {**values([]), "units": 9}).values["units"] == 9
    )


def test_an_interrupted_trial_waits_and_is_taken_once(machine, tmp_path):
    one, other = machine("one"), machine("other")
    worker = Worker(tmp_path / "one")
    trial = one.begin(worker, values)
    one.end(replace(trial, state="interrupted"))
    assert [t.state for t in one.trials] == ["interrupted"]
    assert one.begin(worker, values).again == 1
    assert other.begin(Worker(tmp_path / "other"), lambda trials: {**values([]), "units": 50}).again is None


def test_a_trial_that_was_begun_beside_the_last_one_is_given_up(machine, tmp_path):
    told = iter([values([]), None])
    ledger = machine()
    assert ledger.begin(Worker(tmp_path / "one"), lambda trials: next(told)) is None
    assert ledger.trials == []
    assert ledger.begin(Worker(tmp_path / "one"), values).values == values([])


def test_a_study_of_another_config_is_refused(machine, tmp_path):
    machine(sha256="a")
    with pytest.raises(ConflictError) as caught:
        machine(sha256="b")
    assert str(caught.value) == (
        f"sqlite:///{tmp_path}/study.db has a study 'blobs' of another config, or of this one as it was before "
        "it was changed; begin a new one under another name: add name=blobs_2"
    )


def test_connections_are_closed_with_the_study(machine, monkeypatch):
    closed = []
    machine("one")  # an import of Optuna's that fails in the first keeps its frame for good
    monkeypatch.setattr("sqlalchemy.engine.Engine.dispose", lambda engine: closed.append(engine))
    machine("other")
    gc.collect()
    assert len(closed) == 1


def test_a_storage_that_goes_away_is_named_after_some_patience(machine, tmp_path):
    ledger = machine()
    execute(tmp_path, "drop table trials")
    with pytest.raises(MachineError) as caught:
        ledger.find_lost()
    assert str(caught.value) == (
        f"the storage sqlite:///{tmp_path}/study.db can't be used: no such table: trials"
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://me:geheim@host:5432/db", "postgresql+psycopg://me:***@host:5432/db"),
        ("mysql://me:p:w/x@host/db", "mysql://me:***@host/db"),
        ("mysql://me:p@ss@host/db", "mysql://me:***@host/db"),
        ("postgresql:///db?user=me&password=geheim&host=h", "postgresql:///db?user=me&password=***&host=h"),
        (
            "tune c.yaml --storage 'postgresql://me:geheim@h/d' name=x",
            "tune c.yaml --storage 'postgresql://me:***@h/d' name=x",
        ),
        ("sqlite:////tmp/a.db", "sqlite:////tmp/a.db"),
        ("https://host:80/a", "https://host:80/a"),
    ],
)
def test_a_password_is_never_shown(url, shown):
    assert masked(url) == shown


def test_what_is_no_address_is_refused():
    with pytest.raises(UsageError) as caught:
        Address.of("host/db")
    assert str(caught.value) == (
        "--storage: is no address of a database; write one as in "
        "postgresql+psycopg://user:password@host/database"
    )
