"""The exercises of a chapter's manifest as cards on its page."""

import html
import json
import re
import sys
import tomllib

import pytest
from site_checker import check
from small_book import EXERCISES, ROOT, Book

sys.path.insert(0, str(ROOT / "tools"))
from coach.manifest import KINDS, LEVELS, exercises  # noqa: E402

ONE = "chapters/01-first/chapter.adoc"
TWO = "chapters/02-second/chapter.adoc"
MANIFEST = "chapters/02-second/exercises/exercises.toml"
CHECKS = "chapters/02-second/exercises/checks.py"
JSON = "build/exercises.json"
# What a card calls the sizes, and the minutes that each may stand for.
SIZES = {"half a minute": (0.5, 1), "five to twenty minutes": (5, 20), "up to an hour": (20, 60)}

OF_EACH_KIND = EXERCISES + '''
[[exercise]]
id = "02.2"
name = "louder"
title = "Louder"
kind = "mend"
level = 3
minutes = 60
needs = ["greeting"]
explains = "#aloud"
museum = ["B07"]
task = "Somebody whispers."
files = ["server.cpp", "common/slab.hpp"]
checks = ["greets", "shouts"]
says = "too low"
hints = ["One.", "Two.", "Three."]
[[exercise.mutant]]
name = "deaf"
killed_by = "shouts"
why = "It shouts, and hears nothing."

[[exercise]]
id = "02.3"
name = "anybody"
title = "And `anybody`"
kind = "extend"
level = 2
minutes = 10
needs = ["greeting"]
explains = "01-first#serving"
task = "More."
checks = ["greets"]
says = "nobody"
hints = ["One.", "Two.", "Three."]
[[exercise.mutant]]
name = "silent"
killed_by = "greets"
why = "Says nothing."

[[exercise]]
id = "02.4"
name = "how-many"
title = "How many?"
kind = "predict"
level = 1
minutes = 0.5
needs = ["greeting"]
explains = "#code"
task = "Two come."
question = "How many does `serve` greet?"
experiment = "count"
hints = ["One.", "Two.", "Three."]
[[exercise.choice]]
text = "both of `them`"
value = "2"
right = true
why = "It does."
[[exercise.choice]]
text = "one"
value = "1"
why = "That was the first."

[[exercise]]
id = "02.5"
name = "how-long"
title = "How long?"
kind = "measure"
level = 2
minutes = 5
needs = ["greeting"]
explains = "#code"
task = "It takes its time."
question = "How many seconds?"
experiment = "count"
command = "time hello && \\\\\\n  hello"
within = 0.1
hints = ["One.", "Two.", "Three."]
'''
SHOUTS = '\n\ndef shouts(scene):\n    """Somebody is greeted *aloud*."""\n'


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """One with an exercise of each kind, to which the first chapter refers."""
    book = Book(tmp_path_factory.mktemp("book"))
    book.write(MANIFEST, OF_EACH_KIND)
    book.write(CHECKS, (book.root / CHECKS).read_text() + SHOUTS)
    book.replace(ONE, "Be polite.", "Be polite, as in xref:../02-second/chapter.adoc#exercise-02-1[].")
    book.replace(TWO, "One is there.", "[#aloud]\nOne is there.")
    book.export()
    result = book.build()
    assert result.returncode == 0, result.stderr
    return book


@pytest.fixture(scope="module")
def page(book):
    return book.page("02-second.html")


def card(page: str, name: str) -> str:
    start = page.index(f'<section class="exercise" id="exercise-{name}"')
    return page[start : page.index("</section>", start)]


