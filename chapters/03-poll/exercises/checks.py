"""What chapter 03's exercises are checked with."""

from __future__ import annotations

import contextlib
import json
import time

from coach.bounds import BoundedServer
from coach.scene import Scene
from kit.client import Client

SMALL = 8192  # bytes: buffers that are soon full
LARGE = 1 << 18  # buffers that take in whatever these checks send at once
READ_SIZE = 16 * 1024  # kReadSize
ROOMY = 64_000  # bytes: more than small buffers hold, less than kMaxOutput
A_MOMENT = 0.1  # seconds without a byte: all that lay in the buffers has come
SEVERAL = 10  # times woken in half a second: a sleeper that looks up now and then


# ---- experiments --------------------------------------------------------
def first_event(scene: Scene) -> str:
    server = scene.serve(path=scene.reference("mistakes/write-interest-left-on"))
    scene.connect(server, "A")
    scene.watch(lambda: told_of_clients(server), "the server hears of A")
    return told_of_clients(server)[0]


def told_of_room(scene: Scene) -> str:
    server = scene.serve(path=scene.reference())
    a = scene.connect(server, "A")
    for number in range(100):
        a.exchange(f"message {number}".encode(), quiet=True)
    server.await_sleep()
    return str(sum("writable" in detail for detail in told_of_clients(server)))


def taken_until_stuck(scene: Scene) -> float:
    server = scene.serve("--socket-buffers", "65536", path=scene.reference())
    a = scene.connect(server, "A")
    taken = 0
    for _ in range(3):
        taken += a.send_only(bytes(40_000_000))
        server.await_sleep()
    return taken


def lines_of(server: BoundedServer, *events: str) -> list[dict]:
    """The trace's lines of these events."""
    return [line for line in map(json.loads, server.trace()) if line["event"] in events]


def told_of_clients(server: BoundedServer) -> list[str]:
    """What poll said of clients, one after the other."""
    lines = lines_of(server, "accept", "event")
    listeners = {line["fd"] for line in lines if line["event"] == "accept"}
    return [line["detail"] for line in lines
            if line["event"] == "event" and listeners and line["fd"] not in listeners]


# ---- what several checks do ---------------------------------------------
def sleeps(scene: Scene, server: BoundedServer) -> None:
    """It rests, and is not woken every moment to see that nothing has come."""
    before = server.context_switches()
    scene.rests(server)
    woken = server.context_switches() - before
    if woken > SEVERAL:
        scene.fail(f"nobody says anything, and in half a second the server went to sleep and woke "
                   f"{woken} times")


def stuck(scene: Scene, server: BoundedServer, name: str, count: int = 400_000) -> tuple[Client, bytes]:
    """A client that sends and does not read, and what it got rid of."""
    client = scene.connect(server, name, SMALL)
    data = scene.words(count)
    return client, data[:client.send_until_stuck(data)]


def catch_up(scene: Scene, server: BoundedServer, client: Client, sent: bytes) -> None:
    """Reads first what lies in the buffers, then, when the server has filled
    them again, the rest: one burst of room is not enough."""
    server.settle(1.0)
    server.freeze()
    while client._select(A_MOMENT) and not client.ended:
        client._pull()
    count = len(client.heard)
    client.hear(sent[:count])
    server.thaw()
    server.settle(1.0)
    client.hear(sent[count:])


def until_the_end_is_read(server: BoundedServer) -> None:
    """Gives the server time to see that a client has ended. Not all look as
    soon as they could."""
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        if any(line["n"] == 0 for line in lines_of(server, "read")):
            return
        time.sleep(0.01)


# ---- checks -------------------------------------------------------------
def rests(scene: Scene) -> None:
    """While nobody talks, it sleeps."""
    server = scene.serve()
    a, b, c = (scene.connect(server, name) for name in "ABC")
    for client in a, b, c:
        client.exchange(client.name.encode(), quiet=True)
    scene.add("each says its name and hears it")
    sleeps(scene, server)
    b.leave()
    c.reset()
    sleeps(scene, server)
    a.exchange(b"good morning")


