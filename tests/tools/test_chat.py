"""tools/chat: what one types, what one sees, and how one gets out of it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
import unicodedata

import pytest
from kit.editor import Editor, Key
from kit.frames import Decoder, encode
from kit.screen import LOST, safe, width, wrap
from kit.server import ROOT, Server
from kit.waiting import wait_until

CHAT = [sys.executable, str(ROOT / "tools/chat")]
UP, DOWN, LEFT, ENTER = b"\x1b[A", b"\x1b[B", b"\x1b[D", b"\r"
CTRL_C, CTRL_D = b"\x03", b"\x04"
COLUMNS, ROWS = 80, 200
WELCOME = "* you are guest-1 in lobby; /nick NAME, /join ROOM, /who, /quit"


# ---- a terminal ---------------------------------------------------------
class Screen:
    """As much of a terminal as the client uses. It obeys, so it would show
    what a stranger's control characters do."""

    def __init__(self, columns: int) -> None:
        self.columns, self.rows = columns, [[]]
        self.row = self.column = 0

    def feed(self, text: str) -> None:
        for code, plain in re.findall(r"(\x1b\[[0-9;]*[A-Za-z]|[\r\n])|([^\x1b\r\n]+)", text):
            if plain:
                for character in plain:
                    self._put(character)
            elif code == "\r":
                self.column = 0
            elif code == "\n":
                self.row, self.column = self.row + 1, 0
                self.rows += [[]] * (self.row == len(self.rows))
            elif code == "\x1b[J":
                self.rows[self.row:] = [self.rows[self.row][:self.column]]
            elif code.endswith("C"):
                self.column += int(code[2:-1] or 1)
            elif not code.endswith("m"):
                raise AssertionError(f"the client sends {code!r}")

    def _put(self, character: str) -> None:
        size = width(character)
        row = self.rows[self.row]
        assert self.column + size <= self.columns, f"wider than the terminal: {self.text()[-1]!r}"
        row[self.column:self.column + size] = [character] + [""] * (size - 1)
        self.column += size

    def text(self) -> list[str]:
        return ["".join(row) for row in self.rows]


class Person:
    """Somebody with tools/chat on a terminal of their own."""

    def __init__(self, address: tuple[str, int], *options: str, columns: int = COLUMNS,
                 **environment: str) -> None:
        self.master, self.slave = os.openpty()
        self.resize(columns)
        self.before = termios.tcgetattr(self.slave)
        self.raw = ""
        self.screen = Screen(columns)
        clean = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        self.process = subprocess.Popen(
            [*CHAT, "--host", address[0], "--port", str(address[1]), *options],
            stdin=self.slave, stdout=self.slave, stderr=self.slave,
            env={**clean, "TERM": "xterm", **environment})
        os.set_blocking(self.master, False)

    def resize(self, columns: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("4H", ROWS, columns, 0, 0))

    def types(self, keys: str | bytes) -> None:
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def look(self) -> list[str]:
        with contextlib.suppress(BlockingIOError, OSError):
            while data := os.read(self.master, 65536):
                self.raw += data.decode()
                self.screen.feed(data.decode())
        return self.screen.text()

    def sees(self, line: str) -> None:
        """Above the line that is typed, or there."""
        wait_until(lambda: line in self.look(), f"{line!r} on the screen",
                   lambda: "\n".join(self.look()))

    def ends(self) -> int:
        wait_until(lambda: self.look() and self.process.poll() is not None, "the client's end",
                   lambda: "\n".join(self.look()))
        self.look()
        return self.process.returncode

    def is_restored(self) -> bool:
        return termios.tcgetattr(self.slave) == self.before

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def sit_down():
    """Puts people before terminals."""
    people: list[Person] = []

    def start(server: Server | FakeServer, *options: str, **how) -> Person:
        people.append(person := Person(server.address, *options, **how))
        if "--name" in options:  # then it is known who came first
            person.sees(f"{options[options.index('--name') + 1]}@lobby> ")
        return person

    yield start
    for person in people:
        person.close()


