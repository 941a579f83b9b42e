"""The catalogue's rows for chapter 08's chat: what one types must not do
anything to another's terminal, name or room.

Attackers and witness meet in a room of their own, because the bystanders know
only their own words.
"""

from __future__ import annotations

import unicodedata

from rows import row
from scene import MEBIBYTE, Scene
from voices import Voice
from kit.waiting import wait_until

BIDIRECTIONAL = "\u061c\u200e\u200f" + "".join(map(chr, [*range(0x202a, 0x202f),
                                                         *range(0x2066, 0x206a)]))
CONTROLS = ("Cc", "Zl", "Zp")
LOST = "\ufffd"  # what stands where a control character was

# What is typed, and what the others may read of it.
TYPED = {
    "two\r\nlines": f"two{LOST}{LOST}lines",
    "a notice\n* ann has left": f"a notice{LOST}* ann has left",
    "another speaker\nbob: I owe you": f"another speaker{LOST}bob: I owe you",
    "the end\0of a string": f"the end{LOST}of a string",
    "\x1b[2J\x1b[31mred\x07": f"{LOST}[2J{LOST}[31mred{LOST}",
    "\x1b]0;title\x07\x1b]52;c;ZWNobw==\x1b\\": f"{LOST}]0;title{LOST}{LOST}]52;c;ZWNobw=={LOST}\\",
    "\x9b2J and \x85 and \x7f": f"{LOST}2J and {LOST} and {LOST}",
    "over\rwritten\b\b": f"over{LOST}written{LOST}{LOST}",
    "para\u2028graph\u2029s": f"para{LOST}graph{LOST}s",
    "a\ttab": "a tab",
    "* no notice": "* no notice",
    "//no command": "/no command",
    " /no command": " /no command",
    "gr\u00fc\u00dfe, \u4f60\u597d \U0001f600": "gr\u00fc\u00dfe, \u4f60\u597d \U0001f600",
    **{f"to the {mark} left": f"to the {LOST} left" for mark in BIDIRECTIONAL},
}
NO_UTF8 = [b"\xff", b"\xc0\xaf", b"caf\xe9", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe4\xbd",
           b"fine so far \x80"]
NOT_UTF8 = "* that was not UTF-8, nobody has heard it"
TOO_LONG = "* a line has 1,000 bytes at most, nobody has heard it"


class Talker:
    """A client of the chat, line by line."""

    def __init__(self, voice: Voice) -> None:
        self.voice, self.lines = voice, []
        voice.wire.decode = self._decode  # no voice: lines as they come
        self.name = self.hear().split()[3]
        self.tell("/join cellar")
        self.hear_until("* in cellar", "/who")

    def _decode(self, data: bytes) -> list[bytes]:
        self.lines += self.voice.wire.lines(data)
        return []

    def tell(self, *lines: str | bytes) -> None:
        self.voice.put(b"".join(map(self.voice.wire.line, lines)))

    def hear(self) -> str:
        """The next line, whoever it is from; safe to print."""
        wait_until(lambda: self.lines or self.voice._pull() and self.lines,
                   f"a line for {self.voice.name}", deadline=self.voice.deadline)
        line = self.lines.pop(0)
        bad = [c for c in line if unicodedata.category(c) in CONTROLS or c in BIDIRECTIONAL]
        assert not bad, self.voice.story.fail(f"{self.voice.name} hears {bad} in {line!r}")
        return line

    def hear_until(self, start: str, question: str = "") -> list[str]:
        """All lines up to the one that starts so, which may have to be asked."""
        if question:
            self.tell(question)
        heard = [self.hear()]
        while not heard[-1].startswith(start):
            heard.append(self.hear())
        return heard

    def hears(self, expected: str) -> None:
        got = self.hear()
        assert got == expected, self.voice.story.fail(
            f"{self.voice.name} hears {got!r}, not {expected!r}")

    def hears_nothing(self) -> None:
        """Nothing came before the answer to a question asked now."""
        heard = self.hear_until("* in cellar", "/who")
        assert len(heard) == 1, self.voice.story.fail(f"{self.voice.name} hears {heard[:-1]}")


def meet(scene: Scene) -> tuple[Talker, Talker]:
    witness = Talker(scene.attacker("the witness"))
    attacker = Talker(scene.attacker())
    witness.hears(f"* {attacker.name} has come from lobby")
    scene.story.add("the attacker and a witness are in a room of their own")
    return attacker, witness


@row(speaks=("chat",))
def terminal_attacks(scene: Scene) -> None:
    """Whatever is typed, it is one line of printable characters that others
    read, with its speaker's name before it."""
    attacker, witness = meet(scene)
    for typed, read in TYPED.items():
        attacker.tell(typed)
        for listener in attacker, witness:
            listener.hears(f"{attacker.name}: {read}")
    scene.story.add(f"{len(TYPED)} lines are harmless")
    for typed in NO_UTF8:
        attacker.tell(typed)
        attacker.hears(NOT_UTF8)
    witness.hears_nothing()
    # Its own terminal is the attacker's as well: somebody else may have made it
    # type that.
    for typed in "\x1b[2J", "/\x1b[2J", "/nick \x1b[2J", "/join \u202e", "/who\r\n", "/\u2028":
        attacker.tell(typed)
        attacker.hear_until("* in cellar", "/who")


@row(speaks=("chat",))
def long_lines(scene: Scene) -> None:
    """A line has 1,000 bytes at most, however many it promises, commands
    included; a character on the border does not make it longer."""
    attacker, witness = meet(scene)
    for typed in "x" * 1001, "x" * MEBIBYTE, "/nick " + "x" * 1000, "\u00fc" * 501, "\x1b" * 1001:
        attacker.tell(typed)
        attacker.hears(TOO_LONG)
    attacker.tell(b"\xff" * MEBIBYTE)
    assert attacker.hear() in (TOO_LONG, NOT_UTF8), scene.story.fail("not refused")
    witness.hears_nothing()
    scene.memory()
    for typed in "x" * 1000, "\u00fc" * 500, "\x1b" * 1000:
        attacker.tell(typed)
        for listener in attacker, witness:
            listener.hears(f"{attacker.name}: " + typed.replace("\x1b", LOST))
    attacker.tell("/" + "x" * 999)
    attacker.hears("* no such command: /" + "x" * 999)
    scene.company.must_talk()


@row(speaks=("chat",))
def stolen_names(scene: Scene) -> None:
    """No name but a free and plain one, and nobody acts for another."""
    attacker, witness = meet(scene)
    witness.tell("/nick ann")
    for listener in attacker, witness:
        listener.hears(f"* {witness.name} is now ann")
    for name in "ann", "ANN", "Ann":
        attacker.tell(f"/nick {name}")
        attacker.hears(f"* {name} is taken")
    guests = "guest-1", "guest-99999", "GUEST-7", witness.name
    bad = "", " ", "a b", "x" * 17, "ann:", "*", "\u0430nn", "a\x1b[2J", "a\nb", "../x", "\u202eann"
    for command, what in ("/nick", "a name"), ("/join", "a room's name"):
        for name in bad:
            attacker.tell(f"{command} {name}")
            attacker.hears(f"* {what} has 1 to 16 letters, digits, - or _")
    for name in guests:
        attacker.tell(f"/nick {name}")
        attacker.hears(f"* {name} is taken")
    attacker.tell("/kick ann", "/nick bob\n/quit", "hello\n/quit", "/quit ann\n")
    witness.hear_until(f"{attacker.name}: hello{LOST}/quit")
    assert "ann" in witness.hear_until("* in cellar", "/who")[-1]
    scene.company.must_talk()
