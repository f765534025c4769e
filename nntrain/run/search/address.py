"""Where a database is, and what is said when it is not there."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from nntrain.errors import MachineError, Problem, UsageError
from nntrain.run.passwords import HIDDEN, masked

DRIVERS = {
    "psycopg": "run pip install 'psycopg[binary]'",
    "psycopg2": "run pip install psycopg2-binary",
    "pymysql": "run pip install 'pymysql[rsa]'",
    "MySQLdb": "write mysql+pymysql and run pip install 'pymysql[rsa]', or, where MySQL's headers are, run "
    "pip install mysqlclient",
    "mysql": "run pip install mysql-connector-python",
}
"""By module, how to come by it."""
EXAMPLE = "postgresql+psycopg://user:password@host/database"
SHOWN = f"write one as in {EXAMPLE}, or with mysql+pymysql or sqlite"
WAIT = 10
"""Seconds for a connection."""
LIMITS = {
    "sqlite": {"timeout": 30},
    "postgresql": {"connect_timeout": WAIT},
    "mysql": {"connect_timeout": WAIT},
    "mariadb": {"connect_timeout": WAIT},
}
"""By database that Optuna can use, what its drivers are told of it."""
PAUSES = (1, 2, 4, 8)
"""Seconds between attempts."""
Result = TypeVar("Result")


@dataclass(frozen=True)
class Address:
    """Of a database, as SQLAlchemy reads it; shown without its password."""

    url: str

    @classmethod
    def of(cls, url: str) -> Address:
        """Check one.

        Raises:
            UsageError: It is no address of a database.
        """
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            read = make_url(url)
        except (ArgumentError, ValueError):
            raise UsageError(f"--storage: is no address of a database; {SHOWN}") from None
        kind, shown = read.get_backend_name(), f"--storage {masked(url)}"
        if kind not in LIMITS:
            raise UsageError(f"{shown}: '{kind}' is no database that can keep trials; {SHOWN}")
        if "@" in (read.host or ""):
            raise UsageError(f"{shown}: the host has an @; write one that belongs to the password as %40")
        if not read.database or read.database == ":memory:":
            missing = (
                "a file, as in sqlite:///study.db" if kind == "sqlite" else f"a database, as in {EXAMPLE}"
            )
            raise UsageError(f"{shown}: name {missing}")
        if kind == "sqlite":
            read = read.set(database=str(Path(read.database).absolute()))
        return cls(read.render_as_string(hide_password=False))

    def __str__(self) -> str:
        return masked(self.url)

    @property
    def is_secret(self) -> bool:
        """Whether it can't be written down whole."""
        return HIDDEN in str(self)

    @property
    def options(self) -> dict[str, Any]:
        """How to connect: not for ever, and anew after the database has closed a connection."""
        return {"pool_pre_ping": True, "connect_args": LIMITS[re.split(r"[+:]", self.url)[0]]}


@contextmanager
def reached(address: Address) -> Iterator[None]:
    """Explain why a database does not answer.

    Raises:
        UsageError: Its driver is not installed, is none that waits, or there is none of this name.
        TooMuch: It can't hold what it is told.
        MachineError: It can't be reached, or refuses.
    """
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import DataError, MissingGreenlet, NoSuchModuleError, SQLAlchemyError

    try:
        yield
    except ImportError as error:
        missing = getattr(error.__cause__ or error, "name", None) or "its driver"
        how = DRIVERS.get(missing, "install it")
        message = f"--storage {address}: needs {missing}, which is not installed; {how}"
        raise UsageError(Problem(message, id="missing-extra")) from None
    except NoSuchModuleError:
        raise UsageError(f"--storage {address}: SQLAlchemy knows no such driver; {SHOWN}") from None
    except MissingGreenlet:
        raise UsageError(f"--storage {address}: the driver is an asynchronous one; {SHOWN}") from None
    except (SQLAlchemyError, StorageInternalError, RuntimeError) as error:
        cause = _cause(error)
        if isinstance(cause, DataError):
            message = f"the storage {address} can't hold a trial of this search: {_reason(cause)}"
            how = "shorten its choices, or use PostgreSQL or SQLite"
            raise TooMuch(Problem(f"{message}; {how}", id="storage")) from None
        raise MachineError(
            Problem(f"the storage {address} can't be used: {_reason(cause)}", id="storage")
        ) from None


def _cause(error: BaseException) -> BaseException:
    """What SQLAlchemy, or what lies below it, raised first."""
    while error.__cause__ is not None and getattr(error, "orig", None) is None:
        error = error.__cause__
    return error


def _reason(cause: BaseException) -> str:
    """The driver's own words, the first line of them."""
    said = getattr(cause, "orig", None) or cause
    if len(said.args) == 2 and isinstance(said.args[0], int):  # as MySQL's drivers tell them
        said = f"{said.args[1]} ({said.args[0]})"
    lines = str(said).strip().splitlines()
    return masked(lines[0].strip()) if lines else type(cause).__name__


class TooMuch(MachineError):
    """A text is longer than the database takes: it will be so again."""


def patiently(action: Callable[[], Result]) -> Result:
    """Do what needs a database, and do it again where that is away for a moment.

    Raises:
        MachineError: It stays away.
    """
    for pause in PAUSES:
        try:
            return action()
        except TooMuch:
            raise
        except MachineError:
            time.sleep(pause)
    return action()
