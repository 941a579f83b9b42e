"""The instructor's page says what the manifests say, and the cheat sheet is one
sheet of paper."""

import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from checkers import ROOT, book, in_browser, need, need_chromium, need_package, run
from small_book import Book

sys.path.insert(0, str(ROOT / "tools"))
from coach import manifest, timetable  # noqa: E402

PAGE = "docs/pages/teaching.adoc"
TEXT = """\
= Teaching

[#when]
== When

schedule::short[]

[#what]
== What

teaching::all[]

[#after]
== After

Rest.
"""


def activity(time: str, minutes: int, kind: str, title: str, chapter: str = "", *exercises: str) -> dict:
    return {"from": time, "to": time, "minutes": minutes, "kind": kind, "title": title,
            "chapter": chapter, "exercises": exercises}


FIRST = {
    "number": "01", "name": "01-first", "title": "The first", "minutes": 10, "goals": ["say `hello`"],
    "demo": "make CH=01\ntools/talk \\\n    \"A connects\"", "ask": "Who answers?\n\nAnd when?",
    "answer": "The *server*.", "wrong": ["“The client.” No:\nit asks."], "cut": "The rest.",
    "exercises": [{"id": "01.1", "title": "Say `+fd->x+`", "kind": "mend", "minutes": 10},
                  {"id": "01.2", "title": "Quick", "kind": "predict", "minutes": 0.5}]}
SHORT = {
    "name": "short", "title": "Short", "work": "20 min", "hands_on": "5 min", "days": [[
        activity("09:00", 5, "set-up", "Set-up check"),
        activity("09:05", 15, "talk", "The first: ask", "01"),
        activity("09:20", 15, "break", "Break"),
        activity("09:35", 5, "quick", "Hands up: 01.2 Quick", "01", "01.2"),
    ]], "left": [{"why": "takes 15 min, and 5 are left", "what": ["01.1"]},
                 {"why": "has no exercises yet", "what": ["02", "07"]}]}


def export(made: Book, first: dict = FIRST, schedule: dict = SHORT) -> None:
    """As the tool writes it, with a chapter more and this schedule."""
    data = json.loads((made.root / "build/exercises.json").read_text())
    others = [chapter for chapter in data["chapters"] if chapter["number"] != "01"]
    made.write("build/exercises.json", json.dumps({"chapters": [first, *others], "schedules": [schedule]}))


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html))).strip()


@pytest.fixture
def small(tmp_path: Path) -> Book:
    made = Book(tmp_path)
    made.write(PAGE, TEXT)
    export(made)
    return made


@pytest.fixture
def teaching(small: Book) -> str:
    result = small.build()
    assert result.returncode == 0, result.stderr
    return small.page("teaching.html")


# ---- schedule::NAME[] -------------------------------------------------------
def test_a_schedule_becomes_a_table_with_times_minutes_and_breaks(teaching: str) -> None:
    table = re.search(r'<table class="schedule">.*?</table>', teaching, re.S)[0]
    rows = [text_of(row) for row in re.findall(r"<tr.*?</tr>", table, re.S)]
    assert rows == ["TimeMinutesWhat", "09:005Set-up check", "09:051501 The first: ask", "09:2015Break",
                    "09:355Hands up: 01.2 Quick", "09:35The end"]
    assert table.count('<tr class="pause">') == 2
    assert '<a href="01-first.html">01</a>' in table
    assert "20 min of work, 5 min of it on exercises." in text_of(teaching)


def test_what_is_left_out_is_there_with_its_reasons(teaching: str) -> None:
    left = re.search(r'<details class="left-out">.*?</details>', teaching, re.S)[0]
    assert [text_of(item) for item in re.findall("<li>.*?</li>", left)] == [
        "01.1: takes 15 min, and 5 are left", "chapter 02, chapter 07: has no exercises yet"]
    assert '<a href="02-second.html">02</a>' in left and ">07</a>" not in left


def test_days_are_told_apart(small: Book) -> None:
    export(small, schedule={**SHORT, "days": SHORT["days"] * 2})
    assert small.build().returncode == 0
    assert re.findall(r'scope="rowgroup">(.*?)</th>', small.page("teaching.html")) == ["Day 1", "Day 2"]


