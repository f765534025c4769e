"""What does not fit into memory is refused with a word, and the process lives on."""

import pytest

from nntrain import load_config
from nntrain.data import sklearn_builtin
from nntrain.errors import MemoryLimitError
from nntrain.run.reading import read_data
from tests.reliability.limits import OVERSIZED, judged


def test_ten_oversized_configs_in_4_gib_are_each_told_and_none_ends_the_process(tmp_path):
    ended, told = judged(tmp_path)
    assert ended == 0
    assert list(told) == list(OVERSIZED)
    assert len(told) == 10
    assert {code for code, _ in told.values()} <= {3, 8}
    for name, (_, message) in told.items():
        assert message.split(":", 1)[0] in {"command line", f"{tmp_path}/blobs.yaml"}, name
        assert "memory" in message or "limits.max_params" in message, name
    assert told["rows"][1] == (
        "command line: data.n_samples: 2,000,000,000 rows of make_blobs do not fit into memory; make fewer\n"
        "       data.n_samples=2000000000\n"
        "                      ^"
    )
    assert told["repeated rows"][1].splitlines()[0] == (
        "command line: model.layers[0]: RepeatVector does not fit into memory: its input is (None, 2); make "
        "either smaller"
    )


def test_rows_that_numpy_can_not_allocate_are_told_too(write_config, monkeypatch):
    monkeypatch.setattr(sklearn_builtin, "available_memory", lambda: None)

    def full(**_):
        raise MemoryError

    monkeypatch.setattr("sklearn.datasets.make_blobs", full)
    with pytest.raises(MemoryLimitError, match=r"6:14 data.n_samples: 120 rows of make_blobs do not fit"):
        read_data(load_config(write_config()))
