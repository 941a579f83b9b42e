"""What the tests of the capacity lab share: its programs, built when needed;
runs of the load; and servers that do not do what they should."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import selectors
import socket
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kit.server import ROOT

BUILD_SECONDS = 110.0  # for one program; asio takes a while
RUN_SECONDS = 60.0

# What a server does with bytes: `answer(who, data)` gives (to whom, bytes),
# and None in place of bytes closes that connection.
Answer = Callable[[int, bytes], Iterable[tuple[int, bytes | None]]]


def build(target: str) -> str:
    """Makes build/tools/bench/TARGET, one at a time, and gives its path."""
    path = f"build/tools/bench/{target}"
    (ROOT / "build/tools/bench").mkdir(parents=True, exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    with open(ROOT / "build/tools/bench/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = subprocess.run(["make", "--no-print-directory", "SAN=", path], cwd=ROOT, text=True,
                              env=environment, capture_output=True, timeout=BUILD_SECONDS,
                              check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    return str(ROOT / path)


@dataclass
class Run:
    """What one run of the load left behind."""

    status: int
    json: dict
    error: str


def arguments(mode: str, address: tuple[str, int], **options: object) -> list[str]:
    """The command line; an option's name has _ for -, True stands for a flag."""
    words = [str(ROOT / "build/tools/bench/load"), mode, f"--host={address[0]}",
             f"--port={address[1]}"]
    for name, value in {"warmup": 0, **options}.items():
        word = "--" + name.replace("_", "-")
        words.append(word if value is True else f"{word}={value}")
    return words


def load(mode: str, address: tuple[str, int], *, prefix: tuple[str, ...] = (),
         **options: object) -> Run:
    """Runs the load to its end."""
    ended = subprocess.run([*prefix, *arguments(mode, address, **options)], text=True,
                           capture_output=True, timeout=RUN_SECONDS, check=False)
    lines = ended.stdout.splitlines()
    assert len(lines) == 1, ended.stdout + ended.stderr
    run = Run(ended.returncode, json.loads(lines[0]), ended.stderr.strip())
    assert run.json["status"] == run.status
    assert run.error == (f"load: {run.json['error']}" if run.json["error"] else "")
    return run


class Liar:
    """A small server on a thread of its own, which answers as it is told to."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.address: tuple[str, int] = self._listener.getsockname()
        self._clients: list[socket.socket] = []
        self._stop = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, -1)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def everybody(self) -> range:
        """The numbers of all clients so far, gone ones included."""
        return range(len(self._clients))

    def _serve(self) -> None:
        while not self._stop.is_set():
            for key, _ in self._selector.select(0.02):
                if key.data < 0:
                    self._accept()
                else:
                    self._hear(key.data)

    def _accept(self) -> None:
        client = self._listener.accept()[0]
        client.settimeout(10.0)
        self._selector.register(client, selectors.EVENT_READ, len(self._clients))
        self._clients.append(client)

    def _hear(self, who: int) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = self._clients[who].recv(1 << 20)
        if not data:
            return self._close(who)
        for whom, piece in self._answer(who, data):
            if piece is None:
                self._close(whom)
            else:
                with contextlib.suppress(OSError):
                    self._clients[whom].sendall(piece)

    def _close(self, who: int) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._clients[who])
        self._clients[who].close()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10.0)
        self._selector.close()
        for client in [self._listener, *self._clients]:
            client.close()


@contextlib.contextmanager
def lying(make_answer: Callable[[Callable[[], range]], Answer]) -> Iterator[tuple[str, int]]:
    """A Liar's address; `make_answer(everybody)` gives what it does."""
    waiting: list[Answer] = []
    liar = Liar(lambda who, data: waiting[0](who, data))
    waiting.append(make_answer(liar.everybody))
    try:
        yield liar.address
    finally:
        liar.stop()
