"""Chapter 08: every sentence of the protocol, on every backend and with every
trigger."""

from __future__ import annotations

import subprocess
import unicodedata
from collections.abc import Callable

import pytest
from conftest import path_of
from kit.frames import encode, length
from kit.server import Server
from people import HELLO, Person, open_chat
from targets import SMALL, Target, on_backends
from tracing import events
from kit.waiting import wait_until
from kit.watching import check_idle

MAX_LINE = 1000  # kMaxLine
MAX_NAME = 16  # kMaxName
MAX_PENDING = 32 * 1024  # the option, where somebody does not read
NAME_RULE = "* a name has 1 to 16 letters, digits, - or _"
ROOM_RULE = "* a room's name has 1 to 16 letters, digits, - or _"
TOO_LONG = "* a line has 1,000 bytes at most, nobody has heard it"
NOT_UTF8 = "* that was not UTF-8, nobody has heard it"
LOST = "\ufffd"

Bring = Callable[..., list[Person]]


def name_of(target: Target) -> str:
    return "-".join(filter(None, [target.backend, target.trigger]))


everywhere = pytest.mark.parametrize("target", on_backends("08"), ids=name_of)
anywhere = pytest.mark.parametrize(
    "target", [one for one in on_backends("08") if name_of(one) in ("", "epoll-level")], ids=name_of)
buffer_sizes = pytest.mark.parametrize("buffers", [0, SMALL], ids=["default", "small"])


@pytest.fixture
def bring(story):
    """Brings people into a chat, one after the other. They have their names
    and rooms ("ann", "bob@kitchen"), and everybody has heard of everything."""
    there: list[Person] = []

    def start(server: Server, *who: str, buffers: int = 0, called: str = "") -> list[Person]:
        new = []
        for one in who:
            name, _, room = one.partition("@")
            person = Person(server.address, called or name, story, buffers)
            there.append(person)
            new.append(person)
            guest = person.come()
            in_room(there, "lobby", person).hears(f"* {guest} is here")
            rename(there, person, name)
            if room and room != person.room:
                move(there, person, room)
        return new

    yield start
    for person in there:
        person.client.socket.close()


class Crowd(list[Person]):
    def hears(self, *lines: str) -> None:
        for person in self:
            person.hears(*lines)


def in_room(people: list[Person], room: str, *but: Person) -> Crowd:
    return Crowd(one for one in people if one.room == room and one not in but)


def rename(people: list[Person], person: Person, name: str) -> None:
    person.says(f"/nick {name}")
    in_room(people, person.room).hears(f"* {person.name} is now {name}")
    person.name = name


def move(people: list[Person], person: Person, room: str) -> None:
    old, person.room = person.room, room
    person.says(f"/join {room}")
    in_room(people, old).hears(f"* {person.name} has left for {room}")
    in_room(people, room).hears(f"* {person.name} has come from {old}")


# ---- coming -------------------------------------------------------------
@everywhere
def test_a_newcomer_is_told_who_and_where_it_is_and_the_others_that_it_is_here(
        target: Target, serve, story) -> None:
    server = open_chat(serve, target)
    a = Person(server.address, "A", story)
    a.hears("* you are guest-1 in lobby" + HELLO)
    b = Person(server.address, "B", story)
    b.hears("* you are guest-2 in lobby" + HELLO)
    a.hears("* guest-2 is here")
    for person in a, b:
        person.says("/who")
        person.hears("* in lobby: guest-1, guest-2")
    a.client.leave()
    b.hears("* guest-1 has left")
    b.client.leave()


@anywhere
def test_a_guest_has_a_number_that_nobody_had_before(target: Target, serve, bring, story) -> None:
    server = open_chat(serve, target)
    for number in range(1, 6):
        person = Person(server.address, "A", story)
        assert person.come() == f"guest-{number}"
        person.says("/quit")
        assert person.hears_end() == ["* good bye"]
        person.client.leave()


