"""The book's drawings: the same every time, and fit for any page and theme."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRAW = ROOT / "docs/drawings/draw"
SVG = "{http://www.w3.org/2000/svg}"
LETTER_WIDTH = 0.4  # of the hand's letters, in units of their size


def draw(folder: Path, hash_seed: str = "0") -> dict[str, str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    subprocess.run([sys.executable, DRAW, "--out", folder], check=True, env=environment)
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return draw(tmp_path_factory.mktemp("drawings"))


def test_two_runs_write_the_same_bytes(drawings: dict[str, str], tmp_path: Path) -> None:
    assert draw(tmp_path, hash_seed="1") == drawings


def test_every_drawing_of_the_list_is_there(drawings: dict[str, str]) -> None:
    listing = subprocess.run([DRAW, "--list"], check=True, capture_output=True, text=True)
    names = {re.sub(r"(-\d)?\.svg$", "", file) for file in drawings}
    assert names == set(listing.stdout.split())


def test_nothing_is_left_beside_the_sources(drawings: dict[str, str]) -> None:
    assert sorted(path.name for path in DRAW.parent.iterdir() if path.name != "__pycache__") == [
        "draw",
        "pen.py",
        "pictures.py",
    ]


def test_a_picture_says_what_it_shows(drawings: dict[str, str]) -> None:
    for name, text in drawings.items():
        root = xml.fromstring(text)
        assert root.get("role") == "img", name
        assert root[0].tag == SVG + "title" and root[0].text, name
        assert root[1].tag == SVG + "desc" and len(root[1].text or "") > 30, name


def test_a_picture_may_stand_on_a_page_twice(drawings: dict[str, str]) -> None:
    for name, text in drawings.items():
        assert not re.search(r'\sid="|url\(#|href=', text), name


def test_a_picture_follows_the_theme_and_has_the_light_palette_without_it(
    drawings: dict[str, str],
) -> None:
    for name, text in drawings.items():
        styled = set(re.findall(r"\.(d-[a-z-]+)", text))
        for node in xml.fromstring(text).iter():
            if node.tag in (SVG + "path", SVG + "text"):
                assert node.get("class", "").startswith("d-"), name
                assert node.get("class") in styled, (name, node.get("class"))
                painted = [node.get("fill"), node.get("stroke")]
                assert any(re.fullmatch("#[0-9a-f]{3,6}", colour or "") for colour in painted), name


def test_letters_stay_large_and_inside(drawings: dict[str, str]) -> None:
    for name, text in drawings.items():
        root = xml.fromstring(text)
        _, _, width, height = map(float, root.get("viewBox", "").split())
        for node in root.iter(SVG + "text"):
            size, x, y = (float(node.get(key, 0)) for key in ("font-size", "x", "y"))
            words = node.text or ""
            long = len(words) * size * LETTER_WIDTH
            left = x - {"start": 0, "middle": 0.5, "end": 1}[node.get("text-anchor", "start")] * long
            assert left >= 6 and left + long <= width - 6, (name, words)
            assert size < y < height - 4, (name, words)
            # On a telephone a page is some 340 pixels wide.
            assert words == "z" or size * min(1.17, 340 / width) >= 9, (name, words)
