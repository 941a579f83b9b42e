"""What people read: a table for each row of an experiment."""

from __future__ import annotations

from capacity import servers
from capacity.rounds import Summary

HEADER = f"{'':<32}{'rate':>10}{'CPU µs':>9}{'× CPU':>8}{'± ':>6}{'p50 µs':>9}{'p99 µs':>9}{'load':>6}"


def table(summaries: list[Summary]) -> list[str]:
    """Rows of an experiment, each headed by its label."""
    lines, row = [], None
    for one in summaries:
        if one.row != row:
            row = one.row
            lines += ["", row, HEADER]
        lines.append(line(one))
    return lines


def line(one: Summary) -> str:
    title = servers.known()[one.server].title if one.server in servers.known() else one.server
    if not one.runs:
        return f"  {title:<30}{one.failed}"
    remark = f"  {one.disturbed} of {one.runs} disturbed" if one.disturbed else ""
    remark += f"  {one.failed}" if one.failed else ""
    return (f"  {title:<30}{one.rate:>10,.0f}{one.cpu_us:>9.2f}{one.cpu_ratio:>8.2f}"
            f"{one.spread / 2:>6.2f}{one.p50:>9,.0f}{one.p99:>9,.0f}{one.load_share:>6.0%}{remark}")


def call_table(found: dict[tuple[str, str], dict[str, float]]) -> list[str]:
    lines, row = [], None
    for (label, server), counts in found.items():
        if label != row:
            row = label
            lines += ["", f"{label}: system calls a message"]
        title = servers.known()[server].title if server in servers.known() else server
        told = ", ".join(f"{name} {count:.2f}" for name, count in counts.items() if count >= 0.005)
        lines.append(f"  {title:<30}{sum(counts.values()):6.2f}  {told}")
    return lines
