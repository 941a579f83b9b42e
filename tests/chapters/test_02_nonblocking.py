"""Chapter 02: reads that never wait, and what it costs to ask all the time."""

from __future__ import annotations

import random
import subprocess

from conftest import path_of
from targets import SMALL
from kit.waiting import wait_until
from kit.watching import ALWAYS, shares


def test_zero_read_prints_what_the_chapter_says() -> None:
    ended = subprocess.run([path_of("02", "zero_read")], capture_output=True, text=True,
                           timeout=20, check=True)
    answers = [line.rpartition(" ")[2] for line in ended.stdout.splitlines()]
    assert answers == ["-1", "0", "3", "0"], ended.stdout
    assert "nothing sent yet" in ended.stdout
    assert "a buffer of none" in ended.stdout


def test_bytes_that_met_would_block_all_come_back(serve, connect, seed: int) -> None:
    server = serve("02", buffers=SMALL)
    client = connect(server, "A", SMALL)
    data = random.Random(seed).randbytes(300_000)
    taken = client.send_until_stuck(data)  # both directions are full now
    client.hear(data[:taken])
    client.exchange(data[taken:])
    client.stop_sending()
    assert client.hear_end() == b""


def test_a_client_with_full_buffers_does_not_make_the_other_wait(serve, connect) -> None:
    server = serve("02", buffers=SMALL)
    connect(server, "A", SMALL).send_until_stuck(b"a" * 100_000)
    connect(server, "B", SMALL).exchange(b"hello")


def test_one_thread_serves_all(serve, connect) -> None:
    server = serve("02")
    clients = [connect(server, name) for name in "ABC"]
    for client in clients:
        client.exchange(client.name.encode() * 10)
    assert server.threads() == 1


def test_it_burns_a_core_while_nobody_says_anything(serve, connect) -> None:
    server = serve("02")
    connect(server, "A").exchange(b"hello")
    # On a busy machine it does not get a whole core, but it always wants one.
    _, ready = shares(server, 1.0)
    assert ready > ALWAYS, "the chapter says that it never rests"


def test_its_reads_are_in_vain_while_nobody_says_anything(serve, connect) -> None:
    server = serve("02")
    connect(server, "A").exchange(b"hello")
    before, used = server.read_calls(), server.cpu_seconds()
    wait_until(lambda: server.cpu_seconds() - used >= 0.2, "it to use a core for 0.2 s")
    assert server.read_calls() - before > 1000
