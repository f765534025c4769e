"""Do ejected scripts score as nntrain does? Trains every config of configs/ both ways: some minutes on two cores.

Run with `python -m tests.benchmarks.eject_parity [CONFIG ...]`. Prints a line a config: the scores of the script
and the largest difference from the run's.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from nntrain import fit, load_config
from nntrain.errors import ConfigError
from nntrain.run.eject.eject import eject

CONFIGS = Path(__file__).parents[2] / "configs"
LONG = {"mnist_cnn", "mnist_mlp"}
"""They train for minutes, and the script downloads the set."""
KEYS = {"accuracy": "accuracy", "MAE": "mae", "RMSE": "rmse", "R2": "r2", "MSE": "mse"}
"""What scripts print, and what metrics.json calls it."""


def difference(config, folder):
    """The scores that a script prints, and the largest difference from those of a run."""
    (folder / "train.py").write_text(eject(str(config)))
    done = subprocess.run([sys.executable, folder / "train.py"], capture_output=True, text=True, check=True)
    printed = {
        name: float(value) for name, value in re.findall(r"^(\w+) (-?[\d.]+)$", done.stdout, re.MULTILINE)
    }
    run = fit(load_config(config), folder / "runs")
    splits = json.loads((run.path / "metrics.json").read_text())["splits"]
    scores = splits.get("test") or splits.get("validation") or splits["training"]
    away = {name: abs(value - scores[KEYS[name]]) / max(1, abs(value)) for name, value in printed.items()}
    return printed, max(away.values())


def main():
    """Compare the configs that are named, or all."""
    wanted = [Path(name) for name in sys.argv[1:]] or sorted(CONFIGS.glob("*.yaml"))
    for config in wanted:
        if config.stem in LONG:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                printed, away = difference(config.resolve(), Path(folder))
            except ConfigError as error:
                print(
                    f"{config.stem}: stays with nntrain: {error.problems[0].message.split(' for ')[1].split(', so')[0]}"
                )
                continue
        told = ", ".join(f"{name} {value}" for name, value in printed.items())
        print(f"{config.stem}: {told}; largest difference {away:.1e}", flush=True)


if __name__ == "__main__":
    main()
