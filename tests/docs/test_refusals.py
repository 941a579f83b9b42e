"""What is wrong with a page stops the book, and says in which file and line."""

import pathlib
import re
import shutil
import subprocess

import pytest
from small_book import Book

ROOT = pathlib.Path(__file__).resolve().parents[2]

ONE = "chapters/01-first/chapter.adoc"
TWO = "chapters/02-second/chapter.adoc"
SERVER = "chapters/02-second/server.cpp"
LONG = "x" * 81

# what is wrong: the file, what to replace there by what, and what is said of
# which file at the line that then holds which text
CASES = {
    "a lost tag": (ONE, "[tag=serve]", "[tag=swerve]", ONE, "tag=swerve", "no tag 'swerve'"),
    "an unclosed tag": (SERVER, "// end::serve[]\n", "", TWO, "server.cpp[tag=serve]", "never closed"),
    "a tag opened twice": (
        SERVER, "  // tag::greet[]", "  // tag::serve[]", TWO, "server.cpp[tag=serve]", "opened twice",
    ),
    "a tag that comes twice": (
        SERVER, "}  // namespace tick", "// tag::serve[]\n// end::serve[]\n}  // namespace tick",
        TWO, "server.cpp[tag=serve]", "opened twice",
    ),
    "code by line numbers": (ONE, "[tag=serve]", "[lines=2..3]", ONE, "lines=2..3", "never by line numbers"),
    "code without a tag": (ONE, "[tag=serve]", "[]", ONE, "server.cpp[]", "included by its tag"),
    "a file that is not there": (ONE, "server.cpp", "sever.cpp", ONE, "sever.cpp", "no such file"),
    "a transcript that was not recorded": (ONE, "run.txt", "ran.txt", ONE, "ran.txt", "make transcripts"),
    "callouts without a list": (
        ONE, "<1> It says hello, to {secret}.\n", "", ONE, "server.cpp[tag=serve]", "callouts 1 without a list",
    ),
    "a list without callouts": (
        ONE, "TIP: Be polite.", "<1> Of what?", ONE, "<1> Of what?", "without a listing that has them",
    ),
    "a callout that nobody explains": (
        SERVER, 'puts("hello, you");', 'puts("hello, you");  // <2>', TWO, "<1> Two of them.", "1 callouts, the listing 1, 2",
    ),
    "a dead anchor on the page": (ONE, "<<serving>>", "<<swerving>>", ONE, "<<swerving>>", "no such id on this page"),
    "a dead anchor elsewhere": (TWO, "#serving[]", "#swerving[]", TWO, "#swerving", "no such id there"),
    "a dead page": (TWO, "01-first/chapter", "01-fist/chapter", TWO, "01-fist", "no such page"),
    "an arrow out of code": (ONE, "`+fd->x+`", "`fd->x`", ONE, "`fd->x`", "write `+fd->x+`"),
    "an attribute that vanishes": (
        ONE, "`+[[nodiscard]]+`", "`[[nodiscard]]`", ONE, "`[[nodiscard]]`", "shown as nothing",
    ),
    "underscores that turn italic": (ONE, "`+fd->x+`", "`__FILE__`", ONE, "`__FILE__`", "shown as FILE"),
    "an apostrophe that is curled": (ONE, "`+fd->x+`", "`don't`", ONE, "`don't`", "write `+don't+`"),
    "code that was not closed": (TWO, "but better;", "but `better;", TWO, "`better", "a backtick that is shown"),
    "pluses that quote": (
        TWO, "but better;", "but better, as\nC++ is and C++ was;", TWO, "C++ is and", "write {cpp}",
    ),
    "a wide listing": (
        SERVER, "  std::vector<int> fds", f"  int {LONG};\n  std::vector<int> fds", SERVER, LONG, "88 columns",
    ),
    "a line too wide for its callout": (
        SERVER, "// the guests", "// " + "the guests " * 5, SERVER, "fds{1, 2}", "room for 77 beside a callout",
    ),
    "a wide drawing in characters": (
        TWO, "but better;", f"but better.\n\n....\n{LONG}\n....\n\nAnd", TWO, LONG, "81 columns",
    ),
    "a page without content": (
        "docs/pages/about.adoc", "\n\nIt is small.\n", "\n", "docs/pages/about.adoc", "= About", "without content",
    ),
    "a chapter without its minutes": (ONE, ":minutes: 10\n", "", ONE, "= The first", "lacks :minutes:"),
    "an attribute that nobody set": (
        TWO, "but better;", "but {secret};", TWO, "{secret}", "attribute {secret}: not set",
    ),
    "code that no text shows": (
        SERVER, "}  // namespace tick", "int unexplained = 1;\n}  // namespace tick",
        SERVER, "unexplained", "does not show it: int unexplained = 1;",
    ),
    "a server that is not shown at all": (
        TWO, "include::server.cpp[tag=serve]\n----\n<1> Two of them.", "one();\n----", TWO, "= The second", "shows nothing of",
    ),
    "a term that the glossary lacks": (ONE, "term:readiness[]", "term:eagerness[]", ONE, "term:eagerness", "no such term"),
    "a call that the reference lacks": (ONE, "call:poll[]", "call:pool[]", ONE, "call:pool", "no such entry"),
    "a call of another section": (ONE, "man:poll[2]", "man:poll[3]", ONE, "man:poll[3]", "its page is poll(2)"),
    "a source file that is not there": (TWO, "file:server.cpp[]", "file:saver.cpp[]", TWO, "file:saver.cpp", "no such source file"),
    "a run that was not recorded": (TWO, "trace::run[", "trace::walk[", TWO, "trace::walk", "`make traces` records it"),
    "a toy that is not there": (TWO, "toy::knock[", "toy::ring[", TWO, "toy::ring", "no such toy: docs/toys/ring.js"),
    "a toy with nothing to read": (
        TWO, ',noscript="Knock, and somebody answers."', "", TWO, "toy::knock", "without JavaScript",
    ),
    "a drawing that is not there": (TWO, "drawing::door[", "drawing::gate[", TWO, "drawing::gate", "no such drawing"),
    "a drawing that says nothing": (
        TWO, 'alt="A door with two people in front of it"', "", TWO, "drawing::door", "what does it show?",
    ),
    "a quiz with two right answers": (ONE, "* [ ] The client", "* [x] The client", ONE, "[.quiz#who]", "2 right answers"),
    "an answer without its reason": (
        ONE, "* [x] The server\n+\nYes, that is its job.", "* [x] The server", ONE, "* [x] The server", "without an explanation",
    ),
    "too few questions": (
        ONE, "[.quiz#where]\n.Where?\n====", "[.other]\n====", ONE, "[.quiz#who]", "2 questions to check oneself with",
    ),
    "a quiz without a question": (ONE, ".Who answers?\n", "", ONE, "[.quiz#who]", "no title"),
}  # fmt: skip


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_book_refuses(book, case):
    file, old, new, told, at, says = case
    book.replace(file, old, new)
    result = book.build()
    assert result.returncode == 1
    # Of a block, the line is where it opens, below its title and attributes.
    first = book.line_of(told, at)
    lines = range(first, first + (3 if at.startswith("[") else 1))
    about = [text for text in result.stderr.splitlines() if says in text]
    assert about, f"nothing about {says!r} in:\n{result.stderr}"
    places = [f"{told}:{line}: " for line in lines]
    assert any(text.startswith(tuple(places)) for text in about), f"not in {places}: {about}"
    assert not (book.root / "build/book").exists(), "a page was left to be taken for the new one"


