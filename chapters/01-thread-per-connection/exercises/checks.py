"""What chapter 01's exercises are checked with."""

from __future__ import annotations

import time

from coach.bounds import BoundedServer
from coach.scene import Scene
from kit.client import Client, StoryError

BUSY = b"busy, come back later\n"
MOST = 4  # clients, in the exercise with the limit
IDLE = 100  # clients whose memory is measured
OFTEN = 400  # calls of accept in half a second: nobody who pauses comes near


# ---- in more than one check ---------------------------------------------
def guests(scene: Scene, server: BoundedServer, names: str) -> list[Client]:
    """Clients that are served: each has said a letter and heard it."""
    there = []
    for name in names:
        there.append(scene.connect(server, name))
        there[-1].exchange(name.lower().encode(), quiet=True)
    return there


def survives(scene: Scene, server: BoundedServer) -> None:
    """Waits until it has dealt with what has happened, and is still there."""
    server.settle(5)
    if not server.alive():
        log = server.log().strip().splitlines()
        last = f"the last line of its log is “{log[-1]}”" if log else "its log is empty"
        scene.fail(f"With it everybody's connection is gone, and {last}.")


# ---- predictions and measurements ---------------------------------------
def second_client(scene: Scene) -> str:
    server = scene.serve(path=scene.reference("sequential"))
    a, = guests(scene, server, "A")
    try:
        b = scene.connect(server, "B")
    except StoryError:
        return "not connected"
    b.send(b"anybody there?")
    a.exchange(b"still here")
    server.settle(5)  # it has done all that it can
    try:
        b.hear_nothing(0.1)
    except StoryError:
        return "answered while A is there"
    a.leave()
    b.hear(b"anybody there?")
    return "answered when A has left"


def memory_of_a_client(scene: Scene) -> float:
    """KiB, resident, for each of a hundred who say one byte."""
    server = scene.serve(path=scene.reference(), trace=False)
    before = server.resident()
    for _ in range(IDLE):
        scene.connect(server).exchange(b".", quiet=True)
    return (server.resident() - before) / IDLE / 1024


# ---- 01.3: gone without a word ------------------------------------------
def resets_after_its_end(scene: Scene) -> None:
    """A says hello, says that this was all, and resets: B stays connected."""
    server = scene.serve()
    a, b = guests(scene, server, "AB")
    scene.freeze(server)
    a.send(b"hello")
    a.stop_sending()
    a.reset()
    scene.thaw(server)
    survives(scene, server)
    b.exchange(b"still here")


def resets_while_written_to(scene: Scene) -> None:
    """A resets while the server waits in a write to it: B stays connected."""
    server = scene.serve(buffers=4096)
    b, = guests(scene, server, "B")
    for _ in range(5):  # the end may be kept back, and then is none
        a = scene.connect(server, "A", buffers=4096)
        sends_until_it_waits(scene, server, a)
        a.stop_sending()
        a.reset()
        survives(scene, server)
        b.exchange(b"still here")


def sends_until_it_waits(scene: Scene, server: BoundedServer, client: Client) -> None:
    """And no more: what the kernel has no room for would keep back the end."""
    while client._push(memoryview(scene.words(4096))):
        server.settle(5)
        if '"call"' in (last := server.trace_tail(1)[0]) and '"write"' in last:
            break
    scene.add(f"{client.name} sends {len(client.sent):,} bytes and reads nothing, "
              "until the server waits in a write to it")


# ---- 01.4: a thread each ------------------------------------------------
def both_served(scene: Scene) -> None:
    """B is answered while A is still there."""
    server = scene.serve()
    a = scene.connect(server, "A")
    a.exchange(b"hello")
    b = scene.connect(server, "B")
    b.exchange(b"anybody there?")
    a.exchange(b"still here")


def a_crowd(scene: Scene) -> None:
    """Thirty who all talk at the same time hear their own words and no others."""
    server = scene.serve()
    there = guests(scene, server, "ABCDEFGHIJ" * 3)
    words = [scene.words(3000) for _ in there]
    for client, said in zip(there, words):
        client.send(said, quiet=True)
    for client, said in reversed(list(zip(there, words))):
        client.hear(said, quiet=True)
    scene.add("thirty clients have heard 3,000 bytes each")


def nothing_is_left(scene: Scene) -> None:
    """When twenty clients have left, their threads and descriptors are gone."""
    server = scene.serve()
    guests(scene, server, "Z")
    threads, descriptors = server.threads(), server.descriptors()
    for client in guests(scene, server, "ABCDEFGHIJ" * 2):
        client.socket.close()
    scene.add("twenty clients have been served and have left")
    scene.watch(lambda: server.threads() == threads,
                f"the server to have {threads} threads again, as before")
    scene.watch(lambda: server.descriptors() == descriptors,
                f"the server to have {descriptors} descriptors again, as before")


