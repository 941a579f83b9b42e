"""What chapter 05's exercises are checked with."""

from __future__ import annotations

from coach.scene import Scene


def wakes_under_edge(scene: Scene) -> str:
    server = scene.serve("--trigger", "edge", path=scene.reference("echo"), buffers=1 << 18)
    a = scene.connect(server, "A")
    a.exchange(b"a")
    scene.freeze(server)
    before = len(server.trace())
    a.send_only(scene.words(40_000))
    scene.thaw(server)
    a.hear(bytes(a.sent[1:]))
    return str(sum('"event":"wake"' in line and "server.cpp" not in line and '"n":1' in line
                   for line in server.trace()[before:]))


def burst(scene: Scene) -> None:
    """40,000 bytes at once, and then silence: all of them come back."""
    server = scene.serve("--trigger", "edge")
    a, = scene.gather(server, "A")
    scene.freeze(server)
    a.send_only(scene.words(40_000))
    scene.thaw(server)
    a.hear(bytes(a.sent[1:]))


def two_bursts(scene: Scene) -> None:
    """Two who burst at the same time hear each other whole."""
    server = scene.serve("--trigger", "edge")
    a, b = scene.gather(server, "AB")
    scene.freeze(server)
    for one in a, b:
        one.send_only(scene.words(30_000))
    scene.thaw(server)
    a.hear(bytes(a.sent[1:] + b.sent[1:]), quiet=True)
    scene.add("A has heard both")
