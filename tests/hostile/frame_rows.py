"""The catalogue's rows for servers that speak in messages: chapter 07's
frames, and chapter 08's lines, which travel in frames.

`frames(attacker, …)` are whole messages in the attacker's voice; a length
alone, or half a message, is put on the wire as it is.
"""

from __future__ import annotations

import contextlib
import select
import time

from kit.client import SILENCE, StoryError
from rows import row
from scene import MEBIBYTE, Scene
from targets import SMALL
from voices import Voice
from kit.waiting import wait_until
from wires import HEADER, MAX_FRAME, MAX_LINE, READ_SIZE, Framed

MESSAGES = ("framed", "chat")
# More than fits into a signed number; no number fits more; the length of such
# a frame with its header would be 0; one byte more than is allowed.
TOO_LONG = (1 << 63, (1 << 64) - 1, (1 << 64) - HEADER, MAX_FRAME + 1)
AROUND = (-8, -1, 0, 1, 8)
LINE = bytes(HEADER) + b"guest-4: " + bytes(MAX_LINE)  # the longest, as it is heard
PENDING = 256 * 1024
RECEIVERS = 100


def frames(attacker: Voice, *sizes: int) -> tuple[bytes, bytes]:
    """The stream for some messages of these sizes, and what they say."""
    said = [attacker.words(size) for size in sizes]
    return b"".join(map(attacker.wire.encode, said)), b"".join(said)


def length(number: int) -> bytes:
    return number.to_bytes(HEADER, "big")


def hear_frames(attacker: Voice, expected: list[bytes], what: str = "") -> None:
    """Waits until the next messages in its own voice are exactly these. Empty
    ones have no voice: the bystanders, who say some, must be silent then."""
    attacker.hear(b"".join(expected), quiet=True)
    own = [one for one in attacker.messages if not one or one[0] >> 4 == attacker.sender]
    assert own == expected, attacker.story.fail(
        f"{attacker.name} hears {len(own)} messages and not {len(expected)}, or other ones: "
        f"{[len(one) for one in own][:20]}, not {[len(one) for one in expected][:20]} {what}")
    attacker.messages.clear()
    if not what:
        attacker.story.add(f"{attacker.name} hears {len(expected):,} messages as they were sent")


def alone(scene: Scene, attacker: Voice) -> None:
    """The bystanders fall silent, and all that was said is heard: an empty
    message, which has no voice, is the attacker's own from here on."""
    scene.company.pause()
    before = scene.company.heard_of_attackers()
    attacker.exchange(attacker.words(1), quiet=True)  # comes behind all of theirs
    wait_until(lambda: scene.company.heard_of_attackers() == before + 1,
               "the bystanders to hear it", deadline=scene.deadline)
    attacker.messages = []


# ---- lengths ------------------------------------------------------------
@row(speaks=MESSAGES, grows=lambda scene: 2.0)
def oversize(scene: Scene) -> None:
    """A length that nobody may send. What was whole before it is delivered to
    all, then the sender hears the end; nothing is set aside for it, and what
    the sender sends after it is no message."""
    witness = scene.witness()
    for number in TOO_LONG:
        attacker = scene.attacker()
        stream, said = frames(attacker, 40, 100)
        evil, unsaid = frames(attacker, 30)
        attacker.story.add(f"the attacker says {len(said)} bytes, then a length of {number:,}")
        attacker.put(stream + length(number) + evil)
        attacker.hear(said)
        assert attacker.hear_end() == b"", attacker.story.fail("it hears what is no message")
        witness.hear_from(attacker, said)
        hears_none_of_it(scene, witness)
        scene.memory(2)
    scene.company.must_talk()
    scene.company.mind(witness)
    scene.rest()  # the attackers have not closed their ends
    scene.company.unmind(witness)


