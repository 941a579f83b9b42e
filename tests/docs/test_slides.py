"""The slides: what stands on them, and how they behave in a browser.

What needs a browser is in tests/docs/browser/slides.mjs.
"""

import re

import pytest
from checkers import BROWSER, book, in_browser, need_package
from site_checker import check
from small_book import Book

SCRIPT = (BROWSER / "slides.mjs").read_text()
NAMES = re.findall(r"^claim\('([^']+)'", SCRIPT, re.M)
SIZES = ("1280 by 720", "1920 by 1080")
NAMES += [f"every slide fits {size}, with code that the last row can read" for size in SIZES]

LONG = [f"  step({number});" for number in range(1, 31)]
LONG[13:14] = ["", "  turn();  // <1>"]
SERVER = "// Chapter 01.\n\n// tag::long[]\nvoid serve() {\n" + "\n".join(LONG) + "\n}\n// end::long[]\n"

TEXT = """\
= The first
:minutes: 10
:you-build: a server
:part: Part I: Beginnings
:question: Who is there?

[.lede]
Who is there?

[#idea]
== The idea

This introduces it.
It is a term:readiness[].
Three bytes lie there.
How many are read?

[source,console]
----
$ echo one
one
----

This says one thing.
And more of it.

(A remark.)

This says another.
Still more.

[.aside]
Said in the margin.

[#code]
== The code

This is about the whole.
The code is long.
(You may skip it.)

[source,cpp]
----
include::server.cpp[tag=long]
----
<1> Where it turns.

[IMPORTANT]
This is the key.

One word after it, see <<talk>>.

[#talk]
== Talk

Only this.
No picture.

[.slide]
This stands there whole.
All of it.

[#check]
== Check yourself

[.quiz#who]
.Who answers?
====
* [ ] The client
+
No, it asks.

* [x] The server
+
Yes, that is its job.
====

[.quiz#when]
.When?
====
* [x] Now
+
At once.
* [ ] Later
+
No.
====

[.quiz#where]
.Where?
====
* [ ] There
+
No.
* [x] Here
+
Yes.
====
"""


class Slides:
    """A deck, by its slides' ids."""

    def __init__(self, html: str) -> None:
        parts = re.split(r'<div class="leaf" id="([^"]+)"', html.split("</main>")[0])
        self.leaves = dict(zip(parts[1::2], parts[2::2]))
        self.ids = list(self.leaves)

    def shown(self, slide: str) -> str:
        return self.leaves[slide].split('<div class="notes">')[0]

    def notes(self, slide: str) -> str:
        return plain(self.leaves[slide].split('<div class="notes">')[1])

    def lead(self, slide: str) -> str:
        found = re.search(r'<p class="lead">(.*?)</p>', self.shown(slide), re.S)
        return plain(found[1]) if found else ""


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).strip()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    made = Book(tmp_path_factory.mktemp("slides"))
    made.write("chapters/01-first/server.cpp", SERVER)
    made.write("chapters/01-first/chapter.adoc", TEXT)
    done = made.build("--draft")  # chapter 02 refers to what chapter 01 says in the other tests
    assert "slides-01-first.html" in {path.name for path in (made.root / "build/book").iterdir()}, done.stderr
    return made


@pytest.fixture(scope="module")
def first(small):
    return Slides(small.page("slides-01-first.html"))


@pytest.fixture(scope="module")
def second(small):
    return Slides(small.page("slides-02-second.html"))


def test_the_first_slide_asks_the_question_of_the_chapter(first):
    assert first.ids[0] == "start"
    assert '<p class="question">Who is there?</p>' in first.shown("start")
    assert "Part I: Beginnings" in first.shown("start") and "10 min" in first.shown("start")


def test_the_sentence_before_something_seen_stands_above_it_a_question_with_its_ground(first):
    assert first.lead("idea") == "Three bytes lie there. How many are read?"
    assert first.lead("code") == "The code is long."


def test_the_whole_of_the_prose_is_in_the_notes(first):
    assert "This introduces it. It is a readiness." in first.notes("idea")
    assert "This is about the whole. The code is long. (You may skip it.)" in first.notes("code")
    last = [one for one in first.ids if one.startswith("code")][-1]
    assert "One word after it, see Talk." in first.notes(last)


def test_a_terminal_answers_only_after_the_room_if_the_room_is_asked(first):
    assert '<span class="later l out">one</span>' in first.shown("idea")
    assert '<span class="l cmd">echo one</span>' in first.shown("idea")


def test_prose_with_nothing_to_see_shows_the_first_sentences_but_no_remarks(first):
    points = re.findall(r"<li>(.*?)</li>", first.shown("idea-2"))
    assert points == ["This says one thing.", "This says another."]
    assert first.notes("idea-2").startswith("This says one thing. And more of it. (A remark.)")
    assert first.notes("idea-2").endswith("Said in the margin.")


def test_a_single_paragraph_without_anything_to_see_is_not_lost(first):
    assert any("Only this. No picture." in first.notes(one) for one in first.ids if one.startswith("talk"))


def test_a_paragraph_that_is_marked_stands_there_whole(first):
    whole = next(one for one in first.ids if "This stands there whole." in first.shown(one))
    assert "All of it." in first.shown(whole)


