"""What pictures are called."""

import pytest

from nntrain.report.gallery import GALLERY, SPLITS, file_stem, in_order, named


@pytest.mark.parametrize("kind", GALLERY)
@pytest.mark.parametrize("output", ["", "kind", "a_b", "test", "roc_test"])
def test_a_file_tells_its_kind_and_its_output(kind, output):
    for split in SPLITS:
        found = named(f"plots/{file_stem(kind, split, output)}.svg")
        assert found.kind == kind
        assert found.title == GALLERY[kind].title + (f" of '{output}'" if output else "")
        assert found.alt.startswith(GALLERY[kind].alt.format(rows=f"{split} rows"))


def test_each_picture_is_described_in_a_sentence():
    for kind, shown in GALLERY.items():
        assert shown.alt.endswith("."), kind
        assert ("{rows}" in shown.alt) == shown.of_rows, kind
        assert shown.title[0].isupper()
        assert not shown.title.endswith(".")


def test_files_are_called_after_what_they_show():
    assert file_stem("roc", "test") == "roc_test"
    assert file_stem("roc", "validation", "species") == "roc_validation_species"
    assert file_stem("history", "test") == "history"
    assert file_stem("class_balance", "test", "species") == "class_balance_species"


@pytest.mark.parametrize("file", ["x.png", "roc.png", "rocket_test.png", "model.keras"])
def test_other_files_are_no_pictures(file):
    assert named(file) is None


def test_pictures_stand_in_the_order_of_the_gallery():
    files = ["structure.png", "roc_test_b.png", "log.txt", "roc_test_a.png", "history.png"]
    assert in_order(files) == ["history.png", "roc_test_a.png", "roc_test_b.png", "structure.png"]
