"""What a measurement was made on, and what else the machine did meanwhile."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import platform
import re
import resource

TICK = os.sysconf("SC_CLK_TCK")  # of /proc/stat, a second


def describe() -> str:
    """A few lines for people: a figure without them says nothing."""
    cpu = re.search(r"^model name\s*: (.*)$", read("/proc/cpuinfo"), re.M)
    release = re.search(r'^PRETTY_NAME="?(.*?)"?$', read("/etc/os-release"), re.M)
    memory = re.search(r"^MemTotal:\s+(\d+) kB", read("/proc/meminfo"), re.M)
    frequency = read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").strip()
    virtual = " (in a virtual machine)" if " hypervisor " in read("/proc/cpuinfo") else ""
    return "\n".join([
        f"{cpu[1] if cpu else platform.machine()}, {len(cores())} cores used{virtual}",
        f"{int(memory[1]) / 2**20:.0f} GiB of memory" if memory else "unknown memory",
        f"{release[1] if release else platform.system()}, kernel {platform.release()}",
        f"frequency governor: {frequency or 'not told'}"]) + "\n"


def read(path: str) -> str:
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""


def cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def descriptors() -> int:
    """As many as there may be, from now on."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


@dataclasses.dataclass(frozen=True)
class Busy:
    """CPU seconds since boot on the cores that are used."""
    busy: float
    stolen: float

    @staticmethod
    def now() -> Busy:
        busy = stolen = 0.0
        for core in cores():
            if found := re.search(rf"^cpu{core} (.*)$", read("/proc/stat"), re.M):
                user, nice, system, _idle, _iowait, irq, soft, steal, *_ = map(int, found[1].split())
                busy += (user + nice + system + irq + soft) / TICK
                stolen += steal / TICK
        return Busy(busy, stolen)

    def others_since(self, before: Busy, ours: float, seconds: float) -> float:
        """The share of a core that somebody else had, or the host took."""
        theirs = self.busy - before.busy - ours + self.stolen - before.stolen
        return max(0.0, theirs) / seconds if seconds else 0.0
