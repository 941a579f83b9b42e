"""A TCP client that says what it does, and never waits without a deadline."""

from __future__ import annotations

import select
import socket
import struct
import time
from typing import Protocol

DEADLINE = 10.0  # seconds that any one step may take
MOST_AT_ONCE = 1 << 20  # bytes read before the deadline is looked at again
MOST_HEARD = 256 << 20  # bytes kept: somebody who never stops talking is not heard out
STEPS_TOLD = 30  # of a long story, when it fails: the last ones
SILENCE = 0.5  # seconds without a byte that count as "hears nothing"


class StoryError(AssertionError):
    """A step did not go as it should: the steps so far and what came."""

    def __init__(self, text: str, what: str = "") -> None:
        super().__init__(text)
        self.what = what or text  # without the steps


class Settles(Protocol):
    """A server whose process we can look at."""

    def settle(self, seconds: float) -> None: ...


class Story:
    """The steps of one or several clients, in the order they happened."""

    def __init__(self, tell=None) -> None:
        self.steps: list[str] = []
        self._tell = tell

    def add(self, step: str) -> None:
        self.steps.append(step)
        if self._tell:
            self._tell(step)

    def fail(self, what: str) -> StoryError:
        lines = [f"  {n:2}. {step}" for n, step in enumerate(self.steps, 1)]
        return StoryError("\n".join(["the steps so far:", *lines[-STEPS_TOLD:], what]), what)


def show(data: bytes, most: int = 40) -> str:
    """Bytes for a person: text as it is, a line with its end, anything else
    counted."""
    line = data.removesuffix(b"\n")
    if len(data) <= most and data.isascii() and line.decode().isprintable():
        return f'"{line.decode()}"' if line == data else f'"{line.decode()}\\n"'
    return f"{len(data):,} bytes"


def difference(expected: bytes, got: bytes) -> str:
    """Where two byte strings part, in hex with some bytes around it."""
    at = next(
        (i for i, (a, b) in enumerate(zip(expected, got)) if a != b),
        min(len(expected), len(got)),
    )
    low = max(0, at - 4)
    return (
        f"expected {len(expected):,} bytes, got {len(got):,}; "
        f"they part at byte {at:,}:\n"
        f"  expected … {expected[low:at + 8].hex(' ') or '(nothing)'}\n"
        f"  got      … {got[low:at + 8].hex(' ') or '(nothing)'}"
    )


