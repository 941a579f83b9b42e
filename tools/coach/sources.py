"""What the files of an exercise say: the starter's, the solution's, a mutant's.

None of them is kept as a copy. A starter is one of the chapter's own files with
`starter.patch` applied, where there is one; a solution likewise; a mutant is
the solution with one thing wrong. A patch that does not fit any more is an
error, so no exercise can drift from the server that it is about.

The marks that the book needs, `// tag::read[]`, `// <1>` and `// why  <1>`, stay in
while it is patched, and are taken out of what people get to see.
"""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess
import tempfile

from coach.manifest import ROOT, Exercise, chapter_folder, shown

Files = dict[str, str]  # path inside the exercise's folder → text
MARK = re.compile(r"\s*// (?:(?:tag|end)::[\w-]+\[\]|<\d+>)\s*")  # a whole line
CALLOUT = re.compile(r" *// <\d+>$")  # behind code
REMARK = re.compile(r"(//.*\S) +<\d+>$")  # behind a comment


class PatchError(Exception):
    """A patch does not fit."""


def starter(one: Exercise) -> Files:
    return unmarked(patched(bases(one, one.start), one.folder / "starter.patch"))


def solution(one: Exercise) -> Files:
    return unmarked(marked_solution(one))


def mutant(one: Exercise, name: str) -> Files:
    return unmarked(patched(marked_solution(one), one.folder / "mutants" / f"{name}.patch"))


def marked_solution(one: Exercise) -> Files:
    return patched(bases(one, one.goal), one.folder / "solution.patch")


def unmarked(files: Files) -> Files:
    return {name: without_marks(text) for name, text in files.items()}


def without_marks(text: str) -> str:
    """Without the book's tags and callouts; where one stood between two empty
    lines, one of them goes with it."""
    out: list[str] = []
    gone = False  # the line before was a mark
    for line in text.splitlines():
        if MARK.fullmatch(line):
            gone = True
        elif line or not gone or (out and out[-1]):
            out.append(REMARK.sub(r"\1", CALLOUT.sub("", line)))
            gone = False
    return "".join(line + "\n" for line in out)


def bases(one: Exercise, server: str) -> Files:
    """server.cpp comes from where the manifest says, the rest from the chapter
    or from common/."""
    folder = chapter_folder(one.chapter)

    def base(name: str) -> pathlib.Path:
        if name == "server.cpp":
            return folder / server
        return ROOT / name if name.startswith("common/") else folder / name

    return {name: base(name).read_text() for name in one.files}


def patched(files: Files, patch: pathlib.Path) -> Files:
    if not patch.exists():
        return files
    with tempfile.TemporaryDirectory() as folder:
        write(files, pathlib.Path(folder))
        if not shutil.which("patch"):
            raise PatchError("There is no patch here that can be run. tools/workshop doctor says what is missing.")
        ended = subprocess.run(
            ["patch", "--quiet", "--fuzz=0", "--strip=0", "--no-backup-if-mismatch",
             "--reject-file=-", f"--directory={folder}", f"--input={patch}"],
            capture_output=True, text=True, check=False)
        if ended.returncode:
            raise PatchError(f"{shown(patch)}: does not fit any more\n{ended.stdout}")
        return read(pathlib.Path(folder), files)


def write(files: Files, folder: pathlib.Path) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode(errors="surrogateescape"))


def read(folder: pathlib.Path, names) -> Files:
    return {name: (folder / name).read_text() for name in names}
