"""Masks beside images: found, read, checked; and what is said of those that don't fit."""

import numpy as np
import pytest
from PIL import Image

from nntrain.config.data import ImagesSource
from nntrain.data.findings.find import quick, thorough
from nntrain.data.findings.overview import overview
from nntrain.data.images import cache
from nntrain.data.load import load, survey
from nntrain.errors import DataError

NAMES = ["ground", "disc", "square"]


@pytest.fixture
def paint(tmp_path):
    """Write a mask of numbers: `paint('masks/1.png', numbers)`; a mode of `P` gives it a palette."""

    def write(name, numbers, mode="L", **options):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(np.asarray(numbers))
        if mode == "P":
            image = image.convert("P")
            image.putdata(np.asarray(numbers).ravel().tolist())
            image.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
        image.save(file, **options)
        return numbers

    return write


@pytest.fixture
def pairs(draw, paint):
    """Eight grey images in `photos/` of four rows by six columns, and masks of three classes."""
    random = np.random.default_rng(3)
    for i in range(8):
        draw(f"photos/{i}.png")
        paint(f"masks/{i}.png", random.integers(0, 3, (4, 6), np.uint8))


@pytest.fixture
def source():
    def made(**settings):
        given = {"path": "photos", "masks": "masks", "class_names": NAMES, **settings}
        given = {key: value for key, value in given.items() if value is not None}
        return ImagesSource.model_validate({"type": "images", "task": "segmentation", **given})

    return made


@pytest.fixture
def read(tmp_path, source):
    """Read masks as a config in the test's folder would."""
    return lambda **settings: load(source(**settings), base=tmp_path, seed=0)


@pytest.fixture
def refused(read):
    """The only problem of data that can't be read: its message and key."""

    def told(**settings):
        with pytest.raises(DataError) as caught:
            read(**settings)
        (problem,) = caught.value.problems
        return problem.message, problem.key

    return told


MASKS = ("data", "masks")


def test_each_image_has_the_mask_of_its_name(pairs, tmp_path, read):
    found = read()
    assert found.task == "segmentation"
    assert found.classes == tuple(NAMES)
    assert found.facts["data.classes"] == 3
    for rows in found.splits.values():
        assert rows.y.dtype == np.uint8
        for number, mask in zip(rows.index, rows.y, strict=True):
            assert np.array_equal(mask, np.asarray(Image.open(tmp_path / f"masks/{number}.png")))


def test_classes_without_names_are_called_by_number(pairs, read):
    assert read(class_names=None).classes == ("0", "1", "2")


@pytest.mark.parametrize("name", ["0.png", "0.bmp", "0.tif", "0.gif"])
def test_a_mask_may_be_of_any_format_that_keeps_numbers(name, pairs, paint, tmp_path, read):
    (tmp_path / "masks/0.png").unlink()
    numbers = paint(f"masks/{name}", np.array([[0, 1, 2, 0, 1, 2]] * 4, np.uint8))
    found = read(split={"validation": 0, "test": 0})
    assert np.array_equal(found.train.y[0], numbers)


def test_of_a_palette_the_index_counts(pairs, paint, read):
    numbers = paint("masks/0.png", np.array([[0, 1, 2, 0, 1, 2]] * 4, np.uint8), mode="P")
    found = read(split={"validation": 0, "test": 0})
    assert np.array_equal(found.train.y[0], numbers)


def test_a_mask_of_truth_values_and_one_of_16_bits_are_read(pairs, paint, read):
    truth = paint("masks/0.png", np.array([[False, True] * 3] * 4))
    deep = paint("masks/1.png", np.array([[0, 1, 2] * 2] * 4, np.uint16))
    found = read(split={"validation": 0, "test": 0})
    assert np.array_equal(found.train.y[0], truth)
    assert np.array_equal(found.train.y[1], deep)


def test_0_and_255_are_read_as_two_classes(draw, paint, read):
    for i in range(4):
        draw(f"photos/{i}.png")
        paint(f"masks/{i}.png", np.array([[0, 255] * 3] * 4, np.uint8))
    found = read(class_names=["ground", "disc"], split={"validation": 0, "test": 0})
    note = "the masks hold 0 and 255, which are read as the classes 0 and 1: 'ground' and 'disc'"
    assert note in found.notes
    assert set(np.unique(found.train.y)) == {0, 1}
    assert read(class_names=None, split={"validation": 0, "test": 0}).classes == ("0", "1")


def test_pixels_to_be_left_out_keep_their_number(pairs, paint, read):
    paint("masks/0.png", np.array([[0, 1, 255] * 2] * 4, np.uint8))
    found = read(ignore_label=255, split={"validation": 0, "test": 0})
    assert (found.train.y == 255).sum() == 8
    assert found.classes == tuple(NAMES)


