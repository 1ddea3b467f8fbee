"""Limits: of the configuration, lowered by a plugin, raised for a plugin by the operator alone."""
from world import World, plugin


def limited(name, limits, body):
    source = plugin(name, body)
    return source.replace("needs = {}", f"needs = {{}}, limits = {limits}", 1)


class Limits(World):
    def setUp(self):
        super().setUp()
        self.article()
        self.counter()

    def reasons(self):
        return dict(self.rows("SELECT plugin, reason FROM failure WHERE run_id = (SELECT max(id) FROM run)"))

    def test_a_plugin_lowers_its_own_limits(self):
        self.config("limits: {cpu: 60s, wall: 90s, memory: 512MB, records: 100000, output: 100MB}\n")
        self.write("plugins/quick.lua", limited("quick", '{ cpu = "50ms" }', "while true do end"))
        self.write("plugins/small.lua", limited("small", '{ memory = "2MB" }', "return ('x'):rep(3000000)"))
        self.write("plugins/few.lua", limited("few", "{ records = 3 }",
                                              "for i = 1, 4 do a:record('few_row', { span = a:span(), n = i }) end"))
        self.write("plugins/terse.lua", limited("terse", '{ output = "1kB" }', "print(('x'):rep(2000))"))
        self.write("plugins/patient.lua", limited("patient", '{ wall = "500ms" }', "return (('a'):rep(30)):find(('a*'):rep(30) .. 'b')"))
        self.check(1, "run", says=["used up 0.05 s of CPU time (limits.cpu)", "used up 2 MB of memory", "more than 3 records",
                                   "more than 1000 bytes", "limits.wall (0.5 s)"])
        self.assertEqual(self.reasons(), {"quick": "limit-cpu", "small": "limit-memory", "few": "limit-output",
                                          "terse": "limit-output", "patient": "timeout"})
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(1,)])

    def test_a_plugin_can_not_raise_them(self):
        self.config("limits: {cpu: 1s, wall: 5s, memory: 32MB}\n")
        self.write("plugins/greedy.lua", limited("greedy", '{ memory = "64MB" }', ""))
        self.check(1, "run", says=['plugins/greedy.lua:1: host.plugin: limits.memory: "64MB" is more than the configuration allows (32MB)',
                                   "plugin_limits: {greedy: {memory: 64MB}}"])
        self.assertEqual(self.reasons(), {"greedy": "usage"})
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(1,)])

    def test_the_operator_raises_them_for_one_plugin(self):
        body = "local s = ('x'):rep(40000000) a:record('NAME_row', { span = a:span(), n = #s })"
        for name in ("big", "other"):
            self.write(f"plugins/{name}.lua", plugin(name, body.replace("NAME", name)))
        self.write("plugins/greedy.lua", limited("greedy", '{ memory = "64MB" }', ""))
        self.config("plugin_limits:\n  big: {memory: 100MB}\n  greedy: {memory: 64MB}\n"
                    "limits: {cpu: 5s, wall: 20s, memory: 32MB}\n")
        self.check(1, "run")
        self.assertEqual(self.reasons(), {"other": "limit-memory"})
        self.assertEqual(self.rows("SELECT n FROM big_row"), [(40000000,)])

    def test_limits_in_force_are_shown(self):
        self.write("plugins/quick.lua", limited("quick", '{ cpu = "50ms", records = 7 }', ""))
        self.config("limits: {cpu: 1s, wall: 5s, memory: 32MB}\nplugin_limits: {quick: {wall: 9s}}\n")
        self.check(0, "plugins", "quick", prints="may use cpu 0.05s, wall 9s, memory 32MB, records 7, output 16MB")
        self.check(0, "config", prints="  quick: {cpu: 1s, wall: 9s, memory: 32MB, records: 10000, output: 16MB}")

    def test_wrong_limits_name_their_place(self):
        for text, says in {
            "plugin_limits: {countr: {cpu: 1s}}\n": 'config.yaml:5:17: plugin_limits: no plugin is called "countr"; did you mean "counter"?',
            "plugin_limits: {counter: {cup: 1s}}\n": 'config.yaml:5:27: unknown key "cup" in plugin_limits.counter; did you mean "cpu"?',
            "plugin_limits: {counter: {cpu: fast}}\n": 'config.yaml:5:32: plugin_limits.counter.cpu: expected a time',
            "plugin_limits: 3\n": "config.yaml:5:16: plugin_limits: expected a map",
            "plugin_limits: {counter: 3}\n": "config.yaml:5:26: plugin_limits.counter: expected a map",
        }.items():
            self.write("config.yaml", "articles: [articles]\nplugins: [plugins]\nscripts: [scripts]\nstore: t.db\n" + text)
            self.check(2, "run", says=says)

    def test_wrong_limits_of_a_plugin_name_their_line(self):
        for limits, says in {
            '{ cup = "1s" }': 'limits: unknown key "cup"; did you mean "cpu"?',
            '{ cpu = "fast" }': 'limits.cpu: expected a time such as 2s or 500ms, got "fast"',
            "{ cpu = 1 }": 'limits.cpu: expected a time such as 2s or 500ms, got "1"',
            "{ memory = true }": 'limits.memory: expected text such as "1s" or "16MB"',
            "3": 'limits: expected { cpu = "1s", memory = "16MB" }',
        }.items():
            self.write("plugins/odd.lua", limited("odd", limits, ""))
            self.check(1, "run", says=["plugins/odd.lua:1: host.plugin: ", says])
