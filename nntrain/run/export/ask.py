"""What is asked of `export`, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Format = Literal["saved_model", "onnx", "tflite", "keras"]
Quantize = Literal["int8", "float16"]
ENDINGS: Mapping[Format, str] = {
    "saved_model": "_saved_model",
    "onnx": ".onnx",
    "tflite": ".tflite",
    "keras": ".keras",
}
"""How the name of what is written ends, where the user gives none; a SavedModel is a folder."""
SCHEMA = "nntrain.export/1"
TOLERANCE = 1e-5
"""Most that an output may differ from the run's: of numbers beyond 1, as a share of them."""


@dataclass(frozen=True)
class Ask:
    """What is asked of a run."""

    format: Format
    out: str | None = None
    """The file or folder to write; None for one in the current folder that is called like the run."""
    force: bool = False
    """Whether a file that is there is replaced."""
    quantize: Quantize | None = None
    """The numbers that weights are kept in."""
    prepared: bool = False
    """Whether preprocessing stays outside, though the format could carry it."""


@dataclass(frozen=True)
class Port:
    """An input or an output of an exported network."""

    name: str
    shape: tuple[int | None, ...]
    """With the rows, None, first."""
    dtype: str
    holds: str
    """In words."""
    names: tuple[str, ...] = ()
    """Of an input the columns in their order, of an output the classes, labels or numbers."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What else programs should know."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`, and for what goes with the network."""
        return {
            "name": self.name,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "holds": self.holds,
            "names": list(self.names),
            **self.extra,
        }


@dataclass(frozen=True)
class Compared:
    """How an exported network did beside the run's own."""

    runtime: str
    """What ran it, with its version."""
    split: str
    """The rows that both were given."""
    rows: int
    difference: float
    """The largest of an output, of numbers beyond 1 as a share of them."""
    scores: Mapping[str, tuple[float | None, float | None]]
    """By what it is called, the run's score on these rows and that of the exported network; only where
    numbers are rounded."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        scores = {name: {"run": run, "exported": other} for name, (run, other) in self.scores.items()}
        return {
            "runtime": self.runtime,
            "split": self.split,
            "rows": self.rows,
            "difference": self.difference,
            "scores": scores,
        }


@dataclass(frozen=True)
class Exported:
    """What was written."""

    run: Path
    ask: Ask
    path: Path
    bytes: int
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    compared: Compared
    notes: tuple[str, ...]
    """What the user should know, one sentence each."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "run": str(self.run),
            "format": self.ask.format,
            "quantize": self.ask.quantize,
            "path": str(self.path),
            "bytes": self.bytes,
            "inputs": [port.to_json() for port in self.inputs],
            "outputs": [port.to_json() for port in self.outputs],
            "tolerance": None if self.ask.quantize else TOLERANCE,
            "compared": self.compared.to_json(),
            "notes": list(self.notes),
        }
