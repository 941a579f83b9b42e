"""An English sentence for every event of a recorded run.

Each function gets the line, whom it is about, and the kernel as it is just
after the event.
"""

from __future__ import annotations

from kit.kernel import LISTENER, Connection, Kernel
from kit.tracefile import Line


def count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listing(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def said(line: Line) -> str:
    text = line.get("detail", "")
    if line.get("frame"):
        what = f"“{text}”, a frame" if text else "a frame"
        return f"{what} of {count(line['n'], 'byte')}"
    if line.get("hex"):
        return f"{count(line['n'], 'byte')} of a frame ({line['hex']})"
    return f"“{text}” ({count(line['n'], 'byte')})" if text else count(line["n"], "byte")


class Narrator:
    """Tells a run. `threads`: its calls wait, each thread for itself."""

    def __init__(self, kernel: Kernel, threads: bool) -> None:
        self.kernel = kernel
        self.threads = threads
        self.doing: dict[int, str] = {}  # thread → "awake", "asleep in …"
        self.batch: dict[int, str] = {}  # thread → the poller's call
        self.last = ""  # the event before
        self.asked: dict[str, str] = {}  # name → what was asked of it last

    def tell(self, line: Line, asleep: bool) -> str:
        who = self.kernel.who(line)
        c = self.kernel.connections.get(who)
        text = getattr(self, "tell_" + line["event"], self.tell_other)(line, c, asleep)
        self.last = line["event"]
        return text + self.repeated(line)

    @staticmethod
    def repeated(line: Line) -> str:
        if "times" not in line:
            return ""
        span = (line["until"] - line["ns"]) / 1e6
        return f" {line['times']:,} times in {span:,.1f} ms."

    def subject(self, line: Line) -> str:
        return f"Thread {line['thread']}" if self.threads else "The loop"

    # -- clients --------------------------------------------------------------
    def tell_connect(self, line: Line, _c: Connection, _asleep: bool) -> str:
        if len(self.kernel.connections) == 1:
            return (f"{line['who']} connects. The kernel completes the handshake by "
                    "itself and puts the connection into the listen queue.")
        text = f"{line['who']} connects: one more in the listen queue."
        if self.threads and not any("accept" in what for what in self.doing.values()):
            return f"{text} Nobody sits in accept: thread 1 is {self.doing[1]}."
        return text

    def tell_send(self, line: Line, c: Connection, _asleep: bool) -> str:
        text = f"{c.who} sends {said(line)}."
        if c.fd < 0:
            return (f"{text} Nobody has accepted {c.who}, and the kernel takes the bytes "
                    f"in all the same: {count(c.unread, 'byte')} unread.")
        if c.unread > line["n"]:
            return f"{text} Now {c.unread:,} lie in the kernel and wait to be read."
        return f"{text} The kernel keeps them in {c.who}’s receive buffer."

    def tell_hear(self, line: Line, c: Connection, _asleep: bool) -> str:
        rest = f" {c.replies:,} more are on their way." if c.replies > 0 else ""
        return f"{c.who} hears {said(line)}.{rest}"

    def tell_end(self, _line: Line, c: Connection, _asleep: bool) -> str:
        return f"{c.who} hears the end: the server will send no more."

    def tell_silence(self, _line: Line, c: Connection, _asleep: bool) -> str:
        unread = f" Its {count(c.unread, 'byte')} still lie unread." if c.unread else ""
        return f"Half a second has passed, and {c.who} has heard nothing.{unread}"

    def tell_finish(self, _line: Line, c: Connection, _asleep: bool) -> str:
        return f"{c.who} says that it will send no more. A read will return 0."

    def tell_leave(self, _line: Line, c: Connection, _asleep: bool) -> str:
        return (f"{c.who} leaves. The end of the stream can be read too: the next read "
                "will return 0.")

    def tell_reset(self, _line: Line, c: Connection, _asleep: bool) -> str:
        return (f"{c.who} resets its connection (RST). For the kernel it is over; the "
                "server does not know yet.")

    # -- the server's process -------------------------------------------------
    def tell_stop(self, _line: Line, _c: None, _asleep: bool) -> str:
        return ("The server is stopped with a signal (SIGSTOP), so that more than one "
                "thing can happen before it looks again.")

    def tell_continue(self, _line: Line, _c: None, _asleep: bool) -> str:
        return "The server may go on (SIGCONT)."

    # -- waiting --------------------------------------------------------------
    def waiting(self) -> str:
        """What is there already when the loop is about to sleep."""
        found = [f"{count(c.unread, 'byte')} of {c.who}"
                 for c in self.kernel.connections.values() if c.unread and c.fd >= 0]
        return listing(found)

    def forgotten(self) -> str:
        """What lies there while the loop sleeps, and is never told again."""
        silent = [c for c in self.kernel.connections.values()
                  if c.silent and c.fd >= 0 and "writable" not in c.asks
                  and (c.unread or c.end and not c.end_read)]
        if not silent:
            return ""
        lie = listing([f"{count(c.unread, 'byte')} of {c.who}" if c.unread else
                       f"the end of {c.who}" for c in silent])
        verb = "lies" if len(silent) == 1 and silent[0].unread < 2 else "lie"
        why = ("the registration has fired and was not re-armed, so nobody will tell it again"
               if self.kernel.oneshot else
               "it was told of that once, and nobody will tell it again until more arrives")
        return f" But {lie} {verb} there unread: {why}."

    def tell_wait(self, line: Line, _c: None, asleep: bool) -> str:
        call = line.get("detail") or "the poller"
        self.batch[line["thread"]] = call
        if asleep:
            limit = "" if line["n"] < 0 else f", for {line['n']} ms at most"
            return f"{self.subject(line)} calls {call} and sleeps{limit}.{self.forgotten()}"
        there = self.waiting()
        because = f": {there} still unread" if there else ""
        return f"{self.subject(line)} calls {call}, and there is no time to sleep{because}."

    def tell_wake(self, line: Line, _c: None, _asleep: bool) -> str:
        call = self.batch.get(line["thread"], "the poller")
        if line.get("error"):
            return f"{call} returns early: {line['error']}, a signal came."
        if line["n"] == 0:
            return f"{call} returns 0: the time is up, and nothing is ready."
        if line["n"] == 1:
            return f"{call} returns 1: something is ready."
        return f"{call} returns {line['n']}: that many are ready, one batch."

    def tell_event(self, line: Line, c: Connection | None, _asleep: bool) -> str:
        call = self.batch.get(line["thread"], "the poller")
        if self.kernel.who(line) == LISTENER:
            queue = self.kernel.listen_queue
            return (f"{call} reports the listener as readable: {listing(queue) or 'nobody'} "
                    f"{'waits' if len(queue) < 2 else 'wait'} in the listen queue.")
        if not c:
            return f"{call} reports {line.get('token', 'a descriptor')}."
        return f"{call} reports {self.readiness(line, c)}"

    def tell_tick(self, line: Line, _c: None, _asleep: bool) -> str:
        if line["n"] == 0:
            return "The batch is over, and nobody was touched: the tick has nothing to do."
        those = ("the one connection that was" if line["n"] == 1
                 else f"the {line['n']:,} connections that were")
        return (f"The batch is over, and the tick begins: it finishes {those} touched, "
                "and looks at no other.")

    def readiness(self, line: Line, c: Connection) -> str:
        detail = line.get("detail", "")
        if "hangup" in detail:
            return f"{c.who} as readable, writable and hung up: the connection is broken."
        reasons = []
        if "readable" in detail:
            still = " still" if line.get("again") else ""
            unread = (f"{count(c.unread, 'byte')} {'is' if c.unread == 1 else 'are'}{still} "
                      "waiting" if c.unread else "the end of its stream is there")
            reasons.append(f"{c.who} as readable{' again' if still else ''}: {unread}.")
        if "writable" in detail:
            needed = (f"{count(c.queued, 'byte')} can go out" if c.queued > 0
                      else "but there is nothing to write")
            reasons.append(f"{c.who} as writable: its send buffer has room, {needed}.")
        return " And ".join(reasons)

    def tell_call(self, line: Line, c: Connection | None, asleep: bool) -> str:
        name = line.get("detail", "")
        about = f" for {c.who}" if c else ""
        if not asleep:
            return f"Thread {line['thread']} calls {name}{about}."
        what = {"read": "there is nothing to read", "accept": "nobody is waiting"}
        return (f"Thread {line['thread']} calls {name}{about} and sleeps: "
                f"{what.get(name, 'the send buffer is full')}.")

    # -- calls ------------------------------------------------------------------
    def tell_accept(self, line: Line, _c: None, _asleep: bool) -> str:
        if line["n"] < 0:
            return f"accept fails: {line.get('error', '')}."
        return (f"accept takes {self.kernel.owners[line['n']]} out of the listen queue and "
                f"gives it descriptor {line['n']}.")

    def tell_would_block(self, line: Line, c: Connection | None, _asleep: bool) -> str:
        call = line.get("detail", "")
        if call == "accept":
            other = " else" if self.last in ("accept", "add") else ""
            return f"accept says “not now” (EAGAIN): nobody{other} is waiting."
        if call == "read":
            return f"read asks {c.who if c else '?'} and is told “not now” (EAGAIN): nothing there."
        return f"{call} says “not now” (EAGAIN): {c.who if c else '?'}’s send buffer is full."

    def tell_read(self, line: Line, c: Connection | None, _asleep: bool) -> str:
        name = c.who if c else "?"
        if line["n"] < 0:
            return f"read fails with {line.get('error', '')}: {name} is gone."
        if line["n"] == 0:
            return f"read returns 0: {name} will send no more."
        rest = (f"{c.unread:,} stay in the kernel" if c and c.unread
                else f"{name}’s receive buffer is empty")
        return f"read fetches {count(line['n'], 'byte')} of {name}; {rest}."

    def tell_write(self, line: Line, c: Connection | None, _asleep: bool) -> str:
        name = c.who if c else "?"
        call = line["event"]
        if line["n"] < 0:
            return f"{call} to {name} fails with {line.get('error', '')}: {name} is gone."
        rest = (f" {c.queued:,} have to wait in the server: the send buffer is full."
                if c and c.queued > 0 and self.kernel.echoes else "")
        return f"{call} hands the kernel {count(line['n'], 'byte')} for {name}.{rest}"

    tell_writev = tell_write

    def tell_frame(self, line: Line, c: Connection | None, _asleep: bool) -> str:
        name = c.who if c else "?"
        return (f"A frame of {name} is whole: {count(line['n'], 'byte')} of payload. It is "
                "noted for everyone.")

    def tell_close(self, line: Line, _c: None, _asleep: bool) -> str:
        return (f"The server closes descriptor {line['fd']}. From now on the number may be "
                "somebody else’s.")

    def tell_shutdown(self, line: Line, c: Connection | None, _asleep: bool) -> str:
        return f"The server tells {c.who if c else '?'} that it will send no more."

    # -- interest ---------------------------------------------------------------
    def name(self, line: Line, c: Connection | None) -> str:
        if self.kernel.who(line) == LISTENER:
            return "the listener"
        return c.who if c else f"descriptor {line.get('fd')}"

    def tell_interest(self, line: Line, c: Connection | None, _asleep: bool) -> str:
        detail = line.get("detail", "nothing").replace(" ", " and ")
        text = f"From now on the list asks of {self.name(line, c)}: {detail}?"
        if c and self.kernel.echoes and "writable" in detail and c.queued > 0:
            return f"{text} There are {count(c.queued, 'byte')} to get rid of."
        if c and self.kernel.echoes and "writable" in detail:
            return f"{text} Nothing is queued for {c.who}."
        return text

    def tell_add(self, line: Line, c: Connection | None, _asleep: bool) -> str:
        detail = line.get("detail", "").replace(" ", " and ")
        self.asked[self.name(line, c)] = detail
        how = {"level": "when it is", "edge": "whenever something new makes it",
               }.get(self.kernel.trigger, "once, when it is")
        return (f"The server registers {self.name(line, c)} under token "
                f"{line.get('token')}, to be told {how} {detail}.")

    def tell_modify(self, line: Line, c: Connection | None, _asleep: bool) -> str:
        detail = line.get("detail", "").replace(" ", " and ")
        name = self.name(line, c)
        if self.kernel.oneshot:
            wanted = detail.replace(" and ", " or ")
            return f"The server re-arms {name}, to be told once more, when it is {wanted}."
        before, self.asked[name] = self.asked.get(name), detail
        if self.kernel.trigger == "edge" and detail == before:
            there = f" There are {count(c.unread, 'byte')}." if c and c.unread else ""
            return (f"The server asks for {name} anew, as it did before: so the kernel looks at "
                    f"the buffer, and what is in there is told again.{there}")
        return f"From now on the server wants to be told when {name} is {detail}."

    def tell_remove(self, line: Line, c: Connection | None, _asleep: bool) -> str:
        return f"The server does not want to hear of {self.name(line, c)} any more."

    def tell_stale(self, line: Line, c: Connection | None, _asleep: bool) -> str:
        name = c.who if c else "somebody"
        heir = next((other.who for other in self.kernel.connections.values()
                     if c and other is not c and other.fd == c.first_fd), "")
        text = f"The next event is for token {line.get('token')}, that was {name}. "
        if heir:
            text += f"Descriptor {c.first_fd} is {heir}’s now, and so is the slot. "
        return text + "The generation is out of date: refused."

    def tell_other(self, line: Line, _c: Connection | None, _asleep: bool) -> str:
        return f"{line['event']} {line.get('detail', '')}".strip() + "."
