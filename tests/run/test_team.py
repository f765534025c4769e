"""What workers are given is compared before they train, and what a loss of one of them is told as."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from nntrain.config import load_config
from nntrain.config.workers import Membership
from nntrain.distribution.local import environment_of, free_ports
from nntrain.distribution.meeting import meet
from nntrain.errors import ConflictError, Helped, MachineError, UsageError
from nntrain.run import team as teams
from nntrain.run.changes import changes_of_workers
from nntrain.run.folds import fit_folds, fit_seeds
from nntrain.run.lesson import lesson_of
from nntrain.run.team import Team
from tests.cli.in_process import run_command
from tests.conftest import BLOBS, CONFIGS

XOR = CONFIGS / "course" / "perceptron" / "xor.yaml"
HELD = SimpleNamespace(inputs={"features": np.zeros((2, 1))})
DATA = SimpleNamespace(fingerprint="a" * 64, train=HELD)


@pytest.fixture
def two(tmp_path, monkeypatch):
    """Two workers, of which the second has another config, data or versions, and what both say."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
    path = tmp_path / "blobs.yaml"
    path.write_text(BLOBS)

    def told(*overrides, data=DATA, **changed):
        members = [Membership(tuple(addresses), index, 10.0) for index in range(2)]
        found = [load_config(path), load_config(path, overrides)]
        given = [
            Team(who)._given(config, data if who.index else DATA)
            for who, config in zip(members, found, strict=True)
        ]
        given[1] |= changed

        def one(who):
            with pytest.raises(ConflictError) as error:
                meet(who, given[who.index], teams._difference)
            return str(error.value)

        with ThreadPoolExecutor(2) as threads:
            (text,) = {*threads.map(one, members)}
        before, after = "was given: ", "; start all of them with the same"
        assert text.startswith(
            f"worker 1 ({addresses[1]}) was not given what worker 0 ({addresses[0]}) {before}"
        )
        return text.partition(before)[2].removesuffix(after)

    return told


def test_another_config_is_named_by_its_key(two):
    assert two("training.epochs=6") == "training.epochs is 6 there and 5 here"
    assert two("model.layers.0.units=9") == "model.layers[0].units is 9 there and 8 here"
    found = two("training.early_stopping={patience: 3}")
    assert found == "training.early_stopping is not set there and None here"


def test_other_data_versions_and_checkpoints_are_named(two):
    assert two(data=SimpleNamespace(fingerprint="b" * 64, train=HELD)) == (
        "the SHA-256 of the data is bbbbbbbbbbbb... there and aaaaaaaaaaaa... here"
    )
    assert two(versions={**teams.versions(), "keras": "3.0"}) == (
        f"keras is 3.0 there and {teams.versions()['keras']} here"
    )
    assert two(rows="in their file") == (
        "the place of the rows (data.streaming) is in their file there and in memory here"
    )
    assert two(checkpoint="epoch 3 of 2026") == (
        "the checkpoint to go on from is epoch 3 of 2026 there and None here"
    )
    assert two(workers=["a:1", "b:2"]).startswith("the list of workers is a:1, b:2 there and 127.0.0.1:")


def test_what_one_worker_alone_does_may_differ(tmp_path):
    path = tmp_path / "blobs.yaml"
    path.write_text(BLOBS)
    who = Membership(("127.0.0.1:1", "127.0.0.1:2"), 1, 1.0)
    free = ["description=mine", "training.checkpoint.keep=3", "training.tensorboard=true"]
    ours, theirs = (Team(who)._given(load_config(path, more), DATA) for more in ([], free))
    assert teams._difference(ours, theirs) is None


def lost(numbers, silent=False):
    team = Team(Membership(("127.0.0.1:1", "127.0.0.1:2"), 0, 60.0))
    team._links = SimpleNamespace(lost=lambda patience: numbers, silent=silent, patience=60.0)
    return team


