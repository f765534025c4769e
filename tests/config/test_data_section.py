"""What the `data:` section may name: inputs, targets and tasks; mistakes are in `bad/`."""

import pytest
import yaml

from nntrain.config import load_config
from nntrain.config.dump import to_yaml
from nntrain.config.reuse.difference import differences

CSV = {"type": "csv", "path": "t.csv"}
NPZ = {"type": "npz", "path": "a.npz"}


def network(section):
    """A network with the inputs and outputs that the data have."""
    inputs, targets = list(section.get("inputs", ["features"])), list(section.get("targets", ["out"]))
    joined = [{"type": "Concatenate", "name": "all", "inputs": inputs}] if len(inputs) > 1 else []
    read = "all" if joined else inputs[0]
    ends = [{"type": "Dense", "units": 1, "name": name, "inputs": read} for name in targets]
    return {
        "model": {"layers": [*joined, *ends], "outputs": targets},
        "training": {"loss": dict.fromkeys(targets, "mse"), "epochs": 5},
    }


@pytest.fixture
def data(tmp_path):
    """The `data:` section as read; and as read again from the file that a run keeps."""

    def read(**section):
        file = tmp_path / "c.yaml"
        file.write_text(yaml.safe_dump({"data": section, **network(section)}))
        config = load_config(file)
        (tmp_path / "resolved.yaml").write_text(to_yaml(config))
        assert differences(load_config(tmp_path / "resolved.yaml"), config) == []
        return config.data

    return read


@pytest.mark.parametrize(
    ("target", "columns"),
    [("y", {"target": ("y",)}), (-1, {"target": (-1,)}), (["a", 3], {"target": ("a", 3)})],
)
def test_a_target_is_a_column_or_a_list_of_columns(data, target, columns):
    assert data(**CSV, target=target).target_columns == columns


def test_targets_are_columns_by_output(data):
    section = data(**CSV, targets={"kind": "species", "size": ["width", 2]})
    assert section.target_columns == {"kind": ("species",), "size": ("width", 2)}
    assert section.target is None


def test_inputs_are_columns_by_name(data):
    section = data(**CSV, target="y", inputs={"left": ["a", 0], "right-2.b": ["a"]})
    assert section.inputs == {"left": ("a", 0), "right-2.b": ("a",)}


def test_reconstruction_needs_no_target(data):
    assert data(**CSV, task="reconstruction").target_columns == {}
    assert data(**CSV, task="reconstruction", inputs={"measures": ["a", "b"]}).target is None
    section = data(**NPZ, task="reconstruction", x_test="xt")
    assert (section.target_arrays, section.split.test) == ({}, None)
    assert data(type="keras", name="mnist", task="reconstruction").task == "reconstruction"


def test_arrays_have_names_or_are_x_and_y(data):
    section = data(**NPZ)
    assert (section.input_arrays, section.target_arrays) == ({"features": "x"}, {"target": "y"})
    section = data(**NPZ, inputs={"image": "im", "age": "ages"})
    assert (section.input_arrays, section.x) == ({"image": "im", "age": "ages"}, None)
    assert section.target_arrays == {"target": "y"}
    section = data(**NPZ, x="im", targets={"kind": "kinds", "box": "boxes"})
    assert (section.target_arrays, section.y) == ({"kind": "kinds", "box": "boxes"}, None)
    assert section.input_arrays == {"features": "im"}


def test_a_set_with_named_columns_may_be_divided(data):
    section = data(
        type="sklearn",
        name="iris",
        inputs={"sepal": ["sepal length (cm)"]},
        targets={"species": "target", "width": "petal width (cm)"},
    )
    assert section.targets == {"species": "target", "width": "petal width (cm)"}


def test_labels_are_generated_as_told(data):
    section = data(type="sklearn", name="make_multilabel_classification", n_labels=3, n_classes=6)
    assert section.generator_arguments == {"n_classes": 6, "n_labels": 3}
