"""Lines: how something grows, for a few servers."""

from __future__ import annotations

import dataclasses
import math

from capacity.axes import axis, places, short
from capacity.svg import COLOURS, HALF, LINE, RULE, Form, caption, document, mark, room, rule, text

TOP, BOTTOM = 30, 48
HEIGHT = 360
GAP = 16  # between what is drawn and what names it


@dataclasses.dataclass(frozen=True)
class Point:
    """At `at` it was `middle`; `marked` if others disturbed it."""
    at: float
    low: float
    middle: float
    high: float
    marked: bool = False


@dataclasses.dataclass(frozen=True)
class Series:
    """A line. `kind` is its colour and the shape of its marks, from 1."""
    title: str
    kind: int
    points: tuple[Point, ...]


@dataclasses.dataclass(frozen=True)
class Labels:
    """What a plot is called, and its axes."""
    title: str
    x: str
    y: str
    log: bool = False


def lines(form: Form, labels: Labels, series: list[Series], reach: list[Series] = []) -> str:
    """A line for each series with its spread, named at its end, or in a narrow
    form below. `reach`: what else must have room, so that two plots can be
    compared."""
    points = [point for one in [*series, *reach] for point in one.points]
    frame = Frame(form, labels, points, series)
    parts = frame.grid(sorted({point.at for point in points}))
    for one in series:
        parts += line(one, frame)
    parts += ends(series, frame) if form.beside else key(series, frame)
    return document(form, frame.height, labels.title, describe(series), parts)


class Frame:
    """Where a line plot's axes stand."""

    def __init__(self, form: Form, labels: Labels, points: list[Point], series: list[Series]) -> None:
        self.form, self.labels = form, labels
        values = [value for point in points for value in (point.low, point.middle, point.high)]
        tall = HEIGHT if form.beside else HEIGHT - 60
        self.bottom = tall - BOTTOM
        self.vertical = axis(values, self.bottom, TOP, labels.log)
        self.left = 10 + max(room(short(tick)) for tick, _ in self.vertical.marks())
        names = max((room(one.title) for one in series), default=0.0)
        self.right = form.width - (names + GAP + 10 if form.beside else 18)
        self.horizontal = places([point.at for point in points], self.left + 8, self.right)
        self.height = tall if form.beside else tall + LINE * 1.25 * len(series) + 8

    def grid(self, xs: list[float]) -> list[str]:
        """Both axes: rules, numbers, names."""
        parts, _ = caption(self.form, 0, 13, self.labels.y, anchor="start")
        for tick, y in self.vertical.marks():
            parts += [rule(self.left, y, self.right, y),
                      text(self.left - 8, y + HALF, short(tick), "tick", "end")]
        last = -math.inf
        for x in xs:
            at, half = self.horizontal.at(x), room(short(x)) / 2
            if at - half > last + 6:
                last = at + half
                parts.append(text(at, self.bottom + 19, short(x), "tick", "middle"))
        parts.append(text((self.left + self.right) / 2, self.bottom + 40, self.labels.x, "title", "middle"))
        return parts


def line(one: Series, frame: Frame) -> list[str]:
    """The middles joined, in front of what lies between least and most."""
    across, up = frame.horizontal.at, frame.vertical.at
    band = " ".join(f"{across(p.at):.1f},{up(p.low):.1f}" for p in one.points)
    band += " " + " ".join(f"{across(p.at):.1f},{up(p.high):.1f}" for p in reversed(one.points))
    path = " ".join(f"{across(p.at):.1f},{up(p.middle):.1f}" for p in one.points)
    colour = COLOURS[one.kind - 1]
    return [
        f'<polygon class="plot-band s{one.kind}" points="{band}" fill="{colour}" fill-opacity="0.15"/>',
        f'<polyline class="plot-line s{one.kind}" points="{path}" fill="none" stroke="{colour}" '
        'stroke-width="2.2" stroke-linejoin="round"/>',
        *(mark(across(p.at), up(p.middle), one.kind, p.marked) for p in one.points)]


def ends(series: list[Series], frame: Frame) -> list[str]:
    """Names at the ends of their lines."""
    parts, edge = [], frame.right + GAP
    last = [one.points[-1] for one in series]
    tips = [(frame.horizontal.at(point.at), frame.vertical.at(point.middle)) for point in last]
    for one, (x, y), end in zip(series, tips, apart([y for _, y in tips], frame.bottom)):
        parts += [f'<polyline class="plot-lead" points="{x + 6:.1f},{y:.1f} {edge - 3:.1f},{end:.1f}" '
                  f'fill="none" stroke="{RULE}"/>',
                  text(edge, end + HALF, one.title, f"name s{one.kind}", colour=COLOURS[one.kind - 1])]
    return parts


def key(series: list[Series], frame: Frame) -> list[str]:
    """Names below, in the order in which the lines end."""
    parts, y = [], frame.bottom + BOTTOM + 10
    for one in sorted(series, key=lambda one: frame.vertical.at(one.points[-1].middle)):
        parts += [rule(frame.left, y, frame.left + 26, y, f"line s{one.kind}", COLOURS[one.kind - 1]),
                  mark(frame.left + 13, y, one.kind), text(frame.left + 36, y + HALF, one.title, "name")]
        y += LINE * 1.25
    return parts


def apart(wanted: list[float], lowest: float, least: float = LINE) -> list[float]:
    """The same places, moved as little as keeps labels from touching."""
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    moved = list(wanted)
    for before, now in zip(order, order[1:]):
        moved[now] = max(moved[now], moved[before] + least)
    for now in reversed(order):  # and what was pushed out at the bottom, back up
        moved[now] = min(moved[now], lowest)
        lowest = moved[now] - least
    return moved


def describe(series: list[Series]) -> str:
    """The same in words."""
    return " ".join(f"{one.title}: " + ", ".join(f"{short(p.middle)} at {short(p.at)}" for p in one.points)
                    + "." for one in series)

