"""What the kernel holds, worked out from the events of a recorded run.

Nothing is sampled. The listen queue is what has connected less what was
accepted; what nobody has read yet is what a client has sent less what the
server has read; what is on its way back is what the server has written less
what the client has heard. Accepts come in the order of the connects, and so it
is known which descriptor is whose.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kit.tracefile import Line, TraceError

LISTENER = "listener"
HEADER = 8  # bytes of a frame's length


@dataclass
class Connection:
    """One client, as the kernel and the server see it."""

    who: str
    fd: int = -1  # -1: not accepted yet, or closed
    first_fd: int = -1
    token: str = ""
    unread: int = 0  # bytes
    end: str = ""  # "end": it will send no more; "reset"
    replies: int = 0  # bytes written by the server and not heard yet
    queued: int = 0  # bytes that the server itself holds for it
    asks: str = ""  # what the server wants to be told
    end_read: bool = False  # the server knows of it
    fresh: bool = False  # something came since it was last reported
    silent: bool = False  # what is unread was told of, and is not told again
    gone: bool = False


@dataclass
class Kernel:
    echoes: str = ""
    listen_queue: list[str] = field(default_factory=list)
    connections: dict[str, Connection] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)  # descriptor → who
    tokens: dict[str, str] = field(default_factory=dict)  # token → who, for ever
    listener_fd: int = -1
    listener_asks: str = ""
    listener_token: str = ""
    trigger: str = "level"  # how often the same readiness is told
    framed: bool = False  # what is read is echoed when a frame of it is whole

    @property
    def oneshot(self) -> bool:
        return self.trigger in ("oneshot", "edge_oneshot")

    def who(self, line: Line) -> str:
        """Whom a line of the server is about; "" for nobody."""
        if "who" in line:
            return line["who"]
        if "fd" in line:
            if line["fd"] == self.listener_fd:
                return LISTENER
            return self.owners.get(line["fd"], "")
        if line.get("token") == self.listener_token != "":
            return LISTENER
        return self.tokens.get(line.get("token", ""), "")

    def apply(self, line: Line) -> None:
        """Does to the kernel what the event did."""
        method = getattr(self, "on_" + line["event"], None)
        if method:
            method(line, self.connections.get(self.who(line)))

    # -- what clients do ----------------------------------------------------
    def on_connect(self, line: Line, _c: Connection | None) -> None:
        self.connections[line["who"]] = Connection(line["who"])
        self.listen_queue.append(line["who"])

    def on_send(self, line: Line, c: Connection) -> None:
        c.unread += line["n"]
        self.arrived(c)

    def arrived(self, c: Connection) -> None:
        """An edge: news for whoever is still registered for it."""
        c.fresh = True
        c.silent = c.silent and self.oneshot

    def on_hear(self, line: Line, c: Connection) -> None:
        c.replies -= line["n"]

    def on_finish(self, _line: Line, c: Connection) -> None:
        c.end = "end"
        self.arrived(c)

    on_leave = on_finish

    def on_reset(self, _line: Line, c: Connection) -> None:
        c.end = "reset"
        c.unread = c.replies = 0
        self.arrived(c)

    # -- what the server does -----------------------------------------------
    def on_accept(self, line: Line, _c: Connection | None) -> None:
        if line["n"] < 0:
            return
        if not self.listen_queue:
            raise TraceError(f"descriptor {line['n']} was accepted, and nobody connected")
        who = self.listen_queue.pop(0)
        self.owners[line["n"]] = who
        self.connections[who].fd = self.connections[who].first_fd = line["n"]

    def on_read(self, line: Line, c: Connection | None) -> None:
        if not c:
            return
        if line["n"] <= 0:
            c.end_read = True
            return
        c.unread -= line["n"]
        if not self.framed:
            self.echo(c, line["n"])

    def on_frame(self, line: Line, c: Connection | None) -> None:
        if c and self.framed:
            self.echo(c, HEADER + line["n"])

    def echo(self, c: Connection, size: int) -> None:
        for other in self.connections.values():
            if other is c and self.echoes or self.echoes == "everyone" and other.fd >= 0:
                other.queued += size

    def on_write(self, line: Line, c: Connection | None) -> None:
        if c and line["n"] > 0:
            c.replies += line["n"] if c.end != "reset" else 0
            c.queued -= line["n"] if self.echoes else 0

    on_writev = on_write

    def on_interest(self, line: Line, c: Connection | None) -> None:
        detail = line.get("detail", "")
        if self.who(line) == LISTENER:
            self.listener_asks = detail
            self.listener_token = line.get("token", "")
        elif c:
            c.asks = detail
            c.silent = False  # the kernel looks at the buffer again
            c.token = line.get("token", "")
            if c.token:
                self.tokens[c.token] = c.who

    on_add = on_modify = on_interest

    def on_remove(self, line: Line, c: Connection | None) -> None:
        if self.who(line) == LISTENER:
            self.listener_asks = ""
        elif c:
            c.asks = ""

    def on_event(self, line: Line, c: Connection | None) -> None:
        if c and "readable" in line.get("detail", ""):
            c.fresh = False
            c.silent = self.trigger != "level"
        if self.oneshot and self.who(line) == LISTENER:
            self.listener_asks = ""  # it has fired, and asks no more
        elif self.oneshot and c:
            c.asks, c.silent = "", True

    def on_close(self, line: Line, c: Connection | None) -> None:
        if c:
            del self.owners[line["fd"]]
            c.fd, c.asks, c.gone, c.unread, c.queued = -1, "", True, 0, 0

    # -- as data --------------------------------------------------------------
    def state(self) -> dict:
        """What it holds now, for the player's panel."""
        rows = [{"who": c.who, "fd": c.fd, "token": c.token if c.fd >= 0 else "",
                 "unread": c.unread, "end": c.end, "queued": c.queued,
                 "replies": c.replies, "asks": c.asks,
                 "is": "closed" if c.gone else "" if c.fd >= 0 else "not accepted"}
                for c in self.connections.values()]
        return {"listen": list(self.listen_queue), "listener_asks": self.listener_asks,
                "rows": rows}


