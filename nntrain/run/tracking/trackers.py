"""The trackers that a config asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from nntrain.config.dump import to_yaml
from nntrain.run.directory import CODE
from nntrain.run.session import Session
from nntrain.run.tracking.track import Tracker, Tracking
from nntrain.training.observer import Logs


@contextmanager
def tracked(session: Session, rows: Sequence[Logs]) -> Iterator[Tracking]:
    """Tell the trackers of a run's training, whose directory is there.

    Args:
        session: What is trained.
        rows: The epochs that were trained before.
    """
    tracking = Tracking(session, list(_wanted(session)))
    tracking.begin(rows)
    status = "failed"
    try:
        yield tracking
    except KeyboardInterrupt:
        status = "interrupted"
        raise
    finally:
        tracking.close(status)


def _wanted(session: Session) -> Iterator[Tracker]:
    training = session.config.training
    if training.tensorboard:
        from nntrain.run.tracking.tensorboard import TensorBoard

        yield TensorBoard(session.directory.path, to_yaml(session.config, code=CODE))
    if training.mlflow:
        from nntrain.run.tracking.mlflow import MlflowRun

        yield MlflowRun(session)
