"""Chapter 07: what is said in frames is heard in frames, whole, by all, in one
order, on every backend and with every trigger; and what a frame may cost."""

from __future__ import annotations

import contextlib
import os
import random
from collections import Counter

import pytest
from conftest import SANITIZED, path_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.client import Client, Story, StoryError
from kit.frames import HEADER, Decoder, encode, length
from kit.server import Server
from targets import SMALL_IN_ROWS as SMALL
from targets import Target, on_backends
from tracing import events
from kit.waiting import wait_until

READ_SIZE = 16 * 1024  # kReadSize
FIRST_PIECE = 1024  # FrameDecoder::kFirstPiece
MEBIBYTE = 1 << 20
SEEDS_CLIENTS = 10
HELLO = b"hello"
WRITES = ("write", "writev")  # one part, or several

TARGETS = on_backends("07")


def name_of(target: Target) -> str:
    return "-".join(filter(None, [target.backend, target.trigger]))


everywhere = pytest.mark.parametrize("target", TARGETS, ids=name_of)
buffer_sizes = pytest.mark.parametrize("buffers", [0, SMALL], ids=["default", "small"])


def start(serve, target: Target | None = None, *options: str, buffers: int = 0) -> Server:
    if not target:
        return serve("07", "server", *options, buffers=buffers)
    return serve("07", "server", *options, backend=target.backend, trigger=target.trigger,
                 buffers=buffers)


@pytest.fixture
def source(seed: int) -> random.Random:
    return random.Random(seed)


@pytest.fixture
def gather(connect):
    """Brings clients in, one after the other; each has heard all that came
    later, so the server has accepted it."""

    def bring(server: Server, count: int, buffers: int = 0) -> list[Client]:
        there: list[Client] = []
        for number in range(count):
            there.append(connect(server, f"C{number}", buffers))
            say(there[-1], b".")
            for client in there:
                hear(client, b".")
        return there

    return bring


def say(client: Client, *payloads: bytes) -> bytes:
    stream = b"".join(map(encode, payloads))
    client.send(stream, quiet=True)
    return stream


def hear(client: Client, *payloads: bytes) -> None:
    for payload in payloads:
        client.hear(encode(payload), quiet=True)


def put(client: Client, data: bytes) -> None:
    """Exactly these bytes, whatever they are on the wire."""
    client.send(data, quiet=True)


def hear_frames(clients: list[Client], count: int) -> list[list[bytes]]:
    """The next frames of each, whatever they are. All read at the same time:
    who does not read is not read from, and its words do not come."""
    frames: list[list[bytes]] = [[] for _ in clients]
    decoders, seen = [Decoder() for _ in clients], [0] * len(clients)

    def more() -> bool:
        for n, client in enumerate(clients):
            client._pull()
            assert not client.ended, client.story.fail(f"{client.name} hears the end")
            frames[n] += decoders[n].feed(bytes(client.heard[seen[n]:]))
            seen[n] = len(client.heard)
        return all(len(one) >= count for one in frames)

    wait_until(more, f"{count} frames for each", lambda: str([len(one) for one in frames]))
    for client, heard, decoder in zip(clients, frames, decoders):
        assert len(heard) == count and decoder.at_boundary(), (
            f"{client.name} hears more than {count} frames")
        client.heard.clear()
    return frames


def together(server: Server, story: Story, *steps) -> None:
    """The server finds all of it at once."""
    server.await_sleep()
    server.freeze()
    story.add("the server is frozen")
    for step in steps:
        step()
    server.thaw()
    story.add("the server goes on")


# ---- whole, to all, in one order -----------------------------------------------
@everywhere
@buffer_sizes
def test_all_hear_the_same_frames_in_the_same_order(
        serve, gather, source, target: Target, buffers: int) -> None:
    clients = gather(start(serve, target, buffers=buffers), 4, buffers)
    said: dict[int, list[bytes]] = {}
    for number, client in enumerate(clients):
        sizes = [source.choice((1, 2, 9, 300, FIRST_PIECE - 9)) for _ in range(10)]
        said[number] = [bytes([number]) + source.randbytes(size) for size in sizes]
    streams = [b"".join(map(encode, said[number])) for number in said]
    while any(streams):  # each in pieces, and the pieces of all mixed
        number = source.choice([n for n, stream in enumerate(streams) if stream])
        size = source.randint(1, 500)
        put(clients[number], streams[number][:size])
        streams[number] = streams[number][size:]
    count = sum(map(len, said.values()))
    heard = hear_frames(clients, count)
    assert all(one == heard[0] for one in heard), "not all hear the same order"
    for number, own in said.items():
        assert [one for one in heard[0] if one[0] == number] == own


