"""Whether a search can be done: its keys, its values, its objective, and how these go together."""

from __future__ import annotations

from collections.abc import Iterator

from nntrain.config.checks.expectations import check_score
from nntrain.config.network.outputs import has_validation, history_names
from nntrain.config.schema import Config
from nntrain.config.search.objective import VALIDATION, direction_of, watched
from nntrain.config.search.ranges import count_points, kind_of
from nntrain.config.search.section import Search
from nntrain.config.search.space import SPACE, grid_size, path_of, refused
from nntrain.errors import KeyPath, Problem, did_you_mean, dotted, listing

MOST_POINTS = 10_000
OBJECTIVE: KeyPath = ("search", "objective")
UNSEARCHED = {
    "search": "a search can't search itself",
    "extends": "the base is read before values are tried",
    "version": "says how the file is written, and nothing of the training",
    "name": "is the name of the study's folder",
    "description": "is for people, and changes nothing",
    "expect": "says what a run has to reach, and changes nothing",
    "code": "is read before values are tried",
    "seed": "trials that differ in luck alone can't be compared; train the best with fit --seeds afterwards",
    "data.split": "other rows would be held out in each trial, so that scores could not be compared",
}
"""Keys that have no place in a search, and why."""


def check_search(config: Config) -> list[Problem]:
    """Every mistake of the `search` section that the config alone shows."""
    search = config.search
    if search is None:
        return []
    wrong = [*_keys(config, search)]
    if not wrong:
        wrong = [*refused(config)]
    return [*wrong, *_objective(config, search), *_sampler(config, search), *_pruner(config, search)]


def _keys(config: Config, search: Search) -> Iterator[Problem]:
    """Keys that are none, that stand twice, or that have no place here."""
    met: dict[KeyPath, str] = {}
    for key in search.space:
        place = config.key_location((*SPACE, key))
        path = path_of(key)
        if path is None:
            message = "is no key; write one as on the command line, such as training.epochs"
            yield Problem(message, (*SPACE, key), place, "range")
            continue
        why = next(
            (why for name, why in UNSEARCHED.items() if dotted(path[: name.count(".") + 1]) == name), None
        )
        if why is not None:
            yield Problem(f"can't be searched: {why}", (*SPACE, key), place, "range")
        around = next((p for p in met if path[: len(p)] == p or p[: len(path)] == path), None)
        if around is not None:
            same = "is the same key as" if around == path else "can't be searched beside"
            rest = "" if around == path else ", for one lies in the other"
            message = f"{same} {met[around]}{rest}; keep one of the two"
            yield Problem(message, (*SPACE, key), place, "range")
        met[path] = key


def _objective(config: Config, search: Search) -> Iterator[Problem]:
    """An objective that is never reported, or that says nothing of which is better."""
    name = search.objective
    split, _, score = name.partition(".")
    if split in {"test", "training", "train"} and score:
        message = f"the {split} rows have no say in a search; write {VALIDATION}{score}"
        yield Problem(message, OBJECTIVE, id="objective")
        return
    if not has_validation(config):
        message = (
            "trials are judged by validation rows, and there are none; set data.split.validation above 0"
        )
        yield Problem(message, OBJECTIVE, id="objective")
        return
    wrong = check_score(config, name) if "." in name else _of_history(config, name)
    if wrong is not None:
        yield Problem(wrong, OBJECTIVE, id="objective")
        return
    if name.endswith("loss") and "." not in name:
        searched = next(
            (key for key in search.space if key.startswith(("training.loss", "training[loss"))), None
        )
        if searched is not None:
            message = f"'{name}' is another quantity for each {searched}; write a score such as "
            yield Problem(f"{message}validation.accuracy", OBJECTIVE, id="objective")
    if search.direction is None and direction_of(config, name) is None:
        message = f"nntrain can't know whether less or more of '{name}' is better"
        yield Problem(f"{message}; add direction: minimize or direction: maximize", OBJECTIVE, id="objective")


def _of_history(config: Config, name: str) -> str | None:
    """Why training reports no such quantity after its epochs."""
    names = [column for column in history_names(config) if column.startswith("val_")]
    if name in names:
        return None
    if f"val_{name}" in names:
        return f"'{name}' is of the training rows; write val_{name}"
    hint = did_you_mean(name, names)
    said = f"training reports {listing(names)}, and a score is written as validation.accuracy"
    return f"there is no '{name}'{hint}; {said}"


def _sampler(config: Config, search: Search) -> Iterator[Problem]:
    """What a sampler can't draw from."""
    if search.sampler == "grid":
        bare = [key for key, given in search.space.items() if count_points(given) is None]
        for key in bare:
            place: KeyPath = (*SPACE, key, kind_of(search.space[key]))
            yield Problem("a grid needs points; add how many, as steps: 5", place, id="range")
        size = None if bare else grid_size(search)
        if size is not None and size > MOST_POINTS:
            message = (
                f"the grid has {size:,} points, and {MOST_POINTS:,} are the most; give ranges fewer steps"
            )
            yield Problem(f"{message}, or let tpe draw from them", ("search", "sampler"), id="range")
    if search.sampler == "cmaes":
        for key, given in search.space.items():
            if kind_of(given) == "choice":
                message = "CMA-ES moves through numbers and can't choose; use another sampler, such as tpe"
                yield Problem(message, (*SPACE, key, "choice"), id="range")
        if len(search.space) == 1:
            message = "CMA-ES needs two ranges or more; use another sampler, such as tpe"
            yield Problem(message, ("search", "sampler"), id="range")
    if search.sampler == "hyperband" and search.pruner not in {"none", "hyperband"}:
        message = "the sampler hyperband has its own pruner; remove this, or choose another sampler"
        yield Problem(message, ("search", "pruner"), id="range")


def _pruner(config: Config, search: Search) -> Iterator[Problem]:
    """A pruner that would see nothing, or nothing that can be compared."""
    if search.prunes == "none":
        return
    key = "sampler" if search.sampler == "hyperband" else "pruner"
    if watched(config, search.objective) is None and search.objective.startswith(VALIDATION):
        column = f"val_{search.objective.removeprefix(VALIDATION)}"
        message = f"needs the objective after each epoch, and training reports no '{column}'; add "
        message += (
            f"'{search.objective.rpartition('.')[2]}' to training.metrics, or make the objective val_loss"
        )
        yield Problem(message, ("search", key), id="objective")
