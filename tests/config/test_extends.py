"""`extends:`: files laid over one another, and where each value then comes from."""

from pathlib import Path

import pytest

from nntrain.config import load_config
from nntrain.config.reuse.paths import relocated
from nntrain.config.text.source import Source, argument_source, located
from nntrain.errors import ConfigError, MachineError

BASE = """\
name: base
seed: 3
data:
  type: csv
  path: pima.csv
  target: diabetes
  drop: [a, b]
model:
  layers:
    - {type: Dense, units: 12, activation: relu}
    - {type: Dense, units: 1, activation: sigmoid}
training:
  loss: binary_crossentropy
  optimizer: adam
  metrics: [accuracy, AUC]
  epochs: 5
  early_stopping: {patience: 2, monitor: loss}
"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Load `child.yaml`, which extends `base.yaml`, with some text after that line."""
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(BASE)

    def read(text, *arguments, extends="base.yaml", base=BASE):
        Path("base.yaml").write_text(base)
        Path("child.yaml").write_text(f"extends: {extends}\n{text}")
        return load_config("child.yaml", arguments)

    return read


def test_mappings_merge_and_lists_replace(load):
    config = load("data: {drop: [c]}\ntraining: {epochs: 7, metrics: [Precision]}\n")
    assert config.data.drop == ("c",)
    assert config.data.target == "diabetes"
    assert [metric.type for metric in config.training.metrics] == ["Precision"]
    assert (config.training.epochs, config.training.loss.type) == (7, "binary_crossentropy")
    assert len(config.model.layers) == 2


def test_a_config_may_add_nothing(load):
    assert load("").plain() == load_config("base.yaml").plain()


def test_a_pattern_of_layers_that_is_given_again_is_the_latest(load):
    base = BASE.replace("  layers:", "  trainable: {dense: true, 'dense*': false}\n  layers:")
    assert list(load("", base=base).model.trainable.items()) == [("dense", True), ("dense*", False)]
    for again in (load("model: {trainable: {dense: true}}", base=base),
                  load("", "model.trainable.dense=true", base=base)):  # fmt: skip
        assert list(again.model.trainable.items()) == [("dense*", False), ("dense", True)]


def test_null_replaces_what_the_base_says(load):
    assert load("training: {early_stopping: null}\n").training.early_stopping is None


def test_a_mapping_of_another_type_replaces_the_whole(load):
    config = load("data: {type: npz, path: digits.npz}\n")
    assert (config.data.type, config.data.path) == ("npz", "digits.npz")
    with pytest.raises(AttributeError):
        _ = config.data.target


@pytest.mark.parametrize(
    ("base", "child", "optimizer"),
    [
        ("adam", "{learning_rate: 0.1}", {"type": "adam", "learning_rate": 0.1}),
        (
            "{type: adam, beta_1: 0.8}",
            "{learning_rate: 0.1}",
            {"type": "adam", "beta_1": 0.8, "learning_rate": 0.1},
        ),
        ("{type: adam, beta_1: 0.8}", "{type: Adam}", {"type": "Adam", "beta_1": 0.8}),
        ("{type: adam, beta_1: 0.8}", "{type: SGD, momentum: 0.5}", {"type": "SGD", "momentum": 0.5}),
        ("adam", "{type: SGD, momentum: 0.5}", {"type": "SGD", "momentum": 0.5}),
        ("{type: adam, beta_1: 0.8}", "adam", "adam"),
    ],
)
def test_an_optimizer_is_changed_or_replaced(load, base, child, optimizer):
    config = load(
        f"training: {{optimizer: {child}}}\n", base=BASE.replace("optimizer: adam", f"optimizer: {base}")
    )
    assert config.training.optimizer.plain() == optimizer


def test_an_argument_is_added_to_the_bare_name_of_a_loss(load):
    loss = load("training: {loss: {label_smoothing: 0.1}}\n").training.loss
    assert loss.plain() == {"type": "binary_crossentropy", "label_smoothing": 0.1}


def test_a_loss_for_each_output_replaces_a_bare_name(load):
    with pytest.raises(ConfigError) as caught:
        load("training: {loss: {species: mse, width: {type: Huber}}}\n")
    assert "binary_crossentropy" not in str(caught.value), "the base's loss takes no part"


def test_a_key_of_the_base_is_removed(load):
    config = load("~seed:\ntraining:\n  ~early_stopping:\n  ~optimizer:\n")
    assert config.seed == 0
    assert config.training.early_stopping is None
    assert config.training.optimizer.type == "Adam"


def test_levels_are_laid_over_one_another_from_below(load):
    Path("middle.yaml").write_text("extends: base.yaml\nseed: 4\ntraining: {epochs: 6, batch_size: 8}\n")
    config = load("training: {epochs: 7}\n", extends="middle.yaml")
    assert (config.seed, config.training.epochs, config.training.batch_size) == (4, 7, 8)
    assert [file.shown for file in config.origin.files] == ["child.yaml", "middle.yaml", "base.yaml"]
    assert config.origin.files[2].content == BASE.encode()
    assert config.origin.file_bytes == b"extends: middle.yaml\ntraining: {epochs: 7}\n"


