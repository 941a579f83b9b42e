"""The PDF: tagged, with an outline, and nothing runs off its pages."""

import re
from html import unescape
from pathlib import Path

import pytest
from checkers import ROOT, book, need, need_chromium, run

LEFT, RIGHT = 56.7 - 3, 595 - 56.7 + 3  # points: A4, with margins of 20 mm and some rounding
LONG = 70  # columns: a line of a listing that might not fit


@pytest.fixture(scope="module")
def pdf(tmp_path_factory) -> Path:
    need_chromium()
    out = tmp_path_factory.mktemp("pdf") / "book.pdf"
    done = run(ROOT / "tools/pdf", "--book", book(), "--out", out)
    assert done.returncode == 0, done.stderr
    return out


def facts(pdf: Path, *options: str) -> str:
    return run(need("pdfinfo"), *options, pdf).stdout


def test_it_is_tagged_has_a_title_and_is_on_a4(pdf):
    said = facts(pdf)
    assert re.search(r"^Title: +Tick by Tick$", said, re.M)
    assert re.search(r"^Tagged: +yes$", said, re.M)
    assert re.search(r"^Page size: .*A4", said, re.M)
    assert 50 < int(re.search(r"^Pages: +(\d+)", said, re.M)[1]) < 500


def plain(html: str) -> str:
    """Without spaces too: what is set in several pieces has others between them."""
    return re.sub(r"\s", "", unescape(re.sub(r"<[^>]+>", "", html)))


def test_its_outline_has_every_page_of_the_book_and_every_section(pdf):
    said = run(need("pdftohtml"), "-xml", "-i", "-stdout", pdf).stdout
    outline = {plain(title) for title in re.findall(r'<item page="\d+">(.*?)</item>', said)}
    page = re.search("<article>.*</article>", (book() / "print.html").read_text(), re.S)[0]
    headings = re.findall(r'<h[12]\b[^>]*>(.*?)(?:<a class="anchor"|</h[12]>)', page, re.S)
    missing = [heading for heading in headings if plain(heading) not in outline]
    assert len(headings) > 40 and not missing, missing


def test_no_word_leaves_its_page(pdf, tmp_path):
    boxes = tmp_path / "boxes.html"
    run(need("pdftotext"), "-bbox", pdf, boxes)
    page, wrong, count = 0, [], 0
    for line in boxes.read_text().splitlines():
        page += "<page " in line
        if found := re.search(r'<word xMin="([\d.-]+)".* xMax="([\d.-]+)".*?>(.*)</word>', line):
            count += 1
            if float(found[1]) < LEFT or float(found[2]) > RIGHT:
                wrong.append(f"page {page}: {found[3]}")
    assert count > 10_000 and not wrong, "\n".join(wrong[:20])


def test_long_lines_of_listings_are_there_in_one_piece(pdf):
    said = run(need("pdftotext"), "-layout", pdf, "-").stdout
    printed = [re.sub(r"\s+", " ", line) for line in said.splitlines()]
    lines = re.findall(r'<span class="l" data-ln="\d+">(.*)</span>', (book() / "print.html").read_text())
    texts = {unescape(re.sub(r"<[^>]+>", "", line)).rstrip() for line in lines}
    long = [text for text in texts if len(text) >= LONG]
    missing = [text for text in long if not any(re.sub(r"\s+", " ", text).strip() in line for line in printed)]
    assert len(long) > 10 and not missing, "\n".join(missing)


def test_its_links_lead_into_the_book_or_to_the_web(pdf):
    said = facts(pdf, "-url")
    assert "http" in said
    assert not re.search(r"\bfile:", said)


def test_without_chromium_it_says_so_in_one_line(tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "dirname", "env"):
        (tools / name).symlink_to(need(name))
    done = run("env", f"PATH={tools}", ROOT / "tools/pdf", "--book", book(), "--out", tmp_path / "x.pdf")
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "no chromium" in done.stderr, done.stderr


def test_without_a_book_it_says_so_in_one_line(tmp_path):
    done = run(ROOT / "tools/pdf", "--book", tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "make book" in done.stderr
