"""What is told of a failure, how to run it again, provenance, profiles."""
import json
import os
import pathlib
import shlex
import subprocess

from world import SLOW, TEXT, World, plugin

DEEP = """
local function count(q)
  return q.span.nothing.here
end
for _, q in ipairs(a:quantities()) do count(q) end
"""


class Failures(World):
    def setUp(self):
        super().setUp()
        self.article("one.txt")
        self.article("two.txt", TEXT.replace("120", "130"))
        self.counter()

    def paste(self, stderr):
        """The command that the failure offers, run by a shell as it stands."""
        lines = [line.split("again: ", 1)[1] for line in stderr.splitlines() if line.startswith("    again: ")]
        self.assertEqual(len(lines), 1, stderr)
        return lines[0], subprocess.run(lines[0], shell=True, cwd=self.dir, capture_output=True, text=True, timeout=60 * SLOW, check=False)

    def test_a_failure_is_told_whole(self):
        self.write("plugins/deep.lua", plugin("deep", DEEP))
        done = self.check(1, "run", "--jobs", "1")
        lines = done.stderr.splitlines()
        at = next(i for i, line in enumerate(lines) if "plugins/deep.lua:7:" in line)
        self.assertTrue(lines[at].endswith("[articles/one.txt] (runtime)") or lines[at].endswith("(usage)"), lines[at])
        told = "\n".join(lines[at + 1:at + 9])
        self.assertIn("7 | return q.span.nothing.here", told)
        self.assertIn("at plugins/deep.lua:7: in ", told)
        self.assertIn("at plugins/deep.lua:9: in ", told)
        self.assertNotIn("[C]", told)
        self.assertRegex(told, r"article 1, articles/one.txt, last looked at bytes \d+–\d+: 120人")
        self.assertRegex(told, r"used 0\.\d+ s of [\d.]+ s CPU, 0\.\d\d MB of 64MB, 0 of 10000 records, 0 B of 16MB output")
        self.assertRegex(told, r"again: \S+ run deep --article 1 --trace")
        self.assertIn("1 more like: plugins/deep.lua:7:", done.stderr)

    def test_the_command_works_when_pasted(self):
        self.write("plugins/deep.lua", plugin("deep", DEEP))
        done = self.check(1, "run")
        command, again = self.paste(done.stderr)
        self.assertEqual(again.returncode, 1, again.stderr)
        self.assertIn("plugins/deep.lua:7:", again.stderr)
        self.assertIn("[C]: in ", again.stderr)
        self.assertNotIn("more like", again.stderr)
        self.write("plugins/deep.lua", plugin("deep", "a:record('deep_row', { span = a:span(), n = 1 })"))
        mended = subprocess.run(command, shell=True, cwd=self.dir, capture_output=True, text=True, timeout=60 * SLOW, check=False)
        self.assertEqual(mended.returncode, 0, mended.stderr)
        self.assertEqual(self.rows("SELECT count(*) FROM deep_row"), [(1,)])

    def test_the_command_names_configuration_and_store(self):
        self.write("plugins/deep.lua", plugin("deep", DEEP))
        os.rename(self.dir / "config.yaml", self.dir / "my config.yaml")
        done = self.check(1, "run", "--config", "my config.yaml", "--store", "it's.db")
        command, again = self.paste(done.stderr)
        self.assertEqual(shlex.split(command)[2:6], ["--config", "my config.yaml", "--store", "it's.db"])
        self.assertEqual(again.returncode, 1, again.stderr)
        self.assertIn("plugins/deep.lua:7:", again.stderr)

    def test_failures_at_one_line_are_told_once_and_at_another_again(self):
        self.write("plugins/two.lua", plugin("two", "if a.text:find('130') then\nerror('second ' .. a.id)\nend\nerror('first ' .. a.id)"))
        self.article("three.txt", TEXT.replace("120", "140"))
        done = self.check(1, "run", "--jobs", "1")
        self.assertEqual(len([line for line in done.stderr.splitlines() if "error: plugins/two.lua:" in line]), 2, done.stderr)
        self.assertIn("1 more like: plugins/two.lua:8:", done.stderr)

    def test_error_values_that_are_no_text(self):
        for name, body, says in (("tab", "error({ code = 7 })", "error value that is a table"), ("nothing", "error()", "without a message (nil)"),
                                 ("said", "error(setmetatable({}, { __tostring = function() return 'so it is' end }))", "so it is"),
                                 ("truth", "error(true)", "true"), ("number", "error(17)", "17")):
            self.write(f"plugins/{name}.lua", plugin(name, body))
            done = self.check(1, "run", name)
            self.assertIn(says, self.one_line(done, f"error: plugins/{name}.lua:5:"))

    def test_a_plugin_outside_the_folders_is_run_by_its_file(self):
        self.write("elsewhere/mine.lua", plugin("mine", "a:record('mine_row', { span = a:span(), n = 1 })"))
        self.check(0, "run", "elsewhere/mine.lua")
        self.assertEqual(self.rows("SELECT count(*) FROM mine_row"), [(2,)])

    def test_an_article_that_is_not_there(self):
        self.check(0, "run")
        self.check(2, "run", "counter", "--article", "77", says="77")


