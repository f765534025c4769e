"""Sources of texts and of sequences of whole numbers."""

from __future__ import annotations

from pathlib import Path

from nntrain.config.data import SequenceSource, TextSource
from nntrain.run.eject.code import text
from nntrain.run.eject.draft import Draft, Source
from nntrain.run.eject.sources import tables


def texts(draft: Draft, data: TextSource) -> Source:
    """The lines that give `texts` and `y`, from two columns or from a folder for each class."""
    if data.text is None:
        draft.need("from pathlib import Path")
        found = [f'files = sorted(Path({draft.path(data.path)}).glob("*/*.txt"))']
        if data.classes is not None:
            found.append(f"files = [file for file in files if file.parent.name in {list(data.classes)!r}]")
        found.append('texts = np.array([file.read_text("utf-8-sig") for file in files], object)')
        found.append("y = np.array([file.parent.name for file in files])")
        return Source(found, "len(texts)")
    found = tables.csv(draft, data)
    name = text(data.text) if isinstance(data.text, str) else f"table.columns[{data.text}]"
    found.append(f"texts = table[{name}].to_numpy()")
    return Source([*found, *tables.targets(draft)], "len(texts)")


def sequences(draft: Draft, data: SequenceSource) -> Source:
    """The lines that give `sequences` and `y`."""
    suffix, path, x, y = Path(data.path).suffix, draft.path(data.path), text(data.x), text(data.y)
    if suffix == ".npz":
        ends = f"np.cumsum(arrays[{text(data.lengths or 'lengths')}])[:-1]"
        if data.offsets is not None:
            ends = f"arrays[{text(data.offsets)}][1:len(arrays[{y}])]"
        found = [
            f"arrays = np.load({path})",
            f"sequences = np.split(arrays[{x}], {ends})",
            f"y = arrays[{y}]",
        ]
    elif suffix in (".jsonl", ".ndjson", ".json"):
        draft.need("import json", "from pathlib import Path")
        found = [f'content = Path({path}).read_text("utf-8-sig")']
        found.append("lines = [json.loads(line) for line in content.splitlines() if line]")
        found += [
            f"sequences = [line[{x}] for line in lines]",
            f"y = np.array([line[{y}] for line in lines])",
        ]
    else:
        draft.need("import pandas as pd")
        found = [f"table = pd.read_csv({path}, dtype={{{x}: str}}, sep={text(data.delimiter)})"]
        found += [f"sequences = [[int(n) for n in cell.split()] for cell in table[{x}]]"]
        found += [f"y = table[{y}].to_numpy()"]
    return Source(found, "len(sequences)")


def padded(draft: Draft, data: SequenceSource) -> list[str]:
    """The lines that make rows of one length of `sequences`."""
    length = str(data.length)
    found = []
    if data.length is None:
        length = "length"
        found.append("length = max(len(sequences[i]) for i in train)")
    sides = f'padding="{data.padding}", truncating="{data.truncating}"'
    found.append(f"x = keras.utils.pad_sequences(sequences, {length}, {sides})")
    if data.unknown is not None:
        found.append(f"x[x >= {data.num_words}] = {data.unknown}")
    return found
