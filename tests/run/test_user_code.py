"""The user's own classes and functions: run only when allowed, kept with the run, blamed by line."""

import json
import shutil
from types import SimpleNamespace

import pytest

from nntrain import evaluate, fit, load_config
from nntrain.errors import ArtefactError, ConfigError

PARTS = '''\
"""Parts of every kind."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="mine")
class Scale(layers.Layer):
    def __init__(self, start=1.0, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.start = start
        self.activation = keras.activations.get(activation)

    def build(self, shape):
        self.factor = self.add_weight(name="factor", shape=(), initializer=keras.initializers.Constant(self.start))

    def call(self, x):
        return self.activation(x * self.factor)

    def get_config(self):
        activation = keras.activations.serialize(self.activation)
        return {**super().get_config(), "start": self.start, "activation": activation}


@keras.saving.register_keras_serializable()
def snake(x):
    return x + ops.sin(x) ** 2


@keras.saving.register_keras_serializable()
def distance(truth, outputs):
    return ops.mean(ops.abs(truth - outputs), axis=-1)


@keras.saving.register_keras_serializable()
class Power(keras.losses.Loss):
    def __init__(self, power=2.0, **kwargs):
        super().__init__(**kwargs)
        self.power = power

    def call(self, truth, outputs):
        return ops.mean(ops.abs(truth - outputs) ** self.power, axis=-1)


@keras.saving.register_keras_serializable()
class Agreement(keras.metrics.Metric):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.same = self.add_weight(name="same", initializer="zeros")
        self.rows = self.add_weight(name="rows", initializer="zeros")

    def update_state(self, truth, outputs, sample_weight=None):
        same = ops.equal(ops.argmax(truth, -1), ops.argmax(outputs, -1))
        self.same.assign_add(ops.sum(ops.cast(same, "float32")))
        self.rows.assign_add(ops.cast(ops.shape(outputs)[0], "float32"))

    def result(self):
        return self.same / self.rows


@keras.saving.register_keras_serializable()
class Tiny(keras.initializers.Initializer):
    def __init__(self, size=0.01):
        self.size = size

    def __call__(self, shape, dtype=None):
        return keras.random.normal(shape, stddev=self.size, dtype=dtype, seed=1)

    def get_config(self):
        return {"size": self.size}


@keras.saving.register_keras_serializable()
class Halve(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.optimizer.learning_rate = float(self.model.optimizer.learning_rate) / 2

    def get_config(self):
        return {}
'''
CONFIG = """\
code: parts.py
data:
  {type: sklearn, name: make_blobs, n_samples: 90, centers: 3, split: {validation: 0.2, test: 0.2}}
model:
  layers:
    - {type: Dense, units: 8, activation: snake, kernel_initializer: {type: Tiny, size: 0.5}}
    - {type: Scale, start: 2, activation: snake}
    - {type: Dense, units: 3, activation: softmax}
training:
  loss: {type: Power, power: 2}
  optimizer: {type: Adam, learning_rate: 0.08}
  metrics: [accuracy, Agreement, distance, {type: Agreement, name: again}]
  early_stopping: {monitor: val_Agreement, mode: max}
  callbacks: [Halve]
  epochs: 2
"""


def written(folder, parts=PARTS, config=CONFIG):
    folder.mkdir(exist_ok=True)
    (folder / "parts.py").write_text(parts)
    (folder / "c.yaml").write_text(config)
    return folder / "c.yaml"