@row(speaks=MESSAGES, grows=lambda scene: 2.0)
def oversize_goes_on(scene: Scene) -> None:
    """Has been told that it is over, and goes on sending: that is dropped, and
    not for ever."""
    before = scene.server.descriptors() if scene.local else 0
    attacker = scene.attacker()
    attacker.put(length(TOO_LONG[0]))
    attacker.hear_end()
    with contextlib.suppress(StoryError):  # cannot send: it has been cut off
        for _ in range(32):
            attacker.put(bytes(MEBIBYTE))
            scene.memory(2)
    if scene.local:
        wait_until(lambda: scene.server.descriptors() == before, "the attacker to be closed")
    scene.story.add("the attacker has been cut off")
    scene.company.must_talk()


@row(speaks=MESSAGES, grows=lambda scene: 4.0)
def promised(scene: Scene) -> None:
    """A length of all that is allowed, and then nothing, or hardly anything:
    memory grows with what comes, never with what was promised."""
    for attacker in scene.crowd(20):
        attacker.put(length(MAX_FRAME))
        scene.company.mind(attacker)
    scene.company.must_talk()
    scene.memory(2)
    attacker = scene.attacker()
    attacker.put(length(MAX_FRAME) + attacker.words(MEBIBYTE), quiet=False)
    scene.company.mind(attacker)
    scene.company.must_talk()
    # A frame under way has twice the room of what has come of it.
    scene.memory(2 + 2 + 0.5)
    scene.rest()
    scene.leave()


@row(speaks=MESSAGES)
def frame_sizes(scene: Scene) -> None:
    """Nothing a thousand times, and sizes that fill a read to within a header:
    each alone, so that nothing comes after it, and all in one stream."""
    attacker, source = scene.attacker(), scene.source
    alone(scene, attacker)
    if scene.target.speaks == "chat":
        line_sizes(attacker)
    else:
        attacker.put(length(0) * 1000)
        wait_for_messages(attacker, 1000)
        hear_frames(attacker, [b""] * 1000)
        sizes = [base + near for base in (READ_SIZE, READ_SIZE - HEADER) for near in AROUND]
        said = [attacker.words(size) for size in sizes]
        for one in said:
            attacker.put(attacker.wire.encode(one))
            hear_frames(attacker, [one])
        source.shuffle(said)
        attacker.put(b"".join(map(attacker.wire.encode, said)))
        hear_frames(attacker, said)
    scene.company.resume()
    scene.company.must_talk()


def line_sizes(attacker: Voice) -> None:
    """A line has 1,000 bytes at most, and nobody hears an empty one; whatever
    else comes, the next line is heard."""
    attacker.put(length(0) * 1000)
    for size in (1, 499, 500):
        one = attacker.words(size)
        attacker.put(attacker.wire.encode(one))
        hear_frames(attacker, [one])
    for near in AROUND:
        one = attacker.words(10)
        attacker.wire.kept = []
        attacker.put(attacker.wire.line(b"0" * (READ_SIZE + near)) + attacker.wire.encode(one))
        hear_frames(attacker, [one])
        assert attacker.wire.kept[0].startswith("* a line has 1,000 bytes at most"), (
            attacker.story.fail(f"not refused: {attacker.wire.kept[0]!r}"))
    attacker.wire.kept = None


def wait_for_messages(attacker: Voice, count: int) -> None:
    def heard() -> bool:
        attacker._pull()
        return len(attacker.messages) >= count
    wait_until(heard, f"{count} messages", lambda: f"{len(attacker.messages)}", attacker.deadline)


# The chat has no line so long; its own limit is asked in chat_rows.py.
@row(speaks=("framed",), options=("--max-frame", "1000000", "--max-pending", "65536"))
def largest(scene: Scene) -> None:
    """A message as large as may be reaches all, though it is larger than what
    may wait; one byte more is too much."""
    attacker = scene.attacker()
    alone(scene, attacker)  # who has so much waiting may hear no more
    before = scene.company.heard_of_attackers()
    one = attacker.words(1_000_000)
    attacker.put(attacker.wire.encode(one), quiet=False)
    hear_frames(attacker, [one])
    wait_until(lambda: scene.company.heard_of_attackers() == before + len(one),
               "the bystanders to hear it", deadline=scene.deadline)
    scene.company.resume()
    scene.company.must_talk()
    attacker.put(length(1_000_001))
    attacker.hear_end()


