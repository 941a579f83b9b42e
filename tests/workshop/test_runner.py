"""tools/workshop as an attendee meets it: what it prints, what it keeps, and
what it does on a bad day."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import signal
import time
from collections.abc import Iterator

import pytest
from attendee import MEND, PREDICT, SECONDS, Attendee
from coach import manifest, sources
from kit.server import ROOT
from kit.waiting import wait_until



# ---- the way through an exercise -----------------------------------------
def test_the_way_from_the_list_to_a_pass(attendee: Attendee) -> None:
    assert MEND in attendee.run("list")
    said = attendee.run("start", MEND)
    assert "\nEdit $TICK_WORK/05.2/server.cpp\n" in said and "check 05.2" in said
    said = attendee.run("check", status=1)
    assert "What happened:" in said and "not yet" in said
    attendee.solve()
    said = attendee.run("check")
    assert "All checks pass." in said and "Tempting, and wrong:" in said and f"✓ {MEND} passed" in said
    assert "Next: tools/workshop start 05.3" in said
    assert "passed" in next(line for line in attendee.run("list").splitlines() if MEND in line)
    assert re.search(r"^1 of \d+ passed", attendee.run("progress"), re.M)


def test_a_failure_tells_steps_bytes_trace_and_where_to_read(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    said = attendee.run("check", MEND, status=1)
    for wanted in (r"After step \d+ A has waited 5 s in vain", r"^ +\d+\. A sends 40,000 bytes",
                   r"The server's last event: wrote [\d,]+ bytes to A \(server\.cpp:\d+\)",
                   r"It is told of: A: readable \(edge", r"^ +wait epoll_wait",
                   r"build/book/05-edge-oneshot\.html#\w",
                   rf"^Try it by hand: build/workshop/{MEND}/server "
                   r"--port 5000 --trigger edge \\\n +--socket-buffers \d+$"):
        assert re.search(wanted, said, re.M), f"{wanted}\n{said}"
    assert os.access(ROOT / f"build/workshop/{MEND}/server", os.X_OK)


def test_hints_come_one_at_a_time(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    said = [attendee.run("hint") for _ in range(4)]
    assert [re.findall(r"^Hint (\d) of 3$", text, re.M) for text in said] == [["1"], ["2"], ["3"], ["3"]]
    assert [re.findall(r"^(\d) of 3 was: \w", text, re.M) for text in said] == [
        [], ["1"], ["1", "2"], ["1", "2"]]
    assert "\n\nHint 2" in said[1], "the new one is set apart"
    assert re.findall(r"^Hint (\d)", attendee.run("hint", "--all"), re.M) == ["1", "2", "3"]


def test_a_solution_is_shown_after_a_pass_or_when_insisted_upon(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    assert "has not passed yet" in attendee.run("solution", status=2)
    said = attendee.run("solution", "--anyway")
    assert re.search(r"^\+", said, re.M) and re.search(r"^-", said, re.M)
    attendee.solve()
    attendee.run("check", MEND)
    assert "the same" in attendee.run("solution", MEND)


def test_a_prediction_is_answered_in_the_file_or_at_once(attendee: Attendee) -> None:
    attendee.run("start", PREDICT)
    assert "There is no answer yet" in attendee.run("check", PREDICT, status=1)
    one = next(one for one in manifest.exercises() if one.id == PREDICT)
    wrong = next(choice for choice in one.choices if not choice.right)
    said = attendee.run("check", PREDICT, wrong.key, status=1)
    assert "Not so." in said and "What came out:" in said
    form = attendee.work / PREDICT / "answer.txt"
    form.write_text(form.read_text().replace("answer: ", f"answer: {one.right.key}"))
    assert "Right." in attendee.run("check", PREDICT)
    assert "is none of" in attendee.run("check", PREDICT, "z", status=1)


def test_not_sure_shows_what_happens(attendee: Attendee) -> None:
    attendee.run("start", PREDICT)
    assert "What came out:" in attendee.run("check", PREDICT, "?")


def test_goto_drops_in_the_reference_for_everything_before(attendee: Attendee) -> None:
    said = attendee.run("goto", "03")
    assert "Next: tools/workshop start 03.1" in said
    for one in manifest.exercises():
        if one.is_code:
            assert (attendee.work / one.id / "server.cpp").exists() == (one.chapter < "03")
    assert "given" in attendee.run("list", "01")


@pytest.mark.parametrize(("text", "handed_out"), [
    ("a\n\n// tag::x[]\n\nb\n// end::x[]\n", "a\n\nb\n"),
    ("{\n  // tag::x-y[]\n  f();  // <1>\n}   // <2>\n// <3>\n", "{\n  f();\n}\n"),
    ("// tag::x[]\n\n\na  // <1> b\n", "a  // <1> b\n"),
    ("//\n\n\n// tagged\n", "//\n\n\n// tagged\n"),
    ("int n;  // bytes  <1>\nf<1>(n); // \"x\" <12>\ng <1>\n",
     "int n;  // bytes\nf<1>(n); // \"x\"\ng <1>\n"),
])
def test_the_marks_of_the_book_are_not_handed_out(text: str, handed_out: str) -> None:
    assert sources.without_marks(text) == handed_out


def test_nothing_of_the_book_is_left_in_any_exercise() -> None:
    for one in filter(lambda one: one.is_code, manifest.exercises()):
        for files in (sources.starter(one), sources.solution(one)):
            for name, text in files.items():
                found = re.search(r"(tag|end)::|// <\d+>| <\d+>$|[ \t]$|\n\n\n|\A\n", text, re.M)
                assert not found, (one.id, name, found)


# ---- nothing is ever lost ------------------------------------------------
def test_start_never_overwrites_what_was_edited(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    attendee.write("// mine\n")
    said = attendee.run("start", MEND)
    assert "nothing was changed" in said and attendee.file().read_text() == "// mine\n"


def test_reset_keeps_a_copy(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    before = attendee.file().read_text()
    attendee.write("// mine\n")
    assert "is kept in" in attendee.run("reset", MEND)
    assert attendee.file().read_text() == before
    kept, = attendee.work.glob(f".kept/{MEND}-*/server.cpp")
    assert kept.read_text() == "// mine\n"


def test_diff_shows_what_was_changed(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    assert "not changed anything" in attendee.run("diff")
    attendee.write(attendee.file().read_text() + "// mine\n")
    assert "+// mine" in attendee.run("diff")


def test_update_merges_a_newer_starter_with_the_edits(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    given = attendee.work / ".given" / MEND / "server.cpp"
    new = given.read_text()
    old = new.replace("// Chapter 05", "// Chapter five", 1)  # what it was in an older kit
    assert old != new
    given.write_text(old)
    attendee.write(old + "// mine\n")
    assert "merged with your edits" in attendee.run("update")
    assert attendee.file().read_text() == new + "// mine\n"
    assert "as new as the kit" in attendee.run("update")


def test_update_leaves_alone_what_it_cannot_merge(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    given = attendee.work / ".given" / MEND / "server.cpp"
    new = given.read_text()
    given.write_text(new.replace("// Chapter 05", "// Chapter five", 1))
    attendee.write(new.replace("// Chapter 05", "// My chapter", 1))
    assert "same lines" in attendee.run("update")
    assert "// My chapter" in attendee.file().read_text()
    assert (attendee.work / MEND / "server.cpp.new").read_text() == new


def test_a_file_that_is_gone_is_missed(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    attendee.file().unlink()
    (attendee.work / MEND / "notes.txt").write_text("mine")
    said = attendee.run("check", MEND, status=1)
    assert "start" in said or "reset" in said
    attendee.run("start", MEND)
    assert attendee.file().exists() and (attendee.work / MEND / "notes.txt").read_text() == "mine"


# ---- bad days ------------------------------------------------------------
def checked(attendee: Attendee, text: str) -> str:
    """What is said of a file of the attendee's; the file stays as it is."""
    if not attendee.file().exists():
        attendee.run("start", MEND)
    attendee.write(text)
    said = attendee.run("check", MEND, status=1)
    assert attendee.file().read_text() == text
    return said


