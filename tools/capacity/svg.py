"""Plots as SVG, in the book's style.

Presentation attributes carry the light palette, for paper and e-readers; the
classes carry the theme, for pages, where CSS beats attributes.
"""

from __future__ import annotations

import dataclasses
import math
from xml.sax.saxutils import escape

WIDTH = 760
LEFT, RIGHT, TOP, BOTTOM = 64, 200, 18, 46
HEIGHT = 360
INK, MUTED, RULE = "#1d2733", "#566577", "#d9e1ea"
COLOURS = ("#1553c7", "#c2410c", "#0b7261", "#7a2fb5", "#b4232f", "#1f7a37", "#6b7887", "#a8490a")
BAR, GAP = 18, 8
LEAST_APART = 16  # pixels between two labels


@dataclasses.dataclass(frozen=True)
class Series:
    """A line: x → (low, middle, high)."""
    title: str
    points: tuple[tuple[float, float, float, float], ...]  # x, low, middle, high
    ours: bool = False


@dataclasses.dataclass(frozen=True)
class Bar:
    title: str
    low: float
    middle: float
    high: float
    ours: bool = False
    remark: str = ""


def text(x: float, y: float, words: str, kind: str = "label", anchor: str = "start",
         colour: str = MUTED) -> str:
    return (f'<text class="plot-{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
            f'font-size="13" font-family="sans-serif">{escape(words)}</text>')


def rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return (f'<line class="plot-rule" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{RULE}"/>')


def document(height: float, title: str, about: str, parts: list[str]) -> str:
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {WIDTH} {height:.0f}" role="img">',
        f"<title>{escape(title)}</title><desc>{escape(about)}</desc>", *parts, "</svg>", ""])


# ---- axes -----------------------------------------------------------------
def short(value: float) -> str:
    """3,000 as it stands, 250 k and 1.2 M beyond."""
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
        if abs(value) >= size:
            unit = 1e3 if letter == " k" else size
            return f"{value / unit:.3g}{letter}"
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.3g}"


def steps(most: float, count: int = 5) -> list[float]:
    """Round numbers from 0 to at least `most`."""
    if most <= 0:
        return [0.0, 1.0]
    raw = most / count
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * n for n in (1, 2, 2.5, 5, 10) if size * n >= raw)
    return [step * n for n in range(math.ceil(most / step) + 1)]


def decades(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0 ** n for n in range(first, max(last, first + 1) + 1)]


@dataclasses.dataclass(frozen=True)
class Axis:
    """From values to pixels. A log axis has a place for zero, at its start."""
    ticks: tuple[float, ...]
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        if not self.log:
            share = value / self.ticks[-1]
        else:
            low, high = math.log10(self.ticks[0]), math.log10(self.ticks[-1])
            share = (math.log10(max(value, self.ticks[0])) - low) / (high - low)
        return self.start + share * (self.end - self.start)


def x_axis(values: list[float]) -> Axis:
    """The values themselves are the ticks; zero stands before the first."""
    positive = sorted(value for value in values if value > 0)
    ticks = [positive[0] / 3, *positive] if 0 in values else positive
    return Axis(tuple(ticks), LEFT, WIDTH - RIGHT, log=True)


# ---- lines ----------------------------------------------------------------
def lines(title: str, x_title: str, y_title: str, series: list[Series], log: bool = False) -> str:
    """A line for each series, with its spread, named at its end."""
    xs = sorted({point[0] for one in series for point in one.points})
    horizontal = x_axis(xs)
    tops = [point[3] for one in series for point in one.points]
    lows = [point[1] for one in series for point in one.points if point[1] > 0]
    ticks = decades(min(lows), max(tops)) if log else steps(max(tops))
    vertical = Axis(tuple(ticks), HEIGHT - BOTTOM, TOP, log)
    parts = [text(LEFT, 10, y_title, "title")]
    for tick in ticks:
        parts += [rule(LEFT, vertical.at(tick), WIDTH - RIGHT, vertical.at(tick)),
                  text(LEFT - 8, vertical.at(tick) + 4, short(tick), "tick", "end")]
    last = -math.inf
    for x in xs:
        if horizontal.at(x) - last > 40:
            last = horizontal.at(x)
            parts.append(text(last, HEIGHT - BOTTOM + 18, short(x), "tick", "middle"))
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_title, "title", "middle"))
    ends = apart([vertical.at(one.points[-1][2]) for one in series])
    for number, (one, end) in enumerate(zip(series, ends)):
        parts += line(one, number, horizontal, vertical, end)
    return document(HEIGHT, title, describe(series), parts)