# ---- pieces -------------------------------------------------------------
@row(speaks=MESSAGES)
def split_points(scene: Scene) -> None:
    """Three messages, cut into two sends at each of their bytes. Between them
    another is served: the server has then looked at the first piece."""
    attacker, other = scene.attacker(), scene.attacker("another")
    said = [attacker.words(3), b"", attacker.words(11)]
    stream = b"".join(map(attacker.wire.encode, said))
    chat = scene.target.speaks == "chat"
    alone(scene, attacker)
    for at in range(len(stream) + 1):
        attacker.put(stream[:at])
        for _ in range(2):
            stream_of_other, word = frames(other, 1)
            other.put(stream_of_other)
            other.hear(word, quiet=True)
        attacker.put(stream[at:])
        hear_frames(attacker, [one for one in said if one or not chat], f"split at {at}")
    scene.story.add(f"all {len(stream) + 1} splits of the stream give the same messages")
    scene.company.resume()


def half_message(attacker: Voice) -> bytes:
    stream, _ = frames(attacker, attacker.source.randint(100, 500))
    return stream[: attacker.source.randint(1, len(stream) - 1)]


def hears_none_of_it(scene: Scene, witness: Voice) -> None:
    """What was cut off in the middle was never a message."""
    witness.exchange(witness.words(10))
    heard = {f"{sender:x}": len(said) for sender, said in witness.others.items()
             if said and sender > 2}
    assert not heard, witness.story.fail(f"{witness.name} hears what is no message: {heard}")


@row(speaks=MESSAGES)
def reset_in_frame(scene: Scene) -> None:
    """Two hundred times RST in the middle of a message."""
    witness = scene.witness()
    for n in range(200):
        attacker = scene.attacker(quiet=True)
        attacker.put(half_message(attacker))
        attacker.reset()
        if n % 20 == 0:
            hears_none_of_it(scene, witness)
    scene.story.add("200 attackers reset in the middle of a message")
    hears_none_of_it(scene, witness)


@row(speaks=MESSAGES, signals=True)
def fin_then_reset_in_frame(scene: Scene) -> None:
    """FIN and then RST in the middle of a message; the server sees both, and
    the message before, which it answers into a connection that is gone."""
    witness = scene.witness()
    for _ in range(20):
        attacker = scene.attacker(quiet=True)
        for heard in witness.others.values():
            heard.clear()
        stream, said = frames(attacker, 20)
        attacker.exchange(attacker.words(1))  # so it has been accepted
        scene.freeze()
        attacker.put(stream + half_message(attacker))
        attacker.stop_sending()
        attacker.reset()
        scene.thaw()
        # Whether the server still gets what came before a RST is the kernel's
        # affair; never more than the one whole message.
        witness.exchange(witness.words(1), quiet=True)
        assert len(witness.voice_of(attacker)) <= 1 + len(said), (
            witness.story.fail("it hears half a message"))
    scene.company.must_talk()


@row(speaks=MESSAGES)
def half_close_in_frame(scene: Scene) -> None:
    """The end of the stream in the middle of a message: what was whole comes
    back, the rest has never been."""
    witness = scene.witness()
    attacker = scene.attacker()
    stream, said = frames(attacker, 200, 1)
    attacker.put(stream + half_message(attacker), quiet=False)
    attacker.stop_sending()
    attacker.hear(said)
    assert attacker.hear_end() == b"", attacker.story.fail("it hears half a message")
    witness.hear_from(attacker, said)
    hears_none_of_it(scene, witness)