PRELUDE = """#include <cstdio>
#include <cstdlib>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/socket.h>
int listening() {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in a = {};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t n = sizeof a;
  bind(s, reinterpret_cast<sockaddr*>(&a), n);
  listen(s, 64);
  getsockname(s, reinterpret_cast<sockaddr*>(&a), &n);
  std::printf("listening on 127.0.0.1:%d\\n", ntohs(a.sin_port));
  std::fflush(stdout);
  return s;
}
"""


def test_what_does_not_compile_is_shown_with_its_first_error(attendee: Attendee) -> None:
    said = checked(attendee, "int main() { return nothing; }\n")
    assert "It does not compile." in said and "server.cpp:1" in said and "nothing" in said
    assert "/tmp" not in said


def test_one_that_loops_for_ever_is_ended(attendee: Attendee) -> None:
    said = checked(attendee, PRELUDE + "int main() { listening(); for (;;) { } }\n")
    assert "in vain" in said


def test_one_that_never_gets_ready_is_ended(attendee: Attendee) -> None:
    said = checked(attendee, "#include <unistd.h>\nint main() { for (;;) pause(); }\n")
    assert "did not start" in said or "ready" in said


def test_one_that_eats_memory_is_ended(attendee: Attendee) -> None:
    said = checked(attendee, PRELUDE + """
#include <fcntl.h>
#include <sys/mman.h>
int main() {
  listening();
  // A page of its own program takes no time, however slow the machine's memory
  // is, and is held like any other.
  int self = open("/proc/self/exe", O_RDONLY);
  for (;;) mmap(nullptr, 8 << 20, PROT_READ, MAP_PRIVATE | MAP_POPULATE, self, 0);
}
""")
    assert "more than 1024 MiB of memory" in said


