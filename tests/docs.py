#!/usr/bin/env python3
"""Check the documentation: links lead somewhere, commands and options exist, what is generated is up to date, what pages show runs.

usage: docs.py SOURCE PROGRAM [--update]
"""
import pathlib
import re
import subprocess
import sys

import snippets

FILES = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "samples/README.md", "data/README.md"]


def help_of(program, command):
    done = subprocess.run([program, command, "--help"], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def check_links(source, path, text):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if "://" not in target and not (path.parent / target).exists():
            yield f"link to {target}, which is not there"
    for target in re.findall(r"`((?:docs|core|plugins|scripts|samples|data|tests|tools)/[\w./-]+)`", text):
        if "NAME" not in target and not (source / target).exists():
            yield f"names {target}, which is not there"


def check_commands(text, helps, program):
    for command, rest in re.findall(r"talenthost ([a-z]+)((?: [^\n`]*)?)", text):
        if command in ("talenthost", "run"):
            pass
        if command not in helps:
            helps[command] = help_of(program, command)
        if helps[command] is None:
            yield f"talenthost {command}: no such command"
            continue
        for option in re.findall(r"(?<!\S)(--[a-z]+)", rest):
            if option not in helps[command]:
                yield f"talenthost {command} {option}: no such option"


# Files the program itself writes, with the arguments that give them.
GENERATED = {"docs/api.md": ["api", "--markdown"], "lua/talenthost.meta.lua": ["api", "--lua"]}


def check_generated(source, program, update):
    for name, arguments in GENERATED.items():
        path = source / name
        want = subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout
        if update:
            path.parent.mkdir(exist_ok=True)
            path.write_text(want, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != want:
            yield f"{name}: out of date; `./dev docs --update` writes it"


def plain_blocks(text):
    """The fenced blocks without the comments in them, which are in the page's own language."""
    return [re.sub(r"\s+# .*", "", content) for _, _, content in snippets.blocks(text)]


def check_translation(source):
    """Both READMEs show the same commands, files and output, under as many headings."""
    first, second = ((source / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
    if plain_blocks(first) != plain_blocks(second):
        yield "README.zh-CN.md: its examples are not those of README.md"
    if len(re.findall(r"^#+ ", first, re.M)) != len(re.findall(r"^#+ ", second, re.M)):
        yield "README.zh-CN.md: other sections than README.md"
    if set(re.findall(r"\]\(([^)]+)\)", first)) - {"README.zh-CN.md"} != set(re.findall(r"\]\(([^)]+)\)", second)) - {"README.md"}:
        yield "README.zh-CN.md: other links than README.md"


# Pages whose examples are run, with what stands in the folder before.
RUN = {"docs/plugins.md": None, "docs/database.md": ["talenthost", "run", "--quiet", "--articles", "{source}/samples/articles"]}


def check_snippets(source, program):
    for name, prepare in RUN.items():
        command = prepare and [part.format(source=source) for part in prepare]
        for fault in snippets.check(source / name, program, command):
            yield f"{name}:{fault}"


def main():
    source, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    faults, helps = list(check_generated(source, program, "--update" in sys.argv[3:])), {}
    faults += [*check_translation(source), *check_snippets(source, program)]
    paths = [source / f for f in FILES if (source / f).exists()] + sorted((source / "docs").glob("*.md"))
    for path in paths:
        text = path.read_text("utf-8")
        for fault in [*check_links(source, path, text), *check_commands(text, helps, program)]:
            faults.append(f"{path.relative_to(source)}: {fault}")
    for fault in faults:
        print(fault)
    print(f"{len(paths)} files read, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
