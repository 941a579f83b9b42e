"""Clients whose every byte says who sent it.

The high half of a byte names its sender, the low half is random. So what a
client of a multi-echo server hears can be split by sender and each part
compared with what that sender said; and an echo client knows a byte that is
not its own. Where there are messages on the wire (wires.py), each has one
sender.
"""

from __future__ import annotations

import random
import socket
import time

from kit.client import Client, Story, difference
from wires import Chat, Framed, Plain, WireError

VISITOR = 0xE  # one that looks in to see whether it is served
ATTACKERS = (0xF, *range(3, 0xE))  # in turn; 0 to 2 are the bystanders'
SENDERS = range(16)
SEGMENT = 1024  # bytes of one TCP segment at most, where buffers are small
BATCH = 256 * 1024  # bytes that are put on the wire at once
NOT_FROM = [bytes(b for b in range(256) if b >> 4 != sender) for sender in SENDERS]


def words(sender: int, count: int, source: random.Random) -> bytes:
    """Random bytes in a sender's voice."""
    low = source.randbytes(count).translate(bytes(b & 15 for b in range(256)))
    return low.translate(bytes((sender << 4) | (b & 15) for b in range(256)))


def said_by(sender: int, data: bytes) -> bytes:
    """The sender's share of what was heard."""
    return data.translate(None, NOT_FROM[sender])


class Voice(Client):
    """A client with a voice. `heard` is its own voice, `others` the rest."""

    def __init__(self, address, name: str, sender: int, multi: bool, source: random.Random,
                 story: Story | None = None, buffers: int = 0, deadline: float | None = None,
                 wire: Plain | Framed | Chat | None = None) -> None:
        self.sender = sender
        self.multi = multi
        self.source = source
        self.others = {other: bytearray() for other in SENDERS if other != sender}
        self.wire = wire or Plain()
        self.messages: list[bytes] | None = None  # all that is heard, where wanted
        self._half = b"", memoryview(b"")  # what a half-sent message says, and its rest
        self.buffers = buffers
        super().__init__(address, name, story, buffers, deadline)

    def _connect(self, address) -> None:
        """With small buffers in small segments. Else one may be longer than the
        window that the server offers, for long: it is not cut to fit but waits
        for the persist timer, which each segment of others' talk puts off
        (Linux, tcp_ack_probe)."""
        if self.buffers:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
        super()._connect(address)

    def words(self, count: int) -> bytes:
        return words(self.sender, count, self.source)

    def say(self, count: int, quiet: bool = False) -> bytes:
        data = self.words(count)
        self.send(data, quiet)
        return data

    def put(self, stream: bytes, quiet: bool = True) -> None:
        """Sends bytes as they are, whole messages or not; hears meanwhile."""
        end, rest = time.monotonic() + self.deadline, memoryview(stream)
        while rest := self._out(rest):
            if self.ended or not self._pull():
                self._wait(end, write=True, what=f"{len(rest):,} bytes unsent")
        if not quiet:
            self.story.add(f"{self.name} sends {len(stream):,} bytes")

    def voice_of(self, other: Voice) -> bytearray:
        """What it has heard of another, who may share its voice."""
        return self.heard if other.sender == self.sender else self.others[other.sender]

    def hear_from(self, other: Voice, expected: bytes) -> None:
        """Waits until the next bytes of the other's voice are these."""
        heard = self.voice_of(other)
        end = time.monotonic() + self.deadline
        while len(heard) < len(expected):
            self._more(end, f"heard {len(heard):,} of {len(expected):,} bytes of {other.name}'s")
        if heard[: len(expected)] != expected:
            raise self.story.fail(f"{self.name} hears {other.name} wrongly: "
                                  f"{difference(expected, bytes(heard))}")
        del heard[: len(expected)]
        self.story.add(f"{self.name} hears {len(expected):,} bytes of {other.name}'s")

    def _push(self, data: memoryview) -> int:
        """Sends `data` as the wire wants it. Only what went out in whole
        messages counts: half a message has not been said. It is completed when
        the same words are said on, and never when the sending is stopped."""
        if isinstance(self.wire, Plain):
            return super()._push(data)
        said = self._complete(data)
        if self._half[1]:
            return 0
        for message, count in self.wire.messages(bytes(data[said: said + BATCH]), self.source):
            rest = self._out(memoryview(message))
            if rest:
                self._half = bytes(data[said: said + count]), rest
                break
            said += count
        return said

    def _complete(self, data: memoryview) -> int:
        """Sends the rest of a half-sent message; how much of `data` it says."""
        words, rest = self._half
        assert data[: len(words)] == words, f"{self.name} has said half of something else"
        self._half = words, self._out(rest)
        if self._half[1]:
            return 0
        self._half = b"", memoryview(b"")
        return len(words)

    def _out(self, data: memoryview) -> memoryview:
        """Sends what the kernel takes of it; the rest."""
        while data and (count := super()._push(data)):
            data = data[count:]
        return data

    def _keep(self, data: bytes) -> bytes:
        try:
            messages = self.wire.decode(data)
        except WireError as error:
            raise self.story.fail(f"{self.name} hears what nobody may send: {error}")
        if self.messages is not None:
            self.messages += messages
        return b"".join(map(self._share, messages))

    def _share(self, message: bytes) -> bytes:
        """What of a message is in its own voice; keeps the others'."""
        own = said_by(self.sender, message)
        if len(own) == len(message):
            return own
        if not self.multi:
            raise self.story.fail(f"two clients' bytes mixed: {self.name} (voice "
                                  f"{self.sender:x}) hears {message[:40].hex(' ')}")
        senders = {byte >> 4 for byte in set(message)}
        if len(senders) > 1 and not isinstance(self.wire, Plain):
            raise self.story.fail(f"two clients' bytes in one message: {self.name} hears "
                                  f"{message[:40].hex(' ')}")
        for other in senders - {self.sender}:
            self.others[other] += said_by(other, message)
        return own
