"""The part of the script that reads, divides and prepares the rows."""

from __future__ import annotations

import os
from pathlib import Path

from nntrain.config.data import CsvSource, KerasSource, NpySource, NpzSource, ParquetSource, SklearnSource
from nntrain.config.schema import Config
from nntrain.data.dataset import Dataset
from nntrain.run.eject.code import Call, lines, listed, literal, text


def reading(config: Config, dataset: Dataset) -> tuple[list[str], set[str]]:
    """The lines that read `x`, `y` and `classes`, and the imports that they need."""
    data, task = config.data, dataset.target.task
    found: list[str] = []
    if isinstance(data, SklearnSource):
        imports, found = _sklearn(data)
    elif isinstance(data, KerasSource):
        imports, found = set(), [f"(x, y), (x_test, y_test) = keras.datasets.{data.name}.load_data()"]
    elif isinstance(data, NpzSource):
        imports, found = set(), [f"arrays = np.load({_path(config, data.path)})"]
        found.append(f"x, y = arrays[{text(data.x or 'x')}], arrays[{text(data.y or 'y')}]")
    elif isinstance(data, NpySource):
        imports, found = set(), [f"x = np.load({_path(config, data.x)})"]
        found += [f"y = np.load({_path(config, data.y)})"] if data.y else []
    else:
        imports, found = _table(config, dataset)
    if task == "reconstruction":
        found = [line.replace("x, y = data.data, data.target", "x = data.data") for line in found]
    elif task == "classification":
        found += _classes(config, dataset)
    return found, imports


def _classes(config: Config, dataset: Dataset) -> list[str]:
    """The lines that give the names of the classes, and the labels as their numbers."""
    data = config.data
    if isinstance(data, SklearnSource) and not data.name.startswith("make_"):
        return ["classes = [str(name) for name in data.target_names]"]
    named = isinstance(data, SklearnSource | KerasSource) or getattr(data, "class_names", None) is not None
    if not named:
        return ["names, y = np.unique(y, return_inverse=True)", "classes = [str(name) for name in names]"]
    return lines("classes = ", listed([text(name) for name in dataset.classes]))


def _sklearn(data: SklearnSource) -> tuple[set[str], list[str]]:
    if data.name.startswith("make_"):
        given = {**data.generator_arguments, "random_state": data.random_state}
        named = {key: literal(value) for key, value in given.items()}
        return {f"from sklearn.datasets import {data.name}"}, lines("x, y = ", Call(data.name, (), named))
    found = [f"data = load_{data.name}()", "x, y = data.data, data.target"]
    return {f"from sklearn.datasets import load_{data.name}"}, found


def _table(config: Config, dataset: Dataset) -> tuple[set[str], list[str]]:
    data = config.data
    ((_, state),) = dataset.preprocess["inputs"].items()
    names = [column["name"] for column in state["columns"]]
    module = "csv" if isinstance(data, CsvSource) else "parquet"
    reads = "csv.read_csv" if isinstance(data, CsvSource) else "parquet.read_table"
    assert isinstance(data, CsvSource | ParquetSource)
    path = _path(config, data.path)
    found = [f"table = {reads}({path})"]
    found += lines("features = ", listed([text(name) for name in names]))
    found.append("x = np.column_stack([table[name].to_numpy() for name in features])")
    ((column,),) = dataset.preprocess["targets"].values() or ((None,),)
    if column is not None:
        found.append(f"y = table[{text(column)}].to_numpy()")
    return {f"from pyarrow import {module}"}, found


def _path(config: Config, written: str) -> str:
    """A file's path as a script in the current folder finds it."""
    path = Path(config.origin.folder, written).resolve()
    here = Path.cwd()
    return text(os.fspath(path.relative_to(here) if path.is_relative_to(here) else path))


def dividing(config: Config, dataset: Dataset) -> list[str]:
    """The lines that give `train`, `validation` and `test`, row numbers each."""
    split = config.data.split
    own_test = isinstance(config.data, KerasSource)
    shares = {"test": 0.0 if own_test else split.test or 0.0, "validation": split.validation}
    found = ["train = np.arange(len(x))"]
    if not any(shares.values()):
        return found
    seed = "SEED" if split.seed is None else str(split.seed)
    stratify = split.stratify and dataset.target.task == "classification"
    kept = ", stratify=y[rows]" if stratify else ""
    draw = f"train_test_split(rows, test_size=held, random_state={seed}{kept})"
    function = [
        "def hold_out(rows, share):",
        '    """Draw a share of the rows: those that stay, and those that are held out."""',
        "    held = round(len(rows) * share)",
        *lines("stay, out = ", _as_call(draw), indent="    "),
        "    return np.sort(stay), np.sort(out)",
    ]
    drawn = [f"train, {name} = hold_out(train, {share})" for name, share in shares.items() if share]
    return ["", *function, "", "", *found, *drawn]


def _as_call(written: str) -> Call:
    name, inside = written[:-1].split("(", 1)
    return Call(name, inside.split(", "))


def preparing(config: Config, dataset: Dataset) -> list[str]:
    """The lines that make float32 of raw numbers, by what the training rows teach."""
    steps = config.data.preprocess.numeric
    flat = len(dataset.train.x.shape) == 2
    axis = "axis=0" if flat else ""
    found = []
    if steps.impute == "median":
        found.append(f"x = np.where(np.isnan(x), np.nanmedian(x[train], {axis}), x)")
    elif steps.impute == "mean":
        found.append(f"x = np.where(np.isnan(x), np.nanmean(x[train], {axis}), x)")
    elif steps.impute is not None:
        found.append(f"x = np.where(np.isnan(x), {steps.impute!r}, x)")
    if steps.clip is not None:
        found.append(f"x = np.clip(x, {steps.clip[0]!r}, {steps.clip[1]!r})")
    if steps.log:
        found.append("x = np.log1p(x)")
    shift, divisor, learnt = "0", "1", []
    if steps.scale == "standard":
        learnt = [f"mean, std = x[train].mean({axis}), x[train].std({axis})"]
        shift, divisor = "mean", "np.where(std == 0, 1, std)"
    elif steps.scale == "min_max":
        learnt = [f"low, high = x[train].min({axis}), x[train].max({axis})"]
        shift, divisor = "low", "np.where(high == low, 1, high - low)"
    elif steps.scale == "robust":
        quantiles = (
            f"np.quantile(x[train], [0.25, 0.5, 0.75], {axis})"
            if flat
            else "np.quantile(x[train], [0.25, 0.5, 0.75])"
        )
        learnt = [f"low, middle, high = {quantiles}"]
        shift, divisor = "middle", "np.where(high == low, 1, high - low)"
    elif steps.range is not None:
        shift, divisor = _number(steps.range[0]), _number(steps.range[1] - steps.range[0])
    found += learnt
    moved = "x" if shift == "0" else f"(x - {shift})"
    scaled = moved if divisor == "1" else f"{moved} / {divisor}"
    whole = scaled if scaled in ("x", moved) else f"({scaled})"
    found.append(f'x = {whole}.astype("float32")')
    if isinstance(config.data, KerasSource):
        test = scaled.replace("x", "x_test") if scaled == "x" or scaled.startswith("x /") else ""
        found.append(f'x_test = {f"({test})" if " " in test else test}.astype("float32")')
    return found


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)
