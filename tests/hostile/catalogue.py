"""The catalogue of hostile peers: one function a row.

A row does its worst in `scene` and says there what must hold meanwhile. The
bystanders talk before, during and after it, and the after-check follows
(scene.py). The names are used by the chapters' text and by survives.toml.
What only a protocol of messages can be asked is in frame_rows.py and
chat_rows.py.
"""

from __future__ import annotations

import threading
import time

import chat_rows
import frame_rows
from kit.client import Client, StoryError
from rows import ROWS, row
from scene import MEBIBYTE, STUCK, Scene
from voices import Voice
from kit.waiting import wait_until

__all__ = ["ROWS", "chat_rows", "frame_rows"]  # these two enter rows of their own

MOST_SENT = 24 * MEBIBYTE  # more than any kernel buffers: a flood ends here
THOUSANDS = 2000


# ---- ends of all kinds --------------------------------------------------
@row()
def reset(scene: Scene) -> None:
    """RST instead of FIN, at rest and with bytes on their way."""
    for _ in range(10):
        attacker = scene.attacker()
        attacker.exchange(attacker.words(100))
        attacker.reset()
        attacker = scene.attacker()
        attacker.send_only(attacker.words(3000))
        attacker.reset()


@row(signals=True)
def fin_then_reset(scene: Scene) -> None:
    """The server reads, and answers into a connection that had a FIN and then
    a RST: EPIPE and SIGPIPE, where a RST alone gives ECONNRESET."""
    for _ in range(5):
        attacker = scene.attacker()
        attacker.exchange(attacker.words(100))  # so it has been accepted
        scene.freeze()
        attacker.send_only(attacker.words(1000))
        attacker.stop_sending()
        attacker.reset()
        scene.thaw()
    scene.company.must_talk()


@row()
def half_close(scene: Scene) -> None:
    """Stops sending while most of the answer is still to come."""
    attacker = scene.attacker()
    if scene.small:  # less than a server holds for one client, so it is all read
        said = attacker.words(60_000)
        taken = attacker.send_until_stuck(said)
    else:
        said = attacker.words(1_200_000)
        taken = attacker.send_only(said)  # what the kernel takes, at once
    attacker.stop_sending()
    hear_to_the_end(attacker, said[:taken])
    attacker = scene.attacker()
    # Bystanders of a multi-echo server hear this too, and hold it at most.
    said = attacker.say(100_000 if scene.multi and scene.small else 300_000)
    attacker.stop_sending()
    hear_to_the_end(attacker, said)


def hear_to_the_end(attacker: Voice, said: bytes) -> None:
    attacker.hear(said)
    more = attacker.hear_end()
    assert not more, attacker.story.fail(f"{len(more)} bytes too many before the end")


@row()
def half_close_backlog(scene: Scene) -> None:
    """Stops sending with a backlog that it does not read."""
    attacker = scene.attacker()
    said = attacker.words(180_000)
    taken = attacker.send_until_stuck(said)
    attacker.stop_sending()
    scene.rest()
    scene.company.must_talk()
    if not scene.multi:  # else the bystanders' words may have been too many
        hear_to_the_end(attacker, said[:taken])


@row()
def never_reads(scene: Scene) -> None:
    """Sends until nobody takes more, and reads nothing."""
    attacker = scene.attacker()
    said = attacker.words(MOST_SENT)
    taken = send_in_step(scene, attacker, said) if scene.multi else 0
    taken += attacker.send_until_stuck(said[taken:])
    scene.memory()
    scene.company.must_talk()
    scene.rest()
    if scene.multi:  # it may be cut off: what others say to it cannot wait
        # Many short lines overflow a small receive buffer with what the kernel
        # notes about each; it drops some, and waits ever longer to send again.
        other = scene.attacker("another", buffers=64 * 1024 if scene.small else 0)
        small = MEBIBYTE // 8 if scene.target.speaks == "chat" else MEBIBYTE // 2
        flood_in_step(scene, other, small if scene.small else 6 * MEBIBYTE)
        scene.memory()
        return
    attacker.hear(said[:taken])
    attacker.exchange(attacker.words(1000))
    attacker.stop_sending()
    hear_to_the_end(attacker, b"")


