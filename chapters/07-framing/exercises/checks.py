"""What chapter 07's exercises are checked with."""

from __future__ import annotations

import json
import time

from coach.bounds import BoundedServer
from coach.scene import DEADLINE, Scene
from kit.client import Client, StoryError
from kit.frames import HEADER, MAX_FRAME, Decoder, FrameError, encode, length, shown

WORDS = (b"hello", b"", b"hi")
STREAM = b"".join(map(encode, WORDS))  # 13, 8 and 10 bytes
MEBIBYTE = 1 << 20
PROMISES = 20  # clients who promise a frame of MAX_FRAME


# ---- frames in words ------------------------------------------------------
def next_word(scene: Scene, client: Client) -> bytes:
    """The payload of the next frame that it hears."""
    end = time.monotonic() + client.deadline
    while True:
        decoder = Decoder()
        try:
            words = decoder.feed(bytes(client.heard))
        except FrameError:
            size = int.from_bytes(client.heard[:HEADER], "big")
            scene.fail(f"{client.name} has lost count: where a length should be stand the bytes "
                       f"{client.heard[:HEADER].hex(' ')}, and that is {size:,}")
        if words:
            del client.heard[:HEADER + len(words[0])]
            return words[0]
        client._more(end, f"heard {len(client.heard):,} bytes, which are no whole message")


def hears(scene: Scene, client: Client, *words: bytes) -> None:
    """These are the next messages; a difference is told in words."""
    heard: list[str] = []
    try:
        for word in words:
            expect(scene, client, word)
            heard.append(shown(word))
    finally:
        if heard:
            scene.add(f"{client.name} hears {', '.join(heard)}")


def expect(scene: Scene, client: Client, word: bytes) -> None:
    wanted = f"{client.name} should hear {shown(word)} here"
    try:
        got = next_word(scene, client)
    except StoryError as error:
        scene.fail(f"{wanted}, and hears the end" if client.ended else f"{error.what}. {wanted}")
    if got != word:
        scene.fail(f"{wanted}, and hears {shown(got)}")


def bytes_read(server: BoundedServer) -> int:
    """How many bytes it has read so far, from everybody."""
    return sum(json.loads(line)["n"] for line in server.trace() if '"event":"read"' in line)


def put(scene: Scene, server: BoundedServer, client: Client, piece: bytes) -> None:
    """Sends a piece, and waits until the server has read all of it."""
    wanted = bytes_read(server) + len(piece)
    client.send(piece, quiet=True)
    end = time.monotonic() + DEADLINE
    while bytes_read(server) < wanted and not client.ended:
        if time.monotonic() > end:
            scene.fail(f"the server has not read what {client.name} has sent")
        client._pull()
        time.sleep(0.001)


# ---- what really happens ----------------------------------------------------
def frames_of_each_read(scene: Scene) -> str:
    server = scene.serve(path=scene.reference())
    a = scene.connect(server)
    for piece in STREAM[:12], STREAM[12:23], STREAM[23:]:
        put(scene, server, a, piece)
    a.hear(STREAM)
    frames: list[int] = []
    for line in map(json.loads, server.trace()):
        if line["event"] == "read":
            frames.append(0)
        elif line["event"] == "frame":
            frames[-1] += 1
    return ", ".join(map(str, frames))


def eight_bytes_below_nothing(scene: Scene) -> str:
    server = scene.serve(path=scene.reference())
    a, b = scene.gather_framed(server, "AB")
    a.send(encode(b"one") + length((1 << 64) - HEADER) + encode(b"two"))
    told = []
    for client in a, b:
        heard: list[str] = []
        try:
            while True:
                heard.append(next_word(scene, client).decode())
                if client is b:
                    break
        except StoryError:
            heard.append("the end" if client.ended else "no end")
        told.append(f"{client.name}: {', '.join(heard)}")
    return "; ".join(told)


def calls_for_a_thousand(scene: Scene) -> float:
    server = scene.serve(path=scene.reference())
    a, b = scene.gather_framed(server, "AB")
    words = [b"hi"] * 1000
    scene.freeze(server)
    before = len(server.trace())
    scene.say(a, *words)
    scene.thaw(server)
    for client in a, b:
        scene.hear(client, *words, quiet=True)
    server.await_sleep()  # a call is traced when it is over, and heard before
    return sum('"event":"write' in line for line in server.trace()[before:])


# ---- a stream in pieces -------------------------------------------------------
def every_split(scene: Scene) -> None:
    """However a stream is cut into reads, the same messages come out of it."""
    server = scene.serve()
    a, b = scene.gather_framed(server, "AB")
    scene.add("the stream: “hello”, an empty message and “hi”, 13, 8 and 10 bytes")
    cuts = [[0], [8], *([at] for at in range(1, len(STREAM))), list(range(1, len(STREAM)))]
    for places in cuts:
        scene.add("A sends it " + ("in one piece" if places == [0] else "byte by byte" if places[1:]
                                   else f"cut after byte {places[0]}"))
        for start, end in zip([0, *places], [*places, len(STREAM)]):
            if end > start:
                put(scene, server, a, STREAM[start:end])
        put(scene, server, a, encode(b"and this"))
        hears(scene, a, *WORDS, b"and this")
        scene.hear(b, *WORDS, b"and this", quiet=True)


def long_message(scene: Scene) -> None:
    """A message that takes many reads comes whole."""
    server = scene.serve()
    a, b = scene.gather_framed(server, "AB")
    for size in 16 * 1024 - HEADER, 16 * 1024, 300_000:
        word = scene.words(size)
        scene.say(a, word)
        scene.hear(a, word, quiet=True)
        scene.hear(b, word)