class Again(World):
    def setUp(self):
        super().setUp()
        for n in range(4):
            self.article(f"{n}.txt", TEXT.replace("120", f"{n}20"))
        self.counter()

    def ran(self, *args, status=0):
        return self.summary(*args, status=status)["articles"]

    def test_force_runs_what_is_current(self):
        self.assertEqual(self.ran(), 4)
        self.assertEqual(self.ran(), 0)
        self.assertEqual(self.ran("--force"), 4)
        self.assertEqual(self.ran("--force", "counter"), 4)
        self.assertEqual(self.ran(), 0)
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(4,)])

    def test_force_on_one_article(self):
        self.ran()
        self.assertEqual(self.ran("counter", "--article", "2.txt"), 1)
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(4,)])

    def test_only_failed_does_what_failed_and_nothing_new(self):
        self.write("plugins/moody.lua", plugin("moody", "if a.text:find('220') then error('no') end a:record('moody_row', { span = a:span(), n = 1 })"))
        self.write("articles/bad.txt", b"")
        self.check(1, "run")
        self.article("new.txt", TEXT.replace("120", "990"))
        self.write("plugins/late.lua", plugin("late", ""))
        self.write("plugins/moody.lua", plugin("moody", "a:record('moody_row', { span = a:span(), n = 2 })"))
        self.write("articles/bad.txt", TEXT.replace("120", "770"))
        report = self.summary("--only-failed")
        self.assertEqual((report["new"], report["articles"]), (1, 2))
        self.assertEqual(self.rows("SELECT path, n FROM moody_row JOIN article ON article.id = article_id WHERE n = 2 ORDER BY 1"),
                         [("articles/2.txt", 2), ("articles/bad.txt", 2)])
        self.assertEqual(self.rows("SELECT count(*) FROM article WHERE path LIKE '%new%'"), [(0,)])

    def test_provenance_is_stamped_by_the_core(self):
        self.write("plugins/data/words.yaml", "words: [人才]\n")
        self.write("plugins/reader.lua", plugin("reader", "a:record('reader_row', { span = a:span(), n = 1 })", needs='{ "counter" }',
                                                before="local words = host.codebook('words.yaml')"))
        self.check(0, "run")
        rows = self.rows("SELECT p.plugin, p.version, p.data, p.needs, p.settings, p.text_version, c.run_id, c.cpu_us, c.memory_kb, p.source_hash "
                         "FROM coverage c JOIN provenance p USING (fingerprint) ORDER BY 1")
        self.assertEqual(len(rows), 8)
        for name, version, data, needs, settings, text, run, cpu, memory, source in rows:
            self.assertEqual((version, run, json.loads(settings)["memory"]), ("1.0", 1, "64MB"))
            self.assertTrue(text and len(source) >= 16 and 0 <= cpu < 5e6 and 10 < memory < 64000, (text, source, cpu, memory))
            if name == "reader":
                self.assertEqual(list(json.loads(data)), ["plugins/data/words.yaml"])
                self.assertEqual(list(json.loads(needs)), ["counter"])
        self.write("plugins/data/words.yaml", "words: [人才, 政策]\n")
        self.check(0, "run")
        self.assertEqual(self.rows("SELECT count(DISTINCT data) FROM provenance WHERE plugin = 'reader'"), [(2,)])

    def test_a_plugin_can_not_set_its_provenance(self):
        for field in ("fingerprint", "article_id", "run_id", "cpu_us", "id"):
            self.write("plugins/forger.lua", plugin("forger", f"a:record('forger_row', {{ span = a:span(), n = 1, {field} = 1 }})"))
            self.check(1, "run", "forger", says=f'unknown field "{field}"')
        for kind in ("coverage", "provenance", "failure", "run"):
            self.write("plugins/forger.lua", plugin("forger", "", records=f"{{ {kind} = {{ n = \"integer\" }} }}"))
            done = self.run_program("run", "forger")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(kind, done.stderr)


