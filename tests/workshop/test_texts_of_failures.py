"""What some broken servers make the runner say, kept word for word.

  TICK_GOLDEN=write   writes the texts anew; read them before you keep them
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import signal
import types

import pytest
from coach import answers, building, doctor, guest, manifest, report, scene, sources, trying
from coach.manifest import ROOT, Exercise
from coach.scene import Scene
from kit.client import show
from kit.server import bad_end

HERE = pathlib.Path(__file__).resolve().parent
BROKEN = sorted((HERE / "broken").glob("*.patch"))
TRIGGER = {"spins": "level"}
EXERCISE = Exercise(id="05.0", name="broken", title="Broken", kind="mend", level=1, minutes=1,
                    task="", explains="05-edge-oneshot#a-change", hints=(), checks=("burst",))


def check_for(trigger: str) -> types.SimpleNamespace:
    def burst(stage: Scene) -> None:
        """A hello, a burst and a good bye: all of it comes back."""
        server = stage.serve("--trigger", trigger)
        a = stage.connect(server, "A")
        a.exchange(b"hello")
        stage.rests(server)
        stage.freeze(server)
        a.send_only(stage.words(40_000))
        stage.thaw(server)
        a.hear(bytes(a.sent[5:]))

    return types.SimpleNamespace(burst=burst)


def general(text: str) -> str:
    """Without what differs from one run or machine to the next."""
    text = re.sub(r"(\.[ch]pp):\d+(:\d+)?", r"\1:LINE", text)
    text = re.sub(r"uses\s+\d+\s+%\s+of\s+a\s+core\s+and\s+is\s+ready\s+to\s+run\s+\d+\s+%\s+of\s+the\s+time",
                  "uses N % of a core and is ready to run N % of the time", text)
    text = re.sub(r"0x[0-9a-f]{6,}", "ADDRESS", text)
    text = re.sub(r"fd \d+", "fd N", text)
    text = re.sub(r"got [\d,]+; they part at\s+byte", "got N; they part at byte", text)
    if "ready to run" in text:  # one that spins is caught at any point of its round
        text = text.replace("Since then it waits in epoll_wait.\n", "")
        head, _, trace = text.partition("Its last trace lines:\n")
        lines, _, rest = trace.partition("\n\n")
        text = f"{head}Its last trace lines:\n" + "\n".join(sorted(set(lines.splitlines()))) + f"\n\n{rest}"
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


@pytest.mark.parametrize("patch", BROKEN, ids=lambda path: path.stem)
def test_a_broken_server_is_told_about_in_these_words(
        patch: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"server.cpp": next(ROOT.glob("chapters/05-*/server.cpp")).read_text()}
    checks = check_for(TRIGGER.get(patch.stem, "edge"))
    monkeypatch.setattr(scene, "checks_of", lambda _chapter: checks)
    outcome = scene.run_check(EXERCISE, building.build(sources.patched(files, patch), "05"), "burst", seed=1)
    assert not outcome.passed and not outcome.ours, outcome.ours
    text = general(report.tell(EXERCISE, outcome))
    golden = patch.with_suffix(".txt")
    if os.environ.get("TICK_GOLDEN") == "write":
        golden.write_text(text)
    assert text == golden.read_text()


# ---- single sentences ----------------------------------------------------
REFUSED = ('{"ns":1,"event":"accept","fd":3,"n":-1,"error":"EMFILE",'
           '"at":"chapters/03-poll/server.cpp:60","thread":1}')
ACCEPTED = '{"ns":1,"event":"accept","fd":3,"n":7,"at":"chapters/03-poll/server.cpp:60","thread":1}'
TORN = ('{"ns":2,"event":"write","fd":7,"token":"0.1","n":-1,"error":"EPIPE",'
        '"at":"chapters/03-poll/server.cpp:81","thread":1}')


def test_a_call_that_failed_is_shown_as_one() -> None:
    seen = report.Seen([ACCEPTED, REFUSED], ["A", "B"], False)
    assert seen.last() == "accept said EMFILE (server.cpp:60)"
    assert report.Seen([ACCEPTED, TORN], ["A"], False).last() == "write to A said EPIPE (server.cpp:81)"
    assert re.fullmatch(r"accept fd 3 EMFILE +server\.cpp:60", report.short(json.loads(REFUSED)))
    assert re.fullmatch(r"write fd 7 token 0\.1 EPIPE +server\.cpp:81", report.short(json.loads(TORN)))


def test_nobody_comes_of_an_accept_that_failed() -> None:
    seen = report.Seen([REFUSED, ACCEPTED], ["A", "B"], False)
    assert {fd: peer.name for fd, peer in seen.peers.items()} == {7: "A"}


@pytest.mark.parametrize(("status", "asked", "told"), [
    (-15, 15, "should exit with status 0. This one was killed by the signal: it does not handle it."),
    (3, 15, "A server that is asked to end, with SIGTERM, should exit with status 0. "
            "This one has exited with status 3."),
    (-11, 15, "This one was killed by SIGSEGV."),
    (0, 0, "The server has exited with status 0, and nobody had asked it to end."),
    (-int(signal.SIGRTMIN) - 1, 0, "The server was killed by signal 35, and nobody had asked it to end."),
])
def test_how_a_server_has_ended_is_a_sentence(status: int, asked: int, told: str) -> None:
    assert bad_end(status, asked).endswith(told)


@pytest.mark.parametrize(("what", "log", "told"), [
    ("the server is gone", "/a/server: epoll_wait: Interrupted system call\n\n", "status 1. Its last words: "
     "server: epoll_wait: Interrupted system call"),
    ("the server is gone", "", "status 1. the server is gone"),
    ("A hears the end too early", "server: bye\n", "status 1. A hears the end too early"),
])
def test_one_that_is_only_missed_has_its_last_words(what: str, log: str, told: str) -> None:
    server = types.SimpleNamespace(ended_for="", log=lambda: log, report=lambda: "")
    outcome = scene.Outcome("burst", "", what, servers=(server,), gone=1)
    assert " ".join(report.explain(outcome).split()).endswith(told)


@pytest.mark.parametrize(("data", "shown"), [
    (b"hello", '"hello"'), (b"hello\n", '"hello\\n"'), (b"\n", '"\\n"'), (b"a\nb\n", "4 bytes"),
    (b"\x1b[2J", "4 bytes"), (b"\xff\n", "2 bytes"), (b"", '""'), (b"x" * 41, "41 bytes"),
])
def test_a_line_is_shown_with_its_end(data: bytes, shown: str) -> None:
    assert show(data) == shown


@pytest.mark.parametrize(("steps", "silent"), [
    (["A connects", "A sends 9,000 bytes and is stuck", "the server goes on"], True),
    (["A says 25 lines and hears them; A reads nothing yet"], True),
    (["A says 25 lines and hears them; nobody else reads yet"], True),
    (["A sends 9,000 bytes and reads nothing", "A hears 9,000 bytes"], False),
    (["B sends 9,000 bytes and reads nothing", "A sends 4 bytes"], False),
    ([], False),
])
def test_who_has_read_nothing_begins_to_read(steps: list[str], silent: bool) -> None:
    assert guest.reads_nothing("A", steps) == silent


# ---- what takes long is said before it is begun ---------------------------
@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> list[str]:
    """A kit where nothing has been made yet; what is told and done, in order."""
    done: list[str] = []
    monkeypatch.setattr(building, "is_there", lambda _what: False)
    monkeypatch.setattr(building, "library_of", lambda sanitized: done.append("the library"))
    monkeypatch.setattr(building, "reference", lambda chapter: done.append(f"chapter {chapter}"))

    def build(*_files) -> pathlib.Path:
        done.append("the program")
        raise building.BuildError("enough")

    monkeypatch.setattr(building, "build", build)
    return done


def test_the_first_check_says_what_takes_minutes(cold: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying.workspace, "mine", lambda _one: {"server.cpp": "int main() {}"})
    trying.attempt_code(EXERCISE, cold.append)
    assert cold == ["compiling what all servers share, once: some minutes", "the library", "compiling",
                    "the program"]


def test_an_experiment_says_that_programs_are_built(cold: list[str],
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    one = next(one for one in manifest.exercises() if one.kind == "predict")
    monkeypatch.setattr(answers, "judge", lambda _one, _answer: answers.Verdict(True, False, ""))
    trying.attempt_answer(one, cold.append, "a")
    assert cold == [f"building chapter {one.chapter}'s programs, once: some minutes",
                    f"chapter {one.chapter}", "doing it"]


def test_the_doctor_says_it_before_it_compiles(cold: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for what in "writable", "room":
        monkeypatch.setattr(doctor, what, lambda: "")
    doctor.look(types.SimpleNamespace(print=cold.append))
    assert cold[1:4] == ["  ok  there is room on the disk",
                         "  …   compiling what all servers share, once: some minutes", "the program"]


# ---- the store -----------------------------------------------------------
def test_a_program_has_a_name_that_stays_until_others_are_newer(
        tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "store", lambda: tmp_path)
    monkeypatch.setattr(building, "MOST_KEPT", 2)
    monkeypatch.setattr(building, "FEW_KEPT", 2)
    kept = tmp_path / "workshop"
    for number, text in enumerate(("first", "second")):
        made = kept / f"{number:024}" / "server"
        made.parent.mkdir(parents=True)
        made.write_text(text)
        for _ in range(2):  # the same again leaves nothing behind
            place = building.by_hand("05.2", made)
        assert place.read_text() == text and os.listdir(place.parent) == ["server"]
        os.utime(made.parent, (number, number))
    building.prune(kept)
    assert sorted(path.name for path in kept.iterdir()) == [f"{1:024}", "05.2"]
    os.utime(place.parent, (0, 0))
    (kept / f"{2:024}").mkdir()
    building.prune(kept)
    assert not place.exists()
