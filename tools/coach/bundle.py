"""Packs a workshop for a USB stick: one archive that needs no network.

    tools/workshop bundle                    what make workshop-bundle does
    tools/workshop bundle --with-packages    with the .deb files, if apt can fetch them
    tools/workshop bundle --check FILE       is such an archive whole, and does it work?

In the archive are the tracked files, the rendered book where the sources look
for it, the list of Debian packages, the set-up mail, and a check that needs a
shell and nothing else. The same commit, book and packages give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable

from coach import packages, unpack
from coach.manifest import ROOT
from coach.packages import AptError

NAME = "tick-by-tick"
STICK = pathlib.Path(__file__).resolve().parent / "stick"
MAIL = "docs/pages/instructor.adoc"  # holds the set-up mail
Contents = dict[str, bytes | pathlib.Path]  # name in the archive → what it holds


class BundleError(Exception):
    """It cannot be packed; the text says in one line why."""


# ---- what is packed ------------------------------------------------------
def git(root: pathlib.Path, *arguments: str) -> str:
    try:
        ended = subprocess.run(["git", *arguments], cwd=root, text=True, capture_output=True, check=False)
    except FileNotFoundError:
        raise BundleError("there is no git here, and only git knows which files belong to the kit") from None
    if ended.returncode:
        raise BundleError(f"git {arguments[0]} failed: {ended.stderr.strip().splitlines()[0]}")
    return ended.stdout


def version(root: pathlib.Path) -> str:
    """From the last tag, or else the day of the last commit; and `dirty` when
    files differ from it."""
    described = git(root, "describe", "--tags", "--always", "--dirty").strip()
    if re.fullmatch(r"[0-9a-f]{7,}(-dirty)?", described):
        day = git(root, "log", "-1", "--format=%cd", "--date=format:%Y.%m.%d").strip()
        described = f"{day}-{described}"
    return re.sub(r"[^\w.+-]", "-", described)


def sources(root: pathlib.Path) -> Contents:
    found: Contents = {}
    for name in git(root, "ls-files", "-z").split("\0"):
        if name:
            if not (root / name).is_file():
                raise BundleError(f"{name} is tracked and not there")
            found[f"{NAME}/{name}"] = root / name
    return found


def book(folder: pathlib.Path) -> Contents:
    if not (folder / "index.html").is_file():
        raise BundleError(f"there is no {os.path.relpath(folder)}/index.html: `make book` renders it")
    return {f"{NAME}/build/book/{path.relative_to(folder)}": path
            for path in folder.rglob("*") if path.is_file()}


def setup_mail(root: pathlib.Path) -> str:
    """The block [#mail-text] of the instructor's page."""
    found = re.search(r"^\[#mail-text\]\n\[source,text\]\n----\n(.*?)^----$",
                      (root / MAIL).read_text(), re.M | re.S)
    if not found:
        raise BundleError(f"{MAIL} has no block [#mail-text] with the set-up mail")
    return found[1]


def stick(root: pathlib.Path, named: str, debs: list[pathlib.Path]) -> Contents:
    """What lies beside the kit at the root of the archive."""
    needed = packages.needed(root)
    line = "  packages/        the package files: sudo sh packages/install needs no network\n" if debs else ""
    readme = (STICK / "README.txt").read_text()
    found: Contents = {
        "README.txt": readme.replace("@VERSION@", named).replace("@PACKAGES@", line).encode(),
        "check": STICK / "check",
        "packages.txt": packages.listing(needed, packages.versions(one.name for one in needed)).encode(),
        "setup-mail.txt": setup_mail(root).encode(),
    }
    if debs:
        found["packages/install"] = STICK / "install"
        found |= {f"packages/{path.name}": path for path in debs}
    return found


# ---- packing -------------------------------------------------------------
def read(what: bytes | pathlib.Path) -> bytes:
    return what if isinstance(what, bytes) else what.read_bytes()


def runs(what: bytes | pathlib.Path) -> bool:
    return isinstance(what, pathlib.Path) and os.access(what, os.X_OK)


def sums(contents: Contents) -> bytes:
    """As sha256sum(1) reads them."""
    return "".join(f"{hashlib.sha256(read(contents[name])).hexdigest()}  {name}\n"
                   for name in sorted(contents)).encode()


def pack(contents: Contents, top: str, stamp: int, out: pathlib.Path) -> None:
    """Sorted, with one time and no owner, so that the bytes depend on nothing else."""
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = out.with_name(out.name + ".new")
    with open(fresh, "wb") as file, \
            gzip.GzipFile("", "wb", 9, file, mtime=stamp) as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(contents):
            body = read(contents[name])
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size, entry.mtime = len(body), stamp
            entry.mode = 0o755 if runs(contents[name]) else 0o644
            archive.addfile(entry, io.BytesIO(body))
    os.replace(fresh, out)


def bundle(root: pathlib.Path, rendered: pathlib.Path, with_packages: bool,
           say: Callable[[str], None], out: pathlib.Path | None = None) -> pathlib.Path:
    """Packs, and returns where the archive lies."""
    named = version(root)
    stamp = int(git(root, "log", "-1", "--format=%ct"))
    top = f"{NAME}-workshop-{named}"
    out = out or root / "build" / f"{top}.tar.gz"
    with tempfile.TemporaryDirectory() as folder:
        debs: list[pathlib.Path] = []
        if with_packages:
            names = [one.name for one in packages.needed(root) if one.group in packages.ON_THE_STICK]
            say("fetching packages with apt")
            debs = packages.fetch(names, pathlib.Path(folder) / "packages")
        contents = sources(root) | book(rendered) | stick(root, named, debs)
        contents["SHA256SUMS"] = sums(contents)
        pack(contents, top, stamp, out)
    say(f"{len(contents)} files" + (f", {len(debs) - 1} packages among them" if debs else ""))
    return out


# ---- the command ---------------------------------------------------------
def arguments(parser: argparse.ArgumentParser) -> None:
    """What tools/workshop bundle takes."""
    parser.add_argument("--with-packages", action="store_true",
                        help="pack the .deb files too, as far as apt can fetch them (about 120 MB)")
    parser.add_argument("--out", type=pathlib.Path, metavar="FILE",
                        help="where to (default: build/tick-by-tick-workshop-VERSION.tar.gz)")
    parser.add_argument("--check", type=pathlib.Path, metavar="FILE",
                        help="unpack such an archive elsewhere, and look whether all of it works")
    parser.add_argument("--build", action="store_true",
                        help="with --check: also build chapter 01 from it, which takes a minute")


def run(options: argparse.Namespace) -> int:
    """Packs or checks, as was asked; the exit status."""
    if options.check:
        return unpack.report(options.check, options.build)
    try:
        out = bundle(ROOT, ROOT / "build/book", options.with_packages,
                     lambda text: print(f"bundle: {text}", flush=True), options.out)
    except (BundleError, AptError) as error:
        print(f"bundle: {error}", file=sys.stderr)
        return 1
    print(f"bundle: {os.path.relpath(out)}, {out.stat().st_size / 1e6:.1f} MB")
    return 0


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/workshop bundle", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments(parser)
    return run(parser.parse_args(words))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
