"""One run: a server on one core, the load on another, and what both used."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator

from capacity.machine import Busy, cores
from capacity.servers import Subject
from kit.client import Client, Story, StoryError
from kit.server import ROOT, Server, ServerError

LOAD = ROOT / "build/tools/bench/load"
DISTURBED = 0.05  # of a core: what others may have had
VISITS = "visits"  # what the load generator has no mode for
START = 60.0  # seconds until thousands are connected


@dataclasses.dataclass(frozen=True)
class Load:
    """What the load generator does. Bytes, seconds, counts."""
    mode: str = "echo"
    clients: int = 64
    size: int = 64
    depth: int = 1
    writers: int = 0  # 0: all
    idle: int = 0
    seconds: float = 1.0
    warmup: float = 0.2

    def arguments(self) -> list[str]:
        writers = [f"--writers={self.writers}"] if self.writers else []
        return [self.mode, f"--clients={self.clients}", f"--size={self.size}",
                f"--depth={self.depth}", *writers, f"--idle={self.idle}",
                f"--seconds={self.seconds}", f"--warmup={self.warmup}"]


@dataclasses.dataclass
class Sample:
    """What one run gave; `failed` says why it gave nothing."""
    cpu_us: float = 0.0  # server CPU for a message; in a broadcast for a delivery
    rate: float = 0.0  # messages, or deliveries, a second
    load_share: float = 0.0  # of a core, that the load used
    p50: float = 0.0  # µs
    p99: float = 0.0
    p999: float = 0.0
    resident: int = 0  # bytes, under load
    at_start: int = 0  # and before anybody came
    threads: int = 0
    switches: float = 0.0  # context switches a message
    others: float = 0.0  # of a core, that somebody else used
    failed: str = ""

    @property
    def disturbed(self) -> bool:
        return self.others > DISTURBED


def run(subject: Subject, load: Load) -> Sample:
    """Never raises for what a server did: a run that failed says so."""
    if load.clients + load.idle > subject.most:
        return Sample(failed=f"not with more than {subject.most:,} clients")
    if subject.does == "broadcast" and load.mode == "echo":  # it understands frames only
        silent = {"mode": "idle", "clients": 0} if load.idle else {"mode": "broadcast"}
        load = dataclasses.replace(load, **silent)  # or all who are silent would hear
    try:
        with Server(subject.command[0], *subject.command[1:]) as server:
            return visited(server, load) if load.mode == VISITS else measured(server, load)
    except (StoryError, OSError) as error:  # of the visitors
        return Sample(failed=str(error).splitlines()[-1])
    except ServerError as error:
        return Sample(failed=str(error).splitlines()[0])


def visited(server: Server, load: Load) -> Sample:
    """One after the other comes, stops sending, hears the end and leaves, while
    others are silent: what a visit costs the server. Nobody says anything, so
    nobody is written to (tools/ticks does the same)."""
    at_start, sockets = server.resident(), server.descriptors()
    os.sched_setaffinity(server.pid, {cores()[0]})
    story = Story()
    with contextlib.ExitStack() as silent:
        for _ in range(load.idle):
            silent.enter_context(Client(server.address, "", story))
        end = time.monotonic() + START
        while server.descriptors() - sockets < load.idle:
            if time.monotonic() > end:
                return Sample(failed=f"{load.idle:,} were not let in within {START:g} s")
            time.sleep(0.01)
        server.await_sleep()
        before, busy, own, start = counters(server), Busy.now(), time.process_time(), time.monotonic()
        visits = 0
        while time.monotonic() - start < load.seconds:
            with Client(server.address, "", story) as visitor:
                visitor.stop_sending()
                visitor.hear_end()
            visits += 1
        after, seconds = counters(server), time.monotonic() - start
        used, own = after[0] - before[0], time.process_time() - own
        return Sample(
            cpu_us=1e6 * used / visits, rate=visits / seconds, load_share=own / seconds,
            resident=server.resident(), at_start=at_start, threads=server.threads(),
            switches=(after[1] - before[1]) / visits,
            others=Busy.now().others_since(busy, used + own, seconds))


def measured(server: Server, load: Load) -> Sample:
    at_start = server.resident()
    os.sched_setaffinity(server.pid, {cores()[0]})  # threads that it starts inherit it
    try:
        with asking(server, load) as child:
            return dataclasses.replace(between(server, child, load), at_start=at_start)
    except Stopped as error:
        return Sample(failed=str(error))


@contextlib.contextmanager
def asking(server: Server, load: Load) -> Iterator[subprocess.Popen]:
    """A load that says when it begins and when it is over, and waits for a line
    each time."""
    child = subprocess.Popen(
        [LOAD, *load.arguments(), f"--host={server.address[0]}", f"--port={server.address[1]}",
         f"--cpu={cores()[-1]}", "--ask"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()


class Stopped(Exception):
    """The load has ended before it was asked to; why, in its own words."""


def between(server: Server, child: subprocess.Popen, load: Load) -> Sample:
    """The load says when it begins and when it is over; at both moments the
    server's counters are read while nobody is doing anything."""
    expect(child, "begin", START)
    before, busy, start = counters(server), Busy.now(), time.monotonic()
    answer(child)
    expect(child, "end", START + 3 * load.seconds)
    after, busy_after, seconds = counters(server), Busy.now(), time.monotonic() - start
    memory, threads = server.resident(), server.threads()
    result = told(child)
    if not result.get("ok"):
        return Sample(failed=result.get("error", "no result"))
    count = max(1, result["deliveries"])
    cpu = after[0] - before[0]
    latency = result["latency_us"]
    return Sample(
        cpu_us=1e6 * cpu / count if result["deliveries"] else 0.0,
        rate=result["delivery_rate"], load_share=result["load_share"],
        p50=latency["p50"], p99=latency["p99"], p999=latency["p99.9"], resident=memory,
        threads=threads, switches=(after[1] - before[1]) / count,
        others=busy_after.others_since(busy, cpu + result["load_cpu"], seconds))


