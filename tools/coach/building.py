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
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator

from coach import family, sources, state
from coach.manifest import ROOT, chapter_folder
from coach.sources import Files
from kit.server import program

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize=vptr", "-fno-sanitize-recover=all")
FLAGS = ("-std=c++20", "-O0", "-g", "-Wall", "-Wextra", "-Wshadow", "-pthread")
LIBRARIES = ("-lspdlog", "-lfmt", "-lutf8proc")
SECONDS = 120  # for one file
LONG = 900  # seconds for common/, on a slow machine
# Bytes for the compiler: it asks for a tenth of that.
MEMORY = min(4 << 30, max(1 << 30, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2))
LARGEST = 512 << 20  # bytes of any file that it writes, what it says included
SHOWN = 24  # lines of what the compiler says
LONGEST = 160  # columns of them
MOST_KEPT = 300  # programs
FEW_KEPT = 20  # when there is little room
LITTLE_ROOM = 4 << 30  # bytes


class BuildError(Exception):
    """It does not compile; the text is what to show."""


def store() -> pathlib.Path:
    """Where things are built: build/, or beside the attendee's files where the
    kit itself is not to be written to."""
    there = ROOT / "build"
    owned = os.access(there if there.exists() else ROOT, os.W_OK)
    return there if owned else state.WORK / ".build"


def build(files: Files, chapter: str, sanitized: bool = True) -> pathlib.Path:
    """The program made of these files, from the store if it is there."""
    library = library_of(sanitized)
    key = hashlib.sha256(repr((sorted(files.items()), chapter, sanitized, FLAGS,
                               headers_stamp(), library.stat().st_mtime_ns)).encode()).hexdigest()
    kept = store() / "workshop"
    made = kept / key[:24] / "server"
    if not made.exists() or not made.stat().st_size:  # empty: the power went
        made.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=made.parent) as folder:
            os.replace(compile_all(files, pathlib.Path(folder), chapter, library, sanitized), made)
        prune(kept)
    os.utime(made.parent)
    return made


def by_hand(name: str, made: pathlib.Path) -> pathlib.Path | None:
    """The same program under a name that stays, for people; None if there is no
    room for it."""
    place = store() / "workshop" / name / "server"
    beside = place.with_name(f".{os.getpid()}.new")
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(made, beside)
        except OSError:
            shutil.copy2(made, beside)
        os.replace(beside, place)
        beside.unlink(missing_ok=True)  # rename(2) leaves both where they are one file
        return place
    return None


def headers_stamp() -> tuple[int, ...]:
    headers = [*ROOT.glob("common/*.hpp"), *ROOT.glob("chapters/*/*.hpp")]
    return tuple(path.stat().st_mtime_ns for path in sorted(headers))


def compiler() -> list[str]:
    """Its command; make knows no kind word for one that is not there."""
    command = shlex.split(os.environ.get("CXX") or "g++")
    if not command or not shutil.which(command[0]):
        raise BuildError(missing(command[0] if command else "g++"))
    return command


def missing(tool: str) -> str:
    return f"There is no {tool} here that can be run.\ntools/workshop doctor says what is missing."


def is_there(what: str) -> bool:
    """Whether a file of the kit's own has been made."""
    return any((place / what).exists() for place in (store(), ROOT / "build"))


def first_time(chapter: str = "") -> str:
    """What has to be made once before anything can be tried, in words: what all
    servers share, or also the chapter's own program; "" if it is there."""
    shared = is_there("common/libtick.a" if chapter else "address/common/libtick.a")
    folder = chapter and chapter_folder(chapter).name
    if chapter and not is_there(f"chapters/{folder}/server"):
        return f"building chapter {chapter}'s programs, once" + ("" if shared else ": some minutes")
    return "" if shared or chapter else "compiling what all servers share, once: some minutes"


def library_of(sanitized: bool) -> pathlib.Path:
    """libtick.a, made if need be."""
    compiler()
    return make("common/libtick.a", "address" if sanitized else "")


