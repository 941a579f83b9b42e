"""Every exercise, in both directions: what is handed out fails, with the words
that it should fail with; the solution passes; the usual wrong solutions are
refused by the check that is there for them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from coach import manifest, proof, sources
from coach.manifest import Exercise, Mutant

CODE = [one for one in manifest.exercises() if one.is_code]
MUTANTS = [(one, mutant) for one in CODE for mutant in one.mutants]
AGAIN = 3  # times, under load
SPIN = "while True: pass"

of_code = pytest.mark.parametrize("one", CODE, ids=[f"{one.id}-{one.name}" for one in CODE])


def of_kind(kind: str):
    found = [one for one in manifest.exercises() if one.kind == kind]
    return pytest.mark.parametrize("one", found, ids=[f"{one.id}-{one.name}" for one in found])


@of_code
def test_the_starter_fails_as_intended(one: Exercise, proves) -> None:
    proves("starters failing as intended")
    proof.prove_starter(one)


@of_code
def test_the_solution_passes(one: Exercise, proves) -> None:
    proves("solutions passing")
    proof.prove_solution(one)


@pytest.mark.parametrize(("one", "mutant"), MUTANTS,
                         ids=[f"{one.id}-{one.name}-{mutant.name}" for one, mutant in MUTANTS])
def test_a_usual_wrong_solution_is_refused(one: Exercise, mutant: Mutant, proves) -> None:
    proves("mutants killed")
    proof.prove_mutant(one, mutant)


@of_kind("predict")
def test_what_is_predicted_happens(one: Exercise, proves) -> None:
    proves("predictions true")
    for _ in range(2):
        proof.prove_prediction(one)


@of_kind("measure")
def test_a_measurement_can_be_repeated(one: Exercise, proves) -> None:
    proves("measurements repeated")
    proof.prove_measurement(one)


@pytest.fixture
def load():
    """Programs that only compute: one for each core, however many tests run
    side by side."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    cores = os.cpu_count() or 1
    count = cores if not worker else int(worker.removeprefix("gw")) < cores
    busy = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(count)]
    yield
    for one in busy:
        one.kill()
        one.wait()


@of_code
def test_the_solution_passes_again_and_again_under_load(one: Exercise, load, proves) -> None:
    proves("solutions passing under load")
    proof.prove_solution(one, AGAIN)


@of_code
def test_a_starter_is_not_the_solution(one: Exercise) -> None:
    assert sources.starter(one) != sources.solution(one)