class Same(World):
    """The same input gives the same rows, whatever the number of workers."""

    def tables(self, store):
        kinds = [name for (name,) in self.rows("SELECT name FROM kind ORDER BY name", store=store)]
        found = {}
        for kind in kinds:
            columns = [row[1] for row in self.rows(f"SELECT * FROM pragma_table_info('{kind}')", store=store) if row[1] not in ("id", "article_id")]
            names = ", ".join(f'k."{c}"' for c in columns)
            found[kind] = self.rows(f"SELECT a.path, {names} FROM \"{kind}\" k JOIN article a ON a.id = k.article_id ORDER BY "
                                    + ", ".join(str(i + 1) for i in range(len(columns) + 1)), store=store)
        return found

    def test_1_2_and_5_workers_agree(self):
        for n in range(40):
            self.article(f"{n}.txt", TEXT.replace("120", str(n * 7 + 1)).replace("5套", f"{n}套"))
        self.write("plugins/dice.lua", plugin("dice", """
for key, value in pairs { one = 1, two = 2, three = 3, four = 4 } do
  a:record("dice_row", { span = a:span(), n = math.random(1000000) * 0 + value, word = key })
end
a:record("dice_row", { span = a:span(), n = math.random(1000000000), word = "dice" })
""", records='{ dice_row = { n = "integer", word = "text" } }'))
        home = pathlib.Path(__file__).resolve().parents[2]
        self.config(plugins=f"plugins, {home / 'plugins'}")
        stores = {}
        for jobs in (1, 2, 5):
            self.check(0, "run", "--jobs", jobs, "--store", f"{jobs}.db")
            stores[jobs] = self.tables(f"{jobs}.db")
        self.assertGreater(len(stores[1]["metric"]), 40)
        self.assertEqual(len({row[-1] for row in stores[1]["dice_row"]}), 5)
        self.assertEqual(len({row[3] for row in stores[1]["dice_row"] if row[-1] == "dice"}), 40)
        self.assertEqual(stores[1], stores[2])
        self.assertEqual(stores[1], stores[5])


class Profile(World):
    def setUp(self):
        super().setUp()
        for n in range(6):
            self.article(f"{n}.txt", TEXT.replace("120", f"{n}20"))
        self.counter()
        self.write("plugins/slow.lua", plugin("slow", """
local function inner(n) local s = 0 for i = 1, n do s = s + i % 7 end return s end
local function outer() local s = inner(a.text:find("320") and 9000000 or 3000000) return s end
a:record("slow_row", { span = a:span(), n = outer() })
"""))

    def test_costs_and_slowest_pairs_are_told(self):
        done = self.check(0, "run", "--verbose", says=["slowest", "p95 µs"])
        told = done.stderr.split("slowest", 1)[1]
        self.assertIn("articles/3.txt", told.splitlines()[1])
        self.assertEqual(len([line for line in told.splitlines() if "articles/" in line]), 5)
        report = self.summary("--force")
        self.assertEqual(report["slowest"][0]["article"], "articles/3.txt")
        self.assertEqual(report["profile"]["slow"]["calls"], 6)
        self.assertGreaterEqual(report["profile"]["slow"]["p95_s"] * 1.3, report["profile"]["slow"]["cpu_s"] / 6)
        self.assertGreater(report["profile"]["slow"]["memory_kb"], 10)

    def test_stacks_are_written_folded(self):
        self.check(0, "run", "--profile", "stacks.txt", says="slowest")
        stacks = {}
        for line in (self.dir / "stacks.txt").read_text("utf-8").splitlines():
            stack, count = line.rsplit(" ", 1)
            self.assertNotIn(stack, stacks)
            stacks[stack] = int(count)
        inner = sum(n for s, n in stacks.items() if s.startswith("slow;") and ";outer:plugins/slow.lua:7" in s and ";inner:plugins/slow.lua:6" in s)
        self.assertGreater(inner, 10)
        self.assertGreater(inner, 0.8 * sum(stacks.values()))

    def test_a_profile_that_can_not_be_written(self):
        self.check(2, "run", "--profile", "no/such/folder", says="no/such/folder: can not be written")

    def test_a_loop_still_ends_while_stacks_are_taken(self):
        self.write("plugins/spin.lua", plugin("spin", "while true do end"))
        self.config("limits: {cpu: 300ms, wall: 20s}\n")
        self.check(1, "run", "spin", "--profile", "stacks.txt", says="limit-cpu")


