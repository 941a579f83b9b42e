"""Chapter 05: every trigger, and the faults of the seeds' server.

The table FAULTS is the one that the book prints: what the seed does, the client
that shows it, and what mends it. Each client is run twice: on the program with
the fault it must fail, in the words of the table; on the server it must be
content, on every backend and with every trigger.
"""

from __future__ import annotations

import dataclasses
import fcntl
import itertools
import random
import re
import struct
import subprocess
import termios
from collections import Counter
from collections.abc import Callable

import pytest
from conftest import path_of
from kit.client import SILENCE, Client, Story, StoryError
from kit.server import Server
from targets import SMALL, SMALL_IN_ROWS, Target, every_form
from tracing import events
from voices import Voice
from kit.waiting import wait_until
from kit.watching import check_idle

READ_SIZE = 16 * 1024  # kReadSize
READS_PER_EVENT = 16  # kReadsPerEvent
LARGE = 1 << 20  # socket buffers that hold more than one turn's reads
BURST = 8 << 20
KNOWN_DEADLINE = 3.0  # seconds: for what is known not to come

BOTH = [one for one in every_form() if one.chapter == "05" and not one.buffers]
SERVER = [one for one in BOTH if one.program == "server"]


def name_of(target: Target) -> str:
    return "-".join(filter(None, [target.program, target.backend, target.trigger]))


both = pytest.mark.parametrize("target", BOTH, ids=name_of)
multi_echo = pytest.mark.parametrize("target", SERVER, ids=name_of)
buffer_sizes = pytest.mark.parametrize("buffers", [0, SMALL_IN_ROWS], ids=["default", "small"])


@pytest.fixture
def source(seed: int) -> random.Random:
    return random.Random(seed)


class Guests:
    """Clients of one server. With `patience` they give up after so long."""

    def __init__(self, story: Story, source: random.Random) -> None:
        self.story, self.source = story, source
        self.server: Server | None = None
        self.patience: float | None = None
        self.all: list[Client] = []

    def connect(self, name: str, buffers: int = 0) -> Client:
        self.all.append(Client(self.server.address, name, self.story, buffers, self.patience))
        return self.all[-1]

    def voice(self, name: str, sender: int, buffers: int = 0) -> Voice:
        self.all.append(Voice(self.server.address, name, sender, True, self.source, self.story,
                              buffers, self.patience))
        return self.all[-1]

    def gather(self, *senders: int, buffers: int = 0) -> list[Voice]:
        """Voices that come one after the other; each has heard all that came
        later."""
        company: list[Voice] = []
        for sender in senders:
            company.append(self.voice(f"V{sender}", sender, buffers))
            said = company[-1].say(1, quiet=True)
            company[-1].hear(said, quiet=True)
            for other in company[:-1]:
                other.hear_from(company[-1], said)
        return company

    def together(self, *steps: Callable[[], object]) -> None:
        """The server finds all of it at once, in this order."""
        self.server.await_sleep()
        self.server.freeze()
        self.story.add("the server is frozen")
        for step in steps:
            step()
        self.server.thaw()
        self.story.add("the server goes on")


@pytest.fixture
def guests(story: Story, source: random.Random):
    guests = Guests(story, source)
    yield guests
    for client in guests.all:
        client.socket.close()


# ---- the seed's faults: the clients that show them ----------------------
def says_more_than_the_buffer_holds(guests: Guests) -> None:
    guests.connect("A").exchange(guests.source.randbytes(5000))


def says_exactly_what_the_buffer_holds(guests: Guests) -> None:
    a = guests.connect("A")
    for size in (2048, READ_SIZE):
        a.exchange(guests.source.randbytes(size))
        a.exchange(b"!")


def hears_two_who_spoke_at_once(guests: Guests) -> None:
    c, a, b = (guests.connect(name) for name in "CAB")
    guests.together(lambda: a.send(b"first"), lambda: b.send(b"second"))
    c.hear(b"firstsecond")
    listen_late(guests)