# ---- teaching::all[] --------------------------------------------------------
def test_each_chapter_is_a_section_with_all_that_its_manifest_says(teaching: str) -> None:
    section = re.search(r'<section class="s2"><h3 id="teach-01">.*?</section>', teaching, re.S)[0]
    said = text_of(section)
    for part in ("01: The first", "The chapter takes 10 minutes to read", "Afterwards they can say hello",
                 "Ask first Who answers? And when?", "Then run", "What is seen, and why The server.",
                 "What they will say instead “The client.” No: it asks.", "When you are late The rest.",
                 "01.1Say fd->xmend10", "01.2Quickpredictunder 1"):
        assert part in said, said
    assert re.findall(r'<span class="l cmd(?: more)?">(.*?)</span>', section) == [
        "make CH=01", "tools/talk \\", "    &quot;A connects&quot;"]
    assert said.index("Who answers?") < said.index("make CH=01") < said.index("The server.")
    assert "<strong>server</strong>" in section and '<a href="01-first.html">The chapter</a>' in section


def test_the_sections_are_in_the_contents_and_in_the_search(small: Book, teaching: str) -> None:
    assert '<li><a href="#teach-01">01: The first</a></li><li><a href="#teach-02">02: The second' in teaching
    assert '"teaching.html#teach-01"' in small.page("assets/search-index.js")
    assert teaching.index('id="teach-01"') < teaching.index('id="after"')


@pytest.mark.parametrize(("old", "new", "says"), [
    ("schedule::short[]", "schedule::long[]", "no such schedule: long; there are short"),
    (None, None, "no schedules in build/exercises.json: `tools/workshop export` writes it"),
], ids=["no such schedule", "nothing exported"])
def test_a_page_without_its_schedule_is_refused(small: Book, old: str | None, new: str, says: str) -> None:
    if old:
        small.replace(PAGE, old, new)
    else:
        (small.root / "build/exercises.json").unlink()
    result = small.build()
    assert result.returncode == 1
    assert f"{PAGE}:{small.line_of(PAGE, 'schedule::')}: {says}" in result.stderr
    if not old:
        assert f"{PAGE}:{small.line_of(PAGE, 'teaching::')}: {says}" in result.stderr


def test_a_manifest_that_would_not_be_shown_as_written_is_told_with_its_file(small: Book) -> None:
    export(small, first={**FIRST, "answer": "It is `fd->x`."})
    small.write("chapters/01-first/exercises/exercises.toml",
                '[chapter]\ngoals = []\nanswer = "It is `fd->x`."\n')
    result = small.build()
    assert result.returncode == 1
    assert "chapters/01-first/exercises/exercises.toml:3: `fd->x` would be shown as" in result.stderr


# ---- the book as it is ------------------------------------------------------
def page(name: str) -> str:
    return (book() / name).read_text()


def test_the_instructors_page_has_every_chapter_that_has_a_manifest() -> None:
    html = page("instructor.html")
    found = re.findall(r'<h3 id="teach-(\d\d)">(.*?)<a class="anchor"', html)
    chapters = manifest.load()
    assert [number for number, _ in found] == [chapter.number for chapter in chapters]
    said = text_of(html)
    for chapter in chapters:
        for one in chapter.exercises:
            assert f'.html#exercise-{one.id.replace(".", "-")}">{one.id}</a>' in html, one.id
        assert len(chapter.goals) >= 2 and len(chapter.wrong) >= 2, chapter.number
        assert text_of(chapter.cut)[:20].split("`")[0] in said, chapter.number


def test_the_schedules_of_the_page_are_those_of_the_tool() -> None:
    tables = re.findall(r'aria-label="Schedule: (.*?)"><table class="schedule">(.*?)</table>',
                        page("instructor.html"), re.S)
    wanted = timetable.everything(manifest.load())
    assert [title for title, _ in tables] == [one["title"] for one in wanted]
    for (_, html), one in zip(tables, wanted):
        times = re.findall(r"<tr(?: class=\"pause\")?><td>(\d\d:\d\d)</td>", html)
        assert times == [row["from"] for day in one["days"] for row in [*day, {"from": day[-1]["to"]}]]


def is_a_program(path: Path) -> bool:
    return path.with_suffix(".cpp").exists() or path.with_suffix(".patch").exists()


