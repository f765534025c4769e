import io
import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from nntrain.config.data import ImagesSource, NpzSource, SequenceSource, SeriesSource, TextSource
from nntrain.data.streaming import features
from nntrain.errors import DataError, UsageError

DRAW = np.random.default_rng(3)
SKIP = "; --skip-bad leaves such rows out"


def message_of(run, *paths, error=DataError, **options):
    with pytest.raises(error) as raised:
        run.read(*paths, **options)
    return str(raised.value)


# Arrays


@pytest.fixture
def arrays(run_on, tmp_path):
    np.savez(tmp_path / "a.npz", x=DRAW.normal(size=(30, 3)), y=np.arange(30) % 2)
    steps = {"numeric": {"scale": "standard"}}
    return run_on(NpzSource(type="npz", path="a.npz", preprocess=steps))


def test_arrays_need_no_target_and_come_in_chunks(arrays, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "CHUNK_ROWS", 7)
    x = np.load(tmp_path / "a.npz")["x"]
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", x=x)
    for name in ("x.npy", "x.npz", "a.npz"):
        found = arrays.read(name)
        for rows in arrays.data.splits.values():
            assert found.inputs["features"][rows.index].tobytes() == rows.x.tobytes()
        assert (found.done, found.size) == ([7, 14, 21, 28, 30], 30)


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_bad_rows_of_arrays_are_left_out(arrays, tmp_path, dtype):
    x = np.ones((5, 3), dtype)
    x[1, 2], x[3, 0] = np.nan, np.inf
    np.save(tmp_path / "x.npy", x)
    found = arrays.read("x.npy", skip=True)
    assert (found.index, found.skipped) == ([0, 2, 4], 2)
    assert message_of(arrays, "x.npy") == (
        f"x.npy: row 1 (from 0) holds nan, which is not a finite 32-bit number{SKIP}"
    )


