"""The workshop's tests. At the end: how many exercises were proved, and how."""

from __future__ import annotations

import collections
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

PROVED = ("starters failing as intended", "solutions passing", "mutants killed",
          "predictions true", "measurements repeated", "solutions passing under load")


from attendee import Attendee  # noqa: E402


@pytest.fixture
def attendee(tmp_path: pathlib.Path) -> Attendee:
    return Attendee(tmp_path / "work")


@pytest.fixture
def proves(record_property):
    """Says what a test proves: one of PROVED."""
    return lambda what: record_property("proves", what)


def pytest_terminal_summary(terminalreporter) -> None:
    total: collections.Counter[str] = collections.Counter()
    good: collections.Counter[str] = collections.Counter()
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "proves" and report.when == "call":
                    total[value] += 1
                    good[value] += outcome == "passed"
    if total:
        terminalreporter.write_line("proved: " + ", ".join(
            f"{what} {good[what]}/{total[what]}" for what in PROVED if total[what]))
