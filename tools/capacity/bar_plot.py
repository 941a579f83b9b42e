"""Bars: servers side by side under one load, or a few loads."""

from __future__ import annotations

import dataclasses
import math

from capacity.axes import Axis, axis, short
from capacity.svg import (
    COLOURS, HALF, INK, LINE, MUTED, PAPER, Form, caption, document, room, rule, spread, text)

TOP = 8
BAR, GAP = 17, 9
FILLS = {"ours": COLOURS[0], "theirs": "#a9b6c5"}


@dataclasses.dataclass(frozen=True)
class Bar:
    """A server, ours or a peer. `floor`: it is what the others are compared
    with; `ratio`: to the floor; `remark`: why there is no bar."""
    title: str
    ours: bool
    low: float = 0.0
    middle: float = 0.0
    high: float = 0.0
    ratio: float = 0.0
    marked: bool = False
    floor: bool = False
    remark: str = ""

    @property
    def value(self) -> str:
        return short(self.middle) + ("*" if self.marked else "")

    @property
    def compared(self) -> str:
        return f"× {self.ratio:.2f}" if self.ratio and not self.floor else ""


@dataclasses.dataclass(frozen=True)
class Stack:
    """A server's bar in pieces, each with its kind from 1."""
    title: str
    pieces: tuple[tuple[int, float], ...]

    @property
    def sum(self) -> float:
        return sum(size for _, size in self.pieces)


Group = tuple[str, list]  # a load's label, and the bars below it


class Frame:
    """Names on the left, or above each bar; figures on the right."""

    def __init__(self, form: Form, groups: list[Group], most: float, after: float) -> None:
        names = [bar.title for _, group in groups for bar in group]
        self.form = form
        self.left = 12 + max(map(room, names)) if form.beside else 1.0
        self.name = 0 if form.beside else LINE + 2  # what a name takes above its bar
        self.axis: Axis = axis([most], self.left, form.width - after)
        self.y: float = TOP
        self.parts: list[str] = []

    def rows(self, groups: list[Group], draw) -> None:
        """All bars, group by group, by `draw(bar, frame)`."""
        for label, group in groups:
            if label:
                self.parts.append(text(0, self.y + 14, label, "group strong", colour=INK))
                self.y += 26
            top = self.y
            for bar in group:
                self.parts += self.named(bar.title, getattr(bar, "ours", True))
                self.parts += draw(bar, self)
                self.y += BAR + GAP
            self.parts += self.floor(group, top)
            self.y += GAP

    def named(self, title: str, ours: bool) -> list[str]:
        words = "name strong" if ours else "name"
        if self.form.beside:
            return [text(self.left - 10, self.y + BAR / 2 + HALF, title, words, "end", INK)]
        self.y += self.name
        return [text(self.left, self.y - 5, title, words, colour=INK)]

    def floor(self, group: list, top: float) -> list[str]:
        """Where the bar ends with which the others are compared."""
        found = [bar.middle for bar in group if getattr(bar, "floor", False) and not bar.remark]
        at = [self.axis.at(middle) for middle in found]
        return [rule(x, top + self.name - 3, x, self.y - GAP + 3, "floor", MUTED, dashed=True) for x in at]

    def finish(self, unit: str) -> list[str]:
        """The axis goes below, and its rules behind everything."""
        bottom, rules, last = self.y - GAP, [], -math.inf
        for tick, x in self.axis.marks():
            rules.append(rule(x, TOP, x, bottom))
            half = room(short(tick)) / 2
            if x - half > last:
                x, last = min(max(x, half), self.form.width - half), x + half + 6
                self.parts.append(text(x, bottom + 18, short(tick), "tick", "middle"))
        told, end = caption(self.form, self.form.width / 2, bottom + 38, unit)
        self.y = end + 8
        return [*rules, *self.parts, *told]


