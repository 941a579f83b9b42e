"""Looks at one exercise and tries it anew whenever a file of it is saved, also
while it is being tried."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from coach import choosing, screen, state, trying, verdict, workspace
from coach.apart import Stale
from coach.files import Unreadable, shown
from coach.manifest import Exercise
from coach.sources import Files
from coach.texts import printable, wrapped
from rich.markup import escape

PERIOD = 0.25  # seconds between two looks at the files
SETTLE = 0.15  # an editor that saves in two steps has done both by then
PATIENCE = 2.0  # seconds to wait for somebody who saves without an end
SHORT = 4  # lines of a text that has no headline


def watch(one: Exercise, rounds: int = 0) -> None:
    """Until Ctrl-C. It never goes on to the next exercise by itself. `rounds`:
    so many checks, then it ends (0: no end)."""
    out = screen.console()
    seen, done = None, 0
    while True:
        if stamp(one) == seen:
            time.sleep(PERIOD)
            continue
        seen = settled(one)
        show(one, "… looking")
        before = state.of(one.id)
        try:
            result = trying.attempt(one, lambda step: show(one, f"… {step}"),
                                    stale=changes(one, seen, contents(one)))
        except Stale:
            show(one, "… saved again")
            continue
        draw(one, out, result, before)
        done += 1
        if rounds and done >= rounds:
            return


def changes(one: Exercise, seen: tuple, text: Files | None) -> Callable[[], bool]:
    """Whether there is something else to try by now. An editor that saves the
    same again and again does not keep anybody from a result."""
    return lambda: stamp(one) != seen and contents(one) != text


def contents(one: Exercise) -> Files | None:
    """None of what cannot be read."""
    try:
        return workspace.mine(one)
    except (Unreadable, OSError):
        return None


def settled(one: Exercise) -> tuple:
    """The stamp when nothing is being saved any more."""
    end = time.monotonic() + PATIENCE
    before = stamp(one)
    while True:
        time.sleep(SETTLE)
        now = stamp(one)
        if now == before or time.monotonic() > end:
            return now
        before = now


def stamp(one: Exercise) -> tuple:
    """Changes when a file is saved, replaced or removed."""
    found = []
    for name in workspace.names(one):
        try:
            info = (workspace.folder(one) / name).stat()
            found.append((name, info.st_mtime_ns, info.st_size, info.st_ino))
        except OSError:
            found.append((name, 0, 0, 0))
    return tuple(found)


def show(one: Exercise, step: str) -> None:
    """One line that is written over on a terminal; elsewhere, nothing."""
    if screen.can_move():  # past rich, which leaves carriage returns out
        sys.stdout.write(f"\r\x1b[2K{screen.cut(printable(f'{one.id} {step}'), screen.columns() - 1)}")
        sys.stdout.flush()


def draw(one: Exercise, out, result: trying.Result, before: state.Progress) -> None:
    """The whole screen, calmly: what it is, how it stands, what to do. Where the
    screen is too low for that, its last lines say again what counts."""
    stands, text = verdict.line(one, result, before), escape(result.text)
    said = f"[dim]{escape(wrapped(footer(one, result.passed)))}[/]"
    parts = [screen.heading(one), stands, text, said]
    if screen.can_move():
        out.clear()
        room = screen.rows() - 1  # the last one is the cursor's
        if screen.rows_of("\n\n".join(parts)) > room:
            room -= screen.rows_of(f"\n{stands}\n\n{said}")
            short = screen.first_rows(headline(one, result), room)
            parts.insert(3, "\n".join(filter(None, [short, stands])))
    out.print("\n\n".join(parts))


def headline(one: Exercise, result: trying.Result) -> str:
    """Which check has failed, or what the compiler says first."""
    lines = [] if result.passed or not one.is_code else result.text.splitlines()
    return escape(result.headline or "\n".join(list(filter(None, lines))[:SHORT]))


def footer(one: Exercise, passed: bool) -> str:
    where = shown(workspace.folder(one))
    if passed:
        one_more = choosing.following(state.load()[0])
        return (f"Watching {where}. Ctrl-C ends it; " + (
            f"tools/workshop start {one_more} is what there is to do next." if one_more else
            "there is nothing more to do next: you have been through all of them."))
    return (f"Watching {where}: save to try again. Ctrl-C ends it. In another terminal: "
            f"tools/workshop hint {one.id}.")
