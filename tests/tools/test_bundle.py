"""The workshop on a USB stick: what is packed, what is found damaged, and the
check that needs nothing but a shell."""

from __future__ import annotations

import gzip
import io
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable

import pytest
from coach import bundle, packages, unpack
from coach.bundle import BundleError
from kit.server import ROOT

DAY = "2024-05-06T07:08:09+00:00"
STAMP = 1714979289
MAIL = "Hello,\n\n    make tour\n"
TREE = {
    ".gitignore": "/build/\n",
    "Makefile": "all:\n\t@echo all\nchapter:\n\t@echo '$(CH)' > built\n",
    "chapters/01-first/server.cpp": "int main() {}\n",
    "docs/pages/instructor.adoc": f"= Teaching\n\n[#mail-text]\n[source,text]\n----\n{MAIL}----\n\n"
                                  "[source,text]\n----\nno mail\n----\n",
    "tools/needs.sh": "needs() {\n  cat <<'TABLE'\n"
                      "command:sh     dash      -  tour 1 nothing works\n"
                      "header:x.h     libx-dev  -  tour - no server builds\n"
                      "command:x      libx-dev  -  test - no tests\n"
                      "module:y       y-tools   -  check - some tests\n"
                      "TABLE\n}\n",
    "tools/run": "#!/bin/sh\n",
}
BOOK = {"index.html": '<p id="top"><a href="01-first.html#idea">first</a>', "assets/book.css": "p {}\n",
        "01-first.html": '<h2 id="idea">Idea</h2><a href="index.html">back</a>'}


def git(root: pathlib.Path, *arguments: str) -> None:
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "A"), ("EMAIL", "a@example.org"), ("DATE", DAY))}
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True,
                   env={**os.environ, **who, "GIT_CONFIG_GLOBAL": "/dev/null"})


def write(root: pathlib.Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.fixture
def tree(tmp_path: pathlib.Path) -> pathlib.Path:
    """A small kit, under git, with a rendered book."""
    root = tmp_path / "kit"
    write(root, TREE)
    (root / "tools/run").chmod(0o755)
    write(root / "build/book", BOOK)
    git(root, "init", "-q")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "Begin")
    return root


def packed(root: pathlib.Path, **how) -> pathlib.Path:
    return bundle.bundle(root, root / "build/book", False, lambda _: None, **how)


@pytest.fixture
def archive(tree: pathlib.Path) -> pathlib.Path:
    return packed(tree)


def entries(archive: pathlib.Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(archive) as tar:
        return [(entry, tar.extractfile(entry).read()) for entry in tar]


def texts(archive: pathlib.Path) -> dict[str, str]:
    return {entry.name.partition("/")[2]: body.decode() for entry, body in entries(archive)}


# ---- what is packed --------------------------------------------------------
def test_it_holds_the_tracked_files_the_book_the_list_the_mail_and_the_check(archive) -> None:
    assert re.fullmatch(r"tick-by-tick-workshop-2024\.05\.06-[0-9a-f]{7}\.tar\.gz", archive.name)
    found = texts(archive)
    assert set(found) == {
        "README.txt", "SHA256SUMS", "check", "packages.txt", "setup-mail.txt",
        *(f"tick-by-tick/{name}" for name in TREE), *(f"tick-by-tick/build/book/{name}" for name in BOOK)}
    assert found["setup-mail.txt"] == MAIL
    assert archive.name[len("tick-by-tick-workshop-"):-len(".tar.gz")] in found["README.txt"]
    assert "packages/" not in found["README.txt"] and "@" not in found["README.txt"]
    assert {entry.name.partition("/")[0] for entry, _ in entries(archive)} == {archive.name[:-len(".tar.gz")]}


def test_the_list_names_each_package_once_with_the_first_group_that_wants_it(archive) -> None:
    listing = texts(archive)["packages.txt"].splitlines()
    lines = [line.split() for line in listing if line[:1] not in ("#", "")]
    assert [(line[0], line[-1]) for line in lines] == [
        ("dash", "tour"), ("libx-dev", "tour"), ("y-tools", "check")]
    assert lines[1][1] == "-"


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="no dpkg here")
def test_the_list_has_the_version_that_is_installed_here() -> None:
    said = subprocess.run(["dpkg-query", "-W", "-f=${Version}", "dash"], capture_output=True,
                          text=True).stdout
    assert packages.versions(["dash", "no-such-package"]) == {"dash": said}


