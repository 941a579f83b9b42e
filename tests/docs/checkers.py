"""What the checks of the rendered book share: where it is, and their tools.

  TICK_BOOK  the pages to check (default: build/book, which `make book` renders)

A tool that is missing skips its tests, by name; a missing book fails them.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BROWSER = ROOT / "tests/docs/browser"
PACKAGES = ROOT / "build/npm/node_modules"
LEAST_NODE = (18, 19)  # of html-validate
# Debian's name first; the others are what people have elsewhere.
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def book() -> Path:
    folder = (ROOT / os.environ.get("TICK_BOOK", "build/book")).resolve()
    if not (folder / "index.html").is_file():
        pytest.fail(f"there is no {folder}/index.html: `make book` renders it", pytrace=False)
    return folder


def need(command: str) -> str:
    """Where the command is, or the reason to skip."""
    path = shutil.which(command)
    if not path:
        pytest.skip(f"there is no {command}: tools/setup installs it")
    return path


def need_node() -> str:
    """Node.js, new enough for the packages, or the reason to skip."""
    node = need("node")
    version = run(node, "--version").stdout.strip().removeprefix("v")
    if tuple(map(int, version.split(".")[:2])) < LEAST_NODE:
        pytest.skip(f"node is {version}, the packages need {'.'.join(map(str, LEAST_NODE))}")
    return node


def need_package(name: str) -> Path:
    """Where the npm package is, or the reason to skip."""
    folder = PACKAGES / name
    if not (folder / "package.json").is_file():
        pytest.skip(f"there is no {name} in build/npm: tools/setup installs it, when npm's registry answers")
    return folder


def need_chromium() -> str:
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return found or need("chromium")


def run(*command: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT)


def in_browser(script: str, *arguments: str | Path) -> str:
    """Runs a script of tests/docs/browser/; it fails with what it says."""
    need_package("playwright-core")
    environment = {**os.environ, "CHROMIUM": need_chromium(), "PACKAGES": str(PACKAGES)}
    done = subprocess.run(
        [need_node(), BROWSER / script, *arguments], capture_output=True, text=True, cwd=ROOT, env=environment
    )
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
    return done.stdout
