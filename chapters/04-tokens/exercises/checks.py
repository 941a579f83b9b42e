"""What chapter 04's exercises are checked with."""

from __future__ import annotations

import time

from coach.bounds import BoundedServer
from coach.scene import DEADLINE, Scene
from kit.client import Client, difference

SMALL = 8192  # bytes: buffers that are soon full
PIECE = 4096  # bytes said at once
MEBIBYTE = 1 << 20
DEAF = 20  # clients who do not read
MAY_GROW = 40 * MEBIBYTE  # bytes, for all of them together
# The sanitizer keeps what is freed; that is its memory and not the server's.
LITTLE_KEPT = {"ASAN_OPTIONS": "quarantine_size_mb=1"}
PLACES = 16  # descriptors that a server may have in all
ROUNDS = 5  # of the newcomer
WORDS = 100
A_MOMENT = 0.1  # seconds


# ---- experiments --------------------------------------------------------
def hears_hello_under(scene: Scene) -> str:
    """Under which backend C, who connects while the server is stopped, hears
    what A said before."""
    found = []
    for backend in "epoll", "poll":
        server = scene.serve("--backend", backend, path=scene.reference())
        a, b = scene.gather(server, "AB")
        scene.freeze(server)
        a.send(b"hello")
        c = scene.connect(server, "C")
        b.reset()
        scene.thaw(server)
        a.hear(b"hello")
        a.exchange(b".")
        while not c.heard.endswith(b"."):
            c._more(time.monotonic() + DEADLINE, "hears nothing of the full stop")
        if b"hello" in c.heard:
            found.append(backend)
    return " and ".join(found) or "neither"


# ---- what several checks do ---------------------------------------------
def all_hear(speaker: Client, listeners: list[Client], words: bytes, quiet: bool = False) -> None:
    speaker.exchange(words, quiet)
    for listener in listeners:
        listener.hear(words, quiet)


def still_there(scene: Scene, server: BoundedServer) -> None:
    server.settle(1.0)
    if not server.alive():
        said = server.log().strip().splitlines() or ["nothing"]
        scene.fail(f"Its last words: {said[-1].rpartition('/')[2]}")


def a_part_and_the_end(scene: Scene, client: Client, said: bytes) -> None:
    """What the client hears is said from its beginning, without a gap: all of
    it, or a part and then the end."""
    end = time.monotonic() + DEADLINE
    while not client.ended and len(client.heard) < len(said):
        client._more(end, f"after {len(client.heard):,} bytes it hears neither more nor the end")
    heard = bytes(client.heard)
    if not said.startswith(heard):
        scene.fail(f"{client.name} has heard something that was not said: "
                   f"{difference(said[:len(heard)], heard)}")


def full_house(scene: Scene) -> tuple[BoundedServer, list[Client], list[Client]]:
    """A server that may open no more descriptors, those who are in, and two
    who are not."""
    server = scene.serve()
    places = PLACES - server.descriptors()
    server.limit_descriptors(PLACES)
    inside = scene.gather(server, "ABCDEFGHIJKLMNOP"[:places])
    scene.add(f"{places} have come, and the server has {PLACES} descriptors open: it may have no more")
    return server, inside, [scene.connect(server, name) for name in "YZ"]


def end_of_the_shortage(server: BoundedServer) -> None:
    """The search for leaks, at the end, opens files of its own."""
    server.limit_descriptors(1024)


def is_told(scene: Scene, client: Client, number: int) -> None:
    """A line with that number is what the client hears next."""
    wanted, end = f"{number} here\n", time.monotonic() + DEADLINE
    while b"\n" not in client.heard:
        client._more(end, f"nobody tells it how many are here (waiting for {wanted!r})")
    line, newline, rest = client.heard.partition(b"\n")
    if (told := (line + newline).decode(errors="replace")) != wanted:
        scene.fail(f"{client.name} is told {told!r}, where it should be {wanted!r}")
    client.heard = bytearray(rest)
    scene.add(f"{client.name} is told {told!r}")


