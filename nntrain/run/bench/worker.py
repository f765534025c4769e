"""The main function of a bench's processes: do the job that stands in the first line of the input."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module

from nntrain.errors import MemoryLimitError, NntrainError, Problem
from nntrain.run.bench.protocol import Channel, Job, error_message

JOBS = {
    "survey": "survey:survey",
    "rate": "survey:rate",
    "fit": "plain:fit",
    "tf_data": "plain:fit_tf_data",
    "nntrain": "own:train",
    "sklearn": "sklearn_peer:train",
    "torch": "torch_peer:train",
}
"""Module and function by the job's name; each is imported by its own process alone."""


def main() -> None:
    """Do the job; a mistake of the user's is told to the process that started this one."""
    channel = Channel()
    try:
        told = channel.read()
        job = Job(**{**told, "overrides": tuple(told["overrides"])})
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        function(job.what)(job, channel)
    except NntrainError as error:
        channel.write(error_message(error))
        raise SystemExit(error.exit_code) from None
    except MemoryError:
        message = "the machine has no memory left; lower training.batch_size, or use fewer rows"
        channel.write(error_message(MemoryLimitError(Problem(message, id="memory"))))
        raise SystemExit(MemoryLimitError.exit_code) from None


def function(what: str) -> Callable[[Job, Channel], None]:
    """The function that does a job."""
    module, _, name = JOBS[what].partition(":")
    found: Callable[[Job, Channel], None] = getattr(import_module(f"nntrain.run.bench.{module}"), name)
    return found