# ---- saying -------------------------------------------------------------
@everywhere
@buffer_sizes
def test_what_one_says_all_in_the_room_hear_with_the_name_before_it(
        target: Target, buffers: int, serve, bring: Bring) -> None:
    server = open_chat(serve, target, buffers=buffers)
    a, b, c = bring(server, "ann", "bob", "cay", buffers=buffers)
    a.says("hello")
    Crowd([a, b, c]).hears("ann: hello")
    b.says("hello ann", " two  blanks ", "//quit is how one leaves", "///", "* no notice", "cay: no")
    Crowd([a, b, c]).hears("bob: hello ann", "bob:  two  blanks ", "bob: /quit is how one leaves",
                           "bob: //", "bob: * no notice", "bob: cay: no")


@everywhere
def test_an_empty_line_is_heard_by_nobody(target: Target, serve, bring: Bring) -> None:
    a, b = bring(open_chat(serve, target), "ann", "bob")
    a.says("", "", "done", "")
    Crowd([a, b]).hears("ann: done")
    a.hears_nothing()
    b.hears_nothing()


@everywhere
@buffer_sizes
def test_all_hear_the_same_in_the_same_order(target: Target, buffers: int, serve,
                                             bring: Bring) -> None:
    people = bring(open_chat(serve, target, buffers=buffers), "ann", "bob", "cay", "dan",
                   buffers=buffers)
    rounds = 30
    for number in range(rounds):
        for one in people:
            one.says(f"{number} " + "x" * 100)
            for other in people:
                other.client._pull()
    heard = [[one.hear() for _ in range(rounds * len(people))] for one in people]
    assert all(one == heard[0] for one in heard), "the same words in another order"
    for one in people:
        own = [line for line in heard[0] if line.startswith(f"{one.name}: ")]
        assert own == [f"{one.name}: {n} " + "x" * 100 for n in range(rounds)]


@everywhere
def test_a_line_that_comes_byte_by_byte_is_a_line(target: Target, serve, bring: Bring) -> None:
    a, b = bring(open_chat(serve, target), "ann", "bob")
    for byte in encode("wörter 你好".encode()) + encode(b"/who"):
        a.client.send(bytes([byte]), quiet=True)
    b.hears("ann: wörter 你好")
    a.hears("ann: wörter 你好", "* in lobby: ann, bob")


@everywhere
@buffer_sizes
def test_a_hundred_people_are_in_a_room_and_all_of_them_hear(
        target: Target, buffers: int, serve, bring: Bring, story) -> None:
    server = open_chat(serve, target, buffers=buffers)
    people = [Person(server.address, f"P{n}", story, buffers) for n in range(1, 101)]
    for number, person in enumerate(people, 1):
        assert person.come() == f"guest-{number}"
        person.hears(*(f"* guest-{later} is here" for later in range(number + 1, 101)))
    for number in 1, 50, 100:
        people[number - 1].says(f"hello from {number}")
        Crowd(people).hears(f"guest-{number}: hello from {number}")
    people[0].says("/who")
    people[0].hears("* in lobby: " + ", ".join(f"guest-{n}" for n in range(1, 101)))
    for person in people:
        person.client.leave()


# ---- /nick --------------------------------------------------------------
@everywhere
def test_a_new_name_is_told_to_the_room_and_to_no_other(target: Target, serve,
                                                        bring: Bring) -> None:
    a, b, c = bring(open_chat(serve, target), "ann", "bob", "cay@kitchen")
    a.says("/nick anna", "hello")
    Crowd([a, b]).hears("* ann is now anna", "anna: hello")
    c.hears_nothing()
    a.says("/nick   ann  ")
    Crowd([a, b]).hears("* anna is now ann")


