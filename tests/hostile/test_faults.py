"""What the kernel may answer and hardly ever does: injected with strace."""

from __future__ import annotations

import dataclasses
import os
import random

import pytest
from kit.injection import failing, why_not
from kit.client import Story, StoryError
from kit.server import Server
from targets import SMALL, Target, every_form
from voices import Voice
from kit.waiting import wait_until
from kit.watching import check_idle
from wires import wire_of

SWEEP = 6  # the k-th call fails, k = 1 … SWEEP
WAITS = {"select": "select,pselect6", "poll": "poll", "epoll": "epoll_wait", "": "poll"}

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("KIT_SERVER")), reason="SKIPPED: injection needs the server's process")

# A oneshot that is level in between is re-armed exactly as one that is not.
SERVERS = [one for one in every_form() if one.program == "server" and not one.buffers
           and one.trigger != "oneshot"]
BY_CHAPTER = {number: [one for one in SERVERS if one.chapter >= number] for number in ("01", "03")}
EPOLL = [one for one in SERVERS if one.backend == "epoll"]
ONESHOT = [one for one in EPOLL if one.trigger == "edge_oneshot"]


def on(which: list[Target]):
    return pytest.mark.parametrize("target", which, ids=str)


@dataclasses.dataclass
class Talk:
    """Some clients in conversation with one server."""

    server: Server
    target: Target
    story: Story
    source: random.Random
    there: list[Voice] = dataclasses.field(default_factory=list)
    newest: int = 0  # in chapter 01: the thread of the client that came last

    def bring(self, names: str, buffers: int = 0) -> list[Voice]:
        new = []
        for name in names:
            before = self.threads()
            voice = self.voice(name, len(self.there), buffers)
            self.there.append(voice)
            voice.exchange(voice.words(10))
            self.newest = max(self.threads() - before, default=self.newest)
            new.append(voice)
        return new

    def voice(self, name: str, sender: int, buffers: int = 0) -> Voice:
        return Voice(self.server.address, name, sender, self.target.multi, self.source,
                     self.story, buffers, wire=wire_of(self.target.speaks))

    def threads(self) -> set[int]:
        return {int(name) for name in os.listdir(f"/proc/{self.server.pid}/task")}

    def lost(self) -> list[str]:
        """Who is not served any more, when everybody speaks."""
        gone = []
        for voice in self.there:
            try:
                voice.exchange(voice.words(50))
            except StoryError as error:
                if "waited" in str(error):
                    raise  # to be cut off is an answer, silence is none
                gone.append(voice.name)
        return gone

    def leave(self) -> None:
        while self.there:
            self.there.pop().socket.close()


@pytest.fixture
def converse(serve, story: Story, seed: int):
    """Starts a server; ends the test as SKIPPED where nothing can be injected."""
    if reason := why_not():
        pytest.skip(f"SKIPPED fault injection: {reason}")
    talks: list[Talk] = []

    def start(target: Target, buffers: int = 0) -> Talk:
        # Not traced: the trace's own write() would be hit too.
        server = serve(target.chapter, target.program, backend=target.backend,
                       trigger=target.trigger, trace=False, buffers=buffers)
        talks.append(Talk(server, target, story, random.Random(seed)))
        return talks[-1]

    yield start
    for talk in talks:
        talk.leave()


def inject(talk: Talk, calls: str, error: str, when: str, thread: int = 0):
    if talk.target.chapter >= "03":  # before that they wait in read() or spin
        talk.server.await_sleep()  # what it owes after the last answer is done
    talk.story.add(f"from now on {calls} fails with {error}, when={when}")
    return failing(talk.server, calls, error, when, thread)


# ---- nobody is lost -----------------------------------------------------
@on(SERVERS)
@pytest.mark.parametrize("call", ["wait", "read", "write", "accept4"])
def test_an_interrupted_call_is_simply_made_again(target: Target, call: str, converse) -> None:
    if call == "wait" and target.chapter < "03":
        call = "read,write"  # these do not wait for events
    talk = converse(target)
    talk.bring("AB")
    calls = WAITS[target.backend] if call == "wait" else call
    with inject(talk, calls, "EINTR", "2+3"):
        talk.bring("CDEF")
        for _ in range(3):
            assert talk.lost() == []


