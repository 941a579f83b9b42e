"""What stands on the pages."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest
from site_checker import check
from small_book import ROOT, Book


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("book"))
    result = book.build()
    assert result.returncode == 0, result.stderr
    return book


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_small_book_links_to_nothing_that_is_not_there(book):
    wrong, count = check(book.root / "build/book")
    assert not wrong
    assert count > 100


def test_the_book_links_to_nothing_that_is_not_there(tmp_path):
    # Its own problems fail `make book`; here only the links are looked at.
    subprocess.run([ROOT / "docs/build", "--draft", "--out", tmp_path / "book"], capture_output=True)
    wrong, _ = check(tmp_path / "book")
    assert not wrong, "\n".join(wrong)


def test_the_checker_sees_a_dead_link_a_dead_anchor_a_double_id_and_a_foreign_script(tmp_path):
    (tmp_path / "a.html").write_text(
        '<p id="x"><p id="x"><a href="b.html">b</a><a href="#y">y</a>'
        '<script src="https://example.org/x.js"></script><i aria-labelledby="z"></i>'
    )
    wrong, _ = check(tmp_path)
    assert len(wrong) == 5, wrong


def test_two_builds_are_the_same_to_the_byte(book):
    first = digest(book.root / "build/book")
    assert book.build("--force").returncode == 0
    assert digest(book.root / "build/book") == first


def test_nothing_is_built_while_nothing_changes(book):
    assert "up to date" in book.build().stdout
    book.write("docs/toys/knock.js", "// knocks twice\n")
    assert "up to date" not in book.build().stdout


def test_a_listing_tells_its_file_and_lines_and_leads_into_the_whole_file(book):
    page = book.page("02-second.html")
    assert 'href="source-chapters-02-second-server.cpp.html#L10"' in page
    assert '<span class="where">lines 10–15</span>' in page
    assert 'data-ln="13"' in page and 'data-ln="11"' in page
    assert 'id="L13"' in book.page("source-chapters-02-second-server.cpp.html")


def test_no_mark_of_ours_is_shown_to_a_reader(book):
    for name in ("02-second.html", "source-chapters-02-second-server.cpp.html", "diff-02-second.html"):
        page = book.page(name)
        assert "tag::" not in page and "end::" not in page, name
        assert "\uf8ff" not in page and "&lt;1&gt;" not in page, name
        assert "data-raw" not in page, name


def test_a_patch_shows_what_it_changes_and_no_marks(book):
    page = book.page("01-first.html")
    assert re.search(r'class="l d">-(<[^>]+>)*hello', page) and re.search(r'class="l a">\+(<[^>]+>)*go', page)
    assert '<span class="cap">Forgets its manners.</span>' in page
    assert "tag::x" not in page and "+++ b" not in page


def test_callouts_and_notes_link_to_each_other(book):
    page = book.page("01-first.html")
    mark, note = re.search(r'class="co" id="([^"]+)" data-n="1" href="#([^"]+)"', page).groups()
    assert f'<li id="{note}" data-co="{mark}"><a class="co" data-n="1" href="#{mark}"' in page


def test_attributes_of_one_chapter_end_with_it(book):
    assert "to known here" in book.page("01-first.html")
    result_two = (book.root / "chapters/02-second/chapter.adoc").read_text()
    assert "{secret}" not in result_two  # test_refusals has it there, and refused


def test_a_console_copies_commands_and_their_continuations(book):
    page = book.page("01-first.html")
    assert '<span class="l cmd">make run \\</span>' in page
    assert '<span class="l cmd more">    ARGS=x</span>' in page
    assert '<span class="l out">hello</span>' in page


def test_the_first_use_of_a_term_explains_itself_and_the_second_does_not(book):
    page = book.page("01-first.html")
    assert page.count('role="tooltip"') == 1
    assert ">A fact about a buffer.</span>" in page
    assert page.count('href="glossary.html#readiness"') == 2


def test_a_chapter_that_is_to_come_is_plain_text(book):
    assert "Chapter 9 is still to come." in book.page("01-first.html")


def test_a_reference_without_text_takes_the_title_it_leads_to(book):
    assert '<a href="01-first.html#serving">Serving</a>' in book.page("02-second.html")


def test_a_quiz_can_be_answered_with_and_without_scripts(book):
    quiz = re.search(r'<div class="quiz".*?</fieldset>', book.page("01-first.html"), re.S).group()
    assert quiz.count('type="radio"') == 3 and "Not sure" in quiz
    assert quiz.count("<details>") == 2 and quiz.count("answer right") == 1


def test_figures_bring_their_scripts_and_styles_only_where_they_are(book):
    with_figures, without = book.page("02-second.html"), book.page("01-first.html")
    for name in ("player.js", "player.css", "toys.css", "toy.js", "toy-knock.js"):
        assert f'"assets/{name}"' in with_figures, name
        assert f'"assets/{name}"' not in without, name
    assert with_figures.index("assets/toy.js") < with_figures.index("assets/toy-knock.js")
    assert 'href="source-chapters-02-second-server.cpp.html#L10">Two guests' in with_figures


def test_ids_in_a_drawing_are_its_own(book):
    page = book.page("02-second.html")
    assert 'id="drawing-door-0-a"' in page and 'href="#drawing-door-0-a"' in page
    assert 'aria-label="A door with two people in front of it"' in page


def test_each_change_leads_to_the_section_that_explains_it(book):
    assert 'explained in <a href="02-second.html#code">The code</a>' in book.page("diff-02-second.html")


def test_the_map_is_made_of_the_sources(book):
    page = book.page("index.html")
    assert "Who is there?" in page and "You build a server." in page
    assert "<span>10 min</span><span>14 lines</span><span>3 questions</span>" in page
    assert "1 exercise" in page and 'class="plus">+' in page


def test_the_print_page_holds_every_page_with_ids_of_its_own(book):
    page = book.page("print.html")
    assert 'href="#p-01-first--serving"' in page and 'id="p-01-first--serving"' in page
    assert 'name="p-01-first--who"' in page
    assert "<details open>" in page and "<details>" not in page


def test_the_search_finds_sections_and_not_their_code_in_the_text(book):
    script = book.page("assets/search-index.js")
    records = json.loads(script.removeprefix("window.TICK_SEARCH=").rstrip(";\n"))
    serving = next(record for record in records if record["u"] == "01-first.html#serving")
    assert serving["t"] == "Serving" and serving["c"] == "The first"
    assert "puts" in serving["k"] and "puts" not in serving["x"]
    word = next(record for record in records if record["u"] == "glossary.html#readiness")
    assert word["t"] == "readiness" and word["x"] == "A fact about a buffer."


def test_every_font_has_its_licence_beside_it():
    fonts = ROOT / "docs/theme/fonts"
    licences = {path.name.removesuffix("-OFL.txt") for path in fonts.glob("*-OFL.txt")}
    for font in fonts.glob("*.woff2"):
        assert any(font.name.startswith(name) for name in licences), font.name