def promises(scene: Scene) -> None:
    """A length that is promised costs nothing until its bytes come."""
    server = scene.serve()
    a, = scene.gather_framed(server, "A")
    many = [scene.connect(server, f"P{n}") for n in range(PROMISES)]
    for one in many:
        put(scene, server, one, encode(b"."))
        scene.hear(one, b".", quiet=True)
    before = server.status("VmSize") * 1024
    for one in many:
        put(scene, server, one, length(MAX_FRAME))
    scene.add(f"{PROMISES} clients send the length {MAX_FRAME:,}, and nothing behind it")
    grown = server.status("VmSize") * 1024 - before
    if grown > 2 * MAX_FRAME:
        scene.fail(f"{PROMISES * HEADER} bytes have come, and the server has asked for "
                   f"{grown // MEBIBYTE:,} MiB of memory")
    scene.say(a, b"still here")
    hears(scene, a, *[b"."] * PROMISES, b"still here")


# ---- lengths that nobody means ----------------------------------------------
NO_MESSAGE = b"where this begins only the length could have told"
LENGTHS = {
    "2^63": 1 << 63,
    "2^64 - 1": (1 << 64) - 1,
    "2^32 + 5": (1 << 32) + 5,
    "2^64 - 7": (1 << 64) - 7,
    "2^64 - 8": (1 << 64) - 8,
    "one more than the limit": MAX_FRAME + 1,
}


def lengths_of_no_message(scene: Scene) -> None:
    """Who sends a length that nobody can mean is heard out and ended, and the others go on."""
    server = scene.serve()
    b, = scene.gather_framed(server, "B")
    for name, number in LENGTHS.items():
        a = scene.connect(server, "A")
        scene.add(f"A says “one”, sends a length of {name}, and some words behind it")
        a.send(encode(b"one") + length(number) + encode(NO_MESSAGE), quiet=True)
        hears(scene, a, b"one")
        if rest := a.hear_end():
            scene.fail(f"A should hear the end, and hears {len(rest)} bytes more")
        a.leave()
        scene.say(b, b"still here")
        hears(scene, b, b"one", b"still here")


def at_the_limit(scene: Scene) -> None:
    """A message may be as long as the limit, and not a byte longer."""
    server = scene.serve("--max-frame", "1000")
    a, b = scene.gather_framed(server, "AB")
    scene.say(a, bytes(999), bytes(1000))
    hears(scene, b, bytes(999), bytes(1000))
    scene.hear(a, bytes(999), bytes(1000), quiet=True)
    scene.say(a, bytes(1001))
    if rest := a.hear_end():
        scene.fail(f"A should hear the end, and hears {len(rest):,} bytes")


# ---- written in part --------------------------------------------------------
def tale(scene: Scene) -> list[bytes]:
    """Messages of many sizes, each made of a letter of its own."""
    sizes = [20_000, 3, 700, 9000, 0, 16_000, 1, 300]
    return [bytes([ord("a") + n % 26]) * (sizes[n % len(sizes)] + scene.source.randrange(5))
            for n in range(40)]


def slow_reader(scene: Scene) -> None:
    """On a slow line every message comes whole, and in order."""
    server = scene.serve(buffers=4096)
    a, b = scene.gather_framed(server, "AB", buffers=4096)
    words = tale(scene)
    for number, word in enumerate(words, 1):
        scene.add(f"A says message {number}: {len(word):,} times “{word[:1].decode()}”")
        scene.say(a, word, quiet=True)
        scene.hear(a, word, quiet=True)
    scene.add("A has heard all of it; B begins to read")
    for number, word in enumerate(words, 1):
        b.hear(encode(word), quiet=True)
        scene.add(f"B hears message {number}")


def rests_afterwards(scene: Scene) -> None:
    """When the late one has heard everything, the server rests."""
    server = scene.serve(buffers=4096)
    a, b = scene.gather_framed(server, "AB", buffers=4096)
    word = scene.words(100_000)
    scene.say(a, word)
    scene.hear(a, word, quiet=True)
    scene.hear(b, word)
    scene.rests(server)
    scene.say(a, b"next")
    hears(scene, b, b"next")


# ---- the reason ---------------------------------------------------------------
REASON = b"too long: at most 1000 bytes"


def told_last(scene: Scene) -> None:
    """Who sends too long a length is told the limit, after all else, and before the end."""
    server = scene.serve("--max-frame", "1000")
    for number in 1001, 1 << 63:
        a, = scene.gather_framed(server, "A")
        scene.add(f"A says “one” and “two”, and then sends the length {number:,}")
        a.send(encode(b"one") + encode(b"two") + length(number), quiet=True)
        hears(scene, a, b"one", b"two", REASON)
        if rest := a.hear_end():
            scene.fail(f"A should hear the end now, and hears {len(rest)} bytes more")
        a.leave()


def told_alone(scene: Scene) -> None:
    """Nobody else hears of it."""
    server = scene.serve("--max-frame", "1000")
    a, b = scene.gather_framed(server, "AB")
    a.send(encode(b"one") + length(1001))
    hears(scene, b, b"one")
    a.hear_end()
    scene.say(b, b"next")
    hears(scene, b, b"next")


def told_late(scene: Scene) -> None:
    """One for whom much waits is told as well, behind what waits."""
    server = scene.serve("--max-frame", "15000", buffers=4096)
    a, = scene.gather_framed(server, "A", buffers=4096)
    words = [scene.words(15_000) for _ in range(3)]
    a.send_until_stuck(b"".join(map(encode, words)) + length(15_001))
    scene.hear(a, *words)
    hears(scene, a, b"too long: at most 15000 bytes")
    if rest := a.hear_end():
        scene.fail(f"A should hear the end now, and hears {len(rest)} bytes more")
