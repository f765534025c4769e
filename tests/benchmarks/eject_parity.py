"""Do ejected scripts score as nntrain does? Trains every config of configs/ both ways: some minutes on two cores.

Run with `python -m tests.benchmarks.eject_parity [--epochs N] [CONFIG ...]`, in a folder from which the script finds
the data. Prints a line a config: the scores of the script and the largest difference from the run's, both as four
digits behind the point show them. MNIST is read from `$NNTRAIN_DATA_HOME` by both, and what takes minutes runs only by
name.

Rows are shuffled and weights drawn as nntrain does it, so what differs is rounding: nntrain's own engine compiles the
steps otherwise than `model.fit` does, and adds in another order.
"""

import argparse
import contextlib
import io
import json
import os
import re
import tempfile
from pathlib import Path

import keras
import numpy as np

from nntrain import fit, load_config
from nntrain.errors import NntrainError
from nntrain.run.eject.eject import eject

CONFIGS = Path(__file__).parents[2] / "configs"
KEYS = {"accuracy": "accuracy", "MAE": "mae", "RMSE": "rmse", "R2": "r2", "MSE": "mse", "box IoU": "box_iou"}
"""What scripts print, and what metrics.json calls it."""
PRINTED = re.compile(r"^(?:(\S+) )?(accuracy|MAE|RMSE|R2|MSE|box IoU) (-?[\d.]+)$", re.MULTILINE)


def difference(config, folder, epochs=None):
    """The scores that a script prints, and the largest difference from those of a run."""
    run = fit(load_config(config, [f"training.epochs={epochs}"] if epochs else []), folder / "runs")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(eject(str(run.path)), "train.py", "exec"), {})  # what a user would do with it
    found = {(output, name): float(value) for output, name, value in PRINTED.findall(printed.getvalue())}
    splits = json.loads((run.path / "metrics.json").read_text())["splits"]
    scores = splits.get("test") or splits.get("validation") or splits["training"]
    away = {}
    for (output, name), value in found.items():
        own = scores["outputs"][output] if output else scores
        away[output, name] = abs(value - round(own[KEYS[name]], 4)) / max(1, abs(value))
    return found, max(away.values())


def mnist_at_hand():
    """What `keras.datasets.mnist.load_data` gives, without its download."""
    with np.load(Path(os.environ["NNTRAIN_DATA_HOME"], "mnist.npz")) as arrays:
        return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def main():
    """Compare the configs that are named, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("configs", nargs="*", type=Path)
    parser.add_argument("--epochs", type=int)
    given = parser.parse_args()
    if "NNTRAIN_DATA_HOME" in os.environ:
        keras.datasets.mnist.load_data = mnist_at_hand
    named = [path for path in sorted(CONFIGS.rglob("*.yaml")) if "name: mnist\n" not in path.read_text()]
    for config in given.configs or named:
        with tempfile.TemporaryDirectory() as folder:
            try:
                printed, away = difference(config.resolve(), Path(folder), given.epochs)
            except NntrainError as error:
                print(f"{config.stem}: {error.problems[0].message}", flush=True)
                continue
        told = ", ".join(f"{output} {name} {value}".strip() for (output, name), value in printed.items())
        print(f"{config.stem}: {told}; largest difference {away:.1e}", flush=True)


if __name__ == "__main__":
    main()
