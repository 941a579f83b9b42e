"""A recorded run as the player wants it: lanes, and events with a sentence.

    {title, about, program, lanes: [{id, kind, name, sub, who}], events: [{us,
     lane, kind, who, fd, token, n, detail, times, asleep, sentence, file, line,
     thread, woken, state}]}

us are microseconds since the first event, as they were measured. `state` is
what the kernel holds after the event and what each thread does then; `woken`
names the lanes that ended a sleep.
"""

from __future__ import annotations

import difflib
import pathlib

from kit.kernel import LISTENER, Kernel, in_order, listener
from kit.play import Play, PlayError
from kit.sentences import Narrator
from kit.server import ROOT
from kit.tracefile import Line, TraceError, fold, merge_bytes

MOST_EVENTS = 160  # more is no picture any more
CLIENT = {"connect", "send", "hear", "end", "silence", "finish", "leave", "reset"}
LOOP = {"wait", "wake", "call", "tick", "stop", "continue"}
RECEIVE_BUFFER = 64 * 1024  # what fits there on any system without waiting


class Timeline:
    def __init__(self, play: Play, lines: list[Line], notes: list[Line]) -> None:
        end = next(note["ns"] for note in notes if note["event"] == "done")
        notes = [note for note in notes if note["event"] != "done"]
        ordered = in_order([line for line in lines if line["ns"] <= end], notes)
        self.play = play
        self.lines = merge_bytes(fold(ordered))
        self.threads = any(line["event"] == "call" for line in self.lines)
        self.kernel = Kernel(play.echoes, listener_fd=listener(lines), trigger=play.trigger,
                             framed=play.wire == "frames")
        self.narrator = Narrator(self.kernel, self.threads)
        self.doing = self.narrator.doing
        self.doing[1] = "awake"
        self.events: list[dict] = []
        self.source = Source(play)

    def data(self) -> dict:
        if len(self.lines) > MOST_EVENTS:
            raise PlayError(f"{self.play.where}:1: {len(self.lines)} events, and no more "
                            f"than {MOST_EVENTS} make a picture")
        for index, line in enumerate(self.lines):
            self.events.append(self.event(index, line))
        for index, event in enumerate(self.events):
            if event["kind"] == "wake":
                event["woken"] = self.causes(index)
        return {
            "title": self.play.title, "about": self.play.about,
            "chapter": self.play.chapter, "name": self.play.name,
            "program": " ".join([self.play.program, *self.play.options]),
            "lanes": self.lanes(), "events": self.events,
        }

    # -- events -------------------------------------------------------------
    def event(self, index: int, line: Line) -> dict:
        before = self.kernel.who(line)
        if line["event"] == "event":
            c = self.kernel.connections.get(before)
            line["again"] = bool(c and not c.fresh and c.unread)
        self.kernel.apply(line)
        who = self.kernel.owners.get(line["n"], "") if line["event"] == "accept" else before
        asleep = self.asleep(index, line)
        woken = self.woken(line)
        self.note_thread(line, asleep, who)
        event = {
            "us": (line["ns"] - self.lines[0]["ns"]) // 1000,
            "lane": self.lane(line, who), "kind": line["event"], "who": who,
            "n": line["n"], "sentence": self.narrator.tell(line, asleep),
            **{key: line[key] for key in ("fd", "token", "detail", "error", "times",
                                          "again", "thread") if line.get(key)},
            **self.source.place(line),
        }
        if asleep:
            event["asleep"] = True
        if woken:
            event["woken"] = woken
        event["state"] = {**self.kernel.state(), "threads": self.thread_states()}
        return event

    def asleep(self, index: int, line: Line) -> bool:
        """Did this call have to wait? A poller: when something happened
        outside before it returned. A blocking call: when nothing was there."""
        if line["event"] == "call":
            c = self.kernel.connections.get(self.kernel.who(line))
            if line.get("detail") == "accept":
                return not self.kernel.listen_queue
            return line.get("detail") == "read" and bool(c) and not c.unread and not c.end
        if line["event"] != "wait" or "times" in line:
            return False
        for later in self.lines[index + 1:]:
            if later["event"] == "wake" and later["thread"] == line["thread"]:
                return later["n"] <= 0  # only the time or a signal ended it
            if later["event"] in CLIENT and later["event"] not in ("hear", "end"):
                return True
            if later["event"] == "hear":  # makes room in a send buffer
                return True
        return True

    def woken(self, line: Line) -> list[str]:
        """The lane of what ended a blocking call's sleep."""
        thread = line.get("thread", 0)
        if self.doing.get(thread, "").startswith("asleep") and line["event"] in ("read", "accept"):
            return ["listen" if line["event"] == "accept" else f"in-{self.kernel.who(line)}"]
        return []

    def causes(self, index: int) -> list[str]:
        """The lanes of what a wake reports: the events that follow it."""
        lanes = []
        for event in self.events[index + 1:]:
            if event["kind"] != "event":
                break
            if event["who"] == LISTENER:
                lanes.append("listen")
            elif "readable" in event.get("detail", ""):
                lanes.append(f"in-{event['who']}")
            elif self.play.show == "replies":
                lanes.append(f"out-{event['who']}")
        return lanes

    def note_thread(self, line: Line, asleep: bool, who: str) -> None:
        kind, thread = line["event"], line.get("thread", 0)
        if kind == "stop":
            self.doing.update({key: value + ", stopped" for key, value in self.doing.items()})
        elif kind == "continue":
            self.doing.update({key: value.removesuffix(", stopped")
                               for key, value in self.doing.items()})
        elif thread:
            call = line.get("detail", "")
            what = f"{call} ({who})" if who and who != LISTENER else call
            self.doing[thread] = f"asleep in {what}" if asleep else "awake"
        if kind == "close" and self.threads and thread != 1:
            self.doing.pop(thread)  # the thread's last act

    def thread_states(self) -> list[dict]:
        return [{"name": self.thread_name(thread), "is": what}
                for thread, what in sorted(self.doing.items())]

    def lane(self, line: Line, who: str) -> str:
        kind = line["event"]
        if kind in CLIENT:
            return "clients"
        if kind in LOOP:
            return f"thread-{line.get('thread', 1)}"
        if who and who != LISTENER:
            return f"conn-{who}"
        return "listener"

    # -- lanes ----------------------------------------------------------------
    def thread_name(self, thread: int) -> str:
        return f"Thread {thread}" if self.threads else "The loop"

    def lanes(self) -> list[dict]:
        """From top to bottom: clients, the kernel, threads, descriptors."""
        connections = self.kernel.connections.values()
        lanes = [lane("clients", "clients", "Clients"),
                 lane("listen", "kernel", "Listen queue", "kernel")]
        for c in connections:
            lanes.append(lane(f"in-{c.who}", "kernel", self.unread_name(c.who), "kernel", c.who))
            if self.play.show == "replies":
                lanes.append(lane(f"out-{c.who}", "kernel", f"On the way to {c.who}",
                                  "kernel, not heard yet", c.who))
        for thread in sorted({line["thread"] for line in self.lines if "thread" in line}):
            sub = "asleep or at work" if self.threads else "your code"
            lanes.append(lane(f"thread-{thread}", "thread", self.thread_name(thread), sub))
        if any(event["lane"] == "listener" for event in self.events):
            lanes.append(lane("listener", "descriptor", "Listener",
                              f"descriptor {self.kernel.listener_fd}", LISTENER))
        for c in connections:
            token = f" · token {c.token}" if c.token else ""
            lanes.append(lane(f"conn-{c.who}", "descriptor", f"Connection {c.who}",
                              f"descriptor {c.first_fd}{token}", c.who))
        return lanes

    def unread_name(self, who: str) -> str:
        """A receive buffer, as long as it holds all that is unread."""
        most = max((row["unread"] for event in self.events
                    for row in event["state"]["rows"] if row["who"] == who), default=0)
        if most > RECEIVE_BUFFER or "--socket-buffers" in self.play.options:
            return f"From {who}, unread"
        return f"{who}’s receive buffer"


