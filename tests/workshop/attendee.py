"""Somebody who does the workshop."""

from __future__ import annotations

import os
import pathlib
import subprocess

from coach import manifest, sources
from kit.server import ROOT

MEND = "05.2"  # the exercise that is played with
PREDICT = next(one.id for one in manifest.exercises() if one.kind == "predict")
TOOL = ROOT / "tools/workshop"
SECONDS = 110


class Attendee:
    """Somebody with a work/ of their own."""

    def __init__(self, work: pathlib.Path) -> None:
        self.work = work
        self.environment = {**os.environ, "TICK_WORK": str(work), "NO_COLOR": "1"}

    def run(self, *arguments: str, status: int | None = 0, **how) -> str:
        ended = subprocess.run([TOOL, *arguments], env=self.environment, capture_output=True,
                               text=True, timeout=SECONDS, check=False, **how)
        said = ended.stdout + ended.stderr
        assert "Traceback" not in said, said
        if status is not None:
            assert ended.returncode == status, said
        return said

    def story(self, *lines: str) -> None:
        """What has been done already, as "05.2 passed"."""
        self.work.mkdir(exist_ok=True)
        with open(self.work / "progress.txt", "a") as file:
            file.writelines(f"2026-11-28 09:00 {line}\n" for line in lines)

    def standing(self, exercise: str = MEND) -> str:
        """Its word in the list."""
        return next(line.split("min")[-1].strip() for line in self.run("list").splitlines()
                    if line[2:6] + line[6:7].strip() == exercise)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen([TOOL, *arguments], env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def file(self, exercise: str = MEND) -> pathlib.Path:
        return self.work / exercise / "server.cpp"

    def write(self, text: str, exercise: str = MEND) -> None:
        self.file(exercise).write_text(text)

    def solve(self, exercise: str = MEND) -> None:
        one = next(one for one in manifest.exercises() if one.id == exercise)
        sources.write(sources.solution(one), self.work / exercise)
