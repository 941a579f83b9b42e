"""The toys: each goes wrong when the reader lets it, and right otherwise."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOYS = ROOT / "docs/toys"
PLAY = Path(__file__).with_name("play_toy.js")
NAMES = sorted(file.stem for file in TOYS.glob("*.js") if file.stem != "toy")
CSS = (TOYS / "toys.css").read_text()
NODE = shutil.which("node")

needs_node = pytest.mark.skipif(NODE is None, reason="there is no node")


def play(*actions: str) -> str:
    """What a toy shows after these actions, line by line."""
    result = subprocess.run([str(NODE), PLAY, *actions], capture_output=True, text=True, timeout=20)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_there_are_toys() -> None:
    assert {"backlog", "partial-write", "readiness", "stale-token"} <= set(NAMES)


@pytest.mark.parametrize("name", [*NAMES, "toy"])
def test_a_toy_is_a_plain_script_that_works_from_a_file(name: str) -> None:
    text = (TOYS / f"{name}.js").read_text()
    assert not re.search(r"^\s*(import|export)\b|\bfetch\(|XMLHttp|https?://|localStorage", text, re.M)
    assert len(text.splitlines()) <= 100


@pytest.mark.parametrize("name", NAMES)
def test_a_toy_is_called_what_its_file_is_called(name: str) -> None:
    assert f"\ntoy('{name}', " in (TOYS / f"{name}.js").read_text()


@pytest.mark.parametrize("name", [*NAMES, "toy"])
def test_every_class_of_a_toy_has_its_looks(name: str) -> None:
    text = (TOYS / f"{name}.js").read_text()
    classes = re.findall(r"class: '([^']+)'", text) + re.findall(r"toggle\('([\w-]+)'", text)
    bare = {"toy-box"}  # only found by its name
    for word in {word for names in classes for word in names.split()} - bare:
        assert f".{word}" in CSS, word


def test_colours_are_the_theme_s_and_have_a_fallback() -> None:
    rules = re.sub(r"/\*.*?\*/", "", CSS, flags=re.S)
    assert not re.search(r"var\(--[\w-]+\)", rules), "a colour without a fallback"
    assert not re.search(r"#[0-9a-f]{3,6}", re.sub(r"var\([^()]*\)", "", rules))


def test_what_moves_moves_only_for_who_wants_it() -> None:
    calm = re.sub(r"@media \(prefers-reduced-motion: no-preference\) \{.*?\n\}", "", CSS, flags=re.S)
    assert "transition" not in calm and "animation" not in calm


@needs_node
@pytest.mark.parametrize("name", NAMES)
def test_a_toy_begins_anew_after_a_reset(name: str) -> None:
    script = (TOYS / f"{name}.js").read_text()
    buttons = re.findall(r"kit\.button\('([^']+)'", script)
    toggles = re.findall(r"kit\.toggle\('([^']+)'", script)
    actions = [*buttons, *(f"~{label}" for label in toggles), *buttons]
    assert play(name, *actions) != play(name)
    assert play(name, *actions, "Reset") == play(name)


@needs_node
def test_backlog_one_thread_serves_one_and_the_kernel_keeps_four() -> None:
    shown = play("backlog", *["A client comes"] * 7)
    assert "1 of 7 clients served" in shown
    assert "connected, 20 bytes, read by nobody" in shown
    assert "Outside: 2 in connect()" in shown


@needs_node
def test_backlog_who_leaves_makes_room_for_two() -> None:
    shown = play("backlog", *["A client comes"] * 6, "A leaves")
    assert "accept() takes B" in shown
    assert "F: connect() = 0" in shown
    assert "Outside: 0 in connect()" in shown


@needs_node
def test_backlog_a_thread_each_serves_all_until_there_are_no_more() -> None:
    shown = play("backlog", "~a thread each", *["A client comes"] * 8)
    assert "7 clients, 8 threads" in shown
    assert "log (wrong): H: connect() = 0 accept() takes it, but the machine has no thread" in shown


@needs_node
def test_partial_write_keeps_the_rest_and_everything_arrives() -> None:
    shown = play(
        "partial-write", "Make an answer", "write()", "write()", "The client reads", "write()",
        *["The client reads"] * 2,
    )  # fmt: skip
    assert "write(12) = 8" in shown
    assert "write(4) = -1 EAGAIN" in shown
    assert "The client has everything, in order." in shown


@needs_node
def test_partial_write_forgets_the_rest_and_bytes_are_lost() -> None:
    actions = ["~forget", "Make an answer", "write()", *["The client reads"] * 2]
    assert 'The client waits for "i", for ever.' in play("partial-write", *actions)
    shown = play("partial-write", *actions, "Make an answer", "write()", "The client reads")
    assert 'state (wrong): Byte 9 is "A" and should be "i".' in shown
    assert "Lost: 8 bytes" in shown


@needs_node
def test_readiness_the_flag_stays_up_while_a_byte_is_left() -> None:
    shown = play("readiness", "The client sends", "poll()", "read(2)", "poll()")
    assert shown.count("poll() = 1") == 2
    assert "flag up: 1 byte waiting" in shown
    shown = play("readiness", "The client sends", "read(2)", "read(2)", "poll()")
    assert "flag down" in shown and "asleep in poll()" in shown


@needs_node
def test_readiness_a_sleeper_is_woken_by_bytes() -> None:
    shown = play("readiness", "poll()", "The client sends")
    assert "poll() = 1" in shown and "Your program: awake" in shown


@needs_node
def test_readiness_write_interest_left_on_never_sleeps() -> None:
    assert "state (wrong): Woken for nothing" in play("readiness", "~ask for POLLOUT", "poll()")
    calm = play("readiness", "~ask for POLLOUT", "poll()", "~ask for POLLOUT")
    assert "asleep in poll()" in calm


@needs_node
def test_stale_token_a_descriptor_hits_the_wrong_client() -> None:
    shown = play("stale-token", "Close B", "A client comes", "Deliver")
    assert "B hung up, and D is cut off for it." in shown
    assert "state (wrong): D had done nothing." in shown


@needs_node
def test_stale_token_a_generation_refuses_the_old_event() -> None:
    shown = play("stale-token", "~find by token", "Close B", "A client comes", "Deliver")
    assert "get({1, 1}) → nobody" in shown
    assert "slot: D, fd 6, slot 1 · gen 2" in shown


@needs_node
def test_level_or_edge_only_the_edge_leaves_bytes_behind() -> None:
    shown = play("level-or-edge", "The client sends", *["One turn"] * 3)
    assert "level: 0 of 8 bytes unread" in shown
    assert "edge: 2 of 8 bytes unread" in shown
    shown = play("level-or-edge", "~read until EAGAIN", "The client sends", "One turn")
    assert "edge: 0 of 8 bytes unread" in shown


@needs_node
def test_level_or_edge_a_oneshot_is_silent_until_it_is_re_armed_and_then_told_of_the_rest() -> None:
    drained = ["~read until EAGAIN", "The client sends", "One turn", "The client sends", "One turn"]
    shown = play("level-or-edge", *drained)
    assert "edge: 0 of 8 bytes unread" in shown and "oneshot: 5 of 8 bytes unread" in shown
    assert 'Oneshot: nobody will be told of "fghij", whatever arrives.' in shown
    shown = play("level-or-edge", *drained, "~re-arm the oneshot", "One turn")
    assert "oneshot: 0 of 8 bytes unread" in shown
    shown = play("level-or-edge", "~re-arm the oneshot", "The client sends", *["One turn"] * 2)
    assert "edge: 2 of 8 bytes unread" in shown and "oneshot: 0 of 8 bytes unread" in shown


@needs_node
@pytest.mark.parametrize("reads", [["A read"] * 31, ["All the rest"], ["3 bytes", "8 bytes"] * 3,
                                   ["A read", "8 bytes", "All the rest"], ["8 bytes"] * 4])
def test_split_however_it_is_cut_the_same_three_messages_come_out(reads: list[str]) -> None:
    shown = play("split", *reads)
    assert "state: Heard: “hello”, an empty message, “hi”." in shown
    assert "three messages." in shown


@needs_node
def test_split_what_is_missing_is_told() -> None:
    assert "5 of the eight bytes of a length are still missing" in play("split", "3 bytes")
    assert "2 of 5 bytes are still missing" in play("split", "8 bytes", "3 bytes")


@needs_node
def test_split_a_read_is_no_message() -> None:
    assert "state (wrong): Heard: “hello00" in play("split", "~a read is a message", "All the rest")
    assert "That is not what was said" in play("split", "~a read is", *["8 bytes"] * 4)
