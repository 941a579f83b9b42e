"""Schedules for a workshop, computed from the minutes in the data.

The rules, all of them:

- Half a day touches chapter 01 and works through 03 and 05; one day is 01 to
  06; two days are 01 to 04 and 05 to 08.
- Telling and showing a chapter takes SHARE of the minutes that reading it
  takes. A chapter that is only touched takes SHORT of them.
- An exercise takes longer in a room than alone: see `in_a_room`.
- First every chapter is told. Then come the exercises: all of level 1, then
  of level 2 the first of each chapter, the second of each, and so on; of level
  3 the last chapter's first, for a day may well end with its longest piece; and
  those of levels 2 and 3 of a chapter that is only touched. What does not fit
  any more is left out, and the schedule says why.
- Nobody sits longer than STRETCH without a break. The breaks cut a day into as
  few pieces as will do, as even as possible, between chapters if it can be.
- A day begins with a look at the laptops (the second: at yesterday) and ends
  with a look back.

No clock and no chance: the same data give the same schedule.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Iterator

from coach.manifest import Chapter, Exercise

SHARE = 0.5
SHORT = 0.25
STEP = 5  # minutes: nobody keeps a schedule more exactly
STRETCH = 90
BREAK, LUNCH = 15, 60
HUNGRY = 240  # a day with more work than this has a lunch break
NOON = 12 * 60 + 15  # about when
SET_UP, YESTERDAY, LOOK_BACK = 15, 10, 15
START = 9 * 60
IN_A_CHAPTER = 400  # a break there is as bad as 20 minutes of unevenness


@dataclasses.dataclass(frozen=True)
class Day:
    chapters: tuple[str, ...]
    touched: tuple[str, ...] = ()  # of these: told in short


@dataclasses.dataclass(frozen=True)
class Plan:
    name: str
    title: str
    work: int  # minutes a day, at most, breaks not counted
    span: int  # minutes from the beginning of a day to its end, at most
    days: tuple[Day, ...]


PLANS = (
    Plan("half-day", "Half a day", 210, 210 + 2 * BREAK, (Day(("01", "03", "05"), ("01",)),)),
    Plan("one-day", "One day", 390, 390 + LUNCH + 3 * BREAK,
         (Day(("01", "02", "03", "04", "05", "06")),)),
    Plan("two-days", "Two days", 390, 390 + LUNCH + 3 * BREAK,
         (Day(("01", "02", "03", "04")), Day(("05", "06", "07", "08")))),
)


@dataclasses.dataclass(frozen=True)
class Activity:
    kind: str  # set-up, talk, quick, exercise, back; break, lunch
    title: str
    minutes: int
    chapter: str = ""
    exercises: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Row:
    """An activity with its time of day, in minutes since midnight."""
    start: int
    activity: Activity

    @property
    def end(self) -> int:
        return self.start + self.activity.minutes


@dataclasses.dataclass(frozen=True)
class Left:
    """What was left out. `what`: chapters and exercises by their numbers."""
    what: str
    why: str


@dataclasses.dataclass(frozen=True)
class Schedule:
    plan: Plan
    days: tuple[tuple[Row, ...], ...]
    left: tuple[Left, ...]

    def minutes(self, *kinds: str) -> int:
        return sum(row.activity.minutes for day in self.days for row in day
                   if row.activity.kind in kinds)

    @property
    def work(self) -> int:
        return self.minutes("set-up", "talk", "quick", "exercise", "back")

    @property
    def hands_on(self) -> int:
        return self.minutes("quick", "exercise")


# ---- how long things take -----------------------------------------------
def rounded(minutes: float) -> int:
    """Up to the next STEP."""
    return max(STEP, math.ceil(round(minutes, 6) / STEP) * STEP)


def in_a_room(one: Exercise) -> float:
    """Minutes for a room full of people, who do not begin and end together.
    Level 1: a show of hands, the run, a word on each wrong answer. Level 2: half
    as long again as alone. Level 3: a quarter, for nobody waits for the last."""
    return {1: one.minutes + 3.5, 2: one.minutes * 1.5, 3: one.minutes * 1.25}[one.level]


def told(chapter: Chapter, day: Day) -> int:
    return rounded(chapter.minutes * (SHORT if chapter.number in day.touched else SHARE))


# ---- what a day is made of ----------------------------------------------
def activities(day: Day, first: bool, chapters: Iterable[Chapter],
               chosen: set[str]) -> list[Activity]:
    """What was chosen, in the order in which it is done."""
    found = [Activity("set-up", "Set-up check: tools/workshop doctor on every laptop", SET_UP) if first else
             Activity("back", "What was that yesterday? Two questions from each chapter", YESTERDAY)]
    for chapter in chapters:
        if chapter.number not in chosen:
            continue
        short = "; in short" if chapter.number in day.touched else ""
        found.append(Activity("talk", f"{chapter.title} (ask, run, explain{short})",
                              told(chapter, day), chapter.number))
        mine = [one for one in chapter.exercises if one.id in chosen]
        quick = [one for one in mine if one.level == 1]
        if quick:
            found.append(Activity(
                "quick", "Hands up: " + ", ".join(f"{one.id} {one.title}" for one in quick),
                rounded(sum(map(in_a_room, quick))), chapter.number, tuple(one.id for one in quick)))
        found += [Activity("exercise", f"{one.id} {one.title} ({one.kind})",
                           rounded(in_a_room(one)), chapter.number, (one.id,))
                  for one in mine if one.level > 1]
    return [*found, Activity("back", "Last look back: what would you check first at work?",
                             LOOK_BACK)]


def pieces(todo: Iterable[Activity]) -> Iterator[Activity]:
    """Nothing is longer than a stretch: what is goes on after the break."""
    for one in todo:
        count = math.ceil(one.minutes / STRETCH)
        rest = one.minutes
        for number in range(count):
            part = rounded(rest / (count - number))
            rest -= part
            title = one.title + (", continued" if number else "")
            yield dataclasses.replace(one, minutes=part, title=title)


def stretches(todo: list[Activity]) -> list[list[Activity]]:
    """Cut by breaks: as few stretches as will do, and the evenest of those."""
    best: list[tuple[tuple[int, int], int]] = [((0, 0), 0)]  # of the first n: cost, last cut
    for end in range(1, len(todo) + 1):
        options = []
        for cut in range(end - 1, -1, -1):
            length = sum(one.minutes for one in todo[cut:end])
            if length > STRETCH:
                break
            inside = cut > 0 and todo[cut].chapter and todo[cut - 1].chapter == todo[cut].chapter
            count, rough = best[cut][0]
            options.append(((count + 1, rough + length ** 2 + IN_A_CHAPTER * bool(inside)), cut))
        best.append(min(options))
    cuts, end = [], len(todo)
    while end:
        cuts.append((best[end][1], end))
        end = best[end][1]
    return [todo[cut:end] for cut, end in reversed(cuts)]


def arrange(plan: Plan, todo: list[Activity]) -> tuple[Row, ...] | None:
    """The day with its breaks and times; None when it would be too long."""
    if sum(one.minutes for one in todo) > plan.work:
        return None
    parts = stretches(list(pieces(todo)))
    lengths = [sum(one.minutes for one in part) for part in parts]
    at = [START + sum(lengths[:n]) + BREAK * (n - 1) for n in range(1, len(parts))]
    lunch = min(range(len(at)), key=lambda n: abs(at[n] - NOON), default=-1) \
        if sum(lengths) > HUNGRY else -1
    rows, now = [], START
    for number, part in enumerate(parts):
        pause = [Activity("lunch", "Lunch", LUNCH) if number == lunch else
                 Activity("break", "Break", BREAK)] if number < len(parts) - 1 else []
        for one in part + pause:
            rows.append(Row(now, one))
            now += one.minutes
    return tuple(rows) if now - START <= plan.span else None


# ---- what is chosen -----------------------------------------------------
def wishes(chapters: list[Chapter], touched: tuple[str, ...]) -> Iterator[Exercise]:
    """The exercises of a day in the order in which they are given room."""
    main = [chapter for chapter in chapters if chapter.number not in touched]
    rest = [chapter for chapter in chapters if chapter.number in touched]
    for level, order in (1, chapters), (2, main), (3, main[::-1]), (2, rest), (3, rest):
        lists = [[one for one in chapter.exercises if one.level == level] for chapter in order]
        yield from (one for one in itertools.chain(*itertools.zip_longest(*lists)) if one)


def fill(plan: Plan, day: Day, first: bool,
         chapters: dict[str, Chapter]) -> tuple[tuple[Row, ...], list[Left]]:
    """One day: tries everything in the order of the rules, and keeps what fits."""
    there = [chapters[number] for number in day.chapters if number in chapters]
    left = [Left(number, "has no exercises yet") for number in day.chapters if number not in chapters]
    chosen: set[str] = set()
    rows = arrange(plan, activities(day, first, there, chosen))

    def add(name: str) -> None:
        nonlocal rows
        before = sum(row.activity.minutes for row in rows if row.activity.kind not in ("break", "lunch"))
        todo = activities(day, first, there, chosen | {name})
        tried = arrange(plan, todo)
        if tried:
            rows = tried
            chosen.add(name)
            return
        more = sum(one.minutes for one in todo) - before
        room = plan.work - before
        left.append(Left(name, "does not fit between the breaks" if more <= room else
                         f"takes {more} min, and {room or 'none'} are left"))

    for chapter in there:
        add(chapter.number)
    for one in wishes(there, day.touched):
        if one.chapter in chosen:
            add(one.id)
        else:
            left.append(Left(one.id, f"chapter {one.chapter} is left out"))
    return rows, sorted(left, key=lambda one: one.what)


def schedule(plan: Plan, chapters: Iterable[Chapter]) -> Schedule:
    known = {chapter.number: chapter for chapter in chapters}
    days = [fill(plan, day, number == 0, known) for number, day in enumerate(plan.days)]
    return Schedule(plan, tuple(rows for rows, _ in days),
                    tuple(one for _, left in days for one in left))
