"""docs/player: recorded runs of one script, side by side."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import xml.etree.ElementTree as xml

import pytest
from small_book import Book

ROOT = pathlib.Path(__file__).resolve().parents[2]
TWO = "chapters/02-second/chapter.adoc"

pytestmark = pytest.mark.skipif(not shutil.which("ruby"), reason="there is no ruby")


def event(kind: str, who: str = "A", n: int = 0, **more: object) -> dict:
    lane = "clients" if kind in ("connect", "send", "hear", "finish") else "thread-1"
    return {"lane": lane, "kind": kind, "who": who, "n": n, **more}


def run(title: str, *after_read: dict, sent: int = 6) -> dict:
    return {"title": title, "about": "…", "events": [
        event("wait", "", asleep=True, detail="epoll_wait"),
        event("send", n=sent), event("hear", n=1),
        event("wake", "", 1), event("event", detail="readable writable"),
        *[event("read", n=1024), event("write", n=1024)] * 3,
        *after_read, event("wait", "", detail="epoll_wait"),
    ]}


LEVEL = run("Level <one>")
EDGE = run("Edge", event("modify", detail="readable"), event("would_block", detail="read"))


@pytest.fixture
def files(tmp_path) -> list[pathlib.Path]:
    paths = [tmp_path / "level.json", tmp_path / "edge.json"]
    for path, data in zip(paths, (LEVEL, EDGE), strict=True):
        path.write_text(json.dumps(data))
    return paths


def compare(*paths: pathlib.Path) -> subprocess.CompletedProcess[str]:
    program = ("require './docs/player/compare'; begin; puts TraceCompare.html(ARGV, id: 'f'); "
               "rescue TracePlayer::Error => e; abort e.message; end")
    return subprocess.run(["ruby", "-e", program, *map(str, paths)], cwd=ROOT,
                          capture_output=True, text=True, timeout=60)


def figure(*paths: pathlib.Path) -> xml.Element:
    done = compare(*paths)
    assert done.returncode == 0, done.stderr
    return xml.fromstring(done.stdout)


def text(node: xml.Element) -> str:
    return " ".join("".join(node.itertext()).split())


def test_the_same_runs_give_the_same_bytes(files):
    assert compare(*files).stdout == compare(*files).stdout


def test_each_run_is_a_column_and_each_step_of_the_client_a_row(files):
    table = figure(*files).find(".//table")
    assert [text(th) for th in table.find("thead").iter("th")] == ["Level <one>", "Edge"]
    steps = [text(th) for th in table.iter("th") if th.get("scope") == "rowgroup"]
    assert steps == ["The server starts", "A sends 6 bytes", "The calls, counted"]
    assert {len(row.findall("td")) for row in table.iter("tr") if row.find("td") is not None} == {2}


def test_a_cell_tells_what_the_loop_did_and_a_round_is_told_once(files):
    level, edge = figure(*files).findall(".//tbody")[1].findall(".//td")
    assert [text(li) for li in level.iter("li")] == [
        "told: A readable+writable", "read A: 1,024, write A: 1,024 ×3", "wait: returns at once"]
    assert [text(li) for li in edge.iter("li")] == [
        "told: A readable+writable", "read A: 1,024, write A: 1,024 ×3",
        "modify A: readable", "read A: not now", "wait: returns at once"]


def test_what_not_all_of_them_did_is_marked(files):
    marked = [text(li) for li in figure(*files).iter("li") if "only" in li.get("class").split()]
    assert marked == ["modify A: readable", "read A: not now"]


def test_the_calls_are_counted_also_those_in_vain(files):
    rows = figure(*files).findall(".//tbody")[-1].findall("tr")[1:]
    assert [[text(td) for td in row] for row in rows] == [
        ["waits: 2", "waits: 2"], ["reads: 3", "reads: 4"], ["writes: 3", "writes: 3"],
        ["changes to the list: 0", "changes to the list: 1"],
        ["together: 8", "together: 10"]]


def test_runs_of_different_scripts_are_refused(files, tmp_path):
    other = tmp_path / "other.json"
    other.write_text(json.dumps(run("Other", sent=7)))
    done = compare(files[0], other)
    assert done.returncode == 1
    assert f"{other}:1: not the script of {files[0]}" in done.stderr
    assert "“A sends 6 bytes”, here “A sends 7 bytes”" in done.stderr


def test_a_run_cut_off_is_refused(files):
    files[1].write_text(json.dumps(EDGE, indent=1)[:300])
    done = compare(*files)
    assert done.returncode == 1 and f"{files[1]}:" in done.stderr and "cut off" in done.stderr


@pytest.mark.parametrize("macro, says", [
    ('compare::four[runs="run"]', "compare four: which ones?"),
    ("compare::four[]", "compare four: which ones?"),
    ('compare::four[runs="run,walk"]', "build/traces/02-second/walk.json: `make traces` records it"),
])
def test_the_book_refuses_a_comparison_that_lacks_a_run(tmp_path, macro, says):
    book = Book(tmp_path)
    book.replace(TWO, "[#code]\n", f"{macro}\n\n[#code]\n")
    done = book.build()
    assert done.returncode == 1
    assert any(line.startswith(f"{TWO}:{book.line_of(TWO, macro)}: ") and says in line
               for line in done.stderr.splitlines()), done.stderr


def test_the_book_shows_a_comparison_and_brings_its_looks(tmp_path):
    book = Book(tmp_path)
    for name in ("player.rb", "timeline.rb", "compare.rb", "compare_table.rb", "compare.css"):
        book.write(f"docs/player/{name}", (ROOT / "docs/player" / name).read_text())
    book.write("build/traces/02-second/level.json", json.dumps(LEVEL))
    book.write("build/traces/02-second/edge.json", json.dumps(EDGE))
    book.replace(TWO, 'trace::run[title="Two guests"]',
                 'compare::two[runs="level, edge",title="Both at once"]')
    done = book.build()
    assert done.returncode == 0, done.stderr
    page = book.page("02-second.html")
    assert 'id="compare-two"' in page and "Both at once" in page and "assets/compare.css" in page
    assert (book.root / "build/book/assets/compare.css").is_file()
    assert "compare.css" not in book.page("01-first.html") and "compare.css" in book.page("print.html")
