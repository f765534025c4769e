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
    "psycopg": "'psycopg[binary]'",
    "psycopg2": "psycopg2-binary",
    "asyncpg": "asyncpg",
    "MySQLdb": "mysqlclient",
    "pymysql": "pymysql",
}
"""By module, what pip calls the package that holds it."""
EXAMPLE = "postgresql+psycopg://user:password@host/database"
WAIT = 10
"""Seconds for a connection."""
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
        except ArgumentError:
            raise UsageError(f"--storage: is no address of a database; write one as in {EXAMPLE}") from None
        if read.get_backend_name() == "sqlite" and read.database:
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
        kind = re.split(r"[+:]", self.url)[0]
        limit = {
            "sqlite": {"timeout": 30},
            "postgresql": {"connect_timeout": WAIT},
            "mysql": {"connect_timeout": WAIT},
        }
        return {"pool_pre_ping": True, "connect_args": limit.get(kind, {})}


@contextmanager
def reached(address: Address) -> Iterator[None]:
    """Explain why a database does not answer.

    Raises:
        UsageError: Its driver is not installed, or there is none of this name.
        MachineError: It can't be reached, or refuses.
    """
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

    try:
        yield
    except ImportError as error:
        missing = getattr(error.__cause__ or error, "name", None) or "its driver"
        how = f"run pip install {DRIVERS[missing]}" if missing in DRIVERS else "install it"
        message = f"--storage {address}: needs {missing}, which is not installed; {how}"
        raise UsageError(Problem(message, id="missing-extra")) from None
    except NoSuchModuleError:
        raise UsageError(
            f"--storage {address}: SQLAlchemy knows no such database; write one as in {EXAMPLE}"
        ) from None
    except (SQLAlchemyError, StorageInternalError, RuntimeError) as error:
        raise MachineError(
            Problem(f"the storage {address} can't be used: {_reason(error)}", id="storage")
        ) from None


def _reason(error: Exception) -> str:
    """The driver's own words, the first line of them."""
    cause = error
    while cause.__cause__ is not None and getattr(cause, "orig", None) is None:
        cause = cause.__cause__  # type: ignore[assignment]
    lines = str(getattr(cause, "orig", None) or cause).strip().splitlines()
    return masked(lines[0].strip()) if lines else type(cause).__name__


def patiently(action: Callable[[], Result]) -> Result:
    """Do what needs a database, and do it again where that is away for a moment.

    Raises:
        MachineError: It stays away.
    """
    for pause in PAUSES:
        try:
            return action()
        except MachineError:
            time.sleep(pause)
    return action()
