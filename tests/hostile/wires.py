"""How a chapter's clients put bytes on the wire, and take them off it again.

The hostile rows say and hear plain bytes; a wire cuts what is said into the
messages of its protocol, at random, and gives back what was heard, message by
message, however the stream was split. One wire belongs to one connection.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

READ_SIZE = 16 * 1024  # bytes that the servers read at once
HEADER = 8
MAX_FRAME = 16 << 20  # --max-frame, the default
MAX_LINE = 1000  # bytes of a line in the chat


class WireError(Exception):
    """Something came that this protocol does not allow."""


class Plain:
    """Bytes are bytes, with no message in them."""

    def messages(self, payload: bytes, source: random.Random) -> Iterator[tuple[bytes, int]]:
        """What goes out for `payload`, piece by piece: the bytes, and how much
        of the payload is said when all of them are out."""
        yield payload, len(payload)

    def decode(self, data: bytes) -> list[bytes]:
        """The messages that are complete now."""
        return [data] if data else []

    def skip(self, data: bytes) -> None:
        """Nobody wants to know what came, but where the next message begins."""


class Framed:
    """Chapter 07: a length of eight bytes, big-endian, then so many bytes."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def encode(self, message: bytes) -> bytes:
        return len(message).to_bytes(HEADER, "big") + message

    def messages(self, payload: bytes, source: random.Random) -> Iterator[tuple[bytes, int]]:
        at = 0
        while at < len(payload):
            message = payload[at: at + self._size(source)]
            at += len(message)
            yield self.encode(message), len(message)

    def decode(self, data: bytes) -> list[bytes]:
        self._rest += data
        heard, at, size = [], 0, len(self._rest)
        while size - at >= HEADER:
            length = int.from_bytes(self._rest[at: at + HEADER], "big")
            if length > MAX_FRAME:
                raise WireError(f"a frame of {length:,} bytes")
            if size - at - HEADER < length:
                break
            heard.append(bytes(self._rest[at + HEADER: at + HEADER + length]))
            at += HEADER + length
        del self._rest[:at]
        return heard

    def skip(self, data: bytes) -> None:
        self.decode(data)

    @staticmethod
    def _size(source: random.Random) -> int:
        """Empty and small ones, and such as fill a read to within a header."""
        kind = source.random()
        if kind < 0.1:
            return 0
        if kind < 0.3:
            return source.randint(1, 16)
        if kind < 0.6:
            return source.randint(17, 1000)
        if kind < 0.8:
            return source.randint(1000, READ_SIZE)
        return READ_SIZE + source.choice((-9, -8, -7, -1, 0, 1, 8))


class Chat(Framed):
    """Chapter 08: the payload in hexadecimal digits, said line by line."""

    def __init__(self) -> None:
        super().__init__()
        self._decoder = Framed()
        self.kept: list[str] | None = None  # the lines as they came, where wanted

    def line(self, text: str | bytes) -> bytes:
        """A line as it is, in its frame."""
        return super().encode(text.encode() if isinstance(text, str) else text)

    def encode(self, message: bytes) -> bytes:
        return super().encode(message.hex().encode())

    def lines(self, data: bytes) -> list[str]:
        """The lines that are complete now, notices and all."""
        try:
            lines = [line.decode() for line in self._decoder.decode(data)]
        except UnicodeDecodeError as error:
            raise WireError(f"a line that is no UTF-8: {error.object!r}") from error
        if self.kept is not None:
            self.kept += lines
        return lines

    def decode(self, data: bytes) -> list[bytes]:
        heard = []
        for line in self.lines(data):
            if line.startswith("* "):
                continue
            name, colon, said = line.partition(": ")
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,16}", name) or not colon:
                raise WireError(f"a line that nobody may say: {line!r}")
            try:
                heard.append(bytes.fromhex(said))
            except ValueError as error:
                raise WireError(f"not what was said: {line!r}") from error
        return heard

    def skip(self, data: bytes) -> None:
        self._decoder.decode(data)

    @staticmethod
    def _size(source: random.Random) -> int:
        kind = source.random()
        if kind < 0.05:
            return 0  # an empty line, which nobody hears
        if kind < 0.25:
            return source.randint(1, 32)
        if kind < 0.35:
            return MAX_LINE // 2
        return source.randint(33, MAX_LINE // 2)


WIRES = {"echo": Plain, "multi-echo": Plain, "framed": Framed, "chat": Chat}


def wire_of(speaks: str) -> Plain | Framed | Chat:
    return WIRES[speaks]()