def test_a_loss_is_told_as_what_it_is(tmp_path):
    import tensorflow as tf

    def said(team, error):
        with pytest.raises(MachineError) as caught, team.told():
            raise error
        return str(caught.value)

    gone = tf.errors.InternalError(None, None, "collective aborted")
    assert said(lost([1]), gone) == "worker 1 (127.0.0.1:2) ended before the others had trained"
    assert said(lost([1], silent=True), gone) == (
        "worker 1 (127.0.0.1:2) did not answer for 60 s: it hangs, or the network to it is broken"
    )
    late = tf.errors.DeadlineExceededError(None, None, "timed out")
    team = lost([])
    team.run = tmp_path
    assert said(team, late) == (
        "a worker has not answered for 60 s: it hangs, or the network between the workers is broken; "
        f"go on with: nntrain launch --workers 2 --resume {tmp_path}"
    )
    far = Team(Membership(("10.0.0.1:1", "10.0.0.2:2"), 0, 60.0))
    far._links, far.run = team._links, tmp_path
    assert said(far, late).endswith(f"; start all of them again, each with: nntrain resume {tmp_path}")


def test_a_worker_that_ends_while_others_get_ready_is_told_too(tmp_path, monkeypatch):
    """Optimizers have variables, whose first values come from worker 0."""
    import tensorflow as tf

    def made(*_, **__):
        raise tf.errors.UnavailableError(None, None, "Collective ops is aborted by: another worker has ended")

    path = tmp_path / "blobs.yaml"
    path.write_text(BLOBS)
    monkeypatch.setattr("nntrain.run.recipe.recipe", made)
    monkeypatch.setattr("nntrain.run.recipe.xla_pays", lambda *_: False)
    model = SimpleNamespace(distribute_strategy=tf.distribute.get_strategy())
    experiment = SimpleNamespace(model=model, dataset=DATA, config=load_config(path))
    computing = SimpleNamespace(device="CPU", cores=1)
    session = SimpleNamespace(config=load_config(path), computing=computing, team=lost([1]))
    with pytest.raises(MachineError) as caught:
        lesson_of(session, experiment)
    assert str(caught.value) == "worker 1 (127.0.0.1:2) ended before the others had trained"


def test_an_error_that_is_no_loss_stays_itself():
    import tensorflow as tf

    own = tf.errors.InvalidArgumentError(None, None, "labels out of range")
    for error in (own, ValueError("no"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, lost([]).told():
            raise error
        assert caught.value is error


def test_a_run_goes_on_with_as_many_workers():
    record = {"workers": ["127.0.0.1:1", "127.0.0.1:2"]}
    three = Team(Membership(("a:1", "b:1", "c:1"), 0, 1.0))
    assert list(changes_of_workers(record, three)) == [
        "the run was trained by 2 workers and would be by 3 workers"
    ]
    assert list(changes_of_workers(record, None)) == [
        "the run was trained by 2 workers and would be by one process"
    ]
    assert list(changes_of_workers({}, None)) == []


@pytest.mark.parametrize(("train", "option"), [(fit_folds, "--folds"), (fit_seeds, "--seeds")])
def test_several_runs_take_one_process(train, option, tmp_path):
    config = load_config(XOR, ["training.distribute=workers"])
    with pytest.raises(UsageError) as error:
        train(config, 2, tmp_path)
    assert str(error.value) == (
        f"{option} trains several runs, and this config is for workers that train one together; "
        "add training.distribute=null"
    )


def test_a_port_in_use_ends_a_worker_before_anything_is_read(monkeypatch, capsys, tmp_path):
    import socket

    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        addresses = [f"127.0.0.1:{port}", f"127.0.0.1:{free_ports(1)[0]}"]
        monkeypatch.setenv("TF_CONFIG", environment_of(addresses, 0)["TF_CONFIG"])
        monkeypatch.chdir(tmp_path)
        done = run_command(monkeypatch, capsys, "fit", XOR, "training.distribute=workers")
    assert done.code == 7
    assert done.err == (
        f"port {port} of worker 0 (127.0.0.1:{port}) is in use by another process; end that, or take another port\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_has_helped_says_so(monkeypatch, capsys):
    def helped(*_, **__):
        raise Helped(1, 2)

    monkeypatch.setattr("nntrain.run.fit.fit", helped)
    done = run_command(monkeypatch, capsys, "fit", XOR)
    assert (done.code, done.out, done.err) == (0, "", "worker 1 of 2 is done; worker 0 has the results\n")
    done = run_command(monkeypatch, capsys, "fit", XOR, "--json")
    assert done.out == (
        '{"schema": "nntrain.result/1", "command": "fit", "ok": true, "exit": 0, "worker": 1, "workers": 2}\n'
    )
