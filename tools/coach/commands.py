"""The commands of tools/workshop."""

from __future__ import annotations

import argparse
import collections
import os
import signal
import subprocess
import sys

from coach import (
    building,
    bundle,
    export,
    files,
    manifest,
    proof,
    screen,
    sources,
    state,
    timetable,
    trying,
    watch,
    workspace,
)
from coach.manifest import KINDS, ROOT, Exercise
from coach.texts import printable, wrapped
from rich.markup import escape

FAILED, MISUSED = 1, 2


class Refused(Exception):
    """What was asked cannot be done; the text says why and what can be."""


def in_words(error: Exception) -> str:
    return files.in_words(error) if isinstance(error, OSError) else str(error)


def place(one: Exercise) -> str:
    return files.shown(workspace.folder(one))


# ---- which exercise ------------------------------------------------------
def find(name: str) -> Exercise:
    known = {one.id: one for one in manifest.exercises()}
    if name in known:
        return known[name]
    raise Refused(f"There is no exercise {name}. tools/workshop list names them all.")


def chosen(name: str | None) -> Exercise:
    """The one named, or the one that is under way."""
    if name:
        return find(name)
    if current := state.current():
        return find(current)
    raise Refused("Which exercise? None is under way; tools/workshop start 01.1 begins one.")


def begun(name: str | None) -> Exercise:
    one = chosen(name)
    if not workspace.exists(one):
        raise Refused(f"{one.id} has not been started: tools/workshop start {one.id}")
    return one


# ---- the commands --------------------------------------------------------
def do_list(options, out) -> int:
    found, strange = state.load()
    state.warn_of(strange)
    shown = [one for one in manifest.exercises()
             if not options.chapter or one.chapter == options.chapter]
    if not shown:
        raise Refused(f"There is no chapter {options.chapter} with exercises.")
    out.print(screen.table(shown, found))
    kinds = collections.Counter(one.kind for one in shown)
    out.print(f"\n{len(shown)} exercises: " + ", ".join(
        f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind]))
    return 0


def do_start(options, out) -> int:
    one = find(options.exercise)
    with state.alone(f"start {one.id}"):
        fresh = workspace.start(one)
    out.print(screen.heading(one))
    if not fresh:
        out.print(f"{place(one)} is there already"
                  + (", with your edits in it" if workspace.edited(one) else "")
                  + f": nothing was changed. tools/workshop reset {one.id} begins anew.")
        return 0
    out.print()
    out.print(escape(wrapped(one.task)))
    if one.question:
        out.print("\n" + escape(wrapped(one.question)))
    for what, name in zip(["\nEdit ", *["     "] * 9], workspace.names(one)):
        out.print(f"{what}{place(one)}/{name}")
    out.print(f"then  tools/workshop check {one.id}\n"
              f"or    tools/workshop watch {one.id}   (checks whenever you save)")
    return 0


def do_check(options, out) -> int:
    one = chosen(options.exercise)
    if options.answer and one.is_code:
        raise Refused(f"{one.id} is answered with code, in {place(one)}.")
    with state.alone(f"check {one.id}"):
        out.print(screen.heading(one))
        result = trying.attempt(one, lambda step: out.print(f"[dim]{escape(step)}[/]"),
                                options.answer or "")
    out.print()
    out.print(escape(result.text))
    out.print("\n" + (f"[bold green]✓ {one.id} passed[/]" if result.passed
                      else f"[bold]{one.id}: not yet.[/] [dim]tools/workshop hint {one.id}[/]")
              + (f"  {result.remark}" if result.remark else ""))
    return 0 if result.passed else FAILED


def do_watch(options, out) -> int:
    one = begun(options.exercise)
    with state.alone(f"watch {one.id}"):
        watch.watch(one, options.rounds)
    return 0


