"""Clients whose every byte says who sent it.

The high half of a byte names its sender, the low half is random. So what a
client of a multi-echo server hears can be split by sender and each part
compared with what that sender said; and an echo client knows a byte that is
not its own.
"""

from __future__ import annotations

import random
import time

from kit.client import Client, Story, difference

VISITOR = 0xE  # one that looks in to see whether it is served
ATTACKERS = (0xF, *range(3, 0xE))  # in turn; 0 to 2 are the bystanders'
SENDERS = range(16)
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
                 story: Story | None = None, buffers: int = 0,
                 deadline: float | None = None) -> None:
        self.sender = sender
        self.multi = multi
        self.source = source
        self.others = {other: bytearray() for other in SENDERS if other != sender}
        super().__init__(address, name, story, buffers, deadline)

    def words(self, count: int) -> bytes:
        return words(self.sender, count, self.source)

    def say(self, count: int, quiet: bool = False) -> bytes:
        data = self.words(count)
        self.send(data, quiet)
        return data

    def hear_from(self, other: Voice, expected: bytes) -> None:
        """Waits until the next bytes of the other's voice are these."""
        heard = self.others[other.sender]
        end = time.monotonic() + self.deadline
        while len(heard) < len(expected):
            self._more(end, f"heard {len(heard):,} of {len(expected):,} bytes of {other.name}'s")
        if heard[: len(expected)] != expected:
            raise self.story.fail(f"{self.name} hears {other.name} wrongly: "
                                  f"{difference(expected, bytes(heard))}")
        del heard[: len(expected)]
        self.story.add(f"{self.name} hears {len(expected):,} bytes of {other.name}'s")

    def _keep(self, data: bytes) -> bytes:
        own = said_by(self.sender, data)
        if len(own) == len(data):
            return own
        if not self.multi:
            raise self.story.fail(f"two clients' bytes mixed: {self.name} (voice "
                                  f"{self.sender:x}) hears {data[:40].hex(' ')}")
        for other in {byte >> 4 for byte in set(data)} - {self.sender}:
            self.others[other] += said_by(other, data)
        return own
