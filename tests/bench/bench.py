#!/usr/bin/env python3
"""Measure the program on a seeded corpus, next to a Python program doing the same kind of job and to SQLite writing the same rows.

usage: bench.py --program PROGRAM --tools FOLDER [--articles N] [--seed S] [--growth] [--json FILE] [--against FILE]
"""
import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path.insert(0, str(HERE))
import api  # noqa: E402
import corpus  # noqa: E402
import instructions  # noqa: E402
import loading  # noqa: E402
import peer  # noqa: E402
import sandbox  # noqa: E402

RECOGNIZERS, DUCKLING = 0.054, 0.23  # MB/s, as published for their quantities of Chinese text


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


def run_ours(program, articles, store, jobs=2):
    """Seconds, CPU seconds of all its processes, and what the run reports."""
    before = os.times()
    seconds, done = timed([program, "run", "--json", "--articles", articles, "--store", store, "--jobs", str(jobs)], cwd=SOURCE)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, cpu, json.loads(done.stdout)


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


def add_article(articles):
    path = pathlib.Path(articles, "new.txt")
    path.write_text("一篇新文章\n2024-05-06 09:30 来源: 观察日报\n今年，当地引进各类人才4321人，发放补贴1.5亿元。\n", "utf-8")


def measure_size(program, folder, count, seed, old=None):
    """A whole run over `count` articles, then one with nothing new, then one with one new article; the store stays."""
    articles, store = f"{folder}/articles{count}", f"{folder}/ours{count}.db"
    size, digest = corpus.make(articles, count, seed)
    if old and old["articles"] == count and old["corpus"] != digest:
        raise SystemExit("bench: the earlier figures are of another corpus; they do not compare")
    seconds, cpu, report = run_ours(program, articles, store)
    time.sleep(2.5)  # stamps younger than two seconds are not trusted
    settle, _, _ = run_ours(program, articles, store)
    second, again = min((run_ours(program, articles, store)[::2] for _ in range(3)), key=lambda pair: pair[0])
    assert again["articles"] == 0 and again["unchanged"] == count
    add_article(articles)
    new, _, one = run_ours(program, articles, store)
    assert one["loaded"] == 1
    pathlib.Path(articles, "new.txt").unlink()
    return {
        "articles": count, "corpus": digest, "bytes": size, "records": report["records"], "failures": report["failures"], "seconds": seconds,
        "articles_per_s": count / seconds, "cpu_us": cpu / count * 1e6, "us_load": report["load_cpu_s"] / count * 1e6,
        "us_plugins": {k: v / count * 1e6 for k, v in report["plugin_cpu_s"].items()}, "us_parent": report["parent_cpu_s"] / count * 1e6,
        "parent_peak_mb": report["parent_peak_kb"] / 1024, "worker_peak_mb": report["worker_peak_kb"] / 1024,
        "rehash_s": settle, "second_run_s": second, "one_new_s": new - second,
    }


def replay(tools, store, folder):
    """The rows of the store written again by SQLite alone; the best of three."""
    runs = []
    for _ in range(3):
        for path in pathlib.Path(folder).glob("replay.db*"):
            path.unlink()
        runs.append(json.loads(subprocess.run([f"{tools}/bench_replay", store, f"{folder}/replay.db"], capture_output=True, text=True, check=True).stdout))
    best = min(runs, key=lambda r: r["cpu_s"])
    return {"articles_per_s": best["articles"] / best["seconds"], "us": best["cpu_s"] / best["articles"] * 1e6,
            "records": best["records"] / best["articles"], "rows": best["rows"] / best["articles"], "us_row": best["cpu_s"] / best["rows"] * 1e6}


def analysis(tools, articles, terms_file):
    """One core in C alone, µs an article of each step; the best of three."""
    files = [str(p) for p in sorted(pathlib.Path(articles).rglob("*.*"))[:2000]]
    runs = [json.loads(subprocess.run([f"{tools}/bench_analysis", "config.yaml", terms_file, *files], cwd=SOURCE, env={**os.environ, "TALENTHOST_HOME": str(SOURCE)},
                                      capture_output=True, text=True, check=True).stdout) for _ in range(3)]
    best = min(runs, key=lambda r: r["cpu_s"])
    return {"mb_per_s": best["bytes"] / 1e6 / best["cpu_s"], "articles_per_s": best["articles"] / best["cpu_s"],
            **{name: best[f"{name}_s"] / best["articles"] * 1e6 for name in ("load", "quantities", "terms", "places")}}


