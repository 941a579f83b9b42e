# shellcheck shell=bash
# What the kit needs: the one table that tools/setup and tools/doctor share.
# Sourced, not run; written for the bash 3.2 that macOS still ships.
#
#   what         command:NAME on the PATH, header:FILE the compiler finds,
#                module:NAME for Python, dictionary:NAME for aspell, or
#                crate:NAME among Debian's sources of Rust libraries
#   Debian       the package that brings it
#   Homebrew     the formula; pip:NAME where there is none; xcode comes with
#                Apple's command line tools; - does not exist there
#   group        tour: make, make tour, the book · test: make test ·
#                check: what `make test` looks at the book's pages with; where
#                that cannot be had those tests are skipped ·
#                lint: make lint (only `tools/setup lint` installs these) ·
#                bench: peers of the capacity lab (only `tools/setup bench`)
#   least        the oldest version that will do, - for any
#   without it   what does not work, and what still does
needs() {
  grep -v '^ *#' <<'TABLE'
# what                      Debian                Homebrew           group least without it
command:g++                 g++                   xcode              tour  12   nothing compiles (make CXX=clang++ does with clang 14); the book renders
command:make                make                  xcode              tour  -    nothing is built; the book renders with docs/build
command:pkg-config          pkg-config            pkg-config         tour  -    only your own programs miss it, when they look for spdlog and fmt
command:patch               patch                 xcode              tour  -    no planted mistakes are built; the servers are
command:git                 git                   xcode              tour  -    no make diff, no make lint; all else works
header:doctest/doctest.h    doctest-dev           doctest            tour  2.4  no unit and contract tests; the servers build
header:CLI/CLI.hpp          libcli11-dev          cli11              tour  2.0  no server builds
header:spdlog/spdlog.h      libspdlog-dev         spdlog             tour  1.9  no server builds
header:fmt/core.h           libfmt-dev            fmt                tour  8.0  no server builds
header:utf8proc.h           libutf8proc-dev       utf8proc           tour  2.0  no server builds
command:asciidoctor         asciidoctor           asciidoctor        tour  2.0  no book; read the chapter.adoc files as text
command:rougify             ruby-rouge            -                  tour  3.0  no book; read the chapter.adoc files as text
command:python3             python3               python             tour  3.11 no tour, no tests; the servers and the book build
module:rich                 python3-rich          pip:rich           tour  -    no tour; all else works
module:pytest               python3-pytest        pip:pytest         test  7.0  only the C++ tests run
module:xdist                python3-pytest-xdist  pip:pytest-xdist   test  -    the tests run one after the other, which takes long
module:pytest_timeout       python3-pytest-timeout pip:pytest-timeout test -    only the C++ tests run
module:hypothesis           python3-hypothesis    pip:hypothesis     test  -    the tests with random steps do not run
command:ss                  iproute2              -                  tour  -    one transcript of the book says so in place of the kernel's queues
command:strace              strace                -                  test  -    the tests that count system calls are skipped
command:node                nodejs                node               check 18.19 the toys and the pages of the book are not tried out
command:npm                 npm                   node               check -    the packages that check the book's pages are not installed, their tests skipped
command:chromium            chromium              -                  check -    the book is not tried in a browser; no make pdf
command:java                default-jre-headless  openjdk            check 11   the book's HTML and its EPUB are not validated
command:epubcheck           epubcheck             epubcheck          check -    the book's EPUB is not validated
command:aspell              aspell                aspell             check -    the book's spelling is not checked
dictionary:en_GB            aspell-en             aspell             check -    the book's spelling is not checked
command:pdftotext           poppler-utils         poppler            check -    the book's PDF is not looked at
command:clang-format        clang-format          clang-format       lint  14   make lint does not check the format
command:clang-tidy          clang-tidy            llvm               lint  14   make lint does not look for bug-prone C++
command:codespell           codespell             codespell          lint  -    make lint does not check the spelling
command:shellcheck          shellcheck            shellcheck         lint  -    make lint does not check the shell scripts
command:pyflakes3           pyflakes3             pip:pyflakes       lint  -    make lint does not check the Python scripts
command:ctags               universal-ctags       universal-ctags    lint  -    make lint does not measure functions
header:ev.h                 libev-dev             libev              bench -    libev is not among the peers of the capacity lab
header:event2/event.h       libevent-dev          libevent           bench -    libevent is not among the peers of the capacity lab
header:uv.h                 libuv1-dev            libuv              bench -    libuv is not among the peers of the capacity lab
header:asio.hpp             libasio-dev           asio               bench -    asio is not among the peers of the capacity lab
header:liburing.h           liburing-dev          -                  bench -    liburing is not among the peers of the capacity lab
command:cargo               cargo                 rust               bench -    mio and tokio are not among the peers of the capacity lab
crate:mio                   librust-mio-dev       -                  bench -    mio is not among the peers of the capacity lab
crate:tokio                 librust-tokio-dev     -                  bench -    tokio is not among the peers of the capacity lab
TABLE
}

# Where headers are looked for: Linux, and Homebrew on both kinds of Mac.
include_dirs='/usr/include /usr/local/include /opt/homebrew/include'

header_path() {  # the file that #include <$1> finds, or nothing
  local dir
  for dir in $include_dirs; do
    [ -e "$dir/$1" ] && { echo "$dir/$1"; return; }
  done
  return 1
}

# The modules of $2... that the Python $1 lacks; all of them without a Python.
missing_modules() {
  local python=$1
  shift
  "$python" -c 'import sys
from importlib.util import find_spec
print(*(name for name in sys.argv[1:] if not find_spec(name)))' "$@" \
    2>/dev/null || echo "$@"
}

# Is it there? $1 is the first column of the table. Modules are asked for all
# at once, by the caller, who puts the answer into $absent_modules.
# shellcheck disable=SC2154
is_there() {
  local name=${1#*:}
  case $1 in
    command:*) command -v "$name" >/dev/null ;;
    header:*) header_path "$name" >/dev/null ;;
    crate:*) compgen -G "/usr/share/cargo/registry/$name-[0-9]*" >/dev/null ;;
    dictionary:*) command -v aspell >/dev/null && aspell dicts | grep -x "$name" >/dev/null ;;
    module:*) case " $absent_modules " in *" $name "*) return 1 ;; esac ;;
  esac
}
