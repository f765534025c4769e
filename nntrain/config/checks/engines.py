"""What the keys of `training` that say how steps are computed mean together."""

from __future__ import annotations

from collections.abc import Iterator

from nntrain.config.schema import Config
from nntrain.config.workers import undivided
from nntrain.errors import Problem


def check_engine(config: Config) -> Iterator[Problem]:
    """Keys that would have no effect beside another one."""
    training = config.training
    asked = {
        "xla": training.xla is True,
        "split_batch": training.split_batch,
        "distribute": training.distribute is not None,
    }
    if training.engine == "keras":
        for key in (key for key, is_asked in asked.items() if is_asked):
            message = "is for the compiled engine, and engine: keras is set; remove one of them"
            yield Problem(message, ("training", key), id="engine")
    elif training.distribute is not None:
        reasons = {
            "xla": f"the devices of distribute: {training.distribute} compute without XLA",
            "split_batch": f"distribute: {training.distribute} divides each batch among devices",
        }
        for key in (key for key in reasons if asked[key]):
            yield Problem(f"{reasons[key]}; remove one of them", ("training", key), id="engine")
    yield from _check_cluster(config)


def _check_cluster(config: Config) -> Iterator[Problem]:
    """What several processes can't do, and what nobody asks for without them."""
    if config.training.distribute != "workers":
        if config.cluster is not None:
            message = "is for training.distribute: workers, which is not set; set it, or remove this"
            yield Problem(message, ("cluster",), config.key_location(("cluster",)), "cluster")
        return
    workers = config.cluster.workers if config.cluster is not None else ()
    problem = undivided(config, len(workers)) if workers else None
    if problem is not None:
        yield problem
