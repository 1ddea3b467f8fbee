#!/usr/bin/env python3
"""Measure the program on a seeded corpus, next to a Python program doing the same kind of job.

usage: bench.py --program PROGRAM [--articles N] [--seed S] [--json FILE] [--against FILE]
"""
import argparse
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path.insert(0, str(HERE))
import api  # noqa: E402
import corpus  # noqa: E402
import loading  # noqa: E402
import peer  # noqa: E402
import sandbox  # noqa: E402


def term_list():
    """The terms the Python program looks for: the plugins' vocabulary and the divisions' names."""
    terms = set()
    for path in sorted((SOURCE / "plugins" / "data").glob("*.yaml")):
        terms.update(re.findall(r"[\u4e00-\u9fff]{2,8}", path.read_text("utf-8")))
    for line in (SOURCE / "data" / "divisions.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            terms.add(line.split("\t")[1])
    return sorted(terms)


def check_peer(terms, texts, program):
    """The Python program must find what a plain search finds, and the numbers the scanner finds."""
    pattern, by_start = peer.trie_pattern(terms), {}
    for term in terms:
        by_start.setdefault(term[0], []).append(term)
    same = total = 0
    lines = "".join(json.dumps({"id": i, "text": t}, ensure_ascii=False) + "\n" for i, t in enumerate(texts))
    done = subprocess.run([program, "quantities", "--ndjson"], input=lines, capture_output=True, text=True, check=True)
    for text, line in zip(texts, done.stdout.splitlines()):
        found, numbers = peer.analyse(text, pattern)
        at, plain = 0, []
        while at < len(text):
            longest = max((t for t in by_start.get(text[at], ()) if text.startswith(t, at)), key=len, default=None)
            if longest:
                plain.append((at, at + len(longest), longest))
            at += len(longest) if longest else 1
        if plain != found:
            raise SystemExit("bench: the Python program's terms are not those of a plain search")
        ours = {q["start"] for q in json.loads(line)["quantities"]}
        total += len(numbers)
        same += sum(n[0] in ours for n in numbers)
    return same / max(1, total)


def timed(args, **options):
    before = time.monotonic()
    done = subprocess.run(args, capture_output=True, text=True, check=False, **options)
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise SystemExit(f"bench: {args[0]} failed: {done.stderr.strip()}")
    return time.monotonic() - before, done


def run_ours(program, articles, store, jobs):
    seconds, done = timed([program, "run", "--json", "--articles", articles, "--store", store, "--jobs", str(jobs)], cwd=SOURCE)
    return seconds, json.loads(done.stdout)


def cpu_of(program, data):
    """CPU seconds of the scanner over `data`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "quantities"], input=data, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def scanner(program, texts, size=10_000_000):
    """MB per CPU second of the scanner with its output: `size` bytes in lines, in one line, and four times as many lines."""
    text = "\n".join(texts).encode()
    lines = (text * (4 * size // len(text) + 1))[:4 * size]
    start = min(cpu_of(program, b"") for _ in range(3))
    cost = {name: min(cpu_of(program, data) for _ in range(3)) - start
            for name, data in (("lines", lines[:size]), ("line", lines[:size].replace(b"\n", b"")), ("long", lines))}
    return {"scanner_lines": size / 1e6 / cost["lines"], "scanner_line": size / 1e6 / cost["line"], "scanner_long": 4 * size / 1e6 / cost["long"]}


def measure(args, folder):
    articles, store = f"{folder}/articles", f"{folder}/ours.db"
    size, digest = corpus.make(articles, args.articles, args.seed)
    terms = term_list()
    terms_file = pathlib.Path(folder, "terms.txt")
    terms_file.write_text("\n".join(terms), "utf-8")
    texts = [peer.strip(p.read_text("utf-8"))[1] for p in sorted(pathlib.Path(articles).rglob("*.*"))[:40]]
    agreement = check_peer(terms, texts, args.program)

    ours, report = run_ours(args.program, articles, store, 2)
    time.sleep(2.5)  # stamps younger than two seconds are not trusted
    settle, _ = run_ours(args.program, articles, store, 2)
    second, again = run_ours(args.program, articles, store, 2)
    theirs, done = timed([sys.executable, HERE / "peer.py", articles, str(terms_file), f"{folder}/peer.db"])
    work = report["load_cpu_s"] + sum(report["plugin_cpu_s"].values()) + report["store_s"]
    return {
        "corpus": digest, "articles": args.articles, "bytes": size, "failures": report["failures"],
        "seconds": ours, "articles_per_s": args.articles / ours, "mb_per_s": size / 1e6 / ours,
        "records": report["records"], "records_per_s": report["records"] / ours,
        "share_load": report["load_cpu_s"] / work, "share_store": report["store_s"] / work,
        "share_plugins": {k: v / work for k, v in report["plugin_cpu_s"].items()},
        "us_per_article_plugins": {k: v / args.articles * 1e6 for k, v in report["plugin_cpu_s"].items()},
        "us_per_article_load": report["load_cpu_s"] / args.articles * 1e6,
        "us_per_article_store": report["store_s"] / args.articles * 1e6,
        "parent_peak_mb": report["parent_peak_kb"] / 1024, "worker_peak_mb": report["worker_peak_kb"] / 1024,
        "rehash_s": settle, "second_run_s": second, "second_run_articles": again["articles"],
        "python_s": theirs, "python_articles_per_s": args.articles / theirs, "python_rows": int(done.stdout or 0),
        "python_peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, "python_terms": len(terms),
        "python_numbers_agree": agreement, "ratio": theirs / ours,
        **scanner(args.program, texts), "loading": loading.measure(args.program, min(args.articles, 1000), args.seed),
    }


def show(r):
    print(f"corpus {r['corpus']}: {r['articles']} articles, {r['bytes'] / 1e6:.1f} MB (figures of another corpus do not compare)")
    print(f"talenthost, 2 workers   {r['seconds']:8.2f} s  {r['articles_per_s']:8.0f} articles/s  {r['mb_per_s']:6.1f} MB/s"
          f"  {r['records_per_s']:9.0f} records/s  ({r['records'] / r['articles']:.0f} records an article)")
    print(f"Python, 2 processes     {r['python_s']:8.2f} s  {r['python_articles_per_s']:8.0f} articles/s"
          f"  ({r['python_terms']} terms, {r['python_rows'] / r['articles']:.0f} rows an article)")
    print(f"speed against Python    {r['ratio']:8.2f} times   (its numbers agree with the scanner's in {r['python_numbers_agree']:.1%})")
    print(f"peak memory             parent {r['parent_peak_mb']:.0f} MB, worker {r['worker_peak_mb']:.0f} MB")
    print(f"second run, nothing new {r['second_run_s']:8.3f} s   (the one before, which hashes young files: {r['rehash_s']:.3f} s)")
    loading.show(r["loading"])
    print(f"scanner, with its output {r['scanner_lines']:7.0f} MB a CPU second in lines, {r['scanner_line']:.0f} in one line of 10 MB,"
          f" {r['scanner_long']:.0f} with four times as many lines")
    print("time by part            " + f"load {r['share_load']:.0%}  store {r['share_store']:.0%}  "
          + "  ".join(f"{k} {v:.0%}" for k, v in r["share_plugins"].items()))
    print("µs an article           " + f"load {r['us_per_article_load']:.0f}  store {r['us_per_article_store']:.0f}  "
          + "  ".join(f"{k} {v:.0f}" for k, v in r["us_per_article_plugins"].items()))
    sandbox.show(r)
    if r["failures"]:
        print(f"failures                {r['failures']}")


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--program", required=True)
    ap.add_argument("--articles", type=int, default=3000)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--json")
    ap.add_argument("--against")
    args = ap.parse_args()
    args.program = os.path.abspath(args.program)
    with tempfile.TemporaryDirectory(prefix="talenthost-bench-") as folder:
        r = measure(args, folder)
        r.update(api.measure(args.program, f"{folder}/articles", SOURCE))
        r.update(sandbox.measure(args.program, SOURCE, f"{folder}/articles", args.articles, folder))
    show(r)
    api.show(r)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(r, indent=1), "utf-8")
    if args.against:
        old = json.loads(pathlib.Path(args.against).read_text("utf-8"))
        if old["corpus"] != r["corpus"]:
            raise SystemExit("bench: the earlier figures are of another corpus; they do not compare")
        print(f"against {args.against}: {r['articles_per_s'] / old['articles_per_s']:.2f} times its articles/s")


if __name__ == "__main__":
    main()
