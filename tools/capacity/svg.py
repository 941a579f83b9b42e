"""What all plots are made of: text, rules, marks and the picture around them.

Presentation attributes carry the light palette, for paper and e-readers; the
classes carry the theme, for pages, where CSS beats attributes. Every plot comes
in two forms: one as wide as the page, and one for narrow places.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from xml.sax.saxutils import escape

INK, MUTED, RULE, PAPER, STRIPE = "#1d2733", "#566577", "#d9e1ea", "#ffffff", "#f3f6fa"
# By kind, from 1; class sN in docs/theme/css/plots.css has the theme's.
COLOURS = ("#1553c7", "#c2410c", "#0b7261", "#7a2fb5", "#b4232f", "#1f7a37", "#6b7887", "#a8490a")
SIZE = 13  # of type; a unit is a pixel where the page is wide enough
LINE = 16  # from one line of text to the next
HALF = 4  # from a text's base line to its middle


@dataclasses.dataclass(frozen=True)
class Form:
    """How wide a picture is, and whether names fit beside what they name."""
    name: str
    width: int
    beside: bool


WIDE, NARROW = Form("wide", 760, True), Form("narrow", 380, False)
FORMS = (WIDE, NARROW)


@dataclasses.dataclass(frozen=True)
class Box:
    """What a piece of text takes; tests look whether two of them touch."""
    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: Box) -> bool:
        return (self.left < other.right and other.left < self.right
                and self.top < other.bottom and other.top < self.bottom)


def room(words: str, size: float = SIZE) -> float:
    """How wide a text is, at most: of the faces it may be set in, the widest."""
    return size * sum(_advance(letter) for letter in words)


def _advance(letter: str) -> float:
    if letter in "iljtfr.,:;'’!|()[] ":
        return 0.36
    if letter in "mwMW—%×":
        return 0.9
    return 0.66 if unicodedata.category(letter) == "Lu" else 0.58


def text(x: float, y: float, words: str, kind: str = "label", anchor: str = "start",
         colour: str = MUTED, size: float = SIZE) -> str:
    """`y` is the base line. `kind`: classes, of which the first gets a plot-;
    strong is bold, halo stands out from the rules that it crosses (by the
    theme alone: what an e-reader does not know of it would hide the text)."""
    look = ' font-weight="600"' if "strong" in kind.split() else ""
    return (f'<text class="plot-{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
            f'font-size="{size:g}"{look} font-family="sans-serif">{escape(words)}</text>')


def caption(form: Form, x: float, y: float, words: str, kind: str = "title", anchor: str = "middle",
            ) -> tuple[list[str], float]:
    """A text in as many lines as its form needs, and where it ends."""
    lines = wrapped(words, form.width - 4)
    parts = [text(x, y + n * LINE, line, kind, anchor) for n, line in enumerate(lines)]
    return parts, y + (len(lines) - 1) * LINE


def rule(x1: float, y1: float, x2: float, y2: float, kind: str = "rule", colour: str = RULE,
         dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="3 3"' if dashed else ""
    return (f'<line class="plot-{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{colour}"{dashes}/>')


def spread(x1: float, x2: float, y: float) -> str:
    """From the least to the most that was measured."""
    ends = "".join(f"M{x:.1f} {y - 3.5:.1f}v7" for x in (x1, x2))
    return (f'<path class="plot-spread" d="M{x1:.1f} {y:.1f}H{x2:.1f}{ends}" fill="none" stroke="{INK}" '
            'stroke-width="1.2"/>')


def mark(x: float, y: float, kind: int, hollow: bool = False, size: float = 4) -> str:
    """A shape for each kind, so that colour alone tells nothing."""
    colour = COLOURS[kind - 1]
    inside = f'fill="{PAPER}" stroke="{colour}" stroke-width="1.6"' if hollow else f'fill="{colour}"'
    also = " hollow" if hollow else ""
    head = f'class="plot-mark s{kind}{also}" {inside}'
    if (kind - 1) % 4 == 0:
        return f'<circle {head} cx="{x:.1f}" cy="{y:.1f}" r="{size:g}"/>'
    if (kind - 1) % 4 == 1:
        side = size * 0.9
        return (f'<rect {head} x="{x - side:.1f}" y="{y - side:.1f}" width="{2 * side:.1f}" '
                f'height="{2 * side:.1f}"/>')
    if (kind - 1) % 4 == 2:
        far = size * 1.3
        return (f'<path {head} d="M{x:.1f} {y - far:.1f}L{x + far:.1f} {y:.1f}L{x:.1f} {y + far:.1f}'
                f'L{x - far:.1f} {y:.1f}Z"/>')
    far = size * 1.15
    return (f'<path {head} d="M{x:.1f} {y - far:.1f}L{x + far:.1f} {y + far:.1f}L{x - far:.1f} '
            f'{y + far:.1f}Z"/>')


def document(form: Form, height: float, title: str, about: str, parts: list[str]) -> str:
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot-{form.name}" viewBox="0 0 {form.width} '
        f'{height:.0f}" role="img">',
        f"<title>{escape(title)}</title><desc>{escape(about)}</desc>", *parts, "</svg>", ""])


def wrapped(words: str, width: float, size: float = SIZE) -> list[str]:
    """In as many lines as it takes; what a hard space joins stays together."""
    lines: list[str] = []
    for word in words.split(" "):
        if lines and room(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def nothing(form: Form, title: str) -> str:
    """In the place of a plot of nothing."""
    return document(form, 60, title, "Nothing has been measured.", [
        text(form.width / 2, 34, "nothing has been measured", "title", "middle")])
