"""What can be measured: the kit's own servers, and the peers."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import subprocess

from kit.server import ROOT, program

PEERS = ROOT / "build/tools/bench/peers"
MANY = ("--max-connections", "20000")


@dataclasses.dataclass(frozen=True)
class Subject:
    """A program that is measured. `does`: echo, multi-echo or broadcast."""
    name: str
    title: str
    command: tuple[str, ...]
    does: str
    ours: bool = False
    most: int = 20_000  # clients that it can have


def kit(name: str, title: str, chapter: str, does: str, *options: str, program_: str = "server",
        most: int = 20_000) -> Subject:
    path = str(program(chapter, program_, "build"))
    extra = MANY if chapter >= "04" else ()
    return Subject(name, title, (path, *extra, *options), does, True, most)


@functools.cache
def ours() -> dict[str, Subject]:
    found = [
        kit("01", "01 a thread each", "01", "echo", most=5000),
        kit("02", "02 round and round", "02", "echo", most=1000),
        kit("03", "03 poll", "03", "echo"),
        *(kit(f"05-{name}", f"05 echo, {name.replace('_', ' and ')}", "05", "echo", "--trigger", name,
              program_="echo") for name in ("level", "edge", "oneshot", "edge_oneshot")),
        kit("05-select", "05 echo on select", "05", "echo", "--backend", "select", program_="echo",
            most=900),
        kit("05-poll", "05 echo on poll", "05", "echo", "--backend", "poll", program_="echo"),
        kit("04", "04 multi-echo", "04", "multi-echo"),
        kit("05-multi", "05 multi-echo", "05", "multi-echo", "--trigger", "edge"),
        kit("06", "06 multi-echo, ticks", "06", "multi-echo", "--trigger", "edge_oneshot"),
        kit("06-scan", "06 the seeds’ tick", "06", "multi-echo", "--trigger", "edge_oneshot",
            program_="scan"),
        kit("07", "07 framed", "07", "broadcast"),
        kit("07-edge", "07 framed, edge", "07", "broadcast", "--trigger", "edge"),
        kit("07-copies", "07 a copy for everyone", "07", "broadcast",
            program_="mistakes/copies-for-everyone"),
    ]
    return {one.name: one for one in found}


@functools.cache
def peers() -> dict[str, Subject]:
    """Those that tools/bench/peers/list names; `absent` says which are not built."""
    found = {}
    for line in (ROOT / "tools/bench/peers/list").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, does, _needs, _links, title = line.split(None, 4)
            most = {"select": 900, "threads": 5000}.get(name, 20_000)
            found[name] = Subject(name, title, (str(PEERS / name),), does, most=most)
    return found


def known() -> dict[str, Subject]:
    return {**ours(), **peers()}


def built(subject: Subject) -> bool:
    return pathlib.Path(subject.command[0]).exists()


def build() -> None:
    """All that can be built here; says what cannot."""
    subprocess.run(["make", "--no-print-directory", "bench-programs"], cwd=ROOT, check=True)
