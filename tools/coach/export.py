"""The exercises as JSON, for the book: build/exercises.json."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib

from coach import manifest, timetable
from coach.manifest import ROOT, Exercise
from coach.scene import checks_of, title_of

WHERE = ROOT / "build/exercises.json"


def everything() -> dict:
    """{"chapters": [{"number", "name", "title", "minutes", "goals", …,
    "exercises": [{"id", "kind", …, "check_titles"}]}], as in the manifest,
    "schedules": [{"name", "title", "days", …}]}, as timetable.data has them."""
    chapters = []
    for chapter in manifest.load():
        data = dataclasses.asdict(chapter)
        for entry, one in zip(data["exercises"], chapter.exercises):
            entry["check_titles"] = titles(one)
        chapters.append(data)
    return {"chapters": chapters, "schedules": timetable.everything(manifest.load())}


def titles(one: Exercise) -> list[str]:
    if not one.checks:
        return []
    module = checks_of(one.chapter)
    return [title_of(getattr(module, name)) for name in one.checks]


def write(where: pathlib.Path = WHERE) -> None:
    """Only when it has changed, so that nothing is made anew for it."""
    text = json.dumps(everything(), ensure_ascii=False, indent=1)
    if not where.exists() or where.read_text() != text:
        where.parent.mkdir(parents=True, exist_ok=True)
        where.with_suffix(".new").write_text(text)
        os.replace(where.with_suffix(".new"), where)