# ---- many, and slow -----------------------------------------------------
@row(speaks=MESSAGES)
def pipelined(scene: Scene) -> None:
    """Five thousand numbered messages from one who reads nothing before they
    are out, or before nobody takes more; all hear them in their order."""
    attacker, witness = scene.attacker(), scene.witness()
    attacker.messages, witness.messages = [], []
    said = [number(attacker, n) + attacker.words(attacker.source.randint(0, 50))
            for n in range(5000)]
    rest = memoryview(b"".join(map(attacker.wire.encode, said)))
    size = len(rest)
    while rest and attacker._room(SILENCE):
        rest = attacker._out(rest)
        witness._pull()  # or it would be one that does not read
    scene.story.add(f"the attacker sends {size - len(rest):,} bytes and reads nothing")
    for at in range(0, len(rest), READ_SIZE):
        attacker.put(bytes(rest[at: at + READ_SIZE]))
        witness._pull()
    every = b"".join(said)
    for at in range(0, len(every), READ_SIZE):
        attacker.hear(every[at: at + READ_SIZE], quiet=True)
        witness._pull()
    scene.story.add(f"the attacker hears {len(every):,} bytes")
    witness.hear_from(attacker, every)
    for listener in attacker, witness:
        heard = [one for one in listener.messages if one and one[0] >> 4 == attacker.sender]
        assert heard == said, listener.story.fail(f"{listener.name} hears other messages")


def number(attacker: Voice, n: int) -> bytes:
    """A number in the attacker's voice: half a byte in each of four."""
    return bytes((attacker.sender << 4) | (n >> shift & 15) for shift in (12, 8, 4, 0))


@row(speaks=MESSAGES, options=("--max-pending", str(PENDING)), small=("chat",))
def dribbled_to_hundred(scene: Scene) -> None:
    """A message comes byte by byte and goes to a hundred, one of whom never
    reads. The others hear all that is said, in order; when more waits for the
    hundredth than may, it is closed, and nobody else."""
    speaker = scene.attacker("the speaker")
    crowd = scene.crowd(RECEIVERS - 1)
    # Its receive buffer is small, so that the kernel does not swallow much.
    deaf = scene.attacker("the deaf one", buffers=SMALL)
    word, said = frames(deaf, 1)
    deaf.put(word)
    speaker.hear_from(deaf, said)  # so it has been accepted
    scene.company.pause()
    before = scene.server.descriptors()
    said = speaks(speaker, crowd, dribbled=True)
    while scene.server.descriptors() == before:
        assert len(said) < 12 * MEBIBYTE, scene.story.fail("the deaf one is never closed")
        said += speaks(speaker, crowd)
    scene.memory()
    scene.story.add(f"the {len(crowd)} others hear {len(said):,} bytes")
    hear_what_is_left(deaf)
    heard = bytes(deaf.voice_of(speaker))
    assert said.startswith(heard), deaf.story.fail("it does not hear the beginning of it")
    # What was lost is what waited for it: the limit and one message more.
    lost = len(said) - len(heard)
    waited = lost if scene.target.speaks == "framed" else lost * len(LINE) // (MAX_LINE // 2)
    assert PENDING < waited + READ_SIZE and waited < PENDING + 4 * READ_SIZE, (
        deaf.story.fail(f"{waited:,} bytes waited for it when it was closed"))
    assert scene.server.descriptors() == before - 1, scene.story.fail("others are closed too")
    scene.company.resume()
    scene.company.must_talk()


