"""Whether a server can be compiled with sanitizers here, run, and watched."""

from __future__ import annotations

import pathlib
import shutil
import tempfile

from coach import building
from coach.bounds import BoundedServer
from coach.manifest import ROOT
from coach.files import WORK, in_words, shown
from coach.texts import printable
from kit.client import Client

LEAST_SPACE = 1 << 30  # bytes


def look(out) -> int:
    """Tries each of it; 1 when something is missing."""
    bad = 0
    for what, try_it in ((f"{shown(WORK)} can be written to", writable), ("there is room on the disk", room),
                         ("chapter 03 compiles with sanitizers, runs and answers", runs)):
        if try_it is runs and (once := building.first_time()):
            out.print(f"  …   {once}")
        wrong = try_it()
        bad += bool(wrong)
        out.print(f"  {'no' if wrong else 'ok'}  {what}{': ' + wrong if wrong else ''}")
    return 1 if bad else 0


def writable() -> str:
    try:
        WORK.mkdir(parents=True, exist_ok=True)
        probe = WORK / ".probe"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        return in_words(error)
    return ""


def room() -> str:
    for where in (building.store(), WORK, pathlib.Path(tempfile.gettempdir())):
        free = shutil.disk_usage(where).free if where.exists() else LEAST_SPACE
        if free < LEAST_SPACE:
            return f"{free >> 20} MiB are left for {shown(where)}, a gibibyte is wanted"
    return ""


def runs() -> str:
    source = next(ROOT.glob("chapters/03-*/server.cpp"))
    try:
        path = building.build({"server.cpp": source.read_text()}, "03")
        with BoundedServer(path) as server, Client(server.address) as client:
            client.exchange(b"hello")
    except Exception as error:  # whatever it is, it is the answer
        return printable(str(error)).splitlines()[0]
    return ""
