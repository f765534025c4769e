"""A file of the user's own classes is known by name and argument, and never run."""

from pathlib import Path

import pytest

from nntrain.config import load_config
from nntrain.config.network.outputs import outputs_of
from nntrain.config.vocabulary.losses import facts, log_name
from nntrain.config.vocabulary.user_code import read_code
from nntrain.errors import ConfigError

CONFIG = """\
code: parts.py
data: {type: sklearn, name: iris}
model:
  layers:
    - {type: Dense, units: 3, activation: softmax}
training:
  loss: sparse_categorical_crossentropy
  epochs: 1
"""
HEAD = "import keras\n\n@keras.saving.register_keras_serializable()\n"


@pytest.fixture
def load(tmp_path):
    """Load the small config with some code beside it."""

    def load_with(code, *overrides):
        (tmp_path / "parts.py").write_bytes(code if isinstance(code, bytes) else code.encode())
        (tmp_path / "c.yaml").write_text(CONFIG)
        return load_config(tmp_path / "c.yaml", overrides)

    return load_with


def parts(text):
    return read_code(text.encode(), Path("/parts.py"), "parts.py").parts


def message(load, code, *overrides):
    with pytest.raises(ConfigError) as caught:
        load(code, *overrides)
    return caught.value.problems[0].message


def test_reading_runs_nothing(load, tmp_path):
    config = load(HEAD + "def mine(x):\n    return x\n\nopen('ran', 'w')\nraise SystemExit(3)\n")
    assert list(config.user_code.parts) == ["mine"]
    assert not Path("ran").exists()


def test_a_config_without_code_has_none(tmp_path):
    (tmp_path / "c.yaml").write_text(CONFIG)
    assert load_config(tmp_path / "c.yaml", ["~code"]).user_code is None


def test_the_command_line_can_name_the_code(tmp_path):
    (tmp_path / "c.yaml").write_text(CONFIG.replace("code: parts.py\n", ""))
    (tmp_path / "other.py").write_text(HEAD + "def mine(x):\n    return x\n")
    config = load_config(tmp_path / "c.yaml", ["code=other.py", "model.layers.0.activation=mine"])
    assert config.model.layers[0].object.arguments["activation"].registered == "Custom>mine"


def test_a_path_is_relative_to_the_config_unless_code_stands_in(load, tmp_path):
    load(HEAD + "def mine(x):\n    return x\n")
    other = tmp_path / "copy.py"
    other.write_text(HEAD + "def yours(x):\n    return x\n")
    config = load_config(tmp_path / "c.yaml", code=other)
    assert (list(config.user_code.parts), config.user_code.file) == (["yours"], other)


@pytest.mark.parametrize(
    "decorated",
    [
        "import keras\n@keras.saving.register_keras_serializable()",
        "import keras\n@keras.utils.register_keras_serializable('Custom', None)",
        "from tensorflow import keras\n@keras.utils.register_keras_serializable(package='Custom')",
        "import tensorflow as tf\n@tf.keras.saving.register_keras_serializable()",
        "from keras.saving import register_keras_serializable\n@register_keras_serializable()",
        "from keras.utils import register_keras_serializable as own\n@own(name='mine')",
        "from functools import cache\nimport keras\n@cache\n@keras.saving.register_keras_serializable()",
    ],
)
def test_every_spelling_of_the_decorator_is_known(decorated):
    (part,) = parts(f"{decorated}\ndef mine(x): return x\n").values()
    assert (part.name, part.key) == ("mine", "Custom>mine")


@pytest.mark.parametrize(
    ("base", "kinds", "keras_base"),
    [
        ("keras.layers.Layer", ("layers",), "Layer"),
        ("keras.Layer", ("layers",), "Layer"),
        ("keras.Model", ("layers",), "Model"),
        ("L.Dense", ("layers",), "Dense"),
        ("tf.keras.losses.Huber", ("losses",), "Huber"),
        ("keras.optimizers.schedules.LearningRateSchedule", ("schedules",), "LearningRateSchedule"),
        ("keras.callbacks.EarlyStopping", ("callbacks",), "EarlyStopping"),
        ("Mixin, Between", ("metrics",), "AUC"),
        ("object", (), None),
        ("typing.Generic[T]", (), None),
        ("somewhere.Else", None, None),
        ("Unknown, keras.constraints.Constraint", ("constraints",), "Constraint"),
        ("keras.layers.NoSuchLayer", None, None),
        ("make_base()", None, None),
    ],
)
def test_the_base_decides_what_a_class_is(base, kinds, keras_base):
    text = (
        "import keras, typing\nimport tensorflow as tf\nfrom keras import layers as L\n"
        "class Mixin: pass\nclass Far(keras.metrics.AUC): pass\nclass Between(Far): pass\n"
        f"@keras.saving.register_keras_serializable()\nclass Mine({base}):\n  def get_config(self): ...\n"
    )
    part = parts(text)["Mine"]
    assert (part.kinds, part.base) == (kinds, keras_base)


