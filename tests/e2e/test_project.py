"""A project of one's own: `init`, the manual page, the shells' completions, the units of systemd."""
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from world import PROGRAM, SOURCE, World


def commands(help_text):
    return re.findall(r"^  ([a-z]+) ", help_text, re.M)


class Init(World):
    def test_a_project_runs_as_it_is(self):
        done = self.check(0, "init", "mine", says=["cd mine", "talenthost test"])
        for path in done.stdout.split():
            self.assertTrue((self.dir / path).is_file(), path)
        for path in ("config.yaml", ".gitignore", ".luarc.json", "plugins/homes.lua", "plugins/homes_test.lua", "scripts/sources.lua",
                     "articles/sample.md", "lua/talenthost.meta.lua"):
            self.assertIn(f"mine/{path}", done.stdout.split())
        here = {"cwd": self.dir / "mine"}
        self.check(0, "test", prints="0 failed", **here)
        self.check(0, "run", "sources.lua", prints="云港日报", **here)
        self.check(0, "run", **here)
        self.assertEqual(self.rows("SELECT count(*) FROM homes", store="mine/talenthost.db"), [(3,)])
        self.assertGreater(self.rows("SELECT count(*) FROM metric", store="mine/talenthost.db")[0][0], 0)

    def test_nothing_is_written_over(self):
        self.check(0, "init", "mine", "--quiet")
        before = {p: p.read_bytes() for p in (self.dir / "mine").rglob("*") if p.is_file()}
        self.check(2, "init", "mine", says="mine/config.yaml: there is such a file already; nothing was written")
        self.assertEqual(before, {p: p.read_bytes() for p in (self.dir / "mine").rglob("*") if p.is_file()})
        self.write("other/plugins/homes.lua", "mine")
        self.check(2, "init", "other", says="other/plugins/homes.lua")
        self.assertFalse((self.dir / "other/config.yaml").exists())
        self.check(2, "init", says="expected the folder to make")
        self.write("file", "")
        self.check(2, "init", "file", says="file")

    def test_the_current_folder_and_one_below_another(self):
        (self.dir / "empty").mkdir()
        self.check(0, "init", ".", cwd=self.dir / "empty")
        self.check(0, "test", cwd=self.dir / "empty")
        self.check(0, "init", "a/b c/人才")
        self.check(0, "run", "-q", cwd=self.dir / "a/b c/人才")

    def test_every_key_stands_in_the_configuration_with_its_default(self):
        self.check(0, "init", "mine", "-q")
        text = (self.dir / "mine/config.yaml").read_text("utf-8")
        (self.dir / "none").mkdir()

        def understood(folder):
            shown = self.check(0, "config", cwd=self.dir / folder).stdout
            return {k: v for k, v in re.findall(r"^(\w+): (.*)$", shown, re.M) if k not in ("articles", "plugins", "scripts")}

        self.assertEqual(understood("mine"), understood("none"))
        # With every line that is commented out taken in, it loads too.
        (self.dir / "mine/config.yaml").write_text(re.sub(r"^#(\w+:|  )", r"\1", text, flags=re.M), "utf-8")
        (self.dir / "mine/codebook.yaml").write_bytes((SOURCE / "plugins/data/policy.yaml").read_bytes())
        self.check(0, "config", cwd=self.dir / "mine")
        self.check(0, "run", "-q", cwd=self.dir / "mine")


