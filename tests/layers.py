#!/usr/bin/env python3
"""Check that arrows between the folders of core/ point down only (docs/architecture.md).

usage: layers.py CORE
"""
import pathlib
import re
import sys

# Each folder (or file beside them) and what it may include, besides itself.
BELOW = {
    "base": set(),
    "text": {"base"},
    "limit": set(),
    "config": {"base", "limit", "config_read"},
    "config_read": {"base", "config"},
    "config_batch": {"base", "config", "config_read"},
    "article": {"base", "text"},
    "record": {"base", "text"},
    "report": {"base", "text"},
    "load": {"base", "text", "article"},
    "store": {"base", "text", "article", "record"},
    "eval": {"base", "text", "article", "record", "store", "report"},
    "annotate": {"base", "text", "article", "record", "store", "report", "eval"},
    "host": {"base", "limit", "text", "config", "article", "record", "store", "load", "report"},
    "run": {"base", "limit", "text", "config", "article", "record", "store", "load", "report", "host"},
    "batch": {"base", "text", "config", "store"},
    "cli": {"base", "limit", "text", "config", "article", "record", "store", "load", "report", "host", "run", "eval", "annotate", "batch"},
}


def layer(path):
    return path.split("/")[0].split(".")[0]


def main():
    core = pathlib.Path(sys.argv[1])
    wrong = 0
    for file in sorted(core.rglob("*.[ch]")):
        own = layer(str(file.relative_to(core)))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            m = re.match(r'#include "([^"]+)"', line)
            if not m:
                continue
            other = layer(m.group(1)) if "/" in m.group(1) or (core / m.group(1)).exists() else own
            if other != own and other not in BELOW.get(own, set()):
                print(f"{file.relative_to(core.parent)}:{number}: {own} may not include {m.group(1)}")
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
