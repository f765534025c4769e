"""What the keys of `training` that say how steps are computed mean together."""

from __future__ import annotations

from collections.abc import Iterator

from nntrain.config.schema import Config
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
            "xla": "the devices of distribute: mirrored compute without XLA",
            "split_batch": "distribute: mirrored divides each batch among devices",
        }
        for key in (key for key in reasons if asked[key]):
            yield Problem(f"{reasons[key]}; remove one of them", ("training", key), id="engine")