# ---- 01.5: a full house -------------------------------------------------
def fill(scene: Scene, server: BoundedServer) -> tuple[list[Client], Client]:
    """Three who are served, and one for whom there is no descriptor left."""
    inside = guests(scene, server, "A")
    server.limit_descriptors(server.descriptors() + 2)
    scene.add("the server has descriptors left for two more clients")
    inside += guests(scene, server, "BC")
    d = scene.connect(server, "D")
    d.send(b"me too")
    return inside, d


def full_and_calm(scene: Scene) -> None:
    """With no descriptor left the server rests, and serves those it has."""
    server = scene.serve()
    inside, _ = fill(scene, server)
    asks_seldom(scene, server)
    scene.rests(server)
    for client in inside:
        client.exchange(b"not disturbed?")


def asks_seldom(scene: Scene, server: BoundedServer) -> None:
    """For half a second at most: the trace of one that spins grows quickly."""
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        told = sum('"error":"EMFILE"' in line for line in server.trace_tail(4 * OFTEN))
        if told >= OFTEN:
            scene.fail(f"Nobody says anything, and accept has been called more than {OFTEN} times "
                       "since D came. Each time it said EMFILE: there is no descriptor left.")
        time.sleep(0.01)


def next_in_the_queue(scene: Scene) -> None:
    """Whoever stands in the queue is served when somebody has left."""
    server = scene.serve(trace=False)
    inside, d = fill(scene, server)
    inside[1].exchange(b"I have to go")
    inside[1].leave()
    d.hear(b"me too")
    inside[0].exchange(b"not disturbed?")


# ---- 01.6: half a write -------------------------------------------------
def stopped_in_a_write(scene: Scene) -> None:
    """The server is stopped in the middle of a write and goes on: nothing is lost."""
    server = scene.serve(buffers=32_768)
    a = scene.connect(server, "A", buffers=4096)
    taken = a.send_until_stuck(scene.words(400_000))
    server.settle(5)
    server.freeze()
    scene.add("the server is stopped in the middle of a write, as by Ctrl-Z")
    scene.thaw(server)
    server.settle(5)
    a.hear(bytes(a.sent[:taken]))
    a.exchange(b"and now?")


def long_message(scene: Scene) -> None:
    """A megabyte through small buffers comes back whole."""
    server = scene.serve(buffers=4096, trace=False)
    a = scene.connect(server, "A", buffers=4096)
    a.exchange(scene.words(1_000_000))
    a.stop_sending()
    if rest := a.hear_end():
        scene.fail(f"A has heard everything that it had sent, and then {len(rest):,} bytes more")


# ---- 01.7: a limit of the house -----------------------------------------
def refused(scene: Scene, server: BoundedServer, name: str) -> None:
    """It hears the line, and then the end."""
    client = scene.connect(server, name)
    client.hear(BUSY)
    if rest := client.hear_end():
        scene.fail(f"{name} hears more than the line: {rest!r}")


def let_in(scene: Scene, server: BoundedServer, name: str) -> Client:
    """It comes again and again until it is served: the server may not have
    seen yet that somebody has left."""
    tries: list[Client] = []

    def served() -> bool:
        tries.append(Client(server.address, name, deadline=5.0))
        scene.clients.append(tries[-1])
        try:
            tries[-1].exchange(b"?")
            return True
        except StoryError:
            return False

    scene.watch(served, f"{name} to be let in")
    return tries[-1]


def fifth_is_told(scene: Scene) -> None:
    """Four are served; the fifth hears one line, and then the end."""
    server = scene.serve()
    four = guests(scene, server, "ABCD")
    refused(scene, server, "E")
    for client in four:
        client.exchange(b"not disturbed?")


def all_at_once(scene: Scene) -> None:
    """Of ten who come at the same time four are served, and six are told."""
    server = scene.serve()
    scene.freeze(server)
    ten = [scene.connect(server, name) for name in "ABCDEFGHIJ"]
    scene.thaw(server)
    for client in ten[MOST:]:
        client.hear(BUSY)
        client.hear_end()
    for client in ten[:MOST]:
        client.exchange(b"hello")


def place_comes_free(scene: Scene) -> None:
    """However one of the four ends, somebody else can have the place."""
    server = scene.serve()
    a, b, c, _ = guests(scene, server, "ABCD")
    refused(scene, server, "E")
    a.leave()
    let_in(scene, server, "F")
    b.reset()
    let_in(scene, server, "G")
    scene.freeze(server)
    c.send(b"hello")
    c.stop_sending()
    c.reset()
    scene.thaw(server)
    let_in(scene, server, "H")
    refused(scene, server, "I")
