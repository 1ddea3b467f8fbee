"""Bad plugins and scripts: each costs what it is, is named, and the run goes on."""
from world import TEXT, World, plugin

BY_LIMIT = {
    "spin": ("limit-cpu", "while true do end"),
    "catch": ("limit-cpu", "while true do pcall(function() while true do end end) end"),
    "eater": ("limit-memory", "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end"),
    "swell": ("limit-memory", "local s = ('x'):rep(1e9) return #s"),
    "flood": ("limit-output", "for i = 1, 1e6 do a:record('flood_row', { span = a:span(), n = i }) end"),
    "stuck": ("timeout", "return (('a'):rep(30)):find(('a*'):rep(30) .. 'b')"),
    "raises": ("runtime", "error('no luck with ' .. a.title)"),
    "raises_table": ("runtime", "error({ code = 7 })"),
    "nil_field": ("runtime", "return a.title.x.y"),
    "misfit": ("usage", "a:record('misfit_row', { span = a:span(), n = 'seven' })"),
    "unknown_field": ("usage", "a:record('unknown_field_row', { span = a:span(), m = 7 })"),
}


class BadPlugins(World):
    def setUp(self):
        super().setUp()
        self.article("one.txt")
        self.article("two.txt", TEXT.replace("120", "130"))
        self.counter()

    def test_each_way_to_fail_has_its_reason_and_spares_the_others(self):
        for name, (_, body) in BY_LIMIT.items():
            self.write(f"plugins/{name}.lua", plugin(name, body))
        done = self.check(1, "run")
        found = {}
        for name, reason, message in self.rows("SELECT plugin, reason, message FROM failure"):
            found.setdefault(name, set()).add(reason)
            self.assertTrue(message.startswith(f"plugins/{name}.lua:"), message)
            self.assertNotIn("\n", message)
        self.assertEqual(found, {name: {reason} for name, (reason, _) in BY_LIMIT.items()}, done.stderr)
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(2,)])
        for name in BY_LIMIT:
            self.assertEqual(self.rows(f"SELECT count(*) FROM {name}_row"), [(0,)], name)

    def test_endless_recursion_is_stopped(self):
        self.write("plugins/deep.lua", plugin("deep", "local function f() return 1 + f() end return f()"))
        self.check(1, "run", says="plugins/deep.lua:5:")
        reasons = {reason for (reason,) in self.rows("SELECT reason FROM failure")}
        self.assertLessEqual(reasons, {"runtime", "limit-memory"})
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(2,)])

    def test_the_message_names_file_line_and_article(self):
        self.write("plugins/raises.lua", plugin("raises", "error('no luck')"))
        done = self.check(1, "run", says=["plugins/raises.lua:5: no luck", "articles/"])
        self.assertEqual(done.stderr.count(": no luck"), 2, "once in full, once summed up")
        self.assertIn("1 more like", done.stderr)

    def test_a_syntax_error_leaves_the_other_plugins_running(self):
        self.write("plugins/broken.lua", "local plugin = host.plugin {\n  name = \n}\n")
        self.check(1, "run", says="plugins/broken.lua:3:")
        self.assertEqual(self.rows("SELECT plugin, reason FROM failure"), [("broken", "parse")])
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(2,)])

    def test_a_plugin_that_loops_while_loading_is_left_out(self):
        self.write("plugins/hang.lua", "while true do end")
        self.check(1, "run", says="plugins/hang.lua:1:")
        self.assertEqual(self.rows("SELECT DISTINCT plugin FROM failure"), [("hang",)])
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(2,)])

    def test_a_circle_of_needs_is_a_usage_error_with_its_chain(self):
        self.write("plugins/aa.lua", plugin("aa", "", needs='{ "bb" }'))
        self.write("plugins/bb.lua", plugin("bb", "", needs='{ "aa" }'))
        self.check(2, "run", says="aa → bb → aa")

    def test_a_need_that_is_not_there_names_who_wants_it(self):
        self.write("plugins/aa.lua", plugin("aa", "", needs='{ "nowhere" }'))
        self.check(2, "run", says=["aa needs", "nowhere"])

    def test_an_unknown_manifest_key_names_the_nearest(self):
        self.write("plugins/aa.lua", 'return host.plugin { name = "aa", versoin = "1", summary = "s", records = {} }\n')
        self.check(1, "run", says=["plugins/aa.lua:1:", "version"])

    def test_what_needs_a_failed_plugin_is_not_run(self):
        self.write("plugins/base.lua", plugin("base", "error('broken')"))
        self.write("plugins/user.lua", plugin("user", "a:record('user_row', { span = a:span(), n = 1 })", needs='{ "base" }'))
        self.check(1, "run", says="it needs base")
        self.assertEqual(self.rows("SELECT count(*) FROM user_row"), [(0,)])

    def test_a_repaired_plugin_is_brought_up_to_date(self):
        self.write("plugins/raises.lua", plugin("raises", "error('no luck')"))
        self.check(1, "run")
        self.check(1, "run")
        self.write("plugins/raises.lua", plugin("raises", "a:record('raises_row', { span = a:span(), n = 1 })"))
        self.check(0, "run")
        self.assertEqual(self.rows("SELECT count(*) FROM raises_row"), [(2,)])

    def test_after_three_limit_failures_a_plugin_is_set_aside(self):
        for n in range(20):
            self.article(f"more{n}.txt", TEXT.replace("120", str(200 + n)))
        self.write("plugins/spin.lua", plugin("spin", "while true do end"))
        self.config("jobs: 1\nlimits: {cpu: 200ms, wall: 5s, memory: 32MB}\n")
        self.check(1, "run", says="spin is set aside")
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(22,)])

    def test_two_plugins_can_not_declare_one_kind(self):
        self.write("plugins/zz.lua", plugin("zz", "", records='{ counter_row = { n = "integer" } }'))
        self.check(1, "run", says=["zz.lua:1:", "counter_row", "counter"])

    def test_a_changed_schema_refills_the_table(self):
        self.check(0, "run")
        path = self.dir / "plugins" / "counter.lua"
        path.write_text(path.read_text().replace('n = "integer"', 'n = "integer", word = "text"')
                        .replace("n = #a:sentences()", 'n = 1, word = "x"'))
        self.check(0, "run")
        self.assertEqual(self.rows("SELECT DISTINCT word FROM counter_row"), [("x",)])

    def test_logs_reach_standard_error_with_plugin_and_line(self):
        self.write("plugins/talker.lua", plugin("talker", "host.log.warn('look at', a.title)"))
        self.check(0, "run", says=["look at", "talker.lua:5"])


