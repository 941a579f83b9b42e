"""What chapter 05's exercises are checked with."""

from __future__ import annotations

import fcntl
import json
import re
import struct
import termios
import time

from coach.scene import DEADLINE, Scene
from kit.client import Client, Story
from kit.server import Server

TRIGGERS = ("level", "edge", "oneshot", "edge_oneshot")
SMALL = 2048  # bytes of a socket's buffers: soon full, and full in the middle of a line
LINE = 2000  # bytes
TOO_MUCH = 300_000  # bytes: more than may wait for one client
LARGE = 212_992  # as many as every Linux allows (net.core.rmem_max)
TURN = 64 * 1024  # bytes of one client's before it is another's turn: the tasks say so
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


def await_heard(client: Client, count: int) -> bytes:
    """So many bytes, whatever they are: taken."""
    end = time.monotonic() + client.deadline
    while len(client.heard) < count:
        client._more(end, f"heard {len(client.heard):,} of {count:,} bytes")
    got = bytes(client.heard[:count])
    del client.heard[:count]
    return got


def unacknowledged(client: Client) -> int:
    """Bytes that the other kernel has not taken yet (tcp(7), SIOCOUTQ)."""
    return struct.unpack("i", fcntl.ioctl(client.socket, termios.TIOCOUTQ, b"\0" * 4))[0]


def fill(client: Client, data: bytes) -> None:
    """All of it lies in the frozen server's receive buffer, if that is so large."""
    client.send_only(data)
    end = time.monotonic() + 1
    while unacknowledged(client) and time.monotonic() < end:
        time.sleep(0.005)


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


# ---- 05.1 ---------------------------------------------------------------
def told_of_ten_arrivals(scene: Scene) -> str:
    """How many events tell of bytes that came in ten pieces."""
    server = scene.serve("--trigger", "edge", path=scene.reference("echo"), buffers=LARGE)
    a = scene.connect(server, "A")
    a.exchange(b"a")
    scene.freeze(server)
    before = len(lines(server, "event"))
    for _ in range(10):
        a.send_only(scene.words(4000))
    scene.thaw(server)
    a.hear(bytes(a.sent[1:]))
    await_rest(scene, server)
    return str(len(lines(server, "event")) - before)


# ---- 05.6 ---------------------------------------------------------------
def calls_for_a_call(scene: Scene) -> float:
    """Calls with a oneshot for each call without, in a room of ten."""
    return calls(scene, "edge_oneshot") / calls(scene, "level")


def calls(scene: Scene, trigger: str) -> int:
    server = scene.serve("--trigger", trigger, path=scene.reference())
    clients = []
    for name in "ABCDEFGHIJ":
        clients.append(scene.connect(server, name))
        await_rest(scene, server)
    a = clients[0]
    for number in range(1, 101):
        a.exchange(str(number).encode(), quiet=True)
    server.stop_well()
    return len([line for line in lines(server) if line["event"] not in ("wake", "event")])


# ---- reading and accepting ----------------------------------------------
def burst(scene: Scene) -> None:
    """40,000 bytes at once, and then silence: all of them come back."""
    server = scene.serve("--trigger", "edge", buffers=LARGE)
    a, = scene.gather(server, "A")
    scene.freeze(server)
    fill(a, scene.words(40_000))
    scene.thaw(server)
    a.hear(bytes(a.sent[1:]))


def two_bursts(scene: Scene) -> None:
    """Two who burst at the same time hear each other whole."""
    server = scene.serve("--trigger", "edge", buffers=LARGE)
    a, b = scene.gather(server, "AB")
    scene.freeze(server)
    said = (bytes(byte & 0x7F for byte in scene.words(30_000)),
            bytes(byte | 0x80 for byte in scene.words(30_000)))
    for one, words in zip((a, b), said):
        fill(one, words)
    scene.thaw(server)
    for one in a, b:
        apart(scene, one, *said)


def apart(scene: Scene, listener: Client, low: bytes, high: bytes) -> None:
    """Both are there, in whatever pieces they come: A has the low half of all
    bytes, B the high one."""
    heard = await_heard(listener, len(low) + len(high))
    for name, said, got in (("A", low, bytes(byte for byte in heard if byte < 0x80)),
                            ("B", high, bytes(byte for byte in heard if byte >= 0x80))):
        if got != said:
            scene.fail(f"{listener.name} hears {len(got):,} bytes of {name}'s, who has said "
                       f"{len(said):,}, or hears them in another order")
    scene.add(f"{listener.name} has heard both")


