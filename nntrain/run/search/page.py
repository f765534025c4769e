"""A study as one page: the best trial, every trial, the pictures, and what was searched."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median

from nntrain.config.dump import to_flow
from nntrain.config.search.ranges import KINDS, kind_of
from nntrain.config.search.section import Range
from nntrain.errors import listing
from nntrain.report.page.blocks import (
    Block,
    Code,
    Facts,
    Figure,
    Group,
    Page,
    Picture,
    Section,
    Table,
    Text,
    Tone,
)
from nntrain.report.page.render import render
from nntrain.report.search.gallery import SEARCH_GALLERY
from nntrain.report.tables import number, seconds_text
from nntrain.run.files import ELSEWHERE as OTHER_RUNS
from nntrain.run.files import write_whole
from nntrain.run.page.material import SMALL_SVG
from nntrain.run.page.report import ELSEWHERE, REPORT, Reported, check_place
from nntrain.run.page.verdict import Verdict
from nntrain.run.search.pictures import Pictures, draw, write
from nntrain.run.search.seen import Seen
from nntrain.search.trial import COUNTED, Trial

MOST = 500
"""Trials in a table."""
STATES: dict[str, tuple[str, str]] = {
    "pruned": ("was ended early", "were ended early"),
    "diverged": ("diverged", "diverged"),
    "failed": ("failed", "failed"),
    "interrupted": ("was broken off by a signal", "were broken off by signals"),
    "lost": ("was lost with its process", "were lost with their processes"),
    "running": ("is going on", "are going on"),
}
"""In words, of one trial that did not finish and of several."""
METHOD = (
    "A random forest is fitted to the finished trials; lines and shades are its means over all other keys. "
    "A key's share is the variance of its line over the forest's whole variance, as in a functional analysis "
    "of variance (Hutter, Hoos and Leyton-Brown, 2014)."
)


def report_study(path: str | Path, to: str | Path | None = None, *, force: bool = False) -> Reported:
    """Draw a study's pictures and write its page, whole or not at all; both are replaced.

    Args:
        path: A study's directory.
        to: The file; `report.html` in the study without it.
        force: Whether another file that is there is replaced.

    Raises:
        ArtefactError: It is no study, or one of its files is not as nntrain wrote it.
        UsageError: `to` is called something else than a page.
        ConflictError: `to` is there already.
        MachineError: Something can't be written.
    """
    where = None if to is None else Path(to)
    if where is not None:
        check_place(where, force)
    seen = Seen.of(Path(path))
    pictures, missing = draw(seen.found)
    write(seen.path, pictures)
    said = list(_verdicts(seen))
    content = render(_page(seen, said, pictures, missing)).encode()
    place = seen.path / REPORT if where is None else where
    write_whole(place, content, OTHER_RUNS if where is None else ELSEWHERE)
    return Reported(seen.path, seen.status, place, len(content), tuple(one.text for one in said), ())


def _page(seen: Seen, said: Sequence[Verdict], pictures: Pictures, missing: str) -> Page:
    began = f"{datetime.fromisoformat(seen.record['started']):%-d %B %Y, %H:%M}"
    tones = [one.tone for one in said]
    tone: Tone = next((t for t in ("bad", "note", "good") if t in tones), "plain")
    return Page(
        str(seen.record["name"]),
        f"nntrain search of {began}",
        seen.status,
        tone,
        [one.text for one in said],
        list(_figures(seen)),
        [part for part in _sections(seen, pictures, missing) if part.groups],
        f"Written by nntrain from {seen.path}. This page loads nothing and needs no network.",
    )


def _verdicts(seen: Seen) -> Iterator[Verdict]:
    """The search in a sentence, and what went wrong in another."""
    best, finished = seen.best, seen.of_state("finished")
    objective = seen.search["objective"]
    if best is None:
        which = f"None of {len(seen.trials):,} trials finished" if seen.trials else "No trial has begun"
        yield Verdict(f"{which}, so there is no best one.", "bad")
    else:
        told = f"Trial {best.number:,} is the best of {len(finished):,} that finished"
        text = f"{told}, with {objective} {number(best.value)}"
        if len(finished) > 2:
            middle = median(trial.value for trial in finished if trial.value is not None)
            text += f"; the median is {number(middle)}"
        yield Verdict(f"{text}.", "good")
    counts = [(len(seen.of_state(state)), words) for state, words in STATES.items()]
    rest = [f"{count:,} {words[count > 1]}" for count, words in counts if count]
    if rest:
        bad = bool(seen.of_state("failed"))
        yield Verdict(f"Of {len(seen.trials):,} trials {listing(rest)}.", "note" if bad else "plain")
    if seen.status == "interrupted":
        done = sum(trial.state in COUNTED for trial in seen.trials)
        text = f"{done:,} of {seen.search['trials']:,} trials are there; go on with: {_command(seen)}"
        yield Verdict(text, "note")


def _figures(seen: Seen) -> Iterator[Figure]:
    best = seen.best
    if best is not None:
        yield Figure(number(best.value), f"best {seen.search['objective']}", f"trial {best.number:,}")
    ended = sum(trial.state in COUNTED - {"running"} for trial in seen.trials)
    yield Figure(
        f"{ended:,} of {seen.search['trials']:,}", "trials", f"{len(seen.of_state('finished')):,} finished"
    )
    early = len(seen.of_state("pruned"))
    if early:
        yield Figure(f"{early:,}", "ended early", f"by {seen.search['pruner']}")
    wrong = len(seen.of_state("failed", "diverged"))
    if wrong:
        yield Figure(f"{wrong:,}", "failed or diverged")
    seconds = [trial.seconds for trial in seen.trials if trial.seconds is not None]
    if seconds:
        yield Figure(
            f"{seconds_text(sum(seconds))} s",
            "all trials together",
            f"{seconds_text(median(seconds))} s in the middle",
        )


def _sections(seen: Seen, pictures: Pictures, missing: str) -> Iterator[Section]:
    best = seen.best
    if best is not None:
        yield Section("best", "The best trial", [Group("", _best(seen, best))])
    shown: list[Block] = [_picture(stem, pictures) for stem in pictures]
    if "importances" in pictures:
        shown.append(Text(METHOD, "quiet"))
    if missing:
        shown.append(Text(missing, "quiet"))
    yield Section("pictures", "Pictures", [Group("", shown)] if shown else [])
    yield Section("trials", "Trials", [Group("", list(_trials(seen)))] if seen.trials else [])
    wrong = seen.of_state("failed", "diverged")
    if wrong:
        rows = [[f"{trial.number:,}", trial.state, trial.why or "-"] for trial in wrong[:MOST]]
        table = Table("Why trials have no value", ("Trial", "State", "Why"), rows, words=3)
        yield Section("failures", "Failures", [Group("", [table])])
    yield Section("search", "Search", [Group("", _search(seen))])
    yield Section("config", "Config", [Group("", _config(seen))])


def _best(seen: Seen, best: Trial) -> list[Block]:
    run = seen.path / f"trial-{best.number}"
    rows = [[key, to_flow(value)] for key, value in best.values.items()]
    blocks: list[Block] = [Table("What it tried", ("Key", "Value"), rows, words=2)]
    blocks.append(Code(f"{_command(seen)} --best", "Trains it again and scores it on the test rows"))
    blocks.append(Text(f"Its run is {run}; a page about it: nntrain report {shlex.quote(str(run))}", "quiet"))
    return blocks


def _command(seen: Seen) -> str:
    words = [str(seen.record["config"]), *map(str, seen.record["overrides"])]
    if (runs := seen.path.absolute().parents[1]) != Path("runs").absolute():
        words += ["--runs-dir", str(runs)]
    if "storage" in seen.record:
        words += ["--storage", seen.record["storage"]["url"]]
    return f"nntrain tune {' '.join(map(shlex.quote, words))}"


def _picture(stem: str, pictures: Pictures) -> Picture:
    """The drawing where it is small, else the image."""
    kind, shown = SEARCH_GALLERY[stem], pictures[stem]
    if len(shown.svg) <= SMALL_SVG:
        return Picture(kind.title, kind.alt, shown.svg, "image/svg+xml")
    return Picture(kind.title, kind.alt, shown.png, "image/png")


def _trials(seen: Seen) -> Iterator[Block]:
    """The best first; those without a value that can be compared below."""
    sign = -1.0 if seen.maximizes else 1.0
    finished = sorted(seen.of_state("finished"), key=lambda t: (sign * (t.value or 0.0), t.number))
    others = [trial for trial in seen.trials if trial.state != "finished"]
    rows = [_row(seen, trial) for trial in [*finished, *others][:MOST]]
    which = (
        f"{len(seen.trials):,} trials"
        if len(seen.trials) <= MOST
        else f"{MOST:,} of {len(seen.trials):,} trials"
    )
    header = ("Trial", "State", *seen.names.values(), seen.search["objective"], "Seconds")
    yield Table(f"{which}, the best first", header, rows, words=2 + len(seen.space))
    if len(seen.trials) > MOST:
        yield Text(f"All are in {seen.path}/trials.jsonl.", "quiet")


def _row(seen: Seen, trial: Trial) -> list[str]:
    values = [to_flow(trial.values[key]) for key in seen.space]
    seconds = "-" if trial.seconds is None else seconds_text(trial.seconds)
    return [f"{trial.number:,}", trial.state, *values, number(trial.value), seconds]


def _search(seen: Seen) -> list[Block]:
    search = seen.search
    facts = {
        "objective": f"{search['direction']} {search['objective']}",
        "sampler": search["sampler"],
        "pruner": search["pruner"],
        "seed": str(search["seed"]),
        "trials": f"{search['trials']:,}",
        "study": str(seen.path),
    }
    rows = [[key, kind_of(given), _range(given)] for key, given in seen.space.items()]
    return [Facts(facts), Table("What was searched", ("Key", "Kind", "Values"), rows, words=3)]


def _range(given: Range) -> str:
    """A range as it stands in a config, without its kind."""
    plain = given.model_dump(mode="json", exclude_none=True)
    ends = next(to_flow(plain[kind]) for kind in KINDS if kind in plain)
    rest = [f"{key}: {to_flow(plain[key])}" for key in ("step", "steps") if key in plain]
    return ", ".join([ends, *rest])


def _config(seen: Seen) -> list[Block]:
    facts = {"file": str(seen.record["config"])}
    overrides = seen.record["overrides"]
    if overrides:
        facts["command line"] = "  ".join(map(str, overrides))
    text = seen.config.rstrip("\n")
    return [Facts(facts), *([Code(text, "config.yaml, as it was when the search began")] if text else [])]
