"""The load of the capacity lab: what it counts, and what it says about a
machine that has too little. Speed is not looked at here."""

from __future__ import annotations

import itertools
import json
import math
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import lab
import pytest
from kit.server import ROOT

COUNTED = ("messages", "deliveries", "bytes_sent", "bytes_heard")


@pytest.fixture(autouse=True, scope="module")
def _built() -> None:
    lab.build("load")


def check_sums(found: dict, messages: int, hearers: int) -> None:
    """Every number that another one implies."""
    size = found["size"]
    assert [found[name] for name in COUNTED] == [
        messages, messages * hearers, messages * size, messages * hearers * size]
    latency = found["latency_us"]
    assert latency["count"] == found["deliveries"]
    order = [latency[name] for name in ("p50", "p90", "p99", "p99.9", "max")]
    assert order == sorted(order) and order[0] > 0
    assert found["rate"] == pytest.approx(messages / found["seconds"], rel=1e-3)
    assert found["delivery_rate"] == pytest.approx(hearers * messages / found["seconds"], rel=1e-3)
    assert found["load_share"] == pytest.approx(found["load_cpu"] / found["seconds"], abs=1e-3)
    assert found["reads"] > 0 and found["writes"] > 0 and found["waits"] > 0
    assert (found["ok"], found["errors"], found["error"]) == (True, 0, "")


# ---- the modes, on the kit's own servers ----------------------------------------
@pytest.mark.parametrize("chapter, name", [("01", "server"), ("03", "server"), ("05", "echo")])
@pytest.mark.parametrize("size, depth", [(1, 1), (64, 16), (100_000, 2)])
def test_echo_brings_each_message_back(serve, chapter: str, name: str, size: int,
                                       depth: int) -> None:
    server = serve(chapter, name, trace=False)
    run = lab.load("echo", server.address, clients=10, messages=500, size=size, depth=depth)
    assert run.status == 0, run.error
    check_sums(run.json, 500, 1)


@pytest.mark.parametrize("chapter", ["04", "05", "06"])
@pytest.mark.parametrize("size", [1, 64, 5000])
def test_multi_echo_brings_each_message_to_everybody(serve, chapter: str, size: int) -> None:
    server = serve(chapter, trace=False)
    run = lab.load("multi-echo", server.address, clients=12, writers=5, messages=300, size=size,
                   depth=2)
    assert run.status == 0, run.error
    check_sums(run.json, 300, 12)


@pytest.mark.parametrize("size", [16, 17, 64, 70_000])
def test_broadcast_brings_each_frame_to_everybody(serve, size: int) -> None:
    server = serve("07", trace=False)
    run = lab.load("broadcast", server.address, clients=12, writers=5, messages=300, size=size)
    assert run.status == 0, run.error
    check_sums(run.json, 300, 12)


@pytest.mark.parametrize("chapter", ["01", "03", "05"])
def test_churn_makes_as_many_connections_as_messages(serve, chapter: str) -> None:
    server = serve(chapter, "echo" if chapter == "05" else "server", trace=False)
    run = lab.load("churn", server.address, clients=8, messages=200, size=300)
    assert run.status == 0, run.error
    check_sums(run.json, 200, 1)


def test_idle_holds_its_connections_while_others_talk(serve) -> None:
    server = serve("03", trace=False)
    before = server.descriptors()
    command = lab.arguments("idle", server.address, idle=100, clients=4, seconds=0.2, ask=True)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        assert process.stdout and process.stdin
        assert process.stdout.readline() == "begin\n"
        deadline = time.monotonic() + 20
        while server.descriptors() < before + 104 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert server.descriptors() == before + 104
        for place in ("end\n", ""):
            process.stdin.write("\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert line == place or not place
        found = json.loads(line)
        assert process.wait(20) == 0
    assert found["idle"] == 100 and found["messages"] > 0
    check_sums(found, found["messages"], 1)


def test_no_clients_at_all_can_be_held_in_silence(serve) -> None:
    run = lab.load("idle", serve("03").address, idle=10, clients=0, seconds=0.2)
    assert run.status == 0, run.error
    assert run.json["messages"] == 0 and run.json["seconds"] >= 0.2


def test_time_ends_a_run_and_the_warm_up_is_not_counted(serve) -> None:
    server = serve("03", trace=False)
    run = lab.load("echo", server.address, clients=3, warmup=0.3, seconds=0.3)
    assert run.status == 0 and 0.3 <= run.json["seconds"] < 5
    check_sums(run.json, run.json["messages"], 1)


# ---- latencies ------------------------------------------------------------------
def test_percentiles_are_those_of_the_latencies(serve, tmp_path: Path) -> None:
    each = tmp_path / "latencies"
    run = lab.load("multi-echo", serve("04", trace=False).address, clients=5, messages=2000,
                   latencies=each, histogram=True)
    assert run.status == 0, run.error
    latencies = sorted(int(line) / 1000 for line in each.read_text().splitlines())
    found = run.json["latency_us"]
    assert len(latencies) == found["count"] == 10_000
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)):
        wanted = latencies[math.ceil(share * len(latencies)) - 1]
        assert found[name] == pytest.approx(wanted, rel=0.008), name
    assert found["max"] == pytest.approx(latencies[-1], abs=0.001)
    assert found["mean"] == pytest.approx(sum(latencies) / len(latencies), abs=0.001)
    parts = run.json["histogram_us"]
    assert sum(count for _, count in parts) == len(latencies)
    for middle, count in parts:  # each part is as full as it says
        near = [value for value in latencies if abs(value - middle) <= 0.0079 * middle]
        assert len(near) >= count


