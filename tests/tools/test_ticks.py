"""tools/ticks: what the end of a batch costs, walked or listed."""

from __future__ import annotations

import re
import subprocess

from kit.server import ROOT


def ticks(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ROOT / "tools/ticks"), *arguments], capture_output=True,
                          text=True, timeout=100, check=False)


def rows(text: str) -> list[tuple[int, float, float, float]]:
    """silent clients, walk, list, walk / list"""
    found = []
    for line in text.splitlines()[1:]:
        numbers = re.findall(r"[\d,.]+", line)
        found.append((int(numbers[0].replace(",", "")), *map(float, numbers[1:])))
    return found


def test_it_prints_a_line_for_each_number_of_silent_clients() -> None:
    ended = ticks("--idle", "200", "5", "--visits", "30", "--rounds", "1")
    assert (ended.returncode, ended.stderr) == (0, "")
    found = rows(ended.stdout)
    assert [row[0] for row in found] == [5, 200]
    for _, walk, listed, ratio in found:
        assert walk > 0 and listed > 0
        assert abs(ratio - walk / listed) < 0.1


def test_the_trigger_is_passed_on_to_both() -> None:
    ended = ticks("--idle", "5", "--visits", "5", "--rounds", "1", "--trigger", "level")
    assert (ended.returncode, ended.stderr) == (0, "")
    ended = ticks("--idle", "5", "--visits", "5", "--rounds", "1", "--trigger", "hair")
    assert ended.returncode == 1 and "--trigger" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_what_it_cannot_do_it_says_in_one_line() -> None:
    ended = ticks("--idle", "100000000")
    assert ended.returncode == 1 and ended.stderr.count("\n") == 1
    assert "descriptors" in ended.stderr
    ended = ticks("--visits", "0")
    assert ended.returncode == 2 and "--visits" in ended.stderr
