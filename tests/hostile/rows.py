"""What a row of the catalogue is: something that a hostile peer does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from scene import Scene
from targets import Target


@dataclasses.dataclass(frozen=True)
class Row:
    attack: Callable[[Scene], None]
    # MiB that the server may have grown by in the end
    grows: Callable[[Scene], float] = lambda scene: 4.0
    options: tuple[str, ...] = ()  # of servers that know --max-connections
    signals: bool = False  # needs to stop the process or change its limits
    speaks: tuple[str, ...] = ()  # only for servers that speak this (default: all)
    # For servers that speak this only with small socket buffers: with the
    # system's own the kernel swallows megabytes before anything happens.
    small: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.attack.__name__

    def suits(self, target: Target) -> bool:
        return ((not self.speaks or target.speaks in self.speaks)
                and (bool(target.buffers) or target.speaks not in self.small))


ROWS: dict[str, Row] = {}


def row(**how):
    def enter(attack: Callable[[Scene], None]) -> Callable[[Scene], None]:
        ROWS[attack.__name__] = Row(attack, **how)
        return attack
    return enter


def rows_for(target: Target) -> list[str]:
    """The rows that this program is asked."""
    return target.rows([name for name, row in ROWS.items() if row.suits(target)])