def test_words_that_come_in_pieces_are_not_mixed(serve, gather) -> None:
    a, b, c = gather(start(serve), 3)
    frame = encode(HELLO)
    put(a, frame[:11])
    say(b, b"world")
    for client in (a, b, c):
        hear(client, b"world")
    put(a, frame[11:])
    for client in (a, b, c):
        hear(client, HELLO)


@everywhere
def test_the_seeds_client_is_served(serve, gather, target: Target) -> None:
    """Ten at once; each writes the length, then the payload, then hears one
    frame, and does it again."""
    server = start(serve, target)
    clients = gather(server, SEEDS_CLIENTS)
    for _ in range(20):
        words = [f"message from {client.name}".encode() for client in clients]
        for client, word in zip(clients, words):
            put(client, length(len(word)))
        for client, word in zip(clients, words):
            put(client, word)
        heard = hear_frames(clients, SEEDS_CLIENTS)
        assert all(one == heard[0] for one in heard)
        assert sorted(heard[0]) == sorted(words)


@everywhere
def test_empty_frames_are_frames(serve, gather, target: Target) -> None:
    a, b = gather(start(serve, target), 2)
    say(a, *[b""] * 1000, b"after them")
    assert hear_frames([a, b], 1001) == [[b""] * 1000 + [b"after them"]] * 2


@everywhere
def test_frames_that_came_in_one_read_are_all_heard_at_once(
        serve, gather, target: Target) -> None:
    """And without another byte from anybody: no poller tells of bytes that
    have been read."""
    a, b = gather(start(serve, target), 2)
    words = [b"one", b"two", b"three", b"", b"five"]
    say(a, *words)
    for client in (a, b):
        hear(client, *words)


@everywhere
def test_a_large_frame_goes_to_ten(serve, gather, source, target: Target) -> None:
    server = start(serve, target)
    clients = gather(server, 10)
    payload = source.randbytes(16 * MEBIBYTE)
    rest = memoryview(encode(payload))
    wanted = len(rest)
    while rest:
        taken = clients[0]._push(rest)
        rest = rest[taken:]
        if not taken:
            clients[0]._select(0.1, write=True)
    got = [0] * len(clients)

    def drained() -> bool:
        for client in clients:
            client._pull()
            assert not client.ended, f"{client.name} is cut off"
        return all(len(client.heard) >= wanted for client in clients)

    wait_until(drained, "ten to have heard 16 MiB", lambda: str(got), 60)
    for client in clients:
        assert client.heard[HEADER:] == payload
        client.heard.clear()


@everywhere
def test_one_who_reads_late_hears_every_frame_whole(
        serve, gather, source, target: Target) -> None:
    """Its send buffer stops in the middle of frames, time and again."""
    a, late = gather(start(serve, target, buffers=SMALL), 2, SMALL)
    words = [source.randbytes(source.choice((0, 3, 700, 9000, 20_000))) for _ in range(40)]
    for word in words:
        say(a, word)
        hear(a, word)
    a.story.add(f"{a.name} says {sum(map(len, words)):,} bytes, {late.name} reads nothing")
    hear(late, *words)


# ---- --max-frame --------------------------------------------------------------
@everywhere
def test_a_frame_may_be_as_long_as_the_limit_and_no_longer(
        serve, gather, source, target: Target) -> None:
    a, b = gather(start(serve, target, "--max-frame", "1000"), 2)
    payload = source.randbytes(1000)
    say(a, payload)
    for client in (a, b):
        hear(client, payload)
    say(a, b"before", source.randbytes(1001))
    for client in (a, b):
        hear(client, b"before")
    assert a.hear_end() == b""
    say(b, b"still here")
    hear(b, b"still here")


@everywhere
@pytest.mark.parametrize("promise", [1 << 63, (1 << 64) - 1, (1 << 64) - 8, (16 << 20) + 1],
                         ids=["2^63", "2^64-1", "2^64-8", "max+1"])
def test_a_length_beyond_the_limit_ends_its_sender_and_costs_nothing(
        serve, gather, target: Target, promise: int) -> None:
    server = start(serve, target)
    a, b = gather(server, 2)
    before = server.resident()
    put(a, encode(b"one") + encode(b"") + length(promise) + encode(b"this is no frame"))
    for client in (a, b):
        hear(client, b"one", b"")
    assert a.hear_end() == b""
    assert server.resident() - before < MEBIBYTE
    say(b, b"still here")
    hear(b, b"still here")


