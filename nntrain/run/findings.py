"""`check --data`: the rows that a config names, read as training reads them, and what is found in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nntrain.config.schema import Config
from nntrain.data.findings.find import thorough
from nntrain.data.findings.finding import SEVERITIES, Finding
from nntrain.data.findings.view import View
from nntrain.data.load import is_light
from nntrain.errors import NntrainError
from nntrain.run.reading import read_data


@dataclass(frozen=True)
class DataCheck:
    """What is found in the data of a config."""

    source: str
    """Where the rows come from, in one line."""
    rows: Mapping[str, int]
    """By split."""
    findings: tuple[Finding, ...]
    """The gravest first."""
    notes: tuple[str, ...] = ()
    """What was told when the rows were read."""
    refused: NntrainError | None = None
    """Why the rows can't be prepared for training; None where they can."""

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """Those that make scores flatter."""
        return tuple(finding for finding in self.findings if finding.severity == "leak")

    @property
    def counts(self) -> dict[str, int]:
        """Findings by severity."""
        return {s: sum(finding.severity == s for finding in self.findings) for s in SEVERITIES}

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "source": self.source,
            "rows": dict(self.rows),
            "counts": self.counts,
            "findings": [finding.to_json() for finding in self.findings],
            "notes": list(self.notes),
        }


def check_data(config: Config) -> DataCheck:
    """Read, split and prepare the rows, and look at them thoroughly.

    Raises:
        DataError: The data are missing or can't be split. What is wrong with rows that were read and split
            does not hide what was found in them.
    """
    kept: list[tuple[str, dict[str, int], tuple[Finding, ...], tuple[str, ...]]] = []

    def look(view: View) -> tuple[Finding, ...]:
        rows = {split: len(part) for split, part in view.parts.items()}
        kept.append((view.description, rows, thorough(view), view.notes))
        return kept[0][2]

    refused: NntrainError | None = None
    with quiet_reading(config):
        try:
            read_data(config, look=look)
        except NntrainError as error:
            if not kept:
                raise
            refused = error
    return DataCheck(*kept[0], refused)


@contextmanager
def quiet_reading(config: Config) -> Iterator[None]:
    """Hold back what TensorFlow says of itself where a source needs Keras; others are read without it."""
    if is_light(config.data):
        yield
        return
    import os

    from nntrain.run.stderr import native_noise_held_back

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with native_noise_held_back():
        yield
