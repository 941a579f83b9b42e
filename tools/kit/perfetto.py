"""The Chrome trace format, which https://ui.perfetto.dev opens.

Threads are tracks; what they slept in and what they called stand on them, and
the bytes that wait in the kernel are counters.
"""

from __future__ import annotations

from kit.tracefile import Line

SERVER, CLIENTS = 1, 2  # "processes" of the picture
ENDS = {"wake": "wait", "read": "call", "write": "call", "accept": "call"}


def name_of(pid: int, tid: int, what: str, name: str) -> dict:
    return {"ph": "M", "pid": pid, "tid": tid, "ts": 0, "name": what,
            "args": {"name": name}}


def instant(line: Line, ts: float, pid: int, tid: int) -> dict:
    name = line.get("kind") or line["event"]
    left_out = ("ns", "us", "event", "kind", "state", "thread", "lane", "woken")
    args = {key: value for key, value in line.items() if key not in left_out}
    return {"ph": "i", "s": "t", "pid": pid, "tid": tid, "ts": ts,
            "name": f"{name} {line['who']}" if line.get("who") else name, "args": args}


def from_trace(lines: list[Line]) -> dict:
    """A server's own file: each line as it is."""
    return document([({**line, "kind": line["event"]}, line["ns"] / 1000) for line in lines])


def from_timeline(data: dict) -> dict:
    return document([(event, float(event["us"])) for event in data["events"]])


def document(events: list[tuple[Line, float]]) -> dict:
    begun: dict[int, tuple[str, str, float]] = {}  # thread → kind, name, since
    out = [name_of(SERVER, 0, "process_name", "server"),
           name_of(CLIENTS, 0, "process_name", "clients")]
    for thread in sorted({event["thread"] for event, _ in events if "thread" in event}):
        out.append(name_of(SERVER, thread, "thread_name", f"thread {thread}"))
    for event, ts in events:
        thread = event.get("thread")
        if not thread:
            out.append(instant(event, ts, CLIENTS, 1))
        elif event["kind"] in ("wait", "call"):
            begun[thread] = event["kind"], event.get("detail", "wait"), ts
        else:
            kind, name, since = begun.pop(thread, ("", "", ts))
            if kind and kind == ENDS.get(event["kind"]):
                out.append({"ph": "X", "pid": SERVER, "tid": thread, "ts": since,
                            "dur": max(0.0, ts - since), "name": name, "args": {}})
            out.append(instant(event, ts, SERVER, thread))
        out += counters(event, ts)
    return {"displayTimeUnit": "ns", "traceEvents": out}


def counters(event: Line, ts: float) -> list[dict]:
    rows = event.get("state", {}).get("rows", [])
    return [{"ph": "C", "pid": SERVER, "tid": 0, "ts": ts, "name": f"{row['who']} unread",
             "args": {"bytes": row["unread"]}} for row in rows]
