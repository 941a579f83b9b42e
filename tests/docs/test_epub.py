"""The EPUB: valid, the same each time, and with all that the pages say."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as xml
import zipfile
from pathlib import Path

import pytest
from checkers import ROOT, book, need, run

XHTML = "{http://www.w3.org/1999/xhtml}"


def pack(out: Path) -> Path:
    done = run(ROOT / "tools/epub", "--book", book(), "--out", out)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def epub(tmp_path_factory) -> Path:
    return pack(tmp_path_factory.mktemp("epub") / "book.epub")


def epubcheck(path: Path) -> subprocess.CompletedProcess[str]:
    # Debian's command is a jar, which not every kernel runs by itself.
    command = Path(need("epubcheck")).resolve()
    return run(need("java"), "-jar", command, path) if command.suffix == ".jar" else run(command, path)


def chapters(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {Path(name).stem: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xhtml")}


def words(html: str) -> list[str]:
    return re.findall(r"\w+", "".join(xml.fromstring(html).itertext()))


def test_epubcheck_finds_nothing(epub):
    done = epubcheck(epub)
    assert done.returncode == 0 and "0 errors / 0 warnings" in done.stdout, done.stdout + done.stderr


def test_epubcheck_sees_what_is_missing(epub, tmp_path):
    broken = tmp_path / "broken.epub"
    with zipfile.ZipFile(epub) as old, zipfile.ZipFile(broken, "w") as new:
        for name in ("mimetype", "META-INF/container.xml", "book/package.opf"):
            new.writestr(old.getinfo(name), old.read(name))
    done = epubcheck(broken)
    assert done.returncode == 1 and "03-poll.xhtml" in done.stderr


def test_two_packings_are_the_same_to_the_byte(epub, tmp_path):
    assert pack(tmp_path / "again.epub").read_bytes() == epub.read_bytes()


def test_every_chapter_and_page_of_the_sidebar_is_in_it_in_order(epub):
    sidebar = re.search(r'<nav id="ui-side".*?</nav>', (book() / "index.html").read_text(), re.S)
    assert sidebar
    wanted = [name for name in re.findall(r'href="([\w-]+)\.html"', sidebar[0]) if name not in ("code", "print")]
    contents = xml.fromstring(chapters(epub)["contents"])
    toc = next(contents.iter(f"{XHTML}nav"))
    found = [link.get("href", "") for link in toc.iter(f"{XHTML}a")]
    assert [href.removesuffix(".xhtml") for href in found if "#" not in href] == wanted
    assert len(wanted) >= 9 and sum("#" in href for href in found) > 20


def test_nothing_in_it_needs_a_script_or_a_form(epub):
    for name, html in chapters(epub).items():
        tags = {each.tag.removeprefix(XHTML) for each in xml.fromstring(html).iter()}
        assert not tags & {"script", "form", "input", "button", "label", "details", "style"}, name
        assert "style=" not in html or name == "cover", name


def test_questions_explain_every_answer_and_toys_say_what_they_show(epub):
    for name, html in chapters(epub).items():
        page = book() / f"{name}.html"
        if not page.exists():
            continue
        source = page.read_text()
        assert html.count('class="letters"') == source.count('class="quiz"'), name
        for reason in re.findall(r'<div class="why"><strong class="mark">(?:Right|Wrong)\.</strong> (.*?)</div></details>',
                                 source, re.S):  # fmt: skip
            wanted = words(f"<p>{reason}</p>")
            assert " ".join(wanted) in " ".join(words(html)), f"{name}: {reason}"
        for words_of_toy in re.findall(r'<p class="noscript">(.*?)</p>', source):
            assert " ".join(words(f"<p>{words_of_toy}</p>")) in " ".join(words(html)), name


def test_pictures_have_their_words_and_the_light_palette(epub):
    with_pictures = 0
    for name, html in chapters(epub).items():
        root = xml.fromstring(html)
        svg = "{http://www.w3.org/2000/svg}svg"
        boxes = [each for each in root.iter() if each.get("role") == "img" and next(each.iter(svg), None) is not None]
        with_pictures += bool(boxes)
        assert all(box.get("aria-label") for box in boxes), name
        assert "var(--" not in html and "light-dark" not in html, name
    assert with_pictures >= 4


def test_without_a_book_it_says_so_in_one_line(tmp_path):
    done = run(ROOT / "tools/epub", "--book", tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "make book" in done.stderr


def test_a_page_that_does_not_close_what_it_opens_is_refused(tmp_path):
    shutil.copytree(book(), tmp_path / "book")
    page = tmp_path / "book/glossary.html"
    page.write_text(page.read_text().replace("</article>", "<em></article>"))
    done = run(ROOT / "tools/epub", "--book", tmp_path / "book")
    assert done.returncode == 1 and "glossary.html:" in done.stderr, done.stderr
