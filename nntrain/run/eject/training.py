"""The part of the script that trains the network and scores it."""

from __future__ import annotations

from collections.abc import Mapping

from nntrain.config.checks.monitors import direction
from nntrain.config.network.outputs import NetworkOutput
from nntrain.config.schema import Config
from nntrain.config.training import EarlyStopping
from nntrain.data.dataset import Dataset
from nntrain.model.targets import Encoding, output_kind
from nntrain.run.eject.code import Call, Expression, keras_object, lines, listed, text

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


def encoding_lines(how: Encoding, classes: int) -> list[str]:
    """The lines that give `targets`, as the loss takes them."""
    made = {
        "index": 'y.astype("int32")',
        "one_hot": f'np.eye({classes}, dtype="float32")[y]',
        "column": 'y.astype("float32").reshape(-1, 1)',
        "as_is": "x",
    }[how]
    return [f"targets = {made}"]


def compiling(config: Config, output: NetworkOutput) -> list[str]:
    """The lines that compile `model`."""
    named: dict[str, Expression] = {
        "loss": keras_object(output.loss),
        "optimizer": keras_object(config.training.optimizer),
    }
    if output.metrics:
        named["metrics"] = listed([keras_object(spec) for _, spec in output.metrics])
    return lines("", Call("model.compile", (), named))


def fitting(config: Config, dataset: Dataset) -> list[str]:
    """The lines that train."""
    training, found = config.training, []
    named: dict[str, Expression] = {}
    if training.shuffle:
        given: list[Expression] = [Call("batches", ["x[train]", "targets[train]"])]
        named["steps_per_epoch"] = "-(-len(train) // BATCH_SIZE)"
    else:
        given = ["x[train]", "targets[train]"]
        named["batch_size"] = "BATCH_SIZE"
    named |= {"shuffle": "False", "epochs": "EPOCHS"}
    if dataset.validation is not None:
        named["validation_data"] = "(x[validation], targets[validation])"
        named["validation_batch_size"] = "256"
    if training.class_weight == "balanced":
        found.append("counts = np.bincount(y[train])")
        found += ["weights = {i: len(train) / (len(counts) * n) for i, n in enumerate(counts)}"]
    elif isinstance(training.class_weight, Mapping):
        pairs = (f"{dataset.classes.index(name)}: {w!r}" for name, w in training.class_weight.items())
        found.append(f"weights = {{{', '.join(pairs)}}}")
    if training.class_weight is not None:
        named["class_weight"] = "weights"
    callbacks = [keras_object(spec) for spec in training.callbacks]
    if training.early_stopping:
        callbacks.append(_stopping(config, training.early_stopping))
    if callbacks:
        found += lines("callbacks = ", listed(callbacks))
        named["callbacks"] = "callbacks"
    named["verbose"] = "2"
    return [*found, *lines("", Call("model.fit", given, named))]


def _stopping(config: Config, stopping: EarlyStopping) -> Expression:
    mode = direction(config, stopping.monitor) if stopping.mode == "auto" else stopping.mode
    named = {"monitor": text(stopping.monitor), "mode": text(mode), "patience": str(stopping.patience)}
    for key, default in (("min_delta", 0.0), ("baseline", None), ("start_from_epoch", 0)):
        if getattr(stopping, key) != default:
            named[key] = repr(getattr(stopping, key))
    named["restore_best_weights"] = "True"
    return Call("keras.callbacks.EarlyStopping", (), named)


def scoring(config: Config, dataset: Dataset, output: NetworkOutput, units: int) -> tuple[list[str], str]:
    """The lines that print the scores of the held-out rows, and what they need of scikit-learn."""
    split = (
        "test" if dataset.test is not None else "validation" if dataset.validation is not None else "train"
    )
    own_test = config.data.type == "keras"
    x, y = ("x_test", "y_test") if own_test else (f"x[{split}]", f"y[{split}]")
    found = [f"outputs = model.predict({x}, batch_size=256, verbose=0)"]
    task = dataset.target.task
    if task == "reconstruction":
        found += [
            f'print(f"MSE {{np.mean((outputs - {x}) ** 2):.4f}}")',
            f'print(f"MAE {{np.mean(np.abs(outputs - {x})):.4f}}")',
        ]
        return found, ""
    if task == "regression":
        found += [
            f"errors = outputs[:, 0] - {y}",
            'print(f"MAE {np.abs(errors).mean():.4f}")',
            'print(f"RMSE {np.sqrt((errors**2).mean()):.4f}")',
            f'print(f"R2 {{1 - (errors**2).sum() / (({y} - {y}.mean()) ** 2).sum():.4f}}")',
        ]
        return found, ""
    found.append(f"predicted = {_decided(config, output, units)}")
    found.append(f'print(f"accuracy {{np.mean(predicted == {y}):.4f}}")')
    report = Call(
        "classification_report",
        [y, "predicted"],
        {"labels": "range(len(classes))", "target_names": "classes", "digits": "4", "zero_division": "0"},
    )
    found += lines("report = ", report)
    found.append("print(report)")
    return found, "from sklearn.metrics import classification_report"


def _decided(config: Config, output: NetworkOutput, units: int) -> str:
    if units > 1:
        return "outputs.argmax(axis=1)"
    kind, boundary = output_kind(output)
    threshold = config.evaluation.threshold
    assert isinstance(threshold, float)
    if kind == "sigmoid":
        cut = repr(threshold)
    elif kind == "sigmoid_logits":
        cut = "0" if threshold == 0.5 else f"np.log({threshold!r} / (1 - {threshold!r}))"
    else:
        cut = repr(boundary)
    return f"(outputs[:, 0] > {cut}).astype(int)"
