"""`report`: gather what a run holds, judge it, and write the page."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntrain.errors import ConflictError, Problem, UsageError
from nntrain.report.page.blocks import (
    Advice,
    Block,
    Curve,
    Curves,
    Figure,
    Group,
    Items,
    Page,
    Section,
    Table,
    Text,
    Tone,
)
from nntrain.report.page.render import render
from nntrain.report.run_tables import score_text
from nntrain.report.tables import number, seconds_text
from nntrain.run.checkpoint.folder import can_go_on, go_on
from nntrain.run.files import write_whole
from nntrain.run.manifest import amend
from nntrain.run.page import marks, profile, setup
from nntrain.run.page.course import Edit
from nntrain.run.page.diagnosis import diagnose
from nntrain.run.page.finding import Finding
from nntrain.run.page.material import PLOTS, Material
from nntrain.run.page.verdict import CHIEF, Verdict, of_several, verdict
from nntrain.run.page.worst import worst
from nntrain.run.shelf.listing import RunRow
from nntrain.run.shelf.stored import read_run

REPORT = "report.html"
PREDICTIONS = "predictions.csv"
MOST = 1 << 30
"""Bytes of scored rows that are read."""
ENDINGS = (".html", ".htm")
ELSEWHERE = "choose another --to"


@dataclass(frozen=True)
class Reported:
    """A page that was written."""

    run: Path
    """As the user wrote it."""
    status: str
    to: Path
    size: int
    """Bytes of the page."""
    verdict: tuple[str, ...]
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "run": {"dir": str(self.run), "status": self.status},
            "to": str(self.to),
            "bytes": self.size,
            "verdict": list(self.verdict),
            "findings": [
                {
                    "id": found.id,
                    "weight": found.weight,
                    "title": found.title,
                    "why": found.why,
                    "edit": None if found.edit is None else found.edit.argument,
                }
                for found in self.findings
            ],
        }


def report(path: str | Path, to: str | Path | None = None, *, force: bool = False) -> Reported:
    """Write the page of a run, whole or not at all.

    Args:
        path: A run's directory.
        to: The file; `report.html` in the run without it, which is replaced.
        force: Whether another file that is there is replaced.

    Raises:
        ArtefactError: It is no run, or one of its files is missing or was changed.
        UsageError: `to` is called something else than a page.
        ConflictError: It is still going, or `to` is there already.
        MachineError: It can't be written.
    """
    where = None if to is None else Path(to)
    if where is not None:
        check_place(where, force)
    material = Material.of(Path(path))
    findings = () if material.stored.parts else tuple(diagnose(material.course, material.outcomes))
    said = list(_verdicts(material))
    content = render(_page(material, said, findings)).encode()
    written = _write(material, where, content)
    told = tuple(one.text for one in said)
    return Reported(Path(path), material.stored.status, written, len(content), told, findings)


def check_place(to: Path, force: bool) -> None:
    """Refuse a file that can't be the page, before anything is read.

    Raises:
        UsageError: It is called something else than a page.
        ConflictError: It is there already.
    """
    if to.suffix.lower() not in ENDINGS:
        raise UsageError(f"--to {to}: end the file's name with .html")
    if to.is_dir():
        raise ConflictError(Problem(f"{to} is a folder; name a file", id="file-there"))
    if to.exists() and not force:
        message = f"{to} is there already; name another, or replace it with --force"
        raise ConflictError(Problem(message, id="file-there"))


def _write(material: Material, to: Path | None, content: bytes) -> Path:
    """Write the page; a finished run notes that it has one."""
    if to is not None:
        write_whole(to, content, ELSEWHERE)
        return to
    if material.is_finished:
        material.run.write(REPORT, content)
        amend(material.run, [REPORT])
    else:
        write_whole(material.run.path / REPORT, content, ELSEWHERE)
    return material.path / REPORT


def _page(material: Material, said: list[Verdict], findings: tuple[Finding, ...]) -> Page:
    stored = material.stored
    began = f"{stored.started:%-d %B %Y, %H:%M}" if stored.started else "at an unknown time"
    tones = [one.tone for one in said]
    tone: Tone = next((t for t in ("bad", "note", "good") if t in tones), "plain")
    return Page(
        stored.name,
        f"nntrain run of {began}",
        stored.status,
        tone,
        [one.text for one in said],
        list(_figures(material)),
        [part for part in _sections(material, findings) if part.groups],
        f"Written by nntrain from {material.run.path}. This page loads nothing and needs no network.",
    )


def _verdicts(material: Material) -> Iterator[Verdict]:
    stored, record = material.stored, material.run.record
    if not material.is_finished:
        of = "" if stored.wanted_epochs is None else f" of {stored.wanted_epochs:,}"
        done = "before the first epoch" if not stored.epochs else f"after {stored.epochs:,}{of} epochs"
        if stored.parts is not None:
            done = f"with {stored.epochs} of {stored.count} {stored.parts} finished"
        if stored.status == "failed":
            why = " ".join(str((record.get("failure") or {}).get("message", "for an unknown reason")).split())
            yield Verdict(f"This run failed {done}, so it has no scores: {why}.", "bad")
        else:
            again = f" Go on with: {go_on(material.path)}" if can_go_on(stored.path, record) else ""
            yield Verdict(f"This run was interrupted {done}, so it has no scores.{again}", "note")
    elif material.split is not None and stored.parts is not None:
        tasks = [str(target.get("task")) for target in stored.own.get("targets", [])]
        yield from of_several(
            stored.parts, stored.count, material.split, material.scores(material.split), tasks
        )
    elif material.split is not None:
        yield from (verdict(outcome, material.split) for outcome in material.outcomes)
    missed = [str(one.get("name")) for one in marks.expectations(material) if not one.get("met")]
    if missed:
        yield Verdict(f"It misses what the config expects of {', '.join(missed)}.", "bad")


def _figures(material: Material) -> Iterator[Figure]:
    stored = material.stored
    for outcome in material.outcomes[:2]:
        key = "r2" if outcome.task == "regression" else CHIEF[outcome.task]
        ends = outcome.interval(key)
        beside = "" if ends is None else f"95 %: {number(ends[0])} to {number(ends[1])}"
        of = f", {outcome.output}" if outcome.output else ""
        name = "R2" if key == "r2" else marks.titled(key, outcome.scores)
        yield Figure(number(outcome.number(key)), f"{material.split} {name}{of}", beside)
    if stored.parts is not None:
        yield Figure(f"{stored.epochs} of {stored.count}", stored.parts, "finished")
    elif stored.epochs is not None:
        of = "" if stored.wanted_epochs is None else f" of {stored.wanted_epochs:,}"
        best = material.course.best_epoch
        beside = "stopped early" if material.course.stopped_early else ""
        yield Figure(f"{stored.epochs:,}{of}", "epochs", f"best: {best:,}" if best is not None else beside)
    if stored.parameters is not None:
        yield Figure(f"{stored.parameters:,}", "parameters")
    if stored.seconds is not None:
        device = stored.own.get("device")
        yield Figure(f"{seconds_text(stored.seconds)} s", "training", f"on {device}" if device else "")


def _sections(material: Material, findings: tuple[Finding, ...]) -> Iterator[Section]:
    parent = material.stored.parts is not None
    if not parent:
        yield Section("diagnosis", "Diagnosis", [Group("", list(_advice(material, findings)))])
    if material.is_finished:
        scores = marks.spread_groups(material) if parent else marks.groups(material)
        yield Section("scores", "Scores", [*scores, *marks.expectation_groups(material)])
    if parent:
        yield Section("runs", "Its runs", [Group("", [_children(material)])])
    curves = _curves(material)
    yield Section("curves", "Curves", [Group("", [Curves(curves)])] if curves else [])
    pictures, left = material.pictures()
    blocks: list[Block] = [*pictures]
    if material.outcomes and f"{PLOTS}structure.png" not in material.run.record.get("sha256", {}):
        blocks.append(Text(f"More are drawn by: nntrain pictures {shlex.quote(str(material.path))}", "quiet"))
    if left:
        blocks.append(Text(f"Left out to keep the page small: {', '.join(left)}.", "quiet"))
    yield Section("pictures", "Pictures", [Group("", blocks)] if blocks else [])
    if material.outcomes and PREDICTIONS in material.run.record.get("sha256", {}):
        yield Section("examples", "Worst examples", _worst(material))
    yield Section("model", "Network", setup.network(material))
    preprocess = material.run.record.get("sha256", {}).get("preprocess.json")
    fitted = material.run.read_json("preprocess.json") if preprocess else {}
    yield Section("data", "Data", profile.groups(material, fitted))
    notes = material.notes
    yield Section(
        "warnings", "Warnings", [Group("", [Items([_sentence(n) for n in notes])])] if notes else []
    )
    yield Section("config", "Config", setup.config(material))
    yield Section("environment", "Environment", setup.environment(material))


def _advice(material: Material, findings: tuple[Finding, ...]) -> Iterator[Block]:
    """The findings, or what was looked for in vain."""
    if not findings:
        seen = len(material.course.loss)
        if seen == 0:
            yield Text("No epoch ended, so there is nothing to judge.", "quiet")
            return
        yield Text(
            "Nothing stands out: the loss fell without jumping, and there is no sign of over-fitting, of a "
            "learning rate that is too high or too low, of training that was cut short, or of classes that "
            "are never predicted."
            if seen >= 3
            else f"{seen} epoch{'s' if seen > 1 else ''} of training can't be judged."
        )
    for found in findings:
        tone: Tone = "note" if found.weight == "note" else "bad"
        edit = found.edit
        if edit is None:
            yield Advice(found.title, found.why, tone)
        else:
            yield Advice(found.title, found.why, tone, edit.text, _again(material, edit))


def _again(material: Material, edit: Edit) -> str:
    """The command that trains the run again with one edit more."""
    config = material.stored.own.get("config") or {}
    key = ".".join(edit.key)
    kept = [text for text in config.get("overrides", ()) if not text.lstrip("~").startswith(key)]
    words = [material.stored.config_file or "CONFIG", *kept, edit.argument]
    return f"nntrain fit {' '.join(map(shlex.quote, words))}"


def _curves(material: Material) -> list[Curve]:
    """A chart for each quantity; a learning rate that never changed says nothing."""
    course = material.course
    names = dict.fromkeys(name.removeprefix("val_") for name in course.curves)
    found = []
    for name in names:
        values = {"training": course.curves.get(name), "validation": course.curves.get(f"val_{name}")}
        if name == "learning_rate":
            if len(set(course.curves[name])) == 1:
                continue
            values = {name.replace("_", " "): course.curves[name]}
        lines = {label: line for label, line in values.items() if line}
        found.append(Curve(name, lines, course.best_epoch, course.stopped_early))
    return found


def _worst(material: Material) -> list[Group]:
    content = material.run.read(PREDICTIONS, MOST)
    found = [(outcome.output, worst(outcome, content)) for outcome in material.outcomes]
    return [Group(f"Output '{output}'" if output else "", blocks) for output, blocks in found if blocks]


def _children(material: Material) -> Table:
    """The runs of a parent with the score that stands for each."""
    rows = []
    for child in material.stored.children:
        row = RunRow.of(read_run(child))
        score = row.scores.get(row.main) if row.main else None
        told = "-" if score is None else f"{row.main} {score_text(score.value, score.std)}"
        rows.append([child.name, row.run.status, told, f"{row.run.epochs or 0:,}"])
    caption = f"Each has a page of its own: nntrain report {shlex.quote(str(material.path))}/NAME"
    return Table(caption, ("Run", "Status", "Score", "Epochs"), rows, words=3)


def _sentence(note: str) -> str:
    return f"{note[:1].upper()}{note[1:]}" + ("" if note.endswith(".") else ".")
