"""What authors of plugins use: new, test, watch, repl, api, run --help."""
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import time

from world import PROGRAM, SLOW, SOURCE, World, plugin


class Output:
    """What a terminal or pipe gives, read in order: each text looked for behind the one found before."""

    def __init__(self, fd):
        self.fd, self.left = fd, ""

    def shows(self, text, seconds=20):
        end = time.monotonic() + seconds * max(1, SLOW)
        while text not in self.left and time.monotonic() < end:
            if not select.select([self.fd], [], [], 0.2)[0]:
                continue
            try:
                piece = os.read(self.fd, 65536)
            except OSError:
                break
            if not piece:
                break
            self.left += piece.decode("utf-8", "replace")
        before, found, behind = self.left.partition(text)
        self.left = behind if found else before
        return bool(found)


class Empty(World):
    """Commands in a folder without anything."""

    def setUp(self):
        super().setUp()
        for name in ("config.yaml", "articles", "plugins", "scripts"):
            path = self.dir / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def test_a_new_plugin_runs_is_tested_and_documented(self):
        listed = self.check(0, "new", "plugin", "homes").stdout.split()
        for name in listed:
            self.assertTrue((self.dir / name).exists(), name)
        for name in ("plugins/homes.lua", "plugins/homes_test.lua", "plugins/fixtures/homes.md", "docs/homes.md", ".luarc.json",
                     "lua/talenthost.meta.lua", "config.yaml"):
            self.assertIn(name, listed)
        self.check(0, "test", prints="7 passed, 0 failed")
        self.check(0, "run", "homes", says="3 records")
        self.assertEqual(self.rows("SELECT units, word FROM homes ORDER BY start", store="talenthost.db"),
                         [(1200.0, "人才公寓"), (800.0, "安居房"), (1500.0, "人才住房")])
        self.assertIn("`units`", (self.dir / "docs/homes.md").read_text("utf-8"))
        self.assertEqual(json.loads((self.dir / ".luarc.json").read_text())["workspace.library"], ["lua"])
        json.loads((self.dir / ".vscode/extensions.json").read_text())
        self.assertEqual((self.dir / "lua/talenthost.meta.lua").read_text("utf-8"), self.check(0, "api", "--lua").stdout)

    def test_nothing_is_written_over(self):
        self.check(0, "new", "plugin", "homes")
        before = (self.dir / "config.yaml").read_text()
        self.check(2, "new", "plugin", "homes", says="there is a plugin \"homes\" already")
        self.check(0, "new", "plugin", "cars")
        self.assertEqual((self.dir / "config.yaml").read_text(), before)
        self.write("docs/boats.md", "mine")
        self.check(2, "new", "plugin", "boats", says="docs/boats.md: there is such a file already; nothing was written")
        self.assertFalse((self.dir / "plugins/boats.lua").exists())

    def test_names_that_do_not_fit(self):
        self.check(2, "new", "plugin", "9lives", says="does not begin with a lower-case")
        self.check(2, "new", "plugin", "article", says="article")
        self.check(2, "new", "plugin", "metric", says="there is a plugin \"metric\" already")
        self.check(2, "new", "plugin", "../x", says="new: the name")
        self.check(2, "new", "script", "a b", says="lower-case word")
        self.check(2, "new", "thing", "x", says="expected plugin or script")
        self.check(2, "new", "plugin", says="expected plugin or script, and a name")

    def test_a_new_script_runs_and_explains_itself(self):
        self.check(0, "new", "script", "sources", prints="scripts/sources.lua")
        told = self.check(0, "run", "--help", "sources.lua").stdout
        for part in ("run sources.lua", "Articles by region and source", "top=20", "rows to show"):
            self.assertIn(part, told)
        done = self.check(0, "run", "sources.lua", "top=3")
        self.assertIn("云港日报", done.stdout)
        self.assertIn("total", done.stdout)
        self.assertTrue((self.dir / "out/sources.csv").exists())


