"""A seeded corpus: distinct articles recombined from the paragraphs of the samples, and of the real texts where they are.

usage: corpus.py OUT [--articles N] [--seed S]
"""
import argparse
import hashlib
import html
import json
import os
import pathlib
import random
import re

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("TALENTHOST_SHARED", SOURCE.parent / "shared"))
TARGET_BYTES = 6400  # of one article: the mean of real ones
CHROME = re.compile(r"^(---|layout:|title:|date:|categories:|tags:|<http|\[返回|责任编辑|编辑|责编|监制|源 )")


def paragraphs(own):
    """Lines of the samples, and of the real texts unless `own`."""
    files = sorted((SOURCE / "samples" / "articles").iterdir())
    if own:
        for path in files:
            yield from path.read_text("utf-8", "replace").splitlines()
        return
    for folder in (SHARED / "articles", SHARED / "texts" / "news"):
        if folder.is_dir():
            files += sorted(folder.iterdir())
    for path in files:
        for line in path.read_text("utf-8", "replace").splitlines():
            yield line
    reports = SHARED / "texts" / "government_work_reports.ndjson"
    if reports.is_file():
        for line in reports.read_text("utf-8").splitlines():
            yield from json.loads(line)["text"].splitlines()


def clean(line):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", line))).strip()


def material(own=False):
    """Lines of 30 characters and more, without markup, each once. `own`: of the samples alone."""
    seen, out = set(), []
    for line in map(clean, paragraphs(own)):
        if 30 <= len(line) <= 600 and line not in seen and not CHROME.match(line):
            seen.add(line)
            out.append(line)
    return out


def make(folder, count, seed, own=False):
    """Write `count` articles below `folder`; returns (bytes, hash of the whole)."""
    lines, rng, digest, total = material(own), random.Random(seed), hashlib.sha256(), 0
    for n in range(count):
        size, body = 0, []
        while size < TARGET_BYTES:
            # A figure of its own makes every article distinct.
            line = rng.choice(lines)
            body.append(line)
            size += len(line.encode())
        body.insert(1, f"去年，当地引进各类人才{rng.randrange(10, 99999)}人。")
        day = f"20{rng.randrange(18, 26)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
        if n % 3 == 0:
            text = f'---\ntitle: "人才工作观察{n}"\ndate: {day} 08:00:00 +0800\n---\n' + "".join(f"<p>{p}</p>\n" for p in body)
            name = f"{n // 1000:03}/{n:06}.md"
        else:
            text = f"人才工作观察{n}\n{day} 09:30 来源: 观察日报\n" + "\n".join(body) + "\n"
            name = f"{n // 1000:03}/{n:06}.txt"
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        path.write_bytes(data)
        digest.update(data)
        total += len(data)
    return total, digest.hexdigest()[:16]


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("out")
    ap.add_argument("--articles", type=int, default=3000)
    ap.add_argument("--seed", type=int, default=1)
    args = ap.parse_args()
    size, digest = make(args.out, args.articles, args.seed)
    print(f"{args.articles} articles, {size / 1e6:.1f} MB, corpus {digest}")


if __name__ == "__main__":
    main()
