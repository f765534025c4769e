"""What a config expects of its run: whether there will be such a number, and whether it can be so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from nntrain.config.checks.tasks import known_task
from nntrain.config.data import Task
from nntrain.config.expect import RUN_NUMBERS, SPLITS, Comparison, comparison
from nntrain.config.network.outputs import NetworkOutput, has_validation, outputs_of
from nntrain.config.schema import Config
from nntrain.config.vocabulary.scores import AT_MOST_1, SCORES, TOP
from nntrain.errors import KeyPath, Problem, did_you_mean, listing, suggestion

EXPECT = "expect"
Tasks = Mapping[str, Task | None]


class Named(NamedTuple):
    """A score of the run: `test.accuracy`, or `test.species.accuracy` of several outputs."""

    split: str
    output: str
    """'' where none is named."""
    score: str


def named(key: str) -> Named:
    """What a key of `expect` names, other than a number of the whole run."""
    split, _, rest = key.partition(".")
    output, _, score = rest.rpartition(".")
    return Named(split, output, score)


def check_expectations(
    config: Config, tasks: Tasks, splits: Collection[str] | None = None
) -> Iterator[Problem]:
    """What can't be had, or can't be as expected.

    Args:
        config: A valid config.
        tasks: What each target is, by its name; None where only the data can tell.
        splits: The splits that are scored, once the data are there.
    """
    outputs = outputs_of(config)
    for key, text in config.expect.items():
        found = comparison(text)
        wrong = _of_run(found) if key in RUN_NUMBERS else _of_key(config, key, outputs, tasks, splits)
        if wrong is not None:
            path: KeyPath = (EXPECT, key)
            of_key = key not in RUN_NUMBERS
            place = config.key_location(path) if of_key else None
            yield Problem(wrong, path, place, id="expectation")
        elif key not in RUN_NUMBERS and (out := _out_of_reach(named(key).score, found)):
            yield Problem(out, (EXPECT, key), id="expectation")


def check_score(config: Config, key: str) -> str | None:
    """Why a run has no such score, as far as the config alone tells; None if it has.

    Args:
        config: A valid config.
        key: A split and a score, `validation.accuracy`.
    """
    outputs = outputs_of(config)
    tasks = {output.target: known_task(config, output) for output in outputs}
    return _of_key(config, key, outputs, tasks, None)


def _of_run(found: Comparison) -> str | None:
    if found.limit is None:
        return "a baseline has scores alone; write a number"
    return "is counted, and has no percent; write a number" if found.percent else None


def _of_key(
    config: Config, key: str, outputs: tuple[NetworkOutput, ...], tasks: Tasks, splits: Collection[str] | None
) -> str | None:
    """Why there is no such score."""
    if "." not in key:
        every = {score for scores in SCORES.values() for score in scores}
        if key in every:
            return f"does not say of which rows; write test.{key}"
        hint = did_you_mean(key, RUN_NUMBERS) or _hint(key, every, "test.")
        return f"there is no '{key}'{hint}; write {listing(RUN_NUMBERS)}, or a score such as test.accuracy"
    split, output, score = named(key)
    missing = _of_split(config, split, splits, key.removeprefix(split))
    if missing is not None:
        return missing
    names = [made.name for made in outputs]
    if len(names) > 1 and output not in names:
        example = f"{split}.{names[0]}.{score}"
        if not output:
            return f"does not say of which output; the outputs are {listing(names)}: write {example}"
        hint = _hint(output, names, f"{split}.", f".{score}")
        return f"there is no output '{output}'{hint}; the outputs are {listing(names)}"
    if len(names) == 1 and output:
        return f"the network has one output, which is not named here; write {split}.{score}"
    made = next((made for made in outputs if made.name == output), outputs[0])
    units = made.last.units if made.last else None
    top = TOP.fullmatch(score)
    if top and units is not None and max(2, units) <= int(top[1]):
        instead = key.removesuffix(score) + "accuracy"
        return f"'{score}' takes more than {top[1]} classes, and there are {max(2, units)}; write {instead}"
    return _of_score(score, tasks.get(made.target), key.removesuffix(score))


def _hint(word: str, known: Iterable[str], before: str = "", behind: str = "") -> str:
    """`did_you_mean`, with the whole key around the word that was meant."""
    nearest = suggestion(word, (name for name in known if name != word))
    return f" (did you mean '{before}{nearest}{behind}'?)" if nearest else ""


def _of_split(config: Config, split: str, splits: Collection[str] | None, rest: str) -> str | None:
    """Why there are no scores of a split; `rest` is what stands behind it in the key."""
    if split not in SPLITS:
        hint = f" (did you mean 'training{rest}'?)" if split == "train" else _hint(split, SPLITS, "", rest)
        return f"there are no '{split}' rows{hint}; they are {listing(SPLITS)}"
    if split == "validation" and splits is None and not has_validation(config):
        return "there are no validation rows; set data.split.validation above 0, or remove this"
    if split == "training" and splits is None and has_validation(config):
        return "training rows are scored only where no others are; write test or validation"
    if splits is None or split in splits:
        return None
    return f"there are no scores of {split} rows; the run scores {listing(splits)} rows"


def _of_score(score: str, task: Task | None, before: str) -> str | None:
    """Why a target of this kind has no such score; `before` is what stands before it in the key."""
    every = sorted({name for scores in SCORES.values() for name in scores})
    known = every if task is None else list(SCORES[task])
    if score in known:
        return None
    what = f"{task.replace('_', '-')} has no score '{score}'" if task else f"there is no score '{score}'"
    hint = "" if score in every else _hint(score, known, before)
    return f"{what}{hint}; it has {listing(known, 20)}" if task else f"{what}{hint}"


def _out_of_reach(score: str, found: Comparison) -> str | None:
    """Why no run can be as expected: a score that is 1 at most is to be 97."""
    if score not in AT_MOST_1 or found.limit is None:
        return None
    if found.limit <= 1 and (found.most is None or found.most <= 1):
        return None
    limit = found.limit if found.limit > 1 else found.most or 0.0
    return f"{score} is 1 at most, and {limit:g} is above that" + (
        f"; write {limit / 100:g} or {limit:g}%" if 2 <= limit <= 100 and not found.percent else ""
    )
