"""What a bench finds out first: that the config can be trained, what it costs, what the machine can do."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nntrain.config import load_config
from nntrain.run.bench.protocol import Channel, Job, Message
from nntrain.run.fit import prepare_session
from nntrain.run.lesson import lesson_of
from nntrain.run.log import LoggedObserver
from nntrain.run.observer import Silent
from nntrain.run.session import Session

if TYPE_CHECKING:
    from nntrain.run.experiment import Experiment
    from nntrain.run.lesson import Lesson

ROWS = "rows.npz"
"""Features, targets and initial weights, for engines that do without Keras."""
REPEATS = 5
CPU_SIZE, GPU_SIZE = 2048, 8192
"""Rows and columns of the matrices that are multiplied."""


def survey(job: Job, channel: Channel) -> None:
    """Make everything ready to train as `fit` does, and say what it is; mistakes are found here, once."""
    session = Session(load_config(job.file, job.overrides), Path(), LoggedObserver(Silent()))
    experiment = prepare_session(session, job.device, job.allow_code)
    lesson = lesson_of(session, experiment)
    from nntrain.model.operations import operations
    from nntrain.training.rows import row_count

    cost = operations(experiment.model)
    channel.write(
        {
            "device": lesson.recipe.device,
            "data": experiment.dataset.description,
            "rows": row_count(lesson.rows),
            "batch_size": lesson.recipe.batch_size,
            "parameters": experiment.model.count_params(),
            "operations": cost.total,
            "unknown": cost.unknown,
            "plans": _plans(Path(job.folder), experiment, lesson) if job.folder else {},
        }
    )


def _plans(folder: Path, experiment: Experiment, lesson: Lesson) -> dict[str, Message]:
    """What each peer is to train, or the reason why it can't; the arrays are written to a file."""
    from nntrain.run.bench.sklearn_peer import plan as sklearn_plan
    from nntrain.run.bench.stack import CannotExpressError, read_stack
    from nntrain.run.bench.torch_peer import plan as torch_plan

    peers: dict[str, Callable[[Any], Message]] = {"sklearn": sklearn_plan, "torch": torch_plan}
    try:
        stack = read_stack(experiment.model, lesson.recipe, lesson.rows)
    except CannotExpressError as reason:
        return {name: {"reason": str(reason)} for name in peers}
    features, targets = map(np.asarray, lesson.rows)
    weights = {f"w{i}": weight for i, weight in enumerate(experiment.model.get_weights())}
    np.savez(folder / ROWS, features=features.astype(np.float32, copy=False), targets=targets, **weights)
    found = {}
    for name, plan in peers.items():
        try:
            found[name] = plan(stack)
        except CannotExpressError as reason:
            found[name] = {"reason": str(reason)}
    return found


def rate(job: Job, channel: Channel) -> None:
    """The rate at which the machine multiplies matrices of float32, in operations a second, whenever asked.

    The best of several products of square matrices: by NumPy on all cores, or by TensorFlow on a GPU, as it
    multiplies float32 by default (with TF32 where the GPU has it).
    """
    multiply, operations = _on_gpu(job) if (job.plan or {}).get("gpu") else _on_cpu()
    multiply()
    while True:
        seconds = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            multiply()
            seconds.append(time.perf_counter() - began)
        channel.write({"rate": operations / min(seconds)})
        channel.read()


def _on_cpu() -> tuple[Callable[[], object], float]:
    generator = np.random.default_rng(0)
    left, right = (generator.random((CPU_SIZE, CPU_SIZE), np.float32) for _ in range(2))
    return lambda: left @ right, 2.0 * CPU_SIZE**3


def _on_gpu(job: Job) -> tuple[Callable[[], object], float]:
    import tensorflow as tf

    from nntrain.training.device import choose_device

    choose_device(job.device or load_config(job.file, job.overrides).training.device)
    left, right = (tf.random.uniform((GPU_SIZE, GPU_SIZE)) for _ in range(2))

    @tf.function  # type: ignore[untyped-decorator,unused-ignore]
    def products() -> Any:
        found = left
        for _ in range(4):
            found = tf.linalg.matmul(found, right)
        return tf.reduce_max(found)

    return lambda: products().numpy(), 4 * 2.0 * GPU_SIZE**3
