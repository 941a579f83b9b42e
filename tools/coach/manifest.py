"""The exercises, as the chapters' manifests list them.

`chapters/NN-name/exercises/exercises.toml` is data: what a chapter teaches, and
its exercises. docs/contributing.adoc explains each key. This module reads all
of them as one list, and says what is wrong with them (`problems`); nothing
else reads TOML.
"""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import re
import tomllib
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
KINDS = ("predict", "build", "mend", "extend", "measure")
LEVELS = {1: "half a minute", 2: "five to twenty minutes", 3: "up to an hour"}
HINTS = 3


@dataclasses.dataclass(frozen=True)
class Choice:
    """An answer to a prediction. `value`: what the experiment gives if it is
    the right one."""
    key: str
    text: str
    why: str
    value: str
    right: bool = False


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A usual wrong solution; `killed_by` names the check that refuses it."""
    name: str
    killed_by: str
    why: str


@dataclasses.dataclass(frozen=True)
class Exercise:
    id: str  # 05.2
    name: str  # its folder's: the-burst
    title: str
    kind: str
    level: int  # 1 to 3
    minutes: float
    task: str  # AsciiDoc: paragraphs, `code`, *strong*, _emphasis_
    explains: str  # 05-edge-oneshot#drained: the paragraph that explains it
    hints: tuple[str, ...]
    needs: tuple[str, ...] = ()  # concepts
    introduces: tuple[str, ...] = ()
    # ---- build, mend, extend: code -----------------------------------------
    start: str = "server.cpp"  # what the starter is made of, in the chapter's folder
    goal: str = "server.cpp"  # and what the solution is made of
    files: tuple[str, ...] = ("server.cpp",)  # to be edited
    checks: tuple[str, ...] = ()  # functions of checks.py, in this order
    says: str = ""  # what the starter is told: a regular expression
    mutants: tuple[Mutant, ...] = ()
    museum: tuple[str, ...] = ()  # B01: exhibits of the bug museum
    seen: tuple[str, ...] = ()  # addresses of the same bug elsewhere
    # ---- predict, measure: an answer ---------------------------------------
    question: str = ""
    experiment: str = ""  # a function of checks.py that gives the value
    choices: tuple[Choice, ...] = ()
    command: str = ""  # measure: what to run
    within: float = 0.0  # measure: the share by which an answer may be off

    @property
    def chapter(self) -> str:
        return self.id[:2]

    @property
    def is_code(self) -> bool:
        return self.kind in ("build", "mend", "extend")

    @property
    def folder(self) -> pathlib.Path:
        return chapter_folder(self.chapter) / "exercises" / self.name

    @property
    def right(self) -> Choice:
        return next(choice for choice in self.choices if choice.right)


@dataclasses.dataclass(frozen=True)
class Chapter:
    """What a chapter's manifest says of the chapter itself."""
    number: str
    name: str  # 05-edge-oneshot
    title: str
    minutes: int  # to read
    introduces: tuple[str, ...]
    needs: tuple[str, ...]
    goals: tuple[str, ...]
    demo: str  # the demonstration: commands
    ask: str  # the question before it is run
    answer: str  # what is then seen, and why
    wrong: tuple[str, ...]  # common wrong answers, each with what to say
    cut: str  # what to leave out when late
    exercises: tuple[Exercise, ...]


@functools.cache
def chapter_folder(number: str) -> pathlib.Path:
    return next((ROOT / "chapters").glob(f"{number}-*/"))


def manifests() -> list[pathlib.Path]:
    return sorted((ROOT / "chapters").glob("*/exercises/exercises.toml"))


@functools.cache
def load() -> tuple[Chapter, ...]:
    return tuple(map(read, manifests()))


def exercises() -> list[Exercise]:
    return [one for chapter in load() for one in chapter.exercises]


def read(path: pathlib.Path) -> Chapter:
    try:
        data = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{shown(path)}: {error}") from error
    folder = path.parents[1]
    prose = (folder / "chapter.adoc").read_text()
    title = re.search(r"^= (.*)", prose, re.M)
    minutes = re.search(r"^:minutes: (\d+)", prose, re.M)
    return make(Chapter, path, {
        **data.get("chapter", {}), "number": folder.name[:2], "name": folder.name,
        "title": title[1] if title else folder.name, "minutes": int(minutes[1]) if minutes else 0,
        "exercises": tuple(exercise_from(path, entry) for entry in data.get("exercise", []))})


