import numpy as np
import pytest
import tensorflow as tf

from nntrain.arrays import Scaled
from nntrain.training.batches import TrainingBatches
from nntrain.training.rows import DeviceRows

BYTES = np.random.default_rng(0).integers(0, 256, (50, 4, 3), np.uint8)
LABELS = np.arange(50, dtype=np.int32)
DIVISORS = [1, 3, 7, 49, 100, 255, 1000]


def test_the_structure_comes_back_with_the_rows_that_are_asked_for():
    rows = DeviceRows(({"a": BYTES, "b": LABELS}, LABELS * 2, LABELS / 2))
    which = tf.constant([3, 49, 3])
    inputs, targets, weights = rows.take(which)
    assert rows.count == 50
    np.testing.assert_array_equal(inputs["a"], BYTES[[3, 49, 3]])
    np.testing.assert_array_equal(inputs["b"], [3, 49, 3])
    np.testing.assert_array_equal(targets, [6, 98, 6])
    np.testing.assert_array_equal(weights, [1.5, 24.5, 1.5])


@pytest.mark.parametrize("shift", [0, 11])
@pytest.mark.parametrize("divisor", DIVISORS)
def test_bytes_become_the_very_numbers_that_numpy_makes_of_them(shift, divisor):
    packed = Scaled(BYTES, shift, divisor)
    rows = DeviceRows((packed,))
    which = np.array([5, 0, 49])
    expected = np.asarray(packed[which]).tobytes()
    for take in (rows.take, tf.function(rows.take)):
        (given,) = take(tf.constant(which))
        assert given.dtype == tf.float32
        assert given.numpy().tobytes() == expected


def test_no_number_of_the_scale_is_a_constant_of_the_graph():
    rows = DeviceRows((Scaled(BYTES, 11, 49),))
    graph = tf.function(rows.take).get_concrete_function(tf.TensorSpec((None,), tf.int64)).graph
    numbers = [tensor for operation in graph.get_operations() for tensor in operation.outputs]
    constants = [tensor for tensor in numbers if tensor.op.type == "Const"]
    assert [tensor for tensor in constants if tensor.dtype == tf.float32] == []


@pytest.mark.parametrize("jit", [False, True])
def test_batches_that_a_loop_in_a_graph_takes_are_the_same(jit):
    packed = Scaled(BYTES, 0, 49)
    rows = DeviceRows((packed,))

    @tf.function(jit_compile=jit)
    def all_rows():
        found = tf.zeros((5, 10, 4, 3))
        for i in tf.range(5):
            (batch,) = rows.take(tf.range(10) + 10 * i)
            found = tf.tensor_scatter_nd_update(found, [[i]], batch[tf.newaxis])
        return found

    assert all_rows().numpy().tobytes() == np.asarray(packed).tobytes()


def test_a_constant_divisor_would_give_other_numbers():
    """Else the tests above could not fail."""
    packed = Scaled(BYTES, 0, 49)
    divided = tf.function(lambda values: tf.cast(values, tf.float32) / 49.0)
    assert divided(tf.constant(BYTES)).numpy().tobytes() != np.asarray(packed).tobytes()


@pytest.mark.parametrize("shape", [(), (1,), (7,), (8,), (3, 3), (4, 4, 3), (28, 28)])
@pytest.mark.parametrize("xla", [False, True])
def test_rows_of_any_size_are_gathered(shape, xla):
    packed = Scaled(np.random.default_rng(0).integers(0, 256, (9, *shape), np.uint8), 0, 255)
    rows = DeviceRows((packed,))
    (given,) = tf.function(rows.take, jit_compile=xla)(tf.constant([8, 0, 8, 3]))
    assert given.numpy().tobytes() == np.asarray(packed[[8, 0, 8, 3]]).tobytes()
    assert given.shape == (4, *shape)


def test_a_part_of_the_columns_of_an_array_is_gathered():
    packed = Scaled(BYTES.reshape(50, 12)[::2, 1:9], 0, 255)
    (given,) = DeviceRows((packed,)).take(tf.constant([2, 3]))
    np.testing.assert_array_equal(given, np.asarray(packed[[2, 3]]))


def test_every_kind_of_rows_has_a_kernel_that_gathers_it_on_a_gpu():
    rows = DeviceRows((Scaled(BYTES, 0, 255), LABELS, LABELS / 2, LABELS.astype(np.int64)))
    graph = tf.function(rows.take).get_concrete_function(tf.TensorSpec((None,), tf.int64)).graph
    gathered = {op.inputs[0].dtype for op in graph.get_operations() if op.type == "GatherV2"}
    assert gathered == {tf.int64, tf.int32, tf.float64}


def test_shapes_of_rows_are_known_in_a_graph():
    shapes = []

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.int64)])
    def taken(indices):
        (given,) = rows.take(indices)
        shapes.append(given.shape)
        return given

    rows = DeviceRows((Scaled(BYTES, 0, 255),))
    taken(tf.range(3, dtype=tf.int64))
    assert [tuple(shape) for shape in shapes] == [(None, 4, 3)]


def test_rows_that_are_their_own_targets_are_held_and_read_once():
    packed = Scaled(BYTES, 0, 255)
    rows = DeviceRows((packed, packed))
    inputs, targets = rows.take(tf.constant([1, 2]))
    assert inputs is targets
    graph = tf.function(rows.take).get_concrete_function(tf.TensorSpec((None,), tf.int64))
    held = [tensor for tensor in graph.captured_inputs if tensor.dtype == tf.int64]
    assert len(held) == 1


@pytest.mark.parametrize(("batch_size", "sizes"), [(20, [20, 20, 10]), (25, [25, 25]), (64, [50])])
def test_rows_in_their_order_come_in_batches(batch_size, sizes):
    packed = Scaled(BYTES, 0, 255)
    dataset = DeviceRows((packed, LABELS)).dataset(batch_size)
    batches = list(dataset.as_numpy_iterator())
    assert [len(x) for x, _ in batches] == sizes
    assert int(dataset.cardinality()) == len(sizes)
    assert np.concatenate([x for x, _ in batches]).tobytes() == np.asarray(packed).tobytes()
    np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), LABELS)


def test_batches_to_train_on_are_those_of_the_floats():
    packed = Scaled(BYTES, 0, 255)
    pairs = zip(
        TrainingBatches((packed, LABELS), 8, 3, True).epoch(1),
        TrainingBatches((np.asarray(packed), LABELS), 8, 3, True).epoch(1),
        strict=True,
    )
    for (x, y), (floats, labels) in pairs:
        assert x.tobytes() == floats.tobytes()
        np.testing.assert_array_equal(y, labels)
