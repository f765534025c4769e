"""The metric of boxes: as it is worked out by hand, over batches, and after saving."""

import keras
import numpy as np

from nntrain.evaluation.boxes import overlaps
from nntrain.model.own.metrics import BoxIoU


def test_it_is_the_mean_over_all_rows_of_all_batches():
    random = np.random.default_rng(0)
    actual, made = random.uniform(size=(2, 9, 4)).astype("float32")
    actual[0], made[0] = (0, 0, 2, 2), (1, 0, 3, 2)
    metric = BoxIoU()
    metric.update_state(actual[:2], made[:2])
    metric.update_state(actual[2:], made[2:])
    np.testing.assert_allclose(float(metric.result()), overlaps(actual, made).mean(), rtol=1e-6)
    metric.reset_state()
    metric.update_state(actual[:1], made[:1])
    np.testing.assert_allclose(float(metric.result()), 1 / 3, rtol=1e-6)


def test_boxes_without_an_area_give_0():
    metric = BoxIoU()
    metric.update_state(np.ones((2, 4)), np.ones((2, 4), "float32"))
    assert float(metric.result()) == 0


def test_it_comes_back_from_its_config():
    made = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(BoxIoU(name="iou")))
    assert isinstance(made, BoxIoU)
    assert made.name == "iou"