@pytest.fixture
def chat(serve) -> Server:
    return serve("08")


class FakeServer:
    """Sends what no server of the kit's would."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        self.peer: socket.socket | None = None

    def say(self, *payloads: bytes) -> None:
        self.send(b"".join(map(encode, payloads)))

    def send(self, data: bytes) -> None:
        if not self.peer:
            self.listener.settimeout(20)
            self.peer, _ = self.listener.accept()
        self.peer.sendall(data)

    def close(self) -> None:
        self.listener.close()
        if self.peer:
            self.peer.close()


@pytest.fixture
def fake():
    server = FakeServer()
    yield server
    server.close()


def piped(server: Server | FakeServer, typed: bytes, *options: str,
          **how) -> subprocess.CompletedProcess[bytes]:
    host, port = server.address
    return subprocess.run([*CHAT, "--host", host, "--port", str(port), *options], input=typed,
                          capture_output=True, timeout=60, check=False, **how)


# ---- without a terminal -------------------------------------------------
def test_lines_that_are_piped_in_are_said_and_plain_lines_come_out(chat: Server) -> None:
    ended = piped(chat, b"hello\n/who\nno line end", "--name", "ann", "--room", "kitchen")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.decode().splitlines() == [
        WELCOME, "* guest-1 is now ann", "* ann has come from lobby", "ann: hello",
        "* in kitchen: ann", "ann: no line end", "* good bye"]


def test_a_file_can_be_said_too(chat: Server, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "lines"
    path.write_text("".join(f"line {n}\n" for n in range(3000)))
    host, port = chat.address
    with path.open("rb") as lines:
        ended = subprocess.run([*CHAT, "--port", str(port)], stdin=lines, capture_output=True,
                               timeout=60, check=False)
    said = ended.stdout.decode().splitlines()[1:-1]
    assert said == [f"guest-1: line {n}" for n in range(3000)]
    assert ended.returncode == 0, ended.stderr


def test_whoever_still_hears_something_does_not_leave(fake: FakeServer) -> None:
    """The end of the file is long past, but not what is said about it."""
    host, port = fake.address
    with subprocess.Popen([*CHAT, "--host", host, "--port", str(port)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as process:
        fake.say(WELCOME.encode())
        assert fake.peer and process.stdout
        fake.peer.settimeout(20)
        assert Decoder().feed(fake.peer.recv(100)) == [b"/quit"]
        for n in range(5):  # longer than it waits for a word, and each comes within that
            time.sleep(0.6)
            fake.say(f"* notice {n}".encode())
        fake.peer.close()
        said = process.stdout.read().decode().splitlines()
        assert process.wait(20) == 0
    assert said == [WELCOME, *(f"* notice {n}" for n in range(5))]


def test_quit_among_the_lines_ends_it(chat: Server) -> None:
    ended = piped(chat, b"hello\n/quit\nnever said\n")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.decode().splitlines()[1:] == ["guest-1: hello", "* good bye"]


def test_no_server_is_one_line_and_status_1(taken_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    ended = subprocess.run([*CHAT, "--port", str(port)], input=b"", capture_output=True,
                           timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert ended.stderr.decode() == f"chat: 127.0.0.1:{port}: Connection refused\n"


def test_a_server_that_goes_away_is_told_and_status_1(chat: Server) -> None:
    host, port = chat.address
    client = subprocess.Popen([*CHAT, "--port", str(port)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with client:
        assert client.stdout.readline().decode() == f"{WELCOME}\n"
        chat.kill()
        assert client.wait(20) == 1
        assert client.stderr.read().decode().startswith("chat: the server ")


def test_what_speaks_no_frames_is_no_chat(fake: FakeServer) -> None:
    client = subprocess.Popen([*CHAT, "--port", str(fake.address[1])], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with client:
        fake.send(b"HTTP/1.1 400 Bad Request\r\n")
        assert client.wait(20) == 1
        assert client.stderr.read().decode().startswith("chat: this is no chat: a frame of ")


# ---- a server that means harm -------------------------------------------
HARM = ["\x1b]0;title\x07", "\x1b[2J\x1b[H", "a\rb", "a\nann: b", "\x9b2J", "tab\there",
        "\u202egnirts", "\u2028", "\0"]


@pytest.mark.parametrize("on_terminal", [False, True], ids=["plain", "terminal"])
def test_nothing_that_a_server_sends_is_obeyed(fake: FakeServer, sit_down,
                                               on_terminal: bool) -> None:
    lines = [f"eve: {harm}".encode() for harm in HARM] + [b"* \x1b[31m", b"\xff\xfe", b"eve: \xc0\xaf"]
    if on_terminal:
        person = sit_down(fake, NO_COLOR="1")
        fake.say(*lines, b"eve: done")
        person.sees("  eve: done")
        raw = re.sub(r"\x1b\[J|\x1b\[\d+C|[\r\n]", "", person.raw)  # the client's own
    else:
        client = subprocess.Popen([*CHAT, "--port", str(fake.address[1])],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with client:
            fake.say(*lines)
            fake.close()
            raw = client.stdout.read().decode().replace("\n", "")
    bad = [c for c in raw if safe(c) != c]
    assert not bad and LOST in raw, f"{bad} in {raw!r}"


def test_only_the_server_can_begin_a_line(chat: Server, sit_down) -> None:
    """Blanks that fill a line do not make the next one somebody else's."""
    ann, bob = sit_down(chat, "--name", "ann"), sit_down(chat, "--name", "bob")
    ann.sees("* guest-2 is now bob")
    for blanks in range(65, 80):
        bob.types(" " * blanks + "ann: I owe bob a cake\r")
    bob.types("done\r")
    ann.sees("  bob: done")
    assert sum("bob a cake" in line for line in ann.look()) >= 10
    assert not any(re.match(r"(> | {0,3})ann:", line) for line in ann.look())