def test_one_that_prints_megabytes_is_ended(attendee: Attendee) -> None:
    said = checked(attendee, PRELUDE + """
int main() {
  listening();
  for (;;) std::fprintf(stderr, "%s", std::string(4096, 'x').c_str());
}
""")
    assert "printed more than 16 MiB" in said and len(said) < 10_000


def test_one_that_ignores_being_asked_to_end_is_killed(attendee: Attendee) -> None:
    said = checked(attendee, STUBBORN)
    assert "ignores SIGTERM" in said


STUBBORN = PRELUDE + """
int main() {
  std::signal(SIGTERM, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  int s = listening();
  std::vector<int> all;
  char buffer[65536];
  for (;;) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(s, &set);
    for (int c : all) FD_SET(c, &set);
    select(1000, &set, nullptr, nullptr, nullptr);
    if (FD_ISSET(s, &set)) all.push_back(accept(s, nullptr, nullptr));
    for (int c : all) {
      if (!FD_ISSET(c, &set)) continue;
      ssize_t n = recv(c, buffer, sizeof buffer, MSG_DONTWAIT);
      for (int other : all) {
        if (n > 0 && write(other, buffer, static_cast<size_t>(n)) < 0) return 1;
      }
    }
  }
}
"""


def test_children_that_it_leaves_are_ended_and_counted(attendee: Attendee) -> None:
    mark = f"tick-child-{os.getpid()}"
    said = checked(attendee, STUBBORN.replace(
        "std::signal(SIGTERM, SIG_IGN);",
        f'if (fork() == 0) {{ setsid(); execlp("sleep", "{mark}", "300", nullptr); _exit(0); }}'
        "std::signal(SIGTERM, [](int) { _exit(0); });"))
    assert "left 1 process behind" in said
    assert not any(mark in command for command in commands())