def in_order(lines: list[Line], notes: list[Line]) -> list[Line]:
    """Both in the order of their time, and no effect before its cause: the
    server's stamp of a write is taken after it, so a quick client may have
    heard the bytes before. Such a note moves to just behind the write."""
    kernel = Kernel(listener_fd=listener(lines))
    written: dict[str, int] = {}
    heard: dict[str, int] = {}
    waiting: list[Line] = []
    ordered: list[Line] = []

    def put(line: Line, ns: int) -> None:
        ordered.append({**line, "ns": max(ns, line["ns"])})
        if line["event"] == "hear":
            heard[line["who"]] = heard.get(line["who"], 0) + line["n"]

    def early(line: Line) -> bool:
        who = line.get("who", "")
        if any(other["who"] == who for other in waiting):
            return True
        total = heard.get(who, 0) + line["n"]
        return line["event"] == "hear" and total > written.get(who, 0)

    for line in sorted(lines + notes, key=lambda each: each["ns"]):
        if "who" in line and early(line):
            waiting.append(line)
            continue
        who = kernel.who(line)
        kernel.apply(line)
        put(line, 0)
        if line["event"] in ("write", "writev") and line["n"] > 0:
            written[who] = written.get(who, 0) + line["n"]
            held, waiting[:] = waiting[:], []
            for note in held:
                if early(note):
                    waiting.append(note)
                else:
                    kernel.apply(note)
                    put(note, line["ns"])
    return ordered + waiting


def listener(lines: list[Line]) -> int:
    """The descriptor that accepts; -1 when none ever did."""
    for line in lines:
        if line["event"] == "accept" or line.get("detail") == "accept":
            return line["fd"]
    return -1
