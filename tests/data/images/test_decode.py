"""Pixels: every kind of file, the steps, and files that are no images."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from nntrain.data.images import read as reading
from nntrain.errors import DataError

WHOLE = {"split": {"validation": 0, "test": None}}


def image(**steps):
    return {"preprocess": {"image": steps, "numeric": {"scale": "rescale", "range": [0, 255]}}}


def pixels(data):
    return data.train.x.values


def told(data):
    return [note for note in data.notes if not note.startswith("there are no validation rows")]


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "webp", "jpg"])
def test_every_format_is_read(read, draw, suffix):
    options = {"lossless": True} if suffix == "webp" else {"quality": 100} if suffix == "jpg" else {}
    drawn = [draw(f"set/{kind}/1.{suffix}", level=90, **options) for kind in "ab"]
    read_back = pixels(read(**WHOLE, **image(color="grey")))
    np.testing.assert_allclose(read_back[..., 0].astype(int), drawn, atol=1)


def test_grey_images_stay_grey_and_colours_stay_colours(read, draw):
    drawn = [draw(f"set/{kind}/1.png", mode="RGB") for kind in "ab"]
    data = read(**WHOLE, **image())
    np.testing.assert_array_equal(pixels(data), drawn)
    assert data.description == "set: 2 images of 4 x 6, rgb"
    assert told(data) == []


def test_grey_among_colours_becomes_three_equal_colours(read, draw):
    draw("set/a/1.png", mode="RGB")
    grey = draw("set/b/1.png")
    data = read(**WHOLE, **image())
    np.testing.assert_array_equal(pixels(data)[1], np.stack([grey] * 3, axis=-1))
    assert told(data) == ["1 of 2 images are grey, the others are not: grey becomes three equal colours"]


def test_colours_become_grey_where_that_is_asked_for(read, draw):
    colors = draw("set/a/1.png", mode="RGB")
    draw("set/b/1.png")
    data = read(**WHOLE, **image(color="grey"))
    weights = [0.299, 0.587, 0.114]
    np.testing.assert_allclose(pixels(data)[0, ..., 0], colors @ weights, atol=1)
    assert told(data) == ["1 of 2 images have colours, which become grey"]


def test_transparency_is_left_out_or_kept(read, draw):
    drawn = [draw(f"set/{kind}/1.png", mode="RGBA") for kind in "ab"]
    data = read(**WHOLE, **image())
    np.testing.assert_array_equal(pixels(data), np.stack(drawn)[..., :3])
    assert told(data) == [
        "2 of 2 images have transparency, which is left out; data.preprocess.image.color: rgba keeps it"
    ]
    data = read(**WHOLE, **image(color="rgba"))
    np.testing.assert_array_equal(pixels(data), drawn)
    assert told(data) == []


def test_of_sixteen_bits_the_upper_eight_are_kept(read, draw):
    drawn = [draw(f"set/{kind}/1.png", mode="I;16") for kind in "ab"]
    data = read(**WHOLE, **image())
    np.testing.assert_array_equal(pixels(data)[..., 0], np.stack(drawn) >> 8)
    assert told(data) == ["2 of 2 images have 16 bits a pixel, of which the upper 8 are kept"]


def test_palettes_become_their_colours(read, draw, tmp_path):
    drawn = [draw(f"set/{kind}/1.png", mode="RGB", level=level) for kind, level in (("a", 9), ("b", 200))]
    for kind in "ab":
        file = tmp_path / f"set/{kind}/1.png"
        Image.open(file).quantize().save(file, transparency=0)
    data = read(**WHOLE, **image())
    np.testing.assert_array_equal(pixels(data), drawn)


def test_the_first_picture_of_an_animation_is_read(read, draw, tmp_path):
    draw("set/b/1.png")
    frames = [Image.new("L", (6, 4), level) for level in (10, 200)]
    (tmp_path / "set/a").mkdir()
    frames[0].save(tmp_path / "set/a/1.gif", save_all=True, append_images=frames[1:])
    assert (pixels(read(**WHOLE, **image(color="grey")))[0] == 10).all()


def test_a_picture_taken_with_a_lying_camera_is_turned(read, draw, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = draw("set/a/1.png", (4, 6), exif=exif)
    draw("set/b/1.png", (6, 4))
    np.testing.assert_array_equal(pixels(read(**WHOLE, **image()))[0, ..., 0], np.rot90(lying, -1))


def test_images_are_resized_to_both_sides_whatever_their_shape(read, draw):
    draw("set/a/1.png", (4, 6), level=50)
    draw("set/b/1.png", (30, 20), level=70)
    data = read(**WHOLE, **image(resize=[8, 9]))
    assert pixels(data).shape == (2, 8, 9, 1)
    assert [set(row.ravel()) for row in pixels(data)] == [{50}, {70}]


def test_the_shorter_side_is_resized_and_the_middle_kept(read, draw):
    drawn = draw("set/a/1.png", (8, 12))
    draw("set/b/1.png", (20, 10))
    data = read(**WHOLE, **image(resize=8, crop=[6, 8]))
    assert pixels(data).shape == (2, 6, 8, 1)
    np.testing.assert_array_equal(pixels(data)[0, ..., 0], drawn[1:7, 2:10])


PIXELS = zlib.compress(bytes(100))


def test_large_images_are_decoded_by_several_threads_in_the_same_order(read, classes, monkeypatch):
    one = pixels(read(**WHOLE, **image()))
    monkeypatch.setattr(reading, "SMALL", 4)
    monkeypatch.setattr(reading, "BLOCK", 2)
    np.testing.assert_array_equal(pixels(read(**WHOLE, **image())), one)


def png_of(width, height, packed=PIXELS):
    """A PNG whose header says what it likes."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