def reference(chapter: str, name: str = "server") -> pathlib.Path:
    """One of the book's own programs, made if it is not there."""
    there = program(chapter, name, "build")
    return there if there.exists() else make(f"chapters/{there.relative_to(ROOT / 'build/chapters')}")


def make(target: str, sanitizer: str = "") -> pathlib.Path:
    """Lets make bring a file of the kit's up to date: one at a time. A kit that
    is not to be written to is as it is."""
    folder = store() / sanitizer
    made = folder / target
    delivered = ROOT / "build" / sanitizer / target
    if delivered != made and delivered.exists():
        return delivered
    shown = f"make SAN={sanitizer} {made.relative_to(ROOT) if made.is_relative_to(ROOT) else made}"
    place = () if store() == ROOT / "build" else (f"BUILD={folder}",)
    target = str(made.relative_to(ROOT)) if not place else str(made)
    with one_at_a_time():
        ended = bounded(["make", "--no-print-directory", "-s", f"-j{os.cpu_count() or 1}",
                         f"SAN={sanitizer}", *place, target], LONG)
    if ended is None:
        raise BuildError(f"{shown}: not done after {LONG} s, and stopped.")
    if ended[0] or not made.exists():
        ours = ("Something of the kit's own does not compile. Your files are not to blame,\n"
                "unless you have changed the kit.")
        raise BuildError(f"{why(ended[1], ours)}\n{shown}\n\n{first_lines(ended[1])}")
    return made


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    kept = store() / "workshop"
    kept.mkdir(parents=True, exist_ok=True)
    with open(kept / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def compile_all(files: Files, folder: pathlib.Path, chapter: str, library: pathlib.Path,
                sanitized: bool) -> pathlib.Path:
    sources.write(files, folder)
    units = [name for name in files if name.endswith(".cpp")]
    made = folder / "program"
    ended = bounded([*compiler(), *FLAGS, *(SANITIZERS if sanitized else ()),
                     f"-I{folder}", f"-I{ROOT}", f"-I{chapter_folder(chapter)}",
                     *(str(folder / name) for name in units), str(library), *LIBRARIES,
                     "-o", str(made)], SECONDS)
    if ended is None:
        raise BuildError(f"The compiler was still busy after {SECONDS} s, and was stopped.")
    status, said = ended
    if status or not made.exists():
        said = re.sub(rf"{re.escape(str(folder))}/", "", said).replace(f"{ROOT}/", "")
        raise BuildError(f"{why(said)}\n\n{first_lines(said)}")
    return made


def why(said: str, otherwise: str = "It does not compile.") -> str:
    """A word for what the compiler died of."""
    if "No space left on device" in said:
        return "There is no room on the disk to compile it. Your files are as they were."
    if re.search(r"out of memory|memory exhausted|bad_alloc", said):
        return f"The compiler needed more than {MEMORY >> 20} MiB of memory, and was stopped."
    if "File size limit exceeded" in said:
        return f"The compiler wrote more than {LARGEST >> 20} MiB, and was stopped."
    return otherwise


def bounded(command: list[str], seconds: float) -> tuple[int, str] | None:
    """Its exit status and what it said; None when it took too long."""
    def limit() -> None:
        family.die_with_parent()
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        try:
            child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, env=clean,
                                     stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=limit)
        except OSError:
            raise BuildError(missing(command[0])) from None
        try:
            status = child.wait(seconds)
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
    shown = [line[:LONGEST] + ("…" if len(line) > LONGEST else "") for line in lines[start:start + SHOWN]]
    rest = len(lines) - start - len(shown)
    return "\n".join(shown + ([f"… and {rest} lines more"] if rest > 0 else []))


def prune(kept: pathlib.Path) -> None:
    """Throws away what has not been used for longest."""
    most = FEW_KEPT if shutil.disk_usage(kept).free < LITTLE_ROOM else MOST_KEPT
    found = sorted((path for path in kept.iterdir()
                    if path.is_dir() and re.fullmatch(r"[0-9a-f]{24}|\d\d\.\d+", path.name)),
                   key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[most:]:
        shutil.rmtree(path, ignore_errors=True)
