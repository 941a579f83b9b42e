"""Where an attack takes place: a server, its bystanders, and what is looked at
when it is over."""

from __future__ import annotations

import itertools
import random
import select
import subprocess
import time

from company import Company, Visitors
from kit import client as kit_client
from kit.client import Client, Story
from kit.server import Server, describe_status
from targets import Target
from voices import ATTACKERS, VISITOR, Voice
from kit.waiting import wait_until
from kit.watching import check_idle
from wires import wire_of

MEBIBYTE = 1 << 20
KNOWN_DEADLINE = 3.0  # seconds: for what is known not to come
STUCK = 0.5  # seconds without progress


class Scene:
    """One attack on one target."""

    def __init__(self, target: Target, server: Server, story: Story, seed: int,
                 row: str, sanitized: bool) -> None:
        self.target, self.server, self.story = target, server, story
        self.source = random.Random(seed)
        self.sanitized = sanitized
        self.rests = not target.failure("idle_cpu") or row == "idle_cpu"
        self.deadline = KNOWN_DEADLINE if target.failure(row) else kit_client.DEADLINE
        self.multi, self.small = target.multi, bool(target.buffers)
        self.clients: list[Client] = []
        self._voices = itertools.cycle(ATTACKERS)
        self.local = not hasattr(type(server), "__getattr__")  # we have its process
        make = Visitors if target.alone else Company
        self.company = make(server.address, target.speaks, target.buffers, seed, story,
                            self.deadline)

    # -- before -----------------------------------------------------------
    def begin(self) -> None:
        if self.local:
            self.descriptors, self.threads = self.server.descriptors(), self.server.threads()
        self.company.start()
        if self.local:
            self.resident = self.server.resident()

    # -- during -----------------------------------------------------------
    def attacker(self, name: str = "the attacker", quiet: bool = False,
                 buffers: int = 0) -> Voice:
        story = Story() if quiet else self.story
        self.clients.append(self._voice(name, next(self._voices), story, buffers))
        return self.clients[-1]

    def witness(self) -> Voice:
        """One that no attacker shares its voice with."""
        self.clients.append(self._voice("a witness", VISITOR, self.story))
        return self.clients[-1]

    def _voice(self, name: str, sender: int, story: Story, buffers: int = 0) -> Voice:
        return Voice(self.server.address, name, sender, self.multi, self.source, story,
                     buffers or self.target.buffers, self.deadline, wire_of(self.target.speaks))

    def crowd(self, size: int) -> list[Voice]:
        crowd = [self.attacker(f"attacker {n}", quiet=True) for n in range(1, size + 1)]
        self.story.add(f"{size} attackers connect")
        return crowd

    def freeze(self) -> None:
        self.server.freeze()
        self.story.add("the server is frozen (SIGSTOP)")

    def thaw(self) -> None:
        self.server.thaw()
        self.story.add("the server goes on (SIGCONT)")

    def rest(self, seconds: float = 0.5) -> None:
        """With nobody talking the server must rest."""
        if not self.local or not self.rests:
            return
        self.company.pause()
        check_idle(self.server, seconds)
        self.story.add("the server rests")
        self.company.resume()

    def memory(self, mebibytes: float = 4) -> None:
        """It has not grown by more. Sanitizers keep freed memory: not asked."""
        if not self.local or self.sanitized:
            return
        grown = self.server.resident() - self.resident
        assert grown <= mebibytes * MEBIBYTE, self.story.fail(
            f"the server grew by {grown / MEBIBYTE:.1f} MiB, more than {mebibytes:g} MiB")
        self.story.add(f"the server grew by {max(0, grown) / MEBIBYTE:.1f} MiB")

    def heard_in_time(self, count: int, patience: float = STUCK) -> bool:
        """Whether all bystanders hear so much of others; False when nothing new
        has come for so many seconds."""
        most, end = -1, 0.0
        while (heard := self.company.heard_of_attackers()) < count:
            if heard > most:
                most, end = heard, time.monotonic() + patience
            elif time.monotonic() > end:
                return False
            time.sleep(0.0005)
        return True

    def all_served(self, crowd: list[Voice], said: list[bytes]) -> None:
        """Every one of them hears its own words, in whatever order they are
        served. Attackers share voices: others' words may stand before."""
        waiting = {voice.socket.fileno(): (voice, words)
                   for voice, words in zip(crowd, said, strict=True)
                   if not self._has_heard(voice, words)}
        waiter = select.poll()
        for voice in crowd:
            waiter.register(voice.socket, select.POLLIN)
        everyone = {voice.socket.fileno(): voice for voice in crowd}
        end = time.monotonic() + self.deadline
        while waiting:
            for number, _ in waiter.poll(100):
                voice = everyone[number]
                voice._pull()  # also who has heard its own: somebody has to
                if number in waiting and self._has_heard(*waiting[number]):
                    del waiting[number]
                if voice.ended:
                    waiter.unregister(number)
            if waiting and time.monotonic() > end:
                names = ", ".join(voice.name for voice, _ in list(waiting.values())[:5])
                raise self.story.fail(f"{len(waiting)} of {len(crowd)} are not served within "
                                      f"{self.deadline:g} s: {names} …")
        self.story.add(f"all {len(crowd)} are served")

    def _has_heard(self, voice: Voice, words: bytes) -> bool:
        if self.multi:
            return words in voice.heard
        if not words.startswith(voice.heard):
            voice.hear(words)  # tells where they part
        return len(voice.heard) == len(words)

    def leave(self, *clients: Client) -> None:
        for client in clients or self.clients:
            self.company.unmind(client)
            client.socket.close()
        self.story.add(f"{len(clients or self.clients)} attackers leave")

    # -- after ------------------------------------------------------------
    def after_check(self, mebibytes: float) -> None:
        """The same process, as it was, and at anyone's service."""
        for client in self.clients:
            client.socket.close()
        self.company.must_talk()
        self._fresh_connection()
        self.rest()
        self.company.leave()
        if not self.local:
            return
        assert self.server.alive(), self.story.fail("the server is gone")
        wait_until(lambda: self.server.descriptors() == self.descriptors,
                   "the descriptors to be closed",
                   lambda: f"{self.server.descriptors()}, at the start {self.descriptors}")
        # ThreadSanitizer starts one of its own with the first.
        own = int("thread" in self.server.path.parts and self.target.chapter == "01")
        wait_until(lambda: self.server.threads() <= self.threads + own, "the threads to end",
                   lambda: f"{self.server.threads()}, at the start {self.threads}")
        self.memory(mebibytes)
        self.server.stop_well()

    def _fresh_connection(self) -> None:
        with self._voice("a fresh client", VISITOR, self.story) as fresh:
            fresh.exchange(fresh.words(100))

    def fate(self) -> str:
        """Whether the server has ended, which explains the rest."""
        if not self.local:
            return ""
        try:
            status = self.server.process.wait(0.5)  # it may be about to
        except subprocess.TimeoutExpired:
            return ""
        why = self.server.report() or describe_status(status)
        return f"the server is gone: {why}"

    def close(self) -> None:
        for client in self.clients:
            client.socket.close()
        self.company.close()
