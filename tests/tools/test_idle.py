"""tools/idle: what a server costs while nobody says anything."""

from __future__ import annotations

import subprocess

import pytest
from conftest import path_of
from kit.server import ROOT


def idle(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ROOT / "tools/idle"), *arguments], capture_output=True,
                          text=True, timeout=100, check=False)


def figures(text: str) -> dict[str, float]:
    """The number that each line gives for its name."""
    found = {}
    for line in text.splitlines():
        name, number = line[:23].strip(), line[23:].split()[0]
        found[name] = float(number.replace(",", ""))
    return found


@pytest.mark.parametrize("chapter, threads", [("01", 21), ("03", 1), ("04", 1)])
def test_it_prints_what_a_server_of_twenty_clients_uses(chapter: str, threads: int) -> None:
    ended = idle(str(path_of(chapter)), "--clients", "20", "--seconds", "0.3")
    assert (ended.returncode, ended.stderr) == (0, "")
    said = figures(ended.stdout)
    assert said["silent clients"] == 20
    assert said["threads"] == threads
    assert said["CPU"] < 5
    assert said["reads"] == 0
    assert "memory a client" in said and "voluntary switches" in said


def test_a_server_that_never_rests_shows_in_the_figures() -> None:
    said = figures(idle(str(path_of("02")), "--clients", "2", "--seconds", "0.3").stdout)
    assert said["CPU"] > 5
    assert said["reads"] > 1000


def test_an_option_for_the_server_is_passed_on() -> None:
    ended = idle(str(path_of("04")), "--clients", "2", "--seconds", "0.1", "--arg=--backend=poll")
    assert ended.returncode == 0
    ended = idle(str(path_of("04")), "--clients", "2", "--arg=--backend=pigeon")
    assert ended.returncode == 1 and "pigeon" in ended.stderr


@pytest.mark.parametrize("chapter", ["03", "04"])
def test_a_thousand_clients_fit(chapter: str) -> None:
    ended = idle(str(path_of(chapter)), "--clients", "1000", "--seconds", "0.1")
    assert ended.returncode == 0, ended.stderr
    assert figures(ended.stdout)["silent clients"] == 1000