def is_told_no_more(scene: Scene, client: Client) -> None:
    client._select(A_MOMENT)
    client._pull()
    if client.heard:
        scene.fail(f"{client.name}, who came earlier, is told {client.heard.decode(errors='replace')!r} too")


# ---- checks -------------------------------------------------------------
def suspended(scene: Scene) -> None:
    """Stopped and continued, it goes on as if nothing had been."""
    server = scene.serve()
    a, b = scene.gather(server, "AB")
    for _ in range(3):
        scene.freeze(server)
        scene.thaw(server)
        still_there(scene, server)
    scene.freeze(server)
    a.send(b"are you asleep?")
    scene.thaw(server)
    b.hear(b"are you asleep?")


def rests_afterwards(scene: Scene) -> None:
    """Stopped and continued, it sleeps while nobody says anything."""
    server = scene.serve()
    scene.gather(server, "AB")
    scene.freeze(server)
    scene.thaw(server)
    still_there(scene, server)
    scene.rests(server)


def deaf(scene: Scene) -> None:
    """Twenty who do not read cost 40 MiB at most, and the others hear everything."""
    server = scene.serve(buffers=SMALL, env=LITTLE_KEPT)
    before = server.resident()
    silent = [scene.connect(server, f"deaf {number}", SMALL) for number in range(1, DEAF + 1)]
    a = scene.connect(server, "A")
    a.exchange(b"a")
    b = scene.connect(server, "B")
    all_hear(b, [a], b"b")
    for _ in range(4 * MEBIBYTE // PIECE):
        all_hear(a, [b], scene.words(PIECE), quiet=True)
        if (grown := server.resident() - before) > MAY_GROW:
            scene.fail(f"A has said {len(a.sent):,} bytes to {DEAF} who do not read, and the server "
                       f"has grown by {grown // MEBIBYTE} MiB")
    scene.add(f"A says {len(a.sent):,} bytes, and B hears them")
    said = bytes(a.sent[:1] + b.sent + a.sent[1:])
    a_part_and_the_end(scene, silent[0], said)
    scene.add("deaf 1 reads a part of it, and then the end")


def behind(scene: Scene) -> None:
    """One who is behind by 64,000 bytes is not cut off, and catches up."""
    server = scene.serve(buffers=SMALL)
    a, = scene.gather(server, "A")
    d = scene.connect(server, "D", SMALL)
    all_hear(d, [a], b"d")
    for _ in range(16):
        a.exchange(scene.words(4000), quiet=True)
    scene.add("A says 64,000 bytes and hears them, D reads nothing")
    d.hear(bytes(a.sent[1:]))


def newcomer(scene: Scene) -> None:
    """Who comes at the moment when somebody else breaks off is not mistaken for them."""
    server = scene.serve("--backend", "epoll")
    a, = scene.gather(server, "A")
    for _ in range(ROUNDS):
        b = scene.connect(server, "B")
        all_hear(b, [a], b"b", quiet=True)
        scene.freeze(server)
        a.send(b"hello")
        c = scene.connect(server, "C")
        b.reset()
        scene.thaw(server)
        a.hear(b"hello")
        a.exchange(b"who is there?")
        c.hear(b"who is there?")
        all_hear(c, [a], b"I am")
        c.stop_sending()
        c.hear_end()


def breaks_off(scene: Scene) -> None:
    """Who breaks off is gone, and the server sleeps."""
    server = scene.serve()
    a, = scene.gather(server, "A")
    there = server.descriptors()
    b = scene.connect(server, "B")
    all_hear(b, [a], b"b")
    b.reset()
    scene.rests(server)
    scene.watch(lambda: server.descriptors() == there, "the server has closed B")
    a.exchange(b"and I?")


def no_chair_left(scene: Scene) -> None:
    """While it may open no more descriptors, it serves those who are in and rests."""
    server, inside, waiting = full_house(scene)
    all_hear(inside[0], inside[1:], b"hello", quiet=True)
    scene.add("A says hello, and all who are in hear it")
    scene.rests(server)
    all_hear(inside[1], inside[:1] + inside[2:], b"good evening", quiet=True)
    scene.add("B says good evening, and all who are in hear it")
    for client in waiting:
        client.hear_nothing(A_MOMENT)
    end_of_the_shortage(server)


def at_once(scene: Scene) -> None:
    """Those who are in get their answers at once, also while others wait outside."""
    server, inside, _ = full_house(scene)
    start = time.monotonic()
    for number in range(WORDS):
        inside[0].exchange(f"word {number}".encode(), quiet=True)
        if (taken := time.monotonic() - start) > DEADLINE:
            scene.fail(f"{number + 1} of A's words took {taken:.0f} s: as long as somebody waits "
                       "outside, everybody waits")
    scene.add(f"A says {WORDS} words and hears each")
    end_of_the_shortage(server)


def the_next_one(scene: Scene) -> None:
    """When somebody leaves, the next one comes in."""
    server, inside, waiting = full_house(scene)
    for client in waiting:
        client.send(f"I am {client.name}".encode())
    for leaver, client in zip(inside, waiting):
        leaver.leave()
        client.hear(f"I am {client.name}".encode())
    end_of_the_shortage(server)


def everybody(scene: Scene) -> None:
    """What one says, all hear, and also those who are left when one goes."""
    for backend in "epoll", "poll":
        server = scene.serve("--backend", backend)
        a = scene.connect(server, "A")
        a.exchange(b"anybody there?")
        b = scene.connect(server, "B")
        all_hear(b, [a], b"B is here")
        c = scene.connect(server, "C")
        all_hear(c, [a, b], scene.words(30_000))
        b.stop_sending()
        b.hear_end()
        c.reset()
        scene.rests(server)
        a.exchange(b"all gone?")


def limit(scene: Scene) -> None:
    """Who comes when all places are taken waits, and is served when one leaves."""
    server = scene.serve("--max-connections", "2")
    a, b = scene.gather(server, "AB")
    c = scene.connect(server, "C")
    c.send(b"I am C")
    c.hear_nothing(0.3)
    scene.rests(server)
    all_hear(a, [b], b"somebody is at the door")
    a.leave()
    c.hear(b"I am C")


def told(scene: Scene) -> None:
    """Who comes is told how many are here; who is here hears nothing of it."""
    server = scene.serve()
    there: list[Client] = []
    for number, name in enumerate("ABC", 1):
        there.append(scene.connect(server, name))
        is_told(scene, there[-1], number)
    for client in there:
        is_told_no_more(scene, client)
    all_hear(there[0], there[1:], b"hello")


def fewer(scene: Scene) -> None:
    """When one has left, the next is told so."""
    server = scene.serve()
    is_told(scene, scene.connect(server, "A"), 1)
    for name in "BCD":
        client = scene.connect(server, name)
        is_told(scene, client, 2)
        client.stop_sending()
        client.hear_end()


def at_the_door(scene: Scene) -> None:
    """Who had to wait outside is told on coming in."""
    server = scene.serve("--max-connections", "1")
    a = scene.connect(server, "A")
    is_told(scene, a, 1)
    b = scene.connect(server, "B")
    b.hear_nothing(0.3)
    a.leave()
    is_told(scene, b, 1)


def in_a_crowd(scene: Scene) -> None:
    """Five who come at once are told 1, 2, 3, 4 and 5."""
    server = scene.serve()
    scene.freeze(server)
    crowd = [scene.connect(server, name) for name in "ABCDE"]
    scene.thaw(server)
    for number, client in enumerate(crowd, 1):
        is_told(scene, client, number)
