"""A config that a run could not read again is refused before anything is trained."""

import re

import pytest

from nntrain.config import load_config
from nntrain.config.dump import to_yaml
from nntrain.config.text.source import MAX_BYTES
from nntrain.errors import ConfigError

CONFIG = """\
name: wide
data: {type: csv, path: rows.csv, target: y, categorical: [%s], split: {test: 0.2}}
model:
  layers: [{type: Dense, units: 3, activation: softmax}]
training: {loss: sparse_categorical_crossentropy, epochs: 1}
"""


def written(folder, count, width):
    file = folder / "wide.yaml"
    file.write_text(CONFIG % ",".join(f"{'c' * width}{i}" for i in range(count)))
    return file


def test_a_config_of_many_values_is_read_and_written_again(tmp_path):
    config = load_config(written(tmp_path, 4000, 30))
    text = to_yaml(config)
    assert MAX_BYTES / 2 < len(text.encode()) <= MAX_BYTES
    (tmp_path / "resolved.yaml").write_text(text)
    assert len(load_config(tmp_path / "resolved.yaml").data.categorical) == 4000


@pytest.mark.parametrize(
    ("count", "width", "found"),
    [(19_980, 1, r"20,\d\d\d values, more than 20,000"), (6000, 36, "more than 256 KiB")],
)
def test_a_config_that_its_defaults_make_too_large_is_refused(tmp_path, count, width, found):
    file = written(tmp_path, count, width)
    assert file.stat().st_size <= MAX_BYTES
    with pytest.raises(ConfigError) as raised:
        load_config(file)
    assert re.fullmatch(
        re.escape(str(file))
        + f": with its defaults this config has {found}, and a run could not read it again; shorten its lists",
        str(raised.value),
    )