class Arguments(World):
    """Defaults of a script, config.yaml over them, the command line over both."""

    def setUp(self):
        super().setUp()
        self.write("scripts/s.lua", 'local script = host.script { name = "s", args = { top = { default = 3, doc = "rows" }, name = "x" } }\n'
                   "function script.run(corpus, args) print(args.top, args.name) end\nreturn script\n")

    def test_each_level_lies_over_the_one_below(self):
        self.check(0, "run", "s.lua", prints="3\tx")
        self.config("args: {s: {top: 7}, other: {least: 1}}\n")
        self.check(0, "run", "s.lua", prints="7\tx")
        self.check(0, "run", "s.lua", "top=9", "name=y", prints="9\ty")

    def test_wrong_arguments_are_named(self):
        self.config("args: {s: {tpo: 7}}\n")
        self.check(2, "run", "s.lua", says="unknown argument \"tpo\"")
        self.config("args: {s: [1]}\n")
        self.check(2, "run", "s.lua", says="args")
        self.config("args: 3\n")
        self.check(2, "run", "s.lua", says="config.yaml:6:7: args: expected a map from script to arguments")
        self.write("scripts/t.lua", 'return host.script { args = { top = { defualt = 3 } } }\n')
        self.config()
        self.check(2, "run", "t.lua", says="args.top: unknown key \"defualt\"; did you mean \"default\"?")


class Tests(World):
    def setUp(self):
        super().setUp()
        self.counter()

    def test_the_api_keeps_its_promises(self):
        done = self.check(0, "test", "--config", SOURCE / "config.yaml", SOURCE / "tests/lua/api_test.lua", "-v")
        self.assertIn("ok      test_neighbours_of_terms", done.stdout)

    def test_the_bundled_plugins_bear_everything(self):
        self.config(plugins=SOURCE / "plugins", extra="limits: {cpu: 60s, wall: 120s, memory: 256MB, records: 100000}\n")
        done = self.check(0, "test", SOURCE / "plugins")
        self.assertIn("24 passed, 0 failed", done.stdout)

    def test_failures_are_told_with_file_and_line(self):
        self.write("plugins/counter_test.lua", 'local t = require "test"\nfunction t.test_it()\n'
                   't.assertEquals(#t.run("counter", "一。二。").counter_row, 2)\nend\nreturn t\n')
        self.check(1, "test", prints=["FAILED  test_it", "plugins/counter_test.lua:3: expected: 2, actual: 1", "4 passed, 1 failed"])

    def test_what_a_plugin_raises_is_the_tests_to_see(self):
        self.write("plugins/bad.lua", plugin("bad", "error('no luck')"))
        self.write("plugins/bad_test.lua", 'local t = require "test"\nfunction t.test_it()\n'
                   't.assertErrorMsgContains("no luck", t.run, "bad", "一。")\nend\nreturn t\n')
        done = self.check(1, "test", "plugins/bad.lua")
        self.assertIn("bad: an empty article\n        plugins/bad.lua:5: no luck", done.stdout)
        self.assertIn("1 passed, 4 failed", done.stdout)

    def test_a_plugin_that_differs_the_second_time(self):
        self.write("plugins/counts.lua", plugin("counts", "n = n + 1 a:record('counts_row', { span = a:span(), n = n })", before="local n = 0"))
        self.check(1, "test", "plugins/counts.lua", prints=["counts: twice the same", "recorded other rows", "3 passed, 1 failed"])

    def test_a_plugin_that_does_not_load(self):
        self.write("plugins/broken.lua", "local x = = 1\n")
        self.check(1, "test", prints=["FAILED  loads", "plugins/broken.lua:1:"])

    def test_a_test_that_never_ends_and_one_that_eats_memory(self):
        self.config("limits: {cpu: 100ms, wall: 60s, memory: 32MB}\n")
        self.write("plugins/counter_test.lua", 'local t = require "test"\nfunction t.test_loop() while true do end end\n'
                   'function t.test_after() end\nfunction t.test_eat() local x = {} while true do x[#x + 1] = {} end end\n'
                   'function t.test_last() end\nreturn t\n')
        done = self.check(1, "test", "-v")
        self.assertIn("FAILED  test_loop\n        plugins/counter_test.lua:2: used up", done.stdout)
        self.assertIn("ok      test_after", done.stdout)
        self.assertIn("used up 32 MB of memory", done.stdout)
        self.assertIn("FAILED  test_last\n        not run", done.stdout)

    def test_a_test_that_no_limit_of_lua_reaches(self):
        self.config("limits: {cpu: 1s, wall: 2s, memory: 64MB}\n")
        self.write("plugins/counter_test.lua", 'local t = require "test"\nfunction t.test_long()\n'
                   '(("a"):rep(40)):find(("a-"):rep(40) .. "b") end\nreturn t\n')
        self.check(1, "test", prints=["took longer than 2 s (limits.wall)", "4 passed, 1 failed"])

    def test_golden_rows_are_kept_compared_and_written_anew(self):
        self.write("plugins/fixtures/x.txt", "标题\n一。二。\n")
        self.write("plugins/counter_test.lua", 'local t = require "test"\nfunction t.test_it() t.golden("counter", "fixtures/x.txt") end\nreturn t\n')
        self.check(1, "test", prints="there is no \"fixtures/x.counter.jsonl\" yet")
        self.check(0, "test", "--update", prints="1 file of golden rows written")
        path = self.dir / "plugins/fixtures/x.counter.jsonl"
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        self.assertEqual([(r["kind"], r["n"]) for r in rows], [("counter_row", 2)])
        self.check(0, "test")
        path.write_text(path.read_text("utf-8").replace('"n":2', '"n":4'), "utf-8")
        self.check(1, "test", prints=['x.counter.jsonl:1: expected: {', '"n":4}, actual: {', '"n":2}'])

    def test_targets_that_are_wrong(self):
        self.check(2, "test", "nothing.lua", says="nothing.lua")
        self.write("a.txt", "x")
        self.check(2, "test", "a.txt", says="expected a folder, a plugin or a file that ends in _test.lua")
        self.write("plugins/counter_test.lua", "return 1\n")
        self.check(1, "test", prints="no tests here")
        self.write("plugins/counter_test.lua", "x = = 1\n")
        self.check(1, "test", prints="plugins/counter_test.lua:1:")


