"""The manifests: complete, in order, and nothing is asked before it is taught."""

from __future__ import annotations

import dataclasses
import inspect
import re

import pytest
from coach import manifest
from coach.manifest import ROOT, Exercise, ManifestError
from coach.scene import checks_of

CHAPTERS = [f"{number:02}" for number in range(1, 9)]
LEAST, LEAST_IN_ALL = 4, 36
# The exhibits of the bug museum that can be mended in chapters 01 to 08.
MUSEUM = {f"B{n:02}" for n in (1, 2, 4, 5, 7, 8, 9, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21)}


def every() -> list[Exercise]:
    return manifest.exercises()


def test_nothing_is_wrong_with_the_manifests() -> None:
    assert list(manifest.problems()) == []


@pytest.mark.parametrize("number", CHAPTERS)
def test_each_chapter_has_exercises(number: str) -> None:
    assert len([one for one in every() if one.chapter == number]) >= LEAST


def test_there_are_enough_of_all_kinds_and_levels() -> None:
    assert len(every()) >= LEAST_IN_ALL
    assert {one.kind for one in every()} == set(manifest.KINDS)
    assert {one.level for one in every()} == set(manifest.LEVELS)


def test_every_exhibit_of_the_museum_can_be_mended() -> None:
    shown = {exhibit for one in every() for exhibit in one.museum}
    assert MUSEUM - shown == set()


@pytest.mark.parametrize("one", every(), ids=lambda one: one.id)
def test_the_paragraph_that_explains_it_exists(one: Exercise) -> None:
    page, _, anchor = one.explains.partition("#")
    prose = (ROOT / "chapters" / page / "chapter.adoc").read_text()
    assert re.search(rf"^\[(\.[\w.]+)?#{re.escape(anchor)}\]|\[\[{re.escape(anchor)}\]\]|^\[quiz#{anchor}",
                     prose, re.M), f"{one.id}: {one.explains}"


@pytest.mark.parametrize("number", CHAPTERS)
def test_each_check_is_used_and_exists(number: str) -> None:
    module = checks_of(number)
    functions = {name for name, value in inspect.getmembers(module, inspect.isfunction)
                 if value.__module__ == module.__name__ and not name.startswith("_")
                 and "scene" in list(inspect.signature(value).parameters)[:1]
                 and len(inspect.signature(value).parameters) == 1}
    used = {name for one in every() if one.chapter == number for name in (*one.checks, one.experiment)
            if name}
    assert used - functions == set(), "the manifest names what checks.py lacks"
    text = inspect.getsource(module)
    helpers = {name for name in functions if len(re.findall(rf"\b{name}\b", text)) > 1}
    assert functions - used - helpers == set(), "checks.py has what no exercise uses"


@pytest.mark.parametrize("one", [one for one in every() if one.is_code], ids=lambda one: one.id)
def test_each_check_says_in_words_what_it_is(one: Exercise) -> None:
    module = checks_of(one.chapter)
    for name in one.checks:
        assert (getattr(module, name).__doc__ or "").strip(), f"{name} has no docstring"


@pytest.mark.parametrize("level", manifest.LEVELS)
def test_a_level_means_what_it_says(level: int) -> None:
    low, high = {1: (0, 2), 2: (3, 20), 3: (25, 90)}[level]
    wrong = [f"{one.id} {one.minutes:g}" for one in every() if one.level == level
             and not low < one.minutes <= high]
    assert not wrong


# ---- what is refused -----------------------------------------------------
def with_first(monkeypatch: pytest.MonkeyPatch, **changes) -> list[str]:
    """The problems, with the first code exercise of the first chapter changed."""
    chapters = list(manifest.load())
    exercises = list(chapters[0].exercises)
    at = next(n for n, one in enumerate(exercises) if one.is_code)
    exercises[at] = dataclasses.replace(exercises[at], **changes)
    chapters[0] = dataclasses.replace(chapters[0], exercises=tuple(exercises))
    monkeypatch.setattr(manifest, "load", lambda: tuple(chapters))
    return list(manifest.problems())


@pytest.mark.parametrize(("changes", "told"), [
    ({"needs": ("edge",)}, "needs 'edge', which nothing before it introduces"),
    ({"needs": ()}, "needs no concept at all"),
    ({"id": "01.9"}, "should be 01."),
    ({"kind": "copy"}, "is of the kind 'copy'"),
    ({"level": 4}, "has level 4"),
    ({"hints": ("one",)}, "has 1 hints, not 3"),
    ({"explains": "nowhere"}, "which is not CHAPTER#anchor"),
    ({"explains": "05-edge-oneshot#a-change"}, "which comes later"),
    ({"checks": ()}, "has no check"),
    ({"says": ""}, "does not say what its starter is told"),
    ({"mutants": ()}, "has no mutant"),
    ({"question": "Which?"}, "has both code and an answer"),
])
def test_a_manifest_with_a_fault_is_refused(changes: dict, told: str,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    assert any(told in line for line in with_first(monkeypatch, **changes))


def test_an_unknown_key_is_refused(tmp_path) -> None:
    folder = ROOT / "chapters/01-thread-per-connection"
    with pytest.raises(ManifestError, match="there is no key 'colour'"):
        manifest.exercise_from(folder / "exercises/exercises.toml", {"id": "01.1", "colour": "red"})


def test_a_missing_key_is_refused() -> None:
    folder = ROOT / "chapters/01-thread-per-connection"
    with pytest.raises(ManifestError, match="01.1: lacks 'name'"):
        manifest.exercise_from(folder / "exercises/exercises.toml", {"id": "01.1"})