@everywhere
def test_who_is_refused_hears_the_end_and_no_reset_while_it_goes_on(
        serve, gather, target: Target) -> None:
    server = start(serve, target)
    a, b = gather(server, 2)
    before = server.descriptors()
    put(a, encode(b"last words") + length(1 << 63))
    for _ in range(10):  # what it still says is dropped; and it is not told off
        put(a, bytes(50_000))
    hear(a, b"last words")
    assert a.hear_end() == b""
    put(a, bytes(50_000))
    hear(b, b"last words")
    say(b, b"only I")
    hear(b, b"only I")
    a.stop_sending()
    wait_until(lambda: server.descriptors() == before - 1, "the refused one to be closed",
               lambda: f"{server.descriptors()}, at first {before}")


def test_who_is_refused_and_never_stops_is_cut_off(serve, gather) -> None:
    server = start(serve)
    a, b = gather(server, 2)
    before = server.descriptors()
    put(a, length(1 << 63))
    a.hear_end()
    dropped = 0
    with contextlib.suppress(StoryError):  # it cannot send any more
        while dropped < 64 * MEBIBYTE and server.descriptors() == before:
            put(a, bytes(100_000))
            dropped += 100_000
    wait_until(lambda: server.descriptors() == before - 1, "the refused one to be closed")
    read = [line["n"] for line in events(server, "read")]
    assert MEBIBYTE < sum(read) < 2 * MEBIBYTE
    say(b, b"still here")
    hear(b, b"still here")


# ---- the end of a stream --------------------------------------------------------
# Every place on the first backend and trigger, and a few on the others.
CUTS = [(target, cut) for target in TARGETS
        for cut in (range(HEADER + len(HELLO) + 1) if target == TARGETS[0]
                    else (1, HEADER, HEADER + 1))]


@pytest.mark.parametrize("target, cut", CUTS,
                         ids=[f"{name_of(target)}-{cut}" for target, cut in CUTS])
def test_a_frame_that_is_cut_off_has_never_been(
        serve, gather, target: Target, cut: int) -> None:
    a, b = gather(start(serve, target), 2)
    whole = cut == len(encode(HELLO))
    put(a, encode(b"") + encode(HELLO)[:cut])
    a.stop_sending()
    for client in (a, b):
        hear(client, b"", *[HELLO] * whole)
    rest = a.hear_end()
    assert rest == b"", f"it hears {rest!r}, which is no frame"
    say(b, b"next")
    hear(b, b"next")


# ---- --max-pending ------------------------------------------------------------
@everywhere
def test_a_client_is_cut_off_at_its_limit_and_not_before(
        serve, gather, source, target: Target) -> None:
    """When it is closed, more than the limit waits; without the last frame it
    was no more than that."""
    limit, size = 100_000, 10_000
    server = start(serve, target, "--max-pending", str(limit), buffers=SMALL)
    deaf, speaker = gather(server, 2, SMALL)
    number = next(line["n"] for line in events(server, "accept") if line["n"] >= 0)
    words = source.randbytes(size)
    before = server.descriptors()
    count = 0
    while server.descriptors() == before:
        say(speaker, words)
        hear(speaker, words)
        count += 1
        assert count < 10_000, "it is never closed"
    lines = events(server)
    at = next(i for i, line in enumerate(lines)
              if line["event"] == "close" and line["fd"] == number)
    sent = sum(line["n"] for line in lines[:at]
               if line["event"] in WRITES and line["fd"] == number)
    sent -= 2 * (HEADER + 1)  # the full stops of gather
    frames = sum(line["event"] == "frame" and line["n"] == size for line in lines[:at])
    waited = (frames - 1) * (HEADER + size) - sent  # when the last one came
    assert limit < waited <= limit + HEADER + size
    speaker.story.add(f"{deaf.name} is closed when {waited:,} bytes wait for it")


def test_whoever_reads_is_not_cut_off_by_many_small_frames(serve, gather, story) -> None:
    """What the server can write at once has not waited, however many frames
    it is."""
    server = start(serve, None, "--max-pending", "10000")
    clients = gather(server, 5)
    together(server, story, *[lambda c=client: say(c, *[b"x"] * 1000) for client in clients])
    assert hear_frames(clients, 5000) == [[b"x"] * 5000] * 5


# ---- calls --------------------------------------------------------------------
@everywhere
def test_frames_of_one_batch_leave_in_one_write(serve, gather, story, target: Target) -> None:
    server = start(serve, target)
    a, b = gather(server, 2)
    server.await_sleep()
    before = len(events(server))
    words = [f"word {n}".encode() for n in range(10)]
    together(server, story, lambda: say(a, *words))
    for client in (a, b):
        hear(client, *words)
    server.await_sleep()  # a call is traced when it is over, and heard before
    wrote = [line for line in events(server)[before:] if line["event"] in WRITES]
    assert [line["n"] for line in wrote] == [sum(len(encode(word)) for word in words)] * 2


