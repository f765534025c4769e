"""A command that begins as a fork is what it is in a process of its own: the same bits, words and end."""

from tests.reliability.forks import server
from tests.reliability.net import CONFIG, alone, only_run, record
from tests.reliability.trainings import digest


def test_a_fork_comes_to_the_bits_of_a_process_of_its_own(tmp_path):
    text = CONFIG.replace("epochs: 4", "epochs: 3")
    digests, records = [], []
    for name, begin in (("alone", alone), ("forked", server().start)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.yaml").write_text(text)
        done = begin(["fit", "net.yaml", "-q"], tmp_path / name)
        assert done.wait() == 0, done.stderr
        digests.append(digest(only_run(tmp_path / name)))
        records.append(record(only_run(tmp_path / name)))
    assert digests[0] == digests[1]
    computed = (
        "status",
        "parameters",
        "device",
        "threads",
        "onednn",
        "deterministic",
        "data",
        "facts",
        "versions",
    )
    assert [records[0].get(key) for key in computed] == [records[1].get(key) for key in computed]
    assert records[0]["threads"] is not None


def test_the_process_that_is_forked_has_one_thread():
    assert server().threads == 1
