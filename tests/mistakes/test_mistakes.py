"""A test that has never been red proves nothing. Each chapter has planted
mistakes, its server with one thing wrong; here the check that is there for
that mistake runs against it and must fail, with the right words."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import tomllib

import pytest
from kit.server import ROOT, program

TESTS = pathlib.Path(__file__).resolve().parents[1]
MISTAKES = tomllib.loads((TESTS / "mistakes/mistakes.toml").read_text())
SECONDS = 110  # for one check


@dataclasses.dataclass(frozen=True)
class Mistake:
    chapter: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.chapter}/{self.name}"

    @property
    def entry(self) -> dict[str, str]:
        return MISTAKES[self.key]

    def node(self) -> str:
        """The check, as pytest calls it."""
        check = self.entry["check"]
        if "::" in check:
            return f"tests/chapters/{check}"
        return f"tests/hostile/test_hostile.py::test_a_hostile_peer_harms_nobody_else[{check}]"


def planted() -> list[Mistake]:
    return [Mistake(path.parts[-3][:2], path.stem)
            for path in sorted(ROOT.glob("chapters/*/mistakes/*.patch"))]


every_mistake = pytest.mark.parametrize("mistake", planted(), ids=lambda one: one.key)

pytestmark = pytest.mark.skipif(bool(os.environ.get("KIT_SERVER")),
                                reason="SKIPPED: KIT_SERVER is set, and it has no mistakes")


def run_check(mistake: Mistake, planted_too: bool) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TICK_CHAPTER": mistake.chapter,
                   "TICK_MISTAKE": mistake.name if planted_too else ""}
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_ADDOPTS"):
        environment.pop(name, None)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
         mistake.node()],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)


@every_mistake
def test_the_check_that_is_there_for_it_goes_red(mistake: Mistake) -> None:
    path = program(mistake.chapter, f"mistakes/{mistake.name}")
    if not path.exists():
        pytest.skip(f"SKIPPED {path.relative_to(ROOT)}: planted mistakes are built without SAN")
    ended = run_check(mistake, planted_too=True)
    assert ended.returncode == 1 and re.search(r"^1 failed|^=+ 1 failed", ended.stdout, re.M), (
        f"the mistake passes, or the check did not run:\n{ended.stdout}")
    said = "\n".join(line for line in ended.stdout.splitlines() if line.startswith("E "))
    wanted = mistake.entry["says"]
    assert re.search(wanted, said), f"red, but not for {wanted!r}:\n{said}"


@every_mistake
def test_the_same_check_is_green_on_the_server_itself(mistake: Mistake) -> None:
    ended = run_check(mistake, planted_too=False)
    assert ended.returncode == 0 and "1 passed" in ended.stdout, ended.stdout


@every_mistake
def test_it_is_known_which_check_is_there_for_it(mistake: Mistake) -> None:
    assert mistake.key in MISTAKES, "a planted mistake that nothing catches"
    first = next(ROOT.glob(f"chapters/{mistake.chapter}-*/mistakes/{mistake.name}.patch"))
    assert not first.read_text().startswith("---"), "a line that explains it comes first"


def test_no_check_is_there_for_a_mistake_that_nobody_planted() -> None:
    assert set(MISTAKES) == {mistake.key for mistake in planted()}
