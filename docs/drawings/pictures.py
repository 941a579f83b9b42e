"""The drawings of the book: each function draws one picture or one comic.

The clerk with the cap is our program's thread; the one with the pillbox hat
and the bow tie is the kernel; the others are clients.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pen import Pen

CLERK = {"c": "ink", "hat": "cap"}
KERNEL = {"c": "muted", "hat": "pillbox"}
COLOUR = {"A": "accent", "B": "signal", "C": "third", "D": "green", "E": "red", "F": "muted"}


@dataclass
class Panel:
    width: int
    height: int
    says: str  # what is to be seen, for those who cannot see it
    draw: Callable[[Pen], None]


@dataclass
class Drawing:
    title: str
    panels: list[Panel]  # a comic has a frame around each of several


def client(pen: Pen, name: str, x: float, y: float, mood: str = "ok", s: float = 1, **more) -> None:
    pen.person(x, y, COLOUR[name], mood, s, name, **more)


# ---- the front page: one loop, many clients, a clock ------------------------


def hero_scene(pen: Pen) -> None:
    cx, cy = 350, 262
    for x, y, name, mood in (
        (96, 84, "A", "happy"),
        (48, 244, "B", "sleep"),
        (606, 84, "E", "ok"),
        (654, 244, "C", "happy"),
        (104, 384, "D", "ok"),
        (598, 384, "F", "happy"),
    ):
        client(pen, name, x, y, mood)
    pen.sleeping(76, 222, "signal")
    # The counter, round, with the clerk inside and the clock above.
    ring = pen.round_path(cx, cy, 208, 172, 0, 360)
    pen.fill(ring, "muted")
    pen.ellipse(cx, cy, 208, 172, w=2.6)
    pen.fill(pen.round_path(cx, cy, 164, 130, 0, 360), "paper")
    pen.ellipse(cx, cy, 164, 130, w=2.4)
    # Round the clerk goes the loop.
    for start in (-62, 58, 178):
        pen.loop_arrow(cx, cy + 6, 122, 92, start, start + 66)
    pen.person(cx, cy - 34, mood="happy", hands=((-32, 22), (34, 18)), **CLERK)
    pen.envelope(cx + 30, cy - 38, "signal", 0.9)
    # What the kernel has laid on the counter.
    pen.envelope(188, 166, "accent")
    pen.envelope(484, 166, "red")
    pen.envelope(518, 262, "third")
    pen.envelope(508, 280, "third")
    pen.clock(cx, 64, 46, 312, 62)
    pen.text(cx - 66, 50, "tick", 28, "signal", "end")
    pen.text(cx + 66, 50, "tick", 28, "signal", "start")
    pen.arc(cx, 64, 56, 56, 200, 232, "signal", 1.6)
    pen.arc(cx, 64, 56, 56, 308, 340, "signal", 1.6)
    pen.text(cx, 482, "one thread, one loop, everybody served", 27, "muted")


# ---- 01: the waiting room ----------------------------------------------------


def shop(pen: Pen) -> None:
    """A customer thinking, and a clerk behind a counter."""
    pen.floor(262)
    pen.person(258, 172, legs=False, **CLERK)
    pen.counter(226, 218, 62)
    client(pen, "A", 190, 178, "ok", hands=((-24, 46), (12, 12)))


def one_customer(pen: Pen) -> None:
    shop(pen)
    pen.shape((108, 262), (108, 122), (146, 108), (146, 248), c="muted", w=1.8)  # a door
    pen.ellipse(138, 182, 2, 2, c="muted", w=2)
    client(pen, "B", 50, 178, "ok")
    pen.bubble(110, 44, "let me think…", (182, 150))
    pen.bubble(242, 82, "of course", (258, 142))


def kernel_takes_letters(pen: Pen) -> None:
    shop(pen)
    pen.bubble(206, 100, "hm…", (192, 150))
    client(pen, "C", 76, 190, "happy", 0.86)
    client(pen, "B", 36, 178, "happy")
    pen.person(124, 178, hands=((-22, 40), (22, 40)), **KERNEL)
    pen.envelope(109, 208, "signal", 0.8)
    pen.envelope(116, 217, "third", 0.8)
    pen.bubble(120, 18, "connected! And my question\nis in. Any moment now!", (40, 150), 19)


def clerk_each(pen: Pen) -> None:
    pen.floor(262)
    for name, x, mood in (("A", 36, "ok"), ("B", 126, "happy"), ("C", 216, "happy")):
        pen.person(x + 42, 188, s=0.82, legs=False, **CLERK)
        pen.counter(x + 21, 222, 44, 40)
        client(pen, name, x, 194, mood, 0.82, hands=((-20, 44), (20, 34)))
    pen.bubble(64, 104, "still\nthinking…", (38, 170), 19)
    pen.bubble(204, 60, "one clerk each:\nnobody waits!", (216, 168))


def wage_bill(pen: Pen) -> None:
    pen.floor(262)
    for row, (y, s) in enumerate(((152, 0.62), (184, 0.76))):
        for k in range(4):
            pen.person(150 + k * 37 + row * 2, y, mood="sleep", s=s, **CLERK)
    pen.sleeping(196, 132)
    pen.sleeping(256, 132)
    pen.person(42, 176, "third", "wow", hands=((-22, 44), (34, 30)))
    pen.shape((68, 158), (122, 154), (126, 256), (104, 261), (86, 252), (72, 260), fill="paper")
    for k in range(4):
        pen.line((78, 174 + k * 15), (113, 172 + k * 15), c="muted", w=1.5)
    pen.text(99, 244, "a lot!", 20, "red")
    pen.bubble(126, 22, "a thousand clerks, all paid\nto wait for somebody", (48, 146), 19)


# ---- 02: are we there yet? -----------------------------------------------------


def running(pen: Pen, x: float, y: float, mood: str = "ok", s: float = 1) -> None:
    """The clerk at a run, from left to right."""
    pen.line((x - 2 * s, y + 60 * s), (x - 16 * s, y + 74 * s), (x - 34 * s, y + 66 * s), c="ink", w=2)
    pen.line((x + 2 * s, y + 60 * s), (x + 20 * s, y + 70 * s), (x + 14 * s, y + 86 * s), c="ink", w=2)
    pen.person(x, y, mood=mood, s=s, legs=False, hands=((-30, 34), (30, 26)), **CLERK)
    for k in range(3):
        pen.line((x - (46 + 6 * k) * s, y + k * 16), (x - (66 + 6 * k) * s, y + 1 + k * 16), c="muted", w=1.6)


def asks_a(pen: Pen) -> None:
    pen.floor(262)
    running(pen, 108, 176)
    client(pen, "A", 196, 178)
    client(pen, "B", 256, 178)
    pen.bubble(96, 74, "anything?", (110, 146))
    pen.bubble(206, 96, "no.", (198, 150))
    pen.text(20, 44, "round 1", 21, "muted", "start")


def asks_b(pen: Pen) -> None:
    pen.floor(262)
    client(pen, "A", 40, 178)
    running(pen, 158, 176)
    client(pen, "B", 246, 178)
    pen.bubble(142, 74, "anything?", (160, 146))
    pen.bubble(254, 96, "no.", (248, 150))
    pen.text(20, 44, "still round 1", 21, "muted", "start")


def asks_for_ever(pen: Pen) -> None:
    pen.floor(262)
    client(pen, "A", 34, 178, "sleep")
    running(pen, 138, 180, "sad")
    pen.bubble(124, 74, "any… thing?", (140, 148))
    client(pen, "B", 214, 178, "sleep")
    # A thermometer for the core.
    pen.ellipse(264, 242, 13, 13, c="red", fill="red")
    pen.rect(257, 120, 14, 112, c="red", fill="red", sw=1.8)
    pen.text(256, 84, "CPU", 19, "red")
    pen.text(256, 106, "100 %", 21, "red")
    pen.text(20, 44, "round 4,000,000", 21, "muted", "start")
    for x, y in ((166, 160), (173, 174), (166, 188)):
        pen.line((x, y), (x + 3, y + 8), c="accent", w=1.8, rough=0.4)


# ---- 03: the bell --------------------------------------------------------------


def mailboxes(pen: Pen, letters: int, flag: bool) -> None:
    for k, name in enumerate("ABC"):
        y = 118 + k * 46
        pen.rect(126, y, 52, 34, c="ink", sw=1.9)
        pen.text(112, y + 25, name, 22, COLOUR[name])
        if name == "B":
            for n in range(letters):
                pen.envelope(132 + n * 10, y + 5 + n * 6, "signal", 0.82)
            if flag:
                pen.line((179, y + 28), (179, y - 4), c="red", w=2.4)
                pen.shape((179, y - 4), (197, y + 1), (179, y + 9), c="red", fill="red", w=1.8)


def asks_once(pen: Pen) -> None:
    pen.floor(262)
    mailboxes(pen, 0, False)
    pen.person(56, 178, hands=((-22, 46), (24, 34)), **CLERK)
    pen.person(242, 178, hands=((-26, 36), (22, 46)), **KERNEL)
    pen.bubble(110, 20, "wake me when a box\nhas something in it", (60, 148))
    pen.bubble(250, 92, "sure.", (244, 142))


def sleeps(pen: Pen) -> None:
    pen.floor(262)
    mailboxes(pen, 2, False)
    asleep(pen)
    pen.sleeping(78, 146)
    pen.person(248, 178, **KERNEL)
    pen.text(216, 48, "hi there!", 23, "signal")
    pen.arrow((222, 60), (224, 150), (186, 176), "signal")


def asleep(pen: Pen) -> None:
    """The clerk in a chair."""
    pen.line((24, 170), (28, 234), (74, 234), (76, 262), c="muted", w=2.2)
    pen.line((28, 234), (28, 262), c="muted", w=2.2)
    pen.line((54, 226), (78, 232), (82, 260), c="ink", w=2)
    pen.person(50, 166, mood="sleep", legs=False, hands=((-16, 52), (14, 52)), **CLERK)


def bell(pen: Pen, x: float, y: float, rings: bool = True) -> None:
    pen.shape(
        (x - 5, y - 14), (x + 5, y - 14), (x + 11, y + 3), (x + 16, y + 8), (x - 16, y + 8), (x - 11, y + 3),
        c="signal", fill="signal",
    )  # fmt: skip
    pen.ellipse(x, y + 12, 3, 3, c="signal", w=2)
    if rings:
        pen.arc(x, y, 22, 22, 160, 215, "signal", 1.6)
        pen.arc(x, y, 22, 22, -35, 20, "signal", 1.6)


def rings(pen: Pen) -> None:
    pen.floor(262)
    mailboxes(pen, 2, True)
    pen.person(56, 178, mood="wow", hands=((-26, 20), (26, 20)), **CLERK)
    pen.person(236, 178, mood="happy", hands=((-23, 47), (28, -18)), **KERNEL)
    bell(pen, 265, 142)
    pen.bubble(222, 28, "B has something!", (232, 142))
    pen.text(58, 144, "!", 34, "red")


def rings_again(pen: Pen) -> None:
    pen.floor(262)
    mailboxes(pen, 1, True)
    pen.person(56, 178, mood="happy", hands=((-22, 46), (30, 26)), **CLERK)
    pen.envelope(76, 186, "signal", 0.82)
    pen.person(236, 178, mood="happy", hands=((-23, 47), (28, -18)), **KERNEL)
    bell(pen, 265, 142)
    pen.bubble(76, 78, "got one!", (58, 148))
    pen.bubble(206, 18, "B still has something", (232, 142))


# ---- 04: the coat check ----------------------------------------------------------


def coat(pen: Pen, x: float, y: float, c: str, s: float = 1) -> None:
    """Hangs from (x, y)."""
    pen.shape(
        (x - 8 * s, y), (x + 8 * s, y), (x + 24 * s, y + 12 * s), (x + 18 * s, y + 36 * s), (x + 13 * s, y + 30 * s),
        (x + 16 * s, y + 66 * s), (x - 16 * s, y + 66 * s), (x - 13 * s, y + 30 * s), (x - 18 * s, y + 36 * s),
        (x - 24 * s, y + 12 * s), c=c, fill=c,
    )  # fmt: skip
    pen.line((x - 8 * s, y), (x, y + 10 * s), (x + 8 * s, y), c=c, w=1.5, rough=0.5)


def hooks(pen: Pen, colour: str = "", name: str = "", x: float = 96, y: float = 84) -> None:
    """Three of them on a rail that begins at (x, y); on the last a coat."""
    pen.line((x, y), (x + 110, y), c="ink", w=2.4)
    for k in range(3):
        pen.arc(x + 18 + k * 37, y + 6, 5, 7, -90, 110, "ink", 1.9)
        pen.text(x + 18 + k * 37, y - 8, str(k + 1), 20, "muted")
    if colour:
        coat(pen, x + 92, y + 13, colour)
        pen.text(x + 92, y + 54, name, 22, colour)


def tag_at(pen: Pen, x: float, y: float, text: str) -> None:
    w = len(text) * 9.4 + 22
    points = ((x - w / 2, y), (x - w / 2 + 9, y - 13), (x + w / 2, y - 13), (x + w / 2, y + 13), (x - w / 2 + 9, y + 13))
    pen.fill("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points) + "z", "paper")
    pen.shape(*points, c="ink", w=1.8)
    pen.text(x + 4, y + 7, text, 20)


def cloakroom(pen: Pen, clerk_mood: str = "ok") -> None:
    pen.floor(262)
    pen.person(56, 172, mood=clerk_mood, legs=False, hands=((-22, 44), (26, 32)), **CLERK)
    pen.counter(24, 218, 130)


def coat_given(pen: Pen) -> None:
    hooks(pen, "signal", "B")
    cloakroom(pen)
    client(pen, "B", 236, 178, "happy", hands=((-30, 30), (23, 47)))
    pen.bubble(108, 14, "hook 3. Here is your tag", (64, 142), 19)
    tag_at(pen, 188, 210, "3")


def coat_reused(pen: Pen) -> None:
    hooks(pen, "green", "D")
    cloakroom(pen)
    client(pen, "D", 236, 178, "happy", hands=((-30, 30), (23, 47)))
    pen.bubble(136, 14, "B has left. Hook 3 is yours now", (64, 142), 19)
    tag_at(pen, 188, 210, "3")


def coat_stolen(pen: Pen) -> None:
    hooks(pen, x=24, y=100)
    cloakroom(pen, "happy")
    client(pen, "E", 190, 178, "ok", hands=((-26, 34), (26, 38)))
    coat(pen, 228, 194, "green", 0.9)
    client(pen, "D", 270, 178, "wow", 0.9, hands=((-10, 6), (12, 6)))
    pen.bubble(176, 16, "B’s tag, a bit late:\nhook 3, please", (188, 150), 19)
    pen.text(250, 136, "my coat!", 21, "green")
    tag_at(pen, 146, 208, "3")


def coat_refused(pen: Pen) -> None:
    hooks(pen, "green", "D", x=120, y=104)
    tag_at(pen, 212, 184, "3·2")
    cloakroom(pen)
    client(pen, "E", 258, 178, "sad", hands=((-26, 40), (23, 47)))
    pen.bubble(100, 14, "hook 3, guest 1?\nThat guest has left", (62, 142), 19)
    tag_at(pen, 208, 222, "3·1")


# ---- 05: rung once -----------------------------------------------------------------


def asks_for_news(pen: Pen) -> None:
    pen.floor(262)
    mailboxes(pen, 0, False)
    pen.person(56, 178, hands=((-22, 46), (24, 34)), **CLERK)
    pen.person(242, 178, hands=((-26, 36), (22, 46)), **KERNEL)
    pen.bubble(104, 20, "ring when a letter\ncomes, and only then", (60, 148))
    pen.bubble(240, 92, "only then.", (244, 142))


def rings_once(pen: Pen) -> None:
    pen.floor(262)
    mailboxes(pen, 2, False)
    pen.person(56, 178, mood="happy", hands=((-22, 46), (24, 34)), **CLERK)
    pen.person(236, 178, mood="happy", hands=((-23, 47), (28, -18)), **KERNEL)
    bell(pen, 265, 142)
    pen.bubble(206, 22, "letters for B have come!", (232, 142))
    pen.bubble(66, 84, "I’ll take one", (58, 148), 19)


def never_again(pen: Pen) -> None:
    pen.floor(262)
    mailboxes(pen, 1, False)
    asleep(pen)
    pen.sleeping(78, 146)
    pen.person(242, 178, **KERNEL)
    pen.bubble(226, 92, "no news.", (240, 142))
    pen.text(150, 48, "and one letter for B,", 21, "muted")
    pen.text(150, 72, "until another one comes", 21, "muted")


def hands_the_bell_back(pen: Pen) -> None:
    pen.floor(262)
    mailboxes(pen, 1, False)
    pen.person(46, 178, mood="happy", hands=((-22, 46), (32, 26)), **CLERK)
    bell(pen, 82, 218, rings=False)
    pen.person(242, 178, mood="happy", hands=((-48, 24), (22, 46)), **KERNEL)
    pen.bubble(100, 18, "here is the bell again", (50, 148))
    pen.bubble(196, 76, "let me see: B has one!", (240, 142), 19)


# ---- the loop, as a diagram --------------------------------------------------------


def loop_scene(pen: Pen) -> None:
    pen.rect(206, 20, 228, 118, c="accent", fill="accent")
    pen.person(262, 62, mood="sleep", s=0.86, hands=((-16, 50), (16, 50)), **CLERK)
    pen.sleeping(294, 70, "ink")
    pen.text(368, 76, "wait", 32, "accent")
    pen.text(366, 104, "asleep until\nthe bell rings", 19, "muted")
    pen.rect(400, 256, 216, 124, c="signal", fill="signal")
    pen.text(508, 294, "events", 32, "signal")
    pen.text(508, 326, "A can be read,\nC can be written to", 21)
    pen.rect(24, 256, 216, 124, c="third", fill="third")
    pen.text(132, 294, "handlers", 32, "third")
    pen.text(132, 326, "read A, write to C,\nnever wait in here", 21)
    pen.arrow((440, 92), (560, 120), (532, 244), w=2.6)
    pen.text(504, 190, "who is ready?", 22, "ink", "end")
    pen.arrow((390, 340), (320, 382), (252, 340), w=2.6)
    pen.text(320, 396, "one after\nthe other", 22, "ink")
    pen.arrow((104, 244), (80, 120), (198, 92), w=2.6)
    pen.text(136, 190, "and again", 22, "ink", "start")
    pen.clock(320, 224, 36, 312, 62)
    pen.text(320, 286, "tick", 24, "signal")


# ---- 06: the round at the end -------------------------------------------------


def note(pen: Pen, x: float, y: float, names: str) -> None:
    """The clerk's list."""
    h = 22 + 22 * len(names)
    pen.shape((x, y), (x + 46, y), (x + 46, y + h), (x, y + h), fill="paper", w=1.8)
    for k, name in enumerate(names):
        pen.text(x + 23, y + 27 + 22 * k, name, 21, COLOUR[name])