def test_masks_are_resized_without_numbers_between_classes(pairs, read):
    steps = {"preprocess": {"image": {"resize": [9, 11], "crop": [7, 7]}}}
    found = read(split={"validation": 0, "test": 0}, **steps)
    assert found.train.y.shape == (8, 7, 7)
    assert found.train.x.shape == (8, 7, 7, 1)
    assert set(np.unique(found.train.y)) == {0, 1, 2}


def test_a_resized_mask_keeps_its_place_in_the_image(draw, paint, read):
    pixels = np.zeros((8, 8), np.uint8)
    pixels[2:6, 4:8] = 200
    for i in range(3):
        file = f"photos/{i}.png"
        draw(file, size=(8, 8))
        paint(file, pixels)
        paint(f"masks/{i}.png", (pixels > 0).astype(np.uint8))
    steps = {"preprocess": {"image": {"resize": [16, 16]}}}
    found = read(class_names=["no", "yes"], split={"validation": 0, "test": 0}, **steps)
    assert np.array_equal(found.train.y > 0, np.asarray(found.train.x)[..., 0] > 100)


def test_folders_of_splits_have_masks_in_folders_of_the_same_names(draw, paint, read):
    for part, count in (("train", 4), ("validation", 2), ("test", 3)):
        for i in range(count):
            draw(f"photos/{part}/{i}.png")
            paint(f"masks/{part}/{i}.png", np.full((4, 6), i % 3, np.uint8))
    found = read()
    assert {name: rows.y[:, 0, 0].tolist() for name, rows in found.splits.items()} == {
        "train": [0, 1, 2, 0],
        "validation": [0, 1],
        "test": [0, 1, 2],
    }


def test_a_list_names_image_and_mask(pairs, tmp_path, read):
    lines = ["photo,mask", *(f"photos/{i}.png,masks/{7 - i}.png" for i in range(8))]
    (tmp_path / "pairs.csv").write_text("\n".join(lines))
    found = read(path=None, list="pairs.csv", masks="mask", split={"validation": 0, "test": 0})
    assert np.array_equal(found.train.y[0], np.asarray(Image.open(tmp_path / "masks/7.png")))


def test_masks_come_from_the_cache_the_second_time(pairs, read, own_cache, monkeypatch):
    monkeypatch.setattr(cache, "LEAST_FILES", 1)
    first = read()
    assert len(list(own_cache.glob("*.npy"))) == 2
    monkeypatch.setattr("nntrain.data.images.decode.read_mask", None)
    again = read()
    assert again.fingerprint == first.fingerprint
    assert np.array_equal(again.train.y, first.train.y)


def test_another_mask_is_another_fingerprint(pairs, paint, read):
    before = read().fingerprint
    paint("masks/5.png", np.ones((4, 6), np.uint8))
    assert read().fingerprint != before


def test_masks_without_an_image_are_left_out_and_told(pairs, paint, read):
    paint("masks/more.png", np.zeros((4, 6), np.uint8))
    paint("masks/and_more.tif", np.zeros((4, 6), np.uint8))
    assert "2 masks without an image are left out: 'masks/and_more.tif', 'masks/more.png'" in read().notes


def test_an_image_without_mask_is_named(pairs, tmp_path, refused):
    (tmp_path / "masks/3.png").rename(tmp_path / "masks/33.png")
    assert refused() == (
        "1 of 8 images has no mask in 'masks': '3.png' (did you mean '33'?); a mask is called like its image, "
        "whatever its ending: add it, or name both files of each pair in a 'list'",
        MASKS,
    )


def test_a_missing_folder_of_masks_is_named(pairs, tmp_path, refused):
    (tmp_path / "masks").rename(tmp_path / "mask")
    message = f"there is no folder 'masks': looked for {tmp_path / 'masks'} (did you mean 'mask'?)"
    assert refused() == (message, MASKS)


def test_a_file_is_no_folder_of_masks(pairs, tmp_path, refused):
    (tmp_path / "list.txt").touch()
    message = "'list.txt' is a file; name the folder that holds the masks"
    assert refused(masks="list.txt") == (message, MASKS)


def test_masks_inside_the_folder_of_images_would_be_images(pairs, refused):
    assert refused(path=".") == (
        "'masks' lies in the folder of the images, '.', and would be read as images; name a folder that "
        "holds the images alone in data.path",
        MASKS,
    )


