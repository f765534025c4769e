"""`predict`: a finished run on rows without targets, of any number, read and written some at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.errors import DataError, Location, NntrainError, Problem, UsageError
from nntrain.run.directory import WEIGHTS, RunDirectory
from nntrain.run.evaluate_folds import holds_several, is_parent, one_of
from nntrain.run.libraries import load_ahead
from nntrain.run.memory import told_as_memory
from nntrain.run.model_files.admission import read_weights, refuse_others
from nntrain.run.prediction.ask import Ask, Predicted
from nntrain.run.startup import start_with_data
from nntrain.run.trained import finished, run_config

if TYPE_CHECKING:
    from nntrain.data.dataset import Rows
    from nntrain.data.unlabelled.chunk import Chunk, NewRows
    from nntrain.run.prediction.files import Writer

TOLD = 10
"""Rows left out that are told of at most."""
Moved = Callable[[int, int | None, int], None]
"""Is told how much of the input is read, of how much, and how many rows are done."""


def predict(
    model: str,
    ask: Ask,
    out: IO[bytes],
    *,
    device: Device | None = None,
    allow_code: bool = False,
    moved: Moved = lambda done, size, rows: None,
) -> Predicted:
    """What a run says of new rows.

    Args:
        model: A run's directory.
        ask: What is asked of it.
        out: Where predictions go if to no file.
        device: Overrides the config's `training.device`.
        allow_code: Whether the run's copy of the user's own code may be run.
        moved: Is told how far it is.

    Raises:
        ArtefactError: There is no such run, it is not finished, or one of its files was changed.
        DataError: The input is missing or unfit, or a row of it is and such are not to be left out.
        ConflictError: The output is there already.
        UsageError: The arguments do not go together.
        DivergedError: The model gives NaN or infinity.
        MachineError: The output can't be written.
        MemoryLimitError: The network does not fit into memory, or memory ran out.
    """
    run = _run(model)
    config, weights = run_config(run), read_weights(run)
    preprocess = run.read_json("preprocess.json")
    from nntrain.data.prepare.schema import digest_of, schema_of

    done = Predicted(Path(model), ask, digest_of(schema_of(preprocess["inputs"])))
    kind = _kind(run, ask)
    load_ahead(config.graph)
    with closing(_Opened(run, preprocess, ask)) as opened:
        _, first = start_with_data(config, opened.first_rows, device, allow_code)
        from nntrain.model.user_code import blamed_on_code
        from nntrain.run.model_files.weights import load_run
        from nntrain.run.prediction.forward import Network, outputs_read

        bulk = kind in (".npz", "folder")
        outputs = outputs_read(run, config, ask, bulk=bulk)
        with blamed_on_code(), told_as_memory(config.training.batch_size, "predicting"):
            network = Network.built(config, first, outputs)
            load_run(network.model, run, weights, f"{model}/{WEIGHTS}")
            began = time.perf_counter()
            with _place(ask, kind, out) as writer:
                for chunk in opened.chunks():
                    _count(done, chunk)
                    if len(chunk):
                        writer.write(network.answers(chunk, bulk))
                    moved(chunk.done, opened.size, done.rows)
                if not done.rows:
                    raise _nothing(done.skipped, done.problems)
            done.seconds = time.perf_counter() - began
        done.notes += opened.notes
    return done


def _kind(run: RunDirectory, ask: Ask) -> str:
    """What is written: CSV, or what the name of the file says.

    Raises:
        UsageError: Nothing is known that is called so.
        ConflictError: Something is there already.
    """
    if ask.to is None:
        return ".csv"
    from nntrain.run.prediction.files import check_place

    masks = any(target["task"] == "segmentation" for target in run.record["targets"])
    return check_place(ask.to, force=ask.force, masks=masks)


@contextmanager
def _place(ask: Ask, kind: str, out: IO[bytes]) -> Iterator[Writer]:
    from nntrain.run.prediction.files import CsvWriter, written

    if ask.to is None:
        yield CsvWriter(out)
        out.flush()
        return
    with written(ask.to, kind) as writer:
        yield writer


def _run(model: str) -> RunDirectory:
    """The run that is asked."""
    refuse_others(model)
    path = Path(model)
    if path.suffix == ".keras":
        raise UsageError(
            f"{model} is a bare model, which has no preprocessing of its own; name a run's directory"
        )
    run = RunDirectory.open(path)
    if is_parent(run):
        raise UsageError(f"{holds_several(run, path)}; name one of them, such as {one_of(run, path)}")
    return finished(run, path, "it can't predict")


@dataclass
class _Opened:
    """The input, of which the first rows are read while Keras is imported."""

    run: RunDirectory
    preprocess: Mapping[str, Any]
    ask: Ask
    begun: list[Chunk] = field(default_factory=list)
    rows: NewRows | None = None

    @property
    def size(self) -> int | None:
        """Of the input, in the units of `Chunk.done`; None where nobody knows."""
        return None if self.rows is None else self.rows.size

    @property
    def notes(self) -> list[str]:
        """What was found while it was read."""
        return [] if self.rows is None else self.rows.notes

    def first_rows(self, config: Config) -> Rows:
        """The first rows that are left, as a network is built for them."""
        from nntrain.data.dataset import Rows
        from nntrain.data.unlabelled.open import open_rows
        from nntrain.run.prediction.kin import with_kin

        targets, ask = self.preprocess.get("targets", {}), self.ask
        try:
            with with_kin(self.run, self.preprocess):
                self.rows = open_rows(config.data, self.preprocess, targets, ask.inputs, skip=ask.skip_bad)
                for chunk in self.rows.chunks:
                    self.begun.append(chunk)
                    if len(chunk):
                        return Rows(chunk.inputs, {}, chunk.index)
        except NntrainError as error:
            raise error.located(config.origin.location) from error.__cause__
        raise _nothing(sum(chunk.skipped for chunk in self.begun), self.begun[0].problems)

    def chunks(self) -> Iterator[Chunk]:
        """All rows, the next ones read while the model computes."""
        from nntrain.training.stored import ahead

        assert self.rows is not None
        rest = self.rows.chunks
        yield from self.begun
        self.begun.clear()
        yield from ahead(lambda: rest)

    def close(self) -> None:
        """Close the input."""
        if self.rows is not None:
            self.rows.close()


def _count(done: Predicted, chunk: Chunk) -> None:
    done.rows += len(chunk)
    done.skipped += chunk.skipped
    done.problems += chunk.problems[: TOLD - len(done.problems)]


def _nothing(skipped: int, problems: Sequence[Problem]) -> DataError:
    """The error for an input of which no row is left."""
    if not problems:
        return DataError(Problem("there are no rows", id="empty"))
    first = problems[0]
    message = f"none of {skipped:,} rows can be used; the first: {first.message}"
    return DataError(Problem(message, location=first.location or Location(""), id=first.id))
