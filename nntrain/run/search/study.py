"""A study: the directory of a search, made once for a config and found again by it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nntrain.config import load_config
from nntrain.config.schema import Config
from nntrain.config.search.objective import Objective, objective_of
from nntrain.config.search.section import Search
from nntrain.config.search.space import Values, arguments
from nntrain.errors import ArtefactError, ConflictError, Location, Problem, UsageError
from nntrain.run.bounded import read_bounded
from nntrain.run.files import explained, write_json, write_whole
from nntrain.run.passwords import masked
from nntrain.run.search.ledger import Ledger, Trials
from nntrain.search.draw import wanted

CONFIG = "config.yaml"
"""The config's file as it was when the study began."""
STUDY, SCHEMA = "study.json", "nntrain.study/1"
FOLDER = "study"
"""The study's directory, in that of the config's name among the runs."""
MOST = 1_000_000


@dataclass(frozen=True)
class Study:
    """A search of one config, and where it is kept."""

    path: Path
    config: Config
    search: Search
    objective: Objective
    ledger: Trials
    storage: str | None = None
    """Where the trials are kept, with its password; None for the directory itself."""

    @property
    def seed(self) -> int:
        """What values are drawn from."""
        return self.config.seed if self.search.seed is None else self.search.seed

    def config_of(self, values: Values) -> Config:
        """The config of a trial: what `nntrain fit CONFIG KEY=VALUE ...` would train.

        Raises:
            ConfigError: The values do not go together.
            ConflictError: The config's file was changed since the study began.
        """
        origin = self.config.origin
        found = load_config(origin.file, [*origin.overrides.values(), *arguments(values)])
        if [file.content for file in found.origin.files] != [file.content for file in origin.files]:
            message = f"{origin.file} was changed while the study ran; start again to see what that means"
            raise ConflictError(Problem(message, id="other-study"))
        return found

    def run_of(self, number: int) -> Path:
        """The directory of a trial's run."""
        return self.path / f"trial-{number}"


def open_study(config: Config, runs: Path, storage: str | None = None) -> Study:
    """The study of a config: the one that is there, or a new one.

    Args:
        config: With a search.
        runs: The folder of all runs.
        storage: A database that keeps the trials; None for the study's directory.

    Raises:
        ConflictError: Another config has a study of this name, or its trials are kept elsewhere.
        UsageError: The storage is none, or its driver is not installed.
        ArtefactError: The study's files are damaged.
        MachineError: The directory can't be made.
    """
    path = runs / config.name / FOLDER
    file = path / STUDY
    if file.exists():
        _check_same(config, path)
        record = read_record(path)
        _check_place(path, record, storage, config)
        if record.get("search") != _described(config):  # how many trials there are to be may have changed
            changed = {"overrides": list(config.origin.overrides.values()), "search": _described(config)}
            write_json(file, {**record, **changed})
    else:
        study = _study(config, path, storage)  # a storage that can't be reached leaves nothing behind
        with explained(path):
            path.mkdir(parents=True, exist_ok=True)
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        write_whole(path / CONFIG, config.origin.file_bytes)
        write_json(
            file,
            {
                "schema": SCHEMA,
                "name": config.name,
                "started": now,
                "config": str(config.origin.file),
                "overrides": list(config.origin.overrides.values()),
                "sha256": _fingerprint(config),
                "search": _described(config),
                **_kept(study),
            },
        )
        return study
    return _study(config, path, storage)


def join_study(path: Path, storage: str | None = None) -> Study:
    """A study by its directory, for one more worker.

    Args:
        path: The directory.
        storage: The database that keeps its trials; not needed where the study knows it whole.

    Raises:
        ArtefactError: There is no study, or its files are damaged.
        ConflictError: The config's file was changed since the study began.
        ConfigError: It has mistakes.
    """
    record = read_record(path)
    config = load_config(record["config"], record["overrides"])
    _check_same(config, path)
    known = record.get("storage")
    if storage is None and known is not None and not known["secret"]:
        storage = known["url"]
    _check_place(path, record, storage, config)
    return _study(config, path, storage)


