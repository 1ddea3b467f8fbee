#!/usr/bin/env python3
"""Instructions an article, by part: a figure that no other load on the machine changes. Valgrind counts two runs over a fixed corpus,
one a few articles longer than the other; the difference leaves the start out.

usage: instructions.py --program PROGRAM --gentle LIBRARY [--check | --update] [--plugins]

--check   fail when a part costs over a tenth more than instructions.json says, or when the newest line of CHANGELOG.md that
          tells "N thousand instructions an article" tells another figure than instructions.json
--update  write what was counted to instructions.json; CHANGELOG.md then needs a line with the new figure
--plugins also count each plugin (with what it needs, less what that costs alone)
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path.insert(0, str(HERE))
import corpus  # noqa: E402

BASELINE = HERE / "instructions.json"
FEW, MANY = 10, 50
RISE = 1.10  # what a part may cost against the baseline
SMALL = 0.02  # of all: parts below this are not held to it one by one
LINE = re.compile(r"([\d,]+) thousand instructions an article")

# Functions whose cost, with all they call, is a part. Of the parent: what writes. The rest is what remains.
STORE = ("th_store_article_save", "th_store_results_save", "th_store_results_drop", "th_store_file_save", "th_store_begin", "th_store_commit",
         "th_store_file_state", "th_store_link_duplicates", "th_store_edges_each")
ANSWER = ("th_answer_read", "th_article_read")


def count(program, gentle, articles, folder, plugins=()):
    """{function: instructions with what it calls} of the parent and of the worker, each with "" for all."""
    for path in pathlib.Path(folder).glob("count*"):
        path.unlink()
    env = {**os.environ, "TALENTHOST_WALLS_OFF": "all", "LD_PRELOAD": gentle, "TALENTHOST_HOME": str(SOURCE), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={folder}/count.%p", program, "run", *plugins, "--json", "--jobs", "1",
                           "--articles", articles, "--store", f"{folder}/count.db"], cwd=SOURCE, env=env, capture_output=True, text=True, check=False)
    files = sorted(pathlib.Path(folder).glob("count.[0-9]*"), key=lambda p: int(p.suffix[1:]))
    if done.returncode or len(files) != 2:
        raise SystemExit(f"instructions: the counted run failed: {done.stderr.strip()[-500:]}")
    return [read(path) for path in files]


def read(path):
    text = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--auto=no", "--threshold=100", path], capture_output=True, text=True, check=True).stdout
    found = {"": int(re.search(r"^\s*([\d,]+).*PROGRAM TOTALS", text, re.M).group(1).replace(",", ""))}
    for line in text.splitlines():
        m = re.match(r"\s*([\d,]+) \([^)]*\)\s+\S*:(th_\w+)(?:'2)? ", line)
        if m:
            found[m.group(2)] = max(found.get(m.group(2), 0), int(m.group(1).replace(",", "")))
    return found


def difference(program, gentle, folder, plugins=()):
    few, many = (count(program, gentle, f"{folder}/{n}", folder, plugins) for n in (FEW, MANY))
    return [{name: (value - small.get(name, 0)) / (MANY - FEW) for name, value in big.items()} for small, big in zip(few, many)]


def parts(parent, worker):
    """{part: instructions an article}; they add up to `all`."""
    store, answer = (sum(parent.get(name, 0) for name in names) for names in (STORE, ANSWER))
    run = worker.get("th_host_run", 0)
    load = worker.get("th_load", 0) - run
    return {"load": load, "plugins": run, "worker, rest": worker[""] - load - run, "store": store, "parent, reading answers": answer,
            "parent, rest": parent[""] - store - answer, "all": worker[""] + parent[""]}


def by_plugin(program, gentle, folder):
    """{plugin: instructions an article}, each alone with what it needs, less what it needs."""
    listed = json.loads(subprocess.run([program, "plugins", "--json"], cwd=SOURCE, capture_output=True, text=True, check=True).stdout)
    whole = {p["plugin"]: difference(program, gentle, folder, [p["plugin"]])[1].get("th_host_run", 0) for p in listed}
    return {p["plugin"]: whole[p["plugin"]] - sum(whole[n] for n in p["needs"].split()) for p in listed}


def measure(program, gentle, plugins=False):
    with tempfile.TemporaryDirectory(prefix="talenthost-count-") as folder:
        for n in (FEW, MANY):
            corpus.make(f"{folder}/{n}", n, 1, own=True)
        found = {"parts": parts(*difference(program, gentle, folder))}
        if plugins:
            found["plugins"] = by_plugin(program, gentle, folder)
    return found


def show(found):
    old = json.loads(BASELINE.read_text("utf-8")) if BASELINE.is_file() else {}
    print("thousand instructions an article (valgrind), against instructions.json:")
    for name, value in found["parts"].items():
        print(f"  {name:24} {value / 1000:9.1f}" + (f"  {value / old[name] - 1:+7.1%}" if old.get(name) else ""))
    for name, value in found.get("plugins", {}).items():
        print(f"  plugin {name:17} {value / 1000:9.1f}")


def thousands(baseline):
    return f"{round(baseline['all'] / 1000):,}"


def faults(counted, baseline, changelog):
    """What is wrong with the counts, a line each."""
    out = []
    for name, value in counted.items():
        if value > baseline[name] * RISE and value > SMALL * baseline["all"]:
            out.append(f"{name}: {value / 1000:.1f} thousand instructions an article, instructions.json says {baseline[name] / 1000:.1f}; make it cheaper, or "
                       "`./dev bench --instructions --update` and say so in CHANGELOG.md")
    told = LINE.search(changelog)
    if not told or told.group(1) != thousands(baseline):
        out.append(f'CHANGELOG.md: its newest "N thousand instructions an article" says {told.group(1) if told else "nothing"}; '
                   f"instructions.json says {thousands(baseline)}: add a line with the reason")
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--program", required=True)
    ap.add_argument("--gentle", required=True)
    ap.add_argument("--check", action="store_true")
    ap.add_argument("--update", action="store_true")
    ap.add_argument("--plugins", action="store_true")
    args = ap.parse_args()
    found = measure(os.path.abspath(args.program), os.path.abspath(args.gentle), args.plugins)
    show(found)
    if args.update:
        BASELINE.write_text(json.dumps({k: round(v) for k, v in found["parts"].items()}, indent=1) + "\n", "utf-8")
        print(f"wrote {BASELINE.name}; CHANGELOG.md needs: {thousands(found['parts'])} thousand instructions an article")
    if args.check:
        wrong = faults(found["parts"], json.loads(BASELINE.read_text("utf-8")), (SOURCE / "CHANGELOG.md").read_text("utf-8"))
        for line in wrong:
            print(f"instructions: {line}", file=sys.stderr)
        print(f"{0 if wrong else 1} passed, {1 if wrong else 0} failed, 0 skipped")
        sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