def exercise_from(path: pathlib.Path, entry: dict) -> Exercise:
    entry = dict(entry)
    entry["mutants"] = tuple(make(Mutant, path, one) for one in entry.pop("mutant", []))
    entry["choices"] = tuple(make(Choice, path, {**one, "key": key})
                             for one, key in zip(entry.pop("choice", []), "abcdefgh"))
    exercise = make(Exercise, path, entry)
    if exercise.explains.startswith("#"):
        exercise = dataclasses.replace(exercise, explains=path.parents[1].name + exercise.explains)
    return exercise


def make(kind, path: pathlib.Path, entry: dict):
    """A dataclass from a table; lists become tuples, texts lose their margins."""
    about = f"{shown(path)}: {entry.get('id') or entry.get('name') or 'chapter'}"
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if unknown := sorted(set(entry) - set(fields)):
        raise ManifestError(f"{about}: there is no key {unknown[0]!r}")
    lacking = [name for name, field in fields.items()
               if name not in entry and field.default is dataclasses.MISSING]
    if lacking:
        raise ManifestError(f"{about}: lacks {lacking[0]!r}")

    def tidy(value):
        if isinstance(value, list):
            return tuple(map(tidy, value))
        return value.strip() if isinstance(value, str) else value

    return kind(**{key: tidy(value) for key, value in entry.items()})


class ManifestError(Exception):
    """A manifest that cannot be read."""


def shown(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


# ---- what may be wrong --------------------------------------------------
def problems() -> Iterator[str]:
    """One line for each thing that is wrong, ready to be printed."""
    known: set[str] = set()  # concepts
    ids: set[str] = set()
    for chapter in load():
        where = f"chapters/{chapter.name}/exercises/exercises.toml"
        for need in chapter.needs:
            if need not in known:
                yield f"{where}: chapter {chapter.number} needs {need!r}, which nothing before it introduces"
        known.update(chapter.introduces)
        for number, one in enumerate(chapter.exercises, 1):
            if one.id != f"{chapter.number}.{number}":
                yield f"{where}: {one.id} should be {chapter.number}.{number}: they are numbered in order"
            if one.id in ids:
                yield f"{where}: {one.id} is there twice"
            ids.add(one.id)
            for need in one.needs:
                if need not in known:
                    yield f"{where}: {one.id} needs {need!r}, which nothing before it introduces"
            known.update(one.introduces)
            yield from (f"{where}: {one.id} {text}" for text in problems_of(one))


def problems_of(one: Exercise) -> Iterator[str]:
    if one.kind not in KINDS:
        yield f"is of the kind {one.kind!r}; there are: {', '.join(KINDS)}"
    if one.level not in LEVELS:
        yield f"has level {one.level}, not 1, 2 or 3"
    if not one.needs:
        yield "needs no concept at all"
    if len(one.hints) != HINTS or not all(one.hints):
        yield f"has {len(one.hints)} hints, not {HINTS}"
    if not re.fullmatch(r"\d\d-[a-z-]+#[\w-]+", one.explains):
        yield f"explains {one.explains!r}, which is not CHAPTER#anchor"
    elif one.explains[:2] > one.chapter:
        yield f"is explained in {one.explains}, which comes later"
    yield from code_problems(one) if one.is_code else answer_problems(one)


def code_problems(one: Exercise) -> Iterator[str]:
    if not one.checks:
        yield "has no check"
    if not one.says:
        yield "does not say what its starter is told"
    if not one.mutants:
        yield "has no mutant"
    if one.kind == "mend" and not (one.museum or one.seen):
        yield "mends what nobody has ever broken: neither `museum` nor `seen`"
    for mutant in one.mutants:
        if mutant.killed_by not in one.checks:
            yield f"says that {mutant.killed_by!r} kills {mutant.name}, and has no such check"
        if not (one.folder / "mutants" / f"{mutant.name}.patch").exists():
            yield f"has no mutants/{mutant.name}.patch"
    for patch in sorted(one.folder.glob("mutants/*.patch")):
        if patch.stem not in {mutant.name for mutant in one.mutants}:
            yield f"does not list {patch.name}"
    if one.question or one.choices or one.experiment:
        yield "has both code and an answer"


def answer_problems(one: Exercise) -> Iterator[str]:
    if not one.question or not one.experiment:
        yield "needs a question and an experiment"
    if one.kind == "predict":
        if not 2 <= len(one.choices) <= 6 or sum(choice.right for choice in one.choices) != 1:
            yield f"has {len(one.choices)} choices, {sum(c.right for c in one.choices)} of them right"
        if len({choice.value for choice in one.choices}) != len(one.choices):
            yield "has two choices of the same value"
    elif not one.within or not one.command:
        yield "needs a command and `within`"