def runs_at_once(pen: Pen) -> None:
    pen.floor(262)
    for name, x, mood in (("A", 40, "happy"), ("B", 106, "ok"), ("C", 256, "wow")):
        client(pen, name, x, 178, mood)
    pen.person(176, 178, mood="wow", hands=((-30, 14), (26, 40)), **CLERK)
    pen.envelope(126, 186, "accent", 0.8)
    pen.bubble(118, 14, "A said hi! One for A, one\nfor B, one for C, and back…", (174, 150), 19)
    pen.bubble(238, 84, "me too: ho!", (256, 150), 19)


def takes_notes(pen: Pen) -> None:
    pen.floor(262)
    for name, x in (("A", 40), ("B", 106), ("C", 256)):
        client(pen, name, x, 178, "happy")
    pen.person(176, 178, hands=((-22, 40), (22, 30)), **CLERK)
    note(pen, 190, 196, "AC")
    pen.bubble(66, 40, "hi", (42, 150))
    pen.bubble(250, 40, "ho", (256, 150))
    pen.bubble(150, 84, "noted… noted…", (174, 148), 19)


def goes_round(pen: Pen) -> None:
    pen.floor(262)
    pen.clock(252, 64, 38, 312, 62)
    pen.text(196, 54, "tick", 26, "signal")
    for name, x in (("A", 40), ("B", 106)):
        client(pen, name, x, 178, "happy")
        pen.envelope(x - 14, 226, "accent", 0.8)
    client(pen, "C", 256, 178, "happy")
    pen.person(188, 178, mood="happy", hands=((-26, 34), (34, 34)), **CLERK)
    pen.envelope(206, 206, "accent", 0.8)
    pen.bubble(104, 84, "“hi, ho”, once each", (180, 148), 19)


