"""Looks at one exercise and tries it anew whenever a file of it is saved."""

from __future__ import annotations

import time

from coach import choosing, screen, state, trying, verdict, workspace
from coach.files import shown
from coach.manifest import Exercise
from coach.texts import wrapped
from rich.markup import escape

PERIOD = 0.25  # seconds between two looks at the files
SETTLE = 0.15  # an editor that saves in two steps has done both by then
PATIENCE = 2.0  # seconds to wait for somebody who saves without an end


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
        show(one, out, "… looking")
        before = state.of(one.id)
        result = trying.attempt(one, lambda step: show(one, out, f"… {step}"))
        draw(one, out, result, before)
        done += 1
        if rounds and done >= rounds:
            return


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


def show(one: Exercise, out, step: str) -> None:
    """One line that moves on a terminal; elsewhere, nothing."""
    if screen.can_move():
        line = f"{one.id} {step}"[:screen.columns() - 1]
        out.print(f"\r\x1b[2K{escape(line)}", end="", soft_wrap=True)


def draw(one: Exercise, out, result: trying.Result, before: state.Progress) -> None:
    """The whole screen, calmly: what it is, how it stands, what to do."""
    if screen.can_move():
        out.clear()
    out.print(screen.heading(one))
    out.print()
    out.print(verdict.line(one, result, before))
    out.print()
    out.print(escape(result.text))
    out.print()
    out.print(f"[dim]{escape(wrapped(footer(one, result.passed)))}[/]")


def footer(one: Exercise, passed: bool) -> str:
    where = shown(workspace.folder(one))
    if passed:
        one_more = choosing.following(state.load()[0])
        return (f"Watching {where}. Ctrl-C ends it; " + (
            f"tools/workshop start {one_more} is what there is to do next." if one_more else
            "there is nothing more to do next: you have been through all of them."))
    return (f"Watching {where}: save to try again. Ctrl-C ends it. In another terminal: "
            f"tools/workshop hint {one.id}.")
