"""An `.onnx` file, with what there is to know among its metadata."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from nntrain.run.export.network import Made, Runner
from nntrain.run.export.refused import Refused

OPSET = 17
"""Version of the set of operations: every runtime of the last years has it."""


def runtime() -> str:
    """What runs it."""
    import onnxruntime

    return f"onnxruntime {onnxruntime.__version__}"


def write(made: Made, path: Path) -> None:
    """Write the file.

    Raises:
        Refused: The format has no such operation.
    """
    import onnx
    import tf2onnx

    heard = _Heard()
    logger = logging.getLogger("tf2onnx")
    logger.addHandler(heard)
    logger.propagate = False
    specs = [made.specs()]
    function = tf.function(made.called, input_signature=specs, autograph=False)
    try:
        found, _ = tf2onnx.convert.from_function(function, input_signature=specs, opset=OPSET)
    except (ValueError, TypeError, KeyError, AttributeError, NotImplementedError, RuntimeError) as error:
        raise heard.refused(str(error)) from error
    finally:
        logger.removeHandler(heard)
    for node in found.graph.node:
        if not onnx.defs.has(node.op_type, node.domain):
            raise Refused(node.op_type, node.name, f"no operation {node.op_type}")
    about = json.loads(made.about)
    told = {"nntrain": made.about.decode()}
    told |= {
        f"{output['name']}.names": json.dumps(output["names"], allow_nan=False) for output in about["outputs"]
    }
    if made.preprocess is not None:
        told["preprocess"] = made.preprocess.decode()
    onnx.helper.set_model_props(found, told)
    onnx.save(found, str(path))


class _Heard(logging.Handler):
    """What the converter complains of."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(record.getMessage())

    def refused(self, text: str) -> Refused:
        """What can't be converted."""
        return Refused(None, None, "\n".join([*self.lines, text]))


def opened(path: Path) -> Runner:
    """What runs the network of a file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]

    def run(feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return dict(zip(names, session.run(names, feeds), strict=True))

    return run