def asks_the_sleepers(pen: Pen) -> None:
    pen.floor(262)
    for row, (y, s) in enumerate(((128, 0.5), (160, 0.62))):
        for k in range(4):
            client(pen, "F", 108 + k * 38 + row * 8, y, "sleep", s)
    pen.sleeping(240, 92)
    pen.person(62, 196, mood="sad", s=0.78, hands=((-22, 44), (30, 8)), **CLERK)
    client(pen, "A", 268, 194, "ok", 0.8)
    pen.bubble(128, 14, "you? no. You? no. You?…", (66, 168), 19)


# ---- what there is ---------------------------------------------------------------------


def comic(title: str, *panels: tuple[str, Callable[[Pen], None]]) -> Drawing:
    return Drawing(title, [Panel(300, 284, says, draw) for says, draw in panels])


DRAWINGS = {
    "hero": Drawing(
        "One loop, many clients, a clock that ticks",
        [
            Panel(
                700, 500,
                "A clerk with a cap stands inside a round counter. Six clients stand around it,"
                " one of them asleep; letters lie on the counter. Arrows lead round and round the"
                " clerk. Above hangs a clock: tick, tick. Below it says: one thread, one loop,"
                " everybody served.",
                hero_scene,
            )
        ],
    ),  # fmt: skip
    "waiting-room": comic(
        "The waiting room",
        (
            "At the counter customer A says: let me think. The clerk says: take your time."
            " B stands outside, in front of an open door.",
            one_customer,
        ),
        (
            "A is still thinking. Outside, the kernel, a porter with a pillbox hat, has taken two"
            " letters from B and C. They wait happily, and B says: connected! And my question is in."
            " Any moment now!",
            kernel_takes_letters,
        ),
        (
            "Three counters, three clerks, a customer at each. A is still thinking; C says: one"
            " clerk each, nobody waits!",
            clerk_each,
        ),
        (
            "The owner holds a long bill in front of rows of sleeping clerks: a thousand clerks,"
            " all paid to wait for somebody.",
            wage_bill,
        ),
    ),
    "are-we-there-yet": comic(
        "Are we there yet?",
        ("Round 1. The clerk runs up to A and asks: anything? A says: no.", asks_a),
        ("Still round 1. The clerk runs on to B: anything? B says: no.", asks_b),
        (
            "Round four million. The clerk, worn out, still runs and asks: any... thing? A and B"
            " have fallen asleep. A thermometer shows the CPU at 100 %.",
            asks_for_ever,
        ),
    ),
    "bell": comic(
        "The bell",
        (
            "Between the clerk and the kernel, a porter with a pillbox hat, are the mailboxes of A,"
            " B and C. The clerk says: wake me when a box has something in it. The kernel: sure.",
            asks_once,
        ),
        ("The clerk sleeps in a chair. Two letters for B drop into its box.", sleeps),
        ("The kernel rings a bell: B has something! B’s flag is up. The clerk is awake.", rings),
        (
            "The clerk has taken one of the two letters: got one! The kernel rings at once, because"
            " the flag is still up: B still has something.",
            rings_again,
        ),
    ),
    "told-once": comic(
        "Told once",
        (
            "The clerk says to the kernel, a porter with a pillbox hat: ring when a letter comes, and"
            " only then. The kernel: only then. The mailboxes of A, B and C are empty.",
            asks_for_news,
        ),
        (
            "Two letters lie in B’s box. The kernel rings a bell: letters for B have come! The clerk:"
            " I’ll take one.",
            rings_once,
        ),
        (
            "One letter is still in B’s box. The clerk sleeps in a chair, and the kernel stands by:"
            " no news. One letter for B, until another one comes.",
            never_again,
        ),
        (
            "The clerk hands the bell to the kernel: here is the bell again. The kernel looks into the"
            " boxes: let me see, B has one!",
            hands_the_bell_back,
        ),
    ),
    "rounds": comic(
        "The round at the end",
        (
            "A has said hi. The clerk is on the run with letters: one for A, one for B, one for C,"
            " and back. C calls: me too, ho!",
            runs_at_once,
        ),
        (
            "A says hi, C says ho. The clerk stands still and writes A and C on a list: noted, noted.",
            takes_notes,
        ),
        (
            "A clock strikes: tick. The clerk goes round, and A, B and C have a letter each: hi, ho,"
            " once each.",
            goes_round,
        ),
        (
            "Another clerk has no list. It walks along rows of people who are asleep and asks each of"
            " them: you? No. You? No. You? Far away stands A, who has said something.",
            asks_the_sleepers,
        ),
    ),
    "coat-check": comic(
        "The coat check",
        ("B’s coat hangs on hook 3. The clerk gives B a tag: 3.", coat_given),
        ("B has left. D’s coat hangs on hook 3 now, and D gets a tag: 3.", coat_reused),
        (
            "E comes: B’s tag, a bit late, hook 3, please. And walks away with the coat that hung on"
            " hook 3, which is D’s. D cries: my coat!",
            coat_stolen,
        ),
        (
            "The same once more, with tags that also count the guests of a hook. D’s coat says"
            " 3·2, E’s old tag 3·1. The clerk: hook 3, guest 1? That guest has left.",
            coat_refused,
        ),
    ),
    "one-loop": Drawing(
        "One loop",
        [
            Panel(
                640, 440,
                "A circle of three boxes. Wait: asleep until the bell rings. An arrow, who is ready,"
                " leads to events: A can be read, C can be written to. An arrow, one after the"
                " other, leads to handlers: read A, write to C, never wait in here. An arrow, and"
                " again, leads back to wait.",
                loop_scene,
            )
        ],
    ),  # fmt: skip
}
