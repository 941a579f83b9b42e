"""One line that is being typed, with a history. It knows keys and no terminal."""

from __future__ import annotations

import codecs
import enum
import re
from collections.abc import Callable, Iterator

from kit.screen import safe, width

SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O.|[^\[O])", re.DOTALL)
BEGUN = re.compile(r"\x1b(\[[0-?]*[ -/]*|O)?")
MOST_HISTORY = 1000  # lines

Complete = Callable[[str], list[str]]  # what a word may become


class Key(enum.Enum):
    """What only the program can answer."""

    END = enum.auto()  # Ctrl-D on an empty line
    INTERRUPT = enum.auto()  # Ctrl-C
    SUSPEND = enum.auto()  # Ctrl-Z
    REDRAW = enum.auto()  # Ctrl-L


class Editor:
    def __init__(self, history: list[str] | None = None,
                 complete: Complete = lambda _word: []) -> None:
        self.text = ""
        self.at = 0  # the cursor: before this character
        self.history = list(history or [])
        self._place = len(self.history)  # in the history; its length: a new line
        self._draft = ""  # the new line, while an old one is looked at
        self._complete = complete
        self._decode = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = ""  # of an escape sequence that comes in pieces

    def feed(self, data: bytes) -> Iterator[str | Key]:
        """Takes what was typed. Gives the lines that were finished by Enter,
        and the keys that are the program's business."""
        text, self._begun = self._begun + self._decode.decode(data), ""
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                found = SEQUENCE.match(text, at)
                if not found:
                    if BEGUN.fullmatch(text, at):
                        self._begun = text[at:]
                        return
                    at += 1
                    continue
                self._sequence(found[1])
                at = found.end()
                continue
            answer = self._key(text[at])
            at += 1
            if answer is not None:
                yield answer

    def view(self, columns: int) -> tuple[str, int]:
        """What of the line fits, and the cursor's column in it."""
        start = 0
        while width(self.text[start:self.at]) >= max(columns, 1):
            start += 1
        end = start
        while end < len(self.text) and width(self.text[start:end + 1]) < columns:
            end += 1
        return self.text[start:end], width(self.text[start:self.at])

    # ---- keys -----------------------------------------------------------
    def _key(self, key: str) -> str | Key | None:
        match key:
            case "\r" | "\n":
                return self._enter()
            case "\x04" if not self.text:
                return Key.END
            case "\x04":
                self._delete()
            case "\x03" | "\x1a" | "\x0c":
                return {"\x03": Key.INTERRUPT, "\x1a": Key.SUSPEND, "\x0c": Key.REDRAW}[key]
            case "\x7f" | "\x08":
                self._backspace()
            case "\x01":
                self.at = 0
            case "\x05":
                self.at = len(self.text)
            case "\x02":
                self._left()
            case "\x06":
                self._right()
            case "\x10":
                self._older()
            case "\x0e":
                self._newer()
            case "\x0b":
                self.text = self.text[:self.at]
            case "\x15":
                self.text, self.at = self.text[self.at:], 0
            case "\x17":
                kept = self.text[:self.at].rstrip(" ")
                kept = kept[:kept.rfind(" ") + 1]
                self.text, self.at = kept + self.text[self.at:], len(kept)
            case "\t":
                self._tab()
            case _ if safe(key) == key:
                self._insert(key)
        return None

    def _sequence(self, sequence: str) -> None:
        match sequence:
            case "[A" | "OA":
                self._older()
            case "[B" | "OB":
                self._newer()
            case "[C" | "OC":
                self._right()
            case "[D" | "OD":
                self._left()
            case "[H" | "OH" | "[1~":
                self.at = 0
            case "[F" | "OF" | "[4~":
                self.at = len(self.text)
            case "[3~":
                self._delete()
            # Any other key means nothing here.

    # ---- what they do ---------------------------------------------------
    def _enter(self) -> str:
        line, self.text, self.at = self.text, "", 0
        if line and self.history[-1:] != [line]:
            self.history = [*self.history, line][-MOST_HISTORY:]
        self._place = len(self.history)
        return line

    def _insert(self, text: str) -> None:
        self.text = self.text[:self.at] + text + self.text[self.at:]
        self.at += len(text)

    def _left(self) -> None:
        """Over one character, and what is combined with it."""
        while self.at > 0:
            self.at -= 1
            if width(self.text[self.at]):
                return

    def _right(self) -> None:
        while self.at < len(self.text):
            self.at += 1
            if self.at == len(self.text) or width(self.text[self.at]):
                return

    def _backspace(self) -> None:
        end = self.at
        self._left()
        self.text = self.text[:self.at] + self.text[end:]

    def _delete(self) -> None:
        start = self.at
        self._right()
        self.text, self.at = self.text[:start] + self.text[self.at:], start

    def _older(self) -> None:
        self._look_at(self._place - 1)

    def _newer(self) -> None:
        self._look_at(self._place + 1)

    def _look_at(self, place: int) -> None:
        if not 0 <= place <= len(self.history):
            return
        if self._place == len(self.history):
            self._draft = self.text
        self._place = place
        self.text = self.history[place] if place < len(self.history) else self._draft
        self.at = len(self.text)

    def _tab(self) -> None:
        start = self.text.rfind(" ", 0, self.at) + 1
        word = self.text[start:self.at]
        found = self._complete(word) if word else []
        if len(found) == 1:
            after = ": " if start == 0 and not word.startswith("/") else " "
            self.text = self.text[:start] + self.text[self.at:]
            self.at = start
            self._insert(found[0] + after)