def text(piece: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", piece))).strip()


def commands(piece: str) -> list[str]:
    return [html.unescape(line) for line in re.findall(r'<span class="l cmd[^"]*">(.*?)</span>', piece)]


# ---- what stands on a card -----------------------------------------------
def test_every_exercise_of_the_manifest_is_there_in_order(page):
    wanted = [one["id"] for one in tomllib.loads(OF_EACH_KIND)["exercise"]]
    assert re.findall(r'<p class="kicker">Exercise (\S+)', page) == wanted
    listed = re.findall(r'<a href="#exercise-(\S+)"><span class="n">', page)
    assert listed == [name.replace(".", "-") for name in wanted]


def test_a_card_says_its_number_kind_title_size_and_time(page):
    mend = card(page, "02-2")
    head = re.search("<header>.*</header>", mend)[0]
    assert text(head) == "Louder # Exercise 02.2 Mend ●●● ≈ 60 min Done"
    assert 'aria-label="Size 3 of 3: up to an hour"' in mend and 'data-kind="mend"' in mend
    assert '≈ 30 s' in card(page, "02-4")


def test_a_kind_has_a_name_and_a_picture_of_its_own(page):
    pictures = set()
    for kind in KINDS:
        shown = re.search(rf'data-kind="{kind}".*?<span class="kind">(.*?)</svg>(.*?)</span>', page, re.S)
        assert shown[2] == kind.capitalize()
        pictures.add(shown[1])
    assert len(pictures) == len(KINDS)


def test_the_book_knows_the_kinds_and_sizes_of_the_manifest():
    source = (ROOT / "docs/lib/exercise_html.rb").read_text()
    assert re.findall(r"^      '(\w+)' => '<", source, re.M) == list(KINDS)
    assert list(SIZES) == list(LEVELS.values())
    assert re.search(r"SIZES = \['', '(.*)'\]", source)[1].split("', '") == list(SIZES)


def test_the_sizes_are_true_of_the_minutes_and_how_to_use_says_them():
    """Of the book's own exercises."""
    for one in exercises():
        least, most = list(SIZES.values())[one.level - 1]
        assert least <= one.minutes <= most, f"{one.id}: {one.minutes} minutes, and level {one.level}"
    said = (ROOT / "docs/pages/how-to-use.adoc").read_text()
    assert all(size in said for size in SIZES)


def test_texts_are_asciidoc_and_belong_to_the_page(page):
    build = card(page, "02-1")
    assert 'Greet <code class="word">everybody</code>' in build
    assert 'as <a href="#code">The code</a> says' in build and "<p>It is loud.</p>" in build
    assert "Says <em>nothing</em>." in build and 'It is <code class="word">hello</code>.' in build
    assert "greeted <strong>aloud</strong>" in card(page, "02-2")
    assert 'both of <code class="word">them</code>' in page


def test_code_has_the_commands_each_in_a_terminal_of_its_own(page):
    build = card(page, "02-1")
    assert commands(build) == ["tools/workshop start 02.1", "tools/workshop check 02.1"]
    assert build.count('<figure class="code console">') == 2


def test_code_says_what_to_edit_and_what_is_checked(page):
    build = text(card(page, "02-1"))
    assert "You edit work/02.1/server.cpp Checked Somebody is greeted Explained in" in build
    mend = text(card(page, "02-2"))
    assert "You edit server.cpp , common/slab.hpp in work/02.2/" in mend
    assert "Checked Somebody is greeted Somebody is greeted aloud Explained in" in mend


def test_a_card_leads_to_the_section_that_explains_it(page):
    def leads(name: str) -> str:
        return re.search(r"<dt>Explained in</dt><dd>(.*?)</dd>", card(page, name))[1]

    assert leads("02-1") == '<a href="#code">The code</a>'
    assert leads("02-2") == '<a href="#aloud">Exercises</a>'  # where that paragraph stands
    assert leads("02-3") == '<a href="01-first.html#serving">Serving</a> (chapter 1)'


def test_a_card_leads_to_where_the_bug_was_met(page):
    build = card(page, "02-1")
    assert '<span class="exhibit">Exhibit B01</span>' in build
    assert 'href="https://github.com/someone/something/issues/45">someone/something#45</a>' in build
    assert 'href="https://example.org/a/page/">example.org/a/page</a>' in build
    assert "Seen elsewhere" in card(page, "02-2") and "Seen elsewhere" not in card(page, "02-3")


def test_each_hint_is_inside_of_the_one_before(page):
    hints = re.search(r'<details class="hint">.*?(?=\n<details class="wrong")', card(page, "02-1"), re.S)[0]
    assert re.findall(r"<details|</details>|Hint \d", hints) == [
        "<details", "Hint 1", "<details", "Hint 2", "<details", "Hint 3", *["</details>"] * 3]  # fmt: skip


def test_the_wrong_ways_are_folded_and_say_what_notices_them(page):
    wrong = text(re.search('<details class="wrong">.*', card(page, "02-2"), re.S)[0])
    assert wrong.startswith("Afterwards: tempting, and wrong It shouts, and hears nothing.")
    assert wrong.endswith("What notices: Somebody is greeted aloud")
    assert 'class="wrong"' not in card(page, "02-4")


def test_a_prediction_is_answered_like_a_question(page):
    predict = card(page, "02-4")
    assert '<legend>How many does <code class="word">serve</code> greet?</legend>' in predict
    assert re.findall(r'data-key="(.)"', predict) == ["a", "b", "?"]
    assert predict.count("answer right") == 1 and "Right.</strong> " in predict and "Not sure" in predict
    assert 'data-quiz="how-many" data-kept="guess"' in predict
    assert commands(predict) == ["tools/workshop check 02.4 LETTER"] and 'data-word="LETTER"' in predict


def test_a_measurement_has_its_command_and_a_field(page):
    measure = card(page, "02-5")
    assert commands(measure) == ["time hello && \\", "  hello", "tools/workshop check 02.5 NUMBER"]
    label = re.search(r'<label for="([^"]+)">Your number</label>', measure)
    assert label and f'<input type="text" id="{label[1]}" data-note="how-long"' in measure


# ---- what the rest of the book knows of them -----------------------------
def test_the_sidebar_and_the_front_page_count_them(book, page):
    assert 'data-page="02-second" data-total="5"' in page  # no questions there
    assert '20 min, <a href="#exercises-02">exercises</a> 81 min' in page
    front = book.page("index.html")
    assert "5 exercises, 81 min" in front
    assert 'data-page="02-second" data-total="5" data-says="{} done"' in front


def test_another_chapter_can_refer_to_one(book):
    link = '<a href="02-second.html#exercise-02-1">Greet <code class="word">everybody</code></a>'
    assert link in book.page("01-first.html")


def test_the_search_finds_a_card_and_gives_no_hint(book):
    script = book.page("assets/search-index.js")
    records = json.loads(script.removeprefix("window.TICK_SEARCH=").rstrip(";\n"))
    found = next(one for one in records if one["u"] == "02-second.html#exercise-02-1-title")
    assert found["t"] == "Greet everybody" and found["c"] == "The second › Exercises"
    assert "02.1" in found["x"] and "Change the greeting" in found["x"]
    assert not [one for one in records if "It is a string" in one["x"] or "That was the first" in one["x"]]


def test_links_ids_and_references_are_right(book):
    wrong, _ = check(book.root / "build/book")
    assert not wrong


def test_the_printed_book_shows_all_hints(book):
    printed = book.page("print.html")
    assert '<details open class="hint">' in printed and '<details class="hint">' not in printed
    assert 'id="p-02-second--exercise-02-4-guess"' in printed


def test_new_exercises_render_the_book_anew(tmp_path):
    book = Book(tmp_path)
    assert book.build().returncode == 0 and "up to date" in book.build().stdout
    book.replace(JSON, "It is a string.", "It is a text.")
    assert "up to date" not in book.build().stdout and "It is a text." in book.page("02-second.html")


# ---- what is refused -----------------------------------------------------
TASK = "Change the greeting, as <<code>> says."
# file, what to replace there by what; what is said of which file, at the line
# that then holds which text
CASES = {
    "exercises of a chapter that has none": (
        ONE, "TIP: Be polite.", "exercises::[]", ONE, "exercises::[]", "there is no chapters/01-first/exercises/exercises.toml",
    ),
    "exercises of a page that is no chapter": (
        "docs/pages/about.adoc", "It is small.", "exercises::[]", "docs/pages/about.adoc", "exercises::[]", "no chapter",
    ),
    "exercises that no page shows": (
        TWO, "exercises::[]", "None.", TWO, "= The second", f"no exercises::[] shows what {MANIFEST} lists",
    ),
    "exercises that come twice": (TWO, "One is there.", "exercises::all[]", TWO, "exercises::[]", "a second time"),
    "an explanation that is not there": (
        MANIFEST, '"#code"', '"#coda"', MANIFEST, "explains", "explained in 02-second#coda: no such id",
    ),
    "an explanation in a chapter that is not there": (
        MANIFEST, '"#code"', '"00-before#code"', MANIFEST, "explains", "00-before#code: no such id",
    ),
    "a task that leads nowhere": (MANIFEST, "<<code>>", "<<coda>>", MANIFEST, "<<coda>>", "no such id on this page"),
    "a task that leads to another page in vain": (
        MANIFEST, "<<code>>", "xref:../01-fist/chapter.adoc[]", MANIFEST, "01-fist", "no such page",
    ),
    "a listing in a task that does not end": (
        MANIFEST, "* It is loud.", "----\nIt is loud.", MANIFEST, "----", "unterminated listing block",
    ),
    "a term that the glossary lacks": (
        MANIFEST, "It is loud", "term:eagerness[] is loud", MANIFEST, "term:eagerness", "no such term",
    ),
    "an attribute that nobody set": (MANIFEST, "It is loud.", "It is {loud}.", MANIFEST, "{loud}", "{loud}: not set"),
    "an arrow out of code": (MANIFEST, "is `hello`", "is `a->b`", MANIFEST, "`a->b`", "write `+a->b+`"),
    "underscores that turn italic in a title": (
        MANIFEST, "Greet `everybody`", "Greet `__all__`", MANIFEST, "`__all__`", "write `+__all__+`",
    ),
    "code that was not closed": (MANIFEST, "Write another", "Write `another", MANIFEST, "`another", "a backtick that is shown"),
    "an apostrophe that takes a backtick": (
        MANIFEST, "Write another", "Write `one`'s own", MANIFEST, "`one`'s", "a backtick that is shown: `one’s",
    ),
    "code in the name of a check": (CHECKS, "`greeted`", "`a->b`", CHECKS, "a->b", "write `+a->b+`"),
    "a kind that there is not": (MANIFEST, '"build"', '"guess"', MANIFEST, 'title = "Greet', "no such kind: guess"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_book_refuses(tmp_path, case):
    file, old, new, told, at, says = case
    book = Book(tmp_path)
    book.replace(file, old, new)
    book.export()
    result = book.build()
    assert result.returncode == 1
    wanted = f"{told}:{book.line_of(told, at)}: "
    about = [line for line in result.stderr.splitlines() if says in line]
    assert about, f"nothing about {says!r} in:\n{result.stderr}"
    assert any(line.startswith(wanted) for line in about), f"not at {wanted}: {about}"


@pytest.mark.parametrize("written", ['{"chapters": []}', None])
def test_exercises_that_were_not_exported_are_missed(tmp_path, written):
    book = Book(tmp_path)
    (book.root / JSON).unlink()
    if written:
        book.write(JSON, written)
    result = book.build()
    assert result.returncode == 1
    place = f"{TWO}:{book.line_of(TWO, 'exercises::[]')}"
    missed = f"no exercise of {MANIFEST} is in {JSON}: `tools/workshop export` writes it"
    assert f"{place}: {missed}" in result.stderr


def test_texts_that_toml_has_to_escape_keep_their_place(tmp_path):
    book = Book(tmp_path)
    book.replace(MANIFEST, 'kind = "build"', '# Not `a->b`\nkind = "build"')
    book.replace(MANIFEST, '"Write another."', '"Say \\"another\\" `a->b`."')
    book.export()
    assert f"{MANIFEST}:{book.line_of(MANIFEST, 'another')}: `a->b` would be" in book.build().stderr
