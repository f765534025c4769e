import json
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import pytest

from nntrain.data.load import load
from nntrain.data.unlabelled.open import open_rows


class Run:
    """What a run knows once it has read its source."""

    def __init__(self, source, folder, loss="any"):
        self.source, self.folder = source, folder
        self.data = load(source, base=folder, seed=0, labels={"target": loss})

    def open(self, *paths, skip=False):
        document = json.loads(json.dumps(self.data.preprocess))
        return open_rows(self.source, document, document["targets"], [str(path) for path in paths], skip=skip)

    def read(self, *paths, skip=False):
        """All rows of an input together, and what was told."""
        with closing(self.open(*paths, skip=skip)) as rows:
            chunks = list(rows.chunks)
        kept = [chunk for chunk in chunks if len(chunk)]
        names = kept[0].inputs if kept else ()
        return SimpleNamespace(
            inputs={name: np.concatenate([np.asarray(c.inputs[name]) for c in kept]) for name in names},
            index=np.concatenate([chunk.index for chunk in chunks]).tolist(),
            beside={name: [v for c in kept for v in c.beside[name]] for name in chunks[0].beside},
            skipped=sum(chunk.skipped for chunk in chunks),
            problems=[problem for chunk in chunks for problem in chunk.problems],
            notes=rows.notes,
            done=[chunk.done for chunk in chunks],
            size=rows.size,
        )


@pytest.fixture
def run_on(tmp_path, monkeypatch):
    """A run on a source whose files lie in the folder that the test is in."""
    monkeypatch.chdir(tmp_path)
    return lambda source, **more: Run(source, tmp_path, **more)
