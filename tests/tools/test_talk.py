"""tools/talk: what it does, it tells; what does not come true, it says."""

from __future__ import annotations

import os
import pathlib
import random
import subprocess

import pytest
from kit.frames import Decoder, FrameError, encode, length
from kit.server import ROOT, Server, program


@pytest.fixture
def talk(serve):
    """Runs steps against chapter 03's server."""
    server: Server = serve("03")

    def run(*steps: str, deadline: float = 5.0) -> subprocess.CompletedProcess[str]:
        host, port = server.address
        return subprocess.run(
            [str(ROOT / "tools/talk"), "--host", host, "--port", str(port),
             "--pid", str(server.pid), "--deadline", str(deadline), *steps],
            capture_output=True, text=True, timeout=60, check=False)

    return run


def test_each_step_is_printed_once_it_is_done(talk) -> None:
    ended = talk("A connects", "A sends hello", "A hears hello", "A stops sending",
                 "A hears the end", "A leaves")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        "A connects", 'A sends "hello"', 'A hears "hello"', "A stops sending",
        "A hears the end", "A leaves"]


def test_wrong_words_give_status_1_and_both_are_shown(talk) -> None:
    ended = talk("A connects", "A sends hello", "A hears jello")
    assert ended.returncode == 1
    assert "A hears the wrong bytes" in ended.stdout
    assert "they part at byte 0" in ended.stdout
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("rounds", [0, 10, 20])
def test_what_went_wrong_is_told_whole_however_long_the_story(talk, rounds: int) -> None:
    ended = talk("A connects", *["A sends x", "A hears x"] * rounds, "A sends hello", "A hears jello")
    assert ended.returncode == 1
    told = ended.stdout.splitlines()[2 + 2 * rounds:]
    assert told[0].startswith("A hears the wrong bytes: ") and len(told) == 3, ended.stdout


def test_silence_gives_status_1_after_the_deadline(talk) -> None:
    ended = talk("A connects", "A sends he", "A hears hello", deadline=1.0)
    assert ended.returncode == 1
    assert "A waited 1 s: heard 2 of 5 bytes" in ended.stdout


def test_words_where_there_should_be_none_give_status_1(talk) -> None:
    ended = talk("A connects", "A sends hello", "A hears nothing")
    assert ended.returncode == 1
    assert 'A should hear nothing, but hears "hello"' in ended.stdout


def test_an_end_that_does_not_come_gives_status_1(talk) -> None:
    ended = talk("A connects", "A hears the end", deadline=0.3)
    assert ended.returncode == 1
    assert "the stream does not end" in ended.stdout


@pytest.mark.parametrize("size, count", [("17 bytes", "17"), ("3 kB", "3,000"), ("3 KiB", "3,072"),
                                         ("1 MB", "1,000,000"), ("1 MiB", "1,048,576")])
def test_a_size_stands_for_so_many_random_bytes(talk, size: str, count: str) -> None:
    ended = talk("A connects", f"A sends {size}", "A hears everything")
    assert ended.returncode == 0, ended.stdout
    assert f"A hears {count} bytes" in ended.stdout


def test_a_client_hears_the_first_so_many_bytes_and_then_the_rest(talk) -> None:
    ended = talk("A connects", "A sends 40 KiB", "A hears 16 KiB", "A hears everything")
    assert ended.returncode == 0, ended.stdout
    assert "A hears 16,384 bytes\nA hears 24,576 bytes" in ended.stdout


def test_a_client_hears_what_another_has_sent_since_it_came(serve) -> None:
    server: Server = serve("04")
    ended = subprocess.run(
        [str(ROOT / "tools/talk"), "--port", str(server.address[1]), "--deadline", "2",
         "A connects", "A sends before", "A hears before", "B connects",
         "A sends 5 kB", "B hears what A sent", "A hears everything",
         "A sends more", "B hears what A sent", "B hears what A sent", "B hears nothing"],
        capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("B hears 5,000 bytes") == 1 and 'B hears "more"' in ended.stdout


def with_server(program: str, *steps: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ROOT / "tools/talk"), "--deadline", "2", "--server", program, *steps],
                          cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_it_starts_a_server_for_its_steps_and_ends_it(tmp_path: pathlib.Path) -> None:
    path = tmp_path / f"echo-of-{os.getpid()}"  # nobody else has one of that name
    path.symlink_to(program("05", "echo"))
    ended = with_server(f"{path} --trigger edge", "A connects", "A sends hi", "A hears hi",
                        "server stops", "A hears nothing")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[:3] == ["A connects", 'A sends "hi"', 'A hears "hi"']
    running = subprocess.run(["pgrep", "-f", f"/{path.name} "], capture_output=True, check=False)
    assert running.returncode == 1, running.stdout


def test_a_server_that_ended_is_told_with_its_last_words() -> None:
    ended = with_server(str(program("05", "seed")), "R connects", "R sends hi", "R hears hi",
                        "R resets", "A connects", "A sends one", "A hears one",
                        "A sends two", "A hears two")
    assert ended.returncode == 1, ended.stdout
    assert "the server has ended, status 1: " in ended.stdout and "no connection" in ended.stdout


