#!/usr/bin/env python3
"""How fast each format is read: MB per CPU second of one worker, before plugins and store.

What is not Markdown is made of the same lines without links and headings in Markdown: with them a text file would be read as Markdown, and so
would nearly every cell of a table.

usage: loading.py --program PROGRAM [--articles N] [--seed S]
"""
import argparse
import csv
import html
import io
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile

import corpus

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]


def articles(count, seed):
    """Title, day and lines of articles recombined from the material of the corpus."""
    lines, rng = corpus.material(), random.Random(seed)
    for n in range(count):
        size, body = 0, [f"去年，当地引进各类人才{rng.randrange(10, 99999)}人。"]
        while size < corpus.TARGET_BYTES:
            body.append(rng.choice(lines))
            size += len(body[-1].encode())
        yield f"人才工作观察{n}", f"20{rng.randrange(18, 26)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}", body


def plain(line):
    """The line without a link or heading in Markdown."""
    return re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"^#+\s+", "", line))


def as_text(title, day, body):
    return f"{title}\n{day} 09:30 来源: 观察日报\n" + "\n".join(body) + "\n"


def as_markdown(title, day, body):
    return f'---\ntitle: "{title}"\ndate: {day}\n---\n\n' + "\n\n".join(body) + "\n"


def as_html(title, day, body):
    return (f"<!doctype html>\n<html><head><meta charset=utf-8><title>{title}</title></head><body>\n<div class=article><h1>{title}</h1>\n"
            f"<p>{day} 09:30 来源: 观察日报</p>\n" + "".join(f"<p>{html.escape(line)}</p>\n" for line in body) + "</div></body></html>\n")


def write(folder, count, seed):
    """One folder for each format; gives their names."""
    rows = io.StringIO()
    table = csv.writer(rows)
    table.writerow(["标题", "日期", "来源", "正文"])
    for n, (title, day, body) in enumerate(articles(count, seed)):
        lines = [plain(line) for line in body]
        for name, text in (("text", as_text(title, day, lines)), ("markdown", as_markdown(title, day, body)), ("html", as_html(title, day, lines))):
            path = pathlib.Path(folder, name, f"{n}.{name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        table.writerow([title, day, "观察日报", "\n".join(lines)])
    path = pathlib.Path(folder, "csv", "all.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(rows.getvalue(), "utf-8")
    return ["text", "markdown", "html", "csv"]


def measure(program, count, seed):
    """{format: MB per CPU second}; the best of three. A format that was not read as `count` articles is left out."""
    speeds = {}
    with tempfile.TemporaryDirectory(prefix="talenthost-load-") as folder:
        for name in write(folder, count, seed):
            for turn in range(3):
                store = f"{folder}/{name}{turn}.db"
                done = subprocess.run([program, "load", "--json", "--jobs", "1", "--store", store, f"{folder}/{name}"], cwd=SOURCE,
                                      capture_output=True, text=True, check=True)
                report = json.loads(done.stdout)
                if report["loaded"] == count:
                    speeds[name] = max(speeds.get(name, 0), report["bytes"] / 1e6 / report["load_cpu_s"])
    return speeds


def show(speeds):
    print("loading, one worker      " + "  ".join(f"{name} {mb:.0f}" for name, mb in speeds.items()) + "  MB a CPU second")


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--program", required=True)
    ap.add_argument("--articles", type=int, default=1000)
    ap.add_argument("--seed", type=int, default=1)
    args = ap.parse_args()
    show(measure(os.path.abspath(args.program), args.articles, args.seed))


if __name__ == "__main__":
    main()
