"""The schedules of a workshop: within their hours, with breaks, and complete."""

from __future__ import annotations

import subprocess
import sys

import pytest
from coach import schedule, timetable
from coach.manifest import Chapter, Exercise
from coach.schedule import BREAK, LUNCH, PLANS, START, STEP, STRETCH, Plan, Schedule
from hypothesis import given, settings
from hypothesis import strategies as some
from kit.server import ROOT

PAUSES = ("break", "lunch")


def exercise(number: str, level: int, minutes: float, kind: str = "mend") -> Exercise:
    return Exercise(number, "a-name", f"What {number} is called", kind, level, minutes, "Do it.",
                    "01-first#there", ("", "", ""), needs=("socket",))


def chapter(number: str, minutes: int, *exercises: tuple[int, float]) -> Chapter:
    made = tuple(exercise(f"{number}.{n}", *each) for n, each in enumerate(exercises, 1))
    return Chapter(number, f"{number}-name", f"Chapter {number}", minutes, (), (), (), "", "", "",
                   (), "", made)


def likely() -> list[Chapter]:
    """About what the book has: two predictions, two of ten minutes, an hour."""
    minutes = {"01": 30, "02": 25, "03": 40, "04": 45, "05": 55, "06": 45, "07": 50, "08": 50}
    return [chapter(number, length, (1, 0.5), (1, 0.5), (2, 10), (2, 10), (3, 60))
            for number, length in minutes.items()]


def plan(name: str) -> Plan:
    return next(plan for plan in PLANS if plan.name == name)


def made(name: str, chapters: list[Chapter] | None = None) -> Schedule:
    return schedule.schedule(plan(name), likely() if chapters is None else chapters)


@some.composite
def chapters(draw) -> list[Chapter]:
    """Any lengths at all, and chapters that are not there."""
    lengths = some.floats(0.1, 200, allow_nan=False)
    found = []
    for number in range(1, 10):
        if draw(some.integers(0, 9)):
            exercises = draw(some.lists(some.tuples(some.integers(1, 3), lengths), max_size=7))
            found.append(chapter(f"{number:02}", draw(some.integers(1, 250)), *exercises))
    return found


PLAN = some.sampled_from(PLANS)
random_minutes = settings(deadline=None, max_examples=50)


# ---- what must hold for any minutes --------------------------------------
@random_minutes
@given(PLAN, chapters())
def test_no_day_is_longer_than_its_plan(which: Plan, given_chapters: list[Chapter]) -> None:
    for rows in schedule.schedule(which, given_chapters).days:
        assert sum(row.activity.minutes for row in rows if row.activity.kind not in PAUSES) <= which.work
        assert rows[-1].end - rows[0].start <= which.span
        assert rows[0].start == START


@random_minutes
@given(PLAN, chapters())
def test_nobody_sits_longer_than_a_stretch_without_a_break(which, given_chapters) -> None:
    for rows in schedule.schedule(which, given_chapters).days:
        sitting = 0
        for row in rows:
            sitting = 0 if row.activity.kind in PAUSES else sitting + row.activity.minutes
            assert sitting <= STRETCH
        assert rows[-1].activity.kind == "back" and rows[0].activity.kind in ("set-up", "back")


@random_minutes
@given(PLAN, chapters())
def test_one_thing_follows_the_other_without_a_gap_at_times_that_one_can_keep(which, given_chapters):
    for rows in schedule.schedule(which, given_chapters).days:
        for before, after in zip(rows, rows[1:]):
            assert before.end == after.start
            assert not (before.activity.kind in PAUSES and after.activity.kind in PAUSES)
        assert all(row.start % STEP == 0 and row.activity.minutes > 0 for row in rows)


@random_minutes
@given(PLAN, chapters())
def test_everything_is_either_there_once_or_left_out_with_a_reason(which, given_chapters) -> None:
    one = schedule.schedule(which, given_chapters)
    wanted = {number for day in which.days for number in day.chapters}
    here = [each for each in given_chapters if each.number in wanted]
    names = sorted([*wanted, *(ex.id for each in here for ex in each.exercises)])
    there = [name for rows in one.days for row in rows
             if not row.activity.title.endswith(", continued") and row.activity.kind not in PAUSES
             for name in row.activity.exercises or filter(None, [row.activity.chapter])]
    assert sorted(there + [left.what for left in one.left]) == names
    assert all(left.why for left in one.left)


