"""What chapter 06's exercises are checked with."""

from __future__ import annotations

import json
import time

from coach.scene import DEADLINE, Scene
from kit.client import Client
from kit.server import Server

TRIGGERS = ("level", "edge", "oneshot", "edge_oneshot")
SMALL = 2048  # bytes of a socket's buffers: soon full
LINE = 2000  # bytes
FAREWELL = b"one has left\n"
FEW = 20  # wake-ups for which there may be a reason that nobody sees


# ---- what several of them need ------------------------------------------
def lines(server: Server, *names: str) -> list[dict]:
    """The lines of the trace so far, of these events or of all."""
    told = [json.loads(line) for line in server.trace()]
    return [line for line in told if not names or line["event"] in names]


def descriptors(server: Server) -> list[int]:
    """The clients', in the order in which they were accepted."""
    return [line["n"] for line in lines(server, "accept") if line["n"] >= 0]


def await_rest(scene: Scene, server: Server) -> None:
    """Until it waits again: whatever it has not done by now it will not do
    until something happens."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        server.await_sleep()
        if '"event":"wait"' in server.trace_tail(1)[0]:
            return
        time.sleep(0.005)
    scene.fail(f"the server has not come back to its wait within {DEADLINE:g} s")


def batch(scene: Scene, server: Server, before: int) -> list[dict]:
    """What it did with all that it found at once: the trace from that wake to
    the next wait."""
    await_rest(scene, server)
    after = lines(server)[before:]
    first = next(n for n, line in enumerate(after) if line["event"] == "wake" and line["n"] > 0)
    last = next(n for n, line in enumerate(after) if n > first and line["event"] == "wait")
    return after[first:last]


def stays_asleep(scene: Scene, server: Server, why: str, seconds: float = 0.5) -> None:
    """Counts how often it wakes up while there is nothing to do."""
    before, end = len(lines(server, "wake")), time.monotonic() + seconds
    while time.monotonic() < end:
        text = server.trace_tail(1)
        woken = len(lines(server, "wake")) - before
        if woken > FEW:
            scene.fail(f"{why}, and the server has woken up {woken:,} times since: it burns a core.")
        while server.trace_tail(1) == text and time.monotonic() < end:
            time.sleep(0.005)
    scene.add(f"the server sleeps for {seconds:g} s")


def silent(scene: Scene, server: Server, count: int) -> None:
    """Clients who only sit there; each has been accepted."""
    scene.clients += [Client(server.address, "somebody", deadline=DEADLINE) for _ in range(count)]
    scene.watch(lambda: len(descriptors(server)) >= count, f"{count} connect, and say nothing")
    await_rest(scene, server)


# ---- 06.1, 06.2, 06.3 ---------------------------------------------------
def writes_of_a_tick(scene: Scene) -> str:
    """Two words in one batch, and a reset between them."""
    server = scene.serve(path=scene.reference())
    a, b, c = scene.gather(server, "ABC")
    scene.freeze(server)
    before = len(lines(server))
    a.send(b"to")
    b.reset()
    c.send(b"her")
    scene.thaw(server)
    for one in a, c:
        one.hear(b"toher")
    return str(sum(line["event"] == "write" for line in batch(scene, server, before)))


def what_a_newcomer_hears(scene: Scene) -> str:
    server = scene.serve(path=scene.reference())
    a, b = scene.gather(server, "AB")
    scene.freeze(server)
    a.send(b"to")
    n = scene.connect(server, "N")
    b.send(b"get")
    scene.thaw(server)
    a.hear(b"toget")
    n.send(b"!")
    a.hear(b"!")
    await_rest(scene, server)
    while b"!" not in n.heard:
        n._more(time.monotonic() + DEADLINE, "heard nothing of its own")
    return bytes(n.heard).decode().rstrip("!") or "nothing"


def looked_at(scene: Scene) -> float:
    """How many the scan looks at for each that the list has."""
    return ticks(scene, "scan") / ticks(scene, "server")


def ticks(scene: Scene, name: str) -> int:
    server = scene.serve("--trigger", "edge_oneshot", path=scene.reference(name))
    for who in "ABCDEFGHIJKLMNOPQRST":
        scene.connect(server, who)
        await_rest(scene, server)
    for _ in range(20):
        visit(scene, server)
    return sum(line["n"] for line in lines(server, "tick"))


def visit(scene: Scene, server: Server) -> None:
    """One who connects, says nothing and leaves: two batches."""
    held = server.descriptors()
    with Client(server.address, "V", deadline=DEADLINE):
        scene.watch(lambda: server.descriptors() > held, "V connects")
        await_rest(scene, server)
    scene.watch(lambda: server.descriptors() == held, "V leaves")
    await_rest(scene, server)


# ---- what is heard ------------------------------------------------------
def five_at_once(scene: Scene) -> None:
    """With each trigger: five speak in one batch, and each hears all five, once."""
    for trigger in TRIGGERS:
        server = scene.serve("--trigger", trigger)
        five = scene.gather(server, "ABCDE")
        scene.freeze(server)
        for one in five:
            one.send(one.name.lower().encode())
        scene.thaw(server)
        for one in five:
            one.hear(b"abcde", quiet=True)
        five[0].send(b"!")
        for one in five:
            one.hear(b"!", quiet=True)
        scene.add("all five have heard it once")


def only_what_follows(scene: Scene) -> None:
    """With each trigger: who comes in the middle of a batch hears what is said after it."""
    for trigger in TRIGGERS:
        server = scene.serve("--trigger", trigger)
        a, b = scene.gather(server, "AB")
        scene.freeze(server)
        a.send(b"before")
        n = scene.connect(server, "N")
        b.send(b"after")
        scene.thaw(server)
        for one in a, b:
            one.hear(b"beforeafter")
        n.hear(b"after")
        n.send(b"!")
        for one in a, b, n:
            one.hear(b"!")


def words_and_end(scene: Scene) -> None:
    """With each trigger: who speaks and stops sending in one batch hears it, and the end."""
    for trigger in TRIGGERS:
        server = scene.serve("--trigger", trigger)
        a, b = scene.gather(server, "AB")
        scene.freeze(server)
        a.send(b"the last words")
        a.stop_sending()
        scene.thaw(server)
        a.hear(b"the last words")
        a.hear_end()
        b.hear(b"the last words")


def nothing_more(scene: Scene) -> None:
    """Who has stopped sending hears what was said up to then, and not what is said later."""
    for trigger in "level", "edge":
        server = scene.serve("--trigger", trigger, buffers=SMALL)
        a, b = scene.gather(server, "AB", buffers=SMALL)
        a.send_until_stuck(scene.words(20_000))
        b.hear(bytes(a.sent[1:]))
        a.stop_sending()
        await_rest(scene, server)
        b.exchange(b"and now we are alone")
        a.hear(bytes(a.sent[1:]))
        if rest := a.hear_end():
            scene.fail(f"A had stopped sending before B said anything, and still hears {rest.decode()!r}")


# ---- who reads late -----------------------------------------------------
def late(scene: Scene, trigger: str) -> tuple[Server, Client, Client]:
    """B has heard everything, but late."""
    server = scene.serve("--trigger", trigger, buffers=SMALL)
    a, b = scene.gather(server, "AB", buffers=SMALL)
    for number in range(1, 26):
        a.exchange(b"%-*d.\n" % (LINE - 2, number), quiet=True)
    scene.add(f"A says 25 lines of {LINE:,} bytes and hears them; B reads nothing yet")
    b.hear(bytes(a.sent[1:]))
    return server, a, b


def late_listener(scene: Scene) -> None:
    """With each trigger: who comes to listen late has missed nothing."""
    for trigger in TRIGGERS:
        _, _, b = late(scene, trigger)
        b.exchange(b"and this is mine")


def caught_up(scene: Scene) -> None:
    """Who was slow for a moment and has caught up costs nothing any more."""
    server, _, b = late(scene, "level")
    stays_asleep(scene, server, "B has caught up and nobody says anything")
    b.exchange(b"and this is mine")


def half_closed(scene: Scene) -> None:
    """A stops sending and does not read yet: the server sleeps, and A misses nothing."""
    server = scene.serve("--trigger", "level", buffers=SMALL)
    a, = scene.gather(server, "A", buffers=SMALL)
    a.send_until_stuck(scene.words(40_000))
    a.stop_sending()
    stays_asleep(scene, server, "A has stopped sending and reads nothing yet")
    a.hear(bytes(a.sent[1:]))
    a.hear_end()


def stuffed(scene: Scene) -> None:
    """A sends and reads nothing, until nothing more is taken from it: the server sleeps."""
    server = scene.serve("--trigger", "level", buffers=SMALL)
    a, = scene.gather(server, "A", buffers=SMALL)
    taken = a.send_until_stuck(scene.words(200_000))
    stays_asleep(scene, server, "A reads nothing, so nothing more is taken from it")
    a.hear(bytes(a.sent[1:taken + 1]))
    a.exchange(b"and on it goes")


# ---- who goes -----------------------------------------------------------
def reset_amid_words(scene: Scene) -> None:
    """With each trigger: one speaks, one is reset, one speaks: the others go on."""
    for trigger in TRIGGERS:
        server = scene.serve("--trigger", trigger)
        a, b, c = scene.gather(server, "ABC")
        scene.freeze(server)
        a.send(b"to")
        b.reset()
        c.send(b"her")
        scene.thaw(server)
        for one in a, c:
            one.hear(b"toher")
        a.send(b"!")
        for one in a, c:
            one.hear(b"!")


def a_place_changes_hands(scene: Scene) -> None:
    """One is reset and one comes in the same batch: the newcomer hears what follows, once."""
    for trigger in TRIGGERS:
        server = scene.serve("--trigger", trigger)
        a, b = scene.gather(server, "AB")
        scene.freeze(server)
        a.send(b"of old")
        b.reset()
        c = scene.connect(server, "C")
        scene.thaw(server)
        a.hear(b"of old")
        c.send(b"hi")
        a.hear(b"hi")
        got = await_word(scene, c, b"hi")
        if got != b"hi":
            scene.fail(f'C said "hi" and hears "{got.decode()}". It had come when "of old" had been said, '
                       "and got the place of B, who had been reset in the same batch")


def await_word(scene: Scene, client: Client, word: bytes) -> bytes:
    """All that it has heard by the time this has come."""
    end = time.monotonic() + client.deadline
    while not client.heard.endswith(word):
        client._more(end, f'"{word.decode()}" has not come')
    scene.add(f'{client.name} hears "{bytes(client.heard).decode()}"')
    got = bytes(client.heard)
    client.heard.clear()
    return got


# ---- what it does when --------------------------------------------------
def one_write_each(scene: Scene) -> None:
    """Five speak in one batch, and each of them is written to once."""
    for trigger in "level", "edge_oneshot":
        server = scene.serve("--trigger", trigger)
        five = scene.gather(server, "ABCDE")
        scene.freeze(server)
        before = len(lines(server))
        for one in five:
            one.send(one.name.lower().encode())
        scene.thaw(server)
        for one in five:
            one.hear(b"abcde", quiet=True)
        scene.add("all five have heard it once")
        turn = batch(scene, server, before)
        writes = [line["fd"] for line in turn if line["event"] in ("write", "writev")]
        most = max(map(writes.count, writes), default=0)
        if most > 1:
            scene.fail(f"Five spoke in one batch, and the server made {len(writes)} writes before it waited "
                       f"again: it wrote {most} times to the same client.")


def closes_at_the_end(scene: Scene) -> None:
    """One is reset in the middle of a batch, and is closed at the end of it."""
    server = scene.serve()
    a, b, c = scene.gather(server, "ABC")
    dead = descriptors(server)[1]
    scene.freeze(server)
    before = len(lines(server))
    a.send(b"to")
    b.reset()
    c.send(b"her")
    scene.thaw(server)
    for one in a, c:
        one.hear(b"toher")
    turn = batch(scene, server, before)
    closed = next((n for n, line in enumerate(turn) if line["event"] == "close" and line["fd"] == dead), None)
    if closed is None:
        scene.fail("B was reset in this batch, and is still there when the server waits again")
    if any(line["event"] == "read" for line in turn[closed:]):
        scene.fail("B's number was given back while C's event was still to come: whoever is accepted "
                   "in this batch may get it, and B's own event may be still to come, too")


def few_are_looked_at(scene: Scene) -> None:
    """Fifty sit there in silence: a tick does not look at them."""
    for trigger in "level", "edge_oneshot":
        server = scene.serve("--trigger", trigger)
        silent(scene, server, 50)
        before = len(lines(server, "tick"))
        visit(scene, server)
        told = lines(server, "tick")[before:]
        if not told:
            scene.fail("one came and left, and the trace tells of no tick")
        for number, line in enumerate(told, 1):
            if line["n"] > 2:
                scene.fail(f"50 sit there and say nothing; one comes and leaves. Tick {number} of this visit "
                           f"looked at {line['n']} connections, to find the one that was touched.")


def all_are_touched(scene: Scene) -> None:
    """One speaks and five hear it: a tick looks at each of them once."""
    server = scene.serve()
    a, *_ = scene.gather(server, "ABCDE")
    scene.freeze(server)
    before = len(lines(server))
    a.send(b"hello")
    scene.thaw(server)
    a.hear(b"hello")
    touched = [line["n"] for line in batch(scene, server, before) if line["event"] == "tick"]
    if touched != [5]:
        scene.fail(f"One of five said something, and the ticks say {touched}: "
                   "one tick should have looked at 5")


# ---- the farewell -------------------------------------------------------
def farewell(scene: Scene) -> None:
    """With each trigger: one leaves, and all who stay hear of it, once."""
    for trigger in TRIGGERS:
        server = scene.serve("--trigger", trigger)
        a, b, c = scene.gather(server, "ABC")
        b.deadline = 2.0
        a.leave()
        for one in b, c:
            one.hear(FAREWELL)
        b.send(b"so it goes")
        for one in b, c:
            one.hear(b"so it goes")


def two_at_once(scene: Scene) -> None:
    """One says goodbye and leaves, one is reset, in one batch: the word comes first, then two lines."""
    for trigger in TRIGGERS:
        server = scene.serve("--trigger", trigger)
        a, b, c, d = scene.gather(server, "ABCD")
        scene.freeze(server)
        a.send(b"bye ")
        a.leave()
        d.reset()
        scene.thaw(server)
        for one in b, c:
            one.hear(b"bye " + 2 * FAREWELL)
        b.send(b"so it goes")
        for one in b, c:
            one.hear(b"so it goes")


def not_to_itself(scene: Scene) -> None:
    """Who stops sending hears all that was said, and the end, and no farewell to itself."""
    server = scene.serve()
    a, b = scene.gather(server, "AB")
    a.send(b"bye ")
    a.stop_sending()
    a.hear(b"bye ")
    if rest := a.hear_end():
        scene.fail(f"A is the one who leaves, and hears {rest.decode()!r}")
    b.hear(b"bye " + FAREWELL)


def cut_off(scene: Scene) -> None:
    """B never reads and is cut off: A hears of that, too."""
    server = scene.serve(buffers=SMALL)
    a, b = scene.gather(server, "AB", buffers=SMALL)
    said = scene.words(LINE)
    scene.add("B reads nothing")
    for _ in range(200):
        a.send(said, quiet=True)
        a.hear(said, quiet=True)
        await_rest(scene, server)
        if lines(server, "close"):
            break
    scene.add(f"A says {len(a.sent):,} bytes, and B is closed")
    a.hear(FAREWELL)


def the_last_one(scene: Scene) -> None:
    """When the last one leaves there is nobody to tell, and the next one hears nothing of it."""
    server = scene.serve()
    a, = scene.gather(server, "A")
    held = server.descriptors()
    a.leave()
    scene.watch(lambda: server.descriptors() < held, "the server closes A")
    stays_asleep(scene, server, "nobody is there", 0.2)
    b = scene.connect(server, "B")
    b.exchange(b"anybody?")
