"""Chapter 01: what its text says of one client at a time, of a thread for
each, and of a lock that everybody waits for."""

from __future__ import annotations

import random

import pytest
from kit.server import Server
from targets import SMALL
from voices import Voice
from kit.waiting import wait_until


def test_in_the_sequential_server_the_second_client_waits_until_the_first_leaves(
        serve, connect) -> None:
    server = serve("01", "sequential")
    first = connect(server, "A")
    first.exchange(b"hello")
    second = connect(server, "B")
    second.send(b"is anybody there?")
    second.hear_nothing()
    first.exchange(b"still here")
    first.leave()
    second.hear(b"is anybody there?")


def test_the_sequential_server_serves_those_who_wait_in_the_order_they_came(
        serve, connect) -> None:
    server = serve("01", "sequential")
    clients = [connect(server, name) for name in "ABCDE"]
    for client in reversed(clients):
        client.send(client.name.encode())
    for client in clients:
        client.hear(client.name.encode())
        client.leave()


def test_the_server_serves_both_clients_with_a_thread_for_each(serve, connect) -> None:
    server = serve("01")
    first = connect(server, "A")
    first.exchange(b"hello")
    alone = server.threads() - 1  # counted with one client: a sanitizer may have its own
    second = connect(server, "B")
    second.exchange(b"good morning")
    first.exchange(b"how are you?")
    assert server.threads() == alone + 2, "one thread for each of two clients"
    first.leave()
    second.leave()
    wait_until(lambda: server.threads() == alone, "the threads to end with their clients",
               lambda: f"{server.threads()} threads, {alone} at the start")


def test_a_large_message_comes_back_whole_through_small_buffers(
        serve, connect, seed: int) -> None:
    server = serve("01", buffers=SMALL)
    client = connect(server, "A", SMALL)
    client.exchange(random.Random(seed).randbytes(300_000))
    client.stop_sending()
    assert client.hear_end() == b""


def test_a_client_that_does_not_read_stops_nobody_else(serve, connect) -> None:
    server = serve("01", buffers=SMALL)
    silent = connect(server, "A", SMALL)
    silent.send_until_stuck(b"a" * 100_000)
    connect(server, "B", SMALL).exchange(b"hello")


@pytest.mark.parametrize("buffers", [0, SMALL], ids=["default", "small"])
def test_a_write_that_is_stopped_half_way_goes_on_where_it_was(
        buffers: int, serve, connect, seed: int) -> None:
    """A long write() returns early when the process is stopped and continued."""
    server = serve("01", buffers=buffers)
    client = connect(server, "A", buffers)
    source = random.Random(seed)
    unheard = b""
    for _ in range(5):
        data = source.randbytes(24 << 20)
        unheard += data[: client.send_until_stuck(data)]  # the server is in write()
        server.freeze()
        server.thaw()
        client.story.add("the server is stopped and goes on")
        half = len(unheard) // 2
        client.hear(unheard[:half])
        unheard = unheard[half:]
    client.hear(unheard)
    client.exchange(b"goodbye")


def three_in_the_room(server: Server, story, source: random.Random) -> list[Voice]:
    there: list[Voice] = []
    for sender, name in enumerate("ABC", 1):
        there.append(Voice(server.address, name, sender, True, source, story, SMALL))
        there[-1].exchange(there[-1].words(1))
        for other in there[:-1]:
            other.hear_from(there[-1], bytes(there[-1].sent))
    return there


def test_what_one_client_of_broadcast_says_all_hear(serve, story, seed: int) -> None:
    server = serve("01", "broadcast", buffers=SMALL)
    a, b, c = three_in_the_room(server, story, random.Random(seed))
    said = a.say(1000)
    a.hear(said)
    for listener in (b, c):
        listener.hear_from(a, said)


def test_in_broadcast_one_client_that_does_not_read_stops_everyone(
        serve, story, seed: int) -> None:
    server = serve("01", "broadcast", buffers=SMALL)
    a, b, c = three_in_the_room(server, story, random.Random(seed))
    talk_until_stuck(a, b)
    b.send(b.words(10))
    b.hear_nothing()  # not even of its own words
    c.leave()
    # Both are listeners again: the server waits for either.
    wait_until(lambda: (a._pull(), b._pull()) and len(a.heard) == len(a.sent) - 1,
               "A to hear all its words", lambda: f"{len(a.heard):,} bytes of them")
    a.hear(bytes(a.sent[1:]))
    b.hear(bytes(b.sent[-10:]))


def talk_until_stuck(a: Voice, b: Voice) -> None:
    """A talks and B reads along, until C, who does not read, is full."""
    for _ in range(1000):
        said = a.words(500)
        if a._push(memoryview(said)) == 0 and not wait_for_more(a, b):
            a.story.add(f"C does not read; A is stuck after {len(a.sent):,} bytes")
            return
        a._pull()
        b._pull()
    raise a.story.fail("A can talk for ever, although C does not read")


def wait_for_more(*clients: Voice) -> bool:
    """Whether anything comes for any of them within half a second."""
    return any([client._select(0.25) and client._pull() for client in clients])
