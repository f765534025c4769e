"""How a run that does not finish ends: its record says why, and keeps what is good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from nntrain.errors import DivergedError, MachineError, NntrainError, Problem
from nntrain.run.checkpoint.folder import Position, can_go_on, committed, go_on
from nntrain.run.session import LAST_EPOCH, METRICS, Session
from nntrain.run.signals import Interrupted, StopSwitch


@contextmanager
def told_in_the_record(session: Session) -> Iterator[None]:
    """Whatever ends the run early is written into its record before it goes on its way."""
    from nntrain.training.watch import Diverged

    try:
        yield
    except Diverged as loss:
        error = _diverged(session, loss)
        _fail(session, {"exit": error.exit_code, "message": str(error)})
        raise error from None
    except NntrainError as error:
        placed = error.located(session.config.origin.location)
        _fail(session, {"exit": placed.exit_code, "message": str(placed)})
        raise placed from error.__cause__
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        _fail(session, {"exit": 1, "message": f"{type(error).__name__}: {error}"})
        raise


def _fail(session: Session, failure: Mapping[str, Any]) -> None:
    run = session.directory
    with suppress(OSError):  # where nothing can be removed, the record does not say `finished` either
        (run.path / METRICS).unlink(missing_ok=True)
    with suppress(MachineError):  # a full disk may have no room for the word of it
        run.update({"status": "failed", "failure": dict(failure), "timings": session.timings})
        session.log.write(f"failed: {failure['message']}")


def _diverged(session: Session, loss: Any) -> DivergedError:
    run = session.directory
    kept = run.path / LAST_EPOCH
    done = loss.epoch - 1
    after = f"the weights after epoch {done} are in {kept}" if done else "no epoch had ended"
    return DivergedError(
        Problem(
            f"the loss became {loss.loss:g} in step {loss.step} of epoch {loss.epoch}, at learning rate "
            f"{loss.learning_rate:g}; {after}. Lower training.optimizer.learning_rate, or set clipnorm: 1 "
            "on the optimizer",
            id="diverged",
        )
    )


def interrupted(session: Session, stop: StopSwitch) -> Interrupted:
    """Mark the run as interrupted; what to raise in place of the interruption."""
    stop.ending = True
    if session.run is None:
        return Interrupted("stopped before training; nothing was written", stop.cause)
    kept_at = committed(session.run.path)
    reached = kept_at[-1] if kept_at else Position(session.run.epochs)
    session.run.record["epochs"] = reached.epoch
    session.timings["total"] = session.total
    with suppress(MachineError):
        session.run.update({"status": "interrupted", "timings": session.timings})
        session.log.write(f"interrupted after {reached}")
    place = session.run.path
    kept = f"history and weights up to there are in {place}" if reached.epoch else f"see {place}"
    if can_go_on(place, session.run.record):
        kept = f"go on with: {go_on(place)}" if session.team is None else session.team.how_to_go_on(place)
    return Interrupted(f"stopped after {reached}; {kept}", stop.cause)
