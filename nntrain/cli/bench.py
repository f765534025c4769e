"""`nntrain bench`: how fast this machine trains a config, beside plain Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.cli.options import AllowCode, Device, Json, Quiet
from nntrain.cli.output import console, explain_errors, result, result_json, say

if TYPE_CHECKING:
    from nntrain.run.bench.results import BenchResult


def bench(
    config: Annotated[str, typer.Argument(metavar="CONFIG", help="A YAML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Values that replace the file's: training.batch_size=256."),
    ] = None,
    rounds: Annotated[int, typer.Option("--rounds", metavar="N", help="Turns of each engine.")] = 5,
    epochs: Annotated[
        int | None,
        typer.Option("--epochs", metavar="N", help="Epochs a turn; by default as many as take 0.3 s."),
    ] = None,
    peers: Annotated[
        bool,
        typer.Option("--peers", help="Measure scikit-learn and PyTorch too, where they are installed."),
    ] = False,
    device: Device = None,
    allow_code: AllowCode = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Measure how fast a config trains, beside plain Keras.

    Three engines train the same network on the same rows, each in a process of its own, in turn, for several
    rounds: model.fit on NumPy arrays, model.fit on a tf.data pipeline, and nntrain. Validation, callbacks and
    early stopping are left out, and nothing is written. The first epoch, in which functions are traced and
    compiled, is shown apart.
    """
    with explain_errors(as_json):
        from nntrain.config import load_config
        from nntrain.run.bench.measure import bench as measure

        done = measure(
            load_config(config, overrides or ()),
            rounds=rounds,
            epochs=epochs,
            peers=peers,
            device=device,
            allow_code=allow_code,
            tell=None if quiet else say,
        )
        if as_json:
            result_json({"ok": True, "exit": 0, **done.to_json()})
        else:
            print_bench(done)


def print_bench(done: BenchResult) -> None:
    """The table, what is behind it, and the machine's limit."""
    from nntrain.report.tables import BenchRow, bench_tables

    out = console()
    rows = []
    for name, one in done.engines.items():
        seconds, speed = one.seconds.median, done.speed(name)
        rows.append(
            BenchRow(
                one.title,
                seconds,
                done.rows / seconds,
                (speed.median, speed.lowest, speed.highest),
                one.first_epoch,
                one.memory,
                one.loss,
            )
        )
    for table in bench_tables(rows, width=out.width):
        out.print(table)
    for line in _facts(done):
        result(line)


def _facts(done: BenchResult) -> list[str]:
    """What the numbers mean, a line each."""
    turns = f"{_count(done.rounds, 'round')} of {_count(done.epochs, 'epoch')}"
    lines = [
        f"{done.name} on {done.device}: {_count(done.rows, 'row')}, batches of {done.batch_size:,}; "
        f"medians of {turns}, losses after {_count(done.trained, 'epoch')}"
    ]
    lines += [f"{one.title}: {note}" for one in done.engines.values() for note in one.notes]
    lines += [f"{title} left out: {reason}" for title, reason in done.left_out.items()]
    limit = done.limit
    share = 100 * limit.share(done.engines["nntrain"].seconds.median)
    lines.append(
        f"limit: {_short(limit.seconds)} s an epoch, for {_short(limit.operations / 1e9)} GFLOP at the "
        f"{_short(limit.rate / 1e9)} GFLOP/s of large matrix products; nntrain is at {_short(share)} % of it"
    )
    if limit.unknown:
        from nntrain.errors import listing

        lines.append(f"the limit is a lower bound: the operations of {listing(limit.unknown)} are not known")
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _short(value: float) -> str:
    """Three digits that matter."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
