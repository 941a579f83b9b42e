"""Ratios: many servers under many loads, a column for each load."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator

from capacity.axes import Axis, doublings
from capacity.svg import (
    COLOURS, HALF, INK, LINE, MUTED, RULE, STRIPE, Form, caption, document, room, rule, spread, text, wrapped)

ROW = 22
LEAST = 98  # pixels for a column
SMALL = 11.5  # type of the figures beside the dots
FOOT = 26
PARTS = {0.5: "½", 0.25: "¼", 0.125: "⅛"}


@dataclasses.dataclass(frozen=True)
class Cell:
    """A server's ratio under a load: of each round, the least, middle and most."""
    low: float
    middle: float
    high: float
    marked: bool = False

    @property
    def value(self) -> str:
        told = f"{self.middle:.2f}" if self.middle < 9.995 else f"{self.middle:.3g}"
        return told + ("*" if self.marked else "")


@dataclasses.dataclass(frozen=True)
class Row:
    """A server, ours or a peer, and a cell for each load that it took."""
    title: str
    ours: bool
    cells: tuple[Cell | None, ...]

    @property
    def mean(self) -> float:
        """Geometric, as is right for ratios."""
        logs = [math.log(cell.middle) for cell in self.cells if cell and cell.middle > 0]
        return math.exp(sum(logs) / len(logs)) if logs else math.inf


def grid(form: Form, title: str, unit: str, columns: list[str], rows: list[Row],
         reach: list[Row] = []) -> str:
    """A dot for each ratio, on a scale that doubles; the line is at 1."""
    cells = [cell for row in [*rows, *reach] for cell in row.cells if cell]
    ticks = doublings(min(cell.middle for cell in cells), max(cell.middle for cell in cells))
    left = 12 + max(room(row.title) for row in rows)
    fit = max(1, int((form.width - left) // LEAST))
    strips = math.ceil(len(columns) / fit)
    fit = math.ceil(len(columns) / strips)
    wide = (form.width - left) / fit
    parts, y = [], 0.0
    for first in range(0, len(columns), fit):
        some = list(enumerate(columns))[first:first + fit]
        drawn, y = strip(some, rows, ticks, (left, wide, y))
        parts += drawn
    told, y = caption(form, form.width / 2, y + 12, unit)
    parts += told
    return document(form, y + 8, title, describe(columns, rows), parts)


def strip(columns: list[tuple[int, str]], rows: list[Row], ticks: list[float],
          place: tuple[float, float, float]) -> tuple[list[str], float]:
    """Some columns side by side, from `place`: left, width of each, top."""
    left, wide, top = place
    heads = [wrapped(re.sub(r"(\d) (?=\w)", "\\1\xa0", label), wide - 14) for _, label in columns]
    body = top + 10 + LINE * max(map(len, heads))
    bottom = body + ROW * len(rows)
    whole = left + wide * len(columns)
    parts = [f'<rect class="plot-stripe" x="0" y="{body + n * ROW:.1f}" width="{whole:.1f}" height="{ROW}" '
             f'fill="{STRIPE}"/>' for n in range(0, len(rows), 2)]
    for n, row in enumerate(rows):
        parts.append(text(left - 10, body + (n + 0.5) * ROW + HALF, row.title,
                          "name strong" if row.ours else "name", "end", INK))
    for n, ((number, _), head) in enumerate(zip(columns, heads)):
        across = Axis(tuple(ticks), left + n * wide + 10, left + (n + 1) * wide - 10, log=True)
        parts += [text(across.start - 4, top + 12 + m * LINE, words, "head strong", colour=INK)
                  for m, words in enumerate(head)]
        parts += scale(across, body, bottom)
        for m, row in enumerate(rows):
            if cell := row.cells[number]:
                parts += dot(cell, row.ours, across, (body + (m + 0.5) * ROW, m % 2 == 0))
    return parts, bottom + FOOT + 8


def scale(across: Axis, top: float, bottom: float) -> Iterator[str]:
    """A column's rules, and the ratios that they stand for."""
    last = -math.inf
    for tick, x in across.marks():
        yield rule(x, top, x, bottom, "floor" if tick == 1 else "rule", MUTED if tick == 1 else RULE)
        words = PARTS.get(tick) or (f"{tick:g}" if tick >= 1 else f"1/{1 / tick:g}")
        half = room(words, SMALL) / 2
        if x - half > last + 3 and across.start - 9 <= x - half and x + half <= across.end + 9:
            last = x + half
            yield text(x, bottom + 15, words, "tick", "middle", size=SMALL)


def dot(cell: Cell, ours: bool, across: Axis, place: tuple[float, bool]) -> list[str]:
    """`place`: how far down, and whether on a stripe."""
    y, striped = place
    low, x, high = across.at(cell.low), across.at(cell.middle), across.at(min(cell.high, across.ticks[-1]))
    size, colour, kind = (4.6, COLOURS[0], "ours") if ours else (3.8, "#6b7887", "theirs")
    parts = [spread(low, high, y)] if high - low > 2 else []
    parts.append(f'<circle class="plot-dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{colour}"/>')
    if low == high == across.at(1):
        return parts  # compared with itself
    right = max(x + size, high) + 4
    words = f"figure halo{' strong' if ours else ''}{' striped' if striped else ''}"
    if right + room(cell.value, SMALL) <= across.end + 10:
        return [*parts, text(right, y + HALF, cell.value, words, size=SMALL)]
    left = min(x - size, low) - 4
    if left - room(cell.value, SMALL) < across.start - 10:  # nor there: upon the spread
        left = across.end + 10
    return [*parts, text(left, y + HALF, cell.value, words, "end", size=SMALL)]


def describe(columns: list[str], rows: list[Row]) -> str:
    """The same in words."""
    def told(row: Row) -> str:
        return ", ".join(f"{cell.value} with {column}" for column, cell in zip(columns, row.cells) if cell)
    return " ".join(f"{row.title}: {told(row)}." for row in rows)