def _study(config: Config, path: Path, storage: str | None) -> Study:
    search, objective = config.search, objective_of(config)
    assert search is not None
    if storage is None:
        return Study(path, config, search, objective, Ledger(path))
    from nntrain.run.search.address import Address
    from nntrain.run.search.storage import StorageLedger

    address = Address.of(storage)
    sha256 = _fingerprint(config)
    ledger = StorageLedger.open(path, address, search, config.name, objective.direction, sha256)
    known = read_record(path).get("storage") if (path / STUDY).exists() else None
    if known is not None and known["id"] != ledger.id:
        message = (
            f"{path} has runs of another study than {address} does, though both are called '{config.name}'"
        )
        again = f"nntrain tune {config.origin.source.name} name={config.name}_2"
        raise ConflictError(
            Problem(f"{message}; begin a new one under another name: {again}", id="other-study")
        )
    return Study(path, config, search, objective, ledger, address.url)


def _kept(study: Study) -> dict[str, Any]:
    """What `study.json` says of a storage, which is not its password."""
    from nntrain.run.search.storage import StorageLedger

    if study.storage is None or not isinstance(study.ledger, StorageLedger):
        return {}
    shown = masked(study.storage)
    return {"storage": {"url": shown, "secret": shown != study.storage, "id": study.ledger.id}}


def _check_place(path: Path, record: dict[str, Any], storage: str | None, config: Config) -> None:
    """Refuse a storage for trials that are in the study's directory, and the other way round.

    Raises:
        UsageError: So it is.
    """
    known = record.get("storage")
    if known is not None and storage is None:
        raise UsageError(f"{path} keeps its trials in {known['url']}; add --storage with that address")
    if known is None and storage is not None:
        message = (
            f"{path} keeps its trials itself; leave out --storage, or begin a new one under another name: "
        )
        raise UsageError(
            f"{message}nntrain tune {config.origin.source.name} name={config.name}_2 --storage ..."
        )


def read_record(path: Path) -> dict[str, Any]:
    """What `study.json` says.

    Raises:
        ArtefactError: There is no study, or its files are damaged.
    """
    file = path / STUDY
    try:
        record = json.loads(read_bounded(file, MOST))
    except FileNotFoundError:
        message = f"{path} is no study: it has no {STUDY}; begin one with nntrain tune CONFIG"
        raise ArtefactError(Problem(message, id="no-study")) from None
    except (ValueError, RecursionError):
        record = None
    if (
        not isinstance(record, dict)
        or record.get("schema") != SCHEMA
        or not isinstance(record.get("config"), str)
    ):
        raise damaged(file)
    return record


def damaged(file: Path) -> ArtefactError:
    """What to raise over a file of a study that was changed by somebody else."""
    return ArtefactError(Problem("is not as nntrain wrote it", location=Location(str(file)), id="damaged"))


def _check_same(config: Config, path: Path) -> None:
    """Refuse a study that was begun for another config.

    Raises:
        ConflictError: It was.
    """
    record = read_record(path)
    if record.get("sha256") == _fingerprint(config):
        return
    other = record["config"]
    if Path(other) == config.origin.file:
        message = f"{path} is the study of this file as it was before it was changed"
        how = "change it back to go on with that study"
    else:
        message, how = f"{path} is the study of another config, {other}", "go on with that one"
    again = f"nntrain tune {config.origin.source.name} name={config.name}_2"
    message += f"; {how}, or begin a new one under another name: {again}"
    raise ConflictError(Problem(message, id="other-study"))


def _fingerprint(config: Config) -> str:
    """A SHA-256 of all that trials have in common; how many there are may change."""
    assert config.search is not None
    plain = config.plain()
    for key in ("trials", "time_limit"):
        plain["search"].pop(key)
    for key in ("description", "expect"):
        plain.pop(key)
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _described(config: Config) -> dict[str, Any]:
    """What a page about the study needs of its search."""
    search, objective = config.search, objective_of(config)
    assert search is not None
    return {
        "objective": objective.name,
        "direction": objective.direction,
        "sampler": search.sampler,
        "pruner": search.prunes,
        "seed": config.seed if search.seed is None else search.seed,
        "trials": wanted(search),
        "space": search.model_dump(mode="json", exclude_none=True)["space"],
    }
