"""tools/transcripts: the sessions that the book prints."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest
from kit.server import ROOT


@pytest.fixture
def record(tmp_path: pathlib.Path) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Records one session; gives the status, the transcript, and what it said."""
    name = f"test-{tmp_path.parent.name}-{tmp_path.name}"
    folder = ROOT / "build/tests" / name
    made = ROOT / "build/transcripts" / name / "one.txt"

    def run(*lines: str) -> tuple[int, str, str]:
        session = folder / "transcripts/one.session"
        session.parent.mkdir(parents=True, exist_ok=True)
        session.write_text("\n".join(lines) + "\n")
        ended = subprocess.run(
            [str(ROOT / "tools/transcripts"), "--force", str(session)],
            capture_output=True, text=True, timeout=100, check=False)
        return ended.returncode, made.read_text() if made.exists() else "", ended.stderr

    yield run
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(made.parent, ignore_errors=True)


def test_a_shown_command_stands_with_its_output_and_a_hidden_one_does_not(record) -> None:
    status, text, _ = record("# a comment", "$ echo hello", "! echo hidden", "", "$ echo bye")
    assert status == 0
    assert text == "$ echo hello\nhello\n$ echo bye\nbye\n"


def test_all_commands_of_a_session_run_in_one_shell(record) -> None:
    _, text, _ = record("! name=Ada", "$ echo $name")
    assert text == "$ echo $name\nAda\n"


def test_what_a_command_says_on_stderr_is_part_of_it(record) -> None:
    _, text, _ = record("$ echo oh >&2")
    assert text == "$ echo oh >&2\noh\n"


def test_a_server_in_the_background_is_waited_for_and_its_port_reads_8000(record) -> None:
    status, text, _ = record(
        "$ build/chapters/03-poll/server --port $PORT &",
        '$ tools/talk --port $PORT "A connects" "A sends hello" "A hears hello"')
    assert status == 0
    assert "listening on 127.0.0.1:8000\n" in text
    assert "--port 8000" in text and "$PORT" not in text
    assert text.endswith('A hears "hello"\n')


def test_a_failing_expectation_is_printed_as_the_reader_would_see_it(record) -> None:
    _, text, _ = record(
        "! build/chapters/03-poll/server --port $PORT &",
        '$ tools/talk --port $PORT "A connects" "A sends hello" "A hears jello" || echo $?')
    assert "A hears the wrong bytes" in text and text.endswith("1\n")


def test_a_line_that_is_no_command_gives_status_1_and_its_number(record) -> None:
    status, _, said = record("$ echo hello", "echo oops")
    assert status == 1
    assert "line 2" in said


def test_a_shell_that_ends_gives_status_1_and_the_line(record) -> None:
    status, _, said = record("$ exit 3")
    assert status == 1
    assert "line 1" in said and "the shell ended" in said


def test_a_shown_search_that_finds_nothing_is_told(record) -> None:
    status, _, told = record("$ grep -c Tick README.md", "$ grep writev README.md | tail -2")
    assert status == 1
    assert told.endswith("line 2: what it looks for is not there\n")