def test_the_same_commit_and_book_give_the_same_bytes(tree: pathlib.Path) -> None:
    first = packed(tree).read_bytes()
    for path in tree.rglob("*"):
        os.utime(path, (1, 1))
    (tree / "Makefile").chmod(0o600)
    assert packed(tree, out=tree / "build/again.tar.gz").read_bytes() == first


def test_it_tells_nothing_of_who_packed_it_and_keeps_what_can_be_run(archive) -> None:
    found = entries(archive)
    assert [entry.name for entry, _ in found] == sorted(entry.name for entry, _ in found)
    assert {(entry.mtime, entry.uid, entry.gid, entry.uname + entry.gname) for entry, _ in found} == {
        (STAMP, 0, 0, "")}
    assert int.from_bytes(archive.read_bytes()[4:8], "little") == STAMP
    modes = {entry.name.partition("/")[2]: entry.mode for entry, _ in found}
    assert modes["check"] == modes["tick-by-tick/tools/run"] == 0o755
    assert modes["tick-by-tick/Makefile"] == 0o644


def test_what_is_not_tracked_stays_behind_and_an_edit_makes_it_dirty(tree) -> None:
    write(tree, {"notes.txt": "mine\n", "Makefile": "all:\n"})
    out = packed(tree)
    assert out.name.endswith("-dirty.tar.gz")
    found = texts(out)
    assert "tick-by-tick/notes.txt" not in found and found["tick-by-tick/Makefile"] == "all:\n"


def test_a_tag_gives_the_version(tree: pathlib.Path) -> None:
    git(tree, "tag", "v1.2/b")
    assert bundle.version(tree) == "v1.2-b"


@pytest.mark.parametrize(("harm", "says"), [
    (lambda tree: shutil.rmtree(tree / "build/book"), "`make book` renders it"),
    (lambda tree: (tree / "tools/run").unlink(), "tools/run is tracked and not there"),
    (lambda tree: shutil.rmtree(tree / ".git"), "git describe failed"),
    (lambda tree: write(tree, {"docs/pages/instructor.adoc": "= Teaching\n"}), "no block [#mail-text]"),
], ids=["no book", "a file that is gone", "no repository", "no mail"])
def test_what_cannot_be_packed_is_told_in_one_line(tree, harm: Callable, says: str) -> None:
    harm(tree)
    with pytest.raises(BundleError) as refused:
        packed(tree)
    assert says in str(refused.value) and "\n" not in str(refused.value)
    assert not list((tree / "build").glob("*.tar.gz*"))


# ---- the packages themselves -----------------------------------------------
APT = """#!/bin/sh
for word; do case $word in Dir::Cache::archives=*) folder=${word#*=} ;; esac; done
[ -s "${folder:?}/../fail" ] && { echo "W: first" >&2; cat "$folder/../fail" >&2; exit 100; }
mkdir "$folder/partial"; : >"$folder/lock"
for name in a b; do echo $name >"$folder/${name}_1_all.deb"; done
"""
DPKG = '#!/bin/sh\necho "Package: $(cat "$2")"\n'


@pytest.fixture
def apt(tmp_path, monkeypatch) -> pathlib.Path:
    """An apt that fetches two small files."""
    tools = tmp_path / "bin"
    write(tools, {"apt-get": APT, "dpkg-deb": DPKG})
    for path in tools.iterdir():
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    return tmp_path


def test_fetched_packages_are_described_so_that_apt_can_install_from_them(apt: pathlib.Path) -> None:
    files = packages.fetch(["a"], apt / "got")
    assert sorted(path.name for path in (apt / "got").iterdir()) == ["Packages", "a_1_all.deb", "b_1_all.deb"]
    assert [path.name for path in files] == ["a_1_all.deb", "b_1_all.deb", "Packages"]
    first, second = files[2].read_text().split("\n\n")
    assert first.startswith("Package: a\nFilename: ./a_1_all.deb\nSize: 2\nSHA256: 87428fc522803d31")
    assert second.startswith("Package: b\n")