def counts_what_two_said_at_once(guests: Guests) -> None:
    c, a, b = (guests.connect(name) for name in "CAB")
    guests.together(lambda: a.send(b"same"), lambda: b.send(b"same"))
    c.hear(b"samesame")


def speaks_again(guests: Guests) -> None:
    a = guests.connect("A")
    a.exchange(b"one")
    a.exchange(b"two")
    listen_late(guests)


def listen_late(guests: Guests) -> None:
    """A receiver reads nothing while a backlog grows, and then all of it."""
    late, talker = guests.connect("the late one", SMALL), guests.connect("the talker")
    said, piece = guests.source.randbytes(60_000), 1000
    for at in range(0, len(said), piece):
        talker.exchange(said[at: at + piece], quiet=True)
    guests.story.add(f"the talker says {len(said):,} bytes, the late one reads nothing")
    late.hear(said)


def hears_words_whole_or_not_at_all(guests: Guests) -> None:
    """Fifteen speak, one after the other; three receivers let some room form
    after each, for about half of what the next one says. Their buffers differ:
    for one of them, some write goes through in part."""
    slow = [guests.voice(f"slow one {n}", 0, SMALL + 700 * n) for n in range(3)]
    size, sip = 2000, 1024
    speakers = []
    for number in range(1, 16):
        speakers.append(guests.voice(f"S{number}", number))
        speakers[-1].exchange(speakers[-1].words(size), quiet=True)
        for one in slow:
            if number > 3 and one._select(0):  # both buffers are full by then
                one._keep(one.socket.recv(sip))
    guests.story.add(f"15 say {size:,} bytes each, the slow ones read {sip:,} after each")
    hear_out(guests, slow)
    for one, speaker in itertools.product(slow, speakers):
        count = len(one.others[speaker.sender])
        if count not in (0, size):
            raise guests.story.fail(f"{one.name} hears {count:,} of {size:,} bytes of "
                                    f"{speaker.name}'s, and the rest never comes")


def hear_out(guests: Guests, listeners: list[Voice]) -> None:
    """Until nothing comes any more, and the server rests."""
    still = 0
    while still < 2:
        there = [one for one in listeners if not one.ended]
        if any([one._select(SILENCE / len(there)) and one._pull() for one in there]):
            still = 0
        else:
            guests.server.await_sleep()
            still += 1


def goes_on_when_a_receiver_dies(guests: Guests) -> None:
    dead = guests.connect("R")
    dead.exchange(b"hello")
    dead.reset()
    a = guests.connect("A")
    a.exchange(b"one")
    guests.connect("B").exchange(b"two")
    a.hear(b"two")
    for number in (1, 2):  # the first has the dead one's place, before A's
        receiver = guests.connect(f"R{number}")
        receiver.exchange(b"?")
        a.hear(b"?")
        guests.together(lambda: a.send(b"three"), receiver.reset)
        a.hear(b"three")
    a.exchange(b"four")


def is_the_129th(guests: Guests) -> None:
    crowd = [guests.connect(f"the {number}th") for number in range(1, 130)]
    crowd[-1].exchange(b"hello")


def is_the_first(guests: Guests) -> None:
    first = guests.connect("the first")
    first.exchange(b"hello")
    second = guests.connect("the second")
    second.exchange(b"hi")
    first.hear(b"hi")


def speaks_and_ends_in_one_edge(guests: Guests) -> None:
    a = guests.connect("A")
    guests.together(lambda: a.send(b"the last words"), a.stop_sending)
    a.hear(b"the last words")
    assert a.hear_end() == b""


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    seed: str  # what its text says or does
    on: str  # the program that has it: the seed, or server.cpp with this mistake
    client: Callable[[Guests], None]
    says: str  # what the client says then
    fix: str  # what server.cpp does instead, and where
    buffers: int = 0  # of the server's sockets
    trigger: str = ""  # needed to see it
    ends: str = ""  # the server's own last words, if it ends of it


