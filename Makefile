# Tick by Tick. `make help` explains the targets; two are enough to begin:
#
#   make tour    set up, build, render the book, show every server at work
#   make test    set up, build, run every test
#
# Everything made goes under build/. SAN=address and SAN=thread build into
# folders of their own (build/address/…), so they never mix with plain builds.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
SHELL := /bin/bash

CXX := $(if $(filter default,$(origin CXX)),g++,$(CXX))
SAN ?=
BUILD := build$(if $(SAN),/$(SAN))

# ---- how C++ is compiled ------------------------------------------------
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wsign-conversion \
            -Werror
# vptr is left out: it opens a pipe to find out what memory may be read, and so
# reports a bug in any program that has run out of descriptors.
SANITIZE_address := -fsanitize=address,undefined -fno-sanitize=vptr \
                    -fno-sanitize-recover=all
SANITIZE_thread := -fsanitize=thread
ifneq ($(SAN),)
ifeq ($(SANITIZE_$(SAN)),)
$(error SAN is address or thread, not '$(SAN)')
endif
endif
# A sanitizer's build is there for its reports, which need lines and no more.
CXXFLAGS ?= $(if $(SAN),-O1 -g1,-O2 -g)
ALL_CXXFLAGS := -std=c++20 $(CXXFLAGS) $(WARNINGS) -pthread -I. \
                $(SANITIZE_$(SAN))
ALL_LDFLAGS := $(LDFLAGS) -pthread $(SANITIZE_$(SAN))
LDLIBS := -lspdlog -lfmt -lutf8proc