def many(scene: Scene) -> None:
    """Fifty who come and talk at the same time are all served, by one thread."""
    server = scene.serve()
    scene.freeze(server)
    clients = [scene.connect(server, f"client {number}") for number in range(1, 51)]
    for client in clients:
        client.send(f"I am {client.name}".encode(), quiet=True)
    scene.add("each of them says its name")
    scene.thaw(server)
    for client in clients:
        client.hear(bytes(client.sent), quiet=True)
    scene.add("each of them hears its name")
    if server.threads() != 1:
        scene.fail(f"the server has {server.threads()} threads")


def late_reader(scene: Scene) -> None:
    """One who sends first and reads afterwards hears all of it."""
    server = scene.serve(buffers=SMALL)
    a, sent = stuck(scene, server, "A", ROOMY)
    catch_up(scene, server, a, sent)
    a.exchange(b"and again")


def rests_after_a_late_reader(scene: Scene) -> None:
    """Once a late reader has caught up, the server sleeps again."""
    server = scene.serve(buffers=SMALL)
    a, sent = stuck(scene, server, "A", ROOMY)
    a.hear(sent)
    sleeps(scene, server)
    a.exchange(b"and again")


def full(scene: Scene) -> None:
    """One who never reads is not read from for ever, and the others are served."""
    server = scene.serve(buffers=SMALL)
    b = scene.connect(server, "B")
    a, sent = stuck(scene, server, "A", 2_000_000)
    if len(sent) == 2_000_000:
        scene.fail("the server has taken 2,000,000 bytes of A, who reads nothing, and wants more")
    sleeps(scene, server)
    b.exchange(b"am I served?")
    a.hear(sent)
    a.exchange(b"and again")
    a.stop_sending()
    nothing_but_the_end(scene, a)


def owed(scene: Scene) -> None:
    """One who has sent its last byte still hears what it is owed, and then the end."""
    server = scene.serve(buffers=SMALL)
    a, sent = stuck(scene, server, "A", ROOMY)
    a.stop_sending()
    until_the_end_is_read(server)
    a.hear(sent)
    nothing_but_the_end(scene, a)


def goodbye(scene: Scene) -> None:
    """Who says one thing and stops sending hears it, and then the end."""
    server = scene.serve()
    scene.freeze(server)
    a = scene.connect(server, "A")
    a.send(b"hello")
    a.stop_sending()
    scene.thaw(server)
    a.hear(b"hello")
    nothing_but_the_end(scene, a)


def rests_while_it_owes(scene: Scene) -> None:
    """It sleeps while one who has sent its last byte does not read."""
    server = scene.serve(buffers=SMALL)
    a, sent = stuck(scene, server, "A", ROOMY)
    a.stop_sending()
    until_the_end_is_read(server)
    sleeps(scene, server)
    a.hear(sent)
    nothing_but_the_end(scene, a)


def nothing_but_the_end(scene: Scene, client: Client) -> None:
    if more := client.hear_end():
        scene.fail(f"{client.name} heard {len(more):,} bytes more than it sent")


def in_step(scene: Scene) -> None:
    """While there is more to read, answers are written all the same."""
    server = scene.serve(buffers=LARGE)
    a = scene.connect(server, "A")
    a.exchange(b"a")
    scene.freeze(server)
    a.send_only(scene.words(3 * READ_SIZE))
    scene.thaw(server)
    a.hear(bytes(a.sent[1:]))
    held = most = 0
    for line in lines_of(server, "read", "write", "writev"):
        held += line["n"] if line["event"] == "read" else -line["n"]
        most = max(most, held)
    if most > 2 * READ_SIZE:
        scene.fail(f"A got its answer only when the server had read {most:,} bytes: it wrote nothing "
                   "while there was something to read")


def crashes(scene: Scene) -> None:
    """One who crashes is gone, also one who did not read, and the server sleeps."""
    server = scene.serve(buffers=SMALL)
    before = server.descriptors()
    a = scene.connect(server, "A")
    a.exchange(b"hello")
    a.reset()
    sleeps(scene, server)
    b, _ = stuck(scene, server, "B")
    b.reset()
    sleeps(scene, server)
    with contextlib.suppress(OSError):
        left = server.descriptors() - before
        if left:
            scene.fail(f"both have crashed, and the server keeps {left} of their sockets")
    scene.connect(server, "C").exchange(b"am I served?")