def test_ten_levels_are_read(load):
    for i in range(9):
        Path(f"l{i}.yaml").write_text(f"extends: {'base.yaml' if i == 8 else f'l{i + 1}.yaml'}\n")
    assert len(load("", extends="l0.yaml").origin.files) == 11


def test_two_ways_to_one_base_are_no_circle(load):
    Path("link.yaml").symlink_to("base.yaml")
    assert load("", extends="link.yaml").seed == 3


def test_a_circle_through_a_link_is_seen(load):
    Path("link.yaml").symlink_to("child.yaml")
    with pytest.raises(ConfigError, match="can't extend itself"):
        load("", extends="link.yaml")


def test_what_is_loaded_is_merged_and_extends_nothing(load):
    config = load("seed: 4\n")
    assert config.extends is None
    assert "extends" not in config.plain()


def test_arguments_change_the_merged_config(load):
    config = load("training: {epochs: 7}\n", "training.metrics.0=AUC", "~training.metrics.1", "data.drop=[]")
    assert [metric.type for metric in config.training.metrics] == ["AUC"]
    assert config.data.drop == ()


def test_extends_is_no_argument(load):
    with pytest.raises(ConfigError) as caught:
        load("", "extends=other.yaml")
    assert str(caught.value) == (
        "command line: 'extends' is read before arguments are; change it in the file\n"
        "       extends=other.yaml\n"
        "       ^"
    )


