"""The commands of tools/workshop."""

from __future__ import annotations

import collections
import subprocess
import sys
import textwrap
from collections.abc import Iterator

from coach import export, files, manifest, proof, screen, sources, state, trying, verdict, watch, workspace
from coach.choosing import Refused, begins, begun, chosen, find, following, number_of
from coach.manifest import KINDS, ROOT, Exercise
from coach.texts import wrapped
from rich.markup import escape

FAILED = 1


def in_words(error: Exception) -> str:
    return files.in_words(error) if isinstance(error, OSError) else str(error)


def place(one: Exercise) -> str:
    return files.shown(workspace.folder(one))


# ---- the commands --------------------------------------------------------
def do_list(options, out) -> int:
    found, strange = state.load()
    state.warn_of(strange)
    shown = [one for one in manifest.exercises()
             if not options.chapter or one.chapter == number_of(options.chapter)]
    if not shown:
        raise Refused(f"There is no chapter {options.chapter} with exercises.")
    out.print(screen.table(shown, found))
    kinds = collections.Counter(one.kind for one in shown)
    out.print(f"\n{len(shown)} exercises: " + ", ".join(
        f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind]))
    return 0


def do_start(options, out) -> int:
    found, _ = state.load()
    if not options.exercise:
        raise Refused(f"Which exercise? {begins(found)}")
    one = find(options.exercise)
    with state.alone(f"start {one.id}"):
        fresh, kept = workspace.start(one, ours=state.of(one.id).given)
    out.print(screen.heading(one))
    if kept:
        out.print(f"What you had there is kept in {files.shown(kept)}.")
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
    before = state.of(one.id)
    with state.alone(f"check {one.id}"):
        out.print(screen.heading(one))
        result = trying.attempt(one, lambda step: out.print(f"[dim]{escape(step)}[/]"),
                                options.answer or "")
    out.print()
    out.print(escape(result.text))
    out.print("\n" + verdict.line(one, result, before))
    if result.passed and (one_more := following(state.load()[0])):
        out.print(f"[dim]Next: tools/workshop start {one_more}[/]")
    return 0 if result.passed else FAILED


def do_watch(options, out) -> int:
    one = begun(options.exercise)
    with state.alone(f"watch {one.id}"):
        watch.watch(one, options.rounds)
    return 0


def do_hint(options, out) -> int:
    """One more each time, the earlier ones in a line; the third is the last."""
    one = chosen(options.exercise)
    seen = min(state.of(one.id).hints, len(one.hints))
    if options.all and not seen:
        raise Refused(f"You have had no hint for {one.id} yet: tools/workshop hint {one.id}")
    out.print(screen.heading(one))
    if not options.all and seen < len(one.hints):
        state.note(one.id, "hinted")
        seen += 1
    for number, hint in enumerate(one.hints[:seen], 1):
        if number < seen and not options.all:
            was = textwrap.shorten(wrapped(hint), 60, placeholder=" …")
            out.print(f"[dim]{number} of {len(one.hints)} was: {escape(was)}[/]")
        else:
            out.print(f"\n[bold]Hint {number} of {len(one.hints)}[/]")
            out.print(escape(wrapped(hint, "  ")))
    if seen == len(one.hints) and not options.all:
        out.print(f"\n[dim]That was the last; tools/workshop hint {one.id} --all shows all of them, and\n"
                  f"tools/workshop solution {one.id} --anyway a solution.[/]")
    return 0


def do_solution(options, out) -> int:
    one = chosen(options.exercise)
    progress = state.of(one.id)
    if not (progress.passed or progress.given or progress.shown or options.anyway):
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
    if not options.exercise:
        raise Refused("Which exercise? tools/workshop reset 05.2 puts its starter there again.")
    one = begun(options.exercise)
    with state.alone(f"reset {one.id}"):
        kept = workspace.reset(one)
    out.print(f"{place(one)} is as it was given."
              + (f" What you had is kept in {files.shown(kept)}." if kept else ""))
    return 0


def do_goto(options, out) -> int:
    """The reference for what was not done before a chapter."""
    number = number_of(options.chapter)
    numbers = [chapter.number for chapter in manifest.load()]
    if number not in numbers:
        raise Refused(f"There is no chapter {number} with exercises: {', '.join(numbers)}")
    given, kept = [], []
    with state.alone(f"goto {number}"):
        found, _ = state.load()
        for one in manifest.exercises():
            progress = found.get(one.id, state.Progress())
            there = progress.passed or progress.given and workspace.exists(one)
            if one.chapter < number and one.is_code and not there:
                given.append(one.id)
                if workspace.drop_in(one):
                    kept.append(one.id)
    for text in told_of(given, kept):
        out.print(escape(wrapped(text)))
    first = next(one for one in manifest.exercises() if one.chapter == number)
    out.print(f"You are at chapter {number}. Next: tools/workshop start {first.id}")
    return 0


def told_of(given: list[str], kept: list[str]) -> Iterator[str]:
    """What a goto has put where."""
    where = files.shown(files.WORK)
    if given:
        some = given[0] if len(given) == 1 else f"{given[0]} to {given[-1]}, {len(given)} exercises"
        yield (f"{some}: in {where} there is our solution now. What you have passed is as you left "
               f"it. tools/workshop start {given[-1]} gives you that one's starter, to do it yourself.")
    if kept:
        yield f"What you had of {', '.join(kept)} is kept in {where}/.kept."


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
    current = state.current()
    out.print(f"\n{done} of {len(manifest.exercises())} passed"
              + (f"; under way: {current}" if current else "")
              + (", passed and begun again" if current and found[current].again else ""))
    return 0


def do_update(_options, out) -> int:
    where, changed, failed = files.shown(files.WORK), 0, 0
    with state.alone("update"):
        found, _ = state.load()
        for one in filter(workspace.exists, manifest.exercises()):
            try:
                what = workspace.update(one, found.get(one.id, state.Progress()).given)
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
    failed, which = 0, set(map(number_of, options.which))
    for one in manifest.exercises():
        if which and one.id not in which and one.chapter not in which:
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
