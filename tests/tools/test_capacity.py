"""The capacity lab's driver: rounds, what is kept, and bad days."""

from __future__ import annotations

import dataclasses
import pathlib
import subprocess
import sys

import lab
import pytest
from capacity import commands, experiments, machine, pages, rounds, run, servers, store
from capacity.experiments import Experiment, Row
from capacity.rounds import Record
from capacity.run import Load, Sample
from capacity.servers import Subject
from kit.server import ROOT

A, B = Subject("a", "A", ("/bin/true",), "echo"), Subject("b", "B", ("/bin/true",), "echo")
TWO = Experiment("x", "two", "Two servers", (
    Row("few", 1, Load(clients=1), ("a", "b")), Row("many", 10, Load(clients=10), ("a", "b"))))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> pathlib.Path:
    """A lab of one experiment with two servers, which keeps its results here."""
    monkeypatch.setattr(servers, "known", lambda: {"a": A, "b": B})
    monkeypatch.setattr(servers, "peers", lambda: {})
    monkeypatch.setattr(experiments, "EXPERIMENTS", (TWO,))
    monkeypatch.setattr(store.Store.__init__, "__defaults__", (tmp_path,))
    monkeypatch.setattr(store, "OWN", tmp_path)
    monkeypatch.setattr(store, "ROOT", tmp_path.parent)
    return tmp_path


def runs(monkeypatch: pytest.MonkeyPatch, answer) -> list[tuple[str, int]]:
    """`answer(name, load, how many runs before)` stands in for a run."""
    made: list[tuple[str, int]] = []

    def instead(subject: Subject, load: Load) -> Sample:
        made.append((subject.name, load.clients))
        return answer(subject.name, load, len(made) - 1)
    monkeypatch.setattr(rounds, "run", instead)
    return made


def records_of(experiment: Experiment, count: int) -> list[Record]:
    return list(rounds.rounds_of(experiment, count, 0.1, lambda text: None))


# ---- rounds ---------------------------------------------------------------
def test_in_a_round_every_server_runs_once_and_then_the_next_round_begins(small, monkeypatch) -> None:
    made = runs(monkeypatch, lambda name, load, before: Sample(cpu_us=1))
    found = records_of(TWO, 3)
    assert made == [("a", 1), ("b", 1)] * 3 + [("a", 10), ("b", 10)] * 3
    assert [record.round for record in found] == [1, 1, 2, 2, 3, 3] * 2


def test_where_loads_are_compared_a_round_has_them_all(small, monkeypatch) -> None:
    made = runs(monkeypatch, lambda name, load, before: Sample(cpu_us=1))
    found = records_of(dataclasses.replace(TWO, across=True), 2)
    assert made == [("a", 1), ("b", 1), ("a", 10), ("b", 10)] * 2
    assert [record.round for record in found] == [1] * 4 + [2] * 4