def commands() -> Iterator[str]:
    """Of all processes that there are."""
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # one has just ended
            yield path.read_text(errors="replace")


def test_a_half_written_line_is_left_out_and_the_rest_counts(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    with open(attendee.work / "progress.txt", "a") as file:
        file.write("2026-01-01 10:00 05.2 pas")
    said = attendee.run("list")
    assert "line 3, is not understood" in said
    attendee.run("hint", MEND)
    text = (attendee.work / "progress.txt").read_text()
    assert text.endswith("05.2 hinted\n") and "pas\n" in text
    assert "started" in next(line for line in attendee.run("list").splitlines()
                             if MEND in line and "mend" in line)


@pytest.mark.parametrize("text", ["", "\0" * 100, "\xff\xfe garbage\n\n\n", "05.2\n"])
def test_a_state_file_that_is_garbage_stops_nobody(attendee: Attendee, text: str) -> None:
    attendee.work.mkdir()
    (attendee.work / "progress.txt").write_text(text)
    attendee.run("start", MEND)
    assert f"under way: {MEND}" in attendee.run("progress")


def test_two_at_once_refuse_politely(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    first = attendee.begin("watch", MEND)
    try:
        wait_until(lambda: "watch" in (attendee.work / ".lock").read_text(), "the first to begin")
        said = attendee.run("check", MEND, status=2)
        assert "Another tools/workshop is at work here: “watch 05.2”" in said
        assert attendee.run("hint", MEND)  # reading disturbs nobody
    finally:
        first.send_signal(signal.SIGINT)
        assert first.wait(SECONDS) == 0, first.stdout.read()


def test_watch_checks_again_when_the_file_is_saved(attendee: Attendee) -> None:
    attendee.run("start", MEND)
    watching = attendee.begin("watch", MEND, "--rounds", "2")
    end = time.monotonic() + SECONDS
    while "failed" not in (attendee.work / "progress.txt").read_text():
        assert time.monotonic() < end and watching.poll() is None
        time.sleep(0.05)
    attendee.solve()
    said, _ = watching.communicate(timeout=SECONDS)
    assert watching.returncode == 0
    assert said.index("not yet") < said.index(f"✓ {MEND} passed")
    assert "to do next" in said.replace("\n", " ")


@pytest.mark.parametrize("command", [["list"], ["start", MEND], ["check", MEND], ["hint", MEND],
                                     ["progress"], ["start", PREDICT], ["check", PREDICT, "?"]])
def test_everything_fits_into_80_columns_without_colour(attendee: Attendee, command: list[str]) -> None:
    if command[0] in ("check", "hint"):
        attendee.run("start", command[1])
    said = attendee.run(*command, status=None)
    wide = [line for line in said.splitlines() if len(line) > 80]
    assert not wide and "\x1b" not in said, wide


@pytest.mark.parametrize(("arguments", "told"), [
    (["start", "77.1"], "There is no exercise 77.1"),
    (["check"], "Which exercise?"),
    (["watch", MEND], "has not been started"),
    (["goto", "77"], "There is no chapter 77"),
    (["list", "77"], "There is no chapter 77"),
    (["check", MEND, "a"], "is answered with code"),
])
def test_what_cannot_be_done_is_said_in_a_line(attendee: Attendee, arguments: list[str],
                                               told: str) -> None:
    said = attendee.run(*arguments, status=2)
    assert told in said and len(said.splitlines()) == 1


@pytest.mark.parametrize("one", manifest.exercises(), ids=lambda one: one.id)
def test_each_exercise_can_be_started_and_its_task_read(attendee: Attendee, one) -> None:
    said = attendee.run("start", one.id)
    assert one.title.split("`")[0][:20] in said
    assert not re.search(r"[`]|\bxref:|\bman:|\[source", said), "AsciiDoc's marks are left in"
    assert not [line for line in said.splitlines() if len(line) > 80]
