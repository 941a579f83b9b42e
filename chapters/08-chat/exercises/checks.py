"""What chapter 08's exercises are checked with."""

from __future__ import annotations

import re
import time
import unicodedata

from coach.bounds import BoundedServer
from coach.scene import Scene
from kit.client import StoryError
from kit.frames import Decoder, FrameError, encode

LOST = "\ufffd"  # stands for a character that was taken out
SHOWN = 60  # characters of a line


class Person:
    """A client that says lines and hears lines."""

    def __init__(self, scene: Scene, server: BoundedServer, name: str) -> None:
        self.scene = scene
        self.name = name
        self.client = scene.connect(server, name)
        self.lines: list[str] = []  # heard, and not taken yet
        self._decoder = Decoder()

    def says(self, *lines: str | bytes, quiet: bool = False) -> None:
        """In one write, each in a frame of its own."""
        if not quiet:
            self.scene.add(f"{self.name} says {brief(lines)}")
        self.client.send(b"".join(encode(one.encode() if isinstance(one, str) else one)
                                  for one in lines), quiet=True)

    def hear(self) -> str:
        """The next line, whatever it is."""
        end = time.monotonic() + self.client.deadline
        self._take()
        while not self.lines:
            self.client._more(end, "no line comes")
            self._take()
        return self.lines.pop(0)

    def _take(self) -> None:
        try:
            self.lines += [one.decode(errors="backslashreplace")
                           for one in self._decoder.feed(bytes(self.client.heard))]
        except FrameError as error:
            self.scene.fail(f"{self.name} has lost count: {error}")
        self.client.heard.clear()

    def hears(self, *lines: str, quiet: bool = False) -> None:
        """These are the next lines, and nothing stands between them."""
        heard: list[str] = []
        try:
            for line in lines:
                self._expect(line)
                heard.append(line)
        finally:
            if heard and not quiet:
                self.scene.add(f"{self.name} hears {brief(heard)}")

    def _expect(self, line: str) -> None:
        wanted = f"{self.name} should hear {shown(line)} here"
        try:
            got = self.hear()
        except StoryError as error:
            end = f"{wanted}, and hears the end"
            self.scene.fail(end if self.client.ended else f"{error.what}. {wanted}")
        if got != line:
            self.scene.fail(f"{wanted}, and hears {shown(got)}")

    def until(self, line: str) -> list[str]:
        """What it hears before this line."""
        before = []
        while (got := self.hear()) != line:
            before.append(got)
        return before

    def hears_nothing(self) -> None:
        """Nothing has come before the answer to a question that is asked now."""
        self.says("/who", quiet=True)
        if not (line := self.hear()).startswith("* in "):
            self.scene.fail(f"{self.name} should hear nothing here, and hears {shown(line)}")


def shown(line: str) -> str:
    line = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)
    return f"“{line if len(line) <= SHOWN else line[:SHOWN] + '…'}”"


def brief(lines) -> str:
    texts = [shown(one if isinstance(one, str) else one.decode(errors="backslashreplace"))
             for one in lines]
    left = len(texts) - 4
    return ", ".join(texts if left <= 1 else [*texts[:4], f"and {left} lines more"])


def bring(scene: Scene, server: BoundedServer, *who: str) -> list[Person]:
    """People of a chat that is empty: "ann", or "bob@kitchen". Each has heard
    everything that came of their coming."""
    there: list[Person] = []
    for one in who:
        name, _, room = one.partition("@")
        person = Person(scene, server, name)
        welcome = person.hear()
        if not welcome.startswith("* you are guest-"):
            scene.fail(f"{name} comes and should be welcomed, but hears {shown(welcome)}")
        person.says(f"/nick {name}", *([f"/join {room}"] if room else []), quiet=True)
        settle(person)
        settle(*there)
        there.append(person)
    return there


def settle(*people: Person) -> None:
    """Each hears what is on its way to it."""
    for person in people:
        person.says("/who", quiet=True)
        while not person.hear().startswith("* in "):
            pass


# ---- what really happens ----------------------------------------------------
def lines_of_a_move(scene: Scene) -> str:
    people = bring(scene, scene.serve(path=scene.reference()), "ann", "bob", "cay@kitchen")
    people[0].says("/join kitchen")
    told = []
    for person in people:
        person.says("/who", quiet=True)
        count = 0
        while not person.hear().startswith("* in "):
            count += 1
        told.append(f"{person.name} {count}")
    return ", ".join(told)


def one_character_csi(scene: Scene) -> str:
    eve, bob = bring(scene, scene.serve(path=scene.reference()), "eve", "bob")
    eve.says("hi\u009b2J")
    eve.hear()
    bob.says("/who", quiet=True)
    line = bob.hear()
    return "nothing" if line.startswith("* in ") else shown(line).strip("“”")


