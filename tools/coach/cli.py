"""The command line of tools/workshop."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import NoReturn

from coach import building, bundle, choosing, commands, files, manifest, screen, sources, state, timetable
from coach.choosing import Refused
from coach.commands import FAILED
from coach.texts import printable

MISUSED = 2


class Parser(argparse.ArgumentParser):
    """One that says what is wrong in a line."""

    def error(self, message: str) -> NoReturn:
        raise Refused(f"{message}. {self.prog} --help says what there is.")


def parser() -> argparse.ArgumentParser:
    top = Parser(
        prog="tools/workshop", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Exercises: start one, edit it in work/, and hear exactly what your server did.",
        epilog="Your files are in work/, what you have done is in work/progress.txt. Without EX a\n"
               "command is about the exercise under way, or the last one. Exit status: 0 passed,\n"
               "1 not yet, 2 misused.")
    every = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, help_: str, does, exercise: bool = False) -> argparse.ArgumentParser:
        command = every.add_parser(name, help=help_, description=help_[0].upper() + help_[1:] + ".")
        command.set_defaults(does=does)
        if exercise:
            command.add_argument("exercise", metavar="EX", nargs="?", help="its number: 05.2")
        return command

    attendees(add)
    timetable.arguments(add("schedule", "a half-day, a day or two, computed from the minutes",
                            lambda options, _out: timetable.run(options)))
    bundle.arguments(add("bundle", "pack everything for a USB stick, or check such an archive",
                         lambda options, _out: bundle.run(options)))
    add("verify", "prove exercises in both directions (for those who write them)",
        commands.do_verify).add_argument("which", nargs="*", metavar="NN|EX")
    add("export", "write build/exercises.json, from which the book is made", commands.do_export)
    return top


def attendees(add) -> None:
    add("list", "what there is to do, and how it stands", commands.do_list).add_argument(
        "chapter", nargs="?", metavar="NN", help="only this chapter's")
    add("start", "put an exercise into work/; never overwrites what you edited", commands.do_start, True)
    add("check", "compile it, try it, and explain", commands.do_check, True).add_argument(
        "answer", nargs="?", help="a prediction's letter (? for not sure), or a number")
    add("watch", "check whenever you save; Ctrl-C ends it", commands.do_watch, True).add_argument(
        "--rounds", type=int, default=0, metavar="N", help="end after so many checks (0: never)")
    add("hint", "one hint more; there are three", commands.do_hint, True).add_argument(
        "--all", action="store_true", help="those that you have had, in full, and no new one")
    add("solution", "what changes yours into ours, once it has passed", commands.do_solution,
        True).add_argument("--anyway", action="store_true", help="also before it has passed")
    add("diff", "what you have changed", commands.do_diff, True)
    add("reset", "begin anew; what you had is kept", commands.do_reset, True)
    add("goto", "go on at a chapter, with the solutions of what you have not done before it",
        commands.do_goto).add_argument("chapter", metavar="NN")
    add("progress", "how far you are", commands.do_progress)
    add("doctor", "whether this machine has what the exercises need", commands.do_doctor)
    add("update", "bring in newer starters, and keep your edits", commands.do_update)


def main(arguments: list[str]) -> int:
    sys.stdout = sys.stdout or open(os.devnull, "w")  # it may have been closed
    sys.stderr = sys.stderr or sys.stdout
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # in a locale without ✓
    # A shell that starts us in the background has SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        if arguments in ([], ["help"]):
            arguments = ["--help"]
        if not arguments[0].startswith("-"):
            choosing.command(arguments[0])
        options = parser().parse_args(arguments)
        status = options.does(options, screen.console())
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (Refused, state.Busy, manifest.ManifestError, files.Unreadable, building.BuildError,
            sources.PatchError, OSError) as error:
        print(f"tools/workshop: {printable(commands.in_words(error))}", file=sys.stderr)
        return MISUSED
    except KeyboardInterrupt:
        print()
        return 0 if arguments[:1] == ["watch"] else 130


def interrupted(*_signal) -> None:
    """Being asked to end is like Ctrl-C: all that was started is ended first."""
    raise KeyboardInterrupt