def acknowledge(connection: socket.socket) -> None:
    """ACKs now. Else a server without TCP_NODELAY may hold its next small
    write back until the delayed ACK comes, 40 ms later (tcp(7))."""
    if hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class Client:
    """One connection. Each method is a step; each step has a deadline."""

    def __init__(
        self,
        address: tuple[str, int],
        name: str = "A",
        story: Story | None = None,
        buffers: int = 0,
        deadline: float | None = None,
    ) -> None:
        self.name = name
        self.story = story or Story()
        self.deadline = deadline or DEADLINE
        self.sent = bytearray()
        self.heard = bytearray()
        self.ended = False  # the peer has said that no more will come
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if buffers:  # the receive window is settled at connect: before it
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffers)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffers)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(self.deadline)
        self._connect(address)

    def _connect(self, address: tuple[str, int]) -> None:
        try:
            self.socket.connect(address)
        except OSError as error:
            raise self.story.fail(f"{self.name} cannot connect: {error}")
        self.socket.setblocking(False)
        self.story.add(f"{self.name} connects")

    # -- sending ----------------------------------------------------------
    def send(self, data: bytes, quiet: bool = False) -> None:
        """Sends all of it; what comes back meanwhile is kept in `heard`."""
        if not quiet:
            self.story.add(f"{self.name} sends {show(data)}")
        end = time.monotonic() + self.deadline
        rest = memoryview(data)
        while rest:
            rest = rest[self._push(rest):]
            moved = 0 if self.ended else self._pull()
            if rest and not moved:
                self._wait(end, write=True, what=f"{len(rest):,} bytes unsent")

    def send_only(self, data: bytes) -> int:
        """Sends what the kernel takes, reads nothing; how much it took."""
        taken = 0
        while taken < len(data):
            step = self._push(memoryview(data)[taken:])
            if step == 0:
                break
            taken += step
        self.story.add(f"{self.name} sends {taken:,} bytes and reads nothing")
        return taken

    def send_until_stuck(self, data: bytes, server: Settles | None = None) -> int:
        """Sends and reads nothing, until nothing more was taken for a while. If
        the server is given: for a while in which it rests, and is not just kept
        from running; or goes round and round, which is not for us to tell."""
        taken = 0
        while taken < len(data):
            if self._room(SILENCE) or server and (server.settle(2.0) or self._room(SILENCE)):
                taken += self._push(memoryview(data)[taken:])
            else:
                break
        stuck = "and is stuck" if taken < len(data) else "and reads nothing"
        self.story.add(f"{self.name} sends {taken:,} bytes {stuck}")
        return taken

    def stop_sending(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)
        self.story.add(f"{self.name} stops sending")

    # -- hearing ----------------------------------------------------------
    def hear(self, expected: bytes, quiet: bool = False) -> None:
        """Waits until the next bytes heard are exactly these; takes them."""
        end, looked_at = time.monotonic() + self.deadline, 0
        while (count := len(self.heard)) < len(expected):
            if self.heard[looked_at:] != expected[looked_at:count]:
                break
            looked_at = count
            self._more(end, f"heard {len(self.heard):,} of {len(expected):,} bytes", expected)
        got = bytes(self.heard[: len(expected)])
        if got != expected:
            raise self.story.fail(
                f"{self.name} hears the wrong bytes: "
                f"{difference(bytes(expected), bytes(self.heard))}"
            )
        del self.heard[: len(expected)]
        if not quiet:
            self.story.add(f"{self.name} hears {show(bytes(expected))}")

    def exchange(self, data: bytes, quiet: bool = False) -> None:
        """Sends `data` and waits for the same bytes."""
        self.send(data, quiet)
        self.hear(data, quiet)

    def hear_end(self) -> bytes:
        """Waits for the end of the stream; returns what came before it."""
        end = time.monotonic() + self.deadline
        while not self.ended:
            if not self._pull() and not self.ended or time.monotonic() > end:
                self._wait(end, what="the stream does not end")
        before = bytes(self.heard)
        self.heard.clear()
        self.story.add(f"{self.name} hears the end")
        return before

    def hear_nothing(self, seconds: float = SILENCE) -> None:
        end = time.monotonic() + seconds
        left = seconds
        while left > 0:
            # What came while an earlier step was under way counts as well.
            if not self.heard and not self.ended:
                self._select(left)
                self._pull()
            if self.heard or self.ended:
                raise self.story.fail(
                    f"{self.name} should hear nothing, but hears "
                    f"{show(bytes(self.heard)) if self.heard else 'the end'}"
                )
            left = end - time.monotonic()
        self.story.add(f"{self.name} hears nothing for {seconds} s")

    # -- leaving ----------------------------------------------------------
    def reset(self) -> None:
        """Ends with a RST: the peer gets ECONNRESET, or EPIPE after a FIN."""
        self.socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.socket.close()
        self.story.add(f"{self.name} resets")

    def shout(self, byte: bytes) -> None:
        """One urgent byte, out of band (TCP's URG)."""
        self.socket.send(byte, socket.MSG_OOB)
        self.story.add(f"{self.name} sends an urgent byte")

    def leave(self) -> None:
        self.socket.close()
        self.story.add(f"{self.name} leaves")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_exception) -> None:
        self.socket.close()

    # -- the socket -------------------------------------------------------
    def _push(self, data: memoryview) -> int:
        try:
            count = self.socket.send(data[: 256 * 1024])
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self.story.fail(f"{self.name} cannot send: {error}")
        self.sent += data[:count]
        return count

    def _pull(self) -> int:
        """Reads what is there; how much it was. At the end sets `ended`."""
        moved = 0
        while moved < MOST_AT_ONCE and not self.ended:
            try:
                data = self.socket.recv(256 * 1024)
            except BlockingIOError:
                break
            except OSError as error:
                raise self.story.fail(f"{self.name} cannot read: {error}")
            if not data:
                self.ended = True
            self.heard += self._keep(data)
            moved += len(data)
        if len(self.heard) > MOST_HEARD:
            raise self.story.fail(f"{self.name} has heard more than {MOST_HEARD >> 20} MiB, and it "
                                  "does not end")
        if moved:
            acknowledge(self.socket)
        return moved

    def _more(self, end: float, what: str, expected: bytes = b"") -> None:
        """Reads on, and waits if there is nothing yet."""
        if self.ended:
            raise self.story.fail(
                f"{self.name} hears the end too early; before it came "
                f"{show(bytes(self.heard))}"
            )
        if not self._pull() and not self.ended or time.monotonic() > end:
            self._wait(end, what=what, expected=expected)

    def _keep(self, data: bytes) -> bytes:
        """Which of the bytes that came are for `heard`: here all of them."""
        return data

    def _select(self, seconds: float, write: bool = False) -> bool:
        waiter = select.poll()
        waiter.register(self.socket, select.POLLIN | (select.POLLOUT if write else 0))
        return bool(waiter.poll(max(0.0, seconds) * 1000))

    def _room(self, seconds: float) -> bool:
        waiter = select.poll()
        waiter.register(self.socket, select.POLLOUT)
        return bool(waiter.poll(seconds * 1000))

    def _wait(self, end: float, write: bool = False, what: str = "",
              expected: bytes = b"") -> None:
        left = end - time.monotonic()
        if left > 0 and self._select(left, write):
            return
        if left > 0:
            return self._wait(end, write, what, expected)
        wanted = f" (waiting for {show(bytes(expected))})" if expected else ""
        raise self.story.fail(
            f"{self.name} waited {self.deadline:g} s: {what}{wanted}"
        )