def send_in_step(scene: Scene, attacker: Voice, said: bytes) -> int:
    """Sends no faster than the bystanders hear: they must not be cut off for
    what our own thread is too slow to read. Ends when they hear no more."""
    before, sent = scene.company.heard_of_attackers(), 0
    step = 16 * 1024 if scene.small else 128 * 1024
    while sent < len(said):
        taken = attacker._push(memoryview(said)[sent: sent + step])
        sent += taken
        if not taken and not attacker._room(STUCK):
            break
        if not scene.heard_in_time(before + sent):
            break
    attacker.story.add(f"the attacker sends {sent:,} bytes in step with the others")
    return sent


# ---- slow and fast ------------------------------------------------------
@row()
def dribble(scene: Scene) -> None:
    """A byte at a time."""
    attacker = scene.attacker()
    for _ in range(200):
        attacker.exchange(attacker.words(1), quiet=True)
    scene.story.add("the attacker sends 200 bytes, one by one, and hears each")
    attacker.stop_sending()
    hear_to_the_end(attacker, b"")


@row()
def connects_and_waits(scene: Scene) -> None:
    """Says nothing at all."""
    for attacker in scene.crowd(1 if scene.target.alone else 20):
        scene.company.mind(attacker)
    scene.company.must_talk()
    scene.rest()
    scene.leave()


@row()
def flood(scene: Scene) -> None:
    """Sends and reads as fast as it can."""
    attacker = scene.attacker()
    size = MEBIBYTE // 2 if scene.small else 4 * MEBIBYTE
    if scene.multi:
        flood_in_step(scene, attacker, size)
    else:
        attacker.exchange(attacker.words(size))
    if scene.target.alone:
        attacker.leave()
    scene.company.must_talk()
    scene.memory()


def flood_in_step(scene: Scene, attacker: Voice, size: int) -> None:
    """No faster than the bystanders hear, for the reason given above."""
    before, step = scene.company.heard_of_attackers(), 16 * 1024
    for sent in range(step, size + 1, step):
        attacker.exchange(attacker.words(step), quiet=True)
        if not scene.heard_in_time(before + sent, scene.deadline):
            scene.company.check()
            raise attacker.story.fail(f"the bystanders do not hear {sent:,} bytes of it")
    scene.story.add(f"all hear the attacker's {size:,} bytes")


# ---- many ---------------------------------------------------------------
def of_thousands(scene: Scene) -> float:
    """A thread's stack is 24 KiB by then, and the C library keeps 40 MiB of
    them; a connection is some KiB. In the chat each newcomer is announced to
    all who are there: two million notices, some of which wait."""
    if scene.target.threads_per_client:
        return 80.0
    return 100.0 if scene.target.speaks == "chat" else 24.0


@row(grows=of_thousands, options=("--max-connections", "4000"))
def thousands(scene: Scene) -> None:
    """Two thousand connections at once. select has no room for most: those
    are ended, which is an answer."""
    scene.company.pause()
    crowd, served = scene.crowd(THOUSANDS), THOUSANDS
    if scene.multi:
        for attacker in crowd:
            scene.company.mind(attacker)
        # In the chat each has heard of all who came after: read it while no
        # round's deadline runs.
        wait_until(scene.company.have_read, "what they heard to be read", deadline=60.0)
        scene.company.resume()
        served = sum(hears_or_ends(scene, attacker) for attacker in crowd)
    elif scene.target.backend == "select":
        served = sum(answers_or_ends(scene, attacker) for attacker in crowd)
    else:
        scene.all_served(crowd, [attacker.say(8, quiet=True) for attacker in crowd])
    scene.company.resume()
    scene.story.add(f"{served} of {THOUSANDS} are served, the others ended")
    assert served >= (900 if scene.target.backend == "select" else THOUSANDS), (
        scene.story.fail(f"only {served} of {THOUSANDS} are served"))
    scene.company.must_talk()
    scene.leave()


