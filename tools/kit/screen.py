"""What strangers say, on a terminal: made safe, measured, wrapped, coloured."""

from __future__ import annotations

import unicodedata
import zlib

LOST = "\ufffd"  # stands where something was that a terminal would obey
# Unicode's Bidi_Control: text behind one of them may look like another's.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
                    "\u2066\u2067\u2068\u2069")
OBEYED = frozenset(("Cc", "Zl", "Zp", "Cs"))
COLOURS = (36, 33, 35, 32, 34, 31)  # ANSI: readable on light and on dark


def safe(text: str) -> str:
    """The text without anything that a terminal would obey. The servers do the
    same before they pass a line on; but who says that this is one of them?"""
    return "".join(
        " " if character == "\t"
        else LOST if character in TURNING or unicodedata.category(character) in OBEYED
        else character for character in text)


def width(text: str) -> int:
    """Columns that the text takes: wide characters two, combining ones none."""
    return sum(map(_width_of, text))


def _width_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, columns: int, indent: str) -> list[str]:
    """Lines that fit. All but the first begin with `indent`, so that nobody
    can fill a line with blanks and make the next look like somebody else's.
    Breaks at blanks where it can, and keeps every character."""
    lines, line, used, blank = [], "", 0, -1
    for character in text:
        size = _width_of(character)
        if used + size > columns:
            at = blank if blank > columns // 2 else len(line)
            lines.append(line[:at])
            line = indent + line[at:]
            used, blank = width(line), -1
        line += character
        used += size
        if character == " ":
            blank = len(line)
    return [*lines, line]


class Style:
    """Colours, or none of them."""

    def __init__(self, coloured: bool) -> None:
        self.coloured = coloured

    def _in(self, codes: str, text: str) -> str:
        return f"\x1b[{codes}m{text}\x1b[0m" if self.coloured and text else text

    def dim(self, text: str) -> str:
        return self._in("2", text)

    def bold(self, text: str) -> str:
        return self._in("1", text)

    def name(self, name: str, own: bool = False) -> str:
        """The same name has the same colour in every session."""
        colour = COLOURS[zlib.crc32(name.lower().encode()) % len(COLOURS)]
        return self._in(f"1;{colour}" if own else str(colour), name)
