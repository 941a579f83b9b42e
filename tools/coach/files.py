"""Reads and writes an attendee's files so that none of their bytes is lost.

Text is kept as it is: what is not UTF-8 comes back as the same bytes, and lines
end as they did. A file is written beside its place first, so that a full disk or
a flat battery leaves the old one whole.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pathlib
import stat

from coach.manifest import ROOT

GIVEN_WORK = os.environ.get("TICK_WORK")
WORK = pathlib.Path(GIVEN_WORK or ROOT / "work").absolute()
LARGEST = 4 << 20  # bytes: a server here has a few thousand


class Unreadable(Exception):
    """It is no file that could be compiled; the text says what it is."""


def shown(path: pathlib.Path) -> str:
    """A path as people would type it."""
    if GIVEN_WORK and path.is_relative_to(WORK):
        return str("$TICK_WORK" / path.relative_to(WORK))
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def read(path: pathlib.Path) -> str:
    """The text of a regular file; FileNotFoundError when it is not there."""
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise Unreadable(f"{shown(path)} is {kind(info.st_mode)}, and should be a file.")
        if info.st_size > LARGEST:
            raise Unreadable(f"{shown(path)} has {info.st_size >> 20} MiB: that is no text of "
                             "somebody's.")
        return path.read_bytes().decode(errors="surrogateescape")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unreadable(in_words(error)) from None


def kind(mode: int) -> str:
    for is_it, name in ((stat.S_ISDIR, "a directory"), (stat.S_ISFIFO, "a FIFO"),
                        (stat.S_ISSOCK, "a socket")):
        if is_it(mode):
            return name
    return "a device"


def write(path: pathlib.Path, text: str) -> None:
    """All of it, or nothing. A symbolic link stays one."""
    if path.is_symlink() and not path.exists():
        raise Unreadable(f"{shown(path)} is a link that leads nowhere. Remove it first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path = pathlib.Path(os.path.realpath(path))
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        beside.write_bytes(text.encode(errors="surrogateescape"))
        with contextlib.suppress(OSError):  # whoever may run or read it still may
            os.chmod(beside, path.stat().st_mode & 0o777)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def lines_of(text: str) -> str:
    """The same with the line ends that the kit has."""
    return text.replace("\r\n", "\n")


def ends_like(text: str, model: str) -> str:
    """The same with the line ends that `model` has."""
    crlf = model.count("\r\n") * 2 > model.count("\n")
    return lines_of(text).replace("\n", "\r\n") if crlf else text


def in_words(error: OSError) -> str:
    """What the machine has refused, for people."""
    named = isinstance(error.filename, str | bytes)  # and not a descriptor
    where = shown(pathlib.Path(os.fsdecode(error.filename)).absolute()) if named else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"There is no room left on the disk{f', for {where}' if where else ''}."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (f"{where or 'Something'} may not be read or written here: {error.strerror}. "
                "TICK_WORK=FOLDER puts your files elsewhere.")
    return f"{where}: {error.strerror}." if where else f"{error}."