def python(args, articles, terms_file, terms, folder, texts):
    agreement = check_peer(terms, texts, args.program)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    seconds, done = timed([sys.executable, HERE / "peer.py", articles, terms_file, f"{folder}/peer.db"])
    return {"seconds": seconds, "articles_per_s": args.articles / seconds, "rows": int(done.stdout or 0), "terms": len(terms), "numbers_agree": agreement,
            "peak_mb": max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024}


def measure(args, folder, old):
    small = min(args.articles, 2000)
    sizes = sorted({small, args.articles, *([10 * args.articles] if args.growth else [])})
    terms, terms_file = term_list(), f"{folder}/terms.txt"
    pathlib.Path(terms_file).write_text("\n".join(terms), "utf-8")
    by_size = []
    for count in sizes:
        by_size.append(measure_size(args.program, folder, count, args.seed, old))
        if count > args.articles:
            shutil.rmtree(f"{folder}/articles{count}")
    whole = next(r for r in by_size if r["articles"] == args.articles)
    articles, few = f"{folder}/articles{args.articles}", f"{folder}/articles{small}"
    texts = [peer.strip(p.read_text("utf-8"))[1] for p in sorted(pathlib.Path(articles).rglob("*.*"))[:40]]
    result = {
        **whole, "sizes": by_size, "python": python(args, articles, terms_file, terms, folder, texts),
        "replay": replay(args.tools, f"{folder}/ours{args.articles}.db", folder), "analysis": analysis(args.tools, articles, terms_file),
        **scanner(args.program, texts), "loading": loading.measure(args.program, min(args.articles, 1000), args.seed),
        **api.measure(args.program), **sandbox.measure(args.program, SOURCE, few, small, folder),
        "instructions": instructions.measure(args.program, f"{args.tools}/libbench_gentle.so")["parts"],
    }
    result["against_python"] = result["articles_per_s"] / result["python"]["articles_per_s"]
    result["against_replay"] = result["articles_per_s"] / result["replay"]["articles_per_s"]
    result["writer_against_replay"] = result["replay"]["us"] / result["us_parent"]
    return result


def show_sizes(sizes):
    first = sizes[0]
    for r in sizes:
        print(f"{r['articles']:8} articles       {r['cpu_us']:8.0f} µs of CPU an article ({r['cpu_us'] / first['cpu_us']:.2f})  {r['seconds'] / r['articles'] * 1e6:.0f} µs of time"
              f" ({r['seconds'] / r['articles'] * first['articles'] / first['seconds']:.2f})  parent {r['parent_peak_mb']:.0f} MB  worker {r['worker_peak_mb']:.0f} MB"
              f"  nothing new {r['second_run_s']:.3f} s  one new {r['one_new_s']:+.3f} s")