def answers_or_ends(scene: Scene, attacker: Voice) -> bool:
    """True when it hears its own words, false when it hears the end."""
    try:
        attacker.exchange(attacker.words(8), quiet=True)
    except StoryError as error:
        return is_end(scene, error)
    return True


def hears_or_ends(scene: Scene, attacker: Voice) -> bool:
    """True when it hears the bystanders, false when it hears the end."""
    scene.company.unmind(attacker)
    end = time.monotonic() + scene.deadline
    try:
        while not attacker.ended and not any(attacker.others.values()):
            attacker._more(end, "neither served nor ended")
    except StoryError as error:
        return is_end(scene, error)
    scene.company.mind(attacker)
    return not attacker.ended


def is_end(scene: Scene, error: StoryError) -> bool:
    """False, for one whom the server has ended; any other failure is one."""
    if not any(words in str(error) for words in ("reset", "Broken pipe", "too early")):
        scene.company.check()  # it may be why
        raise scene.story.fail(str(error))
    return False


@row(signals=True)
def descriptors_exhausted(scene: Scene) -> None:
    """More clients than the server may have descriptors."""
    limit, size = 32, 40
    scene.server.limit_descriptors(limit)
    scene.story.add(f"the server may have {limit} descriptors")
    places = limit - scene.server.descriptors()
    crowd = scene.crowd(size)
    scene.company.pause()
    said = [attacker.say(8, quiet=True) for attacker in crowd]
    scene.company.resume()
    held, waiting = crowd[:places], crowd[places:]
    scene.all_served(held, said[:places])
    for attacker in crowd:
        scene.company.mind(attacker)
    scene.company.must_talk()
    scene.rest()
    for attacker in waiting:
        scene.company.unmind(attacker)
    scene.leave(*held)
    scene.all_served(waiting, said[places:])
    scene.server.limit_descriptors(1024)


@row(signals=True)
def stop_continue(scene: Scene) -> None:
    """Fifty connections and their words are there when the server wakes."""
    scene.company.pause()
    scene.freeze()
    crowd = scene.crowd(50)
    said = [attacker.say(8, quiet=True) for attacker in crowd]
    scene.thaw()
    scene.all_served(crowd, said)
    scene.leave()
    scene.company.resume()


# In the chat everybody there is told of each who comes and goes.
@row(grows=lambda scene: 16.0 if scene.target.speaks == "chat" else 4.0)
def connect_storm(scene: Scene) -> None:
    """Four threads connect and leave, two hundred times each."""
    errors: list[StoryError] = []

    def storm(number: int) -> None:
        try:
            for n in range(200):
                client = Client(scene.server.address, f"storm {number}", None,
                                scene.target.buffers, scene.deadline)
                client.reset() if n % 4 == 0 else client.leave()
        except StoryError as error:
            errors.append(error)

    threads = [threading.Thread(target=storm, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    scene.story.add("four threads connect and leave 200 times each")


# ---- odd ----------------------------------------------------------------
@row()
def urgent_byte(scene: Scene) -> None:
    """A byte out of band, which read() never returns."""
    attacker = scene.attacker()
    attacker.exchange(attacker.words(10))
    attacker.shout(attacker.words(1))
    scene.company.mind(attacker)
    if not scene.target.alone:
        scene.company.must_talk()
    scene.rest()
    scene.company.unmind(attacker)
    said = attacker.say(10)
    if scene.multi:
        scene.all_served([attacker], [said])
    else:
        attacker.hear(said)
    attacker.stop_sending()
    attacker.hear_end()


@row(signals=True)
def reset_before_accept(scene: Scene) -> None:
    """Connections that are dead before the server has seen them."""
    scene.freeze()
    for _ in range(20):
        scene.attacker(quiet=True).reset()
    scene.story.add("20 attackers connect and reset")
    scene.thaw()


@row()
def idle_cpu(scene: Scene) -> None:
    """Fifty clients that have talked and now say nothing."""
    crowd = scene.crowd(1 if scene.target.alone else 50)
    scene.company.pause()
    scene.all_served(crowd, [attacker.say(8, quiet=True) for attacker in crowd])
    scene.rest(1.0)
    scene.leave()
    scene.company.resume()
