"""Looks whether an archive that bundle.py has packed is whole, and works.

It is unpacked into a folder of its own, where no git repository is. What is
wrong is told in one line each.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Iterator

from coach.manifest import ROOT

LINKS = ROOT / "tests/docs/site_checker.py"
KIT = "tick-by-tick"
BUILD_SECONDS = 900


class Damaged(Exception):
    """The archive cannot be read; the text is one line."""


def unpacked(archive: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """Unpacks it into the folder; where its one top folder is then. All of it is
    decompressed first: only the end tells whether the rest was right."""
    plain = folder / "plain.tar"
    try:
        with gzip.open(archive) as packed, open(plain, "wb") as out:
            shutil.copyfileobj(packed, out)
        with tarfile.open(plain, "r:") as tar:
            for entry in tar:
                put(tar, entry, folder)
    except EOFError:
        raise Damaged("is cut off: copy it once more") from None
    except (tarfile.TarError, zlib.error, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Damaged(f"cannot be read: {reason.splitlines()[0]}") from None
    plain.unlink()
    tops = [path for path in folder.iterdir() if path.is_dir()]
    if len(tops) != 1 or not (tops[0] / "SHA256SUMS").is_file():
        raise Damaged("is no bundle of the workshop: it has no SHA256SUMS in one folder")
    return tops[0]


def put(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: pathlib.Path) -> None:
    """One file, and nothing that leads out of the folder."""
    parts = pathlib.PurePosixPath(entry.name).parts
    if not entry.isreg() or len(parts) < 2 or parts[0] == "/" or ".." in parts:
        raise Damaged(f"holds {entry.name!r}, which no bundle does")
    path = folder.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tar.extractfile(entry) as source, open(path, "wb") as out:
        shutil.copyfileobj(source, out)
    path.chmod(0o755 if entry.mode & 0o100 else 0o644)


def checksums(top: pathlib.Path) -> Iterator[str]:
    """What is missing, is different, or is there although nobody packed it."""
    wanted = {}
    for line in (top / "SHA256SUMS").read_text(errors="replace").splitlines():
        row = re.fullmatch(r"([0-9a-f]{64})  (.+)", line)
        if not row:
            yield "SHA256SUMS cannot be read"
            return
        wanted[row[2]] = row[1]
    here = {str(path.relative_to(top)) for path in top.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    for name in sorted(here | set(wanted)):
        if name not in here:
            yield f"{name} is missing"
        elif name not in wanted:
            yield f"{name} is in no list"
        elif hashlib.sha256((top / name).read_bytes()).hexdigest() != wanted[name]:
            yield f"{name} is not what was packed"


def links(top: pathlib.Path) -> Iterator[str]:
    """The book's links that lead to nothing in the archive."""
    book = top / KIT / "build/book"
    if not (book / "index.html").is_file():
        yield "there is no book in it"
        return
    ended = subprocess.run([sys.executable, str(LINKS), str(book)], text=True, capture_output=True,
                           check=False)
    if ended.returncode:
        yield from (ended.stdout.splitlines()[:-1] or [f"the links cannot be read: {ended.stderr[-200:]}"])


def makes(top: pathlib.Path, goal: list[str], seconds: int = 60) -> Iterator[str]:
    """Whether make reaches a goal in the unpacked sources: without git."""
    with tempfile.TemporaryDirectory() as folder:
        fake = pathlib.Path(folder) / "git"
        fake.write_text("#!/bin/sh\necho 'there is no git here' >&2\nexit 127\n")
        fake.chmod(0o755)
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("MAKE", "MFLAGS", "GIT_"))}
        environment["PATH"] = f"{folder}:{environment['PATH']}"
        try:
            ended = subprocess.run(["make", *goal], cwd=top / KIT, env=environment, text=True,
                                   capture_output=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            yield f"make {' '.join(goal)} was not done after {seconds} s"
            return
        except OSError as error:
            yield f"make {' '.join(goal)}: {error.strerror}"
            return
    if ended.returncode or "there is no git here" in ended.stderr:
        said = (ended.stderr.strip() or ended.stdout.strip()).splitlines() or ["no reason given"]
        yield f"make {' '.join(goal)} fails: {said[0]}"


def report(archive: pathlib.Path, build: bool = False) -> int:
    """Prints `ok` and a line for each thing looked at, or a line for each fault."""
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            top = unpacked(archive, pathlib.Path(folder))
        except Damaged as error:
            print(f"{archive.name}: {error}", file=sys.stderr)
            return 1
        steps = [("all files are as they were packed", checksums(top)),
                 ("every link of the book leads somewhere", links(top)),
                 ("make works without git", makes(top, ["-n", "all"]))]
        if build:
            steps.append(("chapter 01 builds", makes(top, ["chapter", "CH=01"], BUILD_SECONDS)))
        for what, found in steps:
            wrong = list(found)
            faults += len(wrong)
            for line in wrong:
                print(f"{archive.name}: {line}", file=sys.stderr, flush=True)
            if not wrong:
                print(f"ok  {what}", flush=True)
            if wrong and found is steps[0][1]:
                break  # what follows would only say so again
    return 1 if faults else 0
