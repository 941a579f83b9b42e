"""What every server of the kit promises, whatever its chapter is about."""

from __future__ import annotations

import json
import pathlib
import random
import re
import signal
import subprocess

import pytest
from conftest import path_of
from kit.client import Story
from kit.server import ROOT, Server
from targets import Target, programs
from voices import Voice
from wires import wire_of

SECONDS = 20  # for a program that should end by itself
DOCUMENTED = set(re.findall(r"\w+", (ROOT / "common/trace.hpp").read_text().split("#pragma")[0]))
# Each option, the unit that --help gives for it, and its default.
BASICS = {"--host": ("address", "127.0.0.1"), "--port": ("TCP port", "8000"),
          "--log-level": ("debug|error|info|off|warn", "info"), "--trace": ("file", "no trace"),
          "--socket-buffers": ("bytes", "0")}
POLLER = {"--backend": ("epoll|kqueue|poll|select", "best"), "--max-connections": ("clients", "1000")}
TRIGGER = {"--trigger": ("edge|edge_oneshot|level|oneshot", "level")}
FRAMES = {"--max-frame": ("bytes", "16777216"), "--max-pending": ("bytes", "1048576")}

every_server = pytest.mark.parametrize("target", programs(), ids=lambda one: one.key)


@pytest.fixture
def enter(story: Story, seed: int):
    """Brings a client in that speaks what the target speaks."""
    guests: list[Voice] = []

    def start(target: Target, server: Server) -> Voice:
        guests.append(Voice(server.address, "A", 0, target.multi, random.Random(seed), story,
                            wire=wire_of(target.speaks)))
        return guests[-1]

    yield start
    for guest in guests:
        guest.socket.close()


def run(target: Target, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [path_of(target.chapter, target.program), *options],
        capture_output=True, text=True, timeout=SECONDS, check=False, cwd=ROOT,
    )


def one_line(text: str) -> str:
    assert text.endswith("\n") and text.count("\n") == 1, f"one line expected, not {text!r}"
    return text


@every_server
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_a_signal_ends_it_with_status_0_and_stdout_had_only_the_ready_line(
        target: Target, number: signal.Signals, serve, enter) -> None:
    server = serve(target.chapter, target.program)
    client = enter(target, server)
    client.exchange(client.words(5))
    server.stop_well(number)  # looks at status, stdout and sanitizers


@every_server
@pytest.mark.parametrize("options, named", [
    (["--frobnicate"], "--frobnicate"),
    (["--port", "70000"], "--port"),
    (["--port", "many"], "--port"),
    (["--socket-buffers", "-1"], "--socket-buffers"),
    (["--log-level", "loud"], "--log-level"),
    (["stray"], "stray"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_bad_option_gives_status_2_and_one_line_that_names_it(
        target: Target, options: list[str], named: str) -> None:
    ended = run(target, *options)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert named in one_line(ended.stderr)


@every_server
def test_a_port_in_use_gives_status_1_and_one_line_that_names_the_call(
        target: Target, taken_port: int) -> None:
    ended = run(target, "--port", str(taken_port))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "bind: Address already in use" in one_line(ended.stderr)


@every_server
def test_a_trace_that_cannot_be_written_gives_status_1_and_one_line(target: Target) -> None:
    ended = run(target, "--port", "0", "--trace", "/nowhere/at/all")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "No such file or directory" in one_line(ended.stderr)


@every_server
def test_help_explains_each_option_with_its_unit_and_its_default(target: Target) -> None:
    ended = run(target, "--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    wanted = BASICS | (POLLER if target.entry.get("backends") else {})
    wanted |= TRIGGER if target.entry.get("triggers") else {}
    wanted |= FRAMES if target.entry["speaks"] in ("framed", "chat") else {}
    # An option's paragraph goes up to the next option.
    texts = {text.split()[0]: " ".join(text.split())
             for text in re.split(r"\n  (?=-)", ended.stdout)}
    for option, (unit, default) in wanted.items():
        assert option in texts, f"--help does not mention {option}"
        assert unit in texts[option], f"{option}: no unit in {texts[option]!r}"
        assert re.search(rf"\[.*{re.escape(default)}.*\]", texts[option]), (
            f"{option}: no default in {texts[option]!r}")
    unknown = {option for option in texts if option.startswith("--")} - set(wanted)
    assert not unknown, f"--help mentions {unknown}, and this test does not know them"


@every_server
def test_it_listens_on_ipv6_when_asked_to(target: Target, serve, enter) -> None:
    server = serve(target.chapter, target.program, "--host", "::1")
    assert server.address[0] == "::1"
    client = enter(target, server)
    client.exchange(client.words(5))


@every_server
def test_every_line_of_the_trace_can_be_read_and_leads_to_a_line_of_code(
        target: Target, serve, enter, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "trace.jsonl"
    server = serve(target.chapter, target.program, "--trace", str(path), trace=False)
    client = enter(target, server)
    client.exchange(client.words(5))
    client.stop_sending()
    client.hear_end()
    server.stop_well()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    told = {line["event"] for line in lines}
    assert {"accept", "read", "close"} <= told and told & {"write", "writev"}
    check_order(lines)
    for line in lines:
        assert line["event"] in DOCUMENTED, f"trace.hpp does not explain {line}"
    check_places({line["at"] for line in lines})


def check_order(lines: list[dict]) -> None:
    """Time never goes back, as each thread sees it."""
    last: dict[int, int] = {}
    for line in lines:
        assert line["ns"] >= last.get(line["thread"], 0), f"time went back: {line}"
        last[line["thread"]] = line["ns"]


def check_places(places: set[str]) -> None:
    for place in places:
        name, _, number = place.rpartition(":")
        path = ROOT / name
        assert path.is_file(), f"the trace names {place}, which is no file"
        count = len(path.read_text().splitlines())
        assert 1 <= int(number) <= count, f"the trace names {place}, which has {count} lines"
