"""The table that a run of the hostile rows ends with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SHORT = {"ok": "ok", "fails as stated": "fails*", "SKIPPED": "SKIPPED", "FAILED": "FAILED"}


def hostile_table(cells: Iterable[dict]) -> Iterator[str]:
    """A line for each row of the catalogue, a column for each target."""
    results = {(cell["row"], cell["target"]): cell["result"] for cell in cells}
    if not results:
        return
    rows = list(dict.fromkeys(row for row, _ in sorted(results)))
    targets = sorted({target for _, target in results})
    names = {target: target.rpartition("-")[0] for target in targets}
    programs = list(dict.fromkeys(names.values()))
    wide = max(len(row) for row in rows)
    columns = [(name, max(len(name), 14)) for name in programs]
    yield ""
    yield "hostile peers: default / small socket buffers (* as the chapter's text says)"
    yield " " * wide + "".join(f"  {name:<{width}}" for name, width in columns)
    for row in rows:
        line = f"{row:<{wide}}"
        for name, width in columns:
            pair = [SHORT.get(results.get((row, f"{name}-{size}"), ""), "·")
                    for size in ("default", "small")]
            text = pair[0] if pair[0] == pair[1] else "/".join(pair)
            line += f"  {text:<{width}}"
        yield line.rstrip()
    counts = {kind: list(results.values()).count(kind) for kind in SHORT}
    yield ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
