"""Bystanders: polite clients that talk all the time while others attack.

They run in a thread of their own. In each round every one of them says
something, and the round is over when every one has heard all that it should:
an echo client its own words, a client of a multi-echo server everybody's.
What they hear is compared byte by byte; a round has a deadline.
"""

from __future__ import annotations

import random
import select
import threading
import time
from collections.abc import Callable

from kit.client import Client, Story, StoryError, acknowledge, difference
from voices import SENDERS, VISITOR, Voice, said_by, words
from wires import WireError, wire_of

SIZE = 3  # bystanders
PACE = 0.01  # seconds between rounds
LARGEST = 400  # bytes that one says in a round


class Member:
    """One bystander, as the thread sees it."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self.unsent = bytearray()
        # What it is to hear from each of the company, and has not heard yet.
        self.expected: dict[int, bytearray] = {}
        self.foreign = 0  # bytes heard of attackers and visitors

    @property
    def content(self) -> bool:
        return not self.unsent and not any(self.expected.values())


class Company:
    """The bystanders of one attack."""

    def __init__(self, address: tuple[str, int], speaks: str, buffers: int, seed: int,
                 story: Story, deadline: float) -> None:
        self.address, self.speaks, self.buffers = address, speaks, buffers
        self.multi = speaks != "echo"
        self.story, self.deadline = story, deadline
        self.source = random.Random(seed)
        self.members: list[Member] = []
        self.minded: dict[int, Voice] = {}
        self._minding = threading.Lock()
        self.rounds = 0
        self.slowest = 0.0
        self._failure: StoryError | None = None
        self._change = threading.Condition()
        self._wanted, self._quiet = "talk", False
        self._thread = threading.Thread(target=self._run, daemon=True)

    # -- for the attack, in the main thread -------------------------------
    def start(self) -> None:
        for sender in range(SIZE):
            self._bring_in(sender)
        self.story.add(f"{SIZE} bystanders connect and begin to talk")
        self._thread.start()
        self.must_talk()

    def _bring_in(self, sender: int) -> None:
        voice = self._voice(f"bystander {sender}", sender, Story())
        self.members.append(Member(voice))
        said = voice.words(1)
        voice.exchange(said)
        if self.multi:
            for member in self.members[:-1]:
                member.voice.hear_from(voice, said)

    def _voice(self, name: str, sender: int, story: Story) -> Voice:
        return Voice(self.address, name, sender, self.multi, self.source, story, self.buffers,
                     self.deadline, wire_of(self.speaks))

    def must_talk(self, rounds: int = 2) -> None:
        """They are served now: waits for some whole rounds from here on."""
        with self._change:
            goal = self.rounds + 1 + rounds
            if not self._change.wait_for(lambda: self._failure or self.rounds >= goal,
                                         2 * self.deadline + rounds):
                raise self.story.fail("the bystanders' thread does not come round")
        self.check()
        self.story.add("the bystanders are served")

    def check(self) -> None:
        if self._failure:
            raise self._failure

    def pause(self) -> None:
        """They fall silent; returns when nothing of theirs is on its way."""
        self._want("pause", lambda: self._quiet)

    def resume(self) -> None:
        self._want("talk", lambda: not self._quiet)

    def leave(self) -> None:
        self.close()
        self.check()
        self.story.add(f"the bystanders leave after {self.rounds} rounds; the slowest "
                       f"took {1000 * self.slowest:.0f} ms")

    def close(self) -> None:
        """The end without a word, after a failure."""
        self._wanted = "leave"
        if self._thread.is_alive():
            self._thread.join(2 * self.deadline)
        for member in self.members:
            member.voice.socket.close()

    def mind(self, client: Voice) -> None:
        """Reads and drops what this silent client hears from now on: it waits,
        but it is no peer that does not read."""
        if self.multi:
            self.minded[client.socket.fileno()] = client

    def unmind(self, client: Client) -> None:
        with self._minding:  # else half of what it hears may be on its way
            self.minded.pop(client.socket.fileno(), None)

    def have_read(self) -> bool:
        """Whether nothing is left of what the minded have heard so far."""
        waiter = select.poll()
        for number in list(self.minded):
            waiter.register(number, select.POLLIN)
        return not waiter.poll(0)

    def heard_of_attackers(self) -> int:
        """How many bytes of others every one of them has heard so far."""
        return min(member.foreign for member in self.members)

    def _want(self, what: str, done: Callable[[], bool]) -> None:
        self._wanted = what
        with self._change:
            self._change.wait_for(lambda: self._failure or done(), 2 * self.deadline)
        self.check()

    # -- the thread -------------------------------------------------------
    def _run(self) -> None:
        try:
            while self._wanted != "leave":
                if self._wanted == "pause":
                    self._note(quiet=True)
                else:
                    self._note(quiet=False)
                    self._round()
                self._move(time.monotonic() + PACE)
        except StoryError as error:
            self._failure = error
        except WireError as error:
            self._failure = self.story.fail(f"one hears what nobody may send: {error}")
        except OSError as error:
            self._failure = self.story.fail(f"the bystanders: {error}")
        with self._change:
            self._change.notify_all()

    def _note(self, quiet: bool) -> None:
        with self._change:
            self._quiet = quiet
            self._change.notify_all()

    def _round(self) -> None:
        start = time.monotonic()
        for sender, member in enumerate(self.members):
            said = words(sender, self.source.randint(1, LARGEST), self.source)
            for message, _ in member.voice.wire.messages(said, self.source):
                member.unsent += message
            for listener in self.members if self.multi else [member]:
                listener.expected.setdefault(sender, bytearray()).extend(said)
        while not all(member.content for member in self.members):
            if time.monotonic() > start + self.deadline:
                raise self._overdue()
            self._move(time.monotonic() + 0.1, until_content=True)
        with self._change:
            self.rounds += 1
            self.slowest = max(self.slowest, time.monotonic() - start)
            self._change.notify_all()

    def _overdue(self) -> StoryError:
        lines = [f"the bystanders waited {self.deadline:g} s in round {self.rounds + 1}"]
        for member in self.members:
            missing = {f"{sender:x}": len(data) for sender, data in member.expected.items() if data}
            if member.unsent or missing:
                lines.append(f"  {member.voice.name}: {len(member.unsent)} bytes unsent, "
                             f"unheard bytes by sender {missing}")
        return self.story.fail("\n".join(lines))

    def _move(self, end: float, until_content: bool = False) -> None:
        """Sends and hears what can be, until the time is over."""
        while (left := end - time.monotonic()) > 0:
            waiter = select.poll()
            sockets = {}
            for member in self.members:
                waiter.register(member.voice.socket, select.POLLIN
                                | (select.POLLOUT if member.unsent else 0))
                sockets[member.voice.socket.fileno()] = member
            for number in list(self.minded):
                waiter.register(number, select.POLLIN)
            for number, _ in waiter.poll(1000 * left):
                if number in sockets:
                    self._serve(sockets[number])
                else:
                    self._drain(number)
            if until_content and all(member.content for member in self.members):
                return
            if self._wanted == "leave":
                return

    def _drain(self, number: int) -> None:
        with self._minding:
            voice = self.minded.get(number)
            if not voice:
                return
            try:
                if data := voice.socket.recv(1 << 16):
                    voice.wire.skip(data)
                    return
            except BlockingIOError:
                return
            except OSError:
                pass
            self.minded.pop(number)

    def _serve(self, member: Member) -> None:
        if member.unsent:
            try:
                count = member.voice.socket.send(member.unsent)
            except (BlockingIOError, ConnectionError):
                count = 0
            del member.unsent[:count]
        try:
            data = member.voice.socket.recv(1 << 18)
            acknowledge(member.voice.socket)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if not data:
            raise self.story.fail(f"{member.voice.name} has been cut off")
        try:
            self._compare(member, b"".join(member.voice.wire.decode(data)))
        except WireError as error:
            raise self.story.fail(f"{member.voice.name} hears what nobody may send: {error}")

    def _compare(self, member: Member, data: bytes) -> None:
        present = [sender for sender in SENDERS if said_by(sender, data)] if self.multi else (
            [member.voice.sender])
        if not self.multi and len(said_by(member.voice.sender, data)) != len(data):
            raise self.story.fail(f"two clients' bytes mixed: {member.voice.name} (voice "
                                  f"{member.voice.sender:x}) hears {data[:40].hex(' ')}")
        for sender in present:
            share = said_by(sender, data)
            if sender >= SIZE:
                member.foreign += len(share)
                continue
            expected = member.expected.get(sender, bytearray())
            if expected[: len(share)] != share:
                raise self.story.fail(
                    f"{member.voice.name} hears voice {sender:x} wrongly: "
                    f"{difference(bytes(expected), share)}")
            del expected[: len(share)]


class Visitors(Company):
    """Bystanders of a server that serves one client at a time: one comes,
    talks, and leaves before anybody else can be served."""

    def start(self) -> None:
        self.must_talk()

    def must_talk(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            with self._voice("a visitor", VISITOR, self.story) as visitor:
                visitor.exchange(visitor.words(LARGEST))
            self.rounds += 1

    def pause(self) -> None:
        """There is nobody who could talk."""

    def resume(self) -> None:
        """There is nobody who could talk."""

    def leave(self) -> None:
        self.story.add(f"{self.rounds} visitors were served")
