"""The attendee's files: work/05.2/, and what was given there at the start.

    work/05.2/server.cpp     to be edited
    work/05.2/README.txt     the task
    work/.given/05.2/        what was put there, to know what has been edited
    work/.kept/05.2-DATE/    what a reset, a goto or an update took away

Nothing that somebody has edited is ever overwritten without a copy in .kept, and
what else lies there is never touched.
"""

from __future__ import annotations

import datetime
import difflib
import os
import pathlib
import shutil
import subprocess
import tempfile

from coach import answers, files, sources, state
from coach.files import ends_like, lines_of, shown
from coach.manifest import Exercise
from coach.sources import Files
from coach.texts import readme


README = "README.txt"


def folder(one: Exercise) -> pathlib.Path:
    return files.WORK / one.id


def given_folder(one: Exercise) -> pathlib.Path:
    return files.WORK / ".given" / one.id


def handed_out(one: Exercise) -> Files:
    """What an attendee begins with."""
    return sources.starter(one) if one.is_code else {answers.NAME: answers.form(one)}


def names(one: Exercise) -> tuple[str, ...]:
    return one.files if one.is_code else (answers.NAME,)


def exists(one: Exercise) -> bool:
    return any((folder(one) / name).exists() for name in names(one))


def mine(one: Exercise) -> Files:
    """The files as they are now; one that was deleted is missing here."""
    return all_of(folder(one), names(one))


def given(one: Exercise) -> Files:
    return all_of(given_folder(one), names(one))


def all_of(where: pathlib.Path, wanted: tuple[str, ...]) -> Files:
    return {name: files.read(where / name) for name in wanted if (where / name).exists()}


def edited(one: Exercise) -> bool:
    return plain(mine(one)) != plain(given(one))


def plain(of: Files) -> Files:
    """An editor that has only changed the ends of lines has changed nothing."""
    return {name: lines_of(text) for name, text in of.items()}


def start(one: Exercise, ours: bool = False) -> tuple[bool, pathlib.Path | None]:
    """False: it is there already, and nothing was touched. `ours`: what is there
    was given by goto, and makes place; where it is now, if it was edited."""
    if exists(one) and not ours:
        return False, None
    new = handed_out(one)
    kept = keep(one)
    put(one, new)
    state.note(one.id, "started")
    return True, kept


def put(one: Exercise, new: Files) -> None:
    new = {**new, README: readme(one)}
    for name, text in new.items():
        files.write(folder(one) / name, text)
    remember(one, new)


def remember(one: Exercise, new: Files) -> None:
    """What was given, to know later what has been edited."""
    for name, text in new.items():
        files.write(given_folder(one) / name, text)


# ---- what is the attendee's own -----------------------------------------
def keep(one: Exercise) -> pathlib.Path | None:
    """A copy of what would be overwritten, if it is the attendee's own. What
    cannot be copied, a directory for instance, is moved there."""
    everything = (*names(one), README)
    base, kept = all_of(given_folder(one), everything), None
    for name in everything:
        path = folder(one) / name
        if not os.path.lexists(path) or unedited(path, base.get(name)):
            continue
        kept = kept or fresh_folder(one)
        target = kept / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            if not path.is_file():
                raise OSError
            shutil.copyfile(path, target)
        except OSError:  # or there is no room for a copy
            target.unlink(missing_ok=True)
            os.rename(path, target)
    return kept


def unedited(path: pathlib.Path, base: str | None) -> bool:
    try:
        return base is not None and lines_of(files.read(path)) == lines_of(base)
    except (files.Unreadable, OSError):
        return False


def fresh_folder(one: Exercise) -> pathlib.Path:
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    count = 1
    while True:
        where = files.WORK / ".kept" / (f"{one.id}-{stamp}" + (f"-{count}" if count > 1 else ""))
        try:
            where.mkdir(parents=True)
            return where
        except FileExistsError:
            count += 1


def reset(one: Exercise) -> pathlib.Path | None:
    """The starter again; where the old files are now."""
    new = handed_out(one)
    kept = keep(one)
    put(one, new)
    state.note(one.id, "reset")
    return kept


def drop_in(one: Exercise) -> pathlib.Path | None:
    """The solution, for somebody who goes on without having done it."""
    new = sources.solution(one) if one.is_code else {answers.NAME: answers.form(one)}
    kept = keep(one)
    put(one, new)
    state.note(one.id, "given")
    return kept


def diff(before: Files, after: Files, labels: tuple[str, str]) -> str:
    """A unified diff; empty when they are the same."""
    lines: list[str] = []
    for name in sorted({*before, *after}):
        lines += difflib.unified_diff(
            lines_of(before.get(name, "")).splitlines(keepends=True),
            lines_of(after.get(name, "")).splitlines(keepends=True),
            f"{labels[0]}/{name}", f"{labels[1]}/{name}")
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


# ---- a newer kit ---------------------------------------------------------
def update(one: Exercise, ours: bool = False) -> str:
    """Brings a newer starter in and keeps the edits; what was done, in words.
    `ours`: what goto gave was the solution."""
    base, own = given(one), mine(one)
    new = sources.solution(one) if ours else handed_out(one)
    if new == base:
        return ""
    merged = {name: merged_file(own.get(name), base.get(name, ""), text) for name, text in new.items()}
    if None in merged.values():
        for name, text in new.items():
            files.write(folder(one) / f"{name}.new", text)
        return ("your edits and the new starter touch the same lines; it is beside yours, as "
                f"{folder(one).name}/*.new")
    if plain(own) == plain(base):
        keep(one)
        put(one, merged)
        remember(one, new)
        state.note(one.id, "updated")
        return "unedited, replaced by the new one"
    kept = keep(one)
    for name, text in merged.items():
        files.write(folder(one) / name, text)
    remember(one, new)
    state.note(one.id, "updated")
    return f"merged with your edits (as it was: {shown(kept)})" if kept else "merged with your edits"


def merged_file(own: str | None, base: str, new: str) -> str | None:
    """In the attendee's line ends. A file that is not there is handed out again."""
    if own is None:
        return new
    if lines_of(own) == lines_of(base):
        return ends_like(new, own)
    return merge(own, ends_like(base, own), ends_like(new, own))


def merge(own: str, base: str, new: str) -> str | None:
    """Three-way; None where the same lines were changed on both sides."""
    with tempfile.TemporaryDirectory() as where:
        paths = []
        for name, text in (("own", own), ("base", base), ("new", new)):
            paths.append(pathlib.Path(where) / name)
            files.write(paths[-1], text)
        try:
            ended = subprocess.run(["git", "merge-file", "-p", *map(str, paths)],
                                   capture_output=True, check=False)
        except FileNotFoundError:  # without git: what is edited is not touched
            return None
        return ended.stdout.decode(errors="surrogateescape") if ended.returncode == 0 else None