# ---- on a terminal ------------------------------------------------------
def test_ones_own_lines_are_marked_and_notices_and_names_can_be_told_apart(
        chat: Server, sit_down) -> None:
    ann = sit_down(chat, "--name", "ann")
    ann.sees("ann@lobby> ")
    bob = sit_down(chat, "--name", "bob")
    ann.sees("* guest-2 is now bob")
    ann.types("hello")
    ann.types(ENTER)
    ann.sees("> ann: hello")
    bob.sees("  ann: hello")
    assert re.search(r"\x1b\[2m\* guest-2 is now bob\x1b\[0m", ann.raw), "a notice is dimmed"
    assert re.search(r"\x1b\[\d+mann\x1b\[0m: hello", bob.raw), "a name has a colour"
    assert re.search(r"\x1b\[1;\d+mann\x1b\[0m: hello", ann.raw), "one's own is bold"


def test_no_color_means_no_colour(chat: Server, sit_down) -> None:
    ann = sit_down(chat, NO_COLOR="1")
    ann.types("hello\r")
    ann.sees("> guest-1: hello")
    assert not re.search(r"\x1b\[[0-9;]*m", ann.raw)


def test_a_line_that_comes_in_does_not_tear_the_line_being_typed(chat: Server, sit_down) -> None:
    ann, bob = sit_down(chat, "--name", "ann"), sit_down(chat, "--name", "bob")
    bob.sees("bob@lobby> ")
    ann.types("half a l")
    ann.sees("ann@lobby> half a l")
    bob.types("I am first\r")
    ann.sees("  bob: I am first")
    wait_until(lambda: ann.look()[-1] == "ann@lobby> half a l", "the line she types, below it")
    ann.types("ine\r")
    bob.sees("  ann: half a line")