def show(r):
    p, w, a = r["python"], r["replay"], r["analysis"]
    plugins = sum(r["us_plugins"].values())
    print(f"corpus {r['corpus']}: {r['articles']} articles, {r['bytes'] / 1e6:.1f} MB, {r['records'] / r['articles']:.1f} records an article"
          " (figures of another corpus do not compare)")
    print(f"talenthost, 2 workers   {r['seconds']:8.2f} s  {r['articles_per_s']:8.0f} articles/s  {r['bytes'] / 1e6 / r['seconds']:6.1f} MB/s"
          f"  {r['records'] / r['seconds']:9.0f} records/s")
    print(f"Python, 2 processes     {p['seconds']:8.2f} s  {p['articles_per_s']:8.0f} articles/s  ({p['terms']} terms, {p['rows'] / r['articles']:.0f} rows an article;"
          f" its numbers agree with the scanner's in {p['numbers_agree']:.1%})")
    print(f"SQLite alone, same rows {w['us']:8.0f} µs an article  {w['articles_per_s']:8.0f} articles/s  ({w['records']:.1f} records, {w['rows']:.0f} rows of all tables an article,"
          f" {w['us_row']:.2f} µs a row)")
    print(f"C alone, one core       {1e6 / a['articles_per_s']:8.0f} µs an article  {a['articles_per_s']:8.0f} articles/s  {a['mb_per_s']:6.1f} MB/s"
          f"  (load {a['load']:.0f}, quantities {a['quantities']:.0f}, {p['terms']} terms {a['terms']:.0f}, places {a['places']:.0f} µs)")
    print(f"against the Python      {r['against_python']:8.2f} times its articles/s (at least 3, aim 6)")
    print(f"against SQLite alone    {r['against_replay']:8.2f} times its articles/s (aim 0.8); the parent alone, which writes: {r['writer_against_replay']:.2f} times")
    print(f"µs of CPU an article    all {r['cpu_us']:.0f}:  load {r['us_load']:.0f}  plugins {plugins:.0f} ("
          + "  ".join(f"{k} {v:.0f}" for k, v in r["us_plugins"].items()) + f")  parent {r['us_parent']:.0f}")
    print("thousand instructions   " + "  ".join(f"{k} {v / 1000:.0f}" for k, v in r["instructions"].items()) + "  an article of the fixed corpus")
    print("size: CPU and time an article (against the smallest), peak memory, second run, one new article")
    show_sizes(r["sizes"])
    print(f"young files hashed again {r['rehash_s']:7.3f} s  (the second run, when the files are younger than two seconds)")
    loading.show(r["loading"])
    print(f"scanner, with its output {r['scanner_lines']:7.0f} MB a CPU second in lines ({r['scanner_lines'] / RECOGNIZERS:.0f} times Recognizers-Text's published"
          f" {RECOGNIZERS}, {r['scanner_lines'] / DUCKLING:.0f} times Duckling's {DUCKLING}), {r['scanner_line']:.0f} in one line of 10 MB,"
          f" {r['scanner_long']:.0f} with four times as many lines")
    sandbox.show(r)
    api.show(r)
    if r["failures"]:
        print(f"failures                {r['failures']}")


def read_earlier(path, articles):
    try:
        old = json.loads(pathlib.Path(path).read_text("utf-8"))
        if old["articles"] == articles:
            return old
    except (OSError, ValueError, KeyError) as error:
        raise SystemExit(f"bench: {path}: not the figures of an earlier run ({error})") from None
    raise SystemExit(f"bench: {path}: figures of {old['articles']} articles do not compare with {articles}; --articles {old['articles']} does")


def compare(old, new, name):
    """Each figure against an earlier run's."""
    figures = {"articles/s": "articles_per_s", "times the Python": "against_python", "times SQLite alone": "against_replay", "µs of CPU": "cpu_us",
               "load µs": "us_load", "parent µs": "us_parent", "nothing new s": "second_run_s", "parent MB": "parent_peak_mb", "worker MB": "worker_peak_mb"}
    print(f"against {name}:")
    for label, key in figures.items():
        print(f"  {label:24} {new[key]:10.3f}  was {old[key]:10.3f}  ({new[key] / old[key]:.2f})")
    for group, unit in (("us_plugins", "µs"), ("instructions", "instructions")):
        for key in sorted(k for k in new[group].keys() & old[group].keys() if old[group][k] > 0.01 * sum(old[group].values())):
            print(f"  {key + ' ' + unit:38} {new[group][key]:12.0f}  was {old[group][key]:12.0f}  ({new[group][key] / old[group][key]:.2f})")


def main():
    ap = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0], epilog="./dev bench --instructions [--plugins | --check | --update] "
                                 "counts instructions an article alone.")
    ap.add_argument("--program", required=True, help=argparse.SUPPRESS)
    ap.add_argument("--tools", required=True, help=argparse.SUPPRESS)
    ap.add_argument("--articles", type=int, default=20000, metavar="N", help="articles of the corpus (default: 20000)")
    ap.add_argument("--seed", type=int, default=1, metavar="S", help="of the corpus (default: 1)")
    ap.add_argument("--growth", action="store_true", help="also ten times as many articles (200,000: 4.5 GB in the temporary folder, and a quarter of an hour)")
    ap.add_argument("--json", metavar="FILE", help="write all figures there")
    ap.add_argument("--against", metavar="FILE", help="compare with the figures of an earlier run's --json")
    args = ap.parse_args()
    args.program, args.tools = os.path.abspath(args.program), os.path.abspath(args.tools)
    old = read_earlier(args.against, args.articles) if args.against else None
    with tempfile.TemporaryDirectory(prefix="talenthost-bench-") as folder:
        r = measure(args, folder, old)
    show(r)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(r, indent=1, ensure_ascii=False), "utf-8")
    if old:
        compare(old, r, args.against)


if __name__ == "__main__":
    main()