@on(SERVERS)
@pytest.mark.parametrize("error", ["ECONNABORTED", "EPROTO", "EPERM"])
def test_a_connection_that_died_before_accept_does_not_stop_the_accepting(
        target: Target, error: str, converse) -> None:
    talk = converse(target)
    with inject(talk, "accept4", error, "2+3"):
        talk.bring("ABCDEFGH")
        assert talk.lost() == []


@on(SERVERS)
@pytest.mark.parametrize("error", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"])
def test_a_full_machine_delays_clients_and_loses_none(
        target: Target, error: str, converse) -> None:
    talk = converse(target)
    with inject(talk, "accept4", error, "2+3"):
        talk.bring("ABCDEF")
        assert talk.lost() == []
    if target.chapter >= "03":
        check_idle(talk.server, 0.5)


@on(BY_CHAPTER["03"])
@pytest.mark.parametrize("error", ["ENOBUFS", "ENOMEM"])
def test_a_passing_lack_of_memory_in_write_loses_nobody(
        target: Target, error: str, converse) -> None:
    talk = converse(target)
    talk.bring("ABC")
    with inject(talk, "write", error, "1+2"):
        for _ in range(3):
            assert talk.lost() == []


# ---- exactly one is lost ------------------------------------------------
@on(SERVERS)
@pytest.mark.parametrize("call, error", [("read", "ECONNRESET"), ("read", "ETIMEDOUT"),
                                         ("write", "EPIPE"), ("write", "ECONNRESET")])
def test_a_broken_connection_is_lost_and_no_other(
        target: Target, call: str, error: str, converse) -> None:
    """Whichever call it is that fails, the first or a later one."""
    talk = converse(target)
    before = talk.server.descriptors()
    for k in range(1, SWEEP + 1):
        talk.bring("ABC")
        gone: set[str] = set()
        with inject(talk, call, error, str(k), talk.newest):
            for _ in range(SWEEP + 2):  # the call that waits already may not count
                gone.update(talk.lost())
        assert len(gone) == 1, talk.story.fail(f"k = {k}: expected to lose one, lost {sorted(gone)}")
        talk.leave()
        wait_until(lambda: talk.server.descriptors() == before, "the descriptors to be closed")


@on(EPOLL)
def test_a_client_that_cannot_be_registered_is_closed_and_no_other(
        target: Target, converse) -> None:
    talk = converse(target)
    talk.bring("AB")
    with inject(talk, "epoll_ctl", "ENOMEM", "1"):
        refused = talk.voice("C", 5)
        refused.hear_end()
        refused.leave()
        assert talk.lost() == []
    talk.bring("D")
    assert talk.lost() == []


@on(ONESHOT)
@pytest.mark.parametrize("error", ["ENOMEM", "ENOSPC"])
def test_a_client_that_cannot_be_re_armed_is_lost_and_no_other(
        target: Target, error: str, converse) -> None:
    """Silent from then on, it would never be heard again: so it is closed."""
    talk = converse(target)
    before = talk.server.descriptors()
    for k in range(1, SWEEP + 1):
        talk.bring("ABC")
        gone: set[str] = set()
        with inject(talk, "epoll_ctl", error, str(k)):
            for _ in range(SWEEP):
                gone.update(talk.lost())
        assert len(gone) == 1, talk.story.fail(f"k = {k}: expected to lose one, lost {sorted(gone)}")
        talk.leave()
        wait_until(lambda: talk.server.descriptors() == before, "the descriptors to be closed")


@on(ONESHOT)
def test_a_listener_that_cannot_be_re_armed_is_heard_again_soon(
        target: Target, converse) -> None:
    talk = converse(target)
    talk.bring("AB")
    with inject(talk, "epoll_ctl", "ENOSPC", "2"):  # the first registers C
        talk.bring("CD")
        assert talk.lost() == []
    check_idle(talk.server, 0.5)


@on(EPOLL)
def test_a_client_whose_interest_cannot_be_changed_is_closed_and_the_server_lives(
        target: Target, converse) -> None:
    talk = converse(target, SMALL)
    stuck = talk.bring("A", SMALL)[0]
    with inject(talk, "epoll_ctl", "ENOSPC", "1"):
        with pytest.raises(StoryError, match="cannot send|cannot read|too early"):
            said = stuck.words(60_000)
            taken = stuck.send_until_stuck(said)
            stuck.hear(said[:taken])
            stuck.exchange(said[taken:] + stuck.words(10))
    talk.leave()
    talk.bring("BC", SMALL)
    assert talk.lost() == []