def test_a_tag_around_nothing_is_refused(book):
    book.replace(TWO, "<1> Two of them.", "<1> Two of them.\n\n[source,cpp]\n----\ninclude::server.cpp[tag=greet]\n----")
    assert book.build().returncode == 0
    book.replace(SERVER, '  std::puts("hello, you");\n', "")
    result = book.build()
    line = book.line_of(TWO, "[tag=greet]")
    assert f"{TWO}:{line}: include of server.cpp: tag 'greet' at {SERVER}:12 holds no lines" in result.stderr


def test_a_page_of_the_contents_that_is_missing_is_refused(book):
    (book.root / "docs/pages/about.adoc").unlink()
    result = book.build()
    assert result.returncode == 1
    assert "docs/pages/about.adoc:1: this page is in the contents, and there is no such file" in result.stderr


def test_a_recorded_run_that_the_player_rejects_is_refused(book):
    book.write("docs/player/player.rb", 'module TracePlayer\n  def self.html(*) = raise("cut off")\nend\n')
    result = book.build()
    assert f"{TWO}:{book.line_of(TWO, 'trace::run')}: the recorded run cannot be shown: cut off" in result.stderr


def test_a_missing_font_is_told_with_the_line_that_asks_for_it(tmp_path):
    theme = tmp_path / "theme"
    shutil.copytree(ROOT / "docs/theme", theme)
    (theme / "fonts/patrick-hand-latin-400-normal.woff2").unlink()
    script = (
        "require 'assets'; require 'problems'; problems = Book::Problems.new; "
        f"Book::Assets.check problems, '{theme}'; puts problems.found"
    )
    told = subprocess.run(
        ["ruby", "-Idocs/lib", "-e", script], cwd=ROOT, text=True, capture_output=True, check=True
    ).stdout.splitlines()
    assert len(told) == 1, told
    assert re.search(r"/css/tokens\.css:\d+: asks for fonts/patrick-hand-latin-400-normal\.woff2, and there", told[0])


def test_a_draft_is_written_with_its_problems_and_still_fails(book):
    book.replace(ONE, "<<serving>>", "<<swerving>>")
    result = book.build("--draft")
    assert result.returncode == 1
    assert "no such id on this page" in book.page("01-first.html")
    assert book.build().returncode == 1, "a draft was taken for the book"


def test_an_unknown_option_is_refused_with_the_help(book):
    result = book.build("--fast")
    assert result.returncode == 1
    assert "--force" in result.stderr
