"""The table that a run of the hostile rows ends with."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

SHORT = {"ok": "ok", "fails as stated": "fails*", "SKIPPED": "SKIPPED", "FAILED": "FAILED"}
FORM = re.compile(r"(?P<program>\d\d-\w+)-?(?P<form>[\w-]*?)-?(?P<size>default|small)$")


def hostile_table(cells: Iterable[dict]) -> Iterator[str]:
    """A block for each program: a line for each row of the catalogue, a column
    for each backend and trigger. Lines that are alike are one."""
    results: dict[str, dict[tuple[str, str, str], str]] = {}
    for cell in cells:
        name = FORM.match(cell["target"])
        block = results.setdefault(name["program"], {})
        block[cell["row"], name["form"], name["size"]] = cell["result"]
    if not results:
        return
    yield ""
    yield "hostile peers: default / small socket buffers (* as the chapter's text says)"
    for program in sorted(results):
        yield from block_of(program, results[program])
    every = [result for block in results.values() for result in block.values()]
    yield ", ".join(f"{every.count(kind)} {kind}" for kind in SHORT if every.count(kind))


def block_of(program: str, block: dict[tuple[str, str, str], str]) -> Iterator[str]:
    forms = sorted({form for _, form, _ in block}, key=order)
    titles = [form.replace("edge_oneshot", "edge1shot") for form in forms]
    wide = [max(13, len(title)) for title in titles]
    lines: dict[str, list[str]] = {}
    for row in sorted({row for row, _, _ in block}):
        cells = [pair(block, row, form) for form in forms]
        text = "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, wide)).rstrip()
        lines.setdefault(text, []).append(row)
    yield ""
    yield f"{program:<24}" + "  ".join(f"{title:<{width}}" for title, width in zip(titles, wide))
    for text, rows in sorted(lines.items(), key=lambda line: len(line[1])):
        name = rows[0] if len(rows) == 1 else f"{len(rows)} rows"
        yield f"  {name:<22}{text}"
        if len(rows) > 1:
            yield from textwrap.wrap(", ".join(rows), 96, initial_indent="      ",
                                     subsequent_indent="      ")


def order(form: str) -> tuple[bool, str]:
    """select and poll before epoll, whose triggers stand together."""
    return "epoll" in form, form


def pair(block: dict[tuple[str, str, str], str], row: str, form: str) -> str:
    one, other = (SHORT.get(block.get((row, form, size), ""), "·")
                  for size in ("default", "small"))
    return one if one == other else f"{one}/{other}"