def bars(form: Form, title: str, unit: str, groups: list[Group], reach: list[Group] = []) -> str:
    """Horizontal bars with their spread and, where there is one, their ratio."""
    every = [bar for _, group in groups for bar in group]
    most = max(bar.high for _, group in [*groups, *reach] for bar in group)
    ratios = any(bar.compared for bar in every)
    value = 8 + max((room(bar.value) for bar in every if not bar.remark), default=0.0)
    frame = Frame(form, groups, most, value + (room("× 00.00") + 8 if ratios else 4))
    frame.rows(groups, bar_parts)
    parts = frame.finish(unit)
    return document(form, frame.y, title, describe(groups), parts)


def bar_parts(bar: Bar, frame: Frame) -> list[str]:
    """A bar, its spread, its figure; or why there is none."""
    middle, start = frame.y + BAR / 2, frame.left
    if bar.remark:
        return [text(start + 6, middle + HALF, cut(bar.remark, frame.form.width - start - 6), "remark halo")]
    kind, end = "ours" if bar.ours else "theirs", frame.axis.at(bar.middle)
    after = max(end, frame.axis.at(bar.high)) + 8
    parts = [f'<rect class="plot-bar {kind}" x="{start:.1f}" y="{frame.y:.1f}" '
             f'width="{max(1.0, end - start):.1f}" height="{BAR}" fill="{FILLS[kind]}"/>']
    if bar.high > bar.low:
        parts.append(spread(frame.axis.at(bar.low), frame.axis.at(bar.high), middle))
    parts.append(text(after, middle + HALF, bar.value, "value halo", colour=INK))
    if bar.compared:
        parts.append(text(frame.form.width - 1, middle + HALF, bar.compared, "ratio", "end"))
    return parts


def stacks(form: Form, title: str, unit: str, kinds: list[tuple[int, str]], groups: list[Group],
           reach: list[Group] = []) -> str:
    """Bars made of pieces. `kinds`: which there are, by number and name."""
    most = max(stack.sum for _, group in [*groups, *reach] for stack in group)
    frame = Frame(form, groups, most, 8 + room("0.00"))
    x = frame.left
    for kind, name in kinds:
        wide = 14 + 6 + room(name) + 14
        if x + wide > form.width and x > frame.left:
            x, frame.y = frame.left, frame.y + LINE + 4
        frame.parts += [f'<rect class="plot-piece s{kind}" x="{x:.1f}" y="{frame.y:.1f}" width="14" '
                        f'height="14" fill="{COLOURS[kind - 1]}"/>', text(x + 20, frame.y + 12, name, "name", colour=INK)]
        x += wide
    frame.y += LINE + 12
    frame.rows(groups, stack_parts)
    about = " ".join(f"{label} {one.title}: {one.sum:.2f}." for label, group in groups for one in group)
    parts = frame.finish(unit)
    return document(form, frame.y, title, about, parts)


def stack_parts(stack: Stack, frame: Frame) -> list[str]:
    """The pieces, with figures in those that have room, and the sum."""
    parts, at, middle = [], 0.0, frame.y + BAR / 2
    for kind, size in stack.pieces:
        x, end = frame.axis.at(at), frame.axis.at(at + size)
        if size > 0:
            parts.append(f'<rect class="plot-piece s{kind}" x="{x:.1f}" y="{frame.y:.1f}" '
                         f'width="{max(0.5, end - x - 1):.1f}" height="{BAR}" fill="{COLOURS[kind - 1]}"/>')
        if end - x > room("0.00") + 8:
            parts.append(text((x + end) / 2, middle + HALF, f"{size:.2f}", "inside", "middle", PAPER))
        at += size
    return [*parts, text(frame.axis.at(at) + 8, middle + HALF, f"{at:.2f}", "value halo", colour=INK)]


def cut(words: str, width: float) -> str:
    """As much of it as there is room for."""
    whole = words
    while words and room(words + ("…" if words != whole else "")) > width:
        words = words[:-1]
    return words if words == whole else words.rstrip() + "…"


def describe(groups: list[Group]) -> str:
    """The same in words."""
    told = []
    for label, group in groups:
        for bar in group:
            what = bar.remark or " ".join(filter(None, [bar.value, bar.compared]))
            told.append(f"{label} {bar.title}: {what}.".strip())
    return " ".join(told)
