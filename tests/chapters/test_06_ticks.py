"""Chapter 06: handlers mark, the tick acts. For the server and for the scan,
on every backend and with every trigger.

  TICK_ROUNDS=1000   how often the recipe of the stale event is played
"""

from __future__ import annotations

import os
import random
import struct
from collections import Counter
from collections.abc import Callable, Iterator

import fcntl
import pytest
import termios
from kit.injection import failing, why_not
from kit.client import Client, Story
from kit.server import Server
from targets import SMALL, Target, every_form
from tracing import events
from voices import Voice
from kit.waiting import wait_until
from kit.watching import check_idle

READ_SIZE = 16 * 1024  # kReadSize
TURN = 4 * READ_SIZE  # kReadsPerEvent reads: the most of one client in a batch
LARGE = 1 << 20  # socket buffers that hold more than one turn's reads
ROUNDS = int(os.environ.get("TICK_ROUNDS", "30"))  # of the stale event

Turn = list[dict]  # the lines of the trace from one wait to the next

BOTH = [one for one in every_form() if one.chapter == "06" and not one.buffers]


def name_of(target: Target) -> str:
    return "-".join(filter(None, [target.program, target.backend, target.trigger]))


both = pytest.mark.parametrize("target", BOTH, ids=name_of)


@pytest.fixture
def source(seed: int) -> random.Random:
    return random.Random(seed)


@pytest.fixture
def gather(story: Story, source: random.Random):
    """Brings clients in, one after the other; each has heard all that came
    later."""
    there: list[Voice] = []

    def bring(server: Server, names: str, buffers: int = 0) -> list[Voice]:
        for name in names:
            voice = Voice(server.address, name, len(there), True, source, story, buffers)
            voice.exchange(voice.words(1), quiet=True)
            for other in there:
                other.hear_from(voice, bytes(voice.sent))
            there.append(voice)
        return there[-len(names):]

    yield bring
    for voice in there:
        voice.socket.close()


def start(serve, target: Target, *options: str, buffers: int = 0) -> Server:
    return serve(target.chapter, target.program, *options, backend=target.backend,
                 trigger=target.trigger, buffers=buffers)


def together(server: Server, story: Story, *steps: Callable[[], object]) -> None:
    """The server finds all of it at once."""
    server.await_sleep()
    server.freeze()
    story.add("the server is frozen")
    for step in steps:
        step()
    server.thaw()
    story.add("the server goes on")


def turns(server: Server) -> Iterator[Turn]:
    """The trace, cut at the loop's waits; each begins with its wake. Select
    asks once more who is there (poll): that is no wait of the loop's."""
    turn: Turn = []
    for line in events(server):
        if line["event"] in ("wait", "wake") and line["at"].startswith("common/"):
            continue
        if line["event"] == "wait":
            yield turn
            turn = []
        else:
            turn.append(line)


def told(turn: Turn) -> set[str]:
    """The tokens of a batch's events."""
    return {line["token"] for line in turn if line["event"] == "event"}


# ---- the tick -----------------------------------------------------------
@both
@pytest.mark.parametrize("buffers", [0, SMALL], ids=["default", "small"])
def test_between_two_waits_each_client_is_written_and_re_armed_once_at_most(
        target: Target, buffers: int, serve, gather, story: Story) -> None:
    server = start(serve, target, buffers=buffers)
    company = gather(server, "ABCDE", buffers)
    said = {voice.name: b"" for voice in company}
    for _ in range(8):
        def speak() -> None:
            for voice in company:
                said[voice.name] += voice.say(700, quiet=True)
        together(server, story, speak)
        for listener in company:
            listener._pull()
    for listener in company:
        listener.hear(said[listener.name])
        for voice in company:
            if voice is not listener:
                listener.hear_from(voice, said[voice.name])
    most = Counter()
    for turn in turns(server):
        made = Counter((line.get("detail", "") if line["event"] == "would_block"
                        else line["event"], line.get("token")) for line in turn)
        for (call, _), count in made.items():
            most[call] = max(most[call], count)
    assert most["write"] == 1, f"{most['write']} writes to one client in one batch"
    assert most["modify"] <= 1, f"{most['modify']} re-armings of one client in one batch"
    assert most["tick"] == 1


@both
def test_five_who_speak_in_one_batch_cost_five_writes(
        target: Target, serve, gather, story: Story) -> None:
    server = start(serve, target)
    company = gather(server, "ABCDE")
    together(server, story, *(lambda voice=voice: voice.say(8) for voice in company))
    for voice in company:
        voice.hear(bytes(voice.sent[-8:]))
    wait_until(lambda: max(len(told(turn)) for turn in turns(server)) == 5,
               "a batch of five events")
    turn = next(turn for turn in turns(server) if len(told(turn)) == 5)
    writes = [line["n"] for line in turn if line["event"] == "write"]
    assert writes == [5 * 8] * 5, writes


