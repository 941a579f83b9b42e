"""Predictions and measurements: an answer in a file, and what really happens."""

from __future__ import annotations

import dataclasses
import math
import re
import textwrap

from coach.files import WORK, shown
from coach.manifest import Choice, Exercise
from coach.scene import Scene, run_experiment
from coach.texts import WIDTH, wrapped

NAME = "answer.txt"
UNSURE = "?"
STEPS = 12
LONGEST = 40  # characters of an answer


class NoAnswer(Exception):
    """There is nothing, or nothing that can be read; the text says what to do."""


@dataclasses.dataclass
class Verdict:
    """right: as predicted, or near enough. seen: "not sure", so it was shown."""
    right: bool
    seen: bool
    text: str


def form(one: Exercise) -> str:
    """The file that is handed out."""
    lines = [f"{one.id} {one.title}", "", *wrapped(one.task).splitlines(), "",
             *wrapped(one.question).splitlines(), ""]
    if one.kind == "predict":
        for choice in one.choices:
            lines += textwrap.wrap(choice_line(choice), WIDTH - 4, initial_indent="  ",
                                   subsequent_indent="     ")
        lines += [f"  {UNSURE}  not sure", "", "Write a letter behind “answer:” and save."]
    else:
        lines += [f"    {one.command}", "", "Write the number behind “answer:” and save."]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines) + "answer: \n"


def choice_line(choice: Choice) -> str:
    return f"{choice.key}  {wrapped(choice.text)}".replace("\n", " ")


def given(one: Exercise, text: str) -> str:
    """What stands behind “answer:”, or alone."""
    found = re.findall(r"^\s*answer:[ \t]*(.*?)[ \t]*$", text, re.M | re.I)
    answer = (found[-1] if found else text.strip())[:LONGEST]
    if not answer or "\n" in answer:
        raise NoAnswer(f"There is no answer yet: write it into {shown(WORK / one.id / NAME)}, or say "
                       f"`tools/workshop check {one.id} {'a' if one.kind == 'predict' else '123'}`.")
    return answer


def read(one: Exercise, text: str) -> str | float:
    """The answer: a letter, or a number."""
    answer = given(one, text)
    return letter(one, answer) if one.kind == "predict" else number(answer)


def letter(one: Exercise, answer: str) -> str:
    keys = [choice.key for choice in one.choices]
    found = answer.lower().rstrip(".)")
    if found not in (*keys, UNSURE):
        raise NoAnswer(f"“{answer}” is none of {', '.join(keys)}, and not {UNSURE} for not sure.")
    return found


def number(answer: str) -> float:
    try:
        found = float(answer.replace(",", "").split()[0])
    except (ValueError, IndexError):
        found = math.nan
    if not math.isfinite(found):
        raise NoAnswer(f"“{answer}” is no number.")
    return found


def judge(one: Exercise, answer: str | float) -> Verdict:
    """Runs the experiment and compares."""
    return judge_choice(one, answer) if one.kind == "predict" else judge_number(one, answer)


def judge_choice(one: Exercise, letter: str) -> Verdict:
    keys = [choice.key for choice in one.choices]
    value, scene = run_experiment(one)
    true = next((choice for choice in one.choices if choice.value == str(value)), None)
    happened = [told(scene), wrapped(f"What came out: {true.text if true else value}.")]
    if true is None:
        return Verdict(False, False, "\n\n".join([
            *happened, wrapped("That is none of the answers: this machine behaves otherwise, and the "
                               "book has something to learn. Please report it.")]))
    if letter == UNSURE:
        return Verdict(False, True, "\n\n".join([*happened, wrapped(true.why)]))
    chosen = one.choices[keys.index(letter)]
    if chosen is true:
        return Verdict(True, False, "\n\n".join([*happened, wrapped(f"Right. {true.why}")]))
    return Verdict(False, False, "\n\n".join([
        *happened, wrapped(f"You said: {chosen.text}. Not so. {chosen.why}"),
        wrapped(f"Rather: {true.why}")]))


def judge_number(one: Exercise, number: float) -> Verdict:
    value, scene = run_experiment(one)
    value = float(value)
    near = abs(number - value) <= one.within * abs(value)
    verdict = ("That agrees." if near else
               f"That is further off than {one.within:.0%}: measure again, or read the hint.")
    return Verdict(near, False, "\n\n".join([
        told(scene),
        wrapped(f"Measured just now: {value:,.6g}. Yours: {number:,.6g}. {verdict}")]))


def told(scene: Scene) -> str:
    first = max(0, len(scene.story.steps) - STEPS)
    return "\n".join(["What was done:", *(
        f"{n:4}. {step}" for n, step in enumerate(scene.story.steps[first:], first + 1))])
