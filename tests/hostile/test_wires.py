"""The clients' own ends of the protocols, with no server in between."""

from __future__ import annotations

import random

import pytest
from wires import HEADER, MAX_FRAME, MAX_LINE, READ_SIZE, Chat, Framed, Plain, WireError, wire_of

PROTOCOLS = ["multi-echo", "framed", "chat"]


def said(speaks: str, payload: bytes, seed: int) -> tuple[bytes, list[bytes]]:
    """What a server would send to all for it: the stream, and its messages."""
    wire, source, stream, messages, at = wire_of(speaks), random.Random(seed), b"", [], 0
    for sent, count in wire.messages(payload, source):
        message = payload[at: at + count]
        at += count
        if speaks == "chat":
            if not message:
                continue  # an empty line is not said to anybody
            sent = wire.line(f"guest-7: {message.hex()}")
        stream += sent
        messages.append(message)
    assert at == len(payload)
    return stream, messages


def heard(speaks: str, *pieces: bytes) -> list[bytes]:
    wire = wire_of(speaks)
    return [message for piece in pieces for message in wire.decode(piece)]


@pytest.mark.parametrize("speaks", ["framed", "chat"])
def test_every_split_of_a_stream_gives_the_same_messages(speaks: str) -> None:
    wire = wire_of(speaks)
    messages = [b"", b"\xf1", bytes(range(256))[:90]]
    if speaks == "chat":
        stream = b"".join(map(wire.line, ["* guest-2 is here", "ann: f1", "* who: me", "b_-: 01ff"]))
        messages = [b"\xf1", b"\x01\xff"]
    else:
        stream = b"".join(map(wire.encode, messages))
    for first in range(len(stream) + 1):
        for second in range(first, len(stream) + 1):
            pieces = stream[:first], stream[first:second], stream[second:]
            assert heard(speaks, *pieces) == messages, (first, second)
    assert heard(speaks, *(stream[n: n + 1] for n in range(len(stream)))) == messages


@pytest.mark.parametrize("speaks", PROTOCOLS)
@pytest.mark.parametrize("size", [0, 1, 30, 50_000])
def test_what_is_said_is_heard_whatever_the_cuts(speaks: str, size: int, seed: int) -> None:
    payload = random.Random(seed).randbytes(size)
    stream, messages = said(speaks, payload, seed)
    assert b"".join(heard(speaks, stream)) == payload
    if speaks != "multi-echo":
        assert heard(speaks, stream) == messages
    source, pieces = random.Random(seed + 1), []
    while stream:
        pieces.append(stream[: source.randint(1, 3000)])
        stream = stream[len(pieces[-1]):]
    assert b"".join(heard(speaks, *pieces)) == payload


@pytest.mark.parametrize("speaks", ["framed", "chat"])
def test_who_has_skipped_knows_where_the_next_message_begins(speaks: str) -> None:
    stream, _ = said(speaks, bytes(3000), 1)
    last, _ = said(speaks, b"\xf1\xf2", 2)
    for cut in range(len(stream) - 50, len(stream) + 1):
        wire = wire_of(speaks)
        wire.skip(stream[:cut])
        assert b"".join(wire.decode(stream[cut:] + last)).endswith(b"\xf1\xf2")


def test_frames_of_all_kinds_are_said() -> None:
    sizes = [count for _, count in Framed().messages(bytes(4_000_000), random.Random(1))]
    assert {0, 1, READ_SIZE - HEADER, READ_SIZE - 1, READ_SIZE, READ_SIZE + 1} <= set(sizes)


def test_a_frame_is_a_length_of_eight_bytes_and_the_payload() -> None:
    assert Framed().encode(b"abc") == bytes.fromhex("0000000000000003") + b"abc"
    assert Framed().encode(bytes(258))[:HEADER] == bytes.fromhex("0000000000000102")


def test_a_line_of_the_chat_is_text_no_longer_than_a_line_may_be() -> None:
    payload = bytes(range(256)) * 100
    for sent, _ in Chat().messages(payload, random.Random(1)):
        line = sent[HEADER:].decode()
        assert len(line) <= MAX_LINE
        assert not line.startswith(("/", "* "))
    assert MAX_LINE in [len(sent) - HEADER for sent, _ in Chat().messages(payload, random.Random(1))]


@pytest.mark.parametrize("wire, stream", [
    (Framed(), (MAX_FRAME + 1).to_bytes(HEADER, "big")),
    (Framed(), b"\xff" * HEADER),
    (Chat(), Chat().line(b"guest-1: \xff")),
    (Chat(), Chat().line("guest-1: not hexadecimal")),
    (Chat(), Chat().line("guest-1")),
    (Chat(), Chat().line("gu\x1best: 00")),
    (Chat(), Chat().line("")),
])
def test_what_no_server_may_send_is_refused(wire: Framed, stream: bytes) -> None:
    with pytest.raises(WireError):
        wire.decode(stream)


def test_plain_bytes_stay_as_they_are() -> None:
    assert Plain().decode(b"abc") == [b"abc"]
    assert Plain().decode(b"") == []