@both
def test_only_who_got_an_event_is_re_armed_or_who_waits_for_something_else_now(
        target: Target, serve, gather) -> None:
    server = start(serve, target, buffers=SMALL)
    a, b, *_ = gather(server, "ABCD", SMALL)
    for voice in (a, b, a):
        said = voice.say(20_000)
        voice.hear(said)
    asked: dict[str, str] = {}
    changed = 0
    for turn in turns(server):
        for line in turn:
            if line["event"] == "modify":
                other = line["detail"] != asked[line["token"]]
                assert line["token"] in told(turn) or other, f"re-armed for nothing: {line}"
                changed += other
            if line["event"] in ("add", "modify"):
                asked[line["token"]] = line["detail"]
    assert changed, "nobody had to wait for room: the test tests nothing"


@both
def test_a_oneshot_is_re_armed_after_each_event_and_level_is_left_alone(
        target: Target, serve, gather) -> None:
    server = start(serve, target)
    a, *_ = gather(server, "ABC")
    for _ in range(10):
        a.exchange(a.words(10))
    server.await_sleep()
    always = target.program == "scan"
    for turn in turns(server):
        again = {line["token"] for line in turn if line["event"] == "modify"} - {"0.0"}
        served = told(turn) - {"0.0"}
        assert again == (served if always or "oneshot" in target.trigger else set())


@both
def test_a_wake_for_nobody_is_followed_by_a_tick_and_nothing_else(
        target: Target, serve, connect) -> None:
    server = start(serve, target, "--max-connections", "1")
    first, second = connect(server, "A"), connect(server, "B")
    first.exchange(b"hello")
    wait_until(lambda: sum(not told(turn) for turn in turns(server)) > 3,
               "the server to wake for nobody")
    second.hear_nothing(0.05)
    quiet = [turn for turn in turns(server) if turn and turn[0]["event"] == "wake"
             and turn[0]["n"] == 0]
    walked = 1 if target.program == "scan" else 0
    for turn in quiet:
        assert [(line["event"], line["n"]) for line in turn] == [("wake", 0), ("tick", walked)]
    assert len(quiet) > 2


@both
def test_a_tick_touches_those_who_were_told_and_not_the_silent_ones(
        target: Target, serve, gather, connect) -> None:
    server = start(serve, target)
    company = gather(server, "ABCDE")
    for voice in company[:2]:  # they say nothing, they only leave
        held = server.descriptors()
        voice.leave()
        wait_until(lambda: server.descriptors() < held, "the connection to be closed")
    server.await_sleep()
    left = [turn for turn in turns(server) if any(line["event"] == "remove" for line in turn)]
    ticks = [line["n"] for turn in left for line in turn if line["event"] == "tick"]
    assert ticks == ([5, 4] if target.program == "scan" else [1, 1])


# ---- what a batch says --------------------------------------------------
@both
def test_a_client_that_speaks_and_stops_sending_in_one_batch_hears_itself(
        target: Target, serve, gather, story: Story) -> None:
    server = start(serve, target)
    a, b = gather(server, "AB")
    together(server, story, lambda: b.say(5), lambda: a.say(10), a.stop_sending)
    a.hear(bytes(a.sent[1:]))
    assert a.hear_end() == b""
    b.hear_from(a, bytes(a.sent[1:]))


@both
def test_one_who_comes_in_the_middle_of_a_batch_hears_what_is_said_after_it(
        target: Target, serve, gather, story: Story, source: random.Random) -> None:
    server = start(serve, target)
    a, b = gather(server, "AB")
    come: list[Voice] = []
    together(server, story, lambda: a.say(10),
             lambda: come.append(Voice(server.address, "N", 9, True, source, story)),
             lambda: b.say(20))
    newcomer = come[0]
    a.hear(bytes(a.sent[1:]))  # the batch is over
    said = newcomer.say(5)
    newcomer.hear(said)  # all that came before it has been heard
    turn = next(turn for turn in turns(server) if len(told(turn)) > 2)
    order = [line["n"] if line["event"] == "read" else 0 for line in turn
             if line["event"] in ("read", "accept")]
    after = order[order.index(0):]  # the listener's turn came here
    for voice, size in ((a, 10), (b, 20)):
        heard = bytes(newcomer.others[voice.sender])
        assert heard == (bytes(voice.sent[1:]) if size in after else b""), (
            f"N hears {heard!r} of {voice.name}")
    if target.backend == "epoll":  # in the order of arrival
        assert (10 in after, 20 in after) == (False, True)
    newcomer.leave()


@both
def test_words_that_are_sent_on_in_several_ticks_come_in_one_order_for_all(
        target: Target, serve, gather, story: Story) -> None:
    server = start(serve, target, buffers=LARGE)
    a, b = gather(server, "AB", LARGE)
    together(server, story, lambda: fill(a, 3 * TURN), lambda: b.say(100))
    a.hear(bytes(a.sent[1:]))
    b.hear_from(a, bytes(a.sent[1:]))
    b.hear(bytes(b.sent[1:]))
    sizes = [sum(line["n"] for line in turn if line["event"] == "read" and line["n"] > 100)
             for turn in turns(server)]
    assert max(sizes) == TURN, f"{max(sizes):,} bytes in one turn: the budget was not tested"


