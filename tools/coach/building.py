"""Compiles what somebody has written, within limits.

The program is made with the address and undefined-behaviour sanitizers, at -O0
(compiling is quick, and stack traces tell the truth). What has been compiled
once is kept under build/workshop/, found again by the text of its files.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator

from coach import sources
from coach.manifest import ROOT, chapter_folder
from coach.sources import Files

KEPT = ROOT / "build/workshop"
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize=vptr", "-fno-sanitize-recover=all")
FLAGS = ("-std=c++20", "-O0", "-g", "-Wall", "-Wextra", "-Wshadow", "-pthread")
LIBRARIES = ("-lspdlog", "-lfmt", "-lutf8proc")
SECONDS = 120  # for one file
MEMORY = 4 << 30  # bytes, for the compiler
SHOWN = 24  # lines of what the compiler says
MOST_KEPT = 300  # programs


class BuildError(Exception):
    """It does not compile; the text is what to show."""


def build(files: Files, chapter: str, sanitized: bool = True) -> pathlib.Path:
    """The program made of these files, from the store if it is there."""
    library = library_of(sanitized)
    key = hashlib.sha256(repr((sorted(files.items()), chapter, sanitized, FLAGS,
                               headers_stamp(), library.stat().st_mtime_ns)).encode()).hexdigest()
    program = KEPT / key[:24] / "server"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=program.parent) as folder:
            made = compile_all(files, pathlib.Path(folder), chapter, library, sanitized)
            os.replace(made, program)
        prune()
    os.utime(program.parent)
    return program


def headers_stamp() -> tuple[int, ...]:
    headers = [*ROOT.glob("common/*.hpp"), *ROOT.glob("chapters/*/*.hpp")]
    return tuple(path.stat().st_mtime_ns for path in sorted(headers))


def library_of(sanitized: bool) -> pathlib.Path:
    """libtick.a, made if need be: one at a time."""
    folder = "build/address" if sanitized else "build"
    target = f"{folder}/common/libtick.a"
    with one_at_a_time():
        ended = subprocess.run(
            ["make", "--no-print-directory", "-s", f"-j{os.cpu_count() or 1}",
             f"SAN={'address' if sanitized else ''}", target],
            cwd=ROOT, capture_output=True, text=True, check=False,
            env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")})
    if ended.returncode:
        raise BuildError(f"common/ does not compile (make {target}):\n{ended.stdout}{ended.stderr}")
    return ROOT / target


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with open(KEPT / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def compile_all(files: Files, folder: pathlib.Path, chapter: str, library: pathlib.Path,
                sanitized: bool) -> pathlib.Path:
    sources.write(files, folder)
    units = [name for name in files if name.endswith(".cpp")]
    made = folder / "program"
    compiler = os.environ.get("CXX", "g++")
    ended = bounded([compiler, *FLAGS, *(SANITIZERS if sanitized else ()),
                     f"-I{folder}", f"-I{ROOT}", f"-I{chapter_folder(chapter)}",
                     *(str(folder / name) for name in units), str(library), *LIBRARIES,
                     "-o", str(made)])
    if ended is None:
        raise BuildError(f"The compiler was still busy after {SECONDS} s, and was stopped.")
    status, said = ended
    if status or not made.exists():
        said = re.sub(rf"{re.escape(str(folder))}/", "", said).replace(f"{ROOT}/", "")
        raise BuildError(f"It does not compile.\n\n{first_lines(said)}")
    return made


def bounded(command: list[str]) -> tuple[int, str] | None:
    """Its exit status and what it said; None when it took too long."""
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    with tempfile.TemporaryFile("w+", errors="replace") as said:
        child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said,
                                 stderr=subprocess.STDOUT, start_new_session=True,
                                 preexec_fn=limit)
        try:
            status = child.wait(SECONDS)
        except subprocess.TimeoutExpired:
            return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        said.seek(0)
        return status, said.read(1 << 20)


def first_lines(text: str) -> str:
    """The first error is the one that counts: begin with it."""
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if re.search(r"\b(error|undefined reference)\b", line)), 0)
    shown = lines[start:start + SHOWN]
    rest = len(lines) - start - len(shown)
    return "\n".join(shown + ([f"… and {rest} lines more"] if rest > 0 else []))


def prune() -> None:
    """Throws away what has not been used for longest."""
    kept = sorted((path for path in KEPT.iterdir() if path.is_dir() and len(path.name) == 24),
                  key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[MOST_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)