@everywhere
def test_no_connection_is_written_to_twice_in_a_tick(
        serve, gather, source, target: Target) -> None:
    server = start(serve, target, buffers=SMALL)
    clients = gather(server, 5, SMALL)
    words = [source.randbytes(source.randint(0, 3000)) for _ in range(100)]
    for word in words:
        say(source.choice(clients), word)
    for heard in hear_frames(clients, len(words)):
        assert sorted(heard) == sorted(words)
    writes: Counter = Counter()
    for line in events(server):
        if line["event"] == "tick":
            writes.clear()
        elif line["event"] in WRITES or line.get("detail") in WRITES:
            writes[line["fd"]] += 1
            assert writes[line["fd"]] == 1, f"two writes in a tick: {line}"


# ---- memory -------------------------------------------------------------------
def test_a_frame_lies_in_memory_once_however_many_wait_for_it(
        serve, gather, source) -> None:
    server = start(serve, None, "--max-pending", str(8 * MEBIBYTE), buffers=SMALL)
    clients = gather(server, 40, SMALL)
    speaker = clients[0]
    before = server.resident()
    words = source.randbytes(MEBIBYTE)
    for _ in range(4):
        say(speaker, words)
        hear(speaker, words)
    server.await_sleep()
    grown = server.resident() - before
    most = (40 if SANITIZED else 12) * MEBIBYTE  # a sanitizer keeps what was freed
    assert grown < most, f"4 MiB wait for 39, and the server grew by {grown:,} bytes"
    assert grown > 3 * MEBIBYTE, "nothing waits: this test tests nothing"


def test_memory_follows_what_has_come_and_not_what_was_promised(serve, gather) -> None:
    server = start(serve)
    clients = gather(server, 10)
    before = server.resident()
    for client in clients:
        put(client, length(16 * MEBIBYTE) + bytes(1000))
    server.await_sleep()
    grown = server.resident() - before
    assert grown < 2 * MEBIBYTE, f"10,000 bytes have come, the server grew by {grown:,} bytes"


# ---- every split ------------------------------------------------------------------
def around(size: int) -> list[int]:
    return [size + off for off in (-HEADER - 1, -HEADER, -1, 0, 1)]


SIZES = st.one_of(st.integers(0, 20), st.sampled_from(around(FIRST_PIECE) + around(READ_SIZE)))
PIECES = st.one_of(st.integers(1, 20), st.sampled_from([FIRST_PIECE, READ_SIZE - 1, READ_SIZE,
                                                        READ_SIZE + 1, 50_000]))


@pytest.fixture(scope="module", params=[0, SMALL], ids=["default", "small"])
def lasting(request):
    """One server for all examples."""
    if os.environ.get("KIT_SERVER"):
        pytest.skip("SKIPPED: it needs a server of its own, KIT_SERVER is set")
    options = ("--socket-buffers", str(request.param)) if request.param else ()
    with Server(path_of("07"), *options) as server:
        yield server, request.param


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(sizes=st.lists(SIZES, min_size=1, max_size=8), cuts=st.lists(PIECES, min_size=1),
       reads=st.lists(PIECES, min_size=1), seed=st.integers(0, 1 << 32))
def test_every_split_of_a_stream_gives_the_same_frames(
        lasting, sizes, cuts, reads, seed) -> None:
    server, buffers = lasting
    source = random.Random(seed)
    payloads = [source.randbytes(size) for size in sizes]
    stream = memoryview(b"".join(map(encode, payloads)))
    with contextlib.ExitStack() as stack:
        a, b = pair(server, stack, buffers)
        decoder, heard, n = Decoder(), [], 0
        at = 0
        while at < len(stream):
            piece = stream[at:at + cuts[n % len(cuts)]]
            put(a, bytes(piece))  # and hears what comes back meanwhile
            at += len(piece)
            heard += read_once(b, decoder, reads[n % len(reads)])
            n += 1
        while len(heard) < len(payloads):
            assert b._select(10), f"{len(heard)} of {len(payloads)} frames came"
            heard += read_once(b, decoder, reads[n % len(reads)])
            n += 1
        assert heard == payloads and decoder.at_boundary()
        hear(a, *payloads)


def pair(server: Server, stack: contextlib.ExitStack, buffers: int) -> tuple[Client, Client]:
    a = stack.enter_context(Client(server.address, "A", buffers=buffers))
    say(a, b".")
    hear(a, b".")
    b = stack.enter_context(Client(server.address, "B", buffers=buffers))
    say(b, b".")
    for client in (a, b):
        hear(client, b".")
    return a, b


def read_once(client: Client, decoder: Decoder, size: int) -> list[bytes]:
    try:
        data = client.socket.recv(size)
    except BlockingIOError:
        return []
    assert data, "it is cut off"
    return decoder.feed(data)