def expect(child: subprocess.Popen, word: str, seconds: float) -> None:
    if not select.select([child.stdout], [], [], seconds)[0]:
        raise Stopped(f"the load did not come to its {word} in {seconds:g} s")
    line = child.stdout.readline()
    if line.strip() != word:
        result = json.loads(line) if line.startswith("{") else {}
        raise Stopped(result.get("error") or "the load ended early")


def answer(child: subprocess.Popen) -> None:
    child.stdin.write("\n")
    child.stdin.flush()


def told(child: subprocess.Popen) -> dict:
    """What the load found, or {}."""
    answer(child)
    return json.loads(child.stdout.readline() or "{}")


def counters(server: Server) -> tuple[float, int]:
    return server.cpu_seconds(), server.context_switches()


# ---- system calls ---------------------------------------------------------
def calls_of(subject: Subject, load: Load) -> dict[str, float]:
    """System calls a message, by name, from a short run under strace(1), which
    comes when all have been served and goes when all have heard. Empty where
    strace is missing or may not attach."""
    if not shutil.which("strace"):
        return {}
    with tempfile.NamedTemporaryFile("r") as table, contextlib.suppress(ServerError, Stopped):
        with (Server(subject.command[0], *subject.command[1:]) as server,
              asking(server, load) as child):
            expect(child, "begin", START)
            tracer = subprocess.Popen(["strace", "-f", "-c", "-o", table.name, "-p", str(server.pid)],
                                      stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if " attached" not in (tracer.stderr.readline() or ""):
                tracer.wait()
                return {}
            answer(child)
            try:
                expect(child, "end", START + 3 * load.seconds)
                server.await_sleep()  # a thread may still be held in its last call
            finally:
                tracer.send_signal(signal.SIGINT)
                tracer.communicate()
            result = told(child)
        if result.get("ok"):
            return {name: count / result["deliveries"] for name, count in rows(table.read())}
    return {}


def rows(text: str) -> list[tuple[str, int]]:
    """The table that strace -c prints: calls by name."""
    found = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$", text, re.M)
    return [(name, int(count)) for count, name in found if name != "total"]