BAD = {
    "empty.png": (b"", "is empty"),
    "text.png": (b"no image at all", "is no PNG, JPEG, GIF, BMP or WebP image"),
    "notes.txt": (b"cats", "is no PNG, JPEG, GIF, BMP or WebP image"),
    "vector.png": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "is no PNG, JPEG, GIF, BMP or WebP image"),
    "huge.png": (png_of(50_000, 50_000), "has 2,500,000,000, more than 64 million pixels"),
    "large.png": (png_of(10_000, 10_000), "has 10,000 x 10,000 pixels, more than 64 million"),
    "short.png": (png_of(6, 4)[:48], "is cut short"),
    "altered.png": (png_of(6, 4, b"\xff" * 30), "is damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_image_is_named(read, classes, tmp_path, name):
    content, fault = BAD[name]
    (tmp_path / "set/cat" / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        read()
    assert str(caught.value) == (
        f"data.path: 1 of 11 files is no readable image: 'cat/{name}' {fault}; mend or remove it, or set "
        "data.skip_bad: true to leave it out"
    )


def test_a_photograph_that_is_cut_short_is_named(read, classes, draw, tmp_path):
    draw("set/cat/a.jpg", (4, 6), quality=100)
    file = tmp_path / "set/cat/a.jpg"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(DataError) as caught:
        read()
    assert "'cat/a.jpg' is cut short;" in str(caught.value)


def test_bad_files_are_left_out_and_counted_where_that_is_asked_for(read, classes, tmp_path):
    for name, (content, _) in BAD.items():
        (tmp_path / "set/cat" / name).write_bytes(content)
    data = read(**WHOLE, **image(), skip_bad=True)
    np.testing.assert_array_equal(pixels(data)[..., 0], [classes[name] for name in sorted(classes)])
    assert data.train.y.tolist() == [0] * 5 + [1] * 5
    (note,) = told(data)
    assert note.startswith("8 of 18 files were left out: 'cat/altered.png' is damaged, 'cat/empty.png' is")
    assert note.endswith("and 2 more")


def test_a_set_without_one_good_file_is_refused(read, tmp_path):
    for kind in "ab":
        (tmp_path / "set" / kind).mkdir(parents=True)
        (tmp_path / "set" / kind / "1.png").write_bytes(b"x")
    with pytest.raises(DataError) as caught:
        read(skip_bad=True)
    assert str(caught.value) == (
        "set: 2 of 2 files are no readable images: 'a/1.png' is no PNG, JPEG, GIF, BMP or WebP image, "
        "'b/1.png' is no PNG, JPEG, GIF, BMP or WebP image; mend or remove them"
    )


def test_several_shapes_are_told_with_examples(read, draw):
    for name, size in (("a/1", (4, 6)), ("a/2", (4, 6)), ("b/1", (5, 6)), ("b/2", (6, 4))):
        draw(f"set/{name}.png", size)
    with pytest.raises(DataError) as caught:
        read()
    assert str(caught.value) == (
        "data.path: the images have 3 shapes (height x width): 4 x 6 (2, such as 'a/1.png'), 5 x 6 (1, such as "
        "'b/1.png'), 6 x 4 (1, such as 'b/2.png'); set data.preprocess.image.resize: [height, width]"
    )
    with pytest.raises(DataError) as caught:
        read(**image(resize=4))
    assert str(caught.value).endswith(
        "; set data.preprocess.image.crop: [height, width], or both sides in resize"
    )


def test_images_smaller_than_the_crop_are_told(read, draw):
    for kind in "ab":
        draw(f"set/{kind}/1.png", (4, 6))
        draw(f"set/{kind}/2.png", (3, 9))
    with pytest.raises(DataError) as caught:
        read(**image(crop=[4, 4]))
    assert str(caught.value) == (
        "data.preprocess.image.crop: 2 of 4 images are smaller than [4, 4], the first is 'a/2.png' of [3, 9]; add "
        "data.preprocess.image.resize, or crop less"
    )


def test_memory_is_asked_for_before_it_is_taken(read, classes, monkeypatch):
    monkeypatch.setattr("nntrain.data.files.available_memory", lambda: 100_000)
    with pytest.raises(DataError) as caught:
        read(**image(resize=[100, 110]))
    assert str(caught.value) == (
        "set: the pixels of 10 images of 100 x 110 take 107.4 KiB of memory; this machine has 97.7 KiB available"
    )
