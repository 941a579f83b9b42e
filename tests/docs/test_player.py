"""docs/player: the figure of a recorded run."""

from __future__ import annotations

import json
import pathlib
import re
import shutil
import subprocess
import xml.etree.ElementTree as xml

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
RUN = {
    "title": "Told & again", "about": "What <it> shows.", "chapter": "03-poll",
    "name": "x", "program": "server",
    "lanes": [
        {"id": "clients", "kind": "clients", "name": "Clients", "sub": "", "who": ""},
        {"id": "listen", "kind": "kernel", "name": "Listen queue", "sub": "kernel", "who": ""},
        {"id": "in-A", "kind": "kernel", "name": "A’s receive buffer", "sub": "", "who": "A"},
        {"id": "thread-1", "kind": "thread", "name": "The loop", "sub": "", "who": ""},
        {"id": "conn-A", "kind": "descriptor", "name": "Connection A", "sub": "", "who": "A"},
    ],
}


def event(us: int, lane: str, kind: str, unread: int, doing: str, **more: object) -> dict:
    row = {"who": "A", "fd": 5, "token": "", "unread": unread, "end": "", "queued": 0,
           "replies": 0, "asks": "readable", "is": ""}
    return {"us": us, "lane": lane, "kind": kind, "who": "A", "n": 1,
            "sentence": f"A does <{kind}>.",
            "state": {"listen": [], "listener_asks": "readable", "rows": [row],
                      "threads": [{"name": "The loop", "is": doing}]}, **more}


RUN["events"] = [
    event(0, "thread-1", "wait", 0, "asleep in poll", thread=1),
    event(9000, "clients", "send", 40960, "asleep in poll"),
    event(9010, "thread-1", "wake", 40960, "awake", thread=1, woken=["in-A"],
          file="common/sys.hpp", line=1),
    event(9020, "conn-A", "read", 0, "awake", thread=1, times=5214, until=1,
          file="common/sys.hpp", line=2),
]

pytestmark = pytest.mark.skipif(not shutil.which("ruby"), reason="there is no ruby")


def html(file: pathlib.Path, figure_id: str = "f") -> str:
    program = ("require './docs/player/player'; puts TracePlayer.html(ARGV[0], id: ARGV[1], "
               "source_href: ->(file, line) { \"src/#{file}.html#L#{line}\" })")
    done = subprocess.run(["ruby", "-e", program, file, figure_id], cwd=ROOT,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def run(tmp_path) -> pathlib.Path:
    file = tmp_path / "run.json"
    file.write_text(json.dumps(RUN))
    return file


def test_the_same_run_gives_the_same_bytes(run):
    assert html(run) == html(run)


def test_the_figure_is_well_formed_and_escaped(run):
    figure = xml.fromstring(html(run))
    assert figure.tag == "figure" and "player" in figure.get("class").split()
    assert "What <it> shows." in "".join(figure.itertext())


def test_every_id_begins_with_the_figures_and_two_figures_share_none(run):
    first, second = (set(re.findall(r'\bid="([^"]+)"', html(run, name))) for name in ("f1", "f2"))
    assert all(each == "f1" or each.startswith("f1-") for each in first)
    assert len(re.findall(r'\bid="', html(run))) == len(set(re.findall(r'\bid="([^"]+)"', html(run))))
    assert not first & second
    text = html(run)
    for used in re.findall(r'(?:url\(#|href="#|aria-\w+by=")([^")]+)', text):
        assert f'id="{used}"' in text, used


def test_without_javascript_there_are_all_sentences_and_source_lines(run):
    figure = xml.fromstring(html(run))
    sentences = [each["sentence"] for each in RUN["events"]]
    words = ["".join(span.itertext()) for span in figure.iter("span") if span.get("class") == "says"]
    assert words == sentences
    desc = next(figure.iter(f"{SVG}desc")).text
    assert all(sentence in desc for sentence in sentences)
    titles = [rect.find(f"{SVG}title").text for rect in figure.iter(f"{SVG}rect")
              if rect.get("class") == "col"]
    assert titles == sentences
    lines = (ROOT / "common/sys.hpp").read_text().splitlines()
    codes = ["".join(code.itertext()) for code in figure.iter("code") if "rouge" in code.get("class", "")]
    assert codes == [lines[0], lines[1]]
    assert [a.get("href") for a in figure.iter("a")] == [
        "src/common/sys.hpp.html#L1", "src/common/sys.hpp.html#L2"]


def test_weights_are_hundreds_and_colours_have_a_light_default(run):
    text = html(run)
    assert set(re.findall(r'font-weight="(\d+)"', text)) <= {"400", "500", "600", "700"}
    assert "×5,214" in text and ">+9 ms<" in text
    for bar in re.findall(r'<rect class="bar"[^>]*>', text):
        assert 'fill="#' in bar


@pytest.mark.parametrize("text, what", [
    (json.dumps(RUN, indent=1)[:700], r"run.json:4\d: cut off or damaged"),
    ("{}", "run.json:1: not a recorded run"),
    (json.dumps({**RUN, "events": [{**RUN["events"][0], "file": "common/sys.hpp", "line": 99999}]}),
     "common/sys.hpp:99999: the recorded run names this line"),
], ids=["cut off", "empty", "lost line"])
def test_a_damaged_run_is_named(tmp_path, text, what):
    file = tmp_path / "run.json"
    file.write_text(text)
    done = subprocess.run(["ruby", "docs/player/player.rb", file, tmp_path / "x.html"], cwd=ROOT,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and re.search(what, done.stderr), done.stderr
    assert len(done.stderr.splitlines()) == 1 and not (tmp_path / "x.html").exists()


@pytest.mark.skipif(not shutil.which("chromium"), reason="there is no chromium")
def test_a_page_opens_in_the_middle_of_a_run(run, tmp_path):
    page = tmp_path / "page.html"
    subprocess.run(["ruby", "docs/player/player.rb", run, page], cwd=ROOT, check=True, timeout=60)
    done = subprocess.run(
        ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
         f"{page.as_uri()}#step=3"], capture_output=True, text=True, timeout=90)
    dom = done.stdout
    assert re.search(r'class="player-says"[^>]*>A does &lt;wake&gt;\.<', dom), dom[-2000:]
    assert "3 of 4" in dom and "The loop: at work" in dom and "40,960" in dom
    assert re.search(r'class="player-strip"[^>]*><span class="src"><a href="file:[^"]*common/sys.hpp"', dom)