def lane(lane_id: str, kind: str, name: str, sub: str = "", who: str = "") -> dict:
    return {"id": lane_id, "kind": kind, "name": name, "sub": sub, "who": who}


class Source:
    """Where a line of the trace points to. A planted mistake is server.cpp
    with some lines changed: its numbers are mapped back, and what stands only
    in the mistake is quoted."""

    def __init__(self, play: Play) -> None:
        self.mapped: dict[int, int] = {}
        self.changed: dict[int, str] = {}
        self.server = f"chapters/{play.chapter}/server.cpp"
        patched = pathlib.Path(f"{play.binary}.mistake.cpp")
        if play.program.startswith("mistakes/"):
            if not patched.exists():
                raise TraceError(f"{play.where}:{play.program_line}: there is no {patched}")
            self.compare(patched.read_text().splitlines()[1:])  # without its #line

    def compare(self, patched: list[str]) -> None:
        original = (ROOT / self.server).read_text().splitlines()
        matcher = difflib.SequenceMatcher(None, original, patched, autojunk=False)
        for tag, first, last, start, end in matcher.get_opcodes():
            for offset in range(end - start):
                number = first + min(offset, max(0, last - first - 1))
                self.mapped[start + offset + 1] = number + 1
                if tag != "equal":
                    self.changed[start + offset + 1] = patched[start + offset]

    def place(self, line: Line) -> dict:
        if "at" not in line:
            return {}
        file, _, number = line["at"].rpartition(":")
        place = {"file": file, "line": int(number)}
        if file == self.server and int(number) in self.mapped:
            place["line"] = self.mapped[int(number)]
            if int(number) in self.changed:
                place["text"] = self.changed[int(number)].strip()
        return place