def do_hint(options, out) -> int:
    """One more each time; the third is the last."""
    one = chosen(options.exercise)
    found, _ = state.load()
    seen = found.get(one.id, state.Progress()).hints
    if seen < len(one.hints):
        state.note(one.id, "hinted")
    shown = min(seen + 1, len(one.hints))
    out.print(screen.heading(one))
    for number, hint in enumerate(one.hints[:shown], 1):
        out.print(f"\nHint {number} of {len(one.hints)}")
        out.print(escape(wrapped(hint, "  ")))
    if shown == len(one.hints):
        out.print(f"\n[dim]That was the last. tools/workshop solution {one.id} --anyway shows one.[/]")
    return 0


def do_solution(options, out) -> int:
    one = chosen(options.exercise)
    found, _ = state.load()
    progress = found.get(one.id, state.Progress())
    if not progress.passed and not options.anyway:
        raise Refused(f"{one.id} has not passed yet. With --anyway you see the solution; "
                      f"tools/workshop hint {one.id} gives less away.")
    if not progress.passed:
        state.note(one.id, "shown")
    if not one.is_code:
        out.print(escape(wrapped(one.right.text + "\n\n" + one.right.why)) if one.choices else
                  f"Measure it: {escape(one.command)}")
        return 0
    before = workspace.mine(one) if workspace.exists(one) else workspace.handed_out(one)
    text = workspace.diff(before, sources.solution(one), ("yours", "solution"))
    out.print(screen.colour_diff(text) if text else "Yours is the same.")
    return 0


def do_diff(options, out) -> int:
    one = begun(options.exercise)
    text = workspace.diff(workspace.given(one), workspace.mine(one), ("given", "yours"))
    out.print(screen.colour_diff(text) if text else "You have not changed anything.")
    return 0


def do_reset(options, out) -> int:
    one = begun(options.exercise)
    with state.alone(f"reset {one.id}"):
        kept = workspace.reset(one)
    out.print(f"{place(one)} is as it was given."
              + (f" What you had is kept in {files.shown(kept)}." if kept else ""))
    return 0


def do_goto(options, out) -> int:
    """The reference for everything before a chapter."""
    number = options.chapter
    numbers = [chapter.number for chapter in manifest.load()]
    if number not in numbers:
        raise Refused(f"There is no chapter {number} with exercises: {', '.join(numbers)}")
    found, _ = state.load()
    with state.alone(f"goto {number}"):
        for one in manifest.exercises():
            progress = found.get(one.id, state.Progress())
            if one.chapter < number and one.is_code and not (progress.passed or progress.given):
                kept = workspace.drop_in(one)
                out.print(f"  {one.id} has its solution now"
                          + (f"; yours is kept in {files.shown(kept)}" if kept else ""))
    first = next(one for one in manifest.exercises() if one.chapter == number)
    out.print(f"You are at chapter {number}. Next: tools/workshop start {first.id}")
    return 0


def do_progress(_options, out) -> int:
    found, strange = state.load()
    state.warn_of(strange)
    for chapter in manifest.load():
        done = [one for one in chapter.exercises if found.get(one.id, state.Progress()).passed]
        spent = sum(one.minutes for one in done)
        out.print(f"{chapter.number} {screen.bar(len(done), len(chapter.exercises))} "
                  f"{len(done):2}/{len(chapter.exercises)}  {escape(chapter.title)}"
                  + (f" [dim]({spent:g} min)[/]" if spent else ""))
    done = sum(progress.passed for progress in found.values())
    out.print(f"\n{done} of {len(manifest.exercises())} passed"
              + (f"; under way: {state.current()}" if state.current() else ""))
    return 0


def do_update(_options, out) -> int:
    where, changed, failed = files.shown(files.WORK), 0, 0
    with state.alone("update"):
        for one in filter(workspace.exists, manifest.exercises()):
            try:
                what = workspace.update(one)
            except (files.Unreadable, OSError) as error:
                what = f"left alone. {in_words(error)}"
                failed += 1
            if what:
                out.print(f"{one.id}: {escape(what)}")
                changed += 1
    out.print(f"{changed - failed} of the exercises in {where} have a newer starter." if changed
              else f"Everything in {where} is as new as the kit.")
    return FAILED if failed else 0


