"""The lines of a trace (common/trace.hpp says what is in them)."""

from __future__ import annotations

import json
import pathlib
from typing import Any

Line = dict[str, Any]
NEEDED = {"ns": int, "event": str, "n": int, "at": str, "thread": int}


class TraceError(RuntimeError):
    """A trace that cannot be used; says which, and where."""


def read_trace(path: pathlib.Path) -> list[Line]:
    """All lines in the order of their time. Raises TraceError, naming file
    and line, for a trace that is cut off or damaged."""
    text = path.read_text(errors="replace")
    lines = [check(path, number, line)
             for number, line in enumerate(text.splitlines(), 1)]
    if not lines:
        raise TraceError(f"{path}:1: the trace is empty")
    if not text.endswith("\n"):
        raise TraceError(f"{path}:{len(lines)}: the trace is cut off: "
                         "its last line does not end")
    return sorted(lines, key=lambda line: line["ns"])


def check(path: pathlib.Path, number: int, text: str) -> Line:
    try:
        line = json.loads(text)
    except ValueError as error:
        raise TraceError(f"{path}:{number}: no JSON, so the trace is cut off or "
                         f"damaged: {error}: {text[:60]!r}") from None
    if not isinstance(line, dict):
        raise TraceError(f"{path}:{number}: not an object: {text[:60]!r}")
    for key, kind in NEEDED.items():
        if not isinstance(line.get(key), kind):
            raise TraceError(f"{path}:{number}: no {key!r}, or not a {kind.__name__}: "
                             f"{text[:60]!r}")
    return line


# ---- repeats ----------------------------------------------------------------
LONGEST_ROUND = 8  # events that are repeated together
FEWEST_ROUNDS = 3  # a thing done twice is shown twice
REPEATABLE = {"wait", "wake", "event", "would_block"}  # they change nothing


def same(a: Line, b: Line) -> bool:
    return all(a.get(key) == b.get(key)
               for key in ("event", "fd", "token", "n", "detail", "at", "thread"))


def repeated(lines: list[Line], start: int, length: int) -> int:
    """How many lines from `start` on are a round of `length` over and over."""
    if not all(line["event"] in REPEATABLE for line in lines[start:start + length]):
        return 0
    end = start + length
    while end < len(lines) and same(lines[end], lines[end - length]):
        end += 1
    return end - start


def fold(lines: list[Line]) -> list[Line]:
    """Shows a round that is repeated once: each of its lines gets `times` and
    `until`, the time of its last repetition. The last round may be cut short."""
    folded: list[Line] = []
    at = 0
    while at < len(lines):
        for length in range(1, min(LONGEST_ROUND, len(lines) - at) + 1):
            total = repeated(lines, at, length)
            if total >= FEWEST_ROUNDS * length:
                for first in range(at, at + length):
                    same_ones = lines[first:at + total:length]
                    folded.append({**lines[first], "times": len(same_ones),
                                   "until": same_ones[-1]["ns"]})
                at += total
                break
        else:
            folded.append(lines[at])
            at += 1
    return folded


def merge_bytes(lines: list[Line]) -> list[Line]:
    """What a client sends or hears in several calls in a row is shown once."""
    merged: list[Line] = []
    for line in lines:
        last = merged[-1] if merged else {}
        if (line["event"] in ("send", "hear") and line["event"] == last.get("event")
                and line.get("who") == last.get("who")):
            merged[-1] = {**last, "n": last["n"] + line["n"], "detail": "", "frame": False,
                          "hex": ""}
        else:
            merged.append(line)
    return merged