class TestPaths:
    @pytest.fixture
    def below(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        Path("bases").mkdir()
        Path("bases/base.yaml").write_text(BASE)

        def read(child, text="", *arguments):
            Path(child).parent.mkdir(exist_ok=True)
            Path(child).write_text(f"extends: {tmp_path}/bases/base.yaml\n{text}")
            return load_config(child, arguments)

        return read

    @pytest.mark.parametrize(
        ("written", "child", "read"),
        [
            ("pima.csv", "child.yaml", "bases/pima.csv"),
            ("pima.csv", "other/child.yaml", "../bases/pima.csv"),
            ("pima.csv", "bases/child.yaml", "pima.csv"),
            ("./pima.csv", "bases/child.yaml", "./pima.csv"),
            ("../data/pima.csv", "child.yaml", "data/pima.csv"),
            ("/data/pima.csv", "child.yaml", "/data/pima.csv"),
            ("~/pima.csv", "child.yaml", "~/pima.csv"),
            ("${env:NNTRAIN_TEST_NOT_SET:-pima.csv}", "child.yaml", "bases/pima.csv"),
            ("${env:NNTRAIN_TEST_NOT_SET:-/data}/pima.csv", "child.yaml", "/data/pima.csv"),
        ],
    )
    def test_a_path_starts_from_the_file_that_it_is_written_in(self, below, written, child, read):
        Path("bases/base.yaml").write_text(BASE.replace("path: pima.csv", f"path: {written}"))
        assert below(child).data.path == read

    def test_a_path_of_the_child_stays(self, below):
        assert below("child.yaml", "data: {path: other.csv}\n").data.path == "other.csv"

    def test_a_path_of_the_command_line_stays(self, below):
        assert below("child.yaml", "", "data.path=other.csv").data.path == "other.csv"

    def test_a_reference_to_a_path_means_the_same_file(self, below):
        assert below("child.yaml", "description: of ${data.path}\n").description == "of bases/pima.csv"


class TestFilesThatCanNotBeRead:
    def test_an_unreadable_base_is_named_where_it_is_extended(self, load, monkeypatch):
        plain = Path.open

        def refuse(path, *arguments):
            if path.name == "base.yaml":
                raise PermissionError(13, "Permission denied")
            return plain(path, *arguments)

        Path("child.yaml").write_text("seed: 3\nextends: base.yaml\n")
        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(MachineError) as caught:
            load_config("child.yaml")
        assert str(caught.value) == (
            "child.yaml: 1 problem\n\n2:10 extends: base.yaml can't be read: Permission denied\n"
            "   2 | extends: base.yaml\n                ^"
        )

    def test_a_base_that_is_too_large(self, load):
        with pytest.raises(ConfigError) as caught:
            load("", base="#" * 300_000)
        assert (
            str(caught.value) == "base.yaml: the file is larger than 256 KiB; a config is a small text file"
        )

    def test_files_that_are_too_large_together(self, load):
        with pytest.raises(ConfigError) as caught:
            load("#" * 130_000, base="#" * 140_000)
        assert str(caught.value) == (
            "child.yaml: 1 problem\n\n"
            "1:10 extends: the files that extend one another are together larger than 256 KiB\n"
            "   1 | extends: base.yaml\n                ^"
        )

    def test_a_base_that_is_not_utf_8(self, load):
        Path("latin.yaml").write_bytes("description: größe\n".encode("latin-1"))
        with pytest.raises(ConfigError) as caught:
            load("", extends="latin.yaml")
        assert str(caught.value) == (
            "latin.yaml: 1 problem\n\n"
            "1:16 not UTF-8 at byte 15 (0xf6); save the file as UTF-8\n"
            "   1 | description: gr\ufffd\ufffde\n"
            "                      ^"
        )

    @pytest.mark.parametrize("name", ["a\\0b.yaml", "a\\ud800.yaml"])
    def test_a_name_that_no_file_can_have(self, load, name):
        with pytest.raises(ConfigError) as caught:
            load("", extends=f'"{name}"')
        message = caught.value.problems[0].message.replace("\\x00", "\\0")
        assert message == f"'{name}' can't be the name of a file"


def test_places_are_told_with_their_file(load):
    origin = load("training: {epochs: 7}\n", "seed=4").origin
    assert origin.where(("training", "epochs")) == "line 2"
    assert origin.where(("model", "layers", 1, "units")) == "line 11 of base.yaml"
    assert origin.where(("seed",)) == "the command line"


def test_two_layers_of_one_name_in_two_places_are_told_apart(load):
    with pytest.raises(ConfigError) as caught:
        load("", "model.layers.0.name=a", "model.layers.1.name=a")
    assert "the layer on the command line is called 'a' too" in str(caught.value)
    named = BASE.replace("units: 12,", "units: 12, name: a,")
    with pytest.raises(ConfigError) as caught:
        load("", "model.layers.1.name=a", base=named)
    assert "the layer on line 10 of base.yaml is called 'a' too" in str(caught.value)


def test_what_is_missing_is_missed_in_the_file_that_is_loaded(load):
    with pytest.raises(ConfigError) as caught:
        load("training:\n  ~loss:\n  batch_size: 3\n")
    (problem,) = caught.value.problems
    assert (problem.location.source, problem.location.line) == ("child.yaml", 2)


@pytest.mark.parametrize(
    ("key", "text", "read"),
    [
        (("code",), "parts.py", "../base/parts.py"),
        (("model", "layers", 0, "weights"), "m.weights.h5", "../base/m.weights.h5"),
        (("model", "layers", 1, "layers", 0, "weights"), "../m.weights.h5", "../m.weights.h5"),
        (("model", "layers", 0, "weights"), "imagenet", "imagenet"),
        (("model", "layers", 0, "weights"), "~/m.weights.h5", "~/m.weights.h5"),
        (("model", "layers", 2, "weights"), "heavy", "heavy"),
        (("model", "layers", 0, "name"), "a", "a"),
        (("data", "name"), "iris", "iris"),
        (("data", "path"), "", ""),
    ],
)
def test_every_key_that_names_a_file_is_relocated(key, text, read):
    base, main = Source("base", (), Path("/configs/base")), Source("main", (), Path("/configs/main"))
    backbone = {"type": "MobileNetV2"}
    values = {"model": {"layers": [backbone, {"layers": [backbone]}, {"type": "Mine"}]}}
    assert relocated(key, text, values, base, main) == read
    assert relocated(key, text, values, main, main) == text
    assert relocated(key, text, values, argument_source("x=1"), main) == text


@pytest.mark.parametrize(
    ("data", "key", "read"),
    [
        ({"type": "npy"}, "x", "../base/a"),
        ({"type": "npy"}, "y", "../base/a"),
        ({"type": "images"}, "masks", "../base/a"),
        ({"type": "images", "list": "list.csv"}, "masks", "a"),
        ({"type": "images", "list": "list.csv"}, "list", "../base/a"),
        ({"type": "csv"}, "x", "a"),
        (None, "masks", "a"),
    ],
)
def test_what_names_a_file_in_one_source_is_a_column_in_another(data, key, read):
    base, main = Source("base", (), Path("/configs/base")), Source("main", (), Path("/configs/main"))
    assert relocated(("data", key), "a", {"data": data}, base, main) == read


def test_a_base_may_lie_in_the_home_folder(load, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "mine.yaml").write_text(BASE)
    config = load("", extends="~/mine.yaml")
    assert (config.seed, config.data.path) == (3, "home/pima.csv")
    with pytest.raises(ConfigError, match=r"there is no file ~/mime.yaml \(did you mean 'mine.yaml'\?\)"):
        load("", extends="~/mime.yaml")


@pytest.mark.parametrize(
    ("path", "file"), [("~/a.h5", "/home/me/a.h5"), ("a.h5", "/x/a.h5"), ("~~/a", "/x/~~/a")]
)
def test_a_path_may_begin_in_the_home_folder(path, file, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert located(path, Path("/x")) == Path(file)