class Links(World):
    """A folder of plugins is given from hand to hand: what stands in it must not read what stands elsewhere."""

    def setUp(self):
        super().setUp()
        self.article()
        self.write("secret.yaml", "- 密\n")
        self.write("plugins/reader.lua", plugin("reader", "a:record('reader_row', { span = a:span(), n = #words })",
                                                before="local words = host.lines(NAME)".replace("NAME", "'words.yaml'")))

    def refused(self, link, to):
        path = self.dir / link
        path.parent.mkdir(exist_ok=True)
        path.symlink_to(to)
        self.check(2, "run", says=[f"{link}: a link to {self.dir.resolve()}/", "outside of the folder plugins; put the file itself there"])
        path.unlink()

    def test_no_link_leads_out_of_the_plugin_folder(self):
        (self.dir / "elsewhere").mkdir()
        self.write("elsewhere/words.yaml", "- 密\n")
        for link, to in {"plugins/data/words.yaml": "../../secret.yaml", "plugins/words.yaml": str(self.dir.resolve() / "secret.yaml"),
                         "plugins/words.tsv": "../secret.yaml", "plugins/other.lua": "../secret.yaml", "plugins/data/deep": "../../elsewhere",
                         "plugins/lib": "../elsewhere"}.items():
            self.refused(link, to)

    def test_a_link_within_the_plugin_folder_is_a_file(self):
        self.write("plugins/data/kept.yaml", "one\ntwo\n")
        (self.dir / "plugins/data/words.yaml").symlink_to("kept.yaml")
        self.check(0, "run")
        self.assertEqual(self.rows("SELECT n FROM reader_row"), [(2,)])

    def test_the_plugin_folder_itself_may_be_a_link(self):
        self.write("plugins/data/words.yaml", "one\n")
        (self.dir / "plugins").rename(self.dir / "kept")
        (self.dir / "plugins").symlink_to("kept")
        self.check(0, "run")

    def test_tests_follow_none_either(self):
        self.write("plugins/data/words.yaml", "one\n")
        self.write("plugins/reader_test.lua", "local t = require 'test'\nfunction t.test_it() t.golden('reader', 'fixtures/a.txt') end\nreturn t\n")
        (self.dir / "plugins/fixtures").mkdir()
        fixture, rows = self.dir / "plugins/fixtures/a.txt", self.dir / "plugins/fixtures/a.reader.jsonl"
        fixture.symlink_to("../../secret.yaml")
        self.check(2, "test", "plugins/reader_test.lua", says="plugins/fixtures/a.txt: a link to ")
        fixture.unlink()
        fixture.write_text((self.dir / "articles/a.txt").read_text())
        rows.symlink_to("../../secret.yaml")
        self.check(2, "test", "--update", "plugins/reader_test.lua", says="plugins/fixtures/a.reader.jsonl: a link to ")
        self.assertEqual((self.dir / "secret.yaml").read_text(), "- 密\n")


