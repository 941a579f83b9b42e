"""tools/trace: every play gives a recorded run that shows its chapter's idea;
damaged files are named with their line; exports are what Perfetto documents."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from kit.kernel import Kernel, in_order  # noqa: E402
from kit.play import read_play  # noqa: E402
from kit.tracefile import fold  # noqa: E402

PLAYS = sorted(ROOT.glob("chapters/*/traces/*.play"))
NAMES = [path.stem for path in PLAYS]

pytestmark = pytest.mark.skipif(
    os.environ.get("TICK_BUILD", "build") != "build",
    reason="the tool records the plain build")


def trace(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "tools/trace", *map(str, arguments)], cwd=ROOT,
                          capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, dict]:
    """All plays, recorded now."""
    folder = tmp_path_factory.mktemp("traces")
    done = trace("record", "--out", folder, *PLAYS)
    assert done.returncode == 0, done.stderr
    return {file.stem: json.loads(file.read_text()) for file in folder.glob("*/*.json")}


def run_of(runs: dict[str, dict], name: str) -> list[dict]:
    if name not in runs:
        play = next(path for path in PLAYS if path.stem == name)
        assert read_play(play).is_to_come, f"{name} was not recorded"
        pytest.skip(f"{name}: the planted mistake has not been written yet")
    return runs[name]["events"]


def kinds(events: list[dict], who: str | None = None) -> list[str]:
    return [event["kind"] for event in events if who in (None, event["who"])]


# ---- what every run keeps ---------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_run_has_all_that_the_player_needs(runs, name):
    events = run_of(runs, name)
    lanes = {lane["id"] for lane in runs[name]["lanes"]}
    assert runs[name]["title"] and runs[name]["about"]
    assert 10 < len(events) <= 160
    for event in events:
        assert event["lane"] in lanes, event
        assert len(event["sentence"]) > 10 and event["sentence"].endswith((".", "?")), event
        assert set(event.get("woken", [])) <= lanes, event
        assert event["state"]["threads"], event


@pytest.mark.parametrize("name", NAMES)
def test_times_never_run_backwards(runs, name):
    times = [event["us"] for event in run_of(runs, name)]
    assert times == sorted(times) and times[0] == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_kernel_never_holds_less_than_nothing(runs, name):
    for event in run_of(runs, name):
        for row in event["state"]["rows"]:
            assert row["unread"] >= 0 and row["replies"] >= 0 and row["queued"] >= 0, event


@pytest.mark.parametrize("name", NAMES)
def test_every_event_of_the_server_names_a_line_that_exists(runs, name):
    named = 0
    for event in run_of(runs, name):
        if "file" in event:
            named += 1
            lines = (ROOT / event["file"]).read_text().splitlines()
            assert 1 <= event["line"] <= len(lines), event
    assert named > 3


# ---- each shows its chapter's idea ------------------------------------------
def test_second_client_waits_in_the_kernel_while_nobody_reads(runs):
    events = run_of(runs, "second-client-waits")
    silence = next(event for event in events if event["kind"] == "silence")
    b = next(row for row in silence["state"]["rows"] if row["who"] == "B")
    assert (b["unread"], b["is"]) == (len("anybody there?"), "not accepted")
    assert silence["state"]["listen"] == ["B"]
    assert silence["state"]["threads"] == [{"name": "Thread 1", "is": "asleep in read (A)"}]
    assert kinds(events).index("close") < kinds(events, None).index("accept", 5)


def test_a_thread_each_has_three_threads_asleep_at_once(runs):
    asleep = [{thread["is"] for thread in event["state"]["threads"]}
              for event in run_of(runs, "a-thread-each")]
    assert {"asleep in accept", "asleep in read (A)", "asleep in read (B)"} in asleep


def test_asking_in_vain_folds_thousands_of_refusals_into_few_events(runs):
    events = run_of(runs, "asking-in-vain")
    times = [event.get("times", 1) for event in events if event["kind"] == "would_block"]
    assert sum(times) > 5000 and max(times) > 500
    assert len(events) < 60
    assert "wait" not in kinds(events)


def test_told_again_reports_the_same_client_without_new_bytes(runs):
    events = run_of(runs, "told-again")
    told, most = 0, 0
    for event in events:
        if event["kind"] == "send":
            told = 0
        elif event["kind"] == "event" and event["who"] == "A":
            told += 1
            most = max(most, told)
    assert most >= 2
    again = [event for event in events if event.get("again")]
    assert len(again) >= 2 and all("still" in event["sentence"] for event in again)


def test_write_interest_is_asked_for_only_while_output_is_queued(runs):
    events = run_of(runs, "write-interest")
    asked = [event["detail"] for event in events
             if event["kind"] == "interest" and event["who"] == "A"]
    on = next(i for i, words in enumerate(asked) if "writable" in words)
    assert "writable" not in asked[-1] and on < len(asked) - 1, asked
    for event in events:
        row = next((row for row in event["state"]["rows"] if row["who"] == "A"), None)
        if row and event["kind"] == "wait":
            assert ("writable" in row["asks"]) == (row["queued"] > 0), event


def test_write_interest_left_on_wakes_the_loop_without_end(runs):
    events = run_of(runs, "write-interest-left-on")
    wakes = [event.get("times", 1) for event in events if event["kind"] == "wake"]
    assert max(wakes) > 100
    assert any("nothing to write" in event["sentence"] for event in events)


def test_stale_token_is_refused_and_its_descriptor_is_somebody_elses(runs):
    events = run_of(runs, "stale-token")
    stale = next(event for event in events if event["kind"] == "stale")
    assert stale["who"] == "B" and "C’s" in stale["sentence"]
    fds = {event["who"]: event["n"] for event in events if event["kind"] == "accept"}
    assert fds["B"] == fds["C"]


def test_everybody_hears_is_one_read_and_three_writes(runs):
    events = run_of(runs, "everybody-hears")
    assert kinds(events).count("read") == 1
    assert [event["who"] for event in events if event["kind"] == "write"] == ["A", "B", "C"]


def calls(events: list[dict]) -> list[tuple[str, str, int]]:
    """What the loop did, without what the clients did meanwhile."""
    return [(event["kind"], event["who"], event["n"]) for event in events
            if event["lane"] != "clients"]


def test_level_is_told_again_of_what_the_budget_left_and_says_nothing_for_it(runs):
    events = run_of(runs, "level")
    assert "modify" not in kinds(events)
    again = [event for event in events if event.get("again")]
    assert len(again) == 1 and "still waiting" in again[0]["sentence"]


def test_edge_is_told_again_only_because_it_asks_anew(runs):
    events = run_of(runs, "edge")
    modify = [event for event in events if event["kind"] == "modify"]
    assert len(modify) == 1 and "anew" in modify[0]["sentence"]
    without = [call for call in calls(events) if call[0] != "modify"]
    assert without == calls(run_of(runs, "level"))


@pytest.mark.parametrize("name", ["oneshot", "edge-oneshot"])
def test_oneshot_is_re_armed_after_every_event_but_the_last(runs, name):
    events = run_of(runs, name)
    for who, last in (("A", 1), ("listener", 0)):
        modify = [event for event in events if (event["kind"], event["who"]) == ("modify", who)]
        assert len(modify) == kinds(events, who).count("event") - last
        assert all("re-arms" in event["sentence"] for event in modify)
    assert calls(events) == calls(run_of(runs, "oneshot"))


def test_a_oneshot_that_has_fired_asks_for_nothing_until_it_is_re_armed(runs):
    for event in run_of(runs, "oneshot"):
        row = next((row for row in event["state"]["rows"] if row["who"] == "A"), None)
        if row and event["kind"] in ("read", "write"):
            assert row["asks"] == "", event


def test_a_receiver_is_re_armed_while_the_sender_is_served(runs):
    events = run_of(runs, "receiver")
    told = ""
    for event in events:
        told = event["who"] if event["kind"] == "event" else told
        if event["kind"] == "modify" and event["who"] == "B" and "writable" in event["detail"]:
            assert told == "A"
            break
    else:
        pytest.fail("B was never asked for room")
    assert "4,096 bytes can go out" in " ".join(event["sentence"] for event in events)


def after_the_stop(events: list[dict]) -> list[str]:
    """What the loop did about the batch for which the server was stopped."""
    clients = ("hear", "end", "send")  # they may come in between
    own = [kind for kind in kinds(events)[kinds(events).index("continue"):]
           if kind not in clients]
    start = next(i for i, kind in enumerate(own) if kind == "event")
    return own[start:own.index("wait", start)]


def test_one_tick_reads_from_all_and_then_writes_to_each_once(runs):
    events = run_of(runs, "one-tick")
    assert after_the_stop(events) == ["event"] * 3 + ["read"] * 3 + ["tick"] + ["write"] * 3
    tick = next(event for event in events if event["kind"] == "tick" and event["n"] == 3)
    assert tick["lane"] == "thread-1" and "the 3 connections that were touched" in tick["sentence"]
    silent = next(event for event in events if event["kind"] == "tick" and event["n"] == 0)
    assert "nothing to do" in silent["sentence"]


def test_at_once_writes_to_all_after_each_read(runs):
    events = run_of(runs, "at-once")
    assert after_the_stop(events) == ["event"] * 3 + (["read"] + ["write"] * 3) * 3


def test_deferred_close_gives_nobody_the_place_of_one_whose_event_is_to_come(runs):
    events = run_of(runs, "deferred-close")
    assert "stale" not in kinds(events)
    fds = {event["who"]: event["n"] for event in events if event["kind"] == "accept"}
    assert fds["B"] != fds["C"]
    ticks = [i for i, kind in enumerate(kinds(events)) if kind == "tick"]
    close = kinds(events).index("close")
    assert events[close]["who"] == "B" and max(i for i in ticks if i < close) > kinds(
        events, None).index("continue")


def test_not_drained_sleeps_beside_bytes_and_says_so(runs):
    events = run_of(runs, "not-drained")
    silence = next(i for i, event in enumerate(events) if event["kind"] == "silence")
    before = [event for event in events[:silence] if event["kind"] == "wait"][-1]
    assert before["asleep"] and "nobody will tell it again" in before["sentence"]
    assert any(row["unread"] for row in events[silence]["state"]["rows"])


# ---- the ways of the recorder ----------------------------------------------
def line(ns: int, event: str, **more: object) -> dict:
    return {"ns": ns, "event": event, "n": 0, "at": "x.cpp:1", "thread": 1, **more}


def test_a_client_never_hears_what_was_not_written_yet():
    server = [line(10, "accept", fd=4, n=5), line(30, "write", fd=5, n=3)]
    notes = [{"ns": 5, "event": "connect", "who": "A", "n": 0},
             {"ns": 29, "event": "hear", "who": "A", "n": 3},
             {"ns": 29, "event": "leave", "who": "A", "n": 0}]
    order = in_order(server, notes)
    assert [each["event"] for each in order] == ["connect", "accept", "write", "hear", "leave"]
    assert [each["ns"] for each in order] == [5, 10, 30, 30, 30]


def test_who_was_told_already_is_known_for_each_trigger():
    for trigger, after_event, after_arrival in (
            ("level", False, False), ("edge", True, False), ("edge_oneshot", True, True)):
        kernel = Kernel(trigger=trigger)
        sent = {"event": "send", "who": "A", "n": 3}
        kernel.apply({"event": "connect", "who": "A", "n": 0})
        a = kernel.connections["A"]
        kernel.apply(sent)
        kernel.apply({"event": "event", "who": "A", "n": 0, "detail": "readable"})
        assert a.silent == after_event, trigger
        kernel.apply(sent)
        assert a.silent == after_arrival, trigger
        kernel.apply({"event": "modify", "who": "A", "n": 0, "detail": "readable"})
        assert not a.silent, trigger


def test_rounds_are_folded_and_what_changes_something_is_not():
    asking = [line(i, "would_block", fd=4 + i % 2) for i in range(11)]
    folded = fold([*asking, line(20, "read", fd=4, n=1), line(21, "read", fd=4, n=1),
                   line(22, "read", fd=4, n=1)])
    assert [each.get("times") for each in folded] == [6, 5, None, None, None]
    assert [each.get("until") for each in folded[:2]] == [10, 9]


# ---- bad input ------------------------------------------------------------
GOOD = json.dumps(line(1, "wait", n=-1)) + "\n"


@pytest.mark.parametrize("text, where, what", [
    (GOOD + '{"ns":12,"ev', "2", "cut off or damaged"),
    (GOOD + GOOD.strip(), "2", "cut off"),
    (GOOD + '{"ns":"x","event":"wait","n":0,"at":"x","thread":1}\n', "2", "'ns'"),
    (GOOD + "[]\n" + GOOD, "2", "not an object"),
    ("", "1", "empty"),
], ids=["half a line", "no end", "wrong kind", "no object", "empty"])
def test_a_damaged_trace_is_named_with_its_line(tmp_path, text, where, what):
    file = tmp_path / "server.jsonl"
    file.write_text(text)
    done = trace("export", file)
    assert done.returncode == 1
    assert f"{file}:{where}: " in done.stderr and what in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text, where", [
    ("title: x\nabout: y\n\nA connects\n", "1: the header has no 'program:'"),
    ("title: x\ntempo: fast\n", "2: no header line"),
    ("title: x\nabout: y\nprogram: server\n", "3: there are no steps"),
    ("title: x\nabout: y\nprogram: server\n\nA connects\nA jumps\n", "6: what is 'A jumps'"),
    ("title: x\nabout: y\nprogram: serve\n\nA connects\n", "3: serve is not built"),
], ids=["no program", "bad header", "no steps", "bad step", "not built"])
def test_a_bad_play_is_named_with_its_line(tmp_path, text, where):
    folder = tmp_path / "03-poll/traces"
    folder.mkdir(parents=True)
    play = folder / "bad.play"
    play.write_text(text)
    done = trace("record", "--out", tmp_path / "out", play)
    assert done.returncode == 1 and f"{play}:{where}" in done.stderr, done.stderr
    assert not list(tmp_path.glob("out/**/*.json")) and "Traceback" not in done.stderr


# ---- Perfetto ---------------------------------------------------------------
def check_chrome_trace(file: pathlib.Path) -> list[dict]:
    """The keys of the Trace Event Format: every event has a phase, a process,
    a thread and a time; a complete one (X) a duration, an instant (i) a scope."""
    data = json.loads(file.read_text())
    for event in data["traceEvents"]:
        assert {"ph", "pid", "tid", "ts", "name"} <= set(event), event
        assert event["ph"] in "MXiC" and event["ts"] >= 0
        assert event["ph"] != "X" or event["dur"] >= 0
        assert event["ph"] != "i" or event["s"] in "gpt"
        assert event["ph"] != "C" or all(isinstance(n, int) for n in event["args"].values())
    return data["traceEvents"]


def test_a_recorded_run_exports_for_perfetto(runs, tmp_path):
    file = tmp_path / "told-again.json"
    file.write_text(json.dumps(runs["told-again"]))
    done = trace("export", file)
    assert done.returncode == 0, done.stderr
    events = check_chrome_trace(pathlib.Path(done.stdout.strip()))
    assert any(event["ph"] == "X" and event["name"] == "poll" for event in events)
    assert max(event["args"]["bytes"] for event in events if event["ph"] == "C") == 40960


def test_a_servers_own_trace_exports_for_perfetto(tmp_path):
    file = tmp_path / "server.jsonl"
    file.write_text(GOOD + json.dumps(line(2000, "wake", n=1)) + "\n")
    done = trace("export", file, "--output", tmp_path / "out.json")
    assert done.returncode == 0, done.stderr
    events = check_chrome_trace(tmp_path / "out.json")
    assert [event["dur"] for event in events if event["ph"] == "X"] == [1.999]


# ---- the reader's own run -----------------------------------------------------
def test_show_writes_a_page_and_says_where(monkeypatch):
    for screen in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(screen, raising=False)
    done = trace("show", "03", "--play", "told-again")
    assert done.returncode == 0, done.stderr
    page = pathlib.Path(done.stdout.splitlines()[-1])
    assert page == ROOT / "build/traces/own/03-told-again.html"
    assert 'class="player"' in page.read_text()


def test_show_names_the_plays_there_are():
    done = trace("show", "04", "--play", "no-such-play")
    assert done.returncode == 1
    assert "stale-token" in done.stderr and "Traceback" not in done.stderr


def test_byte_by_byte_writes_nothing_before_the_frame_is_whole(runs):
    events = run_of(runs, "byte-by-byte")
    whole = kinds(events).index("frame")
    assert "write" not in kinds(events[:whole])
    assert kinds(events[:whole]).count("read") == 4
    wrote = [event for event in events[whole:] if event["kind"] == "write"]
    assert [event["n"] for event in wrote] == [10, 10, 10]
    assert [event["who"] for event in events if event["kind"] == "hear"] != []


def test_continued_goes_on_in_the_middle_of_a_frame_with_the_next_one_behind_it(runs):
    events = run_of(runs, "continued")
    wrote = [event["n"] for event in events if event["kind"] in ("write", "writev") and event["who"] == "B"]
    assert sum(wrote) == 20_008 + 10 and 10 not in wrote, wrote
    held = [row["queued"] for event in events for row in event["state"]["rows"]
            if row["who"] == "B"]
    assert max(held) == 20_008 and held[-1] == 0
