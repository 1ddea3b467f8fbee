#!/usr/bin/env python3
"""Check that `talenthost eval --json` counts as another scorer does, on the same database and gold.

usage: eval_agrees.py PROGRAM SCORER GOLD_DIR STORE

SCORER is a Python program that takes --db STORE --json --errors N and writes facts, prf, accuracy, errors and warnings.
Exit status: 0 they agree, 1 they differ, 2 one of them failed.
"""
import json
import subprocess
import sys

ERRORS = "100000"


def result_of(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"{command[0]}: status {done.returncode}: {done.stderr.strip()}", file=sys.stderr)
        sys.exit(2)
    return json.loads(done.stdout)


def differences(ours, theirs):
    for part in ("facts", "prf", "accuracy"):
        for name in {**theirs[part], **ours[part]}:
            a, b = ours[part].get(name), theirs[part].get(name)
            if a != b:
                yield f"{part}: {name}: eval says {a}, the scorer {b}"
    if ours["warnings"] != theirs["warnings"]:
        yield f"warnings: eval says {ours['warnings']}, the scorer {theirs['warnings']}"
    a, b = ([json.dumps(e, ensure_ascii=False, sort_keys=True) for e in r["errors"]] for r in (ours, theirs))
    for line in sorted(set(a) ^ set(b)):
        yield f"errors: only {'eval' if line in a else 'the scorer'} lists {line}"


def main():
    if len(sys.argv) != 5:
        print(__doc__.split("\n")[2], file=sys.stderr)
        return 2
    program, scorer, gold, store = sys.argv[1:]
    ours = result_of([program, "eval", gold, "--store", store, "--json", "--errors", ERRORS])
    theirs = result_of([sys.executable, "-B", scorer, "--db", store, "--json", "--errors", ERRORS])
    found = list(differences(ours, theirs))
    for line in found:
        print(line)
    print(f"{len(theirs['prf']) + len(theirs['accuracy'])} figures and {len(theirs['errors'])} errors compared, "
          f"{len(found)} differ")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