@everywhere
@pytest.mark.parametrize("where", ["lobby", "kitchen"])
def test_a_name_that_somebody_has_is_taken_in_every_room_however_it_is_written(
        target: Target, where: str, serve, bring: Bring) -> None:
    a, b = bring(open_chat(serve, target), "ann", f"bob@{where}")
    for name in "ann", "ANN", "Ann", "aNn":
        b.says(f"/nick {name}")
        b.hears(f"* {name} is taken")
    a.hears_nothing()
    b.hears_nothing()
    a.says("/nick ANN")  # her own she may write as she likes
    a.hears("* ann is now ANN")


@anywhere
def test_the_names_of_guests_are_taken_whether_there_is_such_a_guest_or_not(
        target: Target, serve, bring: Bring) -> None:
    a, = bring(open_chat(serve, target), "ann")
    for name in "guest-1", "guest-2", "guest-99999", "GUEST-7", "Guest-", "guest-of-ann":
        a.says(f"/nick {name}")
        a.hears(f"* {name} is taken")
    a.says("/nick guest", "/nick guests", "/nick a-guest-1")
    a.hears("* ann is now guest", "* guest is now guests", "* guests is now a-guest-1")


BAD_NAMES = ["", " ", "a b", "x" * (MAX_NAME + 1), "ann:", "*", "\u0430nn", "a\x1b[2J", "a\nb",
             "../x", "\u202eann", "ann\u200d", "Ännchen", "\u2028"]


@anywhere
@pytest.mark.parametrize("command, rule", [("/nick", NAME_RULE), ("/join", ROOM_RULE)])
def test_a_name_of_a_person_or_a_room_has_a_rule(target: Target, command: str, rule: str, serve,
                                                 bring: Bring) -> None:
    a, b = bring(open_chat(serve, target), "ann", "bob")
    for name in BAD_NAMES:
        a.says(f"{command} {name}")
        a.hears(rule)
    a.says(command, f"{command}  ")
    a.hears(rule, rule)
    b.hears_nothing()
    longest = "x" * MAX_NAME
    a.says(f"{command} {longest}", "/who")
    assert longest in a.hear() + a.hear()


# ---- /join and /who -----------------------------------------------------
@everywhere
@buffer_sizes
def test_rooms_are_apart_and_each_is_told_who_goes_and_who_comes(
        target: Target, buffers: int, serve, bring: Bring) -> None:
    server = open_chat(serve, target, buffers=buffers)
    a, b, c = bring(server, "ann", "bob", "cay@kitchen", buffers=buffers)
    b.says("/join kitchen")
    a.hears("* bob has left for kitchen")
    Crowd([b, c]).hears("* bob has come from lobby")
    b.says("is there cake?")
    Crowd([b, c]).hears("bob: is there cake?")
    a.says("it is quiet here")
    a.hears("ann: it is quiet here")
    c.says("/join lobby")
    b.hears("* cay has left for lobby")
    Crowd([a, c]).hears("* cay has come from kitchen")
    a.says("/who")
    a.hears("* in lobby: ann, cay")
    b.says("/who")
    b.hears("* in kitchen: bob")
    for one in a, b, c:
        one.hears_nothing()


@everywhere
def test_who_joins_the_room_that_one_is_in_stays(target: Target, serve, bring: Bring) -> None:
    a, b = bring(open_chat(serve, target), "ann", "bob")
    a.says("/join lobby")
    a.hears("* you are in lobby")
    b.hears_nothing()
    a.says("/join kitchen", "/join kitchen")
    a.hears("* ann has come from lobby", "* you are in kitchen")
    b.hears("* ann has left for kitchen")


@everywhere
def test_who_tells_the_asker_alone_of_the_room_that_it_is_in(target: Target, serve,
                                                             bring: Bring) -> None:
    a, b, c, _ = bring(open_chat(serve, target), "ann", "bob", "cay@kitchen", "dan@kitchen")
    c.says("/who")
    c.hears("* in kitchen: cay, dan")
    a.says("/who", "/who ignores the rest")
    a.hears("* in lobby: ann, bob", "* in lobby: ann, bob")
    b.hears_nothing()