def test_a_mask_of_another_size_is_named_with_its_image(pairs, paint, refused):
    paint("masks/2.png", np.zeros((6, 4), np.uint8))
    message = (
        "1 of 8 masks is not as large as the image: 'masks/2.png' of 6 x 4 (height x width) for '2.png' of "
        "4 x 6; a mask needs the size of its image"
    )
    assert refused() == (message, MASKS)
    assert refused(preprocess={"image": {"resize": [5, 5]}}) == (message, MASKS)


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        (
            "rgb.png",
            "has 3 channels (RGB), and a mask has one channel of class numbers: save it as grey or with a "
            "palette",
        ),
        ("lossy.jpg", "is a JPEG file, which need not keep numbers as they were; save it as PNG"),
        ("words.png", "is no PNG, BMP, TIFF or GIF image"),
        ("short.png", "is cut short"),
        ("deep.png", "holds the number 700, and the numbers of masks go from 0 to 255"),
        ("fraction.tif", "holds fractions, and a mask has one channel of class numbers: save it as grey or "
         "with a palette"),
        ("empty.png", "is empty"),
    ],
)  # fmt: skip
def test_a_mask_that_is_none_is_named(file, fault, pairs, paint, tmp_path, refused, read):
    (tmp_path / "masks/4.png").unlink()
    name = f"masks/4.{file.split('.')[1]}"
    numbers = np.arange(24, dtype=np.uint8).reshape(4, 6) % 3
    kinds = {"rgb": np.zeros((4, 6, 3), np.uint8), "fraction": np.zeros((4, 6), np.float32)}
    kinds |= {"deep": np.full((4, 6), 700, np.uint16)}
    paint(name, kinds.get(file.split(".")[0], numbers))
    if file in {"words.png", "empty.png"}:
        (tmp_path / name).write_bytes(b"no image" if file == "words.png" else b"")
    if file == "short.png":
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[: content.index(b"IDAT") + 8])
    message = (
        f"1 of 8 files is no readable mask: '{name}' {fault}; mend or remove it, or set data.skip_bad: true "
        "to leave it out"
    )
    assert refused() == (message, MASKS)
    left = read(skip_bad=True, split={"validation": 0, "test": 0})
    assert len(left.train) == 7
    assert f"1 of 8 files were left out: '4.png' has a mask that {fault}" in left.notes


def test_a_number_without_a_class_is_told_with_the_first_mask(pairs, paint, refused):
    paint("masks/3.png", np.array([[0, 1, 2, 3, 9, 9]] * 4, np.uint8))
    message = (
        "1 of 8 masks holds numbers without a class: 3 (4 pixels), 9 (8 pixels), the first is 'masks/3.png'; "
        "the classes are 0 ground, 1 disc, 2 square: name the others in data.class_names, or set "
        "data.ignore_label to leave their pixels out"
    )
    assert refused() == (message, ("data", "class_names"))


def test_255_beside_other_numbers_wants_a_word(pairs, paint, refused):
    paint("masks/3.png", np.array([[0, 1, 255] * 2] * 4, np.uint8))
    assert refused(class_names=None)[0] == (
        "the masks hold 255 beside other numbers, which mostly marks pixels to be left out; set "
        "data.ignore_label: 255, or say in data.class_names what the numbers mean"
    )


def test_what_is_left_out_stands_above_the_classes(pairs, refused):
    assert refused(class_names=None, ignore_label=1) == (
        "1 stands among the classes of the masks, which go up to 2; number classes from 0, and what is left "
        "out above them",
        ("data", "ignore_label"),
    )


def test_masks_of_one_class_teach_nothing(draw, paint, refused):
    for i in range(4):
        draw(f"photos/{i}.png")
        paint(f"masks/{i}.png", np.zeros((4, 6), np.uint8))
    assert refused(class_names=None)[0] == (
        "every pixel of the masks is 0; a segmentation needs at least two classes"
    )


def test_two_masks_of_one_image_and_two_images_of_one_mask_are_refused(pairs, draw, paint, tmp_path, refused):
    paint("masks/1.bmp", np.zeros((4, 6), np.uint8))
    assert refused()[0] == (
        "'masks/1.bmp' and 'masks/1.png' are both called like the image '1.png'; keep one of the two"
    )
    (tmp_path / "masks/1.bmp").unlink()
    draw("photos/1.bmp")
    assert refused()[0] == "the images '1.bmp' and '1.png' are called like one mask; rename one"


def test_pixels_are_counted_by_class_and_split(pairs, tmp_path, source):
    view = survey(source(), base=tmp_path, seed=0)
    (target,) = overview(view).targets
    counts = dict(target.classes)
    assert sum(count for by_split in counts.values() for count in by_split.values()) == 8 * 24
    train = view.parts["train"].targets["target"]
    assert counts["disc"]["train"] == (train == 1).sum()


def test_a_class_that_a_split_lacks_is_found(draw, paint, tmp_path, source):
    for part in ("train", "test"):
        for i in range(3):
            draw(f"photos/{part}/{i}.png")
            paint(f"masks/{part}/{i}.png", np.full((4, 6), i % (3 if part == "train" else 2), np.uint8))
    view = survey(source(split={"validation": 0}), base=tmp_path, seed=0)
    for look in (quick, thorough):
        assert [f.message for f in look(view) if f.id == "absent_classes"] == [
            "no test mask has a pixel of the class 'square'; the test scores say nothing of it: add such rows"
        ]
