"""The load finds what a server does wrong: small servers do it on purpose."""

from __future__ import annotations

from collections.abc import Callable

import lab
import pytest
from kit.frames import HEADER

SIZE = 64
PROBE = 16  # bytes of the frame with which a broadcast begins


@pytest.fixture(autouse=True, scope="module")
def _built() -> None:
    lab.build("load")


# ---- streams: what happens to the bytes from `at` on -------------------------------
def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def dropped(data: bytes, at: int) -> bytes:
    return data[:at] + data[at + 1:]


def doubled(data: bytes, at: int) -> bytes:
    return data[:at + 1] + data[at:]


def swapped(data: bytes, at: int) -> bytes:
    return data[:at] + data[at + 1:at + 2] + data[at:at + 1] + data[at + 2:]


def lost_message(data: bytes, at: int) -> bytes:
    start = at - at % SIZE
    return data[:start] + data[start + SIZE:]


def moved_message(data: bytes, at: int) -> bytes:
    """A message changes places with the next; there are several in `data`."""
    a = at - at % SIZE
    return data[:a] + data[a + SIZE:a + 2 * SIZE] + data[a:a + SIZE] + data[a + 2 * SIZE:]


FAULTS = [flipped, dropped, doubled, swapped, lost_message, moved_message]


class Once:
    """Spoils the first piece that is long enough, and leaves the others."""

    def __init__(self, spoil: Callable[[bytes, int], bytes], at: int, least: int) -> None:
        self.spoil, self.at, self.least = spoil, at, least
        self.done = False

    def __call__(self, data: bytes) -> bytes:
        if self.done or len(data) < self.least:
            return data
        self.done = True
        return self.spoil(data, self.at)


def echo_with(change: Callable[[bytes], bytes]):
    return lambda everybody: lambda who, data: [(who, change(data))]


def relay_with(change: Callable[[bytes], bytes], victim: int):
    """All hear all; one of them hears something else."""
    def make(everybody):
        return lambda who, data: [
            (whom, change(data) if whom == victim else data) for whom in everybody()]
    return make


@pytest.mark.parametrize("spoil", FAULTS)
def test_echo_notices(spoil) -> None:
    once = Once(spoil, at=SIZE + 5, least=4 * SIZE)
    with lab.lying(echo_with(once)) as address:
        run = lab.load("echo", address, clients=3, depth=4, messages=60, size=SIZE, patience=5)
    assert once.done
    assert run.status == 4, run.json
    assert "client " in run.error and " of its message 1 is 0x" in run.error
    assert run.json["ok"] is False and run.json["errors"] == 1


def test_echo_says_which_byte_is_wrong() -> None:
    with lab.lying(echo_with(Once(flipped, at=SIZE + 5, least=4 * SIZE))) as address:
        run = lab.load("echo", address, clients=1, depth=4, messages=60, size=SIZE)
    assert "client 0 (127.0.0.1:" in run.error
    came, expected = (int(word.strip(","), 16) for word in run.error.split() if "0x" in word)
    assert came == expected ^ 1 and "byte 5 of its message 1 is" in run.error
    assert run.json["messages"] == 0 and run.json["bytes_heard"] == 4 * SIZE


@pytest.mark.parametrize("at", [0, SIZE - 1, 4 * SIZE - 1])
@pytest.mark.parametrize("mode", ["echo", "multi-echo", "broadcast"])
def test_the_first_byte_and_the_last_are_looked_at(mode: str, at: int) -> None:
    once = Once(flipped, at=at, least=4 * SIZE)
    with lab.lying(echo_with(once)) as address:
        run = lab.load(mode, address, clients=1, depth=4, messages=60, size=SIZE)
    assert once.done and run.status == 4, run.json


def test_echo_notices_another_clients_bytes() -> None:
    with lab.lying(lambda _: lambda who, data: [(1 - who, data)]) as address:
        run = lab.load("echo", address, clients=2, messages=20, size=SIZE)
    assert run.status == 4


def test_echo_notices_more_than_was_sent() -> None:
    with lab.lying(echo_with(lambda data: data + data[:1])) as address:
        run = lab.load("echo", address, clients=1, messages=1, size=SIZE)
    assert run.status == 4 and "heard 1 bytes more than it sent" in run.error
    assert run.json["messages"] <= 1 and run.json["bytes_heard"] == SIZE + 1