def test_a_bundle_with_packages_holds_them_and_says_how_to_install(tree, apt) -> None:
    said: list[str] = []
    out = bundle.bundle(tree, tree / "build/book", True, said.append)
    found = texts(out)
    assert {name for name in found if name.startswith("packages/")} == {
        "packages/install", "packages/Packages", "packages/a_1_all.deb", "packages/b_1_all.deb"}
    assert "sudo sh packages/install" in found["README.txt"]
    assert said[-1].endswith("2 packages among them")
    assert unpack.report(out) == 0


def test_apt_that_cannot_fetch_is_told_in_one_line(tree, apt, monkeypatch) -> None:
    (apt / "fail").write_text("E: Unable to locate package libx-dev\n")
    with pytest.raises(packages.AptError, match="^apt-get failed: Unable to locate package libx-dev$"):
        packages.fetch(["libx-dev"], apt / "got")
    monkeypatch.setenv("PATH", str(apt / "nowhere"))
    with pytest.raises(packages.AptError, match="^there is no apt-get here$"):
        packages.fetch(["libx-dev"], apt / "other")


# ---- what is found damaged -------------------------------------------------
def checked(archive: pathlib.Path, capfd, build: bool = False) -> tuple[int, list[str], list[str]]:
    status = unpack.report(archive, build)
    said = capfd.readouterr()
    return status, said.out.splitlines(), said.err.splitlines()


def repacked(archive: pathlib.Path, change: Callable[[dict[str, bytes]], None]) -> pathlib.Path:
    """The archive with other contents, well packed: only the sums can tell."""
    found = {entry.name: body for entry, body in entries(archive)}
    change(found)
    out = archive.with_name("changed.tar.gz")
    with tarfile.open(out, "w:gz") as tar:
        for name, body in found.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return out


def top(archive: pathlib.Path) -> str:
    return archive.name.removesuffix(".tar.gz")


def test_a_whole_archive_passes_and_everything_is_looked_at(archive, capfd) -> None:
    assert checked(archive, capfd, build=True) == (0, [
        "ok  all files are as they were packed", "ok  every link of the book leads somewhere",
        "ok  make works without git", "ok  chapter 01 builds"], [])


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1])
def test_a_flipped_byte_of_the_archive_is_told_in_one_line(archive, capfd, share: float) -> None:
    whole = bytearray(archive.read_bytes())
    whole[min(len(whole) - 5, int(len(whole) * share))] ^= 0x10
    archive.write_bytes(whole)
    status, _, wrong = checked(archive, capfd)
    assert status == 1 and len(wrong) == 1, wrong
    assert wrong[0].startswith(f"{archive.name}: ")


