"""The configs of the course: what their headers say, and the README's table of them."""

import re
from dataclasses import dataclass

from tests.conftest import CONFIGS

FOLDER = CONFIGS / "course"
TOPICS = (
    "perceptron",
    "mnist",
    "overfitting",
    "tabular",
    "cifar",
    "autoencoders",
    "text",
    "graphs",
    "applications",
    "kernels",
    "studies",
)
"""The folders, in the order of the table."""
COURSE = sorted(FOLDER.rglob("*.yaml"))
SEARCHES = sorted((CONFIGS / "tune").glob("*.yaml"))
"""Searches, with headers of the same form."""
LONGEST = 150
"""Characters of a header's line."""
MEASURED = re.compile(
    r"(?P<ours>(?:test|training|validation) .*\d.*) \(seed (?P<seed>\d+)\)"
    r"(?P<epochs>,? (?:stopped )?after [\d,]+ epochs?.*) · (?P<seconds>[\d,.]+) s on "
    r"(?:2 (?:shared )?CPU cores|one GPU \(.+\))"
)
UNMEASURED = re.compile(r"not measured: .+")


@dataclass(frozen=True)
class Header:
    """The first four lines of a config of the course."""

    what: str
    """What it is, a sentence."""
    published: str
    """The figure and where it is from, or `none` and what stands in its place."""
    measured: str
    """Split, score, figure, seed, epochs and seconds, or `not measured` and why."""
    command: str

    @property
    def numbers(self) -> re.Match[str] | None:
        """What was measured, by parts; None for what was not."""
        return MEASURED.fullmatch(self.measured)


def header_of(config) -> Header:
    """The header of a file.

    Raises:
        AssertionError: It has none of the form that all have.
    """
    lines = config.read_text(encoding="utf-8").splitlines()[:4]
    what, published, measured, command = lines
    where = config.relative_to(CONFIGS)
    assert all(line.startswith("# ") for line in lines), f"{where}: four lines of comment come first"
    long = [line for line in lines if len(line) > LONGEST]
    assert not long, f"{where}: {len(long[0])} characters in {long[0]!r}"
    assert what.endswith((".", "?")), f"{where}: the first line is a sentence"
    assert "|" not in "".join(lines), f"{where}: a table's cell has no |"
    source = published.removeprefix("# published: ")
    form = "'# published: FIGURE (SOURCE)' or '# published: none, INSTEAD'"
    assert source != published, f"{where}: the second line is {form}"
    assert re.fullmatch(r"none, .+|\d.* \(.+\)", source), f"{where}: the second line is {form}"
    measured = measured.removeprefix("# ")
    either = MEASURED.fullmatch(measured) or UNMEASURED.fullmatch(measured)
    assert either, (
        f"{where}: the third line says neither figure, seed, epochs and seconds nor why it has none"
    )
    verb = r"#   nntrain (?:fit|tune) "
    assert re.fullmatch(verb + re.escape(f"configs/{where.as_posix()}"), command), f"{where}: {command!r}"
    return Header(what.removeprefix("# "), source, measured, command.removeprefix("#").strip())


def course_table() -> str:
    """A row for each config: what it is, its file, the published figure, ours, the seed and the seconds."""
    from nntrain import load_config

    rows = ["| Exercise | Config | Published | Ours | Seed | Seconds |", "|---|---|---|---|---|---|"]
    for config in sorted(COURSE, key=lambda file: (TOPICS.index(file.parent.name), file.name)):
        header = header_of(config)
        link = f"[{config.parent.name}/{config.stem}]({config.relative_to(CONFIGS.parent).as_posix()})"
        found = header.numbers
        seconds = found["seconds"] if found else ""
        ours = found["ours"] + found["epochs"] if found else header.measured
        seed = load_config(config).seed
        rows.append(f"| {header.what} | {link} | {header.published} | {ours} | {seed} | {seconds} |")
    return "\n".join(rows)