@pytest.mark.parametrize("spoil", FAULTS)
def test_multi_echo_notices_for_one_client_of_many(spoil) -> None:
    once = Once(spoil, at=SIZE + 5, least=4 * SIZE)
    with lab.lying(relay_with(once, victim=2)) as address:
        run = lab.load("multi-echo", address, clients=4, writers=2, depth=4, messages=60,
                       size=SIZE, patience=5)
    assert once.done
    # Of the connections 0 to 3 the clients 0 and 1, who write, are the second and
    # the last; the third is client 3.
    assert run.status == 4 and "client 3 " in run.error, run.json


@pytest.mark.parametrize(("clients", "writers", "connections"), [
    (9, 1, {4}), (9, 2, {2, 6}), (5, 4, {0, 1, 2, 3}), (3, 3, {0, 1, 2})])
def test_those_who_write_are_spread_among_the_connections(clients: int, writers: int,
                                                          connections: set[int]) -> None:
    said: set[int] = set()

    def relay(everybody):
        def answer(who: int, data: bytes):
            if len(data) >= SIZE:  # and is not the last one's probe
                said.add(who)
            return [(whom, data) for whom in everybody()]
        return answer

    with lab.lying(relay) as address:
        run = lab.load("broadcast", address, clients=clients, writers=writers, messages=20, size=SIZE)
    assert run.status == 0 and said == connections


def test_multi_echo_notices_a_byte_of_another_writer() -> None:
    once = Once(lambda data, at: data[:at] + bytes([data[at] ^ 0x80]) + data[at + 1:],
                at=SIZE + 5, least=4 * SIZE)
    with lab.lying(relay_with(once, victim=0)) as address:
        run = lab.load("multi-echo", address, clients=2, depth=4, messages=60, size=SIZE)
    assert run.status == 4, run.json


# ---- frames -------------------------------------------------------------------------
def first(data: bytes, size: int = SIZE) -> tuple[bytes, bytes]:
    return data[:size], data[size:]


def other_length(data: bytes, _at: int) -> bytes:
    return (SIZE - HEADER + 1).to_bytes(HEADER, "big") + data[HEADER:]


@pytest.mark.parametrize("spoil, words", [
    (flipped, "byte 25 of message 1 of client 0 is 0x"),
    (dropped, "byte 25 of message 1 of client 0 is 0x"),
    (doubled, "byte 26 of message 1 of client 0 is 0x"),
    (swapped, "byte 25 of message 1 of client 0 is 0x"),
    (lost_message, "heard message 2 of client 0, expected its message 1"),
    (moved_message, "heard message 2 of client 0, expected its message 1"),
    (other_length, "heard a frame of 57 bytes that says it is of client 0, expected 56 bytes"),
])
def test_broadcast_notices_for_one_client_of_many(spoil, words: str) -> None:
    once = Once(spoil, at=SIZE + 25, least=4 * SIZE)
    with lab.lying(relay_with(once, victim=3)) as address:
        run = lab.load("broadcast", address, clients=4, writers=1, depth=4, messages=60,
                       size=SIZE, patience=5)
    assert once.done
    assert run.status == 4, run.json
    assert "client 3 " in run.error and words in run.error


def test_broadcast_notices_another_order() -> None:
    """Client 2 hears the first frame of one writer after one of the other's."""
    kept: list[tuple[int, bytes]] = []
    free = False

    def make(everybody):
        def answer(who: int, data: bytes):
            nonlocal free
            yield from ((whom, data) for whom in everybody() if whom != 2)
            if free or len(data) == PROBE:
                yield 2, data
            elif kept and kept[0][0] != who:
                free = True
                yield 2, data + b"".join(piece for _, piece in kept)
            else:
                kept.append((who, data))
        return answer

    with lab.lying(make) as address:
        run = lab.load("broadcast", address, clients=3, writers=2, messages=60, size=SIZE,
                       patience=5)
    assert run.status == 4, run.json
    assert "client 2 " in run.error and "the order is not the same for all" in run.error


