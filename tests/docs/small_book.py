"""A small book in a folder of its own: one of everything, and nothing wrong."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FIRST = """\
// Chapter 01: a server.
#include <cstdio>

namespace tick {

// tag::serve[]
void serve() {
  std::puts("hello");  // <1>
}
// end::serve[]

}  // namespace tick

int main() {
  tick::serve();
}
"""

SECOND = """\
// Chapter 02: a better server.
#include <cstdio>
#include <vector>

#include "common/slab.hpp"

namespace tick {

// tag::serve[]
void serve() {
  std::vector<int> fds{1, 2};  // the guests  <1>
  // tag::greet[]
  std::puts("hello, you");
  // end::greet[]
}
// end::serve[]

}  // namespace tick

int main() {
  tick::serve();
}
"""

SLAB = """\
// Slab: a fixed number of slots.
#pragma once

// tag::slab[]
template <class T>
class Slab {};
// end::slab[]
"""

FIRST_TEXT = """\
= The first
:minutes: 10
:you-build: a server
:part: Part I: Beginnings
:question: Who is there?
:secret: known here

[.lede]
Who is there?

[#idea]
== The idea

It calls `+fd->x+` and `+[[nodiscard]]+`, see <<serving>>; call:poll[] or man:poll[2].
This is term:readiness[], and term:readiness[ready] again.
Chapter 9 is xref:../09-later/chapter.adoc[still to come].

[#serving]
== Serving

[source,cpp]
----
include::server.cpp[tag=serve]
----
<1> It says hello, to {secret}.

[source,console]
----
include::{transcripts}/01-first/run.txt[]
----

[source,diff]
----
include::mistakes/rude.patch[]
----

[.aside]
A note in the margin.

TIP: Be polite.

[#check]
== Check yourself

[.quiz#who]
.Who answers?
====
* [ ] The client
+
No, it asks.

* [x] The server
+
Yes, that is its job.
====

[.quiz#when]
.When?
====
* [x] Now
+
At once.
* [ ] Later
+
No.
====

[.quiz#where]
.Where?
====
* [ ] There
+
No.
* [x] Here
+
Yes.
====
"""

SECOND_TEXT = """\
= The second
:minutes: 20
:you-build: a better server
:part: Part I: Beginnings

[.lede]
Who else?

[#idea]
== The idea

As in xref:../01-first/chapter.adoc#serving[], but better; file:server.cpp[] has it all.

trace::run[title="Two guests"]

toy::knock[title="Knock",noscript="Knock, and somebody answers."]

drawing::door[alt="A door with two people in front of it"]

[#code]
== The code

[source,cpp]
----
include::server.cpp[tag=serve]
----
<1> Two of them.

[source,cpp]
----
include::../../common/slab.hpp[tag=slab]
----

[#exercises-02]
== Exercises

One is there.

exercises::[]
"""

EXERCISES = """\
[chapter]
introduces = ["greeting"]
needs = []
goals = ["greet"]
demo = "make run CH=02"
ask = "Who is greeted?"
answer = "You."
wrong = ["Nobody."]
cut = "Everything."

[[exercise]]
id = "02.1"
name = "everybody"
title = "Greet `everybody`"
kind = "build"
level = 2
minutes = 5
needs = ["greeting"]
explains = "#code"
museum = ["B01"]
seen = ["https://github.com/someone/something/issues/45", "https://example.org/a/page/"]
task = """ + '"""' + """
Change the greeting, as <<code>> says.

* It is loud.
""" + '"""' + """
checks = ["greets"]
says = "nobody"
hints = ["It is a string.", "It is `hello`.", "Write another."]
[[exercise.mutant]]
name = "silent"
killed_by = "greets"
why = "Says _nothing_."
"""

FILES = {
    "common/slab.hpp": SLAB,
    "chapters/01-first/server.cpp": FIRST,
    "chapters/01-first/chapter.adoc": FIRST_TEXT,
    "chapters/01-first/mistakes/rude.patch": "Forgets its manners.\n--- a\n+++ b\n@@ -1 +1 @@\n // tag::x[]\n-hello  // <1>\n+" + "go away " * 9 + "\n",
    "chapters/02-second/server.cpp": SECOND,
    "chapters/02-second/chapter.adoc": SECOND_TEXT,
    "chapters/02-second/exercises/exercises.toml": EXERCISES,
    "chapters/02-second/exercises/checks.py": 'def greets(scene):\n    """Somebody is `greeted`."""\n',
    "docs/pages/index.adoc": "= Tick by Tick\n\n[#chapters]\n== The chapters\n\nchapter-map::all[]\n",
    "docs/pages/how-to-use.adoc": "= How to use it\n\nRead it, then run it.\n",
    "docs/pages/glossary.adoc": "= Glossary\n\n[glossary]\n[[readiness]]readiness::\nA fact about a buffer.\n",
    "docs/pages/syscalls.adoc": "= System calls\n\n[#poll]\n== poll(2)\n\nIt sleeps.\n",
    "docs/pages/about.adoc": "= About\n\nIt is small.\n",
    "docs/wire-format.adoc": "= The wire format\n\nA length, and so many bytes.\n",
    "docs/contributing.adoc": "= Contributing\n\nDo.\n",
    "docs/player/player.rb": (
        "module TracePlayer\n"
        "  def self.html(path, id:, title: nil, source_href: nil)\n"
        '    href = source_href.call("chapters/02-second/server.cpp", 10)\n'
        '    %(<figure class="player" id="#{id}"><a href="#{href}">#{title}</a></figure>)\n'
        "  end\n"
        "end\n"
    ),
    "docs/player/player.js": "// plays\n",
    "docs/player/player.css": ".player { color: inherit }\n",
    "docs/toys/toy.js": "// shared\n",
    "docs/toys/toys.css": ".toy { color: inherit }\n",
    "docs/toys/knock.js": "// knocks\n",
    "docs/drawings/door.svg": (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" role="img"><title>x</title>'
        '<defs><path id="a" d="M0 0"/></defs><use href="#a"/></svg>\n'
    ),
    "build/transcripts/01-first/run.txt": "$ make run \\\n    ARGS=x\nhello\n",
    "build/traces/02-second/run.json": "{}\n",
}


class Book:
    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in FILES.items():
            self.write(name, text)
        if "build/exercises.json" not in FILES:  # the same for all
            self.export()
            FILES["build/exercises.json"] = (self.root / "build/exercises.json").read_text()

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text()
        assert text.count(old) == 1, f"{old!r} is in {name} {text.count(old)} times"
        self.write(name, text.replace(old, new))

    def export(self) -> None:
        """What `tools/workshop export` makes of the manifests that are here."""
        script = (
            "import pathlib, sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1]); "
            "from coach import export, manifest; manifest.ROOT = pathlib.Path(sys.argv[2]); "
            "export.write(manifest.ROOT / 'build/exercises.json')"
        )
        subprocess.run([ROOT / "tools/python", "-c", script, ROOT / "tools", self.root], check=True)

    def line_of(self, name: str, text: str) -> int:
        lines = (self.root / name).read_text().splitlines()
        return next(number for number, line in enumerate(lines, 1) if text in line)

    def build(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "docs/build", "--root", self.root, *options], capture_output=True, text=True
        )

    def page(self, name: str) -> str:
        return (self.root / "build/book" / name).read_text()