def line(one: Series, number: int, horizontal: Axis, vertical: Axis, end: float) -> list[str]:
    colour, kind = COLOURS[number % len(COLOURS)], number % len(COLOURS) + 1
    places = [(horizontal.at(x), vertical.at(low), vertical.at(y), vertical.at(high))
              for x, low, y, high in one.points]
    band = " ".join(f"{x:.1f},{low:.1f}" for x, low, _, _ in places)
    band += " " + " ".join(f"{x:.1f},{high:.1f}" for x, _, _, high in reversed(places))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, _, y, _ in places)
    last_x, _, last_y, _ = places[-1]
    edge = WIDTH - RIGHT
    return [
        f'<polygon class="plot-band s{kind}" points="{band}" fill="{colour}" fill-opacity="0.15"/>',
        f'<polyline class="plot-line s{kind}" points="{path}" fill="none" stroke="{colour}" '
        f'stroke-width="{3 if one.ours else 2}"/>',
        *(f'<circle class="plot-dot s{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
          for x, _, y, _ in places),
        f'<polyline class="plot-lead" points="{last_x:.1f},{last_y:.1f} {edge + 6},{end:.1f}" fill="none" '
        f'stroke="{RULE}"/>',
        text(edge + 10, end + 4, one.title, f"name s{kind}", colour=colour)]


def apart(places: list[float]) -> list[float]:
    """The same places, moved as little as keeps labels from touching."""
    order = sorted(range(len(places)), key=lambda n: places[n])
    moved = list(places)
    for before, now in zip(order, order[1:]):
        moved[now] = max(moved[now], moved[before] + LEAST_APART)
    floor = float(HEIGHT - BOTTOM)
    for now in reversed(order):  # and what was pushed out at the bottom, back up
        moved[now] = min(moved[now], floor)
        floor = moved[now] - LEAST_APART
    return moved


def describe(series: list[Series]) -> str:
    return " ".join(f"{one.title}: " + ", ".join(f"{short(y)} at {short(x)}" for x, _, y, _ in one.points)
                    + "." for one in series)


# ---- bars -----------------------------------------------------------------
def bars(title: str, unit: str, groups: list[tuple[str, list[Bar]]]) -> str:
    """Horizontal bars with their spread, in groups; ours are filled."""
    most = max(bar.high for _, group in groups for bar in group)
    horizontal = Axis(tuple(steps(most)), 210, WIDTH - 70)
    parts, y = [], TOP
    for label, group in groups:
        if label:
            parts.append(text(0, y + 12, label, "group", colour=INK))
            y += 24
        for bar in group:
            parts += bar_parts(bar, y, horizontal)
            y += BAR + GAP
        y += GAP
    for tick in horizontal.ticks:
        parts = [rule(horizontal.at(tick), TOP, horizontal.at(tick), y), *parts]
        parts.append(text(horizontal.at(tick), y + 16, short(tick), "tick", "middle"))
    parts.append(text((210 + WIDTH - 70) / 2, y + 36, unit, "title", "middle"))
    about = " ".join(f"{label} {bar.title}: {short(bar.middle)}." for label, group in groups for bar in group)
    return document(y + 44, title, about, parts)


def bar_parts(bar: Bar, y: float, horizontal: Axis) -> list[str]:
    start, end = horizontal.at(0), horizontal.at(bar.middle)
    kind, colour = ("ours", COLOURS[0]) if bar.ours else ("theirs", "#94a5b8")
    middle = y + BAR / 2
    return [
        text(start - 8, middle + 4, bar.title, "name", "end", INK),
        f'<rect class="plot-bar {kind}" x="{start:.1f}" y="{y:.1f}" width="{max(1.0, end - start):.1f}" '
        f'height="{BAR}" fill="{colour}"/>',
        f'<line class="plot-spread" x1="{horizontal.at(bar.low):.1f}" y1="{middle:.1f}" '
        f'x2="{horizontal.at(bar.high):.1f}" y2="{middle:.1f}" stroke="{INK}" stroke-width="2"/>',
        text(max(end, horizontal.at(bar.high)) + 6, middle + 4, bar.remark or short(bar.middle), "value")]
