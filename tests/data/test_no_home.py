"""Paths that begin with `~` where nobody knows whose home that is, as in a container without a user."""

from pathlib import Path

import numpy as np
import pytest

from nntrain.config.data import CsvSource, OpenmlSource
from nntrain.data import csv_file, keras_sets, openml_set, own_cache
from nntrain.data.images import cache
from nntrain.data.images.cache import Decoded
from nntrain.errors import DataError, MachineError


@pytest.fixture
def homeless(monkeypatch, tmp_path):
    """A user without a home, in a folder of their own."""

    def unknown(number):
        raise KeyError(f"uid not found: {number}")

    for name in ("HOME", "XDG_CACHE_HOME", "NNTRAIN_CACHE_HOME", "NNTRAIN_DATA_HOME", "KERAS_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_pattern_in_the_home_of_nobody_is_a_missing_file(tmp_path):
    source = CsvSource(type="csv", path="~nobody-of-this-name/*.csv", target="y")
    with pytest.raises(DataError) as refused:
        csv_file.load(source, tmp_path)
    assert str(refused.value) == (
        "data.path: no file fits '~nobody-of-this-name/*.csv': no folder "
        + str(tmp_path / "~nobody-of-this-name")
    )


def test_columns_that_have_no_place_to_be_kept_say_so(homeless):
    (homeless / "t.csv").write_text("x,y\n" + "1,2\n" * 20)
    with pytest.raises(MachineError) as refused:
        csv_file.load(CsvSource(type="csv", path="t.csv", target="y", streaming=True), homeless)
    assert str(refused.value) == (
        "data.streaming: the columns of t.csv can't be kept in ~/.cache/nntrain/tables: nobody knows where ~ is; "
        "make room there, or name another folder with NNTRAIN_CACHE_HOME"
    )
    assert [file.name for file in homeless.iterdir()] == ["t.csv"]


def test_sets_of_openml_have_no_place_either(homeless):
    with pytest.raises(MachineError) as refused:
        openml_set.load(OpenmlSource(type="openml", name="tiny", version=1), homeless)
    assert str(refused.value) == (
        "data.name: ~/.cache/nntrain/openml, where sets are kept, can't be used: nobody knows where ~ is; name "
        "another folder in NNTRAIN_DATA_HOME"
    )


def test_pixels_are_decoded_and_not_kept(homeless):
    assert cache.find("0" * 32, lambda size: False) is None
    assert cache.keep("0" * 32, Decoded(np.zeros((2, 1, 1, 1), np.uint8), {}, ())) == (
        "the decoded pixels can't be kept in ~/.cache/nntrain/images: nobody knows where ~ is; data.cache: false "
        "asks for none"
    )
    assert not list(homeless.iterdir())


def test_sets_of_keras_are_looked_for_elsewhere(homeless):
    assert keras_sets.keras_cache() == Path("~/.keras/datasets")
    assert own_cache.folder("tables") == Path("~/.cache/nntrain/tables")