def writes_for_ten(scene: Scene) -> float:
    server = scene.serve(path=scene.reference())
    for number in range(10):
        Person(scene, server, f"P{number}").hear()
    server.await_sleep()
    return sum('"event":"write' in line for line in server.trace())


# ---- text -------------------------------------------------------------------
C0 = [chr(c) for c in (*range(0x20), 0x7f) if chr(c) != "\t"]
C1 = ["\u009b", *(chr(c) for c in range(0x80, 0xa0) if c != 0x9b)]
LINE_ENDS = ["\u2028", "\u2029"]
TURNING = [chr(c) for c in range(0x3000) if unicodedata.bidirectional(chr(c)) in (
    "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")] + ["\u061c", "\u200e", "\u200f"]


def replaced(scene: Scene, characters: list[str], why: str) -> None:
    eve, bob = bring(scene, scene.serve(), "eve", "bob")
    for c in characters:
        eve.says(f"a{c}b", quiet=True)
        got, _ = bob.hear(), eve.hear()
        if got == f"eve: a{LOST}b":
            continue
        scene.add(f"eve says {shown(f'a{c}b')}, with the character U+{ord(c):04X} in it")
        if c in got:
            scene.fail(f"U+{ord(c):04X} has come as far as bob's terminal: {why}")
        scene.fail(f"bob should hear {shown(f'eve: a{LOST}b')}, and hears {shown(got)}")
    scene.add(f"eve says {len(characters)} such characters, and bob hears {LOST} for each")


def controls(scene: Scene) -> None:
    """No control character comes through, in however many bytes."""
    replaced(scene, C0 + C1, "terminals obey it")


def line_ends_and_turns(scene: Scene) -> None:
    """Nothing ends a line but its end, and nothing turns the direction of writing."""
    replaced(scene, LINE_ENDS + TURNING, "what follows looks as if somebody else had said it")


def words_stay(scene: Scene) -> None:
    """What people write comes as they have written it."""
    eve, bob = bring(scene, scene.serve(), "eve", "bob")
    for line in ("hello", "À la carte, œuf, wörter", "你好", "שלום", "مرحبا", "Ελλάδα",
                 "a laptop: 👩‍💻", "e\u0301 has an accent", "a\u00a0b", "zero\u200bwidth"):
        eve.says(line)
        bob.hears(f"eve: {line}", quiet=True)
        eve.hears(f"eve: {line}", quiet=True)
    eve.says("a\tb")
    bob.hears("eve: a b")


# ---- names ------------------------------------------------------------------
def free_at_once(scene: Scene) -> None:
    """Who has left has left the name, even if the connection is still there."""
    ann, bob = bring(scene, scene.serve(), "ann", "bob")
    ann.says("/quit")
    ann.hears("* good bye")
    bob.hears("* ann has left")
    scene.add("ann's window stays open: her connection is not closed yet")
    bob.says("/nick Ann")
    bob.hears("* bob is now Ann")


def successor_keeps(scene: Scene) -> None:
    """Who has got the name of one who has left keeps it when that one's connection closes."""
    server = scene.serve()
    ann, bob, cay = bring(scene, server, "ann", "bob", "cay")
    ann.says("/quit")
    ann.hears("* good bye")
    bob.hears("* ann has left")
    bob.says("/nick ann")
    bob.hears("* bob is now ann")
    before = server.descriptors()
    ann.client.leave()
    scene.watch(lambda: server.descriptors() < before, "the server closes the old connection")
    settle(cay)
    cay.says("/nick ann")
    cay.hears("* ann is taken")


def kept_elsewhere(scene: Scene) -> None:
    """A name is taken in every room, however it is written, until its owner leaves or changes it."""
    ann, bob = bring(scene, scene.serve(), "ann", "bob")
    ann.says("/join kitchen")
    ann.hears("* ann has come from lobby")
    bob.hears("* ann has left for kitchen")
    for name in "ann", "ANN":
        bob.says(f"/nick {name}")
        bob.hears(f"* {name} is taken")
    ann.says("/nick Ann", "/nick anna")
    ann.hears("* ann is now Ann", "* Ann is now anna")
    bob.says("/nick anna", "/nick ann")
    bob.hears("* anna is taken", "* bob is now ann")


