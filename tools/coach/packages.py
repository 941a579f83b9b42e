"""The packages that the kit needs: their names, their versions here, their files.

The table is tools/needs.sh, which tools/setup and tools/doctor read as well.
"""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
import subprocess
import tempfile
from collections.abc import Iterable

GROUPS = {
    "tour": "make, make tour and the book",
    "test": "make test and the exercises",
    "check": "what make test looks at the book's pages with; without it these tests are skipped",
    "lint": "make lint, for those who change the kit",
    "bench": "what the capacity lab compares the servers with",
}
ON_THE_STICK = ("tour", "test")


class AptError(Exception):
    """apt cannot be had, or cannot fetch; the text says which."""


@dataclasses.dataclass(frozen=True)
class Package:
    name: str
    group: str


def needed(root: pathlib.Path) -> list[Package]:
    """Each package once, in the first group that wants it."""
    table = subprocess.run(["bash", "-c", ". tools/needs.sh; needs"], cwd=root, text=True,
                           capture_output=True, check=True).stdout
    rows = [line.split() for line in table.splitlines() if line.strip()]
    found: dict[str, str] = {}
    for group in GROUPS:
        for row in rows:
            if row[3] == group:
                found.setdefault(row[1], group)
    return [Package(name, group) for name, group in found.items()]


def versions(names: Iterable[str]) -> dict[str, str]:
    """What is installed here; nothing on a system without dpkg."""
    try:
        form = "--showformat=${binary:Package} ${db:Status-Status} ${Version}\n"
        said = subprocess.run(["dpkg-query", "--show", form, *names], text=True, capture_output=True,
                              check=False).stdout
    except FileNotFoundError:
        return {}
    rows = (line.split() for line in said.splitlines())
    return {row[0].partition(":")[0]: row[2] for row in rows if len(row) == 3 and row[1] == "installed"}


def listing(packages: list[Package], here: dict[str, str]) -> str:
    """packages.txt, which people read and the check on the stick too."""
    there = [group for group in GROUPS if any(one.group == group for one in packages)]
    lines = ["# Packages of Debian and Ubuntu: name, version where this was packed, group",
             *(f"#   {group:<6} {GROUPS[group]}" for group in there)]
    for group in there:
        lines += ["", *(f"{one.name:<24} {here.get(one.name, '-'):<28} {one.group}"
                        for one in packages if one.group == group)]
    return "\n".join(lines) + "\n"


def fetch(names: list[str], folder: pathlib.Path) -> list[pathlib.Path]:
    """Downloads the packages with all that they depend on, as for a machine that
    has nothing yet, and describes them in the file Packages: then the folder is
    a source that apt can install from."""
    folder.mkdir(parents=True)
    with tempfile.NamedTemporaryFile() as nothing:  # as if nothing were installed
        apt("apt-get", "-q", "-y", "--download-only", "--no-install-recommends",
            "-o", f"Dir::State::status={nothing.name}", "-o", f"Dir::Cache::archives={folder}",
            "-o", "Debug::NoLocking=1", "install", *names)
    (folder / "lock").unlink(missing_ok=True)
    if (folder / "partial").is_dir():
        (folder / "partial").rmdir()
    files = sorted(folder.glob("*.deb"))
    if not files:
        raise AptError("apt-get has fetched nothing")
    (folder / "Packages").write_text("\n".join(map(entry, files)))
    return [*files, folder / "Packages"]


def entry(file: pathlib.Path) -> str:
    said = apt("dpkg-deb", "--field", str(file)).rstrip("\n")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return f"{said}\nFilename: ./{file.name}\nSize: {file.stat().st_size}\nSHA256: {digest}\n"


def apt(*command: str) -> str:
    try:
        ended = subprocess.run(command, text=True, capture_output=True, check=False)
    except FileNotFoundError:
        raise AptError(f"there is no {command[0]} here") from None
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or ["it does not say why"]
        raise AptError(f"{command[0]} failed: {lines[-1].removeprefix('E: ')}")
    return ended.stdout