UNFIT = {
    "shape": (np.ones((2, 4)), "x.npy: rows of shape (4,) where the run was trained on (3,)"),
    "texts": (np.array([["a"]]), "x.npy: the array must hold real numbers of at most 64 bits, not <U1"),
    "no rows": (np.ones((0, 3)), "x.npy: the array has no rows: its shape is (0, 3)"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_unfit_arrays_are_explained(case, arrays, tmp_path):
    values, text = UNFIT[case]
    np.save(tmp_path / "x.npy", values)
    assert message_of(arrays, "x.npy") == text


def test_a_table_is_no_array(arrays, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    assert message_of(arrays, "x.csv") == (
        "x.csv: .csv files can't be read for this run; give an .npy or .npz file of arrays"
    )


def test_two_files_are_one_too_many(arrays):
    assert message_of(arrays, "a.npz", "b.npz", error=UsageError) == (
        "one input at a time: 2 are given, and only images may be several files"
    )


# Images


@pytest.fixture
def paint(tmp_path):
    def painted(name, size=(4, 5), mode="L", value=7):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new(mode, size, value).save(file)

    return painted


@pytest.fixture
def images(run_on, paint):
    for i in range(12):
        paint(f"own/{'ab'[i % 2]}/{i:02d}.png", value=i)
    return run_on(ImagesSource(type="images", path="own"))


def test_images_lie_anywhere_in_a_folder(images, paint):
    for name, value in (("new/z.png", 3), ("new/deep/er/k.png", 5), ("new/a.png", 1)):
        paint(name, value=value)
    found = images.read("new")
    assert found.beside == {"file": ["a.png", "deep/er/k.png", "z.png"]}
    assert found.inputs["features"][:, 0, 0, 0].tolist() == [1, 5, 3]


def test_images_are_named_one_by_one(images, paint):
    paint("x.png", value=9)
    paint("b.png", value=2)
    found = images.read("x.png", "b.png")
    assert (found.beside, found.inputs["features"][:, 0, 0, 0].tolist()) == (
        {"file": ["x.png", "b.png"]},
        [9, 2],
    )


def test_an_image_of_another_size_is_named(images, paint):
    paint("new/a.png")
    paint("new/b.png", size=(9, 8))
    assert message_of(images, "new") == (
        "new/b.png: the file has 8 x 9 pixels (height x width), and the run was trained on 5 x 4; bring it to "
        f"that size{SKIP}"
    )
    found = images.read("new", skip=True)
    assert (found.beside["file"], found.index, found.skipped) == (["a.png"], [0], 1)


def test_a_file_that_is_no_image_is_named(images, tmp_path):
    (tmp_path / "x.png").write_text("no")
    assert message_of(images, "x.png") == (
        f"x.png: the file is no PNG, JPEG, GIF, BMP or WebP image; mend or remove it{SKIP}"
    )


def test_an_empty_folder_is_told(images, tmp_path):
    (tmp_path / "none").mkdir()
    assert message_of(images, "none") == "none: the folder holds no files"


# Texts


@pytest.fixture
def texts(run_on, tmp_path):
    lines = [f"{'good fine' if i % 2 else 'bad poor'} thing {i},{'yn'[i % 2]}" for i in range(30)]
    (tmp_path / "t.csv").write_text("\n".join(["said,y", *lines]))
    return run_on(TextSource(type="text", path="t.csv", text="said", target="y"))


def test_lines_cells_and_files_are_the_same_texts(texts, tmp_path, monkeypatch):
    said = ["good thing", "a poor thing", "fine"]
    (tmp_path / "new.txt").write_text("\r\n".join(said))
    (tmp_path / "new.csv").write_text("id,said\n" + "".join(f"{i},{text}\n" for i, text in enumerate(said)))
    (tmp_path / "new.jsonl").write_text("".join(json.dumps({"said": text}) + "\n" for text in said))
    (tmp_path / "folder" / "in").mkdir(parents=True)
    for name, text in zip(("a.txt", "b.txt", "in/a.txt"), said, strict=True):
        (tmp_path / "folder" / name).write_text(text)
    pipe = SimpleNamespace(buffer=io.BytesIO("\n".join(said).encode()))
    monkeypatch.setattr(sys, "stdin", pipe)
    every = [texts.read(name) for name in ("new.txt", "new.csv", "new.jsonl", "folder", "-")]
    first = every[0].inputs["features"].tolist()
    assert [found.inputs["features"].tolist() for found in every] == [first] * 5
    assert every[3].beside == {"file": ["a.txt", "b.txt", "in/a.txt"]}
    assert every[1].notes == ["columns that the run does not use were ignored: id"]


def test_an_empty_text_is_named_or_left_out(texts, tmp_path):
    (tmp_path / "new.txt").write_text("good\n\nbad\n")
    assert message_of(texts, "new.txt") == (
        f"new.txt: 1 problem\n\n2 the text is empty, and the run was trained without empty texts{SKIP}\n   2 |"
    )
    found = texts.read("new.txt", skip=True)
    assert (found.index, found.skipped) == ([0, 2], 1)


def test_a_folder_without_texts_is_told(texts, tmp_path):
    (tmp_path / "none").mkdir()
    assert message_of(texts, "none") == "none: the folder holds no .txt files; each is read as a text"


# Sequences


@pytest.fixture
def sequences(run_on, tmp_path):
    lines = [json.dumps({"x": [1 + i % 5, 2, 3][: 1 + i % 3], "y": i % 2}) for i in range(30)]
    (tmp_path / "s.jsonl").write_text("\n".join(lines))
    return run_on(SequenceSource(type="sequences", path="s.jsonl", num_words=6))


def test_sequences_come_from_lines_cells_and_arrays(sequences, tmp_path):
    (tmp_path / "new.jsonl").write_text('{"x": [1, 2]}\n\n{"x": [5]}\n')
    (tmp_path / "new.csv").write_text("id,x\n1,1 2\n2,5\n")
    np.savez(tmp_path / "new.npz", x=np.array([1, 2, 5]), lengths=np.array([2, 1]))
    found = [sequences.read(name).inputs["features"].tolist() for name in ("new.jsonl", "new.csv", "new.npz")]
    assert found == [[[1, 2, 0], [5, 0, 0]]] * 3 or found == [[[0, 1, 2], [0, 0, 5]]] * 3


def test_bad_sequences_are_named_and_left_out(sequences, tmp_path):
    (tmp_path / "new.jsonl").write_text(
        '{"x": [1]}\n{"x": [7]}\n{"x": []}\n{"k": 1}\n{"x": [-1]}\n{"x": [2]}\n'
    )
    assert message_of(sequences, "new.jsonl") == (
        "new.jsonl: 1 problem\n\n2 the number 7 is higher than those that the run knows, 0 to 5"
        f'{SKIP}\n   2 | {{"x": [7]}}'
    )
    found = sequences.read("new.jsonl", skip=True)
    assert (found.index, found.skipped) == ([0, 5], 4)
    assert [problem.message for problem in found.problems[1:]] == [
        "the sequence is empty",
        "this line has no 'x'; it holds k",
        "the number -1 is negative; the run looks up numbers from 0",
    ]


# Series


@pytest.fixture
def series(run_on, tmp_path):
    rows = [f"{t},{place},{t + (100 if place == 'b' else 0)},{t % 7}" for place in "ab" for t in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["time,place,load,wind", *rows]))
    return run_on(
        SeriesSource(type="series", path="t.csv", target="load", window=4, time="time", group="place")
    )


def test_the_last_window_of_each_series_is_read(series, tmp_path):
    rows = [f"{t},{place},{t},{t + 1}" for t in range(6) for place in ("x", "y")]
    (tmp_path / "new.csv").write_text("\n".join(["time,place,load,wind", *rows]))
    found = series.read("new.csv")
    assert (found.index, found.beside) == ([10, 11], {"series": ["x", "y"]})
    assert found.inputs["features"].tolist() == [[[t, t + 1] for t in range(2, 6)]] * 2


def test_a_series_shorter_than_a_window_is_named(series, tmp_path):
    (tmp_path / "new.csv").write_text("time,place,load,wind\n1,x,1,1\n2,x,1,1\n")
    assert message_of(series, "new.csv") == (
        "new.csv: a window takes 4 rows that follow one another, and the end of the series of 'x' has 2"
    )
    (tmp_path / "new.csv").write_text("time,place,load\n1,x,1\n2,x,1\n")
    assert message_of(series, "new.csv") == (
        "new.csv: the run's feature column 'wind' is not in the file; the file has time, place, load"
    )


def test_a_series_does_not_come_from_a_pipe(series):
    assert message_of(series, "-") == (
        "standard input: what comes in can't be read for this run; give a CSV file whose last rows are to be "
        "gone on from"
    )