class Scripts(World):
    def setUp(self):
        super().setUp()
        self.article()
        self.counter()

    def script(self, body, needs='{ "counter" }', args="{}"):
        self.write("scripts/s.lua", f'local script = host.script {{ name = "s", summary = "s", needs = {needs}, args = {args} }}\n'
                                    f"function script.run(corpus, args)\n{body}\nend\nreturn script\n")

    def test_a_script_is_found_by_name_and_reads_the_store(self):
        self.script("for _, r in ipairs(corpus:query('SELECT count(*) AS n FROM counter_row')) do print('rows', r.n) end")
        self.check(0, "run", "s.lua", prints="rows\t1")

    def test_a_script_that_does_not_exist(self):
        self.check(2, "run", "nothere.lua", says="nothere.lua: no such script")

    def test_a_script_that_raises_is_named_with_its_line(self):
        self.script("error('too bad')")
        self.check(1, "run", "s.lua", says="scripts/s.lua:3: too bad")

    def test_a_script_with_a_syntax_error(self):
        self.write("scripts/s.lua", "local x = = 1\n")
        self.check(2, "run", "s.lua", says="scripts/s.lua:1:")

    def test_arguments_take_the_type_of_their_default(self):
        self.script("print(math.type(args.top), args.name, args.flag)", args='{ top = 3, name = "x", flag = false }')
        self.check(0, "run", "s.lua", "top=12", "flag=true", prints="integer\tx\ttrue")
        self.check(2, "run", "s.lua", "top=many", says="top")
        self.check(2, "run", "s.lua", "tpo=1", says="top")

    def test_a_script_can_not_write_the_store(self):
        self.script("corpus:query('DELETE FROM article')")
        self.check(2, "run", "s.lua", says="scripts/s.lua:3:")
        self.assertEqual(self.rows("SELECT count(*) FROM article"), [(1,)])

    def test_tables_print_aligned_and_write_csv_below_the_output_folder(self):
        self.script('local t = corpus:table { title = "T", columns = { "name", "n" }, { "厦门", 3 }, { "a", 20 } }\n'
                    't:print() t:write("t.csv")')
        done = self.check(0, "run", "s.lua")
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        self.assertIn("厦门   3", done.stdout, lines)
        self.assertIn("a     20", done.stdout, lines)
        self.assertEqual((self.dir / "out" / "t.csv").read_bytes(), "name,n\r\n厦门,3\r\na,20\r\n".encode())

    def test_a_script_can_not_write_elsewhere(self):
        self.script('corpus:table { columns = { "n" } }:write("../t.csv")')
        self.check(2, "run", "s.lua", says="scripts/s.lua:3:")
        self.assertFalse((self.dir / "t.csv").exists())
