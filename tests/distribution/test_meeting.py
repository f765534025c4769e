"""Workers meet before TensorFlow connects them; here each is a thread."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from nntrain.config.workers import Membership
from nntrain.distribution.local import free_ports
from nntrain.distribution.meeting import check_port, meet
from nntrain.errors import ConflictError, MachineError


def different(first, other):
    return None if first == other else f"seed is {other['seed']} there and {first['seed']} here"


def cluster(count, timeout=20.0):
    addresses = tuple(f"127.0.0.1:{port}" for port in free_ports(count))
    return [Membership(addresses, index, timeout) for index in range(count)]


def met(workers, seeds=None):
    """What each of some workers that start at once comes to: its links, or the error."""
    seeds = seeds or [7] * len(workers)

    def one(who):
        try:
            return meet(who, {"seed": seeds[who.index]}, different)
        except (ConflictError, MachineError) as error:
            return error

    with ThreadPoolExecutor(len(workers)) as threads:
        return list(threads.map(one, workers))


@pytest.fixture
def three():
    workers = cluster(3)
    links = met(workers)
    yield workers, links
    for one in links:
        one.close()


def test_a_worker_that_hangs_up_is_known_to_all(three):
    _, links = three
    heard = [threading.Event() for _ in links]
    for one, event in zip(links, heard, strict=True):
        one.watch(event.set)
    links[1].close()
    assert heard[0].wait(5)
    assert heard[2].wait(5)
    assert links[0].lost(5) == links[2].lost(5) == [1]


def test_a_worker_that_falls_silent_is_known_to_all(three, monkeypatch):
    monkeypatch.setattr("nntrain.distribution.links.BEAT", 0.05)
    monkeypatch.setattr("nntrain.distribution.links.LOOK", 0.05)
    _, links = three
    heard = [threading.Event() for _ in links]
    for one, event in zip(links, heard, strict=True):
        assert one.patience == 20
        one.patience = 0.5
        if one is not links[1]:  # which gives no sign of life
            one.watch(event.set)
    assert heard[0].wait(5)
    assert heard[2].wait(5)
    assert links[0].lost(5) == links[2].lost(5) == [1]
    assert links[0].silent
    assert links[2].silent


def test_signs_of_life_keep_workers_together(three, monkeypatch):
    monkeypatch.setattr("nntrain.distribution.links.BEAT", 0.05)
    monkeypatch.setattr("nntrain.distribution.links.LOOK", 0.05)
    _, links = three
    for one in links:
        one.patience = 1.0
        one.watch(lambda: pytest.fail("nobody is lost"))
    time.sleep(2)
    links[0].finish()
    assert [one.wait_until_done() for one in links[1:]] == [True, True]
    assert [one.lost() for one in links] == [[], [], []]


def test_all_wait_until_the_first_worker_is_done(three):
    _, links = three
    for one in links:
        one.watch(lambda: pytest.fail("nobody is lost"))
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(one.wait_until_done) for one in links[1:]]
        time.sleep(0.1)
        assert not any(one.done() for one in waiting)
        links[0].finish()
        assert [one.result(5) for one in waiting] == [True, True]
    assert links[1].lost() == links[2].lost() == []


def test_others_hear_that_the_first_worker_ended_too_early(three):
    _, links = three
    links[2].watch(lambda: None)
    links[0].close()
    assert not links[2].wait_until_done()
    assert links[2].lost() == [0]


def test_the_ports_are_free_for_tensorflow_once_all_have_met(three):
    workers, _ = three
    for who in workers:
        check_port(who)


def test_another_config_is_refused_by_all():
    workers = cluster(3)
    found = met(workers, [7, 7, 8])
    text = (
        f"worker 2 ({workers[0].workers[2]}) was not given what worker 0 ({workers[0].workers[0]}) was given: "
        "seed is 8 there and 7 here; start all of them with the same"
    )
    assert [(type(one), str(one)) for one in found] == [(ConflictError, text)] * 3


def test_a_worker_that_does_not_come_is_named():
    workers = [replace(who, timeout=1.0) for who in cluster(3)]
    text = (
        f"worker 2 ({workers[0].workers[2]}) did not come within 1 s; start all, and look at their messages"
    )
    found = met(workers[:2])
    assert [(type(one), str(one)) for one in found] == [(MachineError, text)] * 2


def test_a_first_worker_that_does_not_come_is_named():
    _, other = [replace(who, timeout=0.5) for who in cluster(2)]
    (found,) = met([other], [7, 7])
    name = f"worker 0 ({other.workers[0]})"
    assert str(found) == (f"{name} could not be reached within 0.5 s: Connection refused; start all workers")


def test_a_name_that_nobody_knows_is_told(monkeypatch):
    def unknown(place, timeout):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    _, other = [replace(who, timeout=0.5) for who in cluster(2)]
    (found,) = met([other], [7, 7])
    name = f"worker 0 ({other.workers[0]})"
    assert str(found) == (
        f"{name} could not be reached within 0.5 s: Name or service not known; start all workers"
    )


def test_a_number_is_taken_once():
    first, second, third = cluster(3, timeout=1.0)
    same = Membership((first.workers[0], third.workers[2], second.workers[1]), 1, 1.0)
    _, *found = met([first, second, same], [7, 7])
    (refused,) = [str(one) for one in found if isinstance(one, ConflictError)]
    assert refused == "there is no place for a worker 1: there are 3, and each number is taken once"


def test_a_port_in_use_is_told_at_once():
    who, _ = cluster(2)
    host, port = who.place(0)
    with socket.socket() as taken:
        taken.bind((host, port))
        taken.listen()
        with pytest.raises(MachineError) as error:
            check_port(who)
    assert str(error.value) == (
        f"port {port} of worker 0 ({host}:{port}) is in use by another process; end that, or take another port"
    )


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"[1]\n", b'{"worker": 7}\n', b""])
def test_who_is_no_worker_is_sent_away(said):
    workers = cluster(2)

    def stranger():
        while True:
            try:
                caller = socket.create_connection(workers[0].place(0), timeout=5)
                break
            except ConnectionRefusedError:
                time.sleep(0.01)
        caller.sendall(said)
        caller.shutdown(socket.SHUT_WR)
        answer = caller.recv(1000)
        caller.close()
        return answer

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(meet, workers[0], {"seed": 7}, different)
        answer = threads.submit(stranger).result(10)
        second = meet(workers[1], {"seed": 7}, different)
        links = [first.result(10), second]
    if b"worker" in said:
        assert json.loads(answer) == {
            "refused": "there is no place for a worker 7: there are 2, and each number is taken once",
            "kind": "conflict",
        }
    else:
        assert answer == b""
    for one in links:
        one.close()