# ---- leaving ------------------------------------------------------------
@everywhere
@buffer_sizes
def test_who_quits_hears_a_good_bye_and_then_the_end(target: Target, buffers: int, serve,
                                                     bring: Bring) -> None:
    server = open_chat(serve, target, buffers=buffers)
    a, b = bring(server, "ann", "bob", buffers=buffers)
    a.says("that is all", "/quit", "nobody hears this", "/nick bob")
    assert a.hears_end() == ["ann: that is all", "* good bye"]
    b.hears("ann: that is all", "* ann has left")
    b.is_alone_with("bob")
    b.hears_nothing()
    a.client.leave()


@everywhere
@buffer_sizes
def test_who_stops_sending_hears_what_waits_and_then_the_end(
        target: Target, buffers: int, serve, bring: Bring) -> None:
    a, b = bring(open_chat(serve, target, buffers=buffers), "ann", "bob", buffers=buffers)
    lines = [f"{n} " + "x" * 900 for n in range(12)]
    a.says(*lines)
    a.client.stop_sending()
    b.hears(*(f"ann: {line}" for line in lines), "* ann has left")
    assert a.hears_end() == [f"ann: {line}" for line in lines]
    b.hears_nothing()


@everywhere
def test_the_good_bye_arrives_even_when_more_was_sent_than_anybody_reads(
        target: Target, serve, bring: Bring) -> None:
    """A socket that is closed with input unread sends a RST, which takes with
    it what is on its way (RFC 9293, 3.10.7.4 and RFC 2525, 2.17)."""
    server = open_chat(serve, target)
    a, b = bring(server, "ann", "bob")
    server.freeze()
    a.says("/quit")
    a.client.send_only(encode(b"x") * 20_000)
    server.thaw()
    b.hears("* ann has left")
    assert a.hears_end() == ["* good bye"]
    a.client.leave()
    b.hears_nothing()


def quit_(person: Person, _other: Person) -> None:
    person.says("/quit")


def half_close(person: Person, _other: Person) -> None:
    person.client.stop_sending()


def close(person: Person, _other: Person) -> None:
    person.client.leave()


def reset(person: Person, _other: Person) -> None:
    person.client.reset()


def end_in_a_frame(person: Person, _other: Person) -> None:
    person.client.send_only(encode(b"never said")[:-1])
    person.client.leave()


def oversize(person: Person, _other: Person) -> None:
    person.client.send_only(length(1 << 63))


def read_nothing(_person: Person, other: Person) -> None:
    """The other talks until it hears that the person is gone."""
    line = "x" * MAX_LINE
    other.client.story.add(f"{other.name} talks until somebody has left")
    for _ in range(3000):
        other.client.send(encode(line.encode()), quiet=True)
        heard = other.hear()
        if heard == f"{other.name}: {line}":
            continue
        other.lines.insert(0, heard)
        other.hears("* ann has left", f"{other.name}: {line}")
        other.lines.insert(0, "* ann has left")
        return
    raise other.story.fail("ann reads nothing and is still there")


LEAVING = [quit_, half_close, close, reset, end_in_a_frame, oversize, read_nothing]


@everywhere
@pytest.mark.parametrize("leave", LEAVING, ids=lambda one: one.__name__.strip("_"))
def test_however_one_goes_the_room_is_told_once_and_the_name_is_free(
        target: Target, leave: Callable[[Person, Person], None], serve, bring: Bring) -> None:
    small = SMALL if leave is read_nothing else 0
    server = open_chat(serve, target, "--max-pending", str(MAX_PENDING), buffers=small)
    held = server.descriptors()
    a, b, c = bring(server, "ann", "bob", "cay@kitchen", buffers=small)
    leave(a, b)
    b.hears("* ann has left")
    b.is_alone_with("bob")
    b.says("/nick Ann")
    b.hears("* bob is now Ann")
    b.hears_nothing()
    c.hears_nothing()
    a.client.socket.close()
    wait_until(lambda: server.descriptors() == held + 2, "ann's descriptor to be closed")
    check_idle(server, 0.3)


