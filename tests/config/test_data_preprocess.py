"""What `data.preprocess` may ask for, and what single columns take over from their kind; mistakes are in `bad/`."""

import pytest
import yaml

from nntrain.config import load_config
from nntrain.config.data import Categorical, Numeric, Preprocess
from nntrain.config.dump import to_yaml
from nntrain.config.reuse.difference import differences


def columns(numeric=None, categorical=None, **steps):
    return Preprocess(numeric=numeric or {}, categorical=categorical or {}, columns=steps)


def test_a_column_takes_over_what_it_does_not_set():
    asked = columns({"impute": "median", "scale": "standard"}, age={"scale": "robust"}, size={"log": True})
    assert asked.numeric_of("age") == Numeric(impute="median", scale="robust")
    assert asked.numeric_of("size") == Numeric(impute="median", scale="standard", log=True)
    assert asked.numeric_of("other") == asked.numeric


def test_a_column_can_do_without_what_its_kind_does():
    asked = columns({"impute": 0, "scale": "standard", "clip": [0, 1]}, age={"scale": None, "clip": None})
    assert asked.numeric_of("age") == Numeric(impute=0)


@pytest.mark.parametrize(
    ("kind", "own", "expected"),
    [
        ({"scale": "rescale", "range": [0, 9]}, {"scale": "standard"}, {"scale": "standard"}),
        ({"scale": "rescale", "range": [0, 9]}, {"range": [0, 5]}, {"scale": "rescale", "range": [0, 5]}),
        ({"impute": "mean", "flag_missing": True}, {"impute": None}, {}),
        (
            {"impute": "mean", "flag_missing": True},
            {"impute": "median"},
            {"impute": "median", "flag_missing": True},
        ),
    ],
)
def test_what_belongs_to_a_step_goes_with_it(kind, own, expected):
    assert columns(kind, None, c=own).numeric_of("c") == Numeric(**expected)


@pytest.mark.parametrize(
    ("kind", "own", "expected"),
    [
        ({"encode": "hashing", "bins": 8}, {"encode": "ordinal"}, {"encode": "ordinal"}),
        ({"encode": "hashing", "bins": 8}, {"bins": 16}, {"encode": "hashing", "bins": 16}),
        ({"unknown": "zeros"}, {"encode": "ordinal"}, {"encode": "ordinal"}),
        ({"unknown": "zeros"}, {"encode": "hashing", "bins": 4}, {"encode": "hashing", "bins": 4}),
        ({"impute": "none", "flag_missing": True}, {"impute": None}, {}),
    ],
)
def test_what_belongs_to_an_encoding_goes_with_it(kind, own, expected):
    assert columns(None, kind, c=own).categorical_of("c") == Categorical(**expected)


def test_the_key_of_a_step_is_where_it_is_set():
    asked = columns(None, None, c={"encode": "ordinal"})
    assert asked.key_of("c", "categorical", "encode") == ("data", "preprocess", "columns", "c", "encode")
    assert asked.key_of("c", "categorical", "impute") == ("data", "preprocess", "categorical", "impute")
    assert asked.key_of("d", "categorical", "encode") == ("data", "preprocess", "categorical", "encode")


@pytest.mark.parametrize(
    "own",
    [
        {"scale": None},
        {"impute": None},
        {"impute": "unknown", "encode": "hashing", "bins": 4},
        {"impute": 3, "clip": [None, 9.5], "log": False},
        {"impute": "most_frequent"},
        {"flag_missing": False},
        {},
    ],
)
def test_a_config_that_is_written_back_asks_for_the_same(own, tmp_path):
    preprocess = {
        "numeric": {"impute": "mean", "scale": "standard", "flag_missing": True},
        "categorical": {"impute": "none", "encode": "hashing", "bins": 4},
        "columns": {"a b.c": own, "other": {"impute": None}},
    }
    document = {
        "data": {"type": "csv", "path": "t.csv", "target": "y", "preprocess": preprocess},
        "model": {"layers": [{"type": "Dense", "units": 1}]},
        "training": {"loss": "mse", "epochs": 5},
    }
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(document))
    config = load_config(tmp_path / "c.yaml")
    (tmp_path / "resolved.yaml").write_text(to_yaml(config))
    again = load_config(tmp_path / "resolved.yaml")
    assert differences(again, config) == []
    assert again.data.preprocess == config.data.preprocess
    assert again.data.preprocess.columns["a b.c"].model_fields_set == own.keys()


def test_a_column_can_be_set_on_the_command_line(tmp_path):
    (tmp_path / "c.yaml").write_text(
        "data: {type: csv, path: t.csv, target: y}\nmodel: {layers: [{type: Dense, units: 1}]}\n"
        "training: {loss: mse, epochs: 1}\n"
    )
    config = load_config(tmp_path / "c.yaml", ["data.preprocess.columns.age.scale=robust"])
    assert config.data.preprocess.numeric_of("age") == Numeric(scale="robust")