def long_burst(scene: Scene) -> None:
    """160,000 bytes at once, and then silence: all of them come back."""
    server = scene.serve("--trigger", "edge", buffers=LARGE)
    a, = scene.gather(server, "A")
    scene.freeze(server)
    fill(a, scene.words(160_000))
    scene.thaw(server)
    a.hear(bytes(a.sent[1:]))


def gets_a_word_in(scene: Scene) -> None:
    """A sends without a pause, and B gets a word in."""
    server = scene.serve("--trigger", "edge", buffers=LARGE)
    a, b = scene.gather(server, "AB")
    fast, other = descriptors(server)[:2]
    scene.freeze(server)
    before = len(lines(server, "read"))
    fill(a, scene.words(160_000))
    b.send(b"ping")
    scene.thaw(server)

    def reads() -> list[dict]:
        return lines(server, "read")[before:]

    scene.watch(lambda: any(line["fd"] == other for line in reads()), "the server reads what B has said")
    mine = next(n for n, line in enumerate(reads()) if line["fd"] == other)
    taken = [line["n"] for line in reads()[:mine] if line["fd"] == fast]
    if sum(taken) > TURN:
        scene.fail(f"B's four bytes lay there, and the server read {sum(taken):,} bytes of A's before "
                   f"it looked at them. Whoever sends as fast as you read keeps all "
                   "the others waiting.")


def crowd(scene: Scene) -> None:
    """Fifty connect at once, nobody after them: all are served."""
    server = scene.serve("--trigger", "edge")
    a = scene.connect(server, "A")
    a.exchange(b"a")
    scene.freeze(server)
    many = [Client(server.address, f"client {n}", Story(), 0, DEADLINE) for n in range(1, 51)]
    scene.clients += many
    scene.add("50 clients connect")
    scene.thaw(server)
    await_rest(scene, server)
    taken = len(descriptors(server)) - 1
    if taken < 50:
        scene.fail(f"50 clients have connected, {taken} of them {'was' if taken == 1 else 'were'} accepted, "
                   f"and the server waits. The other {50 - taken} are in the listen queue, and nobody "
                   "looks there until one more connects.")
    many[-1].story = scene.story
    many[-1].exchange(b"x")


def three_places(scene: Scene) -> None:
    """There are three places: the fourth waits, and is served when one leaves."""
    server = scene.serve("--trigger", "edge", "--max-connections", "3")
    a, b, c = scene.gather(server, "ABC")
    d = scene.connect(server, "D")
    d.send(b"d")
    d.hear_nothing()
    stays_asleep_but_for_the_clock(scene, server)
    a.leave()
    d.hear(b"d")
    for one in b, c:
        one.hear(b"d")


def stays_asleep_but_for_the_clock(scene: Scene, server: Server) -> None:
    """A full server may look from time to time, but not all the time."""
    before = len(lines(server, "wait"))
    time.sleep(0.3)
    if (waits := len(lines(server, "wait")) - before) > FEW:
        scene.fail(f"the server is full, and has waited {waits:,} times in 0.3 s: it burns a core")


def one_after_another(scene: Scene) -> None:
    """With each trigger: three come one after another, and speak twice."""
    for trigger in TRIGGERS:
        server = scene.serve("--trigger", trigger)
        three = scene.gather(server, "ABC")
        for word in b"one", b"two":
            for speaker in three:
                speaker.send(word)
                for listener in three:
                    listener.hear(word, quiet=True)
        scene.add("all three have heard all of it")


def last_words(scene: Scene) -> None:
    """With each trigger: last words and the end come together, and both are answered."""
    for trigger in TRIGGERS:
        server = scene.serve("--trigger", trigger)
        a, = scene.gather(server, "A")
        scene.freeze(server)
        a.send(b"the last words")
        a.stop_sending()
        scene.thaw(server)
        a.hear(b"the last words")
        a.hear_end()


