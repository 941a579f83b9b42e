"""How an exercise stands after a check, in a line."""

from __future__ import annotations

from coach.manifest import Exercise
from coach.state import Progress
from coach.trying import Result
from rich.markup import escape


def line(one: Exercise, result: Result, before: Progress) -> str:
    """With rich's marks. `before`: how it stood when the check began."""
    if result.ours and not one.is_code:
        return f"[bold]{one.id}: looked up.[/] It is not counted as passed."
    if result.ours:
        again = "start" if result.ours == "given" else "reset"
        return (f"[bold]→ {one.id} passes, and it is ours: {result.ours}.[/] It is not counted.\n"
                f"[dim]tools/workshop {again} {one.id} gives you its starter, to do it yourself.[/]")
    if result.passed:
        return f"[bold green]✓ {one.id} passed[/]" + (f"  {escape(result.remark)}" if result.remark else "")
    if before.passed and not before.again:
        return f"[bold]{one.id} has passed before, and that stays.[/]"
    return f"[bold]{one.id}: not yet.[/] [dim]tools/workshop hint {one.id}[/]"
