"""Words on a terminal, or into a file: 80 columns, with colour where there is
some to be had."""

from __future__ import annotations

import os
import shutil
import sys

from coach.manifest import LEVELS, Exercise
from coach.state import Progress
from coach.texts import minutes, printable
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

WIDTH = 80
MARKS = {"passed": ("✓", "green"), "begun again": ("✓", "green"), "given": ("→", "dim"),
         "looked up": ("→", "dim"), "tried": ("·", "yellow"), "started": ("·", "yellow"), "": (" ", "")}


def console() -> Console:
    return Console(width=max(WIDTH, min(columns(), 100)), highlight=False, soft_wrap=True, emoji=False,
                   no_color=True if os.environ.get("NO_COLOR") else None)


def columns() -> int:
    return shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH


def rows() -> int:
    return shutil.get_terminal_size((WIDTH, 24)).lines


def rows_of(marked: str) -> int:
    """How many of them a text takes, marks of rich's left out."""
    lines = Text.from_markup(marked).plain.split("\n")
    return sum(max(1, -(-cell_len(line) // max(1, columns()))) for line in lines)


def first_rows(marked: str, most: int) -> str:
    """As many of its lines as there is room for; one at least."""
    lines = marked.split("\n")
    while len(lines) > 1 and rows_of("\n".join(lines)) > most:
        lines.pop()
    return "\n".join(lines)


def cut(text: str, width: int) -> str:
    """As much of a line as there is room for."""
    return text if cell_len(text) <= width else set_cell_size(text, max(0, width))


def can_move() -> bool:
    """Whether a line can be written over."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "")


def heading(one: Exercise) -> str:
    return (f"[bold]{one.id} {escape(one.title)}[/]  [dim]{one.kind} · {dots(one)} · "
            f"{minutes(one)}[/]")


def dots(one: Exercise) -> str:
    return "●" * one.level + "○" * (len(LEVELS) - one.level)


def table(exercises: list[Exercise], found: dict[str, Progress]) -> Table:
    """A line each; in 80 columns, whatever the titles say."""
    grid = Table(box=None, padding=(0, 1, 0, 0), show_header=True, header_style="dim", expand=False)
    for name, how in (("", {}), ("exercise", {}), ("title", {"max_width": 40, "overflow": "ellipsis",
                      "no_wrap": True}), ("kind", {}), ("level", {}), ("time", {"justify": "right"}),
                      ("", {"no_wrap": True})):
        grid.add_column(name, **how)
    for one in exercises:
        progress = found.get(one.id, Progress())
        mark, style = MARKS[progress.word]
        grid.add_row(f"[{style}]{mark}[/]" if style else mark, one.id, escape(one.title), one.kind,
                     dots(one), minutes(one), f"[dim]{progress.word}[/]")
    return grid


def bar(done: int, all_of_them: int, width: int = 24) -> str:
    full = round(width * done / all_of_them) if all_of_them else 0
    return "█" * full + "░" * (width - full)


def colour_diff(text: str) -> str:
    styles = {"+": "green", "-": "red", "@": "cyan"}
    out = []
    for line in printable(text).split("\n"):
        style = styles.get(line[:1])
        out.append(f"[{style}]{escape(line)}[/]" if style else escape(line))
    return "\n".join(out)
