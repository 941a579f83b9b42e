"""The attendee's files: work/05.2/, and what was given there at the start.

    work/05.2/server.cpp     to be edited
    work/05.2/README.txt     the task
    work/.given/05.2/        what was put there, to know what has been edited
    work/.kept/05.2-DATE/    what a reset, a goto or an update took away

Nothing that somebody has edited is ever overwritten without a copy in .kept.
"""

from __future__ import annotations

import datetime
import difflib
import pathlib
import shutil
import subprocess
import tempfile

from coach import answers, sources, state
from coach.manifest import ROOT, Exercise
from coach.sources import Files
from coach.texts import readme


def folder(one: Exercise) -> pathlib.Path:
    return state.WORK / one.id


def given_folder(one: Exercise) -> pathlib.Path:
    return state.WORK / ".given" / one.id


def shown(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def handed_out(one: Exercise) -> Files:
    """What an attendee begins with."""
    return sources.starter(one) if one.is_code else {answers.NAME: answers.form(one)}


def names(one: Exercise) -> tuple[str, ...]:
    return one.files if one.is_code else (answers.NAME,)


def exists(one: Exercise) -> bool:
    return any((folder(one) / name).exists() for name in names(one))


def mine(one: Exercise) -> Files:
    """The files as they are now; one that was deleted is missing here."""
    return {name: (folder(one) / name).read_text(errors="replace") for name in names(one)
            if (folder(one) / name).exists()}


def given(one: Exercise) -> Files:
    where = given_folder(one)
    return {name: (where / name).read_text() for name in names(one) if (where / name).exists()}


def edited(one: Exercise) -> bool:
    return mine(one) != given(one)


def start(one: Exercise) -> bool:
    """False: it is there already, and nothing was touched."""
    if exists(one):
        return False
    put(one, handed_out(one))
    state.note(one.id, "started")
    return True


def put(one: Exercise, files: Files) -> None:
    sources.write({**files, "README.txt": readme(one)}, folder(one))
    shutil.rmtree(given_folder(one), ignore_errors=True)
    sources.write(files, given_folder(one))


def keep(one: Exercise) -> pathlib.Path | None:
    """A copy of what is there, if anything in it is the attendee's own."""
    if not exists(one) or not edited(one):
        return None
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    where = state.WORK / ".kept" / f"{one.id}-{stamp}"
    count = 1
    while where.exists():
        count += 1
        where = where.with_name(f"{one.id}-{stamp}-{count}")
    shutil.copytree(folder(one), where)
    return where


def reset(one: Exercise) -> pathlib.Path | None:
    """The starter again; where the old files are now."""
    kept = keep(one)
    shutil.rmtree(folder(one), ignore_errors=True)
    put(one, handed_out(one))
    state.note(one.id, "reset")
    return kept


def drop_in(one: Exercise) -> pathlib.Path | None:
    """The solution, for somebody who goes on without having done it."""
    kept = keep(one)
    put(one, sources.solution(one) if one.is_code else {answers.NAME: answers.form(one)})
    state.note(one.id, "given")
    return kept


def diff(before: Files, after: Files, names: tuple[str, str]) -> str:
    """A unified diff; empty when they are the same."""
    lines: list[str] = []
    for name in sorted({*before, *after}):
        lines += difflib.unified_diff(
            before.get(name, "").splitlines(keepends=True),
            after.get(name, "").splitlines(keepends=True),
            f"{names[0]}/{name}", f"{names[1]}/{name}")
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


# ---- a newer kit ---------------------------------------------------------
def update(one: Exercise) -> str:
    """Brings a newer starter in and keeps the edits; what was done, in words."""
    base, new, own = given(one), handed_out(one), mine(one)
    if new == base:
        return ""
    if own == base:
        put(one, new)
        state.note(one.id, "updated")
        return "unedited, replaced by the new one"
    merged = {name: merge(own.get(name, ""), base.get(name, ""), text) for name, text in new.items()}
    if None in merged.values():
        beside(one, new)
        return f"your edits and the new starter touch the same lines; it is beside yours, as {folder(one).name}/*.new"
    kept = keep(one)
    sources.write(merged, folder(one))
    shutil.rmtree(given_folder(one), ignore_errors=True)
    sources.write(new, given_folder(one))
    state.note(one.id, "updated")
    return f"merged with your edits (as it was: {shown(kept)})" if kept else "merged with your edits"


def merge(own: str, base: str, new: str) -> str | None:
    """Three-way; None where the same lines were changed on both sides."""
    with tempfile.TemporaryDirectory() as where:
        paths = []
        for name, text in (("own", own), ("base", base), ("new", new)):
            paths.append(pathlib.Path(where) / name)
            paths[-1].write_text(text)
        try:
            ended = subprocess.run(["git", "merge-file", "-p", *map(str, paths)],
                                   capture_output=True, text=True, check=False)
        except FileNotFoundError:  # without git: what is edited is not touched
            return None
        return ended.stdout if ended.returncode == 0 else None


def beside(one: Exercise, new: Files) -> None:
    for name, text in new.items():
        (folder(one) / f"{name}.new").write_text(text)
