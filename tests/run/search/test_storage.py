"""Trials in a database: what `Ledger` promises for a file holds there too, and for workers of several machines."""

import contextlib
import gc
import sqlite3
from dataclasses import replace

import pytest
from optuna.exceptions import StorageInternalError
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DataError, MissingGreenlet, NoSuchModuleError, OperationalError

from nntrain.config.search.section import Search
from nntrain.errors import ConflictError, MachineError, UsageError
from nntrain.run.passwords import masked
from nntrain.run.search.address import Address, reached
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
    dispose = Engine.dispose
    monkeypatch.setattr(Engine, "dispose", lambda engine: closed.append(dispose(engine)))
    machine("other")
    gc.collect()
    assert closed == [None]


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
        ("mysql://me@server:geheim@host/db", "mysql://me@server:***@host/db"),
        ("mysql://me:ge@he im@host/db", "mysql://me:***@host/db"),
        ("sqlite:////tmp/a.db", "sqlite:////tmp/a.db"),
        ("https://host:80/a", "https://host:80/a"),
    ],
)
def test_a_password_is_never_shown(url, shown):
    assert masked(url) == shown


SHOWN = "write one as in postgresql+psycopg://user:password@host/database, or with mysql+pymysql or sqlite"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("host/db", f"--storage: is no address of a database; {SHOWN}"),
        ("mysql://me:geheim@host:port/db", f"--storage: is no address of a database; {SHOWN}"),
        (
            "oracle://me:geheim@host/db",
            f"--storage oracle://me:***@host/db: 'oracle' is no database that can keep trials; {SHOWN}",
        ),
        (
            "mysql+pymysql://me:ge@heim@host/db",
            "--storage mysql+pymysql://me:***@host/db: the host has an @; write one that belongs to the password as "
            "%40",
        ),
        (
            "mysql+pymysql://me:geheim@host",
            "--storage mysql+pymysql://me:***@host: name a database, as in "
            "postgresql+psycopg://user:password@host/database",
        ),
        ("sqlite://", "--storage sqlite://: name a file, as in sqlite:///study.db"),
        ("sqlite:///:memory:", "--storage sqlite:///:memory:: name a file, as in sqlite:///study.db"),
    ],
)
def test_what_is_no_address_is_refused(url, message):
    with pytest.raises(UsageError) as caught:
        Address.of(url)
    assert str(caught.value) == message


@pytest.mark.parametrize("kind", ["postgresql+psycopg", "mysql+pymysql", "mariadb+pymysql"])
def test_a_database_that_does_not_answer_is_not_waited_for_for_ever(kind):
    assert Address.of(f"{kind}://me:geheim@host/db").options["connect_args"] == {"connect_timeout": 10}


class Refused(Exception):
    """What MySQL's drivers raise: a number and a text."""


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            OperationalError("select", {}, Refused(1045, "Access denied for user 'me'@'host'")),
            "the storage mysql://me:***@host/db can't be used: Access denied for user 'me'@'host' (1045)",
        ),
        (
            StorageInternalError("while committing"),
            "the storage mysql://me:***@host/db can't be used: Server has gone away",
        ),
        (
            MissingGreenlet("greenlet_spawn has not been called"),
            f"--storage mysql://me:***@host/db: the driver is an asynchronous one; {SHOWN}",
        ),
        (
            ModuleNotFoundError("No module named 'MySQLdb'", name="MySQLdb"),
            "--storage mysql://me:***@host/db: needs MySQLdb, which is not installed; write mysql+pymysql and run pip "
            "install 'pymysql[rsa]', or, where MySQL's headers are, run pip install mysqlclient",
        ),
        (
            NoSuchModuleError("Can't load plugin: sqlalchemy.dialects:mysql.pymsql"),
            f"--storage mysql://me:***@host/db: SQLAlchemy knows no such driver; {SHOWN}",
        ),
    ],
)
def test_why_a_database_can_not_be_used(error, message):
    if isinstance(error, StorageInternalError):
        error.__cause__ = OperationalError("select", {}, Refused("Server has gone away"))
    with pytest.raises((MachineError, UsageError)) as caught, reached(Address("mysql://me:geheim@host/db")):
        raise error
    assert str(caught.value) == message


def test_what_is_too_long_for_the_database_is_told_at_once(machine, tmp_path, monkeypatch):
    ledger, asked = machine(), []

    def too_long(*told):
        asked.append(told)
        raise DataError("insert", {}, Refused(1406, "Data too long for column 'value_json' at row 1"))

    monkeypatch.setattr("nntrain.run.search.address.PAUSES", (0, 0))
    monkeypatch.setattr(ledger._storage, "set_trial_user_attr", too_long)
    with pytest.raises(MachineError) as caught:
        ledger.begin(Worker(tmp_path / "one"), values)
    assert len(asked) == 1
    assert str(caught.value) == (
        f"the storage sqlite:///{tmp_path}/study.db can't hold a trial of this search: Data too long for column "
        "'value_json' at row 1 (1406); shorten its choices, or use PostgreSQL or SQLite"
    )


@pytest.mark.parametrize("broken", ["set_trial_param", "set_trial_user_attr", "get_trial"])
def test_a_database_that_goes_away_while_a_trial_begins_costs_no_wait(machine, tmp_path, monkeypatch, broken):
    """`get_trial` is asked once before the trial has values, and once when it has all."""
    ledger, often = machine(), iter([True, False, True] if broken == "get_trial" else [False])
    works = getattr(ledger._storage, broken)

    def breaks(*told, **more):
        if next(often, True):
            return works(*told, **more)
        raise OperationalError("select", {}, Refused("gone"))

    monkeypatch.setattr("nntrain.run.search.address.PAUSES", (0,))
    monkeypatch.setattr(ledger._storage, broken, breaks)
    trial = ledger.begin(Worker(tmp_path / "one"), values)
    ledger.end(replace(trial, state="finished", value=1.0))
    assert trial.values == values([])
    assert [each.state for each in ledger.trials] == [*["lost"] * (broken == "get_trial"), "finished"]


def test_a_worker_that_is_killed_as_it_takes_up_a_lost_trial_does_not_keep_it(machine, tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    gone, other = machine("gone"), machine("other")
    worker = Worker(tmp_path / "gone")
    trial = gone.begin(worker, values)
    gone.end(replace(trial, state="interrupted"))
    monkeypatch.setattr(gone, "_taken", killed)
    with pytest.raises(Killed):
        gone.begin(worker, values)
    fall_silent(tmp_path)
    assert other.begin(Worker(tmp_path / "other"), values).values == trial.values
