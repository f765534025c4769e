"""Every config of the course says what it is and what it reached, and would train on rows of its shape."""

import pytest

from nntrain import load_config
from nntrain.run.smoke import smoke
from tests.conftest import CONFIGS
from tests.course import COURSE, FOLDER, SEARCHES, TOPICS, header_of
from tests.course_sets import write_sets

BY_NAME = {"ids": lambda file: f"{file.parent.name}-{file.stem}"}


@pytest.fixture(scope="module", autouse=True)
def sets(tmp_path_factory):
    """Drawn stand-ins for the sets that are not in this repository."""
    folder = tmp_path_factory.mktemp("sets")
    write_sets(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNTRAIN_DATA_HOME", str(folder))
        yield folder


@pytest.mark.parametrize("config", COURSE, **BY_NAME)
def test_a_course_config_has_a_header_and_the_seed_that_it_names(config):
    found = header_of(config).numbers
    read = load_config(config)
    assert read.name == config.stem
    if found:
        assert int(found["seed"]) == read.seed


@pytest.mark.parametrize("config", COURSE, **BY_NAME)
def test_a_course_config_would_train(config):
    found = smoke(load_config(config))
    assert [check for check in found.checks if check.status == "FAILED"] == []
    assert found.checks[0].name == "finite loss"


@pytest.mark.parametrize("config", SEARCHES, **BY_NAME)
def test_a_search_has_a_header_and_a_name_of_its_own(config):
    found, read = header_of(config).numbers, load_config(config)
    assert int(found["seed"]) == read.seed
    assert read.search is not None
    assert read.name not in {load_config(other).name for other in CONFIGS.glob("*.yaml")}
    found = smoke(load_config(config, ["training.rows=600"]))  # the stand-ins have fewer than the set
    assert [check for check in found.checks if check.status == "FAILED"] == []


def test_every_file_of_the_course_lies_in_a_folder_of_its_topic():
    files = [file for file in FOLDER.rglob("*") if file.is_file()]
    assert sorted(files) == COURSE
    assert {file.parent for file in files} <= {FOLDER / topic for topic in TOPICS}


def test_no_two_configs_have_one_name():
    names = [file.stem for file in CONFIGS.rglob("*.yaml") if file not in SEARCHES]
    assert sorted(names) == sorted(set(names))


GOOD = """\
# A sentence.
# published: 0.9815 (a notebook)
# test accuracy 0.9815 (seed 7) after 10 epochs · 46 s on 2 shared CPU cores
#   nntrain fit configs/course/mnist/one.yaml
version: 1
"""


@pytest.fixture
def header(tmp_path, monkeypatch):
    """Reads a header from a file of this text."""
    monkeypatch.setattr("tests.course.CONFIGS", tmp_path)
    (tmp_path / "course" / "mnist").mkdir(parents=True)

    def read(text):
        file = tmp_path / "course" / "mnist" / "one.yaml"
        file.write_text(text, encoding="utf-8")
        return header_of(file)

    return read


def test_a_header_is_read(header):
    found = header(GOOD)
    assert (found.what, found.published) == ("A sentence.", "0.9815 (a notebook)")
    assert found.numbers.groupdict() == {
        "ours": "test accuracy 0.9815",
        "seed": "7",
        "epochs": " after 10 epochs",
        "seconds": "46",
    }
    stopped = header(GOOD.replace(" after", ", stopped after"))
    assert stopped.numbers["epochs"] == ", stopped after 10 epochs"
    bare = header(
        GOOD.replace("test accuracy", "not measured: test accuracy").replace("0.9815 (a", "none, (a")
    )
    assert bare.numbers is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sentence.", "sentence"),
        ("sentence.", f"{150 * 'a'}."),
        ("# published: 0.9815 (a notebook)", "# published: 0.9815"),
        ("# published: 0.9815 (a notebook)", "# published: none"),
        ("# published:", "# known:"),
        ("(seed 7) ", ""),
        ("46 s", "some s"),
        ("accuracy 0.9815", "accuracy"),
        ("test accuracy 0.9815 (seed 7)", "not measured"),
        ("one.yaml", "two.yaml"),
        ("fit configs/course/", "fit "),
        ("# A sentence.\n", ""),
    ],
)
def test_a_header_of_another_form_is_refused(header, old, new):
    assert old in GOOD
    with pytest.raises(AssertionError, match=r"course/mnist/one\.yaml: "):
        header(GOOD.replace(old, new))
