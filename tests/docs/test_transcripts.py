"""What the book prints of each session comes out again in the same shape.

Shape: the same commands, and after each the same kinds of lines, with figures
masked and repeats counted once: how many bytes a write took, or which of two
clients was first, differs from run to run; what is said does not.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import pathlib
import re
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Some sessions count on one command being under way when the next begins, as a
# reader with two terminals does. On a machine that is busy with other tests it
# may be late; what has changed differs every time.
TRIES = 3
SESSIONS = sorted((ROOT / "chapters").glob("*/transcripts/*.session"))


def load_tool():
    loader = importlib.machinery.SourceFileLoader(
        "transcripts", str(ROOT / "tools/transcripts"))
    spec = importlib.util.spec_from_loader("transcripts", loader)
    module = importlib.util.module_from_spec(spec)
    keep, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = keep
    return module


TOOL = load_tool()


def shape(text: str) -> list[tuple[str, frozenset[str]]]:
    """Each command with the kinds of lines that it printed."""
    found: list[tuple[str, set[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line, set()))
        elif found:
            masked = re.sub(r"( [0-9a-f]{2}){4,}$", " HEX", line)
            masked = re.sub(r"\d[\d,.]*", "N", masked)
            found[-1][1].add(re.sub(r"\s+", " ", masked).strip())
    return [(command, frozenset(lines)) for command, lines in found]


def test_there_are_sessions() -> None:
    assert SESSIONS


@pytest.mark.parametrize(
    "session", SESSIONS,
    ids=[f"{path.parent.parent.name[:2]}-{path.stem}" for path in SESSIONS])
def test_a_session_prints_the_same_again(session: pathlib.Path) -> None:
    printed = TOOL.target(session)
    if not printed.exists():
        pytest.fail(f"{printed.relative_to(ROOT)} is missing: make transcripts")
    expected = shape(printed.read_text())
    for _ in range(TRIES - 1):
        if shape(TOOL.play(session)) == expected:
            return
    assert shape(TOOL.play(session)) == expected


def test_another_answer_is_another_shape() -> None:
    before = "$ talk\nA hears 12 bytes\nA leaves\n"
    assert shape(before) == shape(before.replace("12", "13"))
    assert shape(before) != shape(before.replace("leaves", "waits"))
    assert shape(before) != shape(before.replace("$ talk", "$ walk"))
