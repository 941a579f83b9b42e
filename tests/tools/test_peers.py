"""The peers of the capacity lab do the work that they are compared by."""

from __future__ import annotations

import subprocess
from functools import cache

import lab
import pytest
from kit.server import ROOT, Server

PROBE = str(ROOT / "tools/bench/peers/probe")


@cache
def rows() -> list[list[str]]:
    """Name, does, here or absent, Debian's packages, title."""
    out = subprocess.run([PROBE, "--list"], capture_output=True, text=True, timeout=60, check=True)
    return [line.split("\t") for line in out.stdout.splitlines()]


def peers(does: str) -> list[str]:
    return [row[0] for row in rows() if row[1] == does]


@pytest.fixture
def start():
    """Starts a peer that can be built here; it has to end well, too."""
    servers: list[Server] = []

    def begin(name: str) -> Server:
        _, _, state, packages, _ = next(row for row in rows() if row[0] == name)
        if state == "absent":
            pytest.skip(f"SKIPPED: {name} needs {packages} (tools/setup bench)")
        lab.build("load")
        servers.append(Server(lab.build(f"peers/{name}")))
        return servers[0]

    yield begin
    for server in servers:
        try:
            server.stop_well()
        finally:
            server.kill()


@pytest.mark.parametrize("name", peers("echo"))
def test_echo(start, name: str) -> None:
    server = start(name)
    for options in ({"clients": 40, "messages": 3000},
                    {"clients": 5, "messages": 300, "depth": 16, "size": 1000},
                    {"clients": 4, "messages": 16, "depth": 2, "size": 1_500_000}):
        run = lab.load("echo", server.address, **options)
        assert (run.status, run.json["messages"]) == (0, options["messages"]), run.error
    run = lab.load("churn", server.address, clients=5, messages=200)
    assert (run.status, run.json["messages"]) == (0, 200), run.error
    assert server.alive()


@pytest.mark.parametrize("name", peers("broadcast"))
def test_broadcast(start, name: str) -> None:
    server = start(name)
    for options in ({"clients": 20, "writers": 20, "messages": 500},
                    {"clients": 30, "writers": 1, "messages": 100, "depth": 8, "size": 16},
                    {"clients": 6, "writers": 3, "messages": 60, "size": 100_000}):
        run = lab.load("broadcast", server.address, **options)
        assert (run.status, run.json["messages"]) == (0, options["messages"]), run.error
        assert run.json["deliveries"] == options["messages"] * options["clients"]
    assert server.alive()


@pytest.mark.parametrize("name", peers("echo") + peers("broadcast"))
def test_stopped_and_continued(start, name: str) -> None:
    """A wait that a signal interrupts is not an error (signal(7)); strace(1)
    interrupts it as well."""
    server = start(name)
    mode = "echo" if name in peers("echo") else "broadcast"
    for _ in range(3):
        assert lab.load(mode, server.address, clients=2, messages=20).status == 0
        server.await_sleep()
        server.freeze()
        server.thaw()
    assert lab.load(mode, server.address, clients=2, messages=20).status == 0


def test_every_peer_is_listed_and_every_listed_one_is_there() -> None:
    folder = ROOT / "tools/bench/peers"
    shared = {"peer", "framing"}
    there = {path.stem for pattern in ("*.cpp", "rust/src/*.rs") for path in folder.glob(pattern)}
    assert there - shared == {row[0] for row in rows()}
    assert {row[1] for row in rows()} == {"echo", "broadcast"}


def test_an_absent_peer_is_said_to_be_absent_and_why(tmp_path) -> None:
    """The same table, looked at where there is neither cargo nor a header."""
    table = (ROOT / "tools/needs.sh").read_text()
    tree = tmp_path / "kit"
    (tree / "tools/bench/peers").mkdir(parents=True)
    for name in ("probe", "list"):
        (tree / "tools/bench/peers" / name).write_text(
            (ROOT / "tools/bench/peers" / name).read_text())
    (tree / "tools/needs.sh").write_text(
        table.replace("include_dirs='", f"include_dirs='{tmp_path}' unused='")
        .replace("/usr/share/cargo", str(tmp_path)))
    out = subprocess.run(["bash", str(tree / "tools/bench/peers/probe"), "--absent"],
                         capture_output=True, text=True, timeout=60, check=True).stdout
    assert "  absent   libuv: no libuv1-dev here (tools/setup bench)\n" in out
    assert "librust-tokio-dev" in out and "epoll_level" not in out