@pytest.mark.parametrize(
    ("body", "arguments", "takes_more"),
    [
        ("pass", {"units", "activation", "name", "trainable"}, False),
        ("def __init__(self, size): ...", {"size"}, False),
        ("def __init__(self, size=2, *, deep=None, **kwargs): ...", {"size", "deep", "units", "name"}, False),
        ("def __init__(self, **kwargs): super().__init__(units=3, **kwargs)", {"name", "use_bias"}, False),
        ("def __init__(self, **k):\n    a = k.pop('a', 1)\n    super().__init__(**k)", {"a", "units"}, False),
    ],
)
def test_arguments_are_those_of_the_constructor_and_through_kwargs_of_its_bases(body, arguments, takes_more):
    part = parts(HEAD + f"class Mine(keras.layers.Dense):\n  {body}\n")["Mine"]
    assert arguments <= set(part.arguments)
    assert ("units" in part.arguments) == ("units" in arguments)
    assert part.takes_more is takes_more


def test_a_base_that_is_not_known_may_take_anything(load):
    code = "import keras\nfrom elsewhere import Base\n@keras.saving.register_keras_serializable()\n"
    code += "class Mine(Base): pass\n"
    config = load(code, "model.layers=[{type: Mine, size: [1, 2]}, {type: Softmax}]")
    assert config.model.layers[0].object.arguments == {"size": [1, 2]}


def test_defaults_are_read_where_they_are_written_out():
    text = "class Mine(keras.layers.Layer):\n  def __init__(self, a, b=2, c='x', d=[1], e=BASE * 2): ...\n"
    found = parts(HEAD + text)["Mine"].arguments
    assert found["a"].required
    assert [found[name].default for name in "bcde"] == [2, "x", [1], "BASE * 2"]
    assert [found[name].type for name in "bcde"] == ["int", "str", "list", "str"]


def test_an_argument_may_name_an_object_where_its_name_and_default_say_so(load):
    code = HEAD + "class Mine(keras.layers.Layer):\n"
    code += "  def __init__(self, activation=None, use_activation=True, my_initializer='zeros'): ...\n"
    found = parts(code)["Mine"].arguments
    assert [found[name].kind for name in found] == ["activations", None, "initializers"]
    layers = "model.layers=[{type: Mine, activation: reluu}, {type: Dense, units: 3}]"
    assert message(load, code, layers) == "Keras has no activation named 'reluu' (did you mean 'relu'?)"


def test_a_value_of_the_users_own_argument_is_not_judged_by_keras(load):
    code = HEAD + "class Mine(keras.layers.Layer):\n  def __init__(self, rate, units='many'): ...\n"
    config = load(
        code, "model.layers=[{type: Mine, rate: 7, units: -1}, {type: Dense, units: 3, activation: softmax}]"
    )
    assert config.model.layers[0].object.arguments == {"rate": 7, "units": -1}


def test_a_part_is_written_back_as_it_was(load):
    config = load(HEAD + "def mine(x): return x\n", "training.loss=mine", "training.metrics=[mine]")
    plain = config.plain()
    assert (plain["code"], plain["training"]["loss"], plain["training"]["metrics"]) == (
        "parts.py",
        "mine",
        ["mine"],
    )


def test_the_last_activation_is_not_guessed_behind_own_code(load):
    code = HEAD + "def mine(x): return x\n"
    config = load(code, "model.layers.0.activation=mine")
    assert outputs_of(config)[0].last is None
    code = HEAD + "class Mine(keras.layers.Layer):\n  def __init__(self, units): ...\n"
    config = load(code, "model.layers=[{type: Mine, units: 7}, {type: Softmax}]")
    assert outputs_of(config)[0].last is None


def test_a_loss_takes_the_labels_of_the_loss_that_it_derives_from(load):
    code = HEAD + "class Mine(keras.losses.SparseCategoricalCrossentropy): pass\n"
    assert facts(load(code, "training.loss=Mine").training.loss).labels == "index"
    assert facts(load(HEAD + "def mine(y, p): ...\n", "training.loss=mine").training.loss).labels == "any"


def test_a_metric_is_reported_by_the_name_that_the_config_uses(load):
    code = HEAD + "class MyRate(keras.metrics.Mean):\n  def __init__(self, name='x', size=1): ...\n"
    code += "@keras.saving.register_keras_serializable()\ndef mine(y, p): ...\n"
    metrics = "training.metrics=[MyRate, mine, {type: MyRate, size: 2}, {type: MyRate, name: z}]"
    names = [log_name(metric) for metric in load(code, metrics).training.metrics]
    assert names == ["MyRate", "mine", "my_rate", "z"]


def test_code_that_is_no_text_is_explained(load, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (HEAD + "def größe(x): ...\n").encode("latin-1")
    assert message(load, text) == "not UTF-8 at byte 64 (0xf6); save the file as UTF-8"


def test_code_that_is_too_large_is_refused(load):
    expected = "'parts.py' is larger than 1 MiB; it should hold Keras classes and functions alone"
    assert message(load, b"#" * (1024 * 1024 + 1)) == expected


def test_code_that_is_nested_too_deeply_is_refused(load):
    assert message(load, "x = " + "(" * 5000 + ")" * 5000).startswith("Python can't read this")


def test_bases_that_lead_in_a_circle_end():
    text = "class A(B): pass\n" + HEAD.partition("\n\n")[2] + "class B(A): pass\n"
    assert parts("import keras\n" + text)["B"].kinds is None


def test_definitions_under_a_condition_are_found():
    text = "import keras\ntry:\n  import x\nexcept ImportError:\n"
    text += "  @keras.saving.register_keras_serializable()\n  def mine(x): ...\n"
    assert list(parts(text)) == ["mine"]
