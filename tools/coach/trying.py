"""Tries an exercise as it lies in work/: compiles, runs the checks, explains."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Callable

from coach import answers, building, files, report, sources, state, workspace
from coach.apart import Struck, apart
from coach.manifest import Exercise
from coach.scene import run_check
from coach.texts import printable, wrapped
from kit.server import ServerError

Tell = Callable[[str], None]
OURS = "This is a fault of the kit, not yours. Please report it:"


@dataclasses.dataclass
class Result:
    """passed; or why not, as text. `remark`: what to know although it passed.
    `counts`: not when the machine was in the way. `ours`: whose answer it is when
    it is not the attendee's: "given" by goto, "looked up". `headline`: which check
    has failed, and how."""
    passed: bool
    text: str
    remark: str = ""
    counts: bool = True
    ours: str = ""
    headline: str = ""

    @property
    def deed(self) -> str:
        """What to note of it."""
        if not self.counts or self.ours == "given":
            return ""
        return "looked" if self.ours else "passed" if self.passed else "failed"


def attempt(one: Exercise, tell: Tell, answer: str = "", stale: Callable[[], bool] = lambda: False) -> Result:
    """The first check that fails ends it. apart.Stale as soon as stale() is true."""
    if not workspace.exists(one) and not (answer and not one.is_code):
        return Result(False, f"There is nothing to check yet: tools/workshop start {one.id}")
    try:
        result = apart(lambda say: guarded(one, say, answer), tell, stale)
    except Struck as error:
        result = Result(False, wrapped(str(error)))
    result.text, result.headline = printable(result.text), printable(result.headline)
    if result.deed:
        state.note(one.id, result.deed)
    return result


def guarded(one: Exercise, tell: Tell, answer: str) -> Result:
    """Whatever happens, there is something to say."""
    try:
        return attempt_code(one, tell) if one.is_code else attempt_answer(one, tell, answer)
    except (files.Unreadable, building.BuildError) as error:
        return Result(False, str(error), counts=False)
    except OSError as error:
        return Result(False, files.in_words(error), counts=False)
    except Exception:
        return Result(False, f"{OURS}\n{traceback.format_exc()}", counts=False)


def attempt_code(one: Exercise, tell: Tell) -> Result:
    mine = workspace.mine(one)
    missing = [name for name in one.files if name not in mine]
    if missing:
        return Result(False, f"{files.shown(workspace.folder(one) / missing[0])} is gone. "
                      f"tools/workshop reset {one.id} puts the starter there.")
    if once := building.first_time():
        tell(once)
        building.library_of(sanitized=True)
    tell("compiling")
    try:
        path = building.build(mine, one.chapter)
    except building.BuildError as error:
        return Result(False, "\n\n".join(filter(None, [strange(mine), str(error)])))
    mine_to_run = building.by_hand(one.id, path)
    for name in one.checks:
        tell(f"trying {name.replace('_', ' ')}")
        outcome = run_check(one, path, name)
        if outcome.passed:
            tell(f"✓ {outcome.title}")
            continue
        text = report.tell(one, outcome)
        if outcome.ours:
            text += f"\n\n{OURS}\n{outcome.ours}"
        elif mine_to_run:
            text += f"\n{report.by_hand(mine_to_run, outcome)}"
        return Result(False, text, headline=report.headline(outcome))
    ours = whose(one, mine)
    remark = "" if ours or workspace.edited(one) else "You have not changed anything."
    return Result(True, success(one), remark, ours=ours)


def whose(one: Exercise, mine: sources.Files) -> str:
    """What passes may be our own solution: whoever has it from us has not done
    it, unless it has passed before."""
    before = state.of(one.id)
    if before.passed:
        return ""
    if before.given and not workspace.edited(one):
        return "given"
    same = before.shown and workspace.plain(mine) == sources.solution(one)
    return "looked up" if same else ""


def strange(mine: sources.Files) -> str:
    """A compiler does not say it when a text is none."""
    for name, text in mine.items():
        if not text.strip():
            return f"{name} is empty."
        if "\0" in text:
            return f"{name}:{text[:text.index(chr(0))].count(chr(10)) + 1} holds a zero byte: it is not UTF-8."
        for number, line in enumerate(text.split("\n"), 1):
            if any("\udc80" <= letter <= "\udcff" for letter in line):
                return f"{name}:{number} is not UTF-8. Save it in that encoding, and try again."
    return ""


def attempt_answer(one: Exercise, tell: Tell, answer: str) -> Result:
    text = answer or files.lines_of(workspace.mine(one)[answers.NAME])
    try:
        found = answers.read(one, text)
        if once := building.first_time(one.chapter):
            tell(once)
            building.reference(one.chapter)
        tell("doing it")
        verdict = answers.judge(one, found)
    except answers.NoAnswer as error:
        return Result(False, str(error), counts=False)
    except (AssertionError, ServerError) as error:
        return Result(False, f"The experiment did not go as it should on this machine; the answer has not "
                      f"been looked at. Try it again.\n\n{error}", counts=False)
    said = f"{verdict.text}\n\n{report.link(one)}"
    return Result(verdict.right or verdict.seen, said, ours="looked up" if verdict.seen else "")


def success(one: Exercise) -> str:
    """What others try, once it can spoil nothing any more."""
    parts = ["All checks pass."]
    if one.mutants:
        parts.append("Tempting, and wrong:\n" + "\n".join(
            wrapped(f"* {mutant.why}", "  ") for mutant in one.mutants))
    if one.seen:
        parts.append("The same elsewhere:\n" + "\n".join(f"  {address}" for address in one.seen))
    parts.append(report.link(one))
    return "\n\n".join(parts)
