"""From values to places, by round numbers."""

from __future__ import annotations

import dataclasses
import math

ZERO = 0.09  # of a log axis: the room for zero, before its first number
MOST_TICKS = 7


def short(value: float) -> str:
    """0.385, 12.3, 3,000 as they stand; 250 k and 1.2 M beyond."""
    size = abs(value)
    if size < 0.9995:
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if size < 99.95:
        return f"{value:.3g}"
    if size < 9999.5:
        return f"{value:,.0f}"
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= 0.9995 * unit:
            return f"{value / unit:.3g} {letter}" if size < 999.5 * unit else f"{value / unit:,.0f} {letter}"
    return f"{value:,.0f}"


def steps(most: float, count: int = 5) -> list[float]:
    """Round numbers from 0 to at least `most`, about `count` of them."""
    if most <= 0:
        return [0.0, 1.0]
    raw = most / count
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * n for n in (1, 2, 2.5, 5, 10) if size * n >= raw * 0.9999)
    return [step * n for n in range(math.ceil(most / step - 1e-9) + 1)]


def decades(low: float, high: float) -> list[float]:
    """Round numbers that hold both, on a log axis: 1, 2, 5, 10 … or, when that
    would be too many, powers of ten."""
    fine = [n * 10.0 ** e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            for n in (1, 2, 5)]
    fine = _around(fine, low, high)
    if len(fine) <= MOST_TICKS:
        return fine
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    return [10.0 ** n for n in range(first, max(last, first + 1) + 1)]


def doublings(low: float, high: float) -> list[float]:
    """… ½, 1, 2 …, for ratios; 1 is one of them, and not the only one."""
    found = _around([2.0 ** n for n in range(-10, 21)], min(low, 1.0), max(high, 1.0))
    return found if len(found) > 1 else [0.5, 1.0, 2.0]


def _around(ticks: list[float], low: float, high: float) -> list[float]:
    first = max((n for n, tick in enumerate(ticks) if tick <= low * 1.0001), default=0)
    last = min((n for n, tick in enumerate(ticks) if tick >= high * 0.9999), default=len(ticks) - 1)
    return ticks[first:max(last, first + 1) + 1]


@dataclasses.dataclass(frozen=True)
class Axis:
    """From values to pixels. `zero`: a log axis that has a place for it."""
    ticks: tuple[float, ...]
    start: float
    end: float
    log: bool = False
    zero: bool = False

    def at(self, value: float) -> float:
        if not self.log:
            return self.start + value / (self.ticks[-1] or 1.0) * (self.end - self.start)
        if value <= 0:
            return self.start
        first = self.start + (ZERO * (self.end - self.start) if self.zero else 0.0)
        low, high = math.log10(self.ticks[0]), math.log10(self.ticks[-1])
        share = (math.log10(max(value, self.ticks[0])) - low) / (high - low) if high > low else 0.5
        return first + share * (self.end - first)

    def marks(self) -> list[tuple[float, float]]:
        """Each number that stands at the axis, and its place."""
        zero = (0.0,) if self.log and self.zero else ()
        return [(tick, self.at(tick)) for tick in (*zero, *self.ticks)]


def axis(values: list[float], start: float, end: float, log: bool = False) -> Axis:
    """For values of any size, from 0; or on a log scale, with 0 where there is one."""
    positive = [value for value in values if value > 0]
    if not log or not positive:
        return Axis(tuple(steps(max(values, default=0.0))), start, end)
    return Axis(tuple(decades(min(positive), max(positive))), start, end, True, len(positive) < len(values))


def places(values: list[float], start: float, end: float) -> Axis:
    """A log axis whose numbers are the values themselves."""
    positive = tuple(sorted({value for value in values if value > 0}))
    return Axis(positive or (1.0,), start, end, True, any(value <= 0 for value in values))
