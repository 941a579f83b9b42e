"""Every row of the catalogue against every program, on every backend, with
default and with small socket buffers."""

from __future__ import annotations

import os

import pytest
from catalogue import ROWS
from conftest import SANITIZED
from kit.client import Story
from kit.server import ServerError
from rows import Row, rows_for
from scene import Scene
from targets import Target, targets


def cases() -> list:
    return [
        pytest.param(target, ROWS[name], id=f"{name}-{target}", marks=marks_of(target, name))
        for target in targets()
        for name in rows_for(target)
    ]


def marks_of(target: Target, name: str) -> list[pytest.MarkDecorator]:
    known = target.failure(name)
    if not known:
        return []
    return [pytest.mark.xfail(strict=True, raises=AssertionError,
                              reason=f"mended in {known['mended_in']}")]


class WrongFailure(Exception):
    """It fails, but not in the way that the chapter's text says."""


@pytest.mark.timeout(300 if SANITIZED else 120)
@pytest.mark.parametrize("target, row", cases())
def test_a_hostile_peer_harms_nobody_else(
        target: Target, row: Row, serve, story: Story, seed: int, record_property) -> None:
    cell = {"row": row.name, "target": str(target), "result": "FAILED"}
    record_property("hostile", cell)
    if row.signals and os.environ.get("KIT_SERVER"):
        cell["result"] = "SKIPPED"
        pytest.skip(f"SKIPPED {row.name}: it needs the server's process, KIT_SERVER is set")
    known = target.failure(row.name)
    try:
        attack(target, row, serve, story, seed)
    except pytest.skip.Exception:
        cell["result"] = "SKIPPED"
        raise
    except AssertionError as error:
        if not known:
            raise
        if not all(words in str(error) for words in known["says"]):
            raise WrongFailure(f"expected {known['says']}, but: {error}") from error
        cell["result"] = "fails as stated"
        raise
    if not known:
        cell["result"] = "ok"


def attack(target: Target, row: Row, serve, story: Story, seed: int) -> None:
    options = row.options if target.entry.get("backends") else ()
    server = serve(target.chapter, target.program, *options, backend=target.backend,
                   trigger=target.trigger, buffers=target.buffers)
    scene = Scene(target, server, story, seed, row.name, SANITIZED)
    try:
        scene.begin()
        row.attack(scene)
        scene.after_check(row.grows(scene))
    except (AssertionError, ServerError) as error:
        if fate := scene.fate():
            raise AssertionError(f"{error}\n{fate}") from error
        raise
    finally:
        scene.close()
