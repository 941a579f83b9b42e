"""The commands of tools/workshop."""

from __future__ import annotations

import argparse
import sys

from coach import export, manifest, proof


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/workshop")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify")
    verify.add_argument("which", nargs="*")
    commands.add_parser("export")
    options = parser.parse_args(arguments)
    if options.command == "export":
        export.write()
        return 0
    wrong = list(manifest.problems())
    for line in wrong:
        print(line, file=sys.stderr)
    status = bool(wrong)
    for one in manifest.exercises():
        if options.which and one.id not in options.which and one.chapter not in options.which:
            continue
        try:
            for line in proof.prove(one):
                print(line, flush=True)
        except (proof.ProofError, Exception) as error:
            print(f"FAILED {error}", file=sys.stderr, flush=True)
            status = 1
    return int(status)
