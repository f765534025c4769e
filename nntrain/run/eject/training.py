"""The part of the script that trains the network."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nntrain.config.checks.monitors import direction
from nntrain.config.training import EarlyStopping
from nntrain.run.eject.code import Call, Expression, keras_object, lines, listed, mapping, text
from nntrain.run.eject.draft import Draft
from nntrain.run.eject.targets import Predicted
from nntrain.run.training_rows import training_rows
from nntrain.training.stored import bounds_of, is_stored

BATCHES = '''
def batches(*arrays):
    """The training rows without an end: each epoch has an order of its own."""

    def in_order(epoch):
        rows = tf.range(len(arrays[0]), dtype=tf.int64)
        seed = tf.stack([tf.constant(SEED, tf.int64), epoch])
        rows = tf.random.experimental.stateless_shuffle(rows, seed, alg="philox")
        return tf.data.Dataset.from_tensor_slices(rows).batch(BATCH_SIZE)

    epochs = tf.data.Dataset.counter().flat_map(in_order)
    return epochs.map(lambda rows: tuple(tf.gather(array, rows) for array in arrays))
'''
ONE_CHUNK = '''
def batches(*arrays):
    """The training rows: each epoch has an order of its own."""
    for epoch in range(EPOCHS):
        rows = np.random.default_rng([SEED, epoch]).permutation(len(arrays[0]))
        for i in range(0, len(rows), BATCH_SIZE):
            yield tuple(tf.gather(array, rows[i : i + BATCH_SIZE]) for array in arrays)
'''
EACH = re.compile(r"tuple\(tf\.gather\(array, (.+)\) for array in arrays\)")
"""Rows of every array, where the arrays stand in no mapping."""
CHUNKS = '''
def batches(*arrays):
    """The training rows: each epoch draws chunks of them, and mixes three at a time."""
    chunks = np.split(np.arange(len(arrays[0])), CHUNKS)
    for epoch in range(EPOCHS):
        order, seed = tf.range(len(chunks), dtype=tf.int64), tf.constant([SEED, epoch], tf.int64)
        order = tf.random.experimental.stateless_shuffle(order, seed, alg="philox")
        draw = np.random.default_rng([SEED, epoch])
        threes = [[chunks[k] for k in order[i : i + 3]] for i in range(0, len(chunks), 3)]
        rows = np.concatenate([draw.permutation(np.concatenate(some)) for some in threes])
        for i in range(0, len(rows), BATCH_SIZE):
            yield tuple(tf.gather(array, rows[i : i + BATCH_SIZE]) for array in arrays)
'''
SOME = '''
def some(arrays, rows):
    """These rows of every array, whatever the arrays lie in."""
    return keras.tree.map_structure(lambda array: tf.gather(array, rows), arrays)
'''
BOX_IOU = '''
def box_iou(actual, found):
    """The area that both boxes of a pair cover, as a share of what either does."""
    low = keras.ops.maximum(actual[:, :2], found[:, :2])
    high = keras.ops.minimum(actual[:, 2:], found[:, 2:])
    corners = (low, high), (actual[:, :2], actual[:, 2:]), (found[:, :2], found[:, 2:])
    sides = [keras.ops.maximum(last - first, 0) for first, last in corners]
    both, one, other = [side[:, 0] * side[:, 1] for side in sides]
    either = one + other - both
    return both / keras.ops.where(either > 0, either, 1)
'''
BALANCED = '''
def balanced(rows):
    """Rows drawn anew, so that there are as many of every class."""
    random, found = np.random.default_rng(SEED), []
    labels, counts = np.unique(y[rows], return_counts=True)
    for label in labels:
        own = rows[y[rows] == label]
        whole, rest = divmod(counts.{wanted}(), len(own))
        found += [np.tile(own, whole), random.permutation(own)[:rest]]
    return np.sort(np.concatenate(found))
'''


def compiling(draft: Draft, found: list[Predicted]) -> list[str]:
    """The lines that compile `model`."""
    losses: dict[str, Expression] = {one.output.name: keras_object(one.output.loss) for one in found}
    named: dict[str, Expression] = {"loss": _by_output(losses)}
    training = draft.config.training
    if training.loss_weights and len(found) > 1:
        weights = {one.output.name: repr(training.loss_weights.get(one.output.name, 1.0)) for one in found}
        named["loss_weights"] = _by_output({**weights})
    named["optimizer"] = keras_object(training.optimizer)
    metrics: dict[str, Expression] = {
        one.output.name: listed([keras_object(spec) for _, spec in one.output.metrics])
        for one in found
        if one.output.metrics
    }
    if any(spec.name == "BoxIoU" for one in found for _, spec in one.output.metrics):
        draft.define(BOX_IOU)
    if metrics:
        named["metrics"] = mapping(metrics) if len(found) > 1 else next(iter(metrics.values()))
    return lines("", Call("model.compile", (), named))


def _by_output(given: Mapping[str, Expression]) -> Expression:
    """What is given for each output; of one, that itself."""
    if len(given) == 1:
        return next(iter(given.values()))
    return mapping(given)


def fitting(draft: Draft) -> list[str]:
    """The lines that train."""
    training, dataset, found = draft.config.training, draft.dataset, []
    several = len(dataset.input_shapes) > 1 or len(dataset.targets) > 1
    if several:
        draft.need("import tensorflow as tf")
        draft.define(SOME)
    rows = "train"
    if training.resample is not None:
        draft.define(BALANCED.format(wanted="max" if training.resample == "over" else "min"))
        found.append("drawn = balanced(train)")
        rows = "drawn"
    if training.rows is not None:
        draw = f"np.random.default_rng(SEED).choice(train, {training.rows}, replace=False)"
        found.append(f"drawn = np.sort({draw})")
        rows = "drawn"
    taken = [_taken(name, rows, several) for name in ("x", "targets")]
    weighted, class_weight = _weights(draft)
    found += weighted
    if weighted or dataset.weights is not None:
        taken.append(f"weights[{rows}]")
    named: dict[str, Expression] = {}
    if training.shuffle:
        draft.need("import tensorflow as tf")
        draft.define(_batches(draft, rows, several))
        given: list[Expression] = [Call("batches", taken)]
        named["steps_per_epoch"] = f"-(-len({rows}) // BATCH_SIZE)"
    else:
        given = [*taken[:2]]
        named["batch_size"] = "BATCH_SIZE"
        if len(taken) > 2:
            named["sample_weight"] = taken[2]
    named |= {"shuffle": "False", "epochs": "EPOCHS"}
    if dataset.validation is not None:
        x, y = (_taken(name, "validation", several) for name in ("x", "targets"))
        named["validation_data"] = f"({x}, {y})"
        named["validation_batch_size"] = "256"
    if class_weight:
        found += class_weight
        named["class_weight"] = "weights"
    callbacks = [keras_object(spec) for spec in training.callbacks]
    if training.early_stopping:
        callbacks.append(_stopping(draft, training.early_stopping))
    if callbacks:
        found += lines("callbacks = ", listed(callbacks))
        named["callbacks"] = "callbacks"
    named["verbose"] = "2"
    return [*found, *lines("", Call("model.fit", given, named))]


def _batches(draft: Draft, rows: str, several: bool) -> str:
    """The function that gives the training rows in the order in which a run reads them."""
    taken = training_rows(draft.config, draft.dataset).rows.inputs
    found = BATCHES
    if is_stored(taken):
        cuts = bounds_of(taken)[1:-1].tolist()
        found = CHUNKS if cuts else ONE_CHUNK
        if cuts:
            draft.constants += lines("CHUNKS = ", listed([str(cut) for cut in cuts]))
    if several:
        found = found.replace("len(arrays[0])", f"len({rows})")
        found = EACH.sub(r"some(arrays, \1)", found)
    return found


def _taken(name: str, rows: str, several: bool) -> str:
    return f"some({name}, {rows})" if several else f"{name}[{rows}]"


def _weights(draft: Draft) -> tuple[list[str], list[str]]:
    """The lines that weigh each row by its class as well, or that give Keras the weight of each class."""
    wanted, dataset = draft.config.training.class_weight, draft.dataset
    if wanted is None:
        return [], []
    if wanted == "balanced":
        found = ["counts = np.bincount(y[train])"]
        if dataset.weights is not None:
            return [*found, "weights = weights * (len(train) / (len(counts) * counts))[y]"], []
        return [], [*found, "weights = {i: len(train) / (len(counts) * n) for i, n in enumerate(counts)}"]
    if dataset.weights is not None:
        each = ", ".join(repr(wanted.get(name, 1.0)) for name in dataset.classes)
        return [f"weights = weights * np.array([{each}])[y]"], []
    pairs = (f"{dataset.classes.index(name)}: {w!r}" for name, w in wanted.items())
    return [], [f"weights = {{{', '.join(pairs)}}}"]


def _stopping(draft: Draft, stopping: EarlyStopping) -> Expression:
    mode = direction(draft.config, stopping.monitor) if stopping.mode == "auto" else stopping.mode
    named = {"monitor": text(stopping.monitor), "mode": text(mode), "patience": str(stopping.patience)}
    for key, default in (("min_delta", 0.0), ("baseline", None), ("start_from_epoch", 0)):
        if getattr(stopping, key) != default:
            named[key] = repr(getattr(stopping, key))
    named["restore_best_weights"] = "True"
    return Call("keras.callbacks.EarlyStopping", (), named)