@random_minutes
@given(PLAN, chapters())
def test_an_exercise_gets_at_least_the_minutes_that_it_takes_alone(which, given_chapters) -> None:
    alone = {ex.id: ex.minutes for each in given_chapters for ex in each.exercises}
    given_: dict[tuple[str, ...], int] = {}
    for rows in schedule.schedule(which, given_chapters).days:
        for row in rows:
            if row.activity.exercises:
                names = row.activity.exercises
                given_[names] = given_.get(names, 0) + row.activity.minutes
    for names, minutes in given_.items():
        assert minutes >= sum(alone[name] for name in names)


@random_minutes
@given(PLAN, chapters())
def test_no_exercise_comes_before_its_chapter_is_told_and_chapters_keep_their_order(which, given_chapters):
    for rows in schedule.schedule(which, given_chapters).days:
        told: list[str] = []
        for row in rows:
            if row.activity.kind == "talk" and row.activity.chapter not in told:
                told.append(row.activity.chapter)
            elif row.activity.exercises:
                assert {name[:2] for name in row.activity.exercises} == {told[-1]}
        assert told == sorted(told)


@random_minutes
@given(PLAN, chapters())
def test_what_is_said_to_be_too_long_is_longer_than_what_was_left(which, given_chapters) -> None:
    for left in schedule.schedule(which, given_chapters).left:
        if left.why.startswith("takes "):
            takes, rest = left.why.removeprefix("takes ").removesuffix(" are left").split(" min, and ")
            assert int(takes) > (0 if rest == "none" else int(rest))


@random_minutes
@given(PLAN, chapters(), some.integers(0, 23 * 60))
def test_the_text_fits_a_terminal_and_is_the_same_each_time(which, given_chapters, start) -> None:
    said = timetable.text(schedule.schedule(which, given_chapters), start)
    assert max(map(len, said.splitlines())) <= 80
    assert said == timetable.text(schedule.schedule(which, tuple(reversed(given_chapters))), start)


# ---- what the plans are for ------------------------------------------------
@pytest.mark.parametrize(("name", "told"), [
    ("half-day", ["01", "03", "05"]),
    ("one-day", ["01", "02", "03", "04", "05", "06"]),
    ("two-days", ["01", "02", "03", "04", "05", "06", "07", "08"]),
])
def test_a_plan_tells_its_chapters_and_has_exercises_of_each(name: str, told: list[str]) -> None:
    one = made(name)
    rows = [row.activity for rows in one.days for row in rows]
    assert [row.chapter for row in rows if row.kind == "talk"] == told
    assert {row.chapter for row in rows if row.kind == "exercise"} == set(told)
    assert one.hands_on * 2 >= one.work, "half of a workshop is work with one's own hands"


def test_a_long_day_has_one_lunch_about_noon_and_half_a_day_has_none() -> None:
    assert made("half-day").minutes("lunch") == 0
    for rows in made("one-day").days + made("two-days").days:
        lunch, = (row for row in rows if row.activity.kind == "lunch")
        assert 11 * 60 + 30 <= lunch.start <= 13 * 60 + 30 and lunch.activity.minutes == LUNCH


def test_a_chapter_that_is_only_touched_takes_less_and_gives_way() -> None:
    longer = [chapter("01", 40, (2, 20), (2, 20)), chapter("03", 100, (2, 20), (2, 20)),
              chapter("05", 100, (2, 20))]
    one = made("half-day", longer)
    talks = {row.activity.chapter: row.activity.minutes for row in one.days[0] if row.activity.kind == "talk"}
    assert talks == {"01": 10, "03": 50, "05": 50}
    there = {name for row in one.days[0] for name in row.activity.exercises}
    assert there == {"03.1", "05.1"}
    assert [(left.what, left.why) for left in one.left] == [
        ("01.1", "takes 30 min, and 10 are left"), ("01.2", "takes 30 min, and 10 are left"),
        ("03.2", "takes 30 min, and 10 are left")]