def test_a_process_that_is_not_there_is_told(serve) -> None:
    host, port = serve("03").address
    with subprocess.Popen(["true"]) as gone:
        pass
    ended = subprocess.run([str(ROOT / "tools/talk"), "--host", host, "--port", str(port),
                            "--pid", str(gone.pid), "A connects", "server stops"],
                           capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr == f"talk: there is no process {gone.pid}; has the server started?\n"


def test_a_server_that_does_not_start_is_told_in_one_go() -> None:
    for bad in (f"{program('05', 'echo')} --trigger hair", "build/chapters/no-such-server"):
        ended = with_server(bad, "A connects")
        assert ended.returncode == 1
        assert ended.stderr.startswith("talk: ") and "Traceback" not in ended.stderr


def test_the_server_can_be_stopped_and_continued(talk) -> None:
    ended = talk("A connects", "server stops", "A sends hello", "A hears nothing",
                 "server continues", "A hears hello")
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("step", ["A dances", "B sends hello", "A sings along"])
def test_a_step_that_is_none_is_named(talk, step: str) -> None:
    ended = talk("A connects", step)
    assert ended.returncode != 0
    assert step in ended.stderr and "Traceback" not in ended.stderr


def test_nobody_listening_gives_status_1_after_the_deadline(taken_port: int) -> None:
    free = taken_port  # ours, and so nobody else's: but ask it by another address
    ended = subprocess.run(
        [str(ROOT / "tools/talk"), "--host", "127.0.0.9", "--port", str(free),
         "--deadline", "0.2", "A connects"],
        capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "A cannot connect" in ended.stdout


# ---- in frames --------------------------------------------------------------
def in_frames(*steps: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "tools/talk"), "--frames", "--deadline", "2",
         "--server", str(program("07")), *steps],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_frames_are_sent_and_heard_whole() -> None:
    ended = in_frames("A connects", "B connects", "A sends hello", "A hears hello",
                      "B hears hello", "B sends an empty frame", "A hears an empty frame",
                      "B hears everything", "A sends 40 kB", "A hears everything", "B hears what A sent")
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    assert ended.stdout.splitlines() == [
        "A connects", "B connects", 'A sends "hello"', 'A hears "hello"', 'B hears "hello"',
        "B sends an empty frame", "A hears an empty frame", "B hears an empty frame",
        "A sends 40,000 bytes",
        "A hears 40,000 bytes", "B hears 40,000 bytes"]


@pytest.mark.parametrize("how, heard", [
    ("hello byte by byte", ["hello"]), ("hello in two writes", ["hello"]),
    ("one, two and three in one write", ["one", "two", "three"]),
    ("the bytes 00 00 00 00 00 00 00 02 68 69", ["hi"])])
def test_however_a_frame_is_sent_it_is_heard_as_one(how: str, heard: list[str]) -> None:
    ended = in_frames("A connects", "B connects", f"A sends {how}", "B hears what A sent",
                      "A hears everything", "A hears nothing")
    assert ended.returncode == 0, ended.stdout
    for name in "AB":
        assert [line for line in ended.stdout.splitlines() if line.startswith(f"{name} hears \"")
                ] == [f'{name} hears "{text}"' for text in heard]


def test_half_a_frame_is_heard_by_nobody() -> None:
    ended = in_frames("A connects", "A sends the bytes 00 00 00 00 00 00 00 02 68",
                      "A hears nothing", "A sends the bytes 69", "A hears everything")
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.endswith('A sends the bytes 69\nA hears "hi"\n')


def test_a_length_alone_can_be_sent_and_ends_the_stream_when_it_is_too_large() -> None:
    ended = in_frames("A connects", "A sends the length 9223372036854775808", "A hears the end")
    assert ended.returncode == 0, ended.stdout
    assert "A sends the length 9,223,372,036,854,775,808\n" in ended.stdout


def test_a_frame_with_other_words_gives_status_1() -> None:
    ended = in_frames("A connects", "A sends hello", "A hears hell")
    assert ended.returncode == 1
    assert "A hears the wrong bytes" in ended.stdout and "they part at byte 7" in ended.stdout


@pytest.mark.parametrize("step", ["A sends the length 18446744073709551616", "A hears 3 kB",
                                  "A hears what B sent"])
def test_a_step_that_frames_cannot_take_is_named(step: str) -> None:
    ended = in_frames("A connects", step)
    assert ended.returncode == 1 and step in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize("seed", range(20))
def test_the_kits_own_decoder_makes_the_same_frames_of_every_split(seed: int) -> None:
    source = random.Random(seed)
    payloads = [source.randbytes(source.choice((0, 1, 7, 8, 9, 1000))) for _ in range(20)]
    stream, decoder, heard = b"".join(map(encode, payloads)), Decoder(), []
    while stream:
        size = source.choice((1, 2, 7, 8, 9, 500))
        heard += decoder.feed(stream[:size])
        stream = stream[size:]
    assert heard == payloads and decoder.at_boundary()
    assert decoder.feed(encode(b"ok") + length(5)) == [b"ok"] and not decoder.at_boundary()
    with pytest.raises(FrameError):
        Decoder(max_frame=5).feed(length(6))