class Papers(World):
    """All commands and options are in the manual page and in each completion, since they are made from one table."""

    def setUp(self):
        super().setUp()
        self.options = {name: re.findall(r"^ +(?:-\S, )?(--[a-z-]+)", self.check(0, name, "--help").stdout, re.M)
                        for name in commands(self.check(0, "--help").stdout)}
        self.assertGreater(len(self.options), 20)

    def test_the_manual_page_has_every_command_and_option(self):
        page = self.check(0, "manual").stdout
        sections = dict(re.findall(r"^\.SS (\S+)\n(.*?)(?=^\.S)", page, re.M | re.S))
        self.assertEqual(list(sections), list(self.options))
        for name, options in self.options.items():
            plain = sections[name].replace("\\", "")
            for option in options:
                if option != "--help":
                    self.assertRegex(plain, rf"fB{option}fR", f"{name} {option}")
        self.check(2, "manual", "x", says="takes no argument")

    @unittest.skipUnless(shutil.which("man") and shutil.which("groff"), "man is not installed")
    def test_man_shows_it_without_a_warning(self):
        page = self.write("talenthost.1", self.check(0, "manual").stdout)
        done = subprocess.run(["man", "--warnings", "-l", str(page)], capture_output=True, text=True,
                              env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"}, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        shown = " ".join(done.stdout.split())
        self.assertIn("talenthost run [SCRIPT.lua [NAME=VALUE…] | PLUGIN…]", shown)
        self.assertIn("`run --help SCRIPT` lists them", shown)

    def complete(self, shell, lines, script):
        """What `shell` offers at the end of each line, as sets."""
        self.counter()
        self.write("scripts/towns.lua", "")
        self.write("notes.txt", "")
        self.write("script", self.check(0, "completions", shell).stdout + script)
        env = {**os.environ, "PATH": f"{self.dir / 'bin'}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "HOME": str(self.dir)}
        (self.dir / "bin").mkdir()
        (self.dir / "bin/talenthost").symlink_to(pathlib.Path(PROGRAM).resolve())
        done = subprocess.run([shell, str(self.dir / "script"), *lines], cwd=self.dir, env=env, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [set(row.split()) for row in done.stdout.split("==\n")[:-1]]

    LINES = ["talenthost qua", "talenthost run --onl", "talenthost run cou", "talenthost run tow", "talenthost --ver", "talenthost new ",
             "talenthost grep --kind tit", "talenthost load --config con", "talenthost load not", "talenthost init art"]
    WANTED = ["quantities", "--only-failed", "counter", "towns.lua", "--version", "plugin", "title", "config.yaml", "notes.txt", "articles"]

    def check_offers(self, got):
        self.assertEqual(len(got), len(self.LINES))
        for line, wanted, offered in zip(self.LINES, self.WANTED, got):
            self.assertTrue({wanted, wanted + "/"} & offered, f"{line}: {offered}")

    def test_bash(self):
        got = self.complete("bash", self.LINES, 'for line; do\n'
                            '  read -ra COMP_WORDS <<<"$line"; [[ $line == *" " ]] && COMP_WORDS+=("")\n'
                            '  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _talenthost; printf "%s\\n" "${COMPREPLY[@]}" ==\ndone\n')
        self.check_offers(got)
        self.assertEqual(got[5], {"plugin", "script"})
        self.assertEqual(got[7], {"config.yaml"})
        text = self.check(0, "completions", "bash").stdout
        for name, options in self.options.items():
            offered = re.search(rf'^    {name}\)\n.*?_talenthost_words "([^"]*)"', text, re.M | re.S).group(1).split()
            self.assertEqual(offered, options, name)

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish(self):
        lines = [line for line in self.LINES if "--ver" not in line]
        got = self.complete("fish", lines, 'for line in $argv\n  complete -C $line | string replace -r "\\t.*" ""\n  echo ==\nend\n')
        got.insert(self.LINES.index("talenthost --ver"), {"--version"})
        self.check_offers(got)

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh(self):
        """zsh completes on a terminal only: its first answer is what it writes behind the word."""
        self.write("bin/talenthost", f'#!/bin/sh\nexec "{pathlib.Path(PROGRAM).resolve()}" "$@"\n').chmod(0o755)
        self.write("bin/complete", self.check(0, "completions", "zsh").stdout)
        self.counter()
        setup = ('autoload -Uz compinit; compinit -D -u; source bin/complete; bindkey "^I" complete-word; setopt no_beep; '
                 'unsetopt list_ambiguous; PS1=""')
        lines = [("talenthost quant", "quantities"), ("talenthost run --onl", "--only-failed"), ("talenthost run cou", "counter"),
                 ("talenthost grep --kind tit", "title"), ("talenthost load --config con", "config.yaml")]
        script = 'zmodload zsh/zpty; zpty z zsh -f -i\nzpty -w z "$1"; zpty -r z said "*ready-*" || exit 1; shift\n' \
                 'for line; do zpty -w -n z "$line"$\'\\t\'; zpty -r z said "*${line##* }*"; sleep 1; zpty -rt z more; print -r -- "$said$more"; ' \
                 'zpty -w -n z $\'\\x15\'; done; zpty -d z\n'
        self.write("drive", script)
        env = {**os.environ, "PATH": f"{self.dir / 'bin'}:{os.environ['PATH']}", "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["zsh", "-f", "drive", setup + "; print re''ady-", *[line for line, _ in lines]], cwd=self.dir, env=env,
                              capture_output=True, text=True, timeout=120, check=False)
        for line, wanted in lines:
            self.assertIn(wanted, done.stdout, f"{line}\n{done.stdout}\n{done.stderr}")

    def test_wrong_calls(self):
        self.check(2, "completions", says="expected bash, zsh or fish")
        self.check(2, "completions", "tcsh", says="tcsh")


class Units(World):
    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze")
    def test_systemd_accepts_the_units(self):
        for kind in ("system", "user"):
            names = []
            for path in sorted((SOURCE / "tools/systemd" / kind).iterdir()):
                text = path.read_text("utf-8").replace("ExecStart=talenthost", f"ExecStart={pathlib.Path(PROGRAM).resolve()}")
                names.append(str(self.write(f"{kind}/{path.name.replace('@.', '@x.')}", text)))
            self.assertGreaterEqual(len(names), 2)
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", *(["--user"] if kind == "user" else []), *names],
                                  capture_output=True, text=True, check=False,
                                  env={**os.environ, "XDG_RUNTIME_DIR": str(self.dir)})
            self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
