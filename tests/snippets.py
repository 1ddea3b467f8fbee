"""Run what a page of documentation shows: its files are written, its commands run, in a scratch folder.

A block whose first line names a file (`-- plugins/x.lua`, `# data/x.yaml`, `<!-- x.md -->`) becomes that file. `sh` is run, `python` too where its modules
are there, `lua` without a name goes through `talenthost repl`. A plain block behind one of these holds lines that its output must hold; … stands for what is left out.
"""
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile

NAMED = {"lua": r"-- (\S+\.lua)$", "yaml": r"# (\S+\.yaml)$", "md": r"<!-- (\S+\.md) -->$"}


def blocks(text):
    """(line number, language, content) of every fenced block."""
    for m in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.S | re.M):
        yield text[:m.start()].count("\n") + 1, m[1], m[2]


def words(line):
    return " ".join(line.split())


def modules_missing(code):
    names = re.findall(r"^(?:import|from) ([\w, ]+)", code, re.M)
    return [n for part in names for n in re.split(r"[, ]+", part) if n and importlib.util.find_spec(n) is None]


def file_of(language, content):
    first, _, rest = content.partition("\n")
    m = re.match(NAMED.get(language, "$."), first)
    if not m:
        return None, None
    return m[1], rest if language == "md" else content


def run_block(language, content, folder, env):
    """(output, exit status) of a block that is run; None for one that is not."""
    command = {"sh": ["bash", "-e", "-o", "pipefail", "-c", content], "python": ["python3", "-c", content], "lua": ["talenthost", "repl"],
               "r": ["Rscript", "-e", content]}.get(language)
    if not command or not shutil.which(command[0], path=env["PATH"]) or (language == "python" and modules_missing(content)):
        return None
    done = subprocess.run(command, cwd=folder, env=env, input=content if language == "lua" else "", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, timeout=600)
    return done.stdout, done.returncode


def check(path, program, prepare=None):
    """Faults of the page, each with its line."""
    env = dict(os.environ, PATH=f"{os.path.dirname(os.path.abspath(program))}:{os.environ['PATH']}")
    output, ran = None, 0
    with tempfile.TemporaryDirectory(prefix="talenthost-docs-") as folder:
        if prepare:
            subprocess.run(prepare, cwd=folder, env=env, check=True, capture_output=True)
        for line, language, content in blocks(path.read_text("utf-8")):
            name, text = file_of(language, content)
            if name:
                os.makedirs(os.path.join(folder, os.path.dirname(name)), exist_ok=True)
                with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                    out.write(text)
                continue
            if not language and output is not None:
                have = {words(x) for x in output.splitlines()}
                for want in content.splitlines():
                    if words(want) not in have and words(want) not in ("", "…"):
                        yield f"{line}: the commands above do not print \"{want.strip()}\" but:\n{output}"
                continue
            done = run_block(language, content, folder, env)
            output = None
            if done:
                output, status = done
                ran += 1
                if status != 0:
                    yield f"{line}: exit status {status}:\n{content}\n{output}"
        if not ran:
            yield "1: nothing in it could be run"
