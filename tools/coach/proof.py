"""Proves exercises in both directions: a starter fails, with the words that the
manifest promises; a solution passes; the usual wrong solutions are refused by
the check that is there for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from coach import building, sources
from coach.manifest import Exercise, Mutant
from coach.report import tell
from coach.scene import Outcome, run_check, run_experiment


class ProofError(Exception):
    """An exercise is not what it says."""


def first_failure(one: Exercise, files: sources.Files, sanitized: bool = True) -> Outcome | None:
    """Runs the checks in their order, as the runner does; the first that fails."""
    path = building.build(files, one.chapter, sanitized)
    for name in one.checks:
        outcome = run_check(one, path, name)
        if not outcome.passed:
            if outcome.ours:
                raise ProofError(f"{one.id}: {name} is broken:\n{outcome.ours}")
            return outcome
    return None


def prove_starter(one: Exercise) -> Outcome:
    """It fails with the intended message."""
    outcome = first_failure(one, sources.starter(one))
    if outcome is None:
        raise ProofError(f"{one.id}: the starter passes all checks")
    text = tell(one, outcome)
    if not re.search(one.says, text):
        raise ProofError(f"{one.id}: the starter fails, but not with {one.says!r}:\n{text}")
    return outcome


def prove_solution(one: Exercise, times: int = 1) -> None:
    for _ in range(times):
        outcome = first_failure(one, sources.solution(one))
        if outcome is not None:
            raise ProofError(f"{one.id}: the solution fails:\n{tell(one, outcome)}")


def prove_mutant(one: Exercise, mutant: Mutant) -> Outcome:
    """The named check refuses it."""
    path = building.build(sources.mutant(one, mutant.name), one.chapter)
    outcome = run_check(one, path, mutant.killed_by)
    if outcome.ours:
        raise ProofError(f"{one.id}: {mutant.killed_by} is broken:\n{outcome.ours}")
    if outcome.passed:
        raise ProofError(f"{one.id}: {mutant.name} passes {mutant.killed_by}")
    return outcome


def prove_prediction(one: Exercise) -> str:
    """The experiment gives what the right choice says, and no other does."""
    value, _ = run_experiment(one)
    if str(value) != one.right.value:
        raise ProofError(f"{one.id}: the experiment gives {value!r}, the right choice says "
                         f"{one.right.value!r}")
    return str(value)


def prove_measurement(one: Exercise) -> float:
    """Two runs agree as closely as an answer must."""
    values = [float(run_experiment(one)[0]) for _ in range(2)]
    low, high = sorted(values)
    if high - low > one.within * high:
        raise ProofError(f"{one.id}: two runs gave {low:g} and {high:g}, and an answer may be off "
                         f"by {one.within:.0%}")
    return values[0]


def prove(one: Exercise) -> Iterator[str]:
    """All of it, a line for each."""
    if one.kind == "predict":
        yield f"{one.id} the experiment agrees with choice {one.right.key}: {prove_prediction(one)}"
    elif one.kind == "measure":
        yield f"{one.id} two runs agree: {prove_measurement(one):g}"
    else:
        yield f"{one.id} the starter fails as intended: {prove_starter(one).what.splitlines()[0]}"
        prove_solution(one)
        yield f"{one.id} the solution passes"
        for mutant in one.mutants:
            yield (f"{one.id} {mutant.killed_by} kills {mutant.name}: "
                   f"{prove_mutant(one, mutant).what.splitlines()[0]}")