# ---- writing ------------------------------------------------------------
def numbered(number: int) -> bytes:
    return b"%-*d.\n" % (LINE - 2, number)


def backlog(scene: Scene, trigger: str, count: int = 25) -> tuple[Server, Client, Client, bytes]:
    """B does not read, and A has said so many lines to both."""
    server = scene.serve("--trigger", trigger, buffers=SMALL)
    a, b = scene.gather(server, "AB", buffers=SMALL)
    said = [numbered(number) for number in range(1, count + 1)]
    for line in said:
        a.exchange(line, quiet=True)
    scene.add(f"A says {count} lines of {LINE:,} bytes and hears them; B reads nothing yet")
    return server, a, b, b"".join(said)


def late_listener(scene: Scene) -> None:
    """With each trigger: who comes to listen late has missed nothing."""
    for trigger in TRIGGERS:
        _, _, b, said = backlog(scene, trigger)
        b.hear(said)
        b.exchange(b"and this is mine")


def cut_off(scene: Scene) -> None:
    """With each trigger: B never reads and is cut off, and the others miss nothing."""
    for trigger in TRIGGERS:
        server = scene.serve("--trigger", trigger, buffers=SMALL)
        a, b, c = scene.gather(server, "ABC", buffers=SMALL)
        closed = len(lines(server, "close"))
        for number in range(1, TOO_MUCH // LINE + 1):
            a.exchange(numbered(number), quiet=True)
            c.hear(numbered(number), quiet=True)
        scene.add(f"A says {TOO_MUCH // LINE} lines of {LINE:,} bytes; A and C hear them, B reads nothing")
        scene.watch(lambda: len(lines(server, "close")) > closed, "the server closes B")
        d = scene.connect(server, "D")  # in B's place
        for speaker in d, c, a:
            speaker.send(b"and on", quiet=True)
            for listener in a, c, d:
                listener.hear(b"and on", quiet=True)
        scene.add("A, C and D, who has come instead, hear each other")
        b.socket.close()


def in_order(scene: Scene) -> None:
    """A says 25 numbered lines; six who listen late hear them in order."""
    for trigger in "level", "edge":
        server = scene.serve("--trigger", trigger, buffers=SMALL)
        a, = there = scene.gather(server, "A", buffers=SMALL)
        for number, name in enumerate("BCDEFG"):  # some write goes through in part
            there.append(scene.connect(server, name, SMALL + 1000 * number))
            there[-1].send(b"x", quiet=True)
            for one in there:
                one.hear(b"x", quiet=True)
        said = [numbered(number) for number in range(1, 26)]
        for line in said:
            a.exchange(line, quiet=True)
        scene.add(f"A says 25 lines of {LINE:,} bytes and hears them; nobody else reads yet")
        for late in there[1:]:
            check_order(scene, late, b"".join(said))


def check_order(scene: Scene, listener: Client, said: bytes) -> None:
    heard = await_heard(listener, len(said))
    if heard != said:
        at = next(n for n, (a, b) in enumerate(zip(heard, said)) if a != b)
        line = re.match(rb"\d+", heard[at:])
        then = f"line {line[0].decode()}" if line else "something else"
        scene.fail(f"{listener.name} hears all as it was said, as far as byte {at % LINE:,} of line "
                   f"{at // LINE + 1}; then comes {then}")
    scene.add(f"{listener.name} hears all lines in order")


def does_not_overtake(scene: Scene) -> None:
    """What is said now does not overtake what waits already."""
    server, a, b, said = backlog(scene, "level")
    scene.freeze(server)
    a.send(numbered(26))
    while b._pull() or b._select(0.2):  # all that lies in the kernels' buffers
        pass
    scene.add("B reads what has come, and more has room now")
    scene.thaw(server)
    check_order(scene, b, said + numbered(26))


def half_closed(scene: Scene) -> None:
    """A stops sending and does not read yet: the server sleeps, and A misses nothing."""
    server = scene.serve("--trigger", "level", buffers=SMALL)
    a, = scene.gather(server, "A", buffers=SMALL)
    a.send_until_stuck(scene.words(40_000))
    a.stop_sending()
    stays_asleep(scene, server, "A has stopped sending and reads nothing yet")
    a.hear(bytes(a.sent[1:]))
    a.hear_end()
