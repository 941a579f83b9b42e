"""Frames, as docs/wire-format.adoc has them: a length of eight bytes, the most
significant first, and so many bytes of payload. And tools/talk's steps in them.
"""

from __future__ import annotations

import re

from kit.client import Client, show
from kit.steps import SIZE, StepError, Steps

HEADER = 8  # bytes
MAX_FRAME = 16 << 20  # --max-frame, the default


def length(number: int) -> bytes:
    return number.to_bytes(HEADER, "big")


def encode(payload: bytes) -> bytes:
    """One frame, as it is on the wire."""
    return length(len(payload)) + payload


class FrameError(ValueError):
    """A length that nobody may send: the stream cannot be followed."""


class Decoder:
    """Cuts a stream into payloads, however its bytes come."""

    def __init__(self, max_frame: int = MAX_FRAME) -> None:
        self.max_frame = max_frame
        self.rest = bytearray()  # of a frame that is not whole

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads that are whole now. Raises FrameError."""
        self.rest += data
        whole, at = [], 0
        while len(self.rest) - at >= HEADER:
            size = int.from_bytes(self.rest[at:at + HEADER], "big")
            if size > self.max_frame:
                del self.rest[:at]
                raise FrameError(f"a frame of {size:,} bytes")
            if len(self.rest) - at - HEADER < size:
                break
            at += HEADER
            whole.append(bytes(self.rest[at:at + size]))
            at += size
        del self.rest[:at]
        return whole

    def at_boundary(self) -> bool:
        return not self.rest


# ---- steps ------------------------------------------------------------------
def shown(payload: bytes) -> str:
    return show(payload) if payload else "an empty frame"


class Said:
    """What one client has said so far: the frames that it has sent whole."""

    def __init__(self) -> None:
        self.decoder = Decoder()
        self.frames: list[bytes] = []
        self.seen = 0  # bytes of what it has sent
        self.lost = False  # a length that nobody may send

    def follow(self, sent: bytearray) -> None:
        new, self.seen = bytes(sent[self.seen:]), len(sent)
        if self.lost:
            return
        try:
            self.frames += self.decoder.feed(new)
        except FrameError:
            self.lost = True


class FramedSteps(Steps):
    """The same steps for a server of messages: what is sent is a frame, and
    what is heard is one, with exactly these bytes."""

    def __init__(self, *arguments, **named) -> None:
        super().__init__(*arguments, **named)
        self.said: dict[str, Said] = {}

    def arrive(self, name: str) -> None:
        super().arrive(name)
        self.said[name] = Said()

    def extent(self, name: str) -> int:
        return len(self.said[name].frames)

    def client(self, name: str, verb: str, rest: str, text: str) -> None:
        client = self.clients[name]
        if verb == "sends":
            self.send(client, rest, text)
            self.said[name].follow(client.sent)
        elif verb == "hears" and rest == "everything":
            self.hear(client, self.new(name, name))
        elif verb == "hears" and SIZE.fullmatch(rest):
            raise StepError(f"a frame is heard whole or not at all: {text!r}")
        elif verb == "hears" and rest not in ("nothing", "the end") and not (
                rest.startswith("what ") and rest.endswith(" sent")):
            self.hear(client, [b"" if rest == "an empty frame" else rest.encode()])
        else:
            super().client(name, verb, rest, text)

    def send(self, client: Client, rest: str, text: str) -> None:
        tell = self.story.add
        if number := re.fullmatch(r"the length ([\d,]+)", rest):
            head = self.number(number[1], text)
            tell(f"{client.name} sends the length {int.from_bytes(head, 'big'):,}")
            client.send(head, quiet=True)
        elif digits := re.fullmatch(r"the bytes ((?:[0-9a-fA-F]{2} ?)+)", rest):
            data = bytes.fromhex(digits[1])
            tell(f"{client.name} sends the bytes {data.hex(' ')}")
            client.send(data, quiet=True)
        elif rest.endswith(" byte by byte"):
            payload = self.payload(rest.removesuffix(" byte by byte"))
            tell(f"{client.name} sends {shown(payload)}, byte by byte")
            for byte in encode(payload):
                client.send(bytes([byte]), quiet=True)
        elif rest.endswith(" in two writes"):
            payload = self.payload(rest.removesuffix(" in two writes"))
            tell(f"{client.name} sends {shown(payload)} in two writes, the length first")
            client.send(length(len(payload)), quiet=True)
            client.send(payload, quiet=True)
        elif rest.endswith(" in one write"):
            texts = re.split(r", | and ", rest.removesuffix(" in one write"))
            payloads = [self.payload(one) for one in texts]
            tell(f"{client.name} sends {' and '.join(map(shown, payloads))} in one write")
            client.send(b"".join(map(encode, payloads)), quiet=True)
        elif rest.endswith(" without reading"):
            client.send_only(encode(self.payload(rest.removesuffix(" without reading"))))
        else:
            payload = self.payload(rest)
            tell(f"{client.name} sends {shown(payload)}")
            client.send(encode(payload), quiet=True)

    def number(self, digits: str, text: str) -> bytes:
        try:
            return length(int(digits.replace(",", "")))
        except OverflowError:
            raise StepError(f"more than eight bytes can hold: {text!r}") from None

    def payload(self, text: str) -> bytes:
        return b"" if text == "an empty frame" else super().payload(text)

    def new(self, name: str, speaker: str) -> list[bytes]:
        """What `speaker` has said and `name` has not heard yet."""
        return self.said[speaker].frames[self.told.get((name, speaker), 0):]

    def hear(self, client: Client, payloads: list[bytes]) -> None:
        for payload in payloads:
            client.hear(encode(payload), quiet=True)
            self.story.add(f"{client.name} hears {shown(payload)}")
            for speaker in self.said:  # whose was it?
                if self.new(client.name, speaker)[:1] == [payload]:
                    key = client.name, speaker
                    self.told[key] = self.told.get(key, 0) + 1
                    break

    def hear_other(self, name: str, speaker: str, text: str) -> None:
        if speaker not in self.clients:
            raise StepError(f"{speaker} has not connected: {text!r}")
        self.hear(self.clients[name], self.new(name, speaker))
