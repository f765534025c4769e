"""Event files for TensorBoard, by TensorFlow's own writer; TensorBoard itself is not needed for them.

A chart has the training and the validation rows' curve of one quantity: `train/` and `validation/` hold it
under one tag. A run that goes on writes its whole history anew, so each epoch stands there once.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import tensorflow as tf
from tensorflow.core.framework.summary_pb2 import DATA_CLASS_SCALAR, DATA_CLASS_TENSOR, SummaryMetadata

from nntrain.run.tracking.track import Splits
from nntrain.training.observer import Logs

FOLDER = "tensorboard"
TRAIN, VALIDATION = "train", "validation"


class TensorBoard:
    """Losses, metrics and the learning rate of each epoch, and the config as a text."""

    name: ClassVar[str] = "tensorboard"
    what: ClassVar[str] = "TensorBoard's event files"

    def __init__(self, run: Path, config: str) -> None:
        """Write nothing yet.

        Args:
            run: The run's directory.
            config: Its config, as YAML.
        """
        self.failures: tuple[type[Exception], ...] = (OSError, tf.errors.OpError)
        self.folder, self.config = run / FOLDER, config
        self._writers: dict[str, Any] = {}

    def begin(self, rows: Sequence[Logs]) -> Mapping[str, Any]:
        """Write the config and the epochs that were trained before, in place of what was there."""
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir()
        with self._writer(TRAIN).as_default(step=0):
            text = tf.constant(f"```yaml\n{self.config}\n```")
            tf.summary.write("config", text, metadata=_kind("text", DATA_CLASS_TENSOR))
        for row in rows:
            self._write(row)
        self._flush()
        return {"folder": FOLDER}

    def epoch(self, row: Logs) -> None:
        """Write an epoch, and see it into the file."""
        self._write(row)
        self._flush()

    def finish(self, splits: Splits) -> None:
        """Scores are in `metrics.json`."""

    def close(self, status: str) -> None:
        """Close the files."""
        writers, self._writers = self._writers, {}
        for writer in writers.values():
            writer.close()

    def _write(self, row: Logs) -> None:
        for rows, tag, value in curves(row):
            with self._writer(rows).as_default(step=int(row["epoch"])):
                number = tf.constant(value, tf.float32)
                tf.summary.write(tag, number, metadata=_kind("scalars", DATA_CLASS_SCALAR))

    def _flush(self) -> None:
        for writer in self._writers.values():
            writer.flush()

    def _writer(self, rows: str) -> Any:
        if rows not in self._writers:
            self._writers[rows] = tf.summary.create_file_writer(str(self.folder / rows))
        return self._writers[rows]


def curves(row: Logs) -> Iterator[tuple[str, str, float]]:
    """The rows, the tag and the value of each quantity of an epoch: `val_loss` is `loss` of `validation`."""
    for name, value in row.items():
        if name != "epoch":
            held_out = name.startswith("val_")
            yield VALIDATION if held_out else TRAIN, name.removeprefix("val_"), value


def _kind(plugin: str, data_class: int) -> Any:
    plugin_data = SummaryMetadata.PluginData(plugin_name=plugin)
    return SummaryMetadata(plugin_data=plugin_data, data_class=data_class)
