"""`resume`: go on with a run from its newest checkpoint, as if it had never stopped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nntrain.config.folds import parts_in
from nntrain.config.schema import Config
from nntrain.run.checkpoint.folder import NEVER, can_go_on, nothing_to_go_on_from
from nntrain.run.directory import RunDirectory
from nntrain.run.evaluate_folds import is_parent
from nntrain.run.lock import RunLock
from nntrain.run.log import LoggedObserver
from nntrain.run.observer import Observer, Silent
from nntrain.run.results import FitResult
from nntrain.run.resumption import Resumption
from nntrain.run.session import Session
from nntrain.run.signals import stop_switch
from nntrain.run.team import Team
from nntrain.run.trained import run_config

if TYPE_CHECKING:
    from nntrain.run.folds_results import FoldsResult


def resume(
    run: str | Path,
    overrides: Sequence[str] = (),
    *,
    config: Config | None = None,
    force: bool = False,
    allow_code: bool = False,
    observer: Observer | None = None,
) -> FitResult | FoldsResult:
    """Go on with a run in its own directory, from its newest checkpoint.

    A run whose layers are pretrained, and that was ended before its first checkpoint, pretrains them again.
    Weights, history and scores become those of a run that never stopped, to the last bit, unless something
    changed and `force` is given. A parent run goes on with the fold that was ended, then with those that had
    not begun; more `training.epochs` train all of its folds longer.

    Args:
        run: Its directory.
        overrides: Values that replace those of the run's config. More `training.epochs` train a run longer,
            a finished one too; other changes take `force`.
        config: Takes the place of the run's own config.
        force: Go on though the config, the data, versions or threads are not those of the beginning; the
            record says which.
        allow_code: Whether the run's copy of the user's own code may be run.
        observer: Is told what happens; nobody by default.

    Raises:
        ArtefactError: There is no such run, it has no checkpoint, or its files were changed.
        ConflictError: It is finished or going on, or something changed.
        NntrainError: What else `fit` raises.
        Interrupted: Ctrl-C or a signal; the run can be resumed again.
        Helped: This is a worker that is not the first, and has done its part.
    """
    from nntrain.run.folds_resume import parent_held, resume_folds

    opened = RunDirectory.open(Path(run))
    shown = _shown(opened.path)
    observer = observer or Silent()
    if is_parent(opened):
        return resume_folds(shown, overrides, config, force, allow_code, observer)
    if parts_in(opened.record) is None:
        return _resume_one(shown, overrides, config, force, allow_code, observer)
    with parent_held(shown, opened.record):
        return _resume_one(shown, overrides, config, force, allow_code, observer)


def _resume_one(
    shown: Path,
    overrides: Sequence[str],
    config: Config | None,
    force: bool,
    allow_code: bool,
    observer: Observer,
) -> FitResult:
    """Go on with a run that holds no others."""
    team = _team(shown, overrides, config)
    helps = team is not None and not team.leads
    lock = None if helps else RunLock(shown, shown)
    try:
        found = RunDirectory(shown, RunDirectory.open(shown).record)
        if not can_go_on(shown, found.record):  # its other files may not be there either
            raise nothing_to_go_on_from(shown, NEVER)
        own = run_config(found)
        wanted = config or (run_config(found, overrides) if overrides else own)
        shows = LoggedObserver(Silent() if helps else observer)  # the first worker shows what is shown
        session = Session(wanted, shown.parent.parent, shows, team=team)
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    session.lock = lock
    with stop_switch() as stop:
        return Resumption(session, found, own, force, allow_code).done(stop)


def _team(shown: Path, overrides: Sequence[str], config: Config | None) -> Team | None:
    """The workers that go on with a run that workers began; those that help take no lock."""
    found = RunDirectory(shown, RunDirectory.open(shown).record)
    if "workers" in found.record:
        return Team.of(config or run_config(found, overrides))
    return None


def _shown(path: Path) -> Path:
    """A path as short as it can be from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
