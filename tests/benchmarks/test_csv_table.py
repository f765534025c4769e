"""The benchmark itself runs; its figures are for a machine that is not busy."""

import importlib.util
import re
from pathlib import Path

spec = importlib.util.spec_from_file_location("csv_table", Path(__file__).with_name("csv_table.py"))
csv_table = importlib.util.module_from_spec(spec)
spec.loader.exec_module(csv_table)


def test_a_line_tells_rows_a_second(monkeypatch):
    monkeypatch.setattr(csv_table, "TURNS", 1)
    line = csv_table.measure(2_000, 5)
    assert re.match(r"csv 2,000 x 5: [\d,]+ rows/s \(\d+\.\d\d s\); ", line)


def test_without_pandas_there_is_a_reason(monkeypatch):
    monkeypatch.setattr(csv_table, "TURNS", 1)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert csv_table.measure(100, 3).endswith("; no comparison: pandas is not installed")