def do_doctor(_options, out) -> int:
    from coach import doctor
    return max(subprocess.run([str(ROOT / "tools/doctor")], check=False).returncode, doctor.look(out))


def do_verify(options, out) -> int:
    """For those who write exercises: the manifests, and both directions."""
    wrong = list(manifest.problems())
    for line in wrong:
        print(line, file=sys.stderr)
    failed = 0
    for one in manifest.exercises():
        if options.which and one.id not in options.which and one.chapter not in options.which:
            continue
        try:
            for line in proof.prove(one):
                out.print(escape(line))
        except Exception as error:
            failed += 1
            print(f"FAILED {error}", file=sys.stderr, flush=True)
    return FAILED if wrong or failed else 0


def do_export(_options, _out) -> int:
    export.write()
    return 0


# ---- the command line ----------------------------------------------------
def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="tools/workshop", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Exercises: start one, edit it in work/, and hear exactly what your server did.",
        epilog="Your files are in work/, what you have done is in work/progress.txt. Without EX a\n"
               "command is about the exercise under way. Exit status: 0 passed, 1 not yet, 2 misused.")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, help_: str, does, exercise: str = "") -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_, description=help_[0].upper() + help_[1:] + ".")
        command.set_defaults(does=does)
        if exercise:
            command.add_argument("exercise", metavar="EX", nargs=None if exercise == "must" else "?",
                                 help="its number: 05.2")
        return command

    add("list", "what there is to do, and how it stands", do_list).add_argument(
        "chapter", nargs="?", metavar="NN", help="only this chapter's")
    add("start", "put an exercise into work/; never overwrites what you edited", do_start, "must")
    add("check", "compile it, try it, and explain", do_check, "may").add_argument(
        "answer", nargs="?", help="a prediction's letter, or a number")
    add("watch", "check whenever you save; Ctrl-C ends it", do_watch, "may").add_argument(
        "--rounds", type=int, default=0, metavar="N", help="end after so many checks (0: never)")
    add("hint", "one hint more; there are three", do_hint, "may")
    add("solution", "what changes yours into ours, once it has passed", do_solution, "may").add_argument(
        "--anyway", action="store_true", help="also before it has passed")
    add("diff", "what you have changed", do_diff, "may")
    add("reset", "begin anew; what you had is kept", do_reset, "must")
    add("goto", "go on at a chapter, with the solutions of everything before", do_goto).add_argument(
        "chapter", metavar="NN")
    add("progress", "how far you are", do_progress)
    add("doctor", "whether this machine has what the exercises need", do_doctor)
    add("update", "bring in newer starters, and keep your edits", do_update)
    timetable.arguments(add("schedule", "a half-day, a day or two, computed from the minutes",
                            lambda options, _out: timetable.run(options)))
    bundle.arguments(add("bundle", "pack everything for a USB stick, or check such an archive",
                         lambda options, _out: bundle.run(options)))
    add("verify", "prove exercises in both directions (for those who write them)",
        do_verify).add_argument("which", nargs="*", metavar="NN|EX")
    add("export", "write build/exercises.json, from which the book is made", do_export)
    return top


def main(arguments: list[str]) -> int:
    sys.stdout = sys.stdout or open(os.devnull, "w")  # it may have been closed
    sys.stderr = sys.stderr or sys.stdout
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # in a locale without ✓
    # A shell that starts us in the background has SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    options = parser().parse_args(arguments)
    try:
        status = options.does(options, screen.console())
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (Refused, state.Busy, manifest.ManifestError, files.Unreadable, building.BuildError,
            sources.PatchError, OSError) as error:
        print(f"tools/workshop: {printable(in_words(error))}", file=sys.stderr)
        return MISUSED
    except KeyboardInterrupt:
        print()
        return 0 if options.command == "watch" else 130


def interrupted(*_signal) -> None:
    """Being asked to end is like Ctrl-C: all that was started is ended first."""
    raise KeyboardInterrupt
