"""Which exercise, which chapter, which command is meant."""

from __future__ import annotations

import difflib
import re

from coach import manifest, state, workspace
from coach.manifest import Exercise

ATTENDEES = ("list", "start", "check", "watch", "hint", "solution", "diff", "reset", "goto",
             "progress", "doctor", "update")
OTHERS = ("schedule", "bundle", "verify", "export")


class Refused(Exception):
    """What was asked cannot be done; the text says why and what can be."""


def number_of(name: str) -> str:
    """5.2 is 05.2, and 6 is chapter 06."""
    match = re.fullmatch(r"(\d{1,2})(\.\d+)?", name)
    return f"{int(match[1]):02}{match[2] or ''}" if match else name


def find(name: str) -> Exercise:
    known = {one.id: one for one in manifest.exercises()}
    if number_of(name) in known:
        return known[number_of(name)]
    raise Refused(f"There is no exercise {name}. tools/workshop list names them all.")


def chosen(name: str | None, why: str = "Which exercise?") -> Exercise:
    """The one named, or the one that is under way, or was last."""
    if name:
        return find(name)
    found, _ = state.load()
    known = {one.id: one for one in manifest.exercises()}
    touched = [one for one in found if one in known]
    if current := state.current():
        return find(current)
    if touched and not found[touched[-1]].given:
        return known[touched[-1]]
    raise Refused(f"{why} {begins(found)}")


def begins(found: dict[str, state.Progress]) -> str:
    """How to begin what comes next."""
    one = following(found)
    return (f"tools/workshop start {one} begins the {'next' if found else 'first'}." if one else
            "You have been through all of them: tools/workshop list.")


def following(found: dict[str, state.Progress]) -> str:
    """What comes behind the one that was last touched, those that are over left
    out; "" when all are."""
    names = [one.id for one in manifest.exercises()]
    last = next((names.index(one) for one in reversed(found) if one in names), -1)
    todo = [one for one in names if one not in found or not found[one].over]
    return next((one for one in todo if names.index(one) > last), todo[0] if todo else "")


def begun(name: str | None) -> Exercise:
    one = chosen(name)
    if not workspace.exists(one):
        raise Refused(f"{one.id} has not been started: tools/workshop start {one.id}")
    return one


def command(name: str) -> None:
    """Refuses what is none, and says what it is like."""
    if name in (*ATTENDEES, *OTHERS):
        return
    near = difflib.get_close_matches(name, ATTENDEES, 3, 0.5)
    raise Refused(f"There is no command {name[:20]}. " + (
        f"Is it {' or '.join(near)}?" if near else f"There are {', '.join(ATTENDEES)}."))
