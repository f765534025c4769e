"""Sets of openml.org, through a transport that serves a small one and can be cut."""

import numpy as np
import pytest

from nntrain.config.data import OpenmlSource
from nntrain.data import openml_set
from nntrain.data.load import is_light
from nntrain.data.load import load as load_dataset
from nntrain.data.openml_set import cache, load
from nntrain.errors import DataError, MachineError
from tests.data.openml_site import ARFF, Site, served

SPARSE = ARFF.partition("@DATA")[0] + "@DATA\n{0 1, 1 blue}\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setenv("NNTRAIN_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(openml_set, "DELAY", 0.01)
    return served(monkeypatch, Site())


def source(**settings):
    return OpenmlSource(type="openml", **({"name": "tiny", "version": 1} | settings))


def refused(tmp_path, **settings):
    with pytest.raises(DataError) as caught:
        load(source(**settings), tmp_path)
    return str(caught.value)


def test_a_set_is_a_table_of_numbers_categories_and_truth_values(site, tmp_path):
    raw = load(source(), tmp_path)
    table = raw.rows.features
    assert table.order == ("age", "colour", "member")
    np.testing.assert_array_equal(table.numeric["age"], [31, np.nan, 53])
    np.testing.assert_array_equal(table.numeric["member"], [1, 0, np.nan])
    assert table.categorical["colour"].tolist() == ["red", "blue", None]
    assert raw.rows.target.tolist() == ["good", "bad", "good"]
    assert raw.description == "OpenML's Tiny, version 1: 3 rows, 3 feature columns, target 'class'"
    assert not is_light(source())


def test_a_set_is_downloaded_once_and_then_read_from_disk(site, tmp_path):
    first = load(source(), tmp_path)
    asked = len(site.asked)
    site.online = False
    again = load(source(), tmp_path)
    assert len(site.asked) == asked > 3
    assert again.rows.target.tolist() == first.rows.target.tolist()
    assert (tmp_path / "home" / "openml").is_dir()


def test_columns_are_chosen_as_in_a_csv_file(site, tmp_path):
    raw = load(source(target=["class"], drop=["member", 0], id=7, name=None, version=None), tmp_path)
    assert raw.rows.features.order == ("colour",)
    np.testing.assert_array_equal(
        load(source(categorical=["age"]), tmp_path).rows.features.categorical["age"], ["31", None, "53"]
    )
    rebuilt = source(task="reconstruction", inputs={"i": ["age"]})
    assert load(rebuilt, tmp_path).rows.targets == {}


def test_a_whole_run_is_prepared_from_it(site, tmp_path):
    settings = {
        "numeric": {"impute": "mean", "scale": "standard"},
        "categorical": {"impute": "most_frequent"},
    }
    data = load_dataset(
        source(preprocess=settings, split={"validation": 0, "test": 0}), base=tmp_path, seed=0
    )
    assert data.classes == ("bad", "good")
    assert data.inputs["features"] == ("age", "colour=blue", "colour=red", "member")


def test_without_a_network_it_is_said_what_is_missing_and_where(site, tmp_path):
    site.online = False
    assert refused(tmp_path) == (
        f"data.name: 'tiny' version 1 is not in {tmp_path}/home/openml, and it can't be downloaded from "
        "www.openml.org (no route to host); fetch it once where there is a network, copy that folder, and name "
        "the folder that holds the copy in NNTRAIN_DATA_HOME"
    )


def test_a_set_that_is_not_there_is_named(site, tmp_path):
    assert refused(tmp_path, name="nowhere") == (
        "data.name: 'nowhere' version 1 can't be read: Dataset nowhere with version 1 not found"
    )


def test_a_file_with_another_sum_is_refused(site, tmp_path):
    site.md5 = "0" * 32
    assert refused(tmp_path) == (
        "data.name: the file of 'tiny' version 1 is not the one that OpenML describes: its md5 sum differs; "
        f"remove {tmp_path}/home/openml and fetch it again"
    )


def test_free_texts_and_sparse_sets_are_refused(site, tmp_path, monkeypatch):
    texts = {"age": "numeric", "colour": "string", "member": "nominal", "class": "nominal"}
    served(monkeypatch, Site(types=texts))
    assert refused(tmp_path) == (
        "data.name: 'tiny' version 1 has columns of free texts, which are not read from OpenML; save it as CSV"
    )
    monkeypatch.setenv("NNTRAIN_DATA_HOME", str(tmp_path / "other"))
    served(monkeypatch, Site(arff=SPARSE, kind="Sparse_ARFF"))
    assert refused(tmp_path) == (
        "data.name: 'tiny' version 1 is sparse: zeros are not written; only dense sets are read"
    )


def test_a_set_without_a_target_asks_for_one(site, tmp_path, monkeypatch):
    served(monkeypatch, Site(target=None))
    assert refused(tmp_path) == (
        "data.name: 'tiny' version 1 names no target; say it with data.target: the columns are age, colour, "
        "member, class"
    )


def test_numbers_that_are_too_large_are_named(site, tmp_path, monkeypatch):
    served(monkeypatch, Site(arff=ARFF.replace("53", "1e39")))
    assert refused(tmp_path) == (
        "data.drop: column 'age': 1e+39 in row 2 (from 0) is more than a 32-bit number can hold; "
        "leave the column out"
    )


def test_what_openml_warns_of_is_told(site, tmp_path, monkeypatch):
    served(monkeypatch, Site(status="deactivated"))
    (note, *_) = load(source(), tmp_path).notes
    assert note.startswith(
        "OpenML: Version 1 of dataset Tiny is inactive, meaning that issues have been found"
    )


def test_a_cache_that_can_not_be_used_is_a_matter_of_the_machine(site, tmp_path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(MachineError) as caught:
        load(source(), tmp_path)
    assert str(caught.value) == (
        f"data.name: {tmp_path}/home/openml, where sets are kept, can't be used: File exists; name another "
        "folder in NNTRAIN_DATA_HOME"
    )


def test_the_cache_is_the_users_where_no_folder_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("NNTRAIN_DATA_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache() == tmp_path / "nntrain"
