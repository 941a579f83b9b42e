"""The table of what each program must survive, against the code, the
catalogue and the book."""

from __future__ import annotations

import re

import pytest
from catalogue import ROWS
from rows import rows_for
from targets import CHAPTERS, TABLE, Target, programs

every_program = pytest.mark.parametrize("target", programs(), ids=lambda one: one.key)


def anchor(target: Target, row: str) -> str:
    parts = ["lacks"] + ([target.program] if target.program != "server" else []) + [row]
    return "-".join(parts).replace("_", "-")


def paragraphs(target: Target) -> dict[str, str]:
    """The text's paragraphs that say what is lacking, by their anchors."""
    path = target.folder / "chapter.adoc"
    text = path.read_text() if path.exists() else ""
    return dict(re.findall(r"^\[#(lacks-[\w-]+)\]\n(.*?)(?:\n\s*\n|\Z)", text,
                           re.DOTALL | re.MULTILINE))


@every_program
def test_the_table_names_only_rows_that_the_catalogue_has(target: Target) -> None:
    named = {*rows_for(target), *target.entry.get("fails", {})}
    assert not named - set(ROWS)
    assert set(target.entry.get("fails", {})) <= set(rows_for(target))


@every_program
def test_a_chapters_server_is_asked_every_row(target: Target) -> None:
    if target.program == "server":
        assert "rows" not in target.entry, "only a variation may leave rows out"


@every_program
def test_what_a_program_lacks_stands_in_its_chapters_text(target: Target) -> None:
    said = paragraphs(target)
    for row, known in target.entry.get("fails", {}).items():
        name = anchor(target, row)
        assert name in said, f"{target.folder.name}/chapter.adoc has no paragraph [#{name}]"
        assert f"`{row}`" in said[name], f"[#{name}] does not name the row `{row}`"
        check_mended(said[name], name, known["mended_in"])


def check_mended(text: str, name: str, mended_in: str) -> None:
    """Named by an xref; by its number only as long as nobody has written it."""
    if (CHAPTERS / mended_in).is_dir():
        assert f"xref:../{mended_in}/chapter.adoc" in text, f"[#{name}]: no xref to {mended_in}"
    else:
        assert f"chapter {mended_in[:2]}" in text, f"[#{name}] does not name chapter {mended_in}"


@every_program
def test_what_the_text_says_is_lacking_stands_in_the_table(target: Target) -> None:
    in_table = {anchor(one, row) for one in programs() if one.chapter == target.chapter
                for row in one.entry.get("fails", {})}
    assert set(paragraphs(target)) <= in_table, "a known failure that is none"


@every_program
def test_every_program_of_the_chapter_is_in_the_table(target: Target) -> None:
    there = {f"{target.chapter}/{path.stem}" for path in target.folder.glob("*.cpp")}
    assert there <= {*TABLE["programs"], *TABLE["experiments"], *TABLE["exhibits"]}


def test_an_exhibit_is_no_chapters_server() -> None:
    """It is asked no row, so it has to be another program, which is there."""
    for key in TABLE["exhibits"]:
        chapter, program = key.split("/")
        assert program != "server" and key not in TABLE["programs"]
        assert list(CHAPTERS.glob(f"{chapter}-*/{program}.cpp")), f"{key} is no program"


def test_every_chapter_is_in_the_table() -> None:
    there = {path.parent.name[:2] for path in CHAPTERS.glob("*/server.cpp")}
    assert there == {one.chapter for one in programs()}