class Prompt(World):
    def test_a_pipe_is_read_line_by_line(self):
        self.counter()
        done = self.check(0, "repl", stdin='#a:quantities()\nfor i = 1, 2 do\nprint("n", i)\nend\nx = 3\nx + 1\n"一", nil, { 1, b = { 2 } }\n'
                          'run("counter").counter_row[1].n\nhelp("span:before")\narticle("建成公寓5套。"):quantities()[1].value\n')
        self.assertEqual(done.stdout.splitlines()[:5], ["5", "n\t1", "n\t2", "4", '一  nil  { 1, b = { 2 } }'])
        self.assertIn("span:before(n?) → span", done.stdout)
        self.assertEqual(done.stdout.splitlines()[-1], "5")

    def test_errors_are_lines_and_the_prompt_goes_on(self):
        self.config("limits: {cpu: 2s, wall: 30s, memory: 32MB}\n")
        done = self.check(1, "repl", stdin='error("one")\nx = = 1\nwhile true do end\nlocal t = {} while true do t[#t + 1] = {} end\nprint("still here")\n'
                          'io.open("/etc/passwd")\nfor i = 1, 2 do\n')
        self.assertIn("still here", done.stdout)
        for part in ("prompt:1: one", "prompt:1: unexpected symbol near '='", "used up 2 s of CPU", "used up 32 MB of memory", "global 'io'",
                     "'end' expected"):
            self.assertIn(part, done.stderr)

    def test_an_article_of_the_store(self):
        self.article()
        self.counter()
        self.check(0, "run")
        self.check(0, "repl", "--article", "a.txt", stdin="a.title\na.id\n", prints="云岭区人才工作取得新进展\n1\n")
        self.check(2, "repl", "--article", "b.txt", says="b.txt")
        self.check(2, "repl", "more", says="unexpected \"more\"")

    def test_a_terminal_has_completion_and_history(self):
        self.counter()
        leader, follower = pty.openpty()
        env = dict(os.environ, HOME=str(self.dir), XDG_STATE_HOME=str(self.dir / "state"), TERM="xterm")
        with subprocess.Popen([PROGRAM, "repl"], cwd=self.dir, stdin=follower, stdout=follower, stderr=follower, env=env,
                              start_new_session=True) as process:
            try:
                os.close(follower)
                terminal = Output(leader)
                self.assertTrue(terminal.shows("Ctrl-D ends"))
                # Each line once the prompt is back: until then the terminal is not the editor's, and what is typed may be flushed.
                for typed, printed in ((b"#a:sent\t)\n", "\r\n3\r\n"), # the # in front is kept
                                       (b"host.cjk_w\t\"ab\")\n", "\r\n2"), ("#'人才'\n".encode(), "\r\n6")):
                    self.assertTrue(terminal.shows("> "))
                    os.write(leader, typed)
                    self.assertTrue(terminal.shows(printed), terminal.left)
                self.assertTrue(terminal.shows("> "))
                for _ in range(int(20 * max(1, SLOW))): # one that comes before the editor has the terminal is a letter: Ctrl-U
                    os.write(leader, b"\x15\x04")
                    try:
                        self.assertEqual(process.wait(timeout=1), 0)
                        break
                    except subprocess.TimeoutExpired:
                        continue
                self.assertEqual(process.poll(), 0)
            finally:
                process.kill()
        os.close(leader)
        history = (self.dir / "state/talenthost/history").read_text("utf-8")
        self.assertIn("sentences(", history.replace("\\040", " "))


