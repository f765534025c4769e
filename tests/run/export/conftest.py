from types import SimpleNamespace

import numpy as np
import pytest

MIXED = """\
name: mixed
seed: 3
data:
  type: csv
  path: rows.csv
  target: price
  task: regression
  split: {validation: 0.2, test: 0.25}
  preprocess:
    numeric: {impute: median, flag_missing: true, scale: standard}
    categorical: {impute: most_frequent, flag_missing: true, unknown: zeros}
    columns:
      size: {clip: [0, 150], scale: robust}
      far-off: {log: true}
      grade: {encode: ordinal, unknown: own}
model:
  layers:
    - {type: Dense, units: 8, activation: relu}
    - {type: Dense, units: 1}
training: {loss: mean_squared_error, optimizer: Adam, epochs: 2, batch_size: 16}
"""
DEEP = """\
name: deep
seed: 3
data: {type: sklearn, name: make_blobs, n_samples: 120, centers: 3, split: {validation: 0.2, test: 0.25}}
model:
  layers:
    - {type: Reshape, target_shape: [1, 2, 1]}
    - {type: RandomBrightness, factor: 0.1}
    - {type: ElasticDeformation, sigma: 1, alpha: 1}
    - {type: Reshape, target_shape: [2, 1]}
    - {type: SimpleRNN, units: 3}
    - {type: Dense, units: 3, activation: softmax}
training: {loss: sparse_categorical_crossentropy, optimizer: Adam, epochs: 1, batch_size: 32}
"""
RESIZED = DEEP.replace("deep", "resized").replace(
    """\
    - {type: RandomBrightness, factor: 0.1}
    - {type: ElasticDeformation, sigma: 1, alpha: 1}
    - {type: Reshape, target_shape: [2, 1]}
    - {type: SimpleRNN, units: 3}
""",
    """\
    - {type: Resizing, height: 2, width: 4, interpolation: lanczos3}
    - {type: Flatten}
""",
)


def trained(folder, text):
    """A run of a config that stands in a folder."""
    from nntrain import fit, load_config

    config = folder / "config.yaml"
    config.write_text(text)
    return fit(load_config(config), folder / "runs").path


@pytest.fixture(scope="session")
def mixed_run(tmp_path_factory):
    """A run on numbers and texts, with gaps in all of them; its folder has the rows."""
    folder = tmp_path_factory.mktemp("mixed")
    random = np.random.default_rng(0)
    lines = ["size,year,far-off,colour,grade,price"]
    for _ in range(120):
        size, year, far = random.normal(100, 40), random.integers(1900, 2020), random.exponential(3)
        row = [
            f"{size:.1f}",
            str(year),
            f"{far:.2f}",
            *random.choice(["red", "blue", "green"], 1),
            *random.choice(["A", "B", "C"], 1),
        ]
        row = ["" if random.random() < 0.15 else cell for cell in row]
        lines.append(",".join([*row, f"{size / 10 + random.normal():.2f}"]))
    (folder / "rows.csv").write_text("\n".join(lines) + "\n")
    return SimpleNamespace(path=trained(folder, MIXED), rows=folder / "rows.csv")


@pytest.fixture(scope="session")
def deep_run(tmp_path_factory):
    """A run whose network has a loop over time, and layers that only training needs."""
    return trained(tmp_path_factory.mktemp("deep"), DEEP)


@pytest.fixture(scope="session")
def resized_run(tmp_path_factory):
    """A run whose network has an operation that few formats have."""
    return trained(tmp_path_factory.mktemp("resized"), RESIZED)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Exports go to the test's folder."""
    monkeypatch.chdir(tmp_path)
