"""A study in a database: found there or made, and known by the config that it belongs to."""

from __future__ import annotations

import uuid
import warnings
import weakref
from collections.abc import Callable
from typing import Any

from nntrain.errors import ConflictError, Problem
from nntrain.run.search.address import Address
from nntrain.run.search.heartbeat import BEAT, GRACE

OURS = "nntrain:study"


def study_of(address: Address, name: str, direction: str, on_silence: Callable[[Any], None]) -> Any:
    """Optuna's study of a name, which is made where it is not there.

    Args:
        address: Of the database.
        name: What the study is called there.
        direction: `minimize` or `maximize`.
        on_silence: Takes each of Optuna's trials whose worker gave no sign of life for `GRACE` seconds.
    """
    import optuna

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # signs of life have been called experimental for years
        base = optuna.storages.RDBStorage(
            address.url,
            engine_kwargs=address.options,
            heartbeat_interval=BEAT,
            grace_period=GRACE,
            heartbeat_stale_trial_callback=lambda _, trial: on_silence(trial),
        )
        weakref.finalize(base, base.engine.dispose).atexit = False  # closes its connections
        return optuna.create_study(storage=base, study_name=name, direction=direction, load_if_exists=True)


def known_as(study: Any, address: Address, sha256: str) -> str:
    """What a study is known by, wherever its database is; it is noted for a new one.

    Args:
        study: Optuna's.
        address: Of the database.
        sha256: The fingerprint of the config.

    Raises:
        ConflictError: The study is another config's.
    """
    storage, number = study._storage, study._storage.get_study_id_from_name(study.study_name)
    attributes = storage.get_study_user_attrs(number)
    if OURS not in attributes and not storage.get_all_trials(number, deepcopy=False):
        storage.set_study_user_attr(number, OURS, {"sha256": sha256, "id": uuid.uuid4().hex[:12]})
        attributes = storage.get_study_user_attrs(number)
    known = attributes.get(OURS)
    if known is None or known["sha256"] != sha256:
        of = "another config, or of this one as it was before it was changed" if known else "another program"
        message = f"{address} has a study '{study.study_name}' of {of}; begin a new one under another name: "
        raise ConflictError(Problem(f"{message}add name={study.study_name}_2", id="other-study"))
    return str(known["id"])