def test_a_ratio_is_of_one_round_so_a_machine_that_slows_down_does_not_change_it(small, monkeypatch) -> None:
    slower = [1.0, 5.0, 2.0]  # than in the first round
    runs(monkeypatch, lambda name, load, before: Sample(
        cpu_us=slower[before // 2 % 3] * (3.0 if name == "b" else 2.0), rate=100 / slower[before // 2 % 3]))
    floor, other = rounds.summarize(records_of(TWO, 3))[:2]
    assert (floor.cpu_ratio, floor.spread) == (1.0, 0.0)
    assert other.cpu_ratio == pytest.approx(1.5) and other.spread == pytest.approx(0.0)
    assert (floor.cpu_us, other.cpu_us, other.rate_ratio) == (4.0, 6.0, 1.0)


def test_a_round_in_which_one_of_both_failed_gives_no_ratio(small, monkeypatch) -> None:
    def answer(name: str, load: Load, before: int) -> Sample:
        if (name, before) == ("a", 2):
            return Sample(failed="gone")
        return Sample(cpu_us=9.0 if before == 3 else 2.0 if name == "b" else 1.0)
    runs(monkeypatch, answer)
    floor, other = rounds.summarize(records_of(TWO, 3))[:2]
    assert (floor.runs, floor.failed) == (2, "gone")
    assert other.runs == 3 and other.cpu_ratio == 2.0 and other.spread == 0.0


# ---- a machine that others use --------------------------------------------
def test_a_disturbed_run_is_made_again_and_the_quiet_one_counts(small, monkeypatch) -> None:
    made = runs(monkeypatch, lambda name, load, before: Sample(cpu_us=before, others=[0.4, 0.0][before]))
    best = rounds.undisturbed(A, Load())
    assert len(made) == 2 and best.cpu_us == 1 and not best.disturbed


def test_what_stays_disturbed_is_marked_and_the_quietest_of_it_counts(small, monkeypatch) -> None:
    made = runs(monkeypatch, lambda name, load, before: Sample(cpu_us=before, others=[0.4, 0.2][before]))
    best = rounds.undisturbed(A, Load())
    assert len(made) == 1 + rounds.AGAIN == 2 and best.cpu_us == 1 and best.disturbed
    assert rounds.summary("row", "a", [Record("x", "row", 1, "a", 1, best)], {}).disturbed == 1


def test_a_quiet_run_is_made_once_and_a_failed_one_too(small, monkeypatch) -> None:
    made = runs(monkeypatch, lambda name, load, before: Sample(others=0.01))
    rounds.undisturbed(A, Load())
    assert len(made) == 1
    made = runs(monkeypatch, lambda name, load, before: Sample(others=0.9, failed="gone"))
    rounds.undisturbed(A, Load())
    assert len(made) == 1


def test_a_repetition_that_failed_does_not_count(small, monkeypatch) -> None:
    runs(monkeypatch, lambda name, load, before: Sample(failed="x") if before else Sample(cpu_us=1, others=0.4))
    assert rounds.undisturbed(A, Load()).cpu_us == 1


def test_others_are_what_was_used_and_is_not_ours() -> None:
    before, after = machine.Busy(10.0, 1.0), machine.Busy(12.5, 1.25)
    assert after.others_since(before, 1.5, 2.0) == pytest.approx((2.5 - 1.5 + 0.25) / 2.0)
    assert after.others_since(before, 4.0, 2.0) == 0.0


# ---- real runs ------------------------------------------------------------
SERVER = """#!{python}
import os, selectors, signal, socket
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
listener = socket.create_server(("127.0.0.1", 0), backlog=100)
print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
watch, heard = selectors.DefaultSelector(), 0
watch.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in watch.select():
        if key.fileobj is listener:
            watch.register(listener.accept()[0], selectors.EVENT_READ)
            continue
        data = key.fileobj.recv(1 << 16)
        if not data:
            watch.unregister(key.fileobj)
            key.fileobj.close()
            continue
        heard += len(data)
        if heard > {most}:
            os._exit(3)
        key.fileobj.sendall(data)
"""


@pytest.fixture
def echo(tmp_path: pathlib.Path):
    """Makes a small server that dies when it has heard so many bytes."""
    lab.build("load")

    def make(most: float = float("inf"), name: str = "small") -> Subject:
        path = tmp_path / name
        path.write_text(SERVER.format(python=sys.executable, most=f'float("{most}")'))
        path.chmod(0o755)
        return Subject(name, name, (str(path),), "echo")
    return make


def test_a_run_says_what_the_server_used(echo) -> None:
    sample = run.run(echo(), Load(clients=2, seconds=0.2, warmup=0.05))
    assert sample.failed == "" and sample.rate > 0 and sample.p99 >= sample.p50 > 0
    assert 0 < sample.cpu_us < 1e5 and 0 < sample.load_share <= 1.2
    assert sample.threads == 1 and sample.resident > 1 << 20


def test_a_server_that_dies_in_a_run_is_told_and_the_others_go_on(echo, small, monkeypatch) -> None:
    subjects = {"a": echo(most=100, name="a"), "b": echo(name="b")}
    monkeypatch.setattr(servers, "known", lambda: subjects)
    found = list(rounds.rounds_of(dataclasses.replace(TWO, rows=TWO.rows[:1]), 2, 0.2, lambda text: None))
    assert [bool(record.sample.failed) for record in found] == [True, False, True, False]
    assert "status 3" in found[0].sample.failed
    floor, other = rounds.summarize(found)
    assert (floor.runs, other.runs) == (0, 2) and floor.failed and other.rate > 0


def test_a_server_that_does_not_start_is_told(tmp_path) -> None:
    path = tmp_path / "dead"
    path.write_text("#!/bin/sh\necho 'no port for you' >&2\nexit 1\n")
    path.chmod(0o755)
    assert "dead did not start" in run.run(Subject("dead", "dead", (str(path),), "echo"), Load()).failed


def test_more_clients_than_a_server_can_have_are_not_tried(monkeypatch) -> None:
    monkeypatch.setattr(run, "Server", lambda *words: pytest.fail("it was started"))
    sample = run.run(dataclasses.replace(A, most=10), Load(clients=8, idle=3))
    assert sample.failed == "not with more than 10 clients" and commands.said_before(sample.failed)


def test_too_few_descriptors_are_said_before_and_in_the_row(echo, tmp_path) -> None:
    subject = echo()
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from capacity import commands, run, servers\n"
        "print(commands.remarks()[0])\n"
        f"subject = servers.Subject('s', 's', ({subject.command[0]!r},), 'echo')\n"
        "print(run.run(subject, run.Load(clients=200)).failed)\n")
    few = ["prlimit", "--nofile=100:100", ROOT / "tools/python", "-c", script, ROOT / "tools"]
    told = subprocess.run(few, capture_output=True, text=True, check=True).stdout.splitlines()
    assert told[0].startswith("only 100 descriptors are allowed (ulimit -Hn)")
    assert "descriptor" in told[1], told


def test_one_core_is_said(monkeypatch) -> None:
    monkeypatch.setattr(machine, "cores", lambda: [0])
    assert any("there is one core" in remark for remark in commands.remarks())


def test_peers_that_are_not_built_are_named(monkeypatch) -> None:
    monkeypatch.setattr(servers, "built", lambda subject: subject.name != "libuv")
    assert any("libuv" in remark and "left out" in remark for remark in commands.remarks())


# ---- what is kept ---------------------------------------------------------
def test_what_is_stored_is_what_is_read(tmp_path) -> None:
    sample = Sample(cpu_us=3.25, rate=123400.0, load_share=0.5, p50=10.5, p99=99.0, p999=100.0,
                    resident=4321987, at_start=4000123, threads=7, switches=0.125, others=0.0625)
    written = [Record("two", "few, 64 B", 1.0, "a", 1, sample),
               Record("two", "few, 64 B", 1.0, "b", 1, Sample(failed='it said "no", twice'))]
    kept = store.Store(tmp_path)
    for record in written:
        kept.add(record)
    kept.add_calls("two", {("few, 64 B", "a"): {"write": 1.0, "read": 1.25, "close": 0.0001}})
    assert store.load("two", tmp_path) == written
    assert store.load_calls("two", tmp_path) == {("few, 64 B", "a"): {"read": 1.25, "write": 1.0}}
    assert "measured on" in (tmp_path / "machine.txt").read_text()
    assert store.load("other", tmp_path) == [] and store.load_calls("other", tmp_path) == {}


def test_a_lab_that_is_measured_anew_replaces_what_there_was(tmp_path) -> None:
    for cpu in (1.0, 2.0):
        store.Store(tmp_path).add(Record("two", "few", 1.0, "a", 1, Sample(cpu_us=cpu)))
    assert [record.sample.cpu_us for record in store.load("two", tmp_path)] == [2.0]


def test_a_lab_that_is_interrupted_keeps_what_it_has_and_says_so(small, monkeypatch, capsys) -> None:
    def answer(name: str, load: Load, before: int) -> Sample:
        if before == 3:
            raise KeyboardInterrupt
        return Sample(cpu_us=1.0, rate=5.0)
    runs(monkeypatch, answer)
    assert commands.main("", ["--no-build", "--rounds", "2"]) == 130
    assert len(store.load("two", small)) == 3
    assert f"interrupted; what was measured is in {small.name}" in capsys.readouterr().err


def test_the_exit_status_tells_of_failures_and_disturbances_but_not_of_limits(small, monkeypatch) -> None:
    for sample, status in ((Sample(cpu_us=1.0), 0), (Sample(failed="gone"), 1),
                           (Sample(cpu_us=1.0, others=0.5), 1), (Sample(failed="not with more than 900 clients"), 0)):
        runs(monkeypatch, lambda name, load, before, sample=sample: sample)
        assert commands.main("", ["--no-build", "--rounds", "1"]) == status, sample


def test_tables_say_which_rows_failed_or_were_disturbed(small, monkeypatch, capsys) -> None:
    answers = {"a": Sample(cpu_us=2, others=1), "b": Sample(failed="gone")}
    runs(monkeypatch, lambda name, load, before: answers[name])
    commands.main("", ["--no-build", "--rounds", "1"])
    told = capsys.readouterr()
    assert "1 of 1 disturbed" in told.out and "gone" in told.out
    assert "4 rows failed or were disturbed by others" in told.err


def test_json_and_csv_have_a_line_for_each_server_and_row(small, monkeypatch, capsys) -> None:
    runs(monkeypatch, lambda name, load, before: Sample(cpu_us=2.0 if name == "b" else 1.0))
    commands.main("", ["--no-build", "--rounds", "1", "--csv"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and lines[0].startswith("experiment,row,server,cpu_us,cpu_ratio")
    assert lines[2].startswith("two,few,b,2.0,2.0")


# ---- which experiments there are ------------------------------------------
def test_every_experiment_names_servers_and_peers_that_there_are() -> None:
    for one in experiments.EXPERIMENTS:
        for row in one.rows:
            assert not set(row.servers) - set(servers.known()), (one.name, row.label)
        assert len({row.label for row in one.rows}) == len(one.rows), one.name


def test_a_chapter_is_measured_beside_the_first_server_of_each_row() -> None:
    found = {one.name: one for one in experiments.chosen([], "05")}
    assert [row.servers for row in found["echo"].rows] == [("epoll_level", "05-level", "05-edge")] * 6
    assert found["triggers"].rows == experiments.EXPERIMENTS[2].rows
    assert "ticks" not in found


def test_a_chapters_run_does_not_take_the_place_of_a_larger_one(small) -> None:
    part = dataclasses.replace(TWO, rows=tuple(
        dataclasses.replace(row, servers=("b",)) for row in TWO.rows))
    kept = store.Store(small)
    for name in "ab":
        kept.add(Record("two", "few", 1.0, name, 1, Sample(cpu_us=2.0)))
    assert store.place([part], "05", small) == small / "05"
    assert store.place([TWO], "", small) == small
    assert store.place([part], "05", small / "empty") == small / "empty"


def test_the_pages_get_the_figures_that_the_lab_prints(small, monkeypatch) -> None:
    runs(monkeypatch, lambda name, load, before: Sample(
        cpu_us=3.0 if name == "b" else 2.0, resident=300, at_start=100))
    kept = store.Store(small)
    for record in records_of(TWO, 3):
        kept.add(record)
    kept.add_calls("two", {("few", "b"): {"read": 1.5, "write": 1.0}})
    told = pages.collected(small, small / "nowhere")["labs"]
    few = told["reference"]["experiments"]["two"]["rows"][0]
    assert few["label"] == "few" and few["servers"]["b"]["cpu_ratio"] == 1.5
    assert few["servers"]["b"]["calls"] == 2.5 and few["servers"]["a"]["calls"] is None
    assert few["servers"]["a"]["memory"] == 200 and not few["servers"]["a"]["marked"]
    assert told["own"] == {"machine": [], "experiments": {}}


def test_a_framed_server_is_measured_with_silent_clients() -> None:
    lab.build("load")
    found = run.run(servers.known()["07"], Load(clients=1, idle=50, seconds=0.2, warmup=0))
    assert not found.failed and found.rate == 0 and found.cpu_us == 0
    assert found.resident > found.at_start > 0


def test_the_load_takes_every_row() -> None:
    lab.build("load")
    for one in experiments.EXPERIMENTS:
        for row in one.rows:
            if row.load.mode == run.VISITS:  # made by the driver itself
                continue
            words = [*row.load.arguments(), "--host=127.0.0.1", "--port=1"]
            ended = subprocess.run([run.LOAD, *words], capture_output=True, text=True, check=False)
            assert ended.stdout.startswith("{"), f"{one.letter} {row.label}: {ended.stderr}"
