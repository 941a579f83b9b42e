"""The drawings of the book: each function draws one picture or one comic.

The clerk with the cap is our program's thread; the one with the pillbox hat
and the bow tie is the kernel; the others are clients.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pen import Pen

CLERK = {"c": "accent", "hat": "cap"}
KERNEL = {"c": "muted", "hat": "pillbox"}
COLOUR = {"A": "accent", "B": "signal", "C": "third", "D": "green", "E": "red"}


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
        (92, 96, "A", "happy"),
        (52, 268, "B", "sleep"),
        (608, 92, "E", "ok"),
        (650, 264, "C", "happy"),
    ):
        client(pen, name, x, y, mood)
    pen.sleeping(80, 244, "signal")
    # The counter, round, with the clerk and the clock inside.
    pen.ellipse(cx, cy, 205, 168, fill="muted", w=2.6)
    pen.fill(pen.round_path(cx, cy, 172, 137, 0, 360), "paper")
    pen.ellipse(cx, cy, 172, 137, w=2.2)
    client(pen, "D", 148, 372, "ok", hands=((-23, 47), (36, 30)))
    client(pen, "A", 552, 372, "happy", hands=((-36, 30), (23, 47)))
    # Round the clerk goes the loop.
    for start, end in ((20, 88), (140, 208), (260, 328)):
        pen.arc(cx, cy + 8, 140, 104, start, end, c="accent", w=2.6)
    pen.arrowhead(354.9, 373.9, 182, "accent", 1.8, 14)
    pen.arrowhead(226.4, 221.2, 300, "accent", 1.8, 14)
    pen.arrowhead(468.7, 214.9, 60, "accent", 1.8, 14)
    pen.person(cx, cy + 2, mood="happy", hands=((-32, 22), (34, 18)), **CLERK)
    pen.envelope(cx + 30, cy - 2, "signal", 0.9)
    # What the kernel has laid on the counter.
    pen.envelope(176, 180, "accent")
    pen.envelope(497, 180, "red")
    pen.envelope(528, 268, "third")
    pen.envelope(519, 284, "third")
    pen.clock(cx, 60, 44, 312, 62)
    pen.text(cx - 62, 52, "tick", 27, "signal", "end")
    pen.text(cx + 62, 52, "tick", 27, "signal", "start")
    pen.arc(cx, 60, 54, 54, 200, 232, "signal", 1.6)
    pen.arc(cx, 60, 54, 54, 308, 340, "signal", 1.6)
    pen.text(cx, 466, "one thread, one loop, everybody served", 26, "muted")


# ---- 01: the waiting room ----------------------------------------------------


def shop(pen: Pen, x: float = 192) -> None:
    """A counter with a customer's side and a door that stands open."""
    pen.floor(262)
    pen.line((92, 262), (92, 118), (136, 104), (136, 246), (92, 262), c="muted", w=1.8)
    pen.ellipse(128, 178, 2, 2, c="muted", w=2)
    pen.person(x + 68, 172, legs=False, **CLERK)
    pen.counter(x + 36, 218, 62)


def one_customer(pen: Pen) -> None:
    shop(pen)
    client(pen, "A", 178, 178, "ok", hands=((-24, 46), (12, 12)))
    client(pen, "B", 46, 178, "ok")
    pen.bubble(120, 40, "let me think…", (176, 150))
    pen.bubble(230, 86, "take your time", (258, 138))


def kernel_takes_letters(pen: Pen) -> None:
    shop(pen)
    client(pen, "A", 178, 178, "ok", hands=((-24, 46), (12, 12)))
    pen.bubble(182, 96, "hm…", (180, 150))
    client(pen, "B", 26, 186, "happy", 0.9)
    client(pen, "C", 68, 194, "happy", 0.8)
    pen.bubble(104, 16, "the door was open, and my\nquestion is in. Any moment now!", (34, 158), 19)
    pen.envelope(100, 213, "signal", 0.8)
    pen.envelope(106, 203, "third", 0.8)
    pen.rect(96, 230, 42, 8, c="muted", fill="paper", sw=1.8)
    pen.text(118, 256, "unread", 18, "muted")


def clerk_each(pen: Pen) -> None:
    pen.floor(262)
    for name, x, mood in (("A", 34, "ok"), ("B", 128, "happy"), ("C", 222, "happy")):
        pen.person(x + 46, 180, s=0.9, legs=False, **CLERK)
        pen.counter(x + 22, 220, 48, 42)
        client(pen, name, x, 187, mood, 0.9, hands=((-20, 44), (18, 34)))
    pen.bubble(62, 98, "still\nthinking…", (36, 162), 19)
    pen.bubble(202, 66, "one clerk each:\nnobody waits!", (222, 160))