def test_every_demonstration_is_made_of_what_is_there() -> None:
    for chapter in manifest.load():
        assert chapter.demo and chapter.ask and chapter.answer and chapter.cut, chapter.number
        for tool in re.findall(r"(?<!\S)(?:tools|chapters)/[\w/.-]+", chapter.demo):
            assert (ROOT / tool).exists(), f"{chapter.number}: {tool}"
        for name in re.findall(r"build/(chapters/[\w-]+/(?:mistakes/)?[\w-]+)", chapter.demo):
            assert is_a_program(ROOT / name), f"{chapter.number}: {name}"
        for number, name in re.findall(r"CH=(\d\d)[^\n]*? P=([\w/-]+)", chapter.demo):
            assert is_a_program(manifest.chapter_folder(number) / name), f"{number}: {name}"
        for number, name in re.findall(r"CH=(\d\d)[^\n]*? PLAY=([\w-]+)", chapter.demo):
            assert (manifest.chapter_folder(number) / f"traces/{name}.play").exists(), f"{number}: {name}"


@pytest.mark.parametrize("name", ["instructor.html", "cheat-sheet.html"])
def test_axe_finds_nothing_on(name: str) -> None:
    need_package("axe-core")
    in_browser("axe.mjs", book(), name)


# ---- the cheat sheet --------------------------------------------------------
SMALLEST = 8  # points: the boxes of 8-point letters are somewhat higher


@pytest.fixture(scope="module")
def sheet(tmp_path_factory) -> Path:
    """The cheat sheet as Chromium prints it, with its own measures."""
    folder = tmp_path_factory.mktemp("sheet")
    subprocess.run([need_chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                    f"--user-data-dir={folder}/profile", "--no-pdf-header-footer",
                    f"--print-to-pdf={folder}/sheet.pdf", f"file://{book()}/cheat-sheet.html"],
                   capture_output=True, timeout=100)
    assert (folder / "sheet.pdf").exists(), "Chromium printed nothing"
    return folder / "sheet.pdf"


def test_the_cheat_sheet_is_one_sheet_of_a4(sheet: Path) -> None:
    said = run(need("pdfinfo"), sheet).stdout
    assert re.search(r"^Pages: +1$", said, re.M), said
    assert re.search(r"^Page size: .*A4", said, re.M), said


def test_all_of_the_cheat_sheet_is_on_the_paper_and_large_enough_to_read(sheet: Path, tmp_path: Path) -> None:
    said = run(need("pdftotext"), sheet, "-").stdout
    article = re.search("<article>.*</article>", page("cheat-sheet.html"), re.S)[0]
    headings = [text_of(title) for title in re.findall(r"<h2[^>]*>(.*?)<a class", article)]
    missing = [title for title in headings if title not in said]
    assert len(headings) >= 8 and not missing, missing
    words = set(re.findall(r"\w{4,}", unescape(re.sub(r"<[^>]+>", " ", article))))
    assert len(words) > 200 and not {word for word in words if word not in said}
    run("pdftotext", "-bbox", sheet, tmp_path / "boxes.html")
    found = (tmp_path / "boxes.html").read_text()
    boxes = [(float(top), float(bottom)) for top, bottom in
             re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">', found)]
    assert min(bottom - top for top, bottom in boxes) > SMALLEST
    assert max(bottom for _, bottom in boxes) < 841 - 25, "it nearly runs off the sheet"


def test_every_rule_of_the_cheat_sheet_says_where_it_is_from() -> None:
    article = re.search("<article>.*</article>", page("cheat-sheet.html"), re.S)[0]
    rules = re.findall(r"<dd>(.*?)</dd>", article, re.S) + re.findall(r"<li>(.*?)</li>", article, re.S)
    source = re.compile(r"\w+\(\d\)|RFC \d+|ch\.\s\d\d|how to use")
    nowhere = [text_of(rule) for rule in rules if not source.search(text_of(rule))]
    assert len(rules) > 15 and not nowhere, nowhere


def test_the_other_pages_keep_their_own_measures_on_paper() -> None:
    """The sheet's rules name it, so that the rest of the book is not squeezed."""
    css = (ROOT / "docs/theme/css/schedule-sheet.css").read_text()
    for line in css.splitlines():
        if line.strip().endswith("}") and "{" in line and not line.startswith(("/*", "@")):
            assert line.strip().startswith("[data-slug=cheat-sheet]"), line
