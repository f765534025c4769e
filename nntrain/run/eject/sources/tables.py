"""Sources of named columns: CSV and Parquet files, OpenML, and scikit-learn's sets by their columns."""

from __future__ import annotations

from typing import Any

from nntrain.config.data import (
    CsvSource,
    OpenmlSource,
    ParquetSource,
    SeriesSource,
    SklearnSource,
    TextSource,
)
from nntrain.run.eject.code import Call, Expression, lines, listed, literal, on_one_line, text
from nntrain.run.eject.draft import Draft, Source

Table = CsvSource | ParquetSource | OpenmlSource | SklearnSource
TOKENS = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"})
TRUTH = "columns of true and false (or yes and no)"
"""How the note begins that tells of such columns."""
PANDAS = frozenset(
    {
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "None",
        "n/a",
    }
)
"""Texts that are missing values to pandas alone."""


def by_columns(data: SklearnSource) -> bool:
    """Whether a set of scikit-learn is taken apart by its columns."""
    return bool(
        data.inputs or data.targets or data.preprocess.columns or data.preprocess.numeric.flag_missing
    )


def table(draft: Draft, data: Table) -> Source:
    """The lines that give `table`, the columns of the targets, and the weights."""
    if isinstance(data, CsvSource):
        found = csv(draft, data)
    elif isinstance(data, ParquetSource):
        found = _files(draft, data.path, "pd.read_parquet", {})
    elif isinstance(data, OpenmlSource):
        found = _openml(draft, data)
    else:
        draft.need(f"from sklearn.datasets import load_{data.name}")
        found = [f"table = load_{data.name}(as_frame=True).frame"]
    for name in getattr(data, "dates", ()):
        draft.need("import pandas as pd")
        draft.define(DAYS)
        found.append(f"table[{text(name)}] = days(table[{text(name)}])")
    found += targets(draft)
    weight = getattr(data, "sample_weight", None)
    if weight is not None:
        found.append(f'weights = table[{text(str(weight))}].to_numpy("float32")')
    return Source(found, "len(table)")


def targets(draft: Draft) -> list[str]:
    """The lines that give `y` out of `table`; of several targets `y_` with the name of each."""
    found = []
    for info in draft.dataset.targets:
        columns = draft.dataset.preprocess["targets"].get(info.name, ())
        if info.task == "reconstruction" or not columns:
            continue
        kind = "" if info.task == "classification" else '"float32"'
        y = raw_name(draft, info.name)
        if len(columns) == 1:
            found.append(f"{y} = table[{text(columns[0])}].to_numpy({kind})")
            continue
        after = "].to_numpy().argmax(axis=1)" if not kind else f"].to_numpy({kind})"
        found += lines(f"{y} = table[", listed([text(column) for column in columns]), after)
    return found


def raw_name(draft: Draft, target: str, stem: str = "y") -> str:
    """The variable of a target: `y` of the only one."""
    if len(draft.dataset.targets) == 1:
        return stem
    return f"{stem}_{''.join(sign if sign.isalnum() else '_' for sign in target)}"


def csv(draft: Draft, data: CsvSource | TextSource | SeriesSource) -> list[str]:
    """The line that reads CSV files."""
    named: dict[str, Expression] = {}
    delimiter = data.delimiter
    if delimiter is None and data.path.endswith((".tsv", ".tsv.gz")):
        delimiter = "\t"
    if delimiter not in (None, ","):
        named["sep"] = text(delimiter)
    names = getattr(data, "columns", None)
    if not data.header:
        named["header"] = "None"
        if names is not None:
            named["names"] = listed([text(name) for name in names])
    texts = []
    if isinstance(data, CsvSource) and (data.categorical or data.preprocess.texts):
        texts = [column["name"] for column in _columns(draft) if column["kind"] != "numeric"]
    if isinstance(data, CsvSource) and isinstance(data.split.by_group, str):
        texts.append(data.split.by_group)
    if texts:
        named["dtype"] = literal(dict.fromkeys(texts, "str"))
    named |= _missing(draft, data)
    found = _files(draft, data.path, "pd.read_csv", named)
    if not data.header and names is None:
        found.append('table.columns = [f"c{i}" for i in range(table.shape[1])]')
    return found


def _missing(draft: Draft, data: CsvSource | TextSource | SeriesSource) -> dict[str, Expression]:
    """What tells pandas which cells are missing, where that differs from what it knows."""
    if isinstance(data, TextSource):
        return {"keep_default_na": "False"}
    truth = {}
    if any(note.startswith(TRUTH) for note in draft.dataset.notes):
        truth = {"true_values": '["yes"]', "false_values": '["no"]'}
    columns = _columns(draft)
    known = {category for column in columns for category in column.get("categories", ())}
    if frozenset(data.missing) != TOKENS or known & PANDAS:
        cells = listed([text(cell) for cell in data.missing])
        return {**truth, "keep_default_na": "False", "na_values": cells}
    filled = any(column.get("impute") is not None for column in columns)
    return {**truth, "na_values": '"?"'} if filled else {**truth}


def _columns(draft: Draft) -> list[dict[str, Any]]:
    """The state of every feature column."""
    found: list[dict[str, Any]] = []
    for state in draft.dataset.preprocess["inputs"].values():
        inner = state["windows"]["of"] if state["kind"] == "windows" else state
        found += inner.get("columns", ())
        if "column" in state:
            found.append({"name": state["column"], "kind": "text"})
    return found


def _files(draft: Draft, path: str, reader: str, named: dict[str, Expression]) -> list[str]:
    """The lines that read one file, or several below one another."""
    draft.need("import pandas as pd")
    if not any(sign in path for sign in "*?["):
        return lines("table = ", Call(reader, [draft.path(path)], named))
    draft.need("from glob import glob")
    found = [f"files = sorted(glob({draft.path(path)}))"]
    read = f"{on_one_line(Call(reader, ['file'], named))} for file in files"
    return [*found, *lines("parts = ", listed([read])), "table = pd.concat(parts, ignore_index=True)"]


def _openml(draft: Draft, data: OpenmlSource) -> list[str]:
    draft.need("from sklearn.datasets import fetch_openml")
    given: list[Expression] = [] if data.name is None else [text(data.name)]
    which = {"version": str(data.version)} if data.id is None else {"data_id": str(data.id)}
    return lines("table = ", Call("fetch_openml", given, {**which, "as_frame": "True"}), ".frame")


DAYS = '''
def days(dates):
    """Days since 1970-01-01, hours and minutes as fractions."""
    since = pd.to_datetime(dates, utc=True) - pd.Timestamp(0, tz="UTC")
    return since / pd.Timedelta(days=1)
'''
