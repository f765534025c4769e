import pytest

CONFIG = """\
name: blobs
seed: 3
data: {type: csv, path: rows.csv, target: y, preprocess: {numeric: {scale: standard}}}
model:
  layers:
    - {type: Dense, units: 8, activation: relu}
    - {type: Dense, units: 3, activation: softmax}
training: {loss: sparse_categorical_crossentropy, optimizer: Adam, epochs: 3, batch_size: 16}
"""


def made(folder):
    """A run on `rows.csv` in a folder."""
    from sklearn.datasets import make_blobs

    from nntrain import fit, load_config

    x, y = make_blobs(n_samples=120, centers=3, random_state=0)
    rows = [f"{a!r},{b!r},{'abc'[label]}" for (a, b), label in zip(x.tolist(), y, strict=True)]
    (folder / "rows.csv").write_text("\n".join(["x0,x1,y", *rows]) + "\n")
    config = folder / "blobs.yaml"
    config.write_text(CONFIG)
    return fit(load_config(config), folder / "runs").path


@pytest.fixture(scope="session")
def table_run(tmp_path_factory):
    """Such a run, trained once; tests that change it copy it first."""
    return made(tmp_path_factory.mktemp("table"))