def test_the_arrow_brings_back_what_was_said(chat: Server, sit_down) -> None:
    ann = sit_down(chat, "--name", "ann")
    for line in "one", "two":
        ann.types(f"{line}\r")
        ann.sees(f"> ann: {line}")
    ann.types(b"draft" + UP + UP)
    ann.sees("ann@lobby> one")
    ann.types(DOWN + DOWN)
    ann.sees("ann@lobby> draft")
    ann.types(UP + ENTER)
    wait_until(lambda: ann.look().count("> ann: two") == 2, "the same line a second time")


def test_a_history_file_is_for_the_next_time_and_for_nobody_else(
        chat: Server, sit_down, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "history"
    ann = sit_down(chat, "--history", str(path))
    ann.types("remember me\r/quit\r")
    assert ann.ends() == 0
    assert path.read_text() == "remember me\n/quit\n"
    assert path.stat().st_mode & 0o777 == 0o600
    again = sit_down(chat, "--history", str(path))
    again.sees("guest-2@lobby> ")
    again.types(UP + UP)
    again.sees("guest-2@lobby> remember me")


def test_tab_completes_commands_and_names(chat: Server, sit_down) -> None:
    ann, _ = sit_down(chat, "--name", "ann"), sit_down(chat, "--name", "bartholomew")
    ann.sees("* guest-2 is now bartholomew")
    ann.types("/wh\t")
    ann.sees("ann@lobby> /who ")
    ann.types("\x15bar\t" "hi\r")
    ann.sees("> ann: bartholomew: hi")


def test_where_one_is_stands_before_the_line(chat: Server, sit_down) -> None:
    ann = sit_down(chat)
    ann.types("/nick ann\r/join no room\r/join kitchen\r/join kitchen\r")
    ann.sees("* you are in kitchen")
    ann.sees("ann@kitchen> ")


def test_long_lines_and_wide_characters_stay_inside_the_window(chat: Server, sit_down) -> None:
    ann = sit_down(chat, "--name", "ann", columns=40)
    ann.sees("ann@lobby> ")
    ann.types("你好" * 40)
    wait_until(lambda: "你好你好" in ann.look()[-1], "what was typed")
    ann.types(ENTER)
    wait_until(lambda: sum(line.count("你") for line in ann.look()) >= 40, "all of it")
    assert all(width(line) <= 40 for line in ann.look())


def test_a_window_that_becomes_narrower_is_drawn_anew(chat: Server, sit_down) -> None:
    ann = sit_down(chat, "--name", "ann")
    ann.types("a" * 60)
    ann.sees("ann@lobby> " + "a" * 60)
    ann.resize(40)
    ann.screen.columns = 40
    ann.process.send_signal(signal.SIGWINCH)
    ann.sees("ann@lobby> " + "a" * 27)


def test_the_time_stands_before_a_line_when_asked_for(chat: Server, sit_down) -> None:
    ann = sit_down(chat, "--time")
    ann.types("hello\r")
    wait_until(lambda: any(re.fullmatch(r"\d\d:\d\d > guest-1: hello", line)
                           for line in ann.look()), "a line with its time")


# ---- getting out --------------------------------------------------------
@pytest.mark.parametrize("keys", [b"/quit\r", CTRL_D, CTRL_C, b"half a line" + CTRL_C],
                         ids=["quit", "Ctrl-D", "Ctrl-C", "Ctrl-C in a line"])
def test_one_leaves_with_a_good_bye_and_the_terminal_as_it_was(
        chat: Server, sit_down, keys: bytes) -> None:
    ann = sit_down(chat, "--name", "ann")
    ann.sees("ann@lobby> ")
    assert not ann.is_restored(), "the test tests nothing"
    ann.types(keys)
    assert ann.ends() == 0
    assert ann.is_restored()
    if CTRL_C not in keys:
        assert "* good bye" in ann.look()
    assert ann.look()[-1] == "", "the shell's prompt stands on a line of its own"


def test_a_server_that_is_killed_is_told_and_the_terminal_is_as_it_was(
        chat: Server, sit_down) -> None:
    ann = sit_down(chat, "--name", "ann")
    ann.sees("ann@lobby> ")
    ann.types("half a line")
    ann.sees("ann@lobby> half a line")
    chat.kill()
    assert ann.ends() == 1
    assert ann.is_restored()
    assert any(line.startswith("-- the server ") for line in ann.look()), ann.look()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
def test_a_signal_leaves_the_terminal_as_it_was(chat: Server, sit_down,
                                                number: signal.Signals) -> None:
    ann = sit_down(chat, "--name", "ann")
    ann.sees("ann@lobby> ")
    ann.process.send_signal(number)
    assert ann.ends() == 1
    assert ann.is_restored()


def test_a_server_that_says_no_good_bye_does_not_keep_one(fake: FakeServer, sit_down) -> None:
    ann = sit_down(fake)
    fake.say(WELCOME.encode())
    ann.sees("guest-1@lobby> ")
    start = time.monotonic()
    ann.types(CTRL_D)
    assert ann.ends() == 0
    assert time.monotonic() - start < 15
    assert ann.is_restored()
    assert Decoder().feed(fake.peer.recv(100)) == [b"/quit"]


# ---- the line editor ----------------------------------------------------
@pytest.mark.parametrize("keys, text, at", [
    (b"abc", "abc", 3),
    (b"abc\x7f", "ab", 2),
    (b"abc" + LEFT + b"X", "abXc", 3),
    (b"abc\x01X\x05Y", "XabcY", 5),
    (b"one two  \x17", "one ", 4),
    (b"one two\x15", "", 0),
    (b"abc\x01\x0b", "", 0),
    (b"abc\x01\x04", "bc", 0),
    (b"abc\x1b[H\x1b[3~", "bc", 0),
    (b"ab\x1b[1;5Dc\x1b[200~\x1bOQ", "abc", 3),  # keys that mean nothing here
    ("e\u0301x\x7f\x7f".encode(), "", 0),  # a letter goes with its accent
    ("你好".encode() + LEFT + b"\x7f", "好", 0),
    (b"a\x00\x07\x1dz", "az", 2),
])
def test_a_key_does_what_it_says(keys: bytes, text: str, at: int) -> None:
    for size in 1, 2, len(keys):  # however the bytes come
        editor = Editor()
        for start in range(0, len(keys), size):
            assert not list(editor.feed(keys[start:start + size]))
        assert (editor.text, editor.at) == (text, at)


def test_enter_gives_the_line_and_the_programs_keys_are_given_on() -> None:
    editor = Editor()
    assert list(editor.feed(b"one\rtwo\n\r\x0c\x1a\x03\x04")) == [
        "one", "two", "", Key.REDRAW, Key.SUSPEND, Key.INTERRUPT, Key.END]
    assert editor.history == ["one", "two"]


@pytest.mark.parametrize("columns", [1, 2, 5, 10, 30])
def test_the_cursor_is_always_in_view(columns: int) -> None:
    editor = Editor()
    list(editor.feed("wide 你好 and narrow, a long line".encode()))
    for _ in range(40):
        shown, at = editor.view(columns)
        assert at < max(columns, 1) and width(shown) <= columns
        list(editor.feed(LEFT))


def test_wrapping_loses_no_character_and_fits(seed: int) -> None:
    text = "  ann: " + "words of 你好 different lengths, and averyveryverylongwordthatfitsnowhere " * 3
    for columns in range(12, 90):
        first, *more = wrap(text, columns, "    ")
        assert all(width(line) <= columns for line in (first, *more))
        assert all(line.startswith("    ") for line in more)
        assert first + "".join(line[4:] for line in more) == text


def test_what_is_safe_has_no_control_character() -> None:
    everything = "".join(map(chr, range(0x11000)))
    for character in safe(everything):
        assert unicodedata.category(character) not in ("Cc", "Zl", "Zp", "Cs")
    assert safe("a\tb \U0001f469\u200d\U0001f4bb") == "a b \U0001f469\u200d\U0001f4bb"