@everywhere
def test_a_refused_length_ends_the_stream_after_what_was_said_before_it(
        target: Target, serve, bring: Bring) -> None:
    a, b = bring(open_chat(serve, target), "ann", "bob")
    a.client.send(encode(b"the last words") + length(1 << 40) + encode(b"too late"), quiet=True)
    assert a.hears_end() == ["ann: the last words"]
    b.hears("ann: the last words", "* ann has left")
    b.hears_nothing()


@everywhere
def test_many_who_go_in_one_batch_are_all_told_of(target: Target, serve, bring: Bring,
                                                  story) -> None:
    server = open_chat(serve, target)
    a, = bring(server, "ann")
    many = [Person(server.address, f"P{n}", story) for n in range(20)]
    names = {person.come() for person in many}
    a.hears(*(f"* {person.name} is here" for person in many))
    held = server.descriptors()
    server.await_sleep()
    server.freeze()
    for person in many:
        person.client.reset()
    server.thaw()
    assert {a.hear() for _ in many} == {f"* {name} has left" for name in names}
    a.hears_nothing()
    wait_until(lambda: server.descriptors() == held - len(many), "their descriptors to be closed")


@everywhere
def test_the_news_that_one_has_left_may_end_the_next_and_all_of_it_is_told(
        target: Target, serve, bring: Bring, story) -> None:
    """The deaf are full to the brim; what ends the first of them is news for
    the others, which end by it. `ann` hears of each of them once."""
    server = open_chat(serve, target, "--max-pending", str(MAX_PENDING), buffers=SMALL)
    a, = bring(server, "ann", buffers=SMALL)
    deaf = [Person(server.address, f"D{n}", story, SMALL) for n in range(5)]
    names = {person.come() for person in deaf}
    a.hears(*(f"* {person.name} is here" for person in deaf))
    gone: set[str] = set()
    for _ in range(3000):
        a.client.send(encode(b"y" * MAX_LINE), quiet=True)
        while (line := a.hear()) != "ann: " + "y" * MAX_LINE:
            assert line.endswith(" has left") and line.split()[1] not in gone, line
            gone.add(line.split()[1])
        if gone == names:
            break
    a.hears_nothing()
    assert gone == names
    a.is_alone_with("ann")
    check_idle(server, 0.3)


@everywhere
def test_news_that_the_tick_itself_makes_waits_for_no_other_event(
        target: Target, serve, bring: Bring) -> None:
    """That `ann` has fallen behind is found out while the tick writes: `bob`
    hears of it at once, although nobody says anything any more."""
    server = open_chat(serve, target, "--max-pending", str(MAX_PENDING), buffers=SMALL)
    _, b = bring(server, "ann", "bob", buffers=SMALL)
    held = server.descriptors()
    while server.descriptors() == held:
        b.says("x" * MAX_LINE)
        b.hears("bob: " + "x" * MAX_LINE)
        server.await_sleep()
    b.hears("* ann has left")


