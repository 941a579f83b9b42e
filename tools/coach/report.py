"""What a failure tells: the steps, what came, what the server did last, what it
waits for, and where the book explains it."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import re
import shlex
import textwrap
from collections.abc import Sequence

from coach.bounds import BoundedServer
from coach.files import shown
from coach.manifest import ROOT, Exercise
from coach.scene import Outcome, processes
from coach.texts import WIDTH
from kit.server import describe_status

STEPS = 12  # the last ones of a long story
TRACE = 8  # lines
REPORT = 14  # lines of a sanitizer's
LONGEST = 200  # characters of a server's last words


@dataclasses.dataclass
class Peer:
    """A connection, as the trace tells of it."""
    fd: int
    name: str = "somebody"
    interest: str = ""  # registered for; "" is not registered
    fired: bool = False  # its oneshot has
    open: bool = True


class Seen:
    """What the trace says about who is there and what the loop does."""

    def __init__(self, lines: Sequence[str], callers: list[str], oneshot: bool) -> None:
        self.lines = list(filter(None, map(parsed, lines)))
        self.peers: dict[int, Peer] = {}  # by descriptor
        self.tokens: dict[str, int] = {}
        self.listener = 0
        self.asleep_in = ""
        self.polled = False
        waiting = list(callers)
        for line in self.lines:
            self._take(line, waiting, oneshot)

    def _take(self, line: dict, waiting: list[str], oneshot: bool) -> None:
        event, fd, detail = line["event"], line.get("fd", 0), line.get("detail", "")
        if event == "wait" or event == "call":
            self.asleep_in = detail
        elif event != "interest":
            self.asleep_in = ""
        if event == "accept":
            self.listener = fd
            if line["n"] < 0:  # nobody came of it
                return
            self.peers[line["n"]] = Peer(line["n"], waiting.pop(0) if waiting else "somebody")
        elif event in ("add", "modify", "interest"):
            peer = self.peers.setdefault(fd, Peer(fd, "the listener"))
            peer.interest, peer.fired = detail, False
            self.polled |= event == "interest"
            if "token" in line:
                self.tokens[line["token"]] = fd
        elif event in ("remove", "close") and fd in self.peers:
            self.peers[fd].interest = ""
            self.peers[fd].open = event != "close"
        elif event == "event" and oneshot and (fd := self.tokens.get(line.get("token", ""), fd)) in self.peers:
            self.peers[fd].fired = True

    def name(self, line: dict) -> str:
        fd = line.get("fd") or self.tokens.get(line.get("token", ""), 0)
        if fd == self.listener and fd:
            return "the listener"
        return self.peers[fd].name if fd in self.peers else f"descriptor {fd}" if fd else ""

    def last(self) -> str:
        """The last thing that it did, in words."""
        for line in reversed(self.lines):
            if line["event"] not in ("wait", "wake", "tick", "interest", "call"):
                return words(line, self.name(line))
        return "none"

    def waits_for(self) -> str:
        kept = [peer for peer in self.peers.values() if peer.open]
        told = [f"{peer.name}: {'nothing, its oneshot has fired' if peer.fired else peer.interest or 'nothing'}"
                for peer in kept if peer.name != "the listener"]
        return "; ".join(told) or "nobody"


def parsed(text: str) -> dict | None:
    """A line of the trace; None for one that is half written, or not the kit's."""
    try:
        line = json.loads(text)
        return line if isinstance(line["event"], str) and isinstance(line["n"], int) else None
    except (ValueError, KeyError, TypeError):
        return None


def words(line: dict, who: str) -> str:
    place = f" ({line['at'].rpartition('/')[2]})" if "at" in line else ""
    n, detail = line.get("n", 0), line.get("detail", "")
    text = failed(line, who) if "error" in line else {
        "read": f"read {n:,} bytes from {who}" if n else f"read the end of {who}",
        "write": f"wrote {n:,} bytes to {who}",
        "writev": f"wrote {n:,} bytes to {who}",
        "would_block": f"{detail} of {who} would have blocked",
        "event": f"{who} is {detail}",
        "accept": "accepted a client",
        "close": f"closed {who}",
        "remove": f"stopped watching {who}",
        "add": f"began to watch {who} for {detail}",
        "modify": f"asked for {detail} of {who}",
        "frame": f"a frame of {n:,} bytes from {who} was whole",
    }.get(line["event"], f"{line['event']} {detail} {who}".strip())
    return text + place


def failed(line: dict, who: str) -> str:
    """A call that the kernel has refused, and with which error."""
    whose = {"read": f" from {who}", "write": f" to {who}", "writev": f" to {who}",
             "accept": ""}.get(line["event"], f" of {who}" if who else "")
    return f"{line['event']}{whose} said {line['error']}"


# ---- the parts ----------------------------------------------------------
def tell(one: Exercise, outcome: Outcome) -> str:
    """All of it, as plain text in at most 80 columns where it can be."""
    parts = [headline(outcome), story(outcome)]
    for server in outcome.servers[-1:]:
        parts += [sanitizer(server, one.files), state(server, outcome)]
    parts.append(link(one))
    return "\n\n".join(filter(None, parts))


def headline(outcome: Outcome) -> str:
    return f"✗ {outcome.title}\n\n{indent(explain(outcome))}"


