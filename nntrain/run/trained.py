"""A run for those that come after it: its config, and the run itself, if it has finished."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nntrain.config import load_config
from nntrain.config.schema import Config
from nntrain.errors import ArtefactError, ConfigError, Problem
from nntrain.run.changes import check_release
from nntrain.run.checkpoint.folder import can_go_on, go_on
from nntrain.run.directory import CODE, RunDirectory
from nntrain.run.lock import is_going_on, still_going


def run_config(run: RunDirectory, overrides: Sequence[str] = ()) -> Config:
    """The config of a run, with relative paths as they were, and its own copy of the user's code.

    Args:
        run: Opened.
        overrides: Values that replace the run's, as `load_config` takes them.

    Raises:
        ArtefactError: The stored config or code was changed, or the config is of another release.
    """
    run.read("resolved.yaml")
    folder = Path(run.record["config"]["file"]).parent
    code = None
    if "code" in run.record:
        run.read(CODE)
        code = run.path / CODE
    try:
        return load_config(run.path / "resolved.yaml", overrides, folder=folder, code=code)
    except ConfigError as error:
        if not overrides:
            check_release(run, error)
        raise


def finished(run: RunDirectory, path: Path, lacks: str = "it has no scores") -> RunDirectory:
    """The run, if it has finished.

    Args:
        run: Opened.
        path: As the user wrote it.
        lacks: What a run that has not finished does not have.

    Raises:
        ArtefactError: It failed or was interrupted.
        ConflictError: It goes on.
    """
    status = run.record.get("status")
    if status == "finished":
        return run
    if is_going_on(run.path, run.record):
        raise still_going(path)
    if status == "failed":
        reason = run.record.get("failure", {}).get("message", "unknown reason")
        raise _unfinished(path, f"failed, so {lacks}: {reason}")
    again = (
        f"go on with: {go_on(path)}" if can_go_on(run.path, run.record) else "train it again with nntrain fit"
    )
    ended = "interrupted" if status == "interrupted" else "killed"
    raise _unfinished(path, f"was {ended} after epoch {run.epochs}, so {lacks}; {again}")


def _unfinished(path: Path, how: str) -> ArtefactError:
    return ArtefactError(Problem(f"the run {path} {how}", id="run-unfinished"))