# ---- what there is to build ---------------------------------------------
CHAPTERS := $(sort $(notdir $(patsubst %/,%,$(wildcard chapters/*/))))
COMMON_SOURCES := $(wildcard common/*.cpp)
PROGRAM_SOURCES := $(wildcard chapters/*/*.cpp)
PROGRAMS := $(PROGRAM_SOURCES:%.cpp=$(BUILD)/%)
MISTAKE_PATCHES := $(wildcard chapters/*/mistakes/*.patch)
MISTAKES := $(MISTAKE_PATCHES:%.patch=$(BUILD)/%)
TEST_SOURCES := $(wildcard tests/unit/*.cpp tests/contract/*.cpp)
LOAD := $(BUILD)/tools/bench/load
PARTS := $(BUILD)/tools/bench/parts
PEERS := $(BUILD)/tools/bench/peers
LIBRARY := $(BUILD)/common/libtick.a

# CH=03 picks a chapter by its number.
CHAPTER := $(if $(CH),$(firstword $(filter $(CH)-%,$(CHAPTERS))))
PREVIOUS := $(if $(CHAPTER),$(lastword $(filter-out $(CHAPTER),\
              $(shell printf '%s\n' $(CHAPTERS) | sed '/^$(CHAPTER)$$/q'))))
ifneq ($(CH),)
ifeq ($(CHAPTER),)
$(error no chapter '$(CH)': there are $(CHAPTERS))
endif
endif
# P=sequential picks a variation beside server.cpp, or mistakes/NAME.
P ?= server

.PHONY: all help chapter programs mistakes tests bench-programs bench bench-floor bench-peers bench-list \
        setup tour test transcripts traces trace book \
        pdf epub workshop-bundle serve run diff exercises check watch lint clean format compile-commands doctor

all: programs mistakes compile-commands  ## build every server, variation and planted mistake
programs: $(PROGRAMS)
chapter: $(filter $(BUILD)/chapters/$(CHAPTER)/%,$(PROGRAMS) $(MISTAKES))
mistakes: $(MISTAKES)

# ---- compiling ----------------------------------------------------------
# The command itself is a prerequisite: other flags or another compiler
# rebuild everything, and nothing else does.
COMPILE := $(CXX) $(ALL_CXXFLAGS)
STAMP := $(BUILD)/command
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(COMPILE) | $(ALL_LDFLAGS))
$(shell mkdir -p $(BUILD) && printf '%s' '$(COMPILE) | $(ALL_LDFLAGS)' > $(STAMP))
endif

$(BUILD)/%.o: %.cpp $(STAMP)
	@mkdir -p $(@D)
	@echo "  compile  $<"
	@$(COMPILE) -MMD -MP -c $< -o $@

$(LIBRARY): $(COMMON_SOURCES:%.cpp=$(BUILD)/%.o)
	@echo "  archive  $@"
	@rm -f $@ && ar rcs $@ $^

$(PROGRAMS): %: %.o $(LIBRARY)
	@echo "  link     $@"
	@$(CXX) $(ALL_LDFLAGS) $< $(LIBRARY) $(LDLIBS) -o $@

# A mistake is server.cpp with one thing wrong. The patch must still fit: when
# the server changes and the mistake does not follow, the build goes red.
.SECONDEXPANSION:
$(BUILD)/chapters/%.mistake.cpp: chapters/%.patch $$(dir chapters/$$(*D))server.cpp
	@mkdir -p $(@D)
	@patch --quiet --fuzz=0 --output=$@ $(dir chapters/$(*D))server.cpp $< \
	  || { echo "$<: does not fit server.cpp any more"; exit 1; }
	@sed -i '1i #line 1 "$(dir chapters/$(*D))server.cpp"' $@

$(MISTAKES): %: %.mistake.cpp $(LIBRARY) $(STAMP)
	@echo "  mistake  $@"
	@$(COMPILE) $(ALL_LDFLAGS) -I$(patsubst $(BUILD)/%/mistakes/,%,$(dir $@)) \
	  -MMD -MP -MF $@.d -MT $@ $< $(LIBRARY) $(LDLIBS) -o $@

include tests/tests.mk

# ---- the capacity lab: the load, and the peers whose libraries are here ---
# bench-floor: all that tools/bench/run needs; bench-list: see peers/probe.
$(LOAD): $(patsubst %.cpp,$(BUILD)/%.o,$(wildcard tools/bench/generator/*.cpp)) $(LIBRARY)
	@echo "  link     $@"
	@$(CXX) $(ALL_LDFLAGS) $^ $(LDLIBS) -o $@

$(PARTS): %: %.o $(BUILD)/tools/bench/generator/machine.o $(LIBRARY)
	@echo "  link     $@"
	@$(CXX) $(ALL_LDFLAGS) $^ $(LDLIBS) -o $@

CPP_PEERS := $(patsubst %.cpp,$(BUILD)/%,$(wildcard tools/bench/peers/*.cpp))
$(CPP_PEERS): %: %.o $(LIBRARY) tools/bench/peers/list
	@echo "  link     $@"
	@$(CXX) $(ALL_LDFLAGS) $(filter %.o %.a,$^) $(LDLIBS) \
	  $$(tools/bench/peers/probe --links $(@F)) -o $@

RUST := tools/bench/peers/rust
RUST_PEERS := $(addprefix $(PEERS)/,mio tokio broadcast_mio broadcast_tokio)
$(RUST_PEERS): $(PEERS)/%: $(RUST)/src/%.rs $(RUST)/Cargo.toml \
  $(RUST)/src/peer.rs $(RUST)/src/framing.rs
	@echo "  cargo    $@"
	@tools/bench/peers/cargo_build $* $@

bench-floor: $(LOAD) $(PARTS) $(PEERS)/epoll_level
bench-peers: $(HERE:%=$(PEERS)/%)
	@:
bench-programs: $(LOAD) programs
	@tools/bench/peers/probe --absent
	@$(MAKE) --no-print-directory --keep-going bench-peers HERE="$$(tools/bench/peers/probe --present | xargs)"
bench-list:
	@tools/bench/peers/probe --list

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# For editors: clangd looks in build/ by itself.
compile-commands: build/compile_commands.json
build/compile_commands.json: $(STAMP) $(COMMON_SOURCES) $(PROGRAM_SOURCES) $(TEST_SOURCES)
	@mkdir -p build
	@{ echo '['; separator=''; \
	  for source in $(COMMON_SOURCES) $(PROGRAM_SOURCES) $(TEST_SOURCES); do \
	    printf '%s{"directory":"%s","file":"%s","command":"%s -c %s"}' \
	      "$$separator" "$(CURDIR)" "$$source" '$(COMPILE)' "$$source"; \
	    separator=$$',\n'; \
	  done; echo ']'; } > $@

# ---- the two commands of the README, and the rest -----------------------
setup:  ## install what is missing (apt or Homebrew; says what it does)
	@tools/setup

doctor:  ## say what is missing or too old, and what works without it
	@tools/doctor

tour:  ## set up, build, render the book, then show every server at work
	@tools/setup tour
	@$(MAKE) --no-print-directory all book
	@tools/python tools/tour

test:  ## set up, build, run every test; CH=03 only one chapter's
	@tools/setup
	@tests/run $(if $(CH),--chapter $(CH)) $(if $(SAN),--san $(SAN))

transcripts: programs mistakes bench-floor  ## run the sessions that the book prints
	@tools/transcripts

traces: programs mistakes  ## record the runs that the book plays
	@tools/trace record

trace: chapter  ## record a run of your own and look at it: make trace CH=03 [PLAY=told-again]
	@test -n "$(CHAPTER)" || { echo "which chapter? make trace CH=03"; exit 2; }
	@tools/trace show $(CH) $(if $(PLAY),--play $(PLAY))

book: transcripts traces  ## render the book into build/book/index.html
	@docs/drawings/draw
	@tools/workshop export
	@tools/bench/plots
	@docs/build

pdf: book  ## print the book into build/book/tick-by-tick.pdf (needs Chromium)
	@tools/pdf

epub: book  ## pack the book for e-readers into build/book/tick-by-tick.epub
	@tools/epub

workshop-bundle: book  ## pack a USB stick for a workshop: sources, book, packages' names [ARGS=--with-packages]
	@PYTHONPATH=tools tools/python -m coach.bundle $(ARGS)

serve: book  ## serve the book on http://127.0.0.1:8080/
	@/usr/bin/env python3 -m http.server --bind 127.0.0.1 --directory build/book 8080

run:  ## run a chapter's server: make run CH=03 [P=sequential] [ARGS='--port 0']
	@test -n "$(CHAPTER)" || { echo "which chapter? make run CH=03"; exit 2; }
	@$(MAKE) --no-print-directory $(BUILD)/chapters/$(CHAPTER)/$(P)
	@$(BUILD)/chapters/$(CHAPTER)/$(P) $(ARGS)

diff:  ## what a chapter changes in the one before: make diff CH=03
	@test -n "$(PREVIOUS)" || { echo "which chapter? make diff CH=02 is the first"; exit 2; }
	@git diff --no-index --histogram chapters/$(PREVIOUS)/server.cpp chapters/$(CHAPTER)/server.cpp; true

# Of a chapter: its own programs, and what they are compared with. Plots are
# drawn of what there is, also when a row failed or others disturbed it.
BENCHED := $(if $(CHAPTER),bench-floor programs chapter $(PEERS)/broadcast_at_once,\
             bench-programs $(BUILD)/chapters/07-framing/mistakes/copies-for-everyone)
bench: $(BENCHED)  ## measure, and draw plots: make bench (all, a quarter of an hour), or CH=05
	@tools/bench/lab --no-build $(if $(CHAPTER),--chapter $(CH)) $(ARGS); status=$$?; \
	  tools/bench/plots && echo "plots: build/plots/own; make book puts them beside the book's"; \
	  exit $$status

exercises:  ## what there is to do: make exercises [CH=05]
	@tools/workshop list $(CH)

check:  ## try an exercise: make check EX=05.2 [A=b]; begin with tools/workshop start 05.2
	@tools/workshop check $(EX) $(A)

watch:  ## try it again whenever you save: make watch [EX=05.2]
	@tools/workshop watch $(EX)

lint:  ## formatting, clang-tidy, self-contained headers, spelling, scripts
	@tools/lint

format:  ## put C++ sources into the house's format
	@clang-format -i $$(git ls-files '*.hpp' '*.cpp')

clean:  ## remove everything that was made
	@rm -rf build

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