@pytest.mark.parametrize("share", [0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_told_in_one_line(archive, capfd, share: float) -> None:
    archive.write_bytes(archive.read_bytes()[:int(archive.stat().st_size * share)])
    status, said, wrong = checked(archive, capfd)
    assert (status, said, len(wrong)) == (1, [], 1)
    assert "cut off" in wrong[0] or "no bundle" in wrong[0] or "cannot be read" in wrong[0]


def test_a_file_cut_off_in_the_middle_says_what_to_do(archive, capfd) -> None:
    archive.write_bytes(archive.read_bytes()[:-2000])
    assert checked(archive, capfd)[2] == [f"{archive.name}: is cut off: copy it once more"]


@pytest.mark.parametrize(("change", "says"), [
    (lambda found, top: found.pop(f"{top}/tick-by-tick/Makefile"), "tick-by-tick/Makefile is missing"),
    (lambda found, top: found.update({f"{top}/check": found[f"{top}/check"][:-1] + b"x"}),
     "check is not what was packed"),
    (lambda found, top: found.update({f"{top}/tick-by-tick/more.cpp": b""}),
     "tick-by-tick/more.cpp is in no list"),
    (lambda found, top: found.update({f"{top}/../../out": b"x"}), "which no bundle does"),
    (lambda found, top: found.update({"/tmp/out": b"x"}), "which no bundle does"),
    (lambda found, top: found.pop(f"{top}/SHA256SUMS"), "no SHA256SUMS"),
    (lambda found, top: found.update({"other/file": b"x"}), "no SHA256SUMS in one folder"),
    (lambda found, top: found.update({f"{top}/SHA256SUMS": b"\xff\xfe"}), "SHA256SUMS cannot be read"),
], ids=["missing", "changed", "added", "out of the folder", "absolute", "no sums", "two folders", "bad sums"])
def test_an_archive_with_other_contents_is_told_in_a_line_each(archive, capfd, change, says) -> None:
    name = top(archive)
    other = repacked(archive, lambda found: change(found, name))
    status, said, wrong = checked(other, capfd)
    assert (status, said) == (1, [])
    assert all(line.startswith("changed.tar.gz: ") and says in line for line in wrong), wrong
    assert len(wrong) == 1


def test_a_link_that_leads_out_of_the_archive_is_no_file_of_ours(archive, tmp_path, capfd) -> None:
    out = tmp_path / "linked.tar.gz"
    with tarfile.open(out, "w:gz") as tar:
        entry = tarfile.TarInfo(f"{top(archive)}/check")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(entry)
    assert checked(out, capfd)[0] == 1


@pytest.mark.parametrize("what", ["no file", "a folder", "another kind"])
def test_what_is_no_archive_is_told_in_one_line(tmp_path, capfd, what: str) -> None:
    path = tmp_path / "b.tar.gz"
    if what == "a folder":
        path.mkdir()
    elif what == "another kind":
        path.write_bytes(gzip.compress(b"not a tar" * 100))
    status, said, wrong = checked(path, capfd)
    assert (status, said, len(wrong)) == (1, [], 1) and wrong[0].startswith("b.tar.gz: cannot be read")


@pytest.mark.parametrize(("files", "says"), [
    ({"build/book/index.html": '<a href="02-second.html">on</a>'},
     "index.html:1: no file for 02-second.html"),
    ({"build/book/index.html": '<a href="01-first.html#end">on</a>'},
     "index.html:1: no anchor for 01-first.html#end"),
    ({"Makefile": "all: $(shell git describe)\n\t@echo all\n"}, "make -n all fails: there is no git here"),
    ({"Makefile": "all: nowhere\n"}, "make -n all fails: make: *** No rule to make target 'nowhere'"),
    ({"Makefile": "all:\n\t@echo all\nchapter:\n\t@echo broken >&2; false\n"},
     "make chapter CH=01 fails: broken"),
], ids=["a dead link", "a dead anchor", "make asks git", "make lacks a file", "chapter 01 is broken"])
def test_an_archive_that_does_not_work_is_told(tree, capfd, files: dict[str, str], says: str) -> None:
    write(tree, files)
    status, _, wrong = checked(packed(tree), capfd, build=True)
    assert status == 1
    assert any(says in line for line in wrong), wrong


# ---- the check on the stick ------------------------------------------------
@pytest.fixture
def stick(archive: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "a stick", filter="data") if hasattr(tarfile, "data_filter") \
            else tar.extractall(tmp_path / "a stick")
    folder, = (tmp_path / "a stick").iterdir()
    return folder


def machine(folder: pathlib.Path, installed: str, lacks: str = "") -> dict[str, str]:
    """A PATH of what a bare Debian has, and a dpkg that knows these packages."""
    tools = folder.parent / "machine"
    tools.mkdir(exist_ok=True)
    for name in ("sh", "dirname", "sha256sum", "sed", "grep", "wc", "tail", "make", "echo", "awk"):
        if name not in lacks.split():
            (tools / name).symlink_to(shutil.which(name))
    if "dpkg-query" not in lacks.split():
        write(tools, {"dpkg-query": f'#!/bin/sh\ncase " {installed} " in *" $3 "*) printf installed ;;\n'
                                    "*) exit 1 ;; esac\n"})
        (tools / "dpkg-query").chmod(0o755)
    return {"PATH": str(tools)}


def check(folder: pathlib.Path, environment: dict[str, str]) -> tuple[int, list[str]]:
    ended = subprocess.run([shutil.which("dash") or "sh", folder / "check"], env=environment, text=True,
                           capture_output=True, cwd="/")
    assert ended.stderr == ""
    return ended.returncode, ended.stdout.splitlines()


def test_a_ready_machine_is_told_what_comes_next(stick) -> None:
    count = len((stick / "SHA256SUMS").read_text().splitlines())
    assert check(stick, machine(stick, "dash libx-dev y-tools")) == (0, [
        f"ok  {count} files are as they were packed", "ok  all packages are installed",
        "ok  make works in tick-by-tick/", "Ready. Next: cd tick-by-tick, then make tour"])


def test_missing_packages_are_named_with_the_command_that_installs_them(stick) -> None:
    status, said = check(stick, machine(stick, "dash"))
    assert status == 1
    assert said[1:4] == ["no  packages are missing: libx-dev",
                         "      with a network:   sudo apt-get install --no-install-recommends libx-dev",
                         "    not needed, some tests are skipped without: y-tools"]
    (stick / "packages").mkdir()
    (stick / "packages/Packages").write_text("")
    _, said = check(stick, {"PATH": str(stick.parent / "machine")})
    assert said[3] == "      from this folder: sudo sh packages/install libx-dev"


@pytest.mark.parametrize(("harm", "says"), [
    (lambda stick: write(stick, {"tick-by-tick/Makefile": "all:\n"}),
     "no  tick-by-tick/Makefile is not what was packed"),
    (lambda stick: (stick / "setup-mail.txt").unlink(), "no  setup-mail.txt is missing"),
    (lambda stick: (stick / "SHA256SUMS").unlink(),
     "no  SHA256SUMS is missing: the archive was not unpacked to its end"),
], ids=["changed", "missing", "no sums"])
def test_damage_is_told_in_one_line(stick, harm: Callable, says: str) -> None:
    harm(stick)
    status, said = check(stick, machine(stick, "dash libx-dev y-tools"))
    assert status == 1
    assert [line for line in said if line.startswith("no")] == [says]
    assert not any(line.startswith("Ready") for line in said)


def test_a_machine_without_make_or_dpkg_is_told_so(stick) -> None:
    status, said = check(stick, machine(stick, "", lacks="make dpkg-query"))
    assert status == 1 and said[1:] == [
        "no  this is neither Debian nor Ubuntu: packages.txt has the names to look for",
        "no  there is no make: nothing can be built"]


def test_sources_that_do_not_build_are_told_with_the_reason(stick) -> None:
    (stick / "tick-by-tick/Makefile").write_text("all: nowhere\n")
    status, said = check(stick, machine(stick, "dash libx-dev y-tools"))
    assert status == 1
    assert said[-1].startswith("no  make does not work in tick-by-tick/: make: *** No rule")


@pytest.mark.parametrize(("script", "call"), [("check", "sh check"), ("install", "sh packages/install")])
def test_the_scripts_explain_themselves(script: str, call: str) -> None:
    ended = subprocess.run(["sh", ROOT / "tools/coach/stick" / script, "--help"], text=True,
                           capture_output=True)
    assert ended.returncode == 0 and call in ended.stdout


# ---- the kit itself ---------------------------------------------------------
def test_the_real_table_gives_packages_of_every_group_that_attendees_need() -> None:
    found = {one.name: one.group for one in packages.needed(ROOT)}
    assert found["g++"] == found["make"] == "tour" and found["strace"] == "test"
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name) for name in found)


def test_the_real_mail_fits_a_mail_and_names_tools_that_are_there() -> None:
    mail = bundle.setup_mail(ROOT)
    assert max(map(len, mail.splitlines())) <= 72
    commands = re.findall(r"^ {7}(\S.*)$", mail, re.M)
    assert {"make tour", "tools/workshop doctor"} <= set(commands)
    for command in commands:
        assert not command.startswith("tools/") or os.access(ROOT / command.split()[0], os.X_OK), command


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no git repository: a bundle, unpacked?")
def test_the_real_sources_need_no_git_to_be_made(tmp_path, capfd) -> None:
    write(tmp_path / "book", BOOK)
    out = bundle.bundle(ROOT, tmp_path / "book", False, lambda _: None, tmp_path / "b.tar.gz")
    assert checked(out, capfd) == (0, ["ok  all files are as they were packed",
                                       "ok  every link of the book leads somewhere",
                                       "ok  make works without git"], [])
