"""No barriers that axe-core knows of, in both themes, on wide and narrow screens."""

from pathlib import Path

import pytest
from checkers import book, in_browser, need_package

PAGES = {
    "the front page": "index.html",
    "a chapter": "[0-9]*.html",
    "a difference": "diff-*.html",
    "a source file": "source-chapters-*-server.cpp.html",
    "the glossary": "glossary.html",
    "the system calls": "syscalls.html",
}
FIGURES = ('class="player"', 'class="toy"', 'class="quiz"')


def richest(pattern: str) -> str:
    """Of the pages that are meant the one with the most figures, then the longest."""

    def rank(path: Path) -> tuple[int, int]:
        text = path.read_text()
        return sum(figure in text for figure in FIGURES), len(text)

    return max(book().glob(pattern), key=rank).name


@pytest.mark.parametrize("what", PAGES)
def test_axe_finds_nothing_on(what):
    need_package("axe-core")
    in_browser("axe.mjs", book(), richest(PAGES[what]))


def test_axe_sees_a_picture_without_words_and_pale_text(tmp_path):
    need_package("axe-core")
    (tmp_path / "bad.html").write_text(
        '<!DOCTYPE html><html lang="en"><title>Bad</title><main><h1>Bad</h1>'
        '<p style="color:#aaa;background:#fff">pale</p><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>'
    )
    with pytest.raises(pytest.fail.Exception) as failure:
        in_browser("axe.mjs", tmp_path, "bad.html")
    assert "color-contrast" in str(failure.value) and "image-alt" in str(failure.value)


def test_axe_sees_text_that_is_pale_in_the_dark_only(tmp_path):
    need_package("axe-core")
    (tmp_path / "bad.html").write_text(
        '<!DOCTYPE html><html lang="en"><title>Bad</title><style>:root { color-scheme: light dark }'
        'body { background: light-dark(#fff, #222); color: light-dark(#222, #444) }</style>'
        '<main><h1>Bad</h1><p>pale at night</p></main>'
    )
    with pytest.raises(pytest.fail.Exception) as failure:
        in_browser("axe.mjs", tmp_path, "bad.html")
    assert "bad.html dark 390: color-contrast" in str(failure.value) and "light 1440" not in str(failure.value)
