"""Metrics that courses name and Keras lacks."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("nntrain")
class BoxIoU(keras.metrics.MeanMetricWrapper):
    """Mean intersection over union of boxes, each left, top, right and bottom: `|A and B| / |A or B|`.

    It is 1 where both boxes are the same, and 0 where they do not meet or one has no area. (Jaccard 1912)
    """

    def __init__(self, name: str = "box_iou", dtype: Any = None) -> None:
        super().__init__(_overlaps, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """What makes the same metric again."""
        return {"name": self.name, "dtype": self.dtype}


def _overlaps(actual: Any, predicted: Any) -> Any:
    """Of each pair, shape `(n,)`, from `(n, 4)` each."""
    actual = ops.cast(actual, predicted.dtype)
    common = _area(ops.maximum(actual[:, :2], predicted[:, :2]), ops.minimum(actual[:, 2:], predicted[:, 2:]))
    either = _area(actual[:, :2], actual[:, 2:]) + _area(predicted[:, :2], predicted[:, 2:]) - common
    return ops.where(either > 0, common / ops.where(either > 0, either, 1.0), 0.0)


def _area(first: Any, last: Any) -> Any:
    sides = ops.maximum(last - first, 0.0)
    return sides[:, 0] * sides[:, 1]