def wage_bill(pen: Pen) -> None:
    pen.floor(262)
    for row, (y, s) in enumerate(((150, 0.62), (182, 0.78))):
        for k in range(4):
            pen.person(152 + k * 38 + row * 6 - 8, y, mood="sleep", s=s, **CLERK)
    pen.sleeping(198, 124, "accent")
    pen.sleeping(262, 124, "accent")
    pen.person(40, 172, "ink", "wow", 1.06, hands=((-22, 44), (32, 28)))
    pen.shape((66, 154), (122, 150), (128, 258), (104, 262), (86, 252), (70, 260), fill="paper")
    for k in range(5):
        pen.line((76, 170 + k * 15), (114, 168 + k * 15), c="muted", w=1.5)
    pen.text(97, 252, "Σ !!", 20, "red")
    pen.bubble(150, 38, "a thousand clerks, all paid\nto wait for somebody", (48, 142), 19)


# ---- 02: are we there yet? -----------------------------------------------------


def running(pen: Pen, x: float, y: float, mood: str = "ok", s: float = 1) -> None:
    """The clerk at a run, from left to right."""
    pen.line((x - 2 * s, y + 60 * s), (x - 16 * s, y + 74 * s), (x - 34 * s, y + 66 * s), c="accent", w=2)
    pen.line((x + 2 * s, y + 60 * s), (x + 20 * s, y + 70 * s), (x + 14 * s, y + 86 * s), c="accent", w=2)
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
    client(pen, "A", 38, 178, "sleep")
    running(pen, 128, 180, "sad")
    pen.bubble(104, 74, "any… thing?", (128, 148))
    client(pen, "B", 208, 178, "sleep")
    # A thermometer for the core.
    pen.ellipse(264, 242, 13, 13, c="red", fill="red")
    pen.rect(257, 120, 14, 112, c="red", fill="red", sw=1.8)
    pen.text(256, 84, "CPU", 19, "red")
    pen.text(256, 106, "100 %", 21, "red")
    pen.text(20, 44, "round 4,000,000", 21, "muted", "start")
    for dx, dy in ((154, 170), (160, 184)):
        pen.line((dx, dy), (dx + 4, dy + 8), c="accent", w=1.8, rough=0.4)


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
    pen.person(248, 178, hands=((-26, 36), (22, 46)), **KERNEL)
    pen.bubble(110, 20, "wake me when a box\nhas something in it", (60, 148))
    pen.bubble(254, 92, "sure.", (250, 142))


def sleeps(pen: Pen) -> None:
    pen.floor(262)
    mailboxes(pen, 2, False)
    asleep(pen)
    pen.sleeping(66, 148, "accent")
    pen.person(248, 178, **KERNEL)
    pen.text(214, 48, "hi there!", 22, "signal")
    pen.arrow((176, 58), (142, 84), (152, 156), "signal")
    pen.text(20, 44, "…", 26, "muted", "start")


def asleep(pen: Pen) -> None:
    """The clerk in a chair."""
    pen.line((26, 170), (30, 232), (76, 232), (78, 262), c="ink", w=2.2)
    pen.line((30, 232), (30, 262), c="ink", w=2.2)
    pen.line((54, 226), (78, 232), (82, 260), c="accent", w=2)
    pen.person(50, 166, mood="sleep", legs=False, hands=((-16, 52), (14, 52)), **CLERK)


def bell(pen: Pen, x: float, y: float) -> None:
    pen.shape(
        (x - 5, y - 14), (x + 5, y - 14), (x + 11, y + 3), (x + 16, y + 8), (x - 16, y + 8), (x - 11, y + 3),
        c="signal", fill="signal",
    )  # fmt: skip
    pen.ellipse(x, y + 12, 3, 3, c="signal", w=2)
    pen.arc(x, y, 26, 24, 150, 215, "signal", 1.6)
    pen.arc(x, y, 26, 24, -35, 30, "signal", 1.6)


def rings(pen: Pen) -> None:
    pen.floor(262)
    mailboxes(pen, 2, True)
    pen.person(56, 178, mood="wow", hands=((-26, 20), (26, 20)), **CLERK)
    pen.person(248, 178, mood="happy", hands=((-23, 47), (20, -22)), **KERNEL)
    bell(pen, 268, 140)
    pen.bubble(222, 28, "B has something!", (242, 140))
    pen.text(66, 130, "!", 34, "accent")


def rings_again(pen: Pen) -> None:
    pen.floor(262)
    mailboxes(pen, 1, True)
    pen.person(56, 178, mood="happy", hands=((-22, 46), (30, 26)), **CLERK)
    pen.envelope(76, 186, "signal", 0.82)
    pen.person(248, 178, mood="happy", hands=((-23, 47), (20, -22)), **KERNEL)
    bell(pen, 268, 140)
    pen.bubble(76, 78, "got one!", (58, 148))
    pen.bubble(206, 18, "B still has something", (244, 138))