# ---- /msg -------------------------------------------------------------------
def for_one(scene: Scene) -> None:
    """What is said to one, that one hears, in whatever room, and nobody else."""
    ann, bob, cay, dan = bring(scene, scene.serve(), "ann", "bob", "cay@kitchen", "dan@kitchen")
    bob.says("/msg ann a word with you")
    bob.hears("* you tell ann: a word with you")
    ann.hears("* bob tells you: a word with you")
    ann.says("/msg CAY are you there?")
    ann.hears("* you tell cay: are you there?")
    cay.hears("* ann tells you: are you there?")
    for person in ann, bob, cay, dan:
        person.hears_nothing()
    scene.add("nobody has heard anything else")


def nobody_there(scene: Scene) -> None:
    """Who is not there cannot be told anything, and the speaker learns it."""
    ann, bob = bring(scene, scene.serve(), "ann", "bob")
    bob.says("/msg zed hello")
    bob.hears("* there is no zed")
    ann.says("/quit")
    ann.hears("* good bye")
    bob.hears("* ann has left")
    bob.says("/msg ann one more word")
    bob.hears("* there is no ann")


def half_a_command(scene: Scene) -> None:
    """A name or a text that is missing is asked for, and what is said is made printable."""
    ann, bob = bring(scene, scene.serve(), "ann", "bob")
    for line in "/msg", "/msg ", "/msg ann", "/msg ann   ":
        bob.says(line)
        bob.hears("* /msg NAME TEXT")
    bob.says("/msg ann gotcha\a")
    ann.hears(f"* bob tells you: gotcha{LOST}")
    bob.hears(f"* you tell ann: gotcha{LOST}")
    bob.says("/msgs ann hello")
    bob.hears("* no such command: /msgs")
    ann.hears_nothing()


# ---- so many a turn ---------------------------------------------------------
MOST = 8  # lines of one client in a turn


def eight_of_twenty(scene: Scene) -> None:
    """Of twenty lines in one turn eight are heard, and the speaker is told once."""
    server = scene.serve()
    ann, bob = bring(scene, server, "ann", "bob")
    scene.freeze(server)
    ann.says(*(f"line {n}" for n in range(1, 21)))
    scene.thaw(server)
    heard = [f"ann: line {n}" for n in range(1, MOST + 1)]
    bob.hears(*heard)
    ann.hears(*heard, "* too fast: 12 of your lines were not heard")
    ann.says("now?")
    bob.hears("ann: now?")
    ann.hears("ann: now?")


def next_turn(scene: Scene) -> None:
    """Who says eight in each turn is heard, as long as it likes."""
    ann, bob = bring(scene, scene.serve(), "ann", "bob")
    for turn in range(1, 6):
        lines = [f"{turn}.{n}" for n in range(1, MOST + 1)]
        ann.says(*lines)
        for person in ann, bob:
            person.hears(*(f"ann: {line}" for line in lines), quiet=person is ann)


def others_too(scene: Scene) -> None:
    """One who says too much takes nothing from the others."""
    server = scene.serve()
    ann, bob, cay = bring(scene, server, "ann", "bob", "cay")
    scene.freeze(server)
    ann.says(*(f"line {n}" for n in range(1, 21)))
    bob.says(*(f"word {n}" for n in range(1, MOST + 1)))
    scene.thaw(server)
    heard: list[str] = []
    try:
        while len(heard) < 2 * MOST:
            heard.append(cay.hear())
    except StoryError as error:
        scene.fail(f"{error.what}. So far cay has heard {brief(heard)}")
    for name, what in ("ann", "line"), ("bob", "word"):
        of_one = [line for line in heard if line.startswith(name)]
        if of_one != [f"{name}: {what} {n}" for n in range(1, MOST + 1)]:
            scene.fail(f"cay should hear {MOST} lines of {name}'s, and hears {brief(of_one)}")
    cay.hears_nothing()
    scene.add(f"cay hears {MOST} lines of ann's and {MOST} of bob's")


# ---- what was said before ---------------------------------------------------
def last_ten(scene: Scene) -> None:
    """Who comes hears the last ten lines that were said, and no notices."""
    server = scene.serve()
    ann, bob = bring(scene, server, "ann", "bob")
    ann.says(*(f"line {n}" for n in range(1, 7)), "/nick anna", "/who")
    ann.until("* in lobby: anna, bob")
    bob.until("* ann is now anna")
    bob.says("here I am", *(f"word {n}" for n in range(1, 6)))
    bob.until("bob: word 5")
    cay = Person(scene, server, "cay")
    cay.says("/who")
    if not (line := cay.hear()).startswith("* you are guest-"):
        scene.fail(f"cay should be welcomed first, and hears {shown(line)}")
    cay.hears(*(f"ann: line {n}" for n in range(3, 7)), "bob: here I am",
              *(f"bob: word {n}" for n in range(1, 6)), "* in lobby: anna, bob, guest-3")


