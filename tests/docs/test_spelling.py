"""The spelling of what a reader reads: the prose of the built pages, without
code. Words that aspell lacks and the book needs are in docs/words.txt."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from checkers import ROOT, book, need, run

CODE = {"code", "pre", "kbd", "svg", "script", "style"}
VOID = {"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
FILES = re.compile(r"\S*[/_.]\w\S*|\b[A-Z_0-9]{2,}\b|\b\w+\(\d?p?\)")  # paths, constants, poll(2)
POSSESSIVE = re.compile(r"['’]s\b")
WORDS = ROOT / "docs/words.txt"


class Prose(HTMLParser):
    """Lines of text, code left out; what is said in labels too."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines: list[tuple[int, str]] = []
        self.code = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.code += tag in CODE or (self.code > 0 and tag not in VOID)
        for name in ("aria-label", "title", "alt", "placeholder"):
            if given.get(name) and tag not in CODE:
                self.lines.append((self.getpos()[0], given[name] or ""))

    def handle_endtag(self, tag: str) -> None:
        self.code -= self.code > 0

    def handle_data(self, data: str) -> None:
        if not self.code:
            self.lines.append((self.getpos()[0], data))


def unknown(text: str) -> set[str]:
    need("aspell")
    if "en_GB" not in run("aspell", "dicts").stdout.split():
        pytest.skip("aspell has no en_GB dictionary: tools/setup installs it")
    done = run("aspell", "list", "--lang=en_GB", "--encoding=utf-8", text=POSSESSIVE.sub("", text))
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def misspelt(folder: Path) -> list[str]:
    pages = {path: Prose(path.read_text()).lines for path in sorted(folder.glob("*.html"))
             if not path.name.startswith(("source-", "diff-", "print"))}  # fmt: skip
    lines = [(path.name, number, FILES.sub(" ", text)) for path, texts in pages.items() for number, text in texts]
    known = set(WORDS.read_text().split())
    wrong = unknown("\n".join(text for *_, text in lines)) - known
    return [
        f"{name}:{number}: {word}"
        for word in sorted(wrong)
        for name, number, text in lines
        if re.search(rf"\b{re.escape(word)}\b", text)
    ]


def test_every_word_of_the_book_is_spelt_right():
    wrong = misspelt(book())
    assert not wrong, "\n".join([*wrong, "A word that is right goes into docs/words.txt."])


def test_a_misspelt_word_is_seen_and_code_is_left_alone(tmp_path):
    (tmp_path / "bad.html").write_text(
        "<p>It takkes bytes from <code>xqzz</code>.</p><pre>qzzx</pre><p>See common/sys.hpp.</p>"
    )
    assert misspelt(tmp_path) == ["bad.html:1: takkes"]


def test_no_word_of_the_list_is_superfluous():
    words = WORDS.read_text().split()
    assert words == sorted(words, key=str.lower), "words.txt is not sorted"
    assert not set(words) - unknown("\n".join(words)), "aspell knows these"