def test_a_day_is_used_to_its_last_minute_and_not_beyond() -> None:
    many = [(2, 10)] * 20  # 15 minutes each: 210 - 15 - 15 - 15 is 11 of them
    one = made("half-day", [chapter("03", 30, *many)])
    assert one.work == 210 and one.days[0][-1].end == 13 * 60
    assert sum(row.activity.kind == "exercise" for row in one.days[0]) == 11
    assert {left.why for left in one.left if left.what[:3] == "03."} == {"takes 15 min, and none are left"}
    shorter = made("half-day", [chapter("03", 40, *many)])  # 5 minutes more of telling
    assert sum(row.activity.kind == "exercise" for row in shorter.days[0]) == 10


def test_a_day_ends_with_its_longest_piece() -> None:
    days = made("two-days").days
    assert [[row.activity.exercises[0] for row in rows if row.activity.minutes == 75] for rows in days] == [
        ["04.5"], ["08.5"]]


def test_what_is_longer_than_a_stretch_goes_on_after_the_break() -> None:
    one = made("half-day", [chapter("03", 20, (3, 120))])
    rows = [row.activity for row in one.days[0]]
    parts = [row for row in rows if row.exercises == ("03.1",)]
    assert [part.minutes for part in parts] == [75, 75]
    assert parts[1].title == "03.1 What 03.1 is called (mend), continued"
    assert rows[rows.index(parts[0]) + 1].minutes == BREAK


def test_breaks_come_between_chapters_where_that_is_as_even() -> None:
    one = made("half-day", [chapter(number, 40, (2, 10)) for number in ("01", "03", "05")])
    rows = one.days[0]
    before = [rows[n + 1].activity.chapter != rows[n - 1].activity.chapter
              for n, row in enumerate(rows) if row.activity.kind == "break"]
    assert before and all(before)


def test_a_chapter_without_exercises_is_named_and_the_day_goes_on() -> None:
    one = made("half-day", [chapter("05", 50, (2, 10))])
    assert [(left.what, left.why) for left in one.left] == [
        ("01", "has no exercises yet"), ("03", "has no exercises yet")]
    assert [row.activity.kind for row in one.days[0]] == ["set-up", "talk", "exercise", "back"]


def test_the_second_day_begins_with_the_first() -> None:
    first, second = made("two-days").days
    assert first[0].activity.kind == "set-up" and "yesterday" in second[0].activity.title


# ---- how it is shown -------------------------------------------------------
def test_the_text_of_a_small_day() -> None:
    one = made("half-day", [chapter("03", 40, (1, 0.5), (1, 0.5), (2, 10), (3, 400))])
    assert timetable.text(one, 13 * 60) == """\
Half a day: 1 h 15 min of work, 25 min of it on exercises

13:00   15 min  Set-up check: tools/workshop doctor on every laptop
13:15   20 min  03  Chapter 03 (ask, run, explain)
13:35   10 min      Hands up: 03.1 What 03.1 is called, 03.2 What 03.2 is called
13:45   15 min      03.3 What 03.3 is called (mend)
14:00   15 min  Last look back: what would you check first at work?
14:15           The end

Left out
  01, 05: has no exercises yet
  03.4: takes 500 min, and 135 are left"""


def test_the_data_for_the_book_say_the_same() -> None:
    data, = (entry for entry in timetable.everything(likely()) if entry["name"] == "one-day")
    one = made("one-day")
    assert len(data["days"][0]) == len(one.days[0])
    assert data["days"][0][0] == {
        "from": "09:00", "to": "09:15", "kind": "set-up", "minutes": 15, "chapter": "",
        "title": "Set-up check: tools/workshop doctor on every laptop", "exercises": ()}
    assert data["work"] == "6 h 25 min"
    assert {"why": "takes 15 min, and 5 are left", "what": ["06.4"]} in data["left"]


def ask(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "coach.timetable", *arguments], cwd=ROOT, text=True,
                          capture_output=True, env={"PYTHONPATH": "tools", "PATH": "/usr/bin:/bin"})


@pytest.mark.parametrize("name", [plan.name for plan in PLANS])
def test_the_schedules_of_the_book_as_it_is_are_printed(name: str) -> None:
    ended = ask(name, "--from", "10:30")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\n10:30   15 min  Set-up check" in ended.stdout


def test_an_unknown_plan_and_an_impossible_time_are_refused() -> None:
    assert ask("three-weeks").returncode == 2 and "two-days" in ask("three-weeks").stderr
    assert ask("one-day", "--from", "25:00").returncode == 2
