"""Every tool explains itself."""

from __future__ import annotations

import pathlib
import subprocess

import pytest
from kit.server import ROOT

TOOLS = sorted(
    path for folder in ("tools", "tools/bench") for path in (ROOT / folder).iterdir()
    if path.is_file() and not path.suffix and path.stat().st_mode & 0o100)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_tool_has_a_help_that_shows_how_it_is_called(tool: pathlib.Path) -> None:
    command = [str(tool), "--help"]
    if tool.read_text().startswith("#!/usr/bin/env python3"):
        command[:0] = [str(ROOT / "tools/python")]  # it may need the kit's modules
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert str(tool.relative_to(ROOT)) in ended.stdout, "no example of a call"