# ---- 04: the coat check ----------------------------------------------------------


def coat(pen: Pen, x: float, y: float, c: str, s: float = 1) -> None:
    """Hangs from (x, y)."""
    pen.shape(
        (x - 8 * s, y), (x + 8 * s, y), (x + 24 * s, y + 12 * s), (x + 18 * s, y + 36 * s), (x + 13 * s, y + 30 * s),
        (x + 16 * s, y + 66 * s), (x - 16 * s, y + 66 * s), (x - 13 * s, y + 30 * s), (x - 18 * s, y + 36 * s),
        (x - 24 * s, y + 12 * s), c=c, fill=c,
    )  # fmt: skip
    pen.line((x, y + 2), (x, y + 64 * s), c=c, w=1.5)


def hooks(pen: Pen, colour: str = "", name: str = "", tag: str = "") -> None:
    pen.line((96, 84), (206, 84), c="ink", w=2.4)
    for k in range(3):
        x = 114 + k * 37
        pen.arc(x, 90, 5, 7, -90, 110, "ink", 1.9)
        pen.text(x, 76, str(k + 1), 20, "muted")
    if colour:
        coat(pen, 188, 97, colour)
        pen.text(180, 144, name, 20, colour, "end")
        if tag:
            tag_at(pen, 186, 150, tag)


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
    pen.floor(262)
    hooks(pen)
    cloakroom(pen, "happy")
    client(pen, "E", 198, 178, "ok", hands=((-26, 34), (26, 38)))
    coat(pen, 232, 196, "green", 0.9)
    client(pen, "D", 272, 178, "wow", 0.9, hands=((-12, 4), (14, 4)))
    pen.bubble(92, 14, "B’s old tag: hook 3", (190, 150), 19)
    pen.text(262, 116, "my coat!", 20, "green")
    tag_at(pen, 152, 206, "3")


def coat_refused(pen: Pen) -> None:
    hooks(pen, "green", "D", "3·2")
    cloakroom(pen)
    client(pen, "E", 226, 178, "sad", hands=((-28, 30), (23, 47)))
    pen.bubble(140, 10, "third hook, first guest? That guest\nhas left. Nobody’s coat for you.", (64, 142), 18)
    tag_at(pen, 178, 212, "3·1")


# ---- the loop, as a diagram --------------------------------------------------------


def loop_scene(pen: Pen) -> None:
    pen.rect(210, 20, 220, 118, c="accent", fill="accent")
    pen.person(262, 62, mood="sleep", s=0.86, hands=((-16, 50), (16, 50)), **CLERK)
    pen.sleeping(288, 76, "accent")
    pen.text(368, 76, "wait", 32, "accent")
    pen.text(366, 104, "asleep until\nthe bell rings", 19, "muted")
    pen.rect(400, 256, 216, 124, c="signal", fill="signal")
    pen.text(508, 294, "events", 32, "signal")
    pen.text(508, 326, "A can be read,\nC can be written to", 21)
    pen.rect(24, 256, 216, 124, c="third", fill="third")
    pen.text(132, 294, "handlers", 32, "third")
    pen.text(132, 326, "read A, write to C,\nnever wait in here", 21)
    pen.arrow((440, 92), (560, 120), (532, 244), w=2.6)
    pen.text(562, 150, "who is ready?", 22, "ink")
    pen.arrow((390, 340), (320, 382), (252, 340), w=2.6)
    pen.text(320, 396, "one after\nthe other", 22, "ink")
    pen.arrow((104, 244), (80, 120), (198, 92), w=2.6)
    pen.text(80, 150, "and again", 22, "ink")


# ---- what there is ---------------------------------------------------------------------


def comic(title: str, *panels: tuple[str, Callable[[Pen], None]]) -> Drawing:
    return Drawing(title, [Panel(300, 284, says, draw) for says, draw in panels])


DRAWINGS = {
    "hero": Drawing(
        "One loop, many clients, a clock that ticks",
        [
            Panel(
                700, 484,
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
            "A is still thinking. Outside B and C wait happily, and B says: the door was open, and"
            " my question is in, any moment now. Their letters lie unread on a tray by the door.",
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
    "coat-check": comic(
        "The coat check",
        ("B’s coat hangs on hook 3. The clerk gives B a tag: 3.", coat_given),
        ("B has left. D’s coat hangs on hook 3 now, and D gets a tag: 3.", coat_reused),
        (
            "E comes with B’s old tag, 3, and walks away with D’s coat, because it hung on hook 3."
            " D cries: my coat!",
            coat_stolen,
        ),
        (
            "The same once more, with tags that also count the guests of a hook. D’s coat says"
            " 3·2, E’s old tag 3·1. The clerk: third hook, first guest? That guest has left,"
            " nobody’s coat for you.",
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