def speaks(speaker: Voice, crowd: list[Voice], dribbled: bool = False) -> bytes:
    """Some 16 KiB, which everybody hears; they read while it is said."""
    size = READ_SIZE if type(speaker.wire) is Framed else MAX_LINE // 2
    stream, said = frames(speaker, *[size] * (READ_SIZE // size))
    waiter, voices = select.poll(), {voice.socket.fileno(): voice for voice in crowd}
    for number in voices:
        waiter.register(number, select.POLLIN)
    for at in range(0, len(stream), 512):
        piece = stream[at: at + 512]
        step = 1 if dribbled else len(piece)
        for n in range(0, len(piece), step):
            speaker.put(piece[n: n + step])
        for number, _ in waiter.poll(0):
            voices[number]._pull()
    speaker.hear(said, quiet=True)
    end = time.monotonic() + speaker.deadline
    while any(len(voice.voice_of(speaker)) < len(said) for voice in crowd):
        for number, _ in waiter.poll(100):
            voices[number]._pull()
        if time.monotonic() > end or any(voice.ended for voice in crowd):
            break
    for voice in crowd:  # tells what is missing or wrong
        voice.hear_from(speaker, said)
    if dribbled:
        speaker.story.add(f"the speaker sends {len(stream):,} bytes, one by one; all hear them")
    return said


def hear_what_is_left(deaf: Voice) -> None:
    """It has been closed, and reads the rest of what it was sent."""
    try:
        while not deaf.ended:
            deaf._more(time.monotonic() + deaf.deadline, "it is not closed")
    except StoryError as error:
        if "reset" not in str(error):
            raise
    deaf.story.add("the deaf one has been closed")


# The kernel's default buffers would swallow hundreds of thousands of them.
@row(speaks=MESSAGES, small=MESSAGES)
def tiny_backlog(scene: Scene) -> None:
    """One never reads, and another says hardly anything, very often: to remember
    a message costs more than its bytes, and what waits is counted with that."""
    speaker = scene.attacker("the speaker")  # first, so that it is let in first
    deaf = scene.attacker("the deaf one", buffers=SMALL)
    word, said = frames(deaf, 1)
    deaf.put(word)
    speaker.hear_from(deaf, said)  # so it has been accepted
    scene.company.pause()
    before = scene.server.descriptors()
    for _ in range(500):
        stream, said = frames(speaker, *[1] * 500)
        speaker.put(stream)
        speaker.hear(said, quiet=True)
        scene.memory(3)  # counted by their bytes they would be 8
        if scene.server.descriptors() < before:
            break
    else:
        raise scene.story.fail("the deaf one is never closed")
    scene.company.resume()
    scene.company.must_talk()


@row(speaks=MESSAGES, signals=True, options=("--max-pending", str(PENDING)))
def tiny_burst(scene: Scene) -> None:
    """The words of ten are there when the server wakes, more of them than may
    wait for one; but all of them read, so nobody is to be cut off."""
    scene.company.pause()
    crowd = scene.crowd(10)
    for attacker in crowd:
        attacker.exchange(attacker.words(1), quiet=True)  # so it has been accepted
    # With small buffers only so many that they may wait: the kernel takes few.
    count = 200 if scene.small else 4000 if scene.target.speaks == "framed" else 1600
    scene.freeze()
    sent, unsent = 0, []
    for attacker in crowd:
        stream, said = frames(attacker, *[1] * count)
        rest = attacker._out(memoryview(stream))
        unsent.append(rest)
        attacker.messages = []
        sent += len(said)
    scene.thaw()
    for attacker, rest in zip(crowd, unsent):
        attacker.put(bytes(rest))
    all_hear(scene, crowd, sent)
    scene.company.resume()
    scene.company.must_talk()


def all_hear(scene: Scene, crowd: list[Voice], count: int) -> None:
    """Waits until every one has heard so many messages, and nobody is ended."""
    end = time.monotonic() + scene.deadline
    waiter = select.poll()
    waiting = {voice.socket.fileno(): voice for voice in crowd}
    for number in waiting:
        waiter.register(number, select.POLLIN)
    while waiting:
        for number, _ in waiter.poll(100):
            voice = waiting[number]
            voice._pull()
            if voice.ended:
                raise scene.story.fail(f"{voice.name} is cut off")
            if sum(map(len, voice.messages)) >= count:
                waiter.unregister(number)
                del waiting[number]
        if waiting and time.monotonic() > end:
            raise scene.story.fail(f"{len(waiting)} do not hear {count:,} messages")
    scene.story.add(f"all {len(crowd)} hear {count:,} messages")
