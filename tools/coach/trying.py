"""Tries an exercise as it lies in work/: compiles, runs the checks, explains."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from coach import answers, building, report, state, workspace
from coach.manifest import Exercise
from coach.scene import run_check
from coach.texts import wrapped

Tell = Callable[[str], None]


@dataclasses.dataclass
class Result:
    """passed; or why not, as text. `remark`: what to know although it passed."""
    passed: bool
    text: str
    remark: str = ""


def attempt(one: Exercise, tell: Tell, answer: str = "", record: bool = True) -> Result:
    """The first check that fails ends it."""
    if not workspace.exists(one) and not (answer and not one.is_code):
        return Result(False, f"There is nothing to check yet: tools/workshop start {one.id}")
    result = attempt_code(one, tell) if one.is_code else attempt_answer(one, tell, answer)
    if record:
        state.note(one.id, "passed" if result.passed else "failed")
    return result


def attempt_code(one: Exercise, tell: Tell) -> Result:
    files = workspace.mine(one)
    missing = [name for name in one.files if name not in files]
    if missing:
        return Result(False, f"work/{one.id}/{missing[0]} is gone. "
                      f"tools/workshop reset {one.id} puts the starter there.")
    tell("compiling")
    try:
        path = building.build(files, one.chapter)
    except building.BuildError as error:
        return Result(False, str(error))
    for name in one.checks:
        tell(f"trying {name.replace('_', ' ')}")
        outcome = run_check(one, path, name)
        if outcome.passed:
            tell(f"✓ {outcome.title}")
            continue
        text = report.tell(one, outcome)
        if outcome.ours:
            text += f"\n\nThis is a fault of the kit, not yours. Please report it:\n{outcome.ours}"
        return Result(False, text)
    remark = "" if workspace.edited(one) else "You have not changed anything."
    return Result(True, success(one), remark)


def attempt_answer(one: Exercise, tell: Tell, answer: str) -> Result:
    text = answer or workspace.mine(one)[answers.NAME]
    try:
        answers.given(one, text)
        tell("doing it")
        verdict = answers.judge(one, text)
    except answers.NoAnswer as error:
        return Result(False, str(error))
    said = f"{verdict.text}\n\n{report.link(one)}"
    return Result(verdict.right or verdict.seen, said)


def success(one: Exercise) -> str:
    """What others try, once it can spoil nothing any more."""
    parts = ["All checks pass."]
    if one.mutants:
        parts.append("What also comes to mind, and does not do:\n" + "\n".join(
            wrapped(f"* {mutant.why}", "  ") for mutant in one.mutants))
    if one.seen:
        parts.append("The same elsewhere:\n" + "\n".join(f"  {address}" for address in one.seen))
    parts.append(report.link(one))
    return "\n\n".join(parts)
