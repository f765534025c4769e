"""Which lines read a source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nntrain.config.data import (
    CsvSource,
    DataSection,
    ImagesSource,
    KerasSource,
    NpySource,
    NpzSource,
    OpenmlSource,
    ParquetSource,
    SequenceSource,
    SeriesSource,
    SklearnSource,
    TextSource,
    TfrecordSource,
)
from nntrain.run.eject.draft import Draft, Source
from nntrain.run.eject.sources import arrays, images, series, tables, texts

SOURCES: Mapping[type[DataSection], Callable[[Draft, Any], Source]] = {
    CsvSource: tables.table,
    ImagesSource: images.images,
    KerasSource: arrays.keras,
    NpySource: arrays.npy,
    NpzSource: arrays.npz,
    OpenmlSource: tables.table,
    ParquetSource: tables.table,
    SequenceSource: texts.sequences,
    SeriesSource: series.series,
    SklearnSource: arrays.sklearn,
    TextSource: texts.texts,
    TfrecordSource: arrays.tfrecord,
}


def read(draft: Draft) -> Source:
    """The lines that read the rows of the config's source."""
    data = draft.config.data
    if isinstance(data, SklearnSource) and tables.by_columns(data):
        return tables.table(draft, data)
    return SOURCES[type(data)](draft, data)
