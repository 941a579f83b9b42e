"""What some broken servers make the runner say, kept word for word.

  TICK_GOLDEN=write   writes the texts anew; read them before you keep them
"""

from __future__ import annotations

import os
import pathlib
import re
import types

import pytest
from coach import building, report, scene, sources
from coach.manifest import ROOT, Exercise
from coach.scene import Scene

HERE = pathlib.Path(__file__).resolve().parent
BROKEN = sorted((HERE / "broken").glob("*.patch"))
TRIGGER = {"spins": "level"}
EXERCISE = Exercise(id="05.0", name="broken", title="Broken", kind="mend", level=1, minutes=1,
                    task="", explains="05-edge-oneshot#a-change", hints=(), checks=("burst",))


def check_for(trigger: str) -> types.SimpleNamespace:
    def burst(stage: Scene) -> None:
        """A hello, a burst and a good bye: all of it comes back."""
        server = stage.serve("--trigger", trigger)
        a = stage.connect(server, "A")
        a.exchange(b"hello")
        stage.rests(server)
        stage.freeze(server)
        a.send_only(stage.words(40_000))
        stage.thaw(server)
        a.hear(bytes(a.sent[5:]))

    return types.SimpleNamespace(burst=burst)


def general(text: str) -> str:
    """Without what differs from one run or machine to the next."""
    text = re.sub(r"(\.[ch]pp):\d+(:\d+)?", r"\1:LINE", text)
    text = re.sub(r"uses\s+\d+\s+%\s+of\s+a\s+core\s+and\s+is\s+ready\s+to\s+run\s+\d+\s+%\s+of\s+the\s+time",
                  "uses N % of a core and is ready to run N % of the time", text)
    text = re.sub(r"0x[0-9a-f]{6,}", "ADDRESS", text)
    text = re.sub(r"fd \d+", "fd N", text)
    if "ready to run" in text:  # one that spins is caught at any point of its round
        text = text.replace("Since then it waits in epoll_wait.\n", "")
        head, _, trace = text.partition("Its last trace lines:\n")
        lines, _, rest = trace.partition("\n\n")
        text = f"{head}Its last trace lines:\n" + "\n".join(sorted(set(lines.splitlines()))) + f"\n\n{rest}"
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


@pytest.mark.parametrize("patch", BROKEN, ids=lambda path: path.stem)
def test_a_broken_server_is_told_about_in_these_words(
        patch: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"server.cpp": next(ROOT.glob("chapters/05-*/server.cpp")).read_text()}
    checks = check_for(TRIGGER.get(patch.stem, "edge"))
    monkeypatch.setattr(scene, "checks_of", lambda _chapter: checks)
    outcome = scene.run_check(EXERCISE, building.build(sources.patched(files, patch), "05"), "burst", seed=1)
    assert not outcome.passed and not outcome.ours, outcome.ours
    text = general(report.tell(EXERCISE, outcome))
    golden = patch.with_suffix(".txt")
    if os.environ.get("TICK_GOLDEN") == "write":
        golden.write_text(text)
    assert text == golden.read_text()