# ---- ends and stalls -----------------------------------------------------------------
class After:
    """Does as it should for so many pieces of a message at least, then not."""

    def __init__(self, pieces: int, then: bytes | None) -> None:
        self.left, self.then = pieces, then

    def __call__(self, who: int, whom: range, data: bytes):
        if len(data) < SIZE:  # a probe
            return [(each, data) for each in whom]
        self.left -= 1
        if self.left >= 0:
            return [(each, data) for each in whom]
        return [] if self.then is not None else [(who, None)]


def after(pieces: int, then: bytes | None, relay: bool):
    def make(everybody):
        rule = After(pieces, then)
        return lambda who, data: rule(who, everybody() if relay else range(who, who + 1), data)
    return make


MODES = [("echo", 1), ("multi-echo", 3), ("broadcast", 3)]


@pytest.mark.parametrize("mode, hearers", MODES)
def test_a_server_that_closes_a_connection_is_named(mode: str, hearers: int) -> None:
    with lab.lying(after(10, None, hearers > 1)) as address:
        run = lab.load(mode, address, clients=3, messages=60, size=SIZE)
    assert run.status == 3, run.json
    assert "the server closed the connection, expected " in run.error
    assert "client " in run.error and "message " in run.error
    assert 0 < run.json["messages"] <= 10 and run.json["deliveries"] <= 10 * hearers


@pytest.mark.parametrize("mode, hearers", MODES)
def test_a_server_that_stalls_is_named_and_the_rest_counted(mode: str, hearers: int) -> None:
    with lab.lying(after(10, b"", hearers > 1)) as address:
        run = lab.load(mode, address, clients=3, messages=60, size=SIZE, patience=1.0)
    assert run.status == 3, run.json
    assert "client " in run.error and ", expected " in run.error
    assert (run.json["messages"], run.json["deliveries"]) == (10, 10 * hearers)
    assert run.json["bytes_heard"] >= 10 * hearers * SIZE
    assert 1.0 <= run.json["seconds"] < 20


def test_one_starved_client_among_busy_ones_is_a_stall() -> None:
    with lab.lying(lambda _: lambda who, data: [(who, data)] if who != 1 else []) as address:
        run = lab.load("echo", address, clients=3, seconds=30, size=SIZE, patience=1.0)
    assert run.status == 3 and "client 1 " in run.error
    assert "expected byte 0 of its message 0" in run.error
    assert run.json["messages"] > 0 and run.json["seconds"] < 20


def test_who_never_hears_the_others_is_named_before_anything_is_measured() -> None:
    def make(everybody):
        return lambda who, data: [(whom, data) for whom in everybody() if whom != 1]

    with lab.lying(make) as address:
        run = lab.load("multi-echo", address, clients=3, seconds=1, patience=1.0)
    assert run.status == 3 and "client 1 " in run.error
    assert "hears nothing of what client 2 says" in run.error


@pytest.mark.parametrize("answer, status, words", [
    (lambda who, data: [(who, flipped(data, 7))], 4, "byte 7 of 64 is not what was sent"),
    (lambda who, data: [(who, data[:9]), (who, None)], 3,
     "the server closed the connection, expected byte 9 of 64"),
    (lambda who, data: [], 3, "expected byte 0 of 64"),
], ids=["a wrong byte", "an early end", "silence"])
def test_churn_notices(answer, status: int, words: str) -> None:
    with lab.lying(lambda _: answer) as address:
        run = lab.load("churn", address, clients=3, messages=30, size=SIZE, patience=1.0)
    assert (run.status, run.json["messages"]) == (status, 0)
    assert "connection " in run.error and words in run.error


@pytest.mark.parametrize("piece, status, words", [
    (None, 3, "idle client 0 (127.0.0.1:"), (b"x", 4, "a byte that nobody sent")])
def test_an_idle_client_that_is_disturbed_is_named(piece, status: int, words: str) -> None:
    with lab.lying(lambda _: lambda who, data: [(who, data), (0, piece)]) as address:
        run = lab.load("idle", address, idle=1, clients=2, seconds=10, size=SIZE)
    assert run.status == status and words in run.error