class Watch(World):
    def test_a_saved_plugin_runs_again_from_a_fresh_state(self):
        self.write("plugins/n.lua", plugin("n", "k = k + 1 a:record('n_row', { span = a:span(), n = k })", before="local k = 10"))
        with subprocess.Popen([PROGRAM, "watch", "n", "--json"], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            rows, said = Output(process.stdout.fileno()), Output(process.stderr.fileno())
            try:
                self.assertTrue(rows.shows('"n":11'), rows.left)
                self.assertTrue(said.shows("watching"), said.left)
                self.write("plugins/n.lua", plugin("n", "k = k + 2 a:record('n_row', { span = a:span(), n = k })", before="local k = 10"))
                self.assertTrue(rows.shows('"n":12'), rows.left)
                self.write("plugins/n.lua", "x = = 1\n")
                self.assertTrue(said.shows("plugins/n.lua:1:"), said.left)
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(timeout=20 * max(1, SLOW)), 1)
            finally:
                process.kill()

    def test_what_can_not_be_watched(self):
        self.check(2, "watch", says="expected a plugin")
        self.check(2, "watch", "counter", "--article", "1", says="t.db")


class History(World):
    def test_the_store_tells_what_a_plugin_did(self):
        self.article()
        self.article("b.txt", "标题二\n另一句话。\n")
        self.counter()
        self.write("plugins/bad.lua", plugin("bad", "if a.path:find('b.txt', 1, true) then error('too short') end"))
        self.check(1, "run")
        told = self.check(0, "plugins", "counter").stdout
        self.assertIn("covers 2 of 2 articles", told)
        self.assertIn("counter_row: 2 rows on 2 articles", told)
        told = self.check(0, "plugins", "bad").stdout
        self.assertIn("covers 1 of 2 articles", told)
        self.assertIn("failed 1 time: runtime, last: plugins/bad.lua:5: too short", told)
        self.check(0, "plugins", "counter", "--store", "none.db", prints="counts sentences")

    def test_a_row_is_explained_with_its_state(self):
        self.article()
        self.counter()
        self.check(0, "run")
        (state,) = self.rows("SELECT fingerprint FROM coverage")[0]
        self.check(0, "explain", "counter_row:1", prints=state)
        self.assertEqual(json.loads(self.check(0, "explain", "counter_row:1", "--json").stdout)["state"], state)


class Api(World):
    def test_names_are_explained(self):
        self.check(0, "api", prints=["host.date(year, month?, day?)", "article\n", "corpus\n"])
        self.check(0, "api", "span:before", "host.log", prints=["span:before(n?) → span", "host.log.warn(...)"])
        self.check(2, "api", "befor", says="did you mean \"before\"?")
        self.check(2, "api", "--lua", "x", says="stands alone")