# ---- the machine has too little ---------------------------------------------------
def test_too_few_descriptors_are_said_before_anything_connects(serve) -> None:
    server = serve("03")
    run = lab.load("echo", server.address, clients=100,
                   prefix=("prlimit", "--nofile=64:64"), seconds=0.1)
    assert run.status == 5
    assert run.json["error"] == "needs 116 descriptors, and this process may have 64 (ulimit -Hn)"
    assert run.json["messages"] == 0


def test_the_soft_limit_of_descriptors_is_raised(serve) -> None:
    run = lab.load("echo", serve("03", trace=False).address, clients=100, messages=200,
                   prefix=("prlimit", "--nofile=64:400"))
    assert run.status == 0, run.error


FEW_PORTS = """
import subprocess, sys
sys.path[:0] = [{tools!r}, {here!r}]
from kit.server import Server, program
import lab
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
    file.write("40000 40009")
with Server(program("03", build="build")) as server:
    for sources in (1, 3):
        run = lab.load("echo", server.address, clients=20, messages=40, sources=sources)
        print(run.status, run.error)
"""


def test_too_few_ports_are_said_and_more_addresses_help() -> None:
    alone = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*alone, "ip", "link"], capture_output=True, check=False).returncode:
        pytest.skip("SKIPPED: no network of its own can be made here (unshare)")
    script = FEW_PORTS.format(tools=str(ROOT / "tools"), here=str(Path(__file__).parent))
    ended = subprocess.run([*alone, sys.executable, "-c", script], capture_output=True, text=True,
                           timeout=60, check=False)
    lines = ended.stdout.splitlines()
    assert len(lines) == 2, ended.stderr
    assert lines[0].startswith("5 load: no port is left for connection ")
    assert "1 source address of 10 ports" in lines[0]
    assert lines[1].strip() == "0"


def test_an_interrupted_run_tells_what_it_has() -> None:
    heard, answers = threading.Event(), itertools.count()

    def echo(who: int, data: bytes) -> list[tuple[int, bytes | None]]:
        if next(answers) == 100:  # the first are long back by now, and counted
            heard.set()
        return [(who, data)]

    with lab.lying(lambda everybody: echo) as address:
        command = lab.arguments("echo", address, clients=2, seconds=50, ask=True)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout and process.stdin
            process.stdout.readline()
            process.stdin.write("\n")
            process.stdin.flush()
            assert heard.wait(20)
            process.send_signal(signal.SIGINT)
            out, error = process.communicate(timeout=20)
    assert (process.returncode, error) == (130, "load: interrupted\n")
    assert json.loads(out)["messages"] > 0


@pytest.mark.parametrize("mode, options, words", [
    ("echo", {"clients": 0}, "0 clients say nothing"),
    ("echo", {"writers": 2, "clients": 3}, "--writers is for multi-echo and broadcast"),
    ("multi-echo", {"writers": 3, "clients": 2}, "3 writers of 2 clients"),
    ("multi-echo", {"clients": 128}, "at most 127 writers"),
    ("broadcast", {"size": 15}, "a frame needs 16 bytes"),
    ("broadcast", {"idle": 1}, "--idle is for idle and echo"),
    ("churn", {"depth": 2}, "one message a connection"),
    ("echo", {"size": ""}, "--size: "),
    ("echo", {"size": 0}, "--size: "),
    ("sing", {}, "sing not in"),
])
def test_what_cannot_be_meant_is_refused(mode: str, options: dict, words: str) -> None:
    ended = subprocess.run(lab.arguments(mode, ("127.0.0.1", 1), **options), capture_output=True,
                           text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert words in ended.stderr and ended.stderr.count("\n") == 1


def test_no_server_at_all_is_status_1(taken_port: int) -> None:
    run = lab.load("echo", ("127.0.0.1", 1), clients=2, seconds=0.1)
    assert run.status == 1 and "127.0.0.1:1: Connection refused" in run.error
