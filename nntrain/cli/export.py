"""`nntrain export`: a finished run as a file for another runtime."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.cli.options import AllowCode, Device, Json
from nntrain.cli.output import explain_errors, result, result_json, say

if TYPE_CHECKING:
    from nntrain.run.export.ask import Compared, Exported, Port

NAMED = 6
"""Columns or classes that are named; of more, the rest is counted."""


class To(StrEnum):
    """What is written."""

    saved_model = "saved_model"
    onnx = "onnx"
    tflite = "tflite"
    keras = "keras"


class Quantized(StrEnum):
    """The numbers that weights are kept in."""

    int8 = "int8"
    float16 = "float16"


def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's directory.")],
    to: Annotated[To, typer.Option("--to", help="The format.")],
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            metavar="PATH",
            help="The file to write, for saved_model the folder; by default one in the current folder that "
            "is called like the run.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file that is there.")] = False,
    quantize: Annotated[
        Quantized | None,
        typer.Option(
            "--quantize", help="Keep weights in fewer bits (tflite), and show the change in scores."
        ),
    ] = None,
    prepared: Annotated[
        bool, typer.Option("--prepared", help="Leave preprocessing out: the model takes prepared rows.")
    ] = False,
    device: Device = None,
    allow_code: AllowCode = False,
    as_json: Json = False,
) -> None:
    """Write a finished run for another runtime.

    Raw rows go in where the format can carry the run's preprocessing. What is written is run by its own
    runtime on held-out rows first, and has to give what the run gives; otherwise nothing is left behind.
    """
    with explain_errors(as_json):
        from nntrain.run.export.ask import Ask
        from nntrain.run.export.export import export as export_run
        from nntrain.run.stderr import own_stream

        own_stream()
        ask = Ask(to.value, out, force, quantize.value if quantize else None, prepared)
        done = export_run(run, ask, device=device, allow_code=allow_code)
        if as_json:
            result_json({"ok": True, "exit": 0, **done.to_json()})
        else:
            _tell(done)


def _tell(done: Exported) -> None:
    from nntrain.report.tables import size_text

    for note in done.notes:
        say(f"note: {note}")
    for kind, ports in (("takes", done.inputs), ("gives", done.outputs)):
        for port in ports:
            result(f"{kind} '{port.name}': {port.dtype} {_shape(port)}, {_holds(port)}")
    result(_agreement(done.compared, rounded=done.ask.quantize is not None))
    result(f"wrote {done.path} ({size_text(done.bytes)})")


def _shape(port: Port) -> str:
    return f"({', '.join('rows' if size is None else str(size) for size in port.shape)})"


def _holds(port: Port) -> str:
    from nntrain.errors import listing

    if not port.names or port.holds.endswith("'"):
        return port.holds
    joint = ": " if port.extra.get("raw") is not None else " of "
    return f"{port.holds}{joint}{listing(port.names, NAMED)}"


def _agreement(compared: Compared, *, rounded: bool) -> str:
    how = f"{compared.runtime} gives"
    rows = f"{compared.rows:,} {compared.split} row{'s' if compared.rows != 1 else ''}"
    if not rounded:
        return f"{how} what the run gives on {rows}: the largest difference is {compared.difference:.1e}"
    scores = ", ".join(
        f"{name} {_number(run)} -> {_number(other)}" for name, (run, other) in compared.scores.items()
    )
    largest = f"the largest difference is {compared.difference:.1e}"
    return f"{how} nearly what the run gives on {rows}: {scores}; {largest}"


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4f}"
