"""Chapter 03: a server that sleeps until there is something to do."""

from __future__ import annotations

import random

import pytest
from kit.server import Server
from targets import SMALL, SMALL_IN_ROWS
from tracing import events, most_unwritten
from kit.waiting import wait_until
from kit.watching import check_idle

MAX_OUTPUT = 64 * 1024  # kMaxOutput


def test_it_rests_while_a_hundred_clients_are_silent(serve, connect) -> None:
    server = serve("03")
    for number in range(100):
        connect(server, f"{number}").exchange(b"hello", quiet=True)
    check_idle(server)


def test_one_thread_serves_all(serve, connect) -> None:
    server = serve("03")
    clients = [connect(server, name) for name in "ABC"]
    for client in clients:
        client.exchange(client.name.encode() * 10)
    assert server.threads() == 1


def test_nobody_is_watched_for_room_while_nothing_is_queued(serve, connect) -> None:
    server = serve("03")
    client = connect(server, "A")
    for number in range(50):
        client.exchange(f"message {number}".encode(), quiet=True)
    client.leave()
    wait_until(lambda: events(server, "close"), "the connection to be closed")
    wakes = len(events(server, "wake"))
    # Accepting is one, each message is one, the end is one: and as many again
    # if a message comes in two pieces.
    assert 50 <= wakes <= 2 * 52, f"the loop woke {wakes} times for 50 messages"
    for event in events(server, "event"):
        assert "writable" not in event["detail"], f"woken for room with nothing queued: {event}"


def test_it_is_woken_for_room_while_something_is_queued(serve, connect, seed: int) -> None:
    server = serve("03", buffers=SMALL)
    client = connect(server, "A", SMALL)
    data = random.Random(seed).randbytes(20_000)
    taken = client.send_until_stuck(data, server)
    client.hear(data[:taken])
    check_idle(server, 0.5)
    assert any("writable" in event["detail"] for event in events(server, "event")), (
        "the output met a full buffer, and nobody asked when there is room")


@pytest.mark.parametrize("buffers", [0, SMALL], ids=["default", "small"])
def test_a_client_that_stops_sending_still_hears_everything(
        buffers: int, serve, connect, seed: int) -> None:
    server = serve("03", buffers=buffers)
    client = connect(server, "A", buffers)
    data = random.Random(seed).randbytes(300_000)
    client.send(data)
    client.stop_sending()
    client.hear(data[: len(data)])
    assert client.hear_end() == b""


def test_a_client_that_reads_only_after_its_end_has_been_seen_still_hears_everything(
        serve, connect, seed: int) -> None:
    """The server holds most of the answer when it reads the end."""
    server = serve("03", buffers=SMALL_IN_ROWS)
    client = connect(server, "A", SMALL_IN_ROWS)
    data = random.Random(seed).randbytes(60_000)
    assert client.send_until_stuck(data, server) == len(data)
    client.stop_sending()
    wait_until(lambda: any(line["n"] == 0 for line in events(server, "read")),
               "the server to read the end")
    server.await_sleep()
    client.hear(data)
    assert client.hear_end() == b""


def test_input_pauses_while_output_is_full_and_goes_on_when_it_is_read(
        serve, connect, seed: int) -> None:
    server = serve("03", buffers=SMALL)
    client = connect(server, "A", SMALL)
    data = random.Random(seed).randbytes(400_000)
    taken = client.send_until_stuck(data, server)
    assert MAX_OUTPUT <= taken < len(data), f"it took {taken:,} bytes"
    check_idle(server, 0.5)
    client.hear(data[:taken])
    client.exchange(data[taken:])
    lines = events(server, "read", "write")
    most = most_unwritten(lines, lines[0]["fd"])
    assert MAX_OUTPUT / 2 < most <= MAX_OUTPUT, f"the server held {most:,} bytes"


def test_both_directions_of_one_client_are_served_in_one_turn(
        serve, connect, seed: int) -> None:
    """Output drains although there is always something to read."""
    server = serve("03", buffers=SMALL)
    client = connect(server, "A", SMALL)
    client.exchange(random.Random(seed).randbytes(300_000))


def test_all_who_wait_in_the_queue_are_accepted_in_one_turn(serve, connect) -> None:
    server = serve("03")
    server.await_sleep()
    server.freeze()
    clients = [connect(server, f"{number}") for number in range(20)]
    server.thaw()
    for client in clients:
        client.exchange(b"hello", quiet=True)
    lines = events(server, "wait", "accept")
    longest = run = 0
    for line in lines:
        run = run + 1 if line["event"] == "accept" else 0
        longest = max(longest, run)
    assert longest >= 20, f"at most {longest} of 20 were accepted between two waits"


@pytest.mark.parametrize("paused", [False, True], ids=["reading", "paused"])
def test_a_hang_up_ends_the_connection_and_lets_the_server_rest(
        paused: bool, serve, connect) -> None:
    server: Server = serve("03", buffers=SMALL)
    before = server.descriptors()
    client = connect(server, "A", SMALL)
    client.exchange(b"hello")
    if paused:
        client.send_until_stuck(b"a" * 400_000, server)
    client.reset()
    wait_until(lambda: server.descriptors() == before, "the connection to be closed")
    check_idle(server, 0.5)
