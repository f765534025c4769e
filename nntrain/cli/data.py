"""What is printed of data: the findings of `nntrain check --data`, and `nntrain data`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING

from nntrain.cli.output import console, result

if TYPE_CHECKING:
    from nntrain.run.findings import DataCheck

INDENT = 9
"""Columns that a severity takes."""
NARROWEST = 40
STYLES = {"leak": "bold red", "warning": "bold yellow", "note": "bold"}


def print_findings(file: str, done: DataCheck) -> None:
    """The findings of one config, the gravest first, wrapped to the terminal's width."""
    from rich.text import Text

    out = console()
    room = max(NARROWEST, shutil.get_terminal_size().columns - INDENT)
    result(f"{file}: {done.source}; {rows_text(done.rows)}")
    for finding in done.findings:
        first, *others = wrap(finding.message, room, break_on_hyphens=False)
        out.print(Text(f"{finding.severity:<{INDENT}}", STYLES[finding.severity]).append(first, "none"))
        for line in others:
            result(" " * INDENT + line)
    told = [f"{count} {name}{'s' if count > 1 else ''}" for name, count in done.counts.items() if count]
    result(f"{file}: {', '.join(told) or 'nothing found'}")


def rows_text(rows: Mapping[str, int]) -> str:
    """`96 training, 24 validation and 30 test rows`."""
    words = [f"{count:,} {'training' if name == 'train' else name}" for name, count in rows.items()]
    return f"{', '.join(words[:-1])}{' and ' if len(words) > 1 else ''}{words[-1]} rows"