# ---- what a line may be -------------------------------------------------
@everywhere
@buffer_sizes
def test_a_line_has_a_thousand_bytes_and_not_one_more(target: Target, buffers: int, serve,
                                                      bring: Bring) -> None:
    a, b = bring(open_chat(serve, target, buffers=buffers), "ann", "bob", buffers=buffers)
    for line in "x" * MAX_LINE, "ü" * (MAX_LINE // 2), "xx" + "你" * 332 + "yy":
        a.says(line)
        Crowd([a, b]).hears(f"ann: {line}")
    for line in "x" * (MAX_LINE + 1), "ü" * (MAX_LINE // 2 + 1), "x" * 70_000, "/nick " + "x" * 999:
        a.says(line)
        a.hears(TOO_LONG)
    b.hears_nothing()


NO_UTF8 = [b"\xff", b"caf\xe9", b"\xc0\xaf", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
           b"\xe4\xbd", b"fine so far \x80", b"/nick \xff", b"/quit \xff"]


@everywhere
def test_what_is_not_utf8_is_heard_by_nobody_and_the_speaker_is_told(
        target: Target, serve, bring: Bring) -> None:
    a, b = bring(open_chat(serve, target), "ann", "bob")
    for line in NO_UTF8:
        a.says(line)
        a.hears(NOT_UTF8)
    b.hears_nothing()
    a.says("wörter, 你好, 👩‍💻")
    Crowd([a, b]).hears("ann: wörter, 你好, 👩‍💻")


@everywhere
def test_no_control_character_reaches_anybody(target: Target, serve, bring: Bring) -> None:
    a, b = bring(open_chat(serve, target), "ann", "bob")
    obeyed = [chr(c) for c in range(0x3000) if unicodedata.category(chr(c)) in ("Cc", "Zl", "Zp")
              or unicodedata.bidirectional(chr(c)) in (
                  "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")]
    obeyed += ["\u061c", "\u200e", "\u200f"]
    for c in obeyed:
        a.says(f"a{c}b")
        Crowd([a, b]).hears("ann: a b" if c == "\t" else f"ann: a{LOST}b")
    a.says("/\x1b[2J", "/join \x1b")
    a.hears(f"* no such command: /{LOST}[2J", ROOM_RULE)


@everywhere
def test_nobody_speaks_for_another_or_for_the_server(target: Target, serve, bring: Bring) -> None:
    a, b, c = bring(open_chat(serve, target), "ann", "bob", "cay")
    b.says("ann: I owe bob a cake", "* ann has left", "hello\n/quit", "hello\r\n* ann has left",
           "/nick ann: I owe bob", "/nick bob\n/quit", "/join kitchen\nann: hello", "/quit\n")
    Crowd([a, c]).hears("bob: ann: I owe bob a cake", "bob: * ann has left",
                        f"bob: hello{LOST}/quit", f"bob: hello{LOST}{LOST}* ann has left")
    for _ in range(4):
        b.hear()
    b.hears(NAME_RULE, NAME_RULE, ROOM_RULE, f"* no such command: /quit{LOST}")
    for one in a, b, c:
        one.is_alone_with("ann", "bob", "cay")


@everywhere
def test_an_unknown_command_is_named_to_the_asker_and_said_to_nobody(
        target: Target, serve, bring: Bring) -> None:
    a, b = bring(open_chat(serve, target), "ann", "bob")
    a.says("/foo bar", "/", "/Nick bob", "/nicks", "/quit!", "/ quit")
    a.hears(*(f"* no such command: {word}" for word in ("/foo", "/", "/Nick", "/nicks", "/quit!",
                                                        "/")))
    b.hears_nothing()


# ---- what it costs ------------------------------------------------------
@everywhere
def test_a_line_is_one_write_for_each_who_hears_it(target: Target, serve, bring: Bring) -> None:
    server = open_chat(serve, target)
    people = bring(server, "ann", "bob", "cay", "dan@kitchen")
    server.await_sleep()
    before = len(events(server))
    people[0].says("one", "two", "three")
    Crowd(people[:3]).hears("ann: one", "ann: two", "ann: three")
    server.await_sleep()
    lines = events(server)[before:]
    writes = [line["fd"] for line in lines if line["event"] in ("write", "writev")]
    assert len(writes) == len(set(writes)) == 3, f"{len(writes)} writes for three listeners"
    assert [line["n"] for line in lines if line["event"] == "tick"] == [3]


# ---- options ------------------------------------------------------------
@pytest.mark.parametrize("options, word", [
    (("--backend", "poll", "--trigger", "edge"), "edge"),
    (("--backend", "select", "--trigger", "oneshot"), "oneshot")])
def test_a_trigger_that_the_backend_lacks_is_refused_in_one_line(options: tuple[str, ...],
                                                                 word: str) -> None:
    ended = subprocess.run([path_of("08"), "--port", "0", *options], capture_output=True, text=True,
                           timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1 and word in ended.stderr