def fill(client: Voice, count: int) -> bytes:
    """All of it lies in the frozen server's receive buffer."""
    data = client.words(count)
    if client.send_only(data) < len(data):
        pytest.skip("SKIPPED: the machine's socket buffers are too small (net.core.wmem_max)")
    wait_until(lambda: not unacknowledged(client), "the server's kernel to take it all")
    return data


def unacknowledged(client: Client) -> int:
    """Bytes that the peer's kernel has not taken yet (tcp(7), SIOCOUTQ)."""
    return struct.unpack("i", fcntl.ioctl(client.socket, termios.TIOCOUTQ, b"\0" * 4))[0]


@both
def test_a_client_that_has_ended_and_reads_nothing_costs_no_core(
        target: Target, serve, gather) -> None:
    server = start(serve, target, buffers=SMALL)
    a, = gather(server, "A", SMALL)
    taken = a.send_until_stuck(a.words(200_000), server)
    a.stop_sending()
    check_idle(server, 0.5)
    a.hear(bytes(a.sent[1: taken + 1]))
    assert a.hear_end() == b""


# ---- errors in the tick -------------------------------------------------
@pytest.mark.parametrize("target", [
    one for one in BOTH if one.backend == "epoll"
    and (one.program, one.trigger) != ("server", "level")], ids=name_of)
def test_a_re_arm_that_fails_resets_that_connection_only(
        target: Target, serve, gather, story: Story) -> None:
    """Under level the server makes the call only for whoever is stuck: that is
    a row of tests/hostile/test_faults.py."""
    if reason := why_not():
        pytest.skip(f"SKIPPED fault injection: {reason}")
    server = start(serve, target, buffers=LARGE)
    a, b, c = gather(server, "ABC", LARGE)
    held = server.descriptors()
    server.await_sleep()
    server.freeze()
    data = fill(a, 2 * TURN)
    story.add("from now on epoll_ctl fails with ENOMEM, once")
    with failing(server, "epoll_ctl", "ENOMEM", "1"):
        server.thaw()
        for other in (b, c):
            other.hear_from(a, data[:TURN])
        wait_until(lambda: server.descriptors() == held - 1, "A to be closed")
    said = b.say(100)
    b.hear(said)
    c.hear_from(b, said)
    c.exchange(c.words(100))


# ---- events that come too late ------------------------------------------
def on_epoll(chapter: str, program: str) -> list[Target]:
    return [one for one in every_form() if (one.chapter, one.program) == (chapter, program)
            and one.backend == "epoll" and not one.buffers]


@both
def test_no_event_comes_too_late_and_nobody_is_taken_for_another(
        target: Target, serve, story: Story, source: random.Random) -> None:
    """A's words cannot be written to B, who is gone; C comes meanwhile; B's
    own event is in the same batch. Nothing is closed before the batch is over,
    so C does not get B's place and B's event finds B."""
    server = start(serve, target)
    play_stale_events(server, story, source)
    check_who_is_read(server)
    assert not events(server, "stale")


@pytest.mark.parametrize("target", on_epoll("05", "server"), ids=name_of)
def test_where_handlers_close_the_same_events_do_come_too_late_and_are_refused(
        target: Target, serve, story: Story, source: random.Random) -> None:
    """The recipe on chapter 05's server, so that it is known to work."""
    server = start(serve, target)
    play_stale_events(server, story, source)
    check_who_is_read(server)
    stale = len(events(server, "stale"))
    assert stale >= ROUNDS // 2, f"only {stale} stale events in {ROUNDS} rounds"


def play_stale_events(server: Server, story: Story, source: random.Random) -> None:
    for number in range(ROUNDS):
        story.add(f"round {number + 1}")
        held = server.descriptors()
        a, b = (Voice(server.address, name, sender, True, source, story)
                for sender, name in enumerate("AB", 1))
        a.exchange(a.words(1))
        b.exchange(b.words(1))
        a.hear_from(b, bytes(b.sent))
        come: list[Voice] = []
        together(server, story, lambda: a.say(10),
                 lambda: come.append(Voice(server.address, "C", 3, True, source, story)),
                 b.reset)
        c = come[0]
        a.hear(bytes(a.sent[1:]))
        for _ in range(2):  # cut off perhaps after the first answer
            answer = c.say(10)
            c.hear(answer)
            a.hear_from(c, answer)
        for client in (a, c):
            client.leave()
        wait_until(lambda: server.descriptors() == held, "the connections to be closed")


def check_who_is_read(server: Server) -> None:
    """The loop reads only from those whom an event of this batch is about."""
    for turn in turns(server):
        for line in turn:
            if line["event"] == "read" or line.get("detail") == "read":
                assert line["token"] in told(turn), (
                    f"{line['token']} is read from, but the events were for {sorted(told(turn))}")
