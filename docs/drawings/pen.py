"""A pen that draws by hand: every line wobbles, always in the same way.

The wobble comes from the drawing's name, so a drawing changes only when its
source does. Attributes carry the light palette, for readers without CSS;
classes (all begin with d-) carry the theme, and CSS wins over attributes.
"""

import math
import random
from html import escape

Point = tuple[float, float]

# What each colour is called in the theme, and what it is without one.
COLOURS = {
    "ink": "#1d2733",
    "muted": "#566577",
    "accent": "#1553c7",
    "signal": "#c2410c",
    "third": "#0b7261",
    "red": "#b4232f",
    "green": "#1f7a37",
}
HAND = "'Tick Hand','Patrick Hand','Segoe Print','Bradley Hand',cursive"
LETTER_WIDTH = 0.4  # of the hand's letters, in units of their size


class Pen:
    """Draws into `parts`, a list of SVG elements."""

    def __init__(self, seed: str, width: float, height: float) -> None:
        self.random = random.Random(seed)
        self.width, self.height = width, height
        self.parts: list[str] = []
        self.last: tuple[str, float] | None = None  # the stroke at the end of parts

    # -- strokes and fills -------------------------------------------------

    def jitter(self, size: float) -> float:
        return self.random.uniform(-size, size)

    def add(self, part: str) -> None:
        self.parts.append(part)
        self.last = None

    def stroke(self, d: str, colour: str, width: float) -> None:
        if self.last == (colour, width):  # one path is smaller than two
            self.parts[-1] = self.parts[-1].removesuffix('"/>') + d + '"/>'
            return
        self.add(
            f'<path class="d-s-{colour}" fill="none" stroke="{COLOURS[colour]}"'
            f' stroke-width="{width:g}" d="{d}"/>'
        )
        self.last = (colour, width)

    def fill(self, d: str, colour: str) -> None:
        """A wash of a colour, or solid "paper" that hides what is behind."""
        if colour == "paper":
            self.add(f'<path class="d-paper" d="{d}" fill="#fff"/>')
        else:
            self.add(
                f'<path class="d-f-{colour}" d="{d}" fill="{COLOURS[colour]}" fill-opacity=".16"/>'
            )

    def wobbly(self, a: Point, b: Point, rough: float) -> str:
        """The part of a path from a to b, as a hand would go."""
        (x0, y0), (x1, y1) = a, b
        length = math.hypot(x1 - x0, y1 - y0) or 1
        bend = rough * min(1, length / 120) * 2.2
        nx, ny = -(y1 - y0) / length, (x1 - x0) / length
        out = "C"
        for share in (0.33, 0.68):
            k = self.jitter(bend)
            out += f"{x0 + (x1 - x0) * share + nx * k:.1f} {y0 + (y1 - y0) * share + ny * k:.1f} "
        return out + f"{x1 + self.jitter(rough):.1f} {y1 + self.jitter(rough):.1f}"

    def line(self, *points: Point, c: str = "ink", w: float = 2, rough: float = 1.1) -> None:
        """Through all points, drawn twice, as one does with a pen."""
        strokes = 1 if w < 1.9 else 2
        d = ""
        for _ in range(strokes):
            x, y = points[0]
            d += f"M{x + self.jitter(rough):.1f} {y + self.jitter(rough):.1f}"
            for a, b in zip(points, points[1:], strict=False):
                d += self.wobbly(a, b, rough)
        self.stroke(d, c, w if strokes == 1 else w * 0.72)

    def shape(self, *points: Point, c: str = "ink", fill: str = "", w: float = 2) -> None:
        if fill:
            self.fill("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "z", fill)
        self.line(*points, points[0], c=c, w=w)

    def rect(
        self, x: float, y: float, w: float, h: float, c: str = "ink", fill: str = "", sw: float = 2
    ) -> None:
        self.shape((x, y), (x + w, y), (x + w, y + h), (x, y + h), c=c, fill=fill, w=sw)

    def arc(
        self, cx: float, cy: float, rx: float, ry: float, start: float, end: float,
        c: str = "ink", w: float = 2,
    ) -> None:  # fmt: skip
        """Part of an ellipse; angles in degrees, clockwise from the right."""
        self.stroke(self.round_path(cx, cy, rx, ry, start, end), c, w)

    def round_path(
        self, cx: float, cy: float, rx: float, ry: float, start: float, end: float
    ) -> str:
        whole = end - start >= 360
        wobble = min(0.022 if whole else 0.006, 2 / rx)
        steps = 12 if rx > 30 else 8 if whole else 4
        points = []
        for k in range(steps + 1):
            t = math.radians(start + (end - start) * k / steps + (self.jitter(min(3, 90 / rx)) if whole else 0))
            points.append(
                (
                    cx + (rx + self.jitter(rx * wobble + 0.3)) * math.cos(t),
                    cy + (ry + self.jitter(ry * wobble + 0.3)) * math.sin(t),
                )
            )
        d = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
        for i in range(steps):  # Catmull-Rom splines as cubic ones
            p0, p1, p2 = points[max(0, i - 1)], points[i], points[i + 1]
            p3 = points[min(steps, i + 2)]
            d += (
                f"C{p1[0] + (p2[0] - p0[0]) / 6:.1f} {p1[1] + (p2[1] - p0[1]) / 6:.1f}"
                f" {p2[0] - (p3[0] - p1[0]) / 6:.1f} {p2[1] - (p3[1] - p1[1]) / 6:.1f}"
                f" {p2[0]:.1f} {p2[1]:.1f}"
            )
        return d

    def ellipse(
        self, cx: float, cy: float, rx: float, ry: float,
        c: str = "ink", fill: str = "", w: float = 2,
    ) -> None:  # fmt: skip
        if fill:
            self.fill(self.round_path(cx, cy, rx, ry, 0, 360), fill)
        d = self.round_path(cx, cy, rx, ry, 0, 360)
        if rx > 8:
            d += self.round_path(cx, cy, rx, ry, 0, 360)
        self.stroke(d, c, w * 0.72 if rx > 8 else w)

    def arrowhead(self, x: float, y: float, angle: float, c: str, w: float, size: float) -> None:
        for side in (150, -150):
            t = math.radians(angle + side + self.jitter(5))
            tip = (x + size * math.cos(t), y + size * math.sin(t))
            self.line((x, y), tip, c=c, w=min(w, 1.8), rough=0.6)

    def arrow(self, a: Point, bend: Point, b: Point, c: str = "ink", w: float = 2) -> None:
        """From a to b, drawn towards `bend` on the way."""
        d = ""
        for _ in range(2):
            d += (
                f"M{a[0] + self.jitter(1):.1f} {a[1] + self.jitter(1):.1f}"
                f"Q{bend[0] + self.jitter(3):.1f} {bend[1] + self.jitter(3):.1f} {b[0]:g} {b[1]:g}"
            )
        self.stroke(d, c, w * 0.72)
        angle = math.degrees(math.atan2(b[1] - bend[1], b[0] - bend[0]))
        self.arrowhead(*b, angle, c, w, 11)

    def loop_arrow(
        self, cx: float, cy: float, rx: float, ry: float, start: float, end: float, w: float = 2.6
    ) -> None:
        """An arc, clockwise, with a head at its end."""
        self.arc(cx, cy, rx, ry, start, end, w=w)
        t = math.radians(end)
        ahead = math.degrees(math.atan2(ry * math.cos(t), -rx * math.sin(t)))
        self.arrowhead(cx + rx * math.cos(t), cy + ry * math.sin(t), ahead, "ink", w, 14)

    def text(
        self, x: float, y: float, text: str, size: float = 21, c: str = "ink", at: str = "middle"
    ) -> None:
        for i, row in enumerate(text.split("\n")):
            self.add(
                f'<text class="d-t-{c}" x="{x:g}" y="{y + i * size * 1.1:.1f}" font-size="{size:g}"'
                f' text-anchor="{at}" fill="{COLOURS[c]}">{escape(row, quote=False)}</text>'
            )

    # -- things that come up in many drawings --------------------------------

    def bubble(
        self, x: float, y: float, text: str, to: Point, size: float = 20, c: str = "ink"
    ) -> None:
        """Speech: centred at x with its top at y, its tail at `to` below."""
        rows = text.split("\n")
        w = max(len(row) for row in rows) * size * LETTER_WIDTH + 30
        h = len(rows) * size * 1.1 + 16
        x0 = min(max(x - w / 2, 12), self.width - 12 - w)
        x1, y1, r, j = x0 + w, y + h, 12, self.jitter
        root = min(max(to[0], x0 + 24), x1 - 24)
        d = (
            f"M{root - 8:.1f} {y1 + j(1):.1f}L{to[0]:g} {to[1]:g}L{root + 8:.1f} {y1 + j(1):.1f}"
            f"L{x1 - r:.1f} {y1 + j(1):.1f}Q{x1:.1f} {y1:.1f} {x1 + j(1):.1f} {y1 - r:.1f}"
            f"L{x1 + j(1):.1f} {y + r:.1f}Q{x1:.1f} {y:.1f} {x1 - r:.1f} {y + j(1):.1f}"
            f"L{x0 + r:.1f} {y + j(1.5):.1f}Q{x0:.1f} {y:.1f} {x0 + j(1):.1f} {y + r:.1f}"
            f"L{x0 + j(1):.1f} {y1 - r:.1f}Q{x0:.1f} {y1:.1f} {x0 + r:.1f} {y1 + j(1):.1f}Z"
        )
        self.fill(d, "paper")
        self.stroke(d, c, 1.8)
        self.text(x0 + w / 2, y + 8 + size * 0.83, text, size)

    def person(
        self, x: float, y: float, c: str = "ink", mood: str = "ok", s: float = 1,
        letter: str = "", hat: str = "", hands: tuple[Point, Point] = ((-23, 47), (23, 47)),
        legs: bool = True,
    ) -> None:  # fmt: skip
        """A figure whose head is at (x, y) and whose feet are at y + 84 s.

        moods: ok, happy, sad, wow, sleep; hats: cap (our clerk), pillbox (the
        kernel); hands lie relative to the head, in units of s.
        """

        def at(dx: float, dy: float) -> Point:
            return (x + dx * s, y + dy * s)

        if legs:
            for dx in (-7, 7):
                self.line(at(dx, 62), at(dx, 83), at(dx * 1.9, 84), c=c, w=1.8, rough=0.6)
        for side, hand in zip((-1, 1), hands, strict=True):
            self.line(at(side * 10, 28), at(*hand), c=c, w=1.9, rough=0.7)
        body = (at(-11, 21), at(11, 21), at(17, 63), at(-17, 63))
        self.fill("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in body) + "z", "paper")
        self.shape(*body, c=c, fill=c)
        self.fill(self.round_path(x, y, 19 * s, 20 * s, 0, 360), "paper")
        self.ellipse(x, y, 19 * s, 20 * s, c=c, fill=c)
        self.face(x, y, c, mood, s)
        if letter:
            self.text(x, y + 52 * s, letter, 23 * s, c)
        if hat == "cap":
            dome = self.round_path(x, y - 8 * s, 19 * s, 14 * s, 180, 360) + "z"
            self.fill(dome, "paper")
            self.fill(dome, "signal")
            self.fill(dome, "signal")
            self.arc(x, y - 8 * s, 19 * s, 14 * s, 178, 362, c=c)
            self.line(at(-19, -8), at(28, -6), c=c, w=2.4, rough=0.6)
        elif hat == "pillbox":
            self.shape(at(-13, -17), at(-11, -31), at(11, -31), at(13, -17), c=c, fill="paper")
            self.shape(at(-8, 20), at(0, 24), at(8, 20), at(8, 28), at(0, 24), at(-8, 28), c=c, w=1.8)

    def face(self, x: float, y: float, c: str, mood: str, s: float) -> None:
        for dx in (-6 * s, 6 * s):
            if mood == "sleep":
                self.arc(x + dx, y - 2 * s, 4 * s, 2.5 * s, 10, 170, c=c, w=1.8)
            else:
                self.stroke(f"M{x + dx:.1f} {y - 4 * s:.1f}v{1.6 * s:.1f}", c, 3.4 * s)
        if mood == "happy":
            self.arc(x, y + 4 * s, 8 * s, 6 * s, 15, 165, c=c, w=1.8)
        elif mood == "sad":
            self.arc(x, y + 13 * s, 7 * s, 5 * s, 200, 340, c=c, w=1.8)
        elif mood == "wow":
            self.ellipse(x, y + 9 * s, 3.4 * s, 4.2 * s, c=c, w=1.8)
        else:
            self.line((x - 5 * s, y + 9 * s), (x + 5 * s, y + 9 * s), c=c, w=1.8, rough=0.5)

    def sleeping(self, x: float, y: float, c: str = "muted") -> None:
        for dx, dy, size in ((0, 0, 26), (16, -22, 21), (28, -40, 16)):
            self.text(x + dx, y + dy, "z", size, c)

    def envelope(self, x: float, y: float, c: str = "signal", s: float = 1) -> None:
        self.fill(f"M{x:g} {y:g}h{30 * s:g}v{20 * s:g}h{-30 * s:g}z", "paper")
        self.rect(x, y, 30 * s, 20 * s, c=c, fill=c, sw=1.8)
        self.line((x, y), (x + 15 * s, y + 11 * s), (x + 30 * s, y), c=c, w=1.6, rough=0.5)

    def clock(self, x: float, y: float, r: float, hour: float, minute: float, c: str = "ink") -> None:
        """Hands in degrees from the top."""
        self.ellipse(x, y, r, r, c=c, fill="paper", w=2.4)
        for k in range(12):
            t = math.radians(k * 30)
            long = 0.78 if k % 3 == 0 else 0.86
            self.line(
                (x + r * long * math.sin(t), y - r * long * math.cos(t)),
                (x + r * 0.9 * math.sin(t), y - r * 0.9 * math.cos(t)),
                c=c, w=1.5, rough=0.2,
            )  # fmt: skip
        for angle, long, w in ((hour, 0.48, 2.6), (minute, 0.72, 2)):
            t = math.radians(angle)
            self.line((x, y), (x + r * long * math.sin(t), y - r * long * math.cos(t)), c=c, w=w, rough=0.5)

    def floor(self, y: float, x0: float = 16, x1: float | None = None) -> None:
        self.line((x0, y), (self.width - 16 if x1 is None else x1, y), c="muted", w=1.6, rough=1.4)

    def counter(self, x: float, y: float, w: float, h: float = 44) -> None:
        self.fill(f"M{x:g} {y:g}h{w:g}v{h:g}h{-w:g}z", "paper")
        self.rect(x + 5, y + 8, w - 10, h - 8, fill="muted", sw=1.9)
        self.rect(x, y, w, 9, fill="paper", sw=2)
