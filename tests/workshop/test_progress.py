"""What counts as done, which exercise is meant, and what a goto leaves alone."""

from __future__ import annotations

import re

import pytest
from attendee import MEND, PREDICT, Attendee
from coach import manifest, sources

GIVEN = "01.3"  # given by `goto 02`
ONE = {one.id: one for one in manifest.exercises()}


# ---- which one is meant --------------------------------------------------
@pytest.mark.parametrize(("story", "following"), [
    ([], "01.1"),
    (["05.2 started", "05.2 passed", "05.3 given"], "05.4"),
    (["05.8 given", "05.9 given"], "06.1"),
])
def test_where_one_must_be_named_the_next_is_suggested(
        attendee: Attendee, story: list[str], following: str) -> None:
    attendee.story(*story)
    for command in ("start", "watch", "diff", "check", "hint") if following != "05.4" else ("start",):
        said = attendee.run(command, status=2)
        assert f"tools/workshop start {following} begins the" in said and said.count("\n") == 1


def test_after_a_pass_it_is_still_the_one_that_is_meant(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    attendee.story(f"{MEND} passed")
    assert "not changed anything" in attendee.run("diff")
    assert re.search(r"^\+", attendee.run("solution"), re.M)
    assert MEND in attendee.run("hint")


def test_numbers_may_be_written_short(attendee: Attendee) -> None:
    assert MEND in attendee.run("start", "5.2") and attendee.file().exists()
    assert "Next: tools/workshop start 02.1" in attendee.run("goto", "2")
    assert MEND in attendee.run("list", "5")


def test_without_a_command_there_is_help_and_no_error(attendee: Attendee) -> None:
    assert "COMMAND" in attendee.run() == attendee.run("help")


@pytest.mark.parametrize(("word", "near"), [("chk", "check"), ("hnit", "hint"), ("exportt", "list, start"),
                                            ("qqq", "list, start")])
def test_an_unknown_command_is_told_what_it_is_like(attendee: Attendee, word: str, near: str) -> None:
    said = attendee.run(word, status=2)
    assert near in said and said.count("\n") == 1 and "verify" not in said and "usage" not in said
    assert attendee.run("list", "--frob", status=2).count("\n") == 1


# ---- what counts ---------------------------------------------------------
def test_what_has_passed_stays_so(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    attendee.story(f"{MEND} passed")
    attendee.run("reset", MEND)
    assert attendee.standing() == "begun again"
    said = attendee.run("progress")
    assert "1 of " in said and f"under way: {MEND}, passed and begun again" in said
    attendee.write("// mine\n")
    attendee.run("goto", "06")
    assert attendee.file().read_text() == "// mine\n", "a goto leaves alone what has passed"
    assert "1 of " in attendee.run("progress")


def test_what_was_given_is_not_counted_until_it_is_changed(attendee: Attendee) -> None:
    attendee.run("goto", "02")
    said = attendee.run("check", GIVEN)
    assert "it is ours: given" in said and "passed" not in said
    assert attendee.standing(GIVEN) == "given" and "\n0 of " in attendee.run("progress")
    attendee.write(attendee.file(GIVEN).read_text() + "// mine\n", GIVEN)
    assert f"✓ {GIVEN} passed" in attendee.run("check", GIVEN)


def test_a_solution_that_was_copied_is_not_counted(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    attendee.run("solution", "--anyway")
    attendee.solve()
    assert "it is ours: looked up" in attendee.run("check")
    assert attendee.standing() == "looked up" and "\n0 of " in attendee.run("progress")


def test_not_sure_is_looked_up_and_not_passed(attendee: Attendee) -> None:
    said = attendee.run("check", PREDICT, "?")
    assert "What came out:" in said and "looked up" in said and "✓" not in said
    assert "\n0 of " in attendee.run("progress")


def test_a_letter_that_is_none_is_refused_before_anything_is_done(attendee: Attendee) -> None:
    assert "not yet" in attendee.run("check", PREDICT, "x", status=1)
    attendee.story(f"{PREDICT} passed")
    said = attendee.run("check", PREDICT, "x", status=1)
    assert "is none of" in said and "doing it" not in said and "not yet" not in said


# ---- goto ----------------------------------------------------------------
def test_a_goto_says_it_in_a_few_lines(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    attendee.write("// mine\n")
    said = attendee.run("goto", "06")
    assert said.count("\n") <= 7 and f"What you had of {MEND} is kept in" in said.replace("\n", " ")
    assert re.search(r"tools/workshop\s+start 05\.\d\s+gives", said), said


@pytest.mark.parametrize("command", ["start", "reset"])
def test_what_a_goto_gave_can_be_begun(attendee: Attendee, command: str) -> None:
    attendee.run("goto", "02")
    assert attendee.file(GIVEN).read_text() == sources.solution(ONE[GIVEN])["server.cpp"]
    attendee.run("update")
    assert attendee.file(GIVEN).read_text() == sources.solution(ONE[GIVEN])["server.cpp"]
    attendee.run(command, GIVEN)
    assert attendee.file(GIVEN).read_text() == sources.starter(ONE[GIVEN])["server.cpp"]
    assert not list(attendee.work.glob(".kept/*")), "what is ours need not be kept"
    assert attendee.standing(GIVEN) == "started"


def test_what_was_edited_of_what_a_goto_gave_is_kept(attendee: Attendee) -> None:
    attendee.run("goto", "02")
    attendee.write("// mine\n", GIVEN)
    assert "is kept in" in attendee.run("start", GIVEN)
    kept, = attendee.work.glob(f".kept/{GIVEN}-*/server.cpp")
    assert kept.read_text() == "// mine\n"