def of_this_room(scene: Scene) -> None:
    """Each room has its own, and who joins hears it as well."""
    ann, bob, cay = bring(scene, scene.serve(), "ann", "bob@kitchen", "cay@kitchen")
    ann.says("it is quiet here")
    ann.hears("ann: it is quiet here")
    bob.says("who ate the cake?")
    for person in bob, cay:
        person.hears("bob: who ate the cake?")
    ann.says("/join kitchen", "/who")
    ann.hears("* ann has come from lobby", "bob: who ate the cake?", "* in kitchen: ann, bob, cay")
    bob.hears("* ann has come from lobby")
    bob.hears_nothing()


def forgets(scene: Scene) -> None:
    """What was said in a room that all have left is forgotten."""
    ann, bob, cay = bring(scene, scene.serve(), "ann@kitchen", "bob@kitchen", "cay")
    ann.says("the cake was mine")
    for person in ann, bob:
        person.hears("ann: the cake was mine")
    bob.says("/join lobby")
    bob.hears("* bob has come from kitchen")
    ann.hears("* bob has left for lobby")
    ann.says("/quit")
    ann.hears("* good bye")
    ann.client.leave()
    settle(bob, cay)
    cay.says("/join kitchen", "/who")
    cay.hears("* cay has come from lobby", "* in kitchen: cay")


# ---- the smallest chat ------------------------------------------------------
NOTICE = re.compile(r"\* (you are .*|\S+ is here|\S+ has left)")


class Talker(Person):
    """One who does not mind whether the chat tells of who comes and goes."""

    def hear(self) -> str:
        while NOTICE.fullmatch(line := super().hear()):
            pass
        return line


def talkers(scene: Scene, server: BoundedServer, names: str) -> list[Talker]:
    there: list[Talker] = []
    for name in names:
        there.append(Talker(scene, server, name))
        there[-1].says(".", quiet=True)
        for person in there:
            if not (line := person.hear()).endswith("."):
                scene.fail(f"{name} says “.”, and {person.name} hears {shown(line)}")
    return there


def all_hear(people: list[Talker], *lines: str) -> None:
    for person in people:
        person.hears(*lines)


def guests(scene: Scene) -> None:
    """Each has a name, and it stands before what they say."""
    server = scene.serve()
    a, b = people = talkers(scene, server, "AB")
    a.says("hello")
    all_hear(people, "guest-1: hello")
    b.says("hi")
    all_hear(people, "guest-2: hi")
    a.client.stop_sending()
    a.client.hear_end()
    people = [b, *talkers(scene, server, "C")]
    b.hears("guest-3: .")
    people[1].says("am I the third?")
    all_hear(people, "guest-3: am I the third?")


def new_name(scene: Scene) -> None:
    """With /nick one takes another name, and all hear of it."""
    a, b = people = talkers(scene, scene.serve(), "AB")
    a.says("/nick ann")
    all_hear(people, "* guest-1 is now ann")
    a.says("hello")
    all_hear(people, "ann: hello")
    for line in "/nick", "/nick ann: I owe bob a cake", "/nick x\ny", "/nick " + 17 * "x":
        a.says(line)
        if not (heard := a.hear()).startswith("* a name has "):
            scene.fail(f"A should hear what a name has, and hears {shown(heard)}")
    b.says("well?")
    b.hears("guest-2: well?")


def taken(scene: Scene) -> None:
    """A name that somebody has is refused, to the asker alone, until they leave."""
    a, b = people = talkers(scene, scene.serve(), "AB")
    a.says("/nick ann")
    all_hear(people, "* guest-1 is now ann")
    for name in "ann", "Ann", "guest-1", "guest-77":
        b.says(f"/nick {name}")
        b.hears(f"* {name} is taken")
    b.says("a pity")
    all_hear(people, "guest-2: a pity")
    a.client.stop_sending()
    a.client.hear_end()
    b.says("/nick ann")
    b.hears("* guest-2 is now ann")


def in_order(scene: Scene) -> None:
    """An answer stands between what was said before it and what was said after it."""
    server = scene.serve()
    a, b = talkers(scene, server, "AB")
    b.says("/nick bob")
    for person in a, b:
        person.hears("* guest-2 is now bob")
    scene.freeze(server)
    a.says("before", "/nick bob", "after", "/nick", "/nick ann")
    scene.thaw(server)
    a.hears("guest-1: before", "* bob is taken", "guest-1: after")
    if not (line := a.hear()).startswith("* a name has "):
        scene.fail(f"A should hear what a name has, and hears {shown(line)}")
    a.hears("* guest-1 is now ann")
    b.hears("guest-1: before", "guest-1: after", "* guest-1 is now ann")