def explain(outcome: Outcome) -> str:
    """What went wrong; a wait that was in vain says after which step, and what
    the server did last."""
    server = outcome.servers[-1] if outcome.servers else None
    if server and server.ended_for:
        return filled(f"The server was ended here, because {server.ended_for}.")
    if server and outcome.gone is not None:
        left = f" It has left {processes(outcome.left)} behind." if outcome.left else ""
        return filled(f"The server has ended by itself, after step {len(outcome.steps)}: "
                      f"{describe_status(outcome.gone)}.{left} {why_gone(server, outcome)}")
    if "LeakSanitizer" in outcome.what:
        return filled("All of it went well; but when the server ended, it held memory that nobody "
                      "could reach any more: a leak.")
    if outcome.halted:
        return filled(f"{outcome.what.splitlines()[0]}. The server is stopped, as by SIGSTOP: it does "
                      "nothing until somebody sends SIGCONT.")
    waited = re.match(r"(\S.*?) waited (\S+) s: (.*)", outcome.what, re.S)
    if not waited:
        first, _, rest = outcome.what.partition("\n")
        return "\n".join(filter(None, [filled(first), rest]))
    who, seconds, what = waited.groups()
    return filled(f"After step {len(outcome.steps)} {who} has waited {seconds} s in vain: {what}")


def why_gone(server: BoundedServer, outcome: Outcome) -> str:
    """What a client saw of it; or, when it was only missed, its last words."""
    what = outcome.what.splitlines()[0]
    lines = [line for line in server.log().splitlines() if line.strip()]
    if what != "the server is gone" or server.report() or not lines:
        return what
    return f"Its last words: {lines[-1][:LONGEST].rpartition('/')[2]}"


def filled(text: str) -> str:
    return textwrap.fill(text, WIDTH - 2, break_long_words=False, break_on_hyphens=False)


def story(outcome: Outcome) -> str:
    if not outcome.steps:
        return ""
    first = max(0, len(outcome.steps) - STEPS)
    lines = [f"{n:4}. {step}" for n, step in enumerate(outcome.steps[first:], first + 1)]
    return "\n".join([f"the {first} steps before are left out" if first else "What happened:", *lines])


def sanitizer(server: BoundedServer, names: Sequence[str]) -> str:
    """The report, cut to what is in the attendee's hands."""
    if not server.report():
        return ""
    lines = server.log().splitlines()
    theirs = "|".join(re.escape(name.rpartition("/")[2]) for name in names)
    start = next(n for n, line in enumerate(lines) if re.search(r"Sanitizer|runtime error:", line))
    kept = [clean(line) for line in lines[start:]
            if re.search(rf"Sanitizer:|runtime error:|leak of|is located|\b(?:{theirs}):", line)]
    return "\n".join(["The sanitizer says:", *(textwrap.fill(
        line, WIDTH, initial_indent="   ", subsequent_indent="     ", break_on_hyphens=False)
        for line in kept[:REPORT])])


def clean(line: str) -> str:
    line = re.sub(r"==\d+==| on address 0x.*", "", line)
    line = re.sub(r"(#\d+) 0x[0-9a-f]+ in ", r"\1 ", line)
    line = re.sub(r"\S*/tmp\w+/", "", line)
    line = re.sub(r"tick::|\(anonymous namespace\)::|<.*>", "", line)
    return line.replace(f"{ROOT}/", "").strip()


def state(server: BoundedServer, outcome: Outcome) -> str:
    """What it did last, and what each descriptor is registered for."""
    trigger = server.options[server.options.index("--trigger") + 1] if "--trigger" in server.options else ""
    seen = Seen(outcome.trace, outcome.callers.get(server.pid, []), "oneshot" in trigger)
    if not seen.lines:
        return ""
    lines = [filled(f"The server's last event: {seen.last()}.")]
    if seen.asleep_in:
        lines.append(f"Since then it waits in {seen.asleep_in}.")
    if any(line["event"] in ("add", "interest") for line in seen.lines):
        how = f" ({trigger}: only what newly arrives is told)" if trigger.startswith("edge") else ""
        lines.append(filled(f"It is told of: {seen.waits_for()}{how}."))
    lines.append("Its last trace lines:")
    lines += [f"   {short(line)}" for line in seen.lines[-TRACE:]]
    return "\n".join(lines)


def by_hand(path: pathlib.Path, outcome: Outcome) -> str:
    """How to try the program oneself, as the check has."""
    options = outcome.servers[-1].options if outcome.servers else ()
    command = f"Try it by hand: {shlex.join((shown(path), '--port', '5000', *options))}"
    return " \\\n".join(textwrap.wrap(command, WIDTH - 2, subsequent_indent="    ", break_long_words=False,
                                     break_on_hyphens=False))


def short(line: dict) -> str:
    """A line of the trace in a few columns."""
    place = line.get("at", "").rpartition("/")[2]
    what = " ".join(filter(None, [
        line["event"], line.get("detail", ""), f"fd {line['fd']}" if line.get("fd") else "",
        f"token {line['token']}" if line.get("token") else "",
        line.get("error") or (f"n {line['n']}" if line.get("n") else "")]))
    return f"{what:<50} {place}".rstrip()


def link(one: Exercise) -> str:
    page, _, anchor = one.explains.partition("#")
    return f"The book explains it: {shown_page(page)}#{anchor}"


def shown_page(page: str) -> str:
    path = pathlib.Path("build/book") / f"{page}.html"
    return str(path)


def indent(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
