"""Golden pairs: `bad/<name>.yaml`, and in `bad/<name>.txt` the whole text that `nntrain check` prints.

`NNTRAIN_UPDATE_GOLDENS=1 pytest tests/config` writes the texts anew; read every one before keeping it.
"""

import os
from pathlib import Path

import pytest

from nntrain.config import load_config
from nntrain.config.reuse.overrides import apply
from nntrain.config.text.yaml_text import parse
from nntrain.errors import ConfigError, MachineError, NntrainError, UsageError

BAD = Path(__file__).with_name("bad")
NAMES = sorted(path.stem for path in BAD.glob("*.yaml"))
UPDATE = os.environ.get("NNTRAIN_UPDATE_GOLDENS") == "1"

UNTIDY = {
    "bytes_bom_and_typo": b"\xef\xbb\xbfdat: 1\n",
    "bytes_latin_1": "name: ok\ndescription: größe\n".encode("latin-1"),
    "bytes_utf_16": "name: ok\n".encode("utf-16"),
    "bytes_utf_16_without_mark": "name: ok\n".encode("utf-16-le"),
    "bytes_nul": b"name: ok\ndescription: a\x00b\n",
    "bytes_too_many": b"#" * (1024 * 1024 + 1),
    "bytes_no_spaces_of_unicode": "name: ok\nda\u00a0ta: 1\n".encode(),
    "bytes_escape_in_key": b'name: ok\n"\\e[31mred": 1\n',
}
"""Files that git or an editor would mangle: the text alone is kept."""


def error_text(file):
    with pytest.raises(NntrainError) as caught:
        load_config(file)
    assert all(problem.location and problem.location.source for problem in caught.value.problems)
    return f"{caught.value}\n"


def compare(name, text):
    golden = BAD / f"{name}.txt"
    if UPDATE:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_mistake_is_explained(name, monkeypatch):
    monkeypatch.chdir(BAD)
    compare(name, error_text(f"{name}.yaml"))


@pytest.mark.parametrize("name", UNTIDY)
def test_a_file_that_is_no_text_is_explained(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(f"{name}.yaml").write_bytes(UNTIDY[name])
    compare(name, error_text(f"{name}.yaml"))


def test_there_is_a_text_for_every_file_and_no_other():
    assert len(NAMES) > 200
    assert {path.stem for path in BAD.iterdir() if path.is_file()} == {*NAMES, *UNTIDY}


def test_every_base_is_extended_by_a_bad_file():
    extended = "".join(path.read_text() for path in BAD.rglob("*.yaml"))
    assert [path.name for path in (BAD / "bases").iterdir() if path.name not in extended] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_caret_stands_under_the_line_and_column_that_are_named(name, monkeypatch):
    monkeypatch.chdir(BAD)
    with pytest.raises(ConfigError) as caught:
        load_config(f"{name}.yaml")
    for problem in caught.value.problems:
        place = problem.location
        if place.line is not None:
            lines = Path(place.source).read_text(encoding="utf-8").split("\n")
            assert place.text == lines[place.line - 1]
            assert 1 <= place.column <= len(place.text) + 1


def test_problems_come_in_the_order_of_the_file(monkeypatch):
    monkeypatch.chdir(BAD)
    text = error_text("several_sorted.yaml")
    lines = [int(line.split(":")[0]) for line in text.splitlines() if line[:1].isdigit()]
    assert lines == sorted(lines)
    assert len(lines) == 8


def test_a_missing_file_names_its_nearest_sibling(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("iris.yaml").touch()
    with pytest.raises(UsageError) as caught:
        load_config("irsi.yaml")
    assert str(caught.value) == "there is no file irsi.yaml (did you mean 'iris.yaml'?)"


def test_a_folder_is_no_config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("configs").mkdir()
    with pytest.raises(UsageError) as caught:
        load_config("configs")
    assert str(caught.value) == "configs is a folder; name a config file in it"


def test_an_impossible_file_name_is_explained():
    with pytest.raises(UsageError) as caught:
        load_config("a\0b.yaml")
    assert str(caught.value) == "'a\\x00b.yaml' can't be the name of a file"


def test_an_unreadable_file_is_explained(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(MachineError) as caught:
        load_config("secret.yaml")
    assert str(caught.value) == "secret.yaml can't be read: Permission denied"


def test_a_long_list_of_mistakes_is_cut():
    with pytest.raises(ConfigError) as caught:
        parse("a: 1\n" * 10_000, "many.yaml")
    assert len(caught.value.problems) == 100


def test_apply_needs_no_arguments():
    assert apply(parse("a: 1\n", "a.yaml"), []) == {}
