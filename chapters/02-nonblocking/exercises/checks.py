"""What chapter 02's exercises are checked with."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator

from coach.bounds import BoundedServer
from coach.scene import Scene
from kit.client import Client, StoryError

SMALL = 4096  # bytes of a socket's buffers
MANY = 8_000_000  # bytes: far more than small buffers and 64 KiB hold
HELD = 500_000  # bytes that a server may hold for one client, kernel and all; generous
BUSY = 0.03  # seconds of CPU time: thousands of rounds
PATIENCE = 0.5  # seconds to wait for them; a server that rests needs none
OFTEN = 2000  # calls of read in a second: three clients and naps of 10 ms make 300
SILENT = 520  # clients: with a nap of 10 ms for each, a round takes longer than DEADLINE
BULK = 48_000_000  # bytes: with a nap after each 16 KiB they take 30 s
BULK_SECONDS = 20  # and without, a few


# ---- in more than one check ---------------------------------------------
def goes_round(server: BoundedServer) -> None:
    """Until the loop has asked everybody often."""
    used, end = server.cpu_seconds(), time.monotonic() + PATIENCE
    while server.alive() and server.cpu_seconds() < used + BUSY and time.monotonic() < end:
        time.sleep(0.005)


@contextlib.contextmanager
def not_cut_off(scene: Scene, client: Client, but: str) -> Iterator[None]:
    """Says in one way what may show in three."""
    try:
        yield
    except StoryError as error:
        if not re.search("hears the end too early|cannot (send|read)", error.what):
            raise
        scene.fail(f"{client.name} has been cut off: the server has closed the connection, "
                   f"although {client.name} {but}.")


# ---- predictions and measurements ---------------------------------------
def reads_while_silent(scene: Scene) -> str:
    server = scene.serve(path=scene.reference())
    scene.connect(server, "A").exchange(b"hello")
    goes_round(server)
    before, end = server.read_calls(), time.monotonic() + 1
    while server.read_calls() - before < 2000 and time.monotonic() < end:
        time.sleep(0.01)
    calls = server.read_calls() - before
    if calls <= 1:
        return "once" if calls else "never"
    return "about a hundred times" if calls < 1000 else "as often as it can"


def calls_in_a_round(scene: Scene) -> float:
    """With ten who say nothing: how many from one call of accept to the next."""
    server = scene.serve(path=scene.reference(), trace=True)
    for name in "ABCDEFGHIJ":
        scene.connect(server, name).exchange(b".", quiet=True)
    server.freeze()
    seen = len(server.trace())
    server.thaw()
    while len(server.trace_tail(seen + 5000)) < seen + 5000:
        time.sleep(0.01)
    server.freeze()
    doors = [n for n, line in enumerate(server.trace_tail(4000)) if '"detail":"accept"' in line]
    return (doors[-1] - doors[0]) / (len(doors) - 1)


# ---- what each server of this chapter has to stand ----------------------
def thinks_first(scene: Scene) -> None:
    """A client that thinks before it speaks is still served."""
    server = scene.serve()
    a = scene.connect(server, "A")
    for said in b"well", b"let me think", b"yes":
        goes_round(server)
        scene.add("A says nothing for a moment")
        with not_cut_off(scene, a, "has only been silent for a moment"):
            a.exchange(said)


def reads_late(scene: Scene) -> None:
    """A client that sends much and reads late hears all of it."""
    server = scene.serve(buffers=SMALL)
    a = scene.connect(server, "A", SMALL)
    with not_cut_off(scene, a, "is only slow to read"):
        taken = a.send_until_stuck(scene.words(300_000))
        a.hear(bytes(a.sent[:taken]))
        a.exchange(b"and now?")


def nobody_waits(scene: Scene) -> None:
    """While A says nothing and B reads nothing, C is served."""
    server = scene.serve(buffers=SMALL)
    a = scene.connect(server, "A", SMALL)
    b = scene.connect(server, "B", SMALL)
    b.send_until_stuck(scene.words(200_000))
    scene.connect(server, "C", SMALL).exchange(b"is anybody there?")
    a.exchange(b"my turn")


def ends_well(scene: Scene) -> None:
    """A client that has stopped sending hears the rest, and then the end."""
    server = scene.serve(buffers=SMALL)
    a = scene.connect(server, "A", SMALL)
    taken = a.send_until_stuck(scene.words(20_000))  # more than the kernel holds on its way back
    a.stop_sending()
    goes_round(server)
    with not_cut_off(scene, a, "is still reading"):
        a.hear(bytes(a.sent[:taken]))
    if rest := a.hear_end():
        scene.fail(f"A has heard everything that it had sent, and then {len(rest):,} bytes more")


def takes_no_more(scene: Scene) -> None:
    """From a client that reads nothing, the server takes only what it can keep."""
    server = scene.serve(buffers=SMALL)
    a = scene.connect(server, "A", SMALL)
    with not_cut_off(scene, a, "is only slow to read"):
        taken = a.send_until_stuck(scene.words(MANY))
    if taken > HELD:
        scene.fail(f"The server has taken {taken:,} bytes from A, who has read none of them. "
                   "The kernel's buffers are small here: the bytes are in the server's memory.")


# ---- 02.4: to the brim --------------------------------------------------
def fills_it(scene: Scene) -> None:
    """A client that sends until the server has no room is not cut off."""
    server = scene.serve(buffers=SMALL)
    a = scene.connect(server, "A", SMALL)
    with not_cut_off(scene, a, "has not left"):
        taken = a.send_until_stuck(scene.words(MANY))
        a.hear(bytes(a.sent[:taken]))
        a.exchange(b"and now?")


# ---- 02.6: one thread ---------------------------------------------------
def one_thread(scene: Scene) -> None:
    """Ten clients, and one thread."""
    server = scene.serve()
    before = server.threads()
    for name in "ABCDEFGHIJ":
        scene.connect(server, name).exchange(b"hello", quiet=True)
    scene.add("ten clients have said hello, and have heard it")
    if (now := server.threads()) > before:
        scene.fail(f"With nobody there the server had {before} thread{'s' * (before > 1)}, "
                   f"and now it has {now}.")


# ---- 02.7: a nap --------------------------------------------------------
def rests(scene: Scene) -> None:
    """While nobody says anything, the server uses no core."""
    server = scene.serve()
    for name in "ABC":
        scene.connect(server, name).exchange(b"hello", quiet=True)
    before, end = server.read_calls(), time.monotonic() + 1
    while time.monotonic() < end:
        if server.read_calls() - before > OFTEN:
            scene.fail(f"Nobody says anything, and read has been called more than {OFTEN:,} times "
                       "within a second.")
        time.sleep(0.01)
    scene.rests(server, 1)


def no_nap_at_work(scene: Scene) -> None:
    """Forty-eight megabytes, and no rest while there is something to do."""
    server = scene.serve()
    a = scene.connect(server, "A", deadline=BULK_SECONDS)
    a.exchange(scene.words(BULK))


def one_nap_for_all(scene: Scene) -> None:
    """Among 520 who say nothing, A is answered."""
    server = scene.serve()
    for _ in range(SILENT):
        scene.connect(server, "somebody")
    scene.story.steps[1:] = [f"{SILENT} clients connect, and say nothing"]
    scene.connect(server, "A").exchange(b"hello")