FAULTS = [
    Fault("truncates-at-2048",
          "mut_with_capacity(2048), and what is more is “dropped on the floor”: each full "
          "buffer is, only the last part of a longer message is sent on",
          "seed", says_more_than_the_buffer_holds,
          r"A hears the wrong bytes: expected 5,000 bytes, got 904; they part at byte 0",
          "read_all: every piece is sent on before the next is read"),
    Fault("exactly-capacity",
          "a full buffer is read into once more, “we read 0 bytes”; then remaining() == "
          "capacity(), “is_empty”, takes what is full for what is empty",
          "seed", says_exactly_what_the_buffer_holds,
          r"A waited 3 s: heard 0 of 2,048 bytes",
          "read_all: a full read is followed by one into the whole buffer again"),
    Fault("less-than-capacity",
          "n < capacity: “we know the socket is empty”. It holds while each event re-arms; "
          "under edge alone, the end of the stream may stand behind the bytes",
          "mistakes/short-read-hides-the-end", speaks_and_ends_in_one_edge,
          r"A waited 3 s: the stream does not end",
          "Event::drain: read on until would_block or closed", trigger="edge"),
    Fault("last-in-first-out",
          "send_queue.pop() takes the newest of a Vec",
          "seed", hears_two_who_spoke_at_once,
          r"C hears the wrong bytes: expected 11 bytes, got 6; they part at byte 0",
          "ByteBuffer: appended behind, written from the front", buffers=SMALL),
    Fault("one-buffer-per-event",
          "one pop for each writable event, and no event comes after it",
          "seed", counts_what_two_said_at_once,
          r"C waited 3 s: heard 4 of 8 bytes",
          "send: written at once; flush: all that waits, in one write"),
    Fault("partial-write-forgotten",
          "Ok(Some(n)): logged, whatever n is; only on would_block the message goes back",
          "seed", hears_words_whole_or_not_at_all,
          r"slow one \d hears [\d,]+ of 2,000 bytes of S\d+'s, and the rest never comes",
          "send: subspan(put.bytes) waits; flush: consume(put.bytes)", buffers=SMALL),
    Fault("only-the-reader-rearmed",
          "ready() re-arms after a read; who has been written to stays silent",
          "seed", speaks_again,
          r'A waited 3 s: heard 0 of 3 bytes \(waiting for "two"\)',
          "settle: after every event, and for each receiver whose interest has changed",
          buffers=SMALL),
    Fault("receiver-ends-sender",
          "conns[token] for one that the same event has reset panics: a dead receiver takes "
          "the server along, and the sender with it",
          "seed", goes_on_when_a_receiver_dies,
          r"(A|B) (hears the end too early|cannot (read|send|connect))|A waited",
          "connections_.get(token) may be nullptr; only the receiver is closed",
          ends="no connection has this token"),
    Fault("closes-the-129th",
          "a slab of 128; the next one is accepted and dropped",
          "seed", is_the_129th,
          r"the 129th (hears the end too early|cannot (read|send))",
          "Acceptor: accepts while there is room, the others wait in the queue"),
    Fault("token-zero",
          "no const SERVER = Token(0), but numbers kept apart by hand: a slab counts from 0",
          "mistakes/token-zero", is_the_first,
          r"the first waited 3 s: heard 0 of 5 bytes",
          "fixed_token: generation 0, which no slot ever has"),
]

every_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)


@every_fault
def test_the_client_shows_the_fault(fault: Fault, serve, guests: Guests, story: Story) -> None:
    if fault.on != "seed" and not path_of("05", fault.on).exists():
        pytest.skip(f"SKIPPED {fault.on}: planted mistakes are built without SAN")
    server = guests.server = serve("05", fault.on, trigger=fault.trigger, buffers=fault.buffers)
    guests.patience = KNOWN_DEADLINE
    with pytest.raises(StoryError) as caught:
        fault.client(guests)
    said = str(caught.value).splitlines()[len(story.steps[-30:]) + 1:]
    assert re.match(fault.says, said[0]), f"it fails, but says: {said[0]}"
    if fault.ends:
        assert server.process.wait(KNOWN_DEADLINE) == 1 and fault.ends in server.log()
        server.kill()


