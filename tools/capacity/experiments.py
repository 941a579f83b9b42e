"""The lab's experiments: who is measured, under which loads.

Each is a letter, a name, and rows; a row is a load with a label, and the
servers that take it. Within a row all servers take turns, round after round,
and are compared with the first: paired ratios, so that a machine that slows
down slows all of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from capacity.run import VISITS, Load

FLOOR = "epoll_level"
LOOPS = ("epoll_edge", "libev", "libuv", "libevent", "asio", "asio_coro", "uring", "mio", "tokio",
         "threads")
KIT_ECHO = ("05-level", "05-edge", "03", "01")
MULTI = ("05-multi", "04", "06")
FRAMED = ("broadcast_at_once", "07", "07-copies", "broadcast_batch", "broadcast_libuv",
          "broadcast_asio", "broadcast_mio", "broadcast_tokio")
TRIGGERS = ("05-level", "05-edge", "05-oneshot", "05-edge_oneshot")
KIB, MIB = 1 << 10, 1 << 20


@dataclasses.dataclass(frozen=True)
class Row:
    """One load. `at`: its place on the plot's x axis."""
    label: str
    at: float
    load: Load
    servers: tuple[str, ...]
    chapters: tuple[str, ...] = ()  # whose `make bench CH=` has it too


@dataclasses.dataclass(frozen=True)
class Experiment:
    letter: str
    name: str
    title: str
    rows: tuple[Row, ...]
    calls: bool = False  # count system calls too
    across: bool = False  # it is the loads that are compared: each round has them all

    def turns(self, count: int) -> list[tuple[Row, int]]:
        """The loads and rounds in their order: what is compared is close in time."""
        numbers = range(1, count + 1)
        if self.across:
            return [(row, number) for number in numbers for row in self.rows]
        return [(row, number) for row in self.rows for number in numbers]

    def of_chapter(self, number: str) -> Experiment:
        """Only what is about a chapter: its own servers, and the floor."""
        rows = []
        for row in self.rows:
            kept = [name for name in row.servers if name[:2] == number]
            if kept:
                floor = [row.servers[0]] if row.servers[0] not in kept else []
                rows.append(dataclasses.replace(row, servers=(*floor, *kept)))
        return dataclasses.replace(self, rows=tuple(rows))


def echo(label: str, at: float, servers: tuple[str, ...], **load) -> Row:
    return Row(label, at, Load(mode="echo", **load), servers)


def framed(clients: int, writers: int, size: int) -> Row:
    label = f"{clients:,} clients, {writers} write, {'64 B' if size == 64 else '4 KiB'}"
    return Row(label, clients, Load(mode="broadcast", clients=clients, writers=writers, size=size), FRAMED)


ALL = (FLOOR, *KIT_ECHO, *LOOPS)

EXPERIMENTS = (
    Experiment("a", "threads-vs-loops", "A thread each, or a loop", tuple(
        echo(f"{n:,} client{'s' if n > 1 else ''}", n,
             ("05-level", "01", "03", *(["02"] if n <= 1000 else [])), clients=n)
        for n in (1, 10, 100, 1000, 5000))),
    Experiment("b", "the-silent-ones", "64 who talk, among more and more who do not", tuple(
        echo(f"{n:,} idle", n, ("05-level", "05-poll", "05-select", *(["02"] if n <= 800 else [])),
             clients=64, idle=n)
        for n in (0, 300, 800, 5000, 15_000)), across=True),
    Experiment("c", "triggers", "Level, edge, oneshot", (
        echo("64 clients, 64 B", 64, TRIGGERS, clients=64),
        echo("64 clients, 16 deep", 65, TRIGGERS, clients=64, depth=16),
        echo("64 clients, 16 KiB", 66, TRIGGERS, clients=64, size=16 * KIB)), calls=True),
    Experiment("d", "ticks", "The walk, or the list", tuple(
        Row(f"{n:,} idle", n, Load(mode=VISITS, clients=1, idle=n), ("06", "06-scan"))
        for n in (10, 1000, 10_000))),
    Experiment("e", "broadcast", "When to write, and what to copy", (
        framed(10, 10, 64), framed(10, 10, 4 * KIB), framed(100, 5, 64), framed(100, 5, 4 * KIB),
        framed(1000, 1, 64), framed(1000, 1, 4 * KIB))),
    Experiment("f", "memory", "What a silent connection holds", (
        echo("10,000 idle", 10_000, (*ALL, "07"), clients=1, idle=10_000),)),
    Experiment("g", "churn", "Come, say a word, go", (
        Row("16 at a time", 16, Load(mode="churn", clients=16), ALL),)),
    Experiment("h", "large", "A mebibyte at a time", (
        echo("8 clients, 1 MiB", 8, ALL, clients=8, size=MIB),)),
    Experiment("i", "echo", "Every server, every load", (
        echo("1 client, 64 B", 1, ALL, clients=1),
        echo("64 clients, 64 B", 64, ALL, clients=64),
        echo("64 clients, 16 deep", 65, ALL, clients=64, depth=16),
        echo("1,000 clients, 64 B", 1000, ALL, clients=1000),
        echo("5,000 clients, 64 B", 5000, ALL, clients=5000),
        echo("64 clients, 16 KiB", 66, ALL, clients=64, size=16 * KIB)), calls=True),
    Experiment("j", "multi-echo", "All hear all", (
        Row("10 clients", 10, Load(mode="multi-echo", clients=10), MULTI),
        Row("100 clients, 5 write", 100, Load(mode="multi-echo", clients=100, writers=5), MULTI))),
)


def chosen(names: list[str], chapter: str) -> Iterator[Experiment]:
    """By letter or name; and of a chapter only its own part."""
    for one in EXPERIMENTS:
        if names and one.letter not in names and one.name not in names:
            continue
        if chapter:
            one = one.of_chapter(chapter)
        if one.rows:
            yield one