def text_of(error, call, *arguments, **options):
    with pytest.raises(error) as raised:
        call(*arguments, **options)
    return str(raised.value)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run whose original code is gone."""
    folder = tmp_path_factory.mktemp("own")
    config = load_config(written(folder))
    result = fit(config, folder / "runs", allow_code=True)
    (folder / "parts.py").unlink()
    return SimpleNamespace(path=result.path, result=result, folder=folder)


@pytest.fixture
def copied(trained, tmp_path):
    shutil.copytree(trained.path, tmp_path / "run")
    return tmp_path / "run"


def test_every_kind_of_part_takes_part(trained):
    row = trained.result.history[-1]
    assert set(row) >= {"accuracy", "Agreement", "distance", "again", "val_Agreement", "val_again"}
    assert row["Agreement"] == row["again"] == row["accuracy"]
    rates = [row["learning_rate"] for row in trained.result.history]
    assert rates == pytest.approx([0.04, 0.02]) or rates == pytest.approx([0.08, 0.04])


def test_a_run_is_scored_by_its_own_copy_of_the_code(trained):
    scored = evaluate(trained.path, allow_code=True)
    assert scored.scores.to_json() == trained.result.scores["test"].to_json()


def test_a_run_says_which_code_it_ran(trained):
    record = json.loads((trained.path / "run.json").read_text())
    assert record["code"]["file"] == str(trained.folder / "parts.py")
    assert record["code"]["sha256"] == record["sha256"]["code.py"]
    assert (trained.path / "code.py").read_text() == PARTS


def test_a_bare_model_is_scored_with_the_code_of_its_config(trained, tmp_path):
    config = load_config(written(tmp_path / "again"))
    scored = evaluate(trained.path / "model.keras", config=config, allow_code=True, trust_model=True)
    assert scored.scores.to_json() == trained.result.scores["test"].to_json()


def test_the_config_of_a_run_is_a_config_by_itself(nntrain, copied):
    resolved = copied / "resolved.yaml"
    assert "code: code.py\n" in resolved.read_text()
    assert nntrain("check", resolved).out == f"{resolved}: ok\n"
    done = nntrain("check", resolved, "--build", "--allow-code")
    assert (done.code, done.err) == (0, "")


def test_a_changed_copy_is_refused(copied):
    (copied / "code.py").write_text(PARTS + "# changed\n")
    text = text_of(ArtefactError, evaluate, copied, allow_code=True)
    assert text.startswith(f"{copied}/code.py: the file was changed after the run: its SHA-256 is ")


def test_a_missing_copy_is_refused(copied):
    (copied / "code.py").unlink()
    text = text_of(ArtefactError, evaluate, copied, allow_code=True)
    assert (
        text
        == f"{copied}/code.py: the file is missing from the run; bring back what was written, or train again"
    )


def test_code_does_not_run_unless_it_is_allowed(tmp_path, monkeypatch):
    config = load_config(written(tmp_path, PARTS + "raise RuntimeError('it ran')\n"))
    assert text_of(ConfigError, fit, config, tmp_path / "runs") == (
        f"{tmp_path}/c.yaml: 1 problem\n\n"
        "1:7 code: parts.py is Python code and would run with your rights; read it, then add --allow-code\n"
        "   1 | code: parts.py\n"
        "             ^"
    )
    assert list((tmp_path / "runs").iterdir()) == []


def test_the_code_of_a_run_does_not_run_unless_it_is_allowed(trained):
    text = text_of(ConfigError, evaluate, trained.path)
    assert f"code: {trained.path}/code.py is Python code and would run with your rights" in text


def test_code_that_fails_is_explained_with_its_line(tmp_path):
    config = load_config(written(tmp_path, PARTS + "foo\n"))
    line = PARTS.count("\n") + 1
    assert text_of(ConfigError, fit, config, tmp_path / "runs", allow_code=True) == (
        f"parts.py: 1 problem\n\n{line} NameError: name 'foo' is not defined\n{line:>4} | foo"
    )


def test_code_that_leaves_is_explained(tmp_path):
    config = load_config(written(tmp_path, PARTS + "raise SystemExit(3)\n"))
    text = text_of(ConfigError, fit, config, tmp_path / "runs", allow_code=True)
    assert f"{PARTS.count(chr(10)) + 1} SystemExit: 3" in text


def test_a_stop_while_code_runs_is_a_stop(tmp_path):
    config = load_config(written(tmp_path, PARTS + "raise KeyboardInterrupt\n"))
    with pytest.raises(KeyboardInterrupt):
        fit(config, tmp_path / "runs", allow_code=True)


def test_what_is_registered_only_elsewhere_is_missed(tmp_path):
    parts = PARTS.replace("@keras.saving.register_keras_serializable()\ndef snake", "def snake")
    parts += "\nif not keras:\n    @keras.saving.register_keras_serializable()\n    def snake(x):\n        return x\n"
    config = load_config(written(tmp_path, parts))
    text = text_of(ConfigError, fit, config, tmp_path / "runs", allow_code=True)
    assert "'snake' is not registered when the file runs" in text


def own_layer(tmp_path, body, line="{type: Own}", training="{loss: mse, epochs: 1}"):
    """Train a layer whose methods are `body`; the code has five lines before them."""
    code = "import keras\n\n\n@keras.saving.register_keras_serializable()\nclass Own(keras.layers.Layer):\n"
    config = (
        "code: parts.py\ndata: {type: sklearn, name: make_blobs, n_samples: 30, centers: 3}\n"
        f"model:\n  layers:\n    - {line}\n    - {{type: Dense, units: 3, activation: softmax}}\n"
        f"training: {training}\n"
    )
    return fit(load_config(written(tmp_path, code + body, config)), tmp_path / "runs", allow_code=True)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "  def call(self, x):\n    return x + missing\n",
            "Own fails on (None, 2): parts.py line 7, in Own.call: NameError: name 'missing' is not defined",
        ),
        (
            "  def build(self, shape):\n    self.add_wait()\n\n  def call(self, x):\n    return x\n",
            "Own fails on (None, 2): parts.py line 7, in Own.build: "
            "AttributeError: 'Own' object has no attribute 'add_wait'",
        ),
        (
            "  def __init__(self, **kwargs):\n    super().__init__(**kwargs)\n    assert 1 > 2, 'no\\nway'\n",
            "Own fails: parts.py line 8, in Own.__init__: AssertionError: no way",
        ),
        (
            "  def call(self, x):\n    return x\n\n  def get_config(self):\n    return 1 / 0\n",
            "Own fails: parts.py line 10, in Own.get_config: ZeroDivisionError: division by zero",
        ),
    ],
)
def test_a_layer_that_fails_is_named_with_both_lines(tmp_path, body, said):
    text = text_of(ConfigError, own_layer, tmp_path, body)
    assert text == (
        f"{tmp_path}/c.yaml: 1 problem\n\n5:7 model.layers[0]: {said}\n   5 |     - {{type: Own}}\n             ^"
    )


def test_code_that_fails_in_training_is_named_and_recorded(tmp_path):
    body = "  def call(self, x, training=False):\n    return x.nope if training else x\n"
    text = text_of(ConfigError, own_layer, tmp_path, body)
    assert text.startswith("parts.py line 7, in Own.call: AttributeError: ")
    (record,) = (tmp_path / "runs").glob("*/*/run.json")
    content = json.loads(record.read_text())
    assert (content["status"], content["failure"]) == ("failed", {"exit": 3, "message": text})


def test_an_operation_that_fails_in_the_graph_is_named(tmp_path):
    code = "import keras\n@keras.saving.register_keras_serializable()\ndef right(y, p):\n"
    code += "    return keras.ops.reshape(y, (-1, 7)) == 0\n"
    config = "code: parts.py\ndata: {type: sklearn, name: iris}\nmodel: {layers: [{type: Dense, units: 3, "
    config += "activation: softmax}]}\ntraining: {loss: sparse_categorical_crossentropy, metrics: [right], epochs: 1}\n"
    loaded = load_config(written(tmp_path, code, config))
    text = text_of(ConfigError, fit, loaded, tmp_path / "runs", allow_code=True)
    reason = "ValueError: Dimension size must be evenly divisible by 7 but is 32 for"
    assert text.startswith(f"parts.py line 4, in right: {reason}")


def test_a_class_of_another_kind_is_refused_once_it_is_known(tmp_path):
    code = "import keras\nfrom keras.losses import Loss as Base\nBase = type('Base', (Base,), {})\n"
    body = code + "class Between(globals()['Base']):\n    pass\n"
    body += "@keras.saving.register_keras_serializable()\nclass Own(Between):\n    pass\n"
    config = "code: parts.py\ndata: {type: sklearn, name: iris}\nmodel: {layers: [Own]}\n"
    config += "training: {loss: mse, epochs: 1}\n"
    loaded = load_config(written(tmp_path, body, config))
    text = text_of(ConfigError, fit, loaded, tmp_path / "runs", allow_code=True)
    assert "model.layers[0]: 'Own' is no layer: it does not derive from keras.layers.Layer" in text


def test_the_newest_code_of_a_process_wins(tmp_path):
    first = "  def call(self, x):\n    return x\n"
    own_layer(tmp_path / "a", first)
    text = text_of(
        ConfigError, own_layer, tmp_path / "b", first.replace("return x", "raise OSError('second')")
    )
    assert "parts.py line 7, in Own.call: OSError: second" in text


def test_code_is_not_blamed_for_what_it_did_not_raise():
    from nntrain.model.user_code import blamed_on_code

    with pytest.raises(ZeroDivisionError), blamed_on_code():
        1 / 0  # noqa: B018


def test_the_flag_lets_code_run_on_the_command_line(forked, trained, tmp_path):
    done = forked("evaluate", trained.path, "--allow-code", "--json")
    assert json.loads(done.out)["ok"] is True
    refused = forked("fit", written(tmp_path), "--runs-dir", tmp_path / "runs")
    assert (refused.code, refused.out) == (3, "")
    assert "code: parts.py is Python code" in refused.err
    assert forked("check", tmp_path / "c.yaml").code == 0