@every_fault
@multi_echo
def test_the_same_client_is_content_with_the_server(
        target: Target, fault: Fault, serve, guests: Guests) -> None:
    guests.server = serve("05", backend=target.backend, trigger=target.trigger,
                          buffers=fault.buffers)
    fault.client(guests)


@pytest.mark.parametrize("fault", [one for one in FAULTS if one.on != "seed"],
                         ids=lambda one: one.name)
def test_what_is_shown_on_a_planted_mistake_is_not_the_seeds_doing(
        fault: Fault, serve, guests: Guests) -> None:
    guests.server = serve("05", "seed")
    fault.client(guests)


# ---- options ------------------------------------------------------------
@pytest.mark.parametrize("program", ["echo", "server"])
@pytest.mark.parametrize("backend", ["select", "poll"])
@pytest.mark.parametrize("trigger", ["edge", "oneshot", "edge_oneshot"])
def test_a_trigger_that_the_backend_lacks_is_refused_in_one_line(
        program: str, backend: str, trigger: str) -> None:
    ended = subprocess.run(
        [path_of("05", program), "--port", "0", "--backend", backend, "--trigger", trigger],
        capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert re.search(rf"\b{trigger}\b", ended.stderr) and backend in ended.stderr, ended.stderr


@pytest.mark.parametrize("program", ["echo", "server"])
def test_a_trigger_that_is_none_gives_status_2_and_one_line(program: str) -> None:
    ended = subprocess.run([path_of("05", program), "--trigger", "hair"],
                           capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1 and "--trigger" in ended.stderr


# ---- reading it all -----------------------------------------------------
@both
@buffer_sizes
def test_a_burst_and_then_silence_arrives_whole(
        target: Target, buffers: int, serve, connect, source: random.Random) -> None:
    server = start(serve, target, buffers=buffers)
    client = connect(server, "A", buffers)
    client.exchange(source.randbytes(BURST // 16 if buffers else BURST))
    client.hear_nothing()
    check_idle(server, 0.5)


@multi_echo
def test_one_who_comes_to_read_late_has_missed_nothing(
        target: Target, serve, connect, source: random.Random) -> None:
    server = start(serve, target, buffers=SMALL_IN_ROWS)
    a = connect(server, "A", SMALL_IN_ROWS)
    a.exchange(b"a")
    late = []
    for number in range(8):  # for one of them, some write goes through in part
        late.append(connect(server, f"B{number}", SMALL_IN_ROWS + 1000 * number))
        late[-1].exchange(b"b")
        for other in (a, *late[:-1]):
            other.hear(b"b")
    said = source.randbytes(90_000)  # more than the kernel's buffers hold
    a.exchange(said)
    for one in late:
        one.hear(said)


def start(serve, target: Target, *options: str, buffers: int = 0) -> Server:
    return serve("05", target.program, *options, backend=target.backend, trigger=target.trigger,
                 buffers=buffers)


def unacknowledged(client: Client) -> int:
    """Bytes that the peer's kernel has not taken yet (tcp(7), SIOCOUTQ)."""
    return struct.unpack("i", fcntl.ioctl(client.socket, termios.TIOCOUTQ, b"\0" * 4))[0]


def fill(server: Server, client: Client, data: bytes) -> None:
    """All of it lies in the frozen server's receive buffer: it is told of it
    once, and nothing more will arrive."""
    if client.send_only(data) < len(data):
        pytest.skip("SKIPPED: the machine's socket buffers are too small (net.core.wmem_max)")
    wait_until(lambda: not unacknowledged(client), "the server's kernel to take it all",
               lambda: f"{unacknowledged(client):,} bytes left")


@both
def test_what_the_budget_leaves_over_is_read_without_a_new_arrival(
        target: Target, serve, connect, source: random.Random) -> None:
    server = start(serve, target, buffers=LARGE)
    client = connect(server, "A", LARGE)
    client.exchange(b"?")
    server.await_sleep()
    server.freeze()
    data = source.randbytes(3 * READS_PER_EVENT * READ_SIZE)
    fill(server, client, data)
    server.thaw()
    client.hear(data)
    most, _ = most_reads_in_a_turn(server)
    assert most == READS_PER_EVENT, f"{most} reads in one turn: the budget was not tested"


def most_reads_in_a_turn(server: Server) -> tuple[int, list[dict]]:
    """How often one client was read from between two waits, at most."""
    lines, most, turn = events(server), 0, Counter()
    for line in lines:
        if line["event"] == "wait":
            turn.clear()
        elif line["event"] == "read":
            turn[line["fd"]] += 1
            most = max(most, turn[line["fd"]])
    return most, lines


@both
def test_a_fast_client_does_not_keep_another_one_waiting(
        target: Target, serve, connect, source: random.Random) -> None:
    server = start(serve, target, buffers=LARGE)
    fast, ping = connect(server, "the fast one", LARGE), connect(server, "ping", LARGE)
    fast.exchange(b"?")
    ping.send(b"!")
    (ping if target.program == "echo" else fast).hear(b"!")
    server.await_sleep()
    server.freeze()
    data = source.randbytes(3 * READS_PER_EVENT * READ_SIZE)
    fill(server, fast, data)
    ping.send(b"ping")
    server.thaw()
    fast.hear(data[:READ_SIZE])
    wait_until(lambda: [line for line in events(server, "read") if line["n"] == 4],
               "ping to be read")
    most, lines = most_reads_in_a_turn(server)
    assert most <= READS_PER_EVENT, f"{most} reads of one client in one turn"
    reads = [line["n"] for line in lines if line["event"] == "read"]
    before = sum(n for n in reads[: reads.index(4)] if n > 4)
    assert before <= READS_PER_EVENT * READ_SIZE, f"{before:,} bytes of another's came first"


@both
def test_a_short_message_costs_one_read_and_one_write(
        target: Target, serve, connect) -> None:
    server, messages = start(serve, target), 20
    client = connect(server, "A")
    for number in range(messages):
        client.exchange(f"message {number}".encode(), quiet=True)
    client.stop_sending()
    client.hear_end()  # the line of the last call has been written by now
    count = tally(server)
    assert count["read"] == count["write"] == count["event"] == messages, dict(count)
    assert count["would_block"] == 0, "read again after a short read"
    assert count["modify"] == rearmed(target, messages), f"{count['modify']} re-armings"


def rearmed(target: Target, count: int) -> int:
    """A oneshot is re-armed after each of its events, the others never."""
    return count if "oneshot" in target.trigger else 0


def tally(server: Server) -> Counter:
    """What happened on the only connection, up to its end."""
    lines = events(server)
    token = next(line["token"] for line in lines if line["event"] == "read")
    own = [line for line in lines if line.get("token") == token]
    end = next(at for at, line in enumerate(own) if line["event"] == "read" and line["n"] == 0)
    return Counter(line["event"] for line in own[: end - 1])


# ---- more than bytes ----------------------------------------------------
@both
def test_bytes_and_the_end_in_one_batch_are_answered_and_ended(
        target: Target, serve, connect) -> None:
    server = start(serve, target)
    held = server.descriptors()
    for name in "ABC":
        client = connect(server, name)
        client.exchange(b"?")
        server.await_sleep()
        server.freeze()
        client.send(b"the last words")
        client.stop_sending()
        server.thaw()
        client.hear(b"the last words")
        assert client.hear_end() == b""
        wait_until(lambda: server.descriptors() == held, "the connection to be closed")


@both
def test_bytes_around_an_urgent_one_are_all_answered(target: Target, serve, connect) -> None:
    """A read stops at the mark, short, and what is behind it makes no edge."""
    server = start(serve, target)
    client = connect(server, "A")
    client.exchange(b"?")
    server.await_sleep()
    server.freeze()
    client.send(b"before")
    client.shout(b"!")
    client.send(b"behind")
    server.thaw()
    client.hear(b"beforebehind")
    client.exchange(b"and on")
    client.stop_sending()
    assert client.hear_end() == b""


@both
def test_fifty_who_connect_at_once_are_all_served_without_a_next_one(
        target: Target, serve, connect) -> None:
    server = start(serve, target)
    held = server.descriptors()
    server.await_sleep()
    server.freeze()
    crowd = [connect(server, f"{number}") for number in range(50)]
    server.thaw()
    wait_until(lambda: server.descriptors() == held + 50, "all fifty to be accepted",
               lambda: f"{server.descriptors() - held} are")
    for client in crowd:
        client.send(b"x", quiet=True)
    for client in crowd:
        client.hear(b"x" if target.program == "echo" else b"x" * 50, quiet=True)


@both
def test_the_client_over_the_limit_waits_and_is_served_when_one_leaves(
        target: Target, serve, connect) -> None:
    server = start(serve, target, "--max-connections", "3")
    crowd: list[Client] = []
    for name in "ABC":
        crowd.append(connect(server, name))
        crowd[-1].exchange(b"?")
        for other in crowd[:-1] if target.program == "server" else ():
            other.hear(b"?")
    for name in "DEF":  # full, paused and with room again, three times
        waiting = connect(server, name)
        waiting.send(name.encode())
        waiting.hear_nothing(SILENCE)
        check_idle(server, 0.3)
        crowd[0].exchange(b"goes on")
        crowd.pop(0).leave()
        for other in crowd if target.program == "server" else ():
            other.hear(b"goes on" + name.encode())
        waiting.hear(name.encode())
        crowd.append(waiting)


# ---- everybody ----------------------------------------------------------
@multi_echo
@buffer_sizes
def test_ten_talk_at_once_and_each_hears_all_in_order(
        target: Target, buffers: int, serve, guests: Guests) -> None:
    guests.server = start(serve, target, buffers=buffers)
    company = guests.gather(*range(10), buffers=buffers)
    # No more in a round than a small window takes: once it is shut, it opens
    # with the sender's kernel's timer, and not with the server.
    size = 150 if buffers else 1500
    for _ in range(10):
        said = [voice.say(size, quiet=True) for voice in company]
        for listener in company:
            for voice, words in zip(company, said, strict=True):
                if voice is listener:
                    listener.hear(words, quiet=True)
                else:
                    listener.hear_from(voice, words)


@multi_echo
def test_a_receiver_that_resets_in_the_middle_of_a_broadcast_costs_nobody_else(
        target: Target, serve, guests: Guests) -> None:
    server = guests.server = start(serve, target)
    receiver, a, b = guests.gather(3, 1, 2)  # in slot 0, before the sender's
    held = server.descriptors()
    for _ in range(20):
        words: list[bytes] = []
        guests.together(lambda: words.append(a.say(100)), receiver.reset,
                        lambda: words.append(b.say(100)))
        for voice, own, other, others in ((a, 0, b, 1), (b, 1, a, 0)):
            voice.hear(words[own])
            voice.hear_from(other, words[others])
        wait_until(lambda: server.descriptors() == held - 1, "the dead one to be closed")
        receiver = guests.voice("V3", 3)
        said = receiver.say(1)
        receiver.hear(said)
        for other in (a, b):
            other.hear_from(receiver, said)


@multi_echo
def test_the_first_client_has_slot_0_and_is_no_listener(
        target: Target, serve, guests: Guests) -> None:
    guests.server = start(serve, target)
    is_the_first(guests)
    added = [line["token"] for line in events(guests.server, "add")]
    assert added == ["0.0", "0.1", "1.1"], "the listener, then the clients"
