"""The manifest's texts for a terminal and for a file: AsciiDoc's marks go."""

from __future__ import annotations

import re
import textwrap

from coach.manifest import LEVELS, Exercise

WIDTH = 78
# What could command a terminal, or show a text other than it is: control
# characters, those that turn the direction of writing, bytes that are no UTF-8.
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
                      "\ufeff\ud800-\udfff]")


def printable(text: str) -> str:
    """Somebody else's text, harmless: its commands to the terminal are spelt out."""
    def spelt(match: re.Match[str]) -> str:
        code = ord(match[0])
        code -= 0xDC00 if 0xDC80 <= code <= 0xDCFF else 0  # a byte
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"

    return COMMANDS.sub(spelt, text.replace("\r\n", "\n"))


def plain(text: str) -> str:
    """`code`, *strong*, _emphasis_ and links as a person would type them."""
    text = re.sub(r"(?:link:|xref:)?(https?://[^\s\[]+)\[([^\]]*)\]", r"\2 (\1)", text)
    text = re.sub(r"xref:[^\s\[]+\[([^\]]*)\]", r"\1", text)
    text = re.sub(r"(?:man|term|call|file):([^\s\[]+)\[([^\]]*)\]",
                  lambda m: f"{m[1]}({m[2]})" if m[0].startswith("man:") else (m[2] or m[1]), text)
    text = re.sub(r"`\+?([^`]*?)\+?`", r"\1", text)
    text = re.sub(r"(?<!\w)\*{1,2}([^*\n]+)\*{1,2}(?!\w)", r"\1", text)
    return re.sub(r"(?<!\w)_([^_\n]+)_(?!\w)", r"\1", text)


def wrapped(text: str, indent: str = "") -> str:
    """Paragraphs are filled; a list keeps its lines, a listing its columns."""
    out, listing = [], False
    for block in re.split(r"\n\s*\n", plain(text)):
        lines = []
        for line in block.splitlines():
            if re.fullmatch(r"-{4,}|\.{4,}|\[source[^\]]*\]", line):
                listing = listing != (line[0] in "-.")
                continue
            if listing:
                lines.append(indent + "    " + line)
            elif re.match(r"\s*(\*|-|\.|\d+\.) ", line):
                lines.append(textwrap.fill(line.strip(), WIDTH, initial_indent=indent,
                                           subsequent_indent=indent + "  "))
            elif lines and not listing and not lines[-1].startswith(indent + "    "):
                lines[-1] += " " + line.strip()
            else:
                lines.append(line.strip())
        filled = [line if line.startswith(indent + "    ") else
                  textwrap.fill(line.strip(), WIDTH, initial_indent=indent,
                                subsequent_indent=indent + hanging(line), break_long_words=False,
                                break_on_hyphens=False) for line in lines]
        out.append("\n".join(filled))
    return "\n\n".join(filter(None, out))


def hanging(line: str) -> str:
    return "  " if re.match(r"\s*(\*|-|\.|\d+\.) ", line) else ""


def minutes(one: Exercise) -> str:
    return "30 s" if one.minutes < 1 else f"{one.minutes:g} min"


def readme(one: Exercise) -> str:
    """The task, as it lies beside the attendee's file."""
    parts = [f"{one.id} {one.title}", f"{one.kind}, about {minutes(one)} (level {one.level}: "
             f"{LEVELS[one.level]})", wrapped(one.task)]
    if one.question:
        parts.append(wrapped(one.question))
    if one.command:
        parts.append("    " + one.command)
    if one.is_code:
        parts.append(f"Edit: {', '.join(one.files)}")
    parts.append(f"Then: tools/workshop check {one.id}\n"
                 f"Stuck: tools/workshop hint {one.id}")
    return "\n\n".join(parts) + "\n"
