#!/usr/bin/env python3
"""End-to-end tests: the program as a user runs it. Standard library only.

usage: run.py [--jobs N] [NAME…]

NAME is a module, a class or a test; all of them without one. With --jobs, N classes run at a time, each in a process of its own.
TALENTHOST_PROGRAM names the program, TALENTHOST_SHARED the folder with the annotated articles, TALENTHOST_SLOW multiplies the
program's own time limits (sanitizers).
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)


def load(names):
    loader = unittest.TestLoader()
    return loader.loadTestsFromNames(names) if names else loader.discover(str(HERE), pattern="test_*.py")


def run_here(names):
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(load(names))
    bad = len(result.failures) + len(result.errors)
    for test, reason in result.skipped:
        print(f"skipped: {test}: {reason}")
    print(f"{result.testsRun - bad - len(result.skipped)} passed, {bad} failed, {len(result.skipped)} skipped")
    return 1 if bad else 0


def classes(suite):
    """The classes with tests in them, as module.Class, each once, in order."""
    names = []
    for test in suite:
        found = classes(test) if isinstance(test, unittest.TestSuite) else [f"{type(test).__module__}.{type(test).__qualname__}"]
        names += [n for n in found if n not in names]
    return names


def run_class(name):
    return subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, errors="replace")


def run_apart(names, jobs):
    sums, status = [0, 0, 0], 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = [(name, pool.submit(run_class, name)) for name in classes(load(names))]
        for name, future in running:
            done = future.result()
            counts = COUNTS.search(done.stdout)
            print(COUNTS.sub("", done.stdout).rstrip() + done.stderr)
            sums = [a + int(b) for a, b in zip(sums, counts.groups())] if counts else [sums[0], sums[1] + 1, sums[2]]
            if not counts:
                print(f"FAIL: {name}: its process ended without a count, status {done.returncode}")
            status |= done.returncode != 0
    print(f"{sums[0]} passed, {sums[1]} failed, {sums[2]} skipped")
    return 1 if status else 0


def main():
    arguments, jobs = sys.argv[1:], 1
    if arguments[:1] == ["--jobs"]:
        jobs, arguments = int(arguments[1]), arguments[2:]
    return run_here(arguments) if jobs == 1 else run_apart(arguments, jobs)


if __name__ == "__main__":
    sys.exit(main())