def test_a_long_listing_is_cut_where_it_hurts_least_and_keeps_its_numbers(first):
    parts = [one for one in first.ids if one.startswith("code") and "data-ln" in first.shown(one)]
    numbers = [[int(number) for number in re.findall(r'data-ln="(\d+)"', first.shown(one))] for one in parts]
    assert len(parts) > 1
    blank = SERVER.splitlines().index("", 3) + 1
    assert [number for part in numbers for number in part if number != blank] == [
        number for number in range(4, 4 + len(LONG) + 2) if number != blank
    ]
    assert any(part[0] == blank + 1 for part in numbers), f"no part begins after line {blank}: {numbers}"
    for part, slide in zip(numbers, parts):
        assert f"lines {part[0]}–{part[-1]}" in first.shown(slide)
        assert f"server.cpp.html#L{part[0]}" in first.shown(slide)


def test_a_note_of_a_callout_is_with_its_line(first):
    with_mark = [one for one in first.ids if 'class="co" id=' in first.shown(one)]
    assert len(with_mark) == 1 and "Where it turns." in first.shown(with_mark[0])
    assert sum("Where it turns." in first.shown(one) for one in first.ids) == 1


def test_a_question_hides_what_is_right_and_why(first):
    who = first.shown("who")
    assert "<h2>Who answers?</h2>" in who
    right = r'<li class="right"><p>The server</p><div class="reason later"><strong>Right\.</strong>'
    assert re.search(right, who)
    assert who.count("reason later") == 2 and 'type="radio"' not in who


def test_goals_demonstration_and_exercises_come_from_the_manifest(second):
    assert second.ids[1] == "goals" and "<li>greet</li>" in second.shown("goals")
    demonstration = second.shown("demonstration")
    assert "Who is greeted?" in demonstration and '<span class="l cmd">make run CH=02</span>' in demonstration
    assert '<p class="reply later">You.</p>' in demonstration
    assert "Nobody." in second.notes("demonstration") and "Everything." in second.notes("demonstration")
    assert second.ids[-1] == "exercises"
    tasks = second.shown("exercises")
    assert "02.1" in tasks and "5 min" in tasks and "tools/workshop start 02.1" in tasks
    assert 'href="02-second.html#exercise-02-1">Greet <code>everybody</code></a>' in tasks


TERMINAL = '<span class="l out">hello</span>'


@pytest.mark.parametrize(
    "command, what",
    [
        ("make trace CH=02 PLAY=run", 'class="player"'),
        ("(sleep 1\n tools/idle server --clients 1\n echo)", TERMINAL),
        ("date; mistakes/mute-bell", TERMINAL),
        ("date", "An opening."),
    ],
)
def test_a_demonstration_comes_before_where_the_chapter_does_it_or_first(tmp_path, command, what):
    made = Book(tmp_path)
    manifest = "chapters/02-second/exercises/exercises.toml"
    made.replace(manifest, '"make run CH=02"', f"\'\'\'{command}\'\'\'")
    chapter = "chapters/02-second/chapter.adoc"
    session = "$ tools/idle server --clients 1\nhello\n$ mistakes/mute-bell"
    made.replace(chapter, "\n[#code]\n", f"\n[source,console]\n----\n{session}\n----\n\n[#code]\n")
    made.replace(chapter, "\n[#idea]\n", "\n[#open]\n== Open\n\nAn opening.\n\n[#idea]\n")
    made.export()
    done = made.build()
    assert done.returncode == 0, done.stderr
    deck = Slides(made.page("slides-02-second.html"))
    at = deck.ids.index("demonstration")
    assert what in deck.shown(deck.ids[at + 1])


def test_a_chapter_without_a_manifest_has_slides_all_the_same(first):
    assert not {"goals", "demonstration", "exercises"} & set(first.ids)
    assert len(first.ids) > 8


def test_figures_are_there_with_their_scripts(small, second):
    page = small.page("slides-02-second.html")
    for name in ("slides.js", "player.js", "toy.js", "toy-knock.js", "slides.css", "toys.css"):
        assert f'"assets/{name}"' in page, name
    assert '"assets/book.js"' not in page
    for what in ('class="player"', 'class="toy"', 'class="drawing"'):
        assert sum(what in second.shown(one) for one in second.ids) == 1, what


def test_slides_link_to_nothing_that_is_not_there(small):
    wrong, count = check(small.root / "build/book")
    assert not [line for line in wrong if line.startswith("slides-")]
    assert count > 100


def test_no_tooltip_and_no_mark_of_ours_is_on_a_slide(small):
    for name in ("slides-01-first.html", "slides-02-second.html"):
        page = small.page(name)
        assert 'role="tooltip"' not in page and "data-raw" not in page and "tag::" not in page


def test_a_chapter_leads_to_its_slides(small):
    assert '<a class="slides" href="slides-01-first.html">' in small.page("01-first.html")
    assert '<a href="01-first.html#talk">' in small.page("slides-01-first.html")


@pytest.mark.parametrize("name", NAMES)
def test_in_a_browser(name):
    in_browser("slides.mjs", book(), name)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_slides_in(theme):
    need_package("axe-core")
    in_browser("slides.mjs", book(), "axe", theme)
