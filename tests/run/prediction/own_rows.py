"""A run on the rows of its own source: what it says of the test rows is what `predictions.csv` has."""

import csv
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from nntrain.run.prediction.ask import Ask
from nntrain.run.prediction.predict import predict

TOLERANCE = 2e-6
"""Probabilities are rounded to six decimals; larger batches may sum in another order."""


def table(text):
    """The columns of a CSV text by name."""
    names, *rows = csv.reader(io.StringIO(text))
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def predicted(run, *inputs, **asked):
    """The columns that a run gives on standard output, and what was done."""
    out = io.BytesIO()
    done = predict(str(run), Ask(tuple(map(str, inputs)), **asked), out)
    return table(out.getvalue().decode()) if out.getvalue() else {}, done


def check_config(run, config, folder):
    """Compare what a run says of the rows of its config, where they are a file or a set of scikit-learn.

    Args:
        run: Its directory.
        config: As loaded.
        folder: Where a file can be written.
    """
    data = config.data
    if data.type == "series":
        check_last_window(run, config.origin.folder / data.path, data, folder)
        return
    file = config.origin.folder / next(
        filter(None, (getattr(data, key, None) for key in ("path", "x", "list"))), ""
    )
    if data.type == "sklearn":
        file = written(data, json.loads((run / "preprocess.json").read_text()), folder)
    elif "*" in file.name:  # several files are rows of one source; the first has the first rows
        file = min(file.parent.glob(file.name))
    if data.task == "segmentation":
        check_masks(run, file, config.origin.folder / data.masks)
        return
    tasks = {target["task"] for target in json.loads((run / "run.json").read_text())["targets"]}
    check_own_rows(run, file, classes=tasks <= {"classification", "multi_label"})


def written(source, preprocess, folder):
    """The features of a set of scikit-learn as a file that a run takes."""
    from nntrain.data.sklearn_builtin import load

    part = load(source, folder).rows
    (first, *_) = part.inputs.values()
    if isinstance(first, np.ndarray):
        np.savez(folder / "x.npz", x=first)
        return folder / "x.npz"
    columns = {name: values for table in part.inputs.values() for name, values in table.numeric.items()}
    with (folder / "x.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(zip(*(values.tolist() for values in columns.values()), strict=True))
    return folder / "x.csv"


def check_last_window(run, file, source, folder):
    """Of a series, what follows the file's rows up to where a test row's window ends is that row's forecast."""
    recorded = table((run / "predictions.csv").read_text())
    lines = file.read_text().splitlines()
    last = len(lines) - 1 - (source.reach - source.window)  # rows up to the end of the last window
    (folder / "cut.csv").write_text("\n".join(lines[: last + 1]))
    found, _ = predicted(run, folder / "cut.csv")
    for name in found.keys() & recorded.keys() - {"row"}:
        assert abs(float(found[name][0]) - float(recorded[name][-1])) < TOLERANCE


def check_masks(run, images, masks):
    """Masks that agree with the actual ones as well as the run says."""
    recorded = table((run / "predictions.csv").read_text())
    predicted(run, images, to=str(run / "masks.npz"))
    with np.load(run / "masks.npz") as found:
        for row, accuracy in zip(recorded["row"], recorded["accuracy"], strict=True):
            name = Path(str(found["file"][int(row)])).with_suffix(".png").name
            actual = np.asarray(Image.open(masks / name))
            assert abs((actual == found["mask"][int(row)]).mean() - float(accuracy)) < TOLERANCE


def check_own_rows(run, file, classes=False):
    """Compare each column that both have, row by row."""
    recorded = table((run / "predictions.csv").read_text())
    found, _ = predicted(run, file, probabilities=classes)
    position = {row: i for i, row in enumerate(found["row"])}
    here = [i for i, row in enumerate(recorded["row"]) if row in position]
    rows = [position[recorded["row"][i]] for i in here]
    compared = [name for name in recorded if name in found and name != "row"]
    assert compared
    assert here
    for name in compared:
        mine, theirs = [found[name][row] for row in rows], [recorded[name][i] for i in here]
        if all(map(is_number, [*mine, *theirs])):
            truth = np.array(theirs, float)
            gap = np.abs(np.array(mine, float) - truth) / np.maximum(1, np.abs(truth))
            assert gap.max() < TOLERANCE, name
        else:
            assert mine == theirs, name
    return compared


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True
