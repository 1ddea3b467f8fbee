"""The regression list of the sandbox: each attack ends in its class, and costs its own article and nothing else."""
import os
import pathlib
import subprocess
import unittest

import attacks
from world import NOBODY, PROGRAM, SLOW, SOURCE, World

TITLES = ["第一篇", "第二篇", "第三篇"]
ATTACKED = os.environ.get("TALENTHOST_ATTACKED") or next(
    (str(p) for p in (pathlib.Path(PROGRAM).parent / "tests" / "talenthost_attacked",
                      pathlib.Path(PROGRAM).parent / "test" / "tests" / "talenthost_attacked") if p.exists()), "")
SANITIZED = b"__asan_init" in pathlib.Path(PROGRAM).read_bytes()
EVERY_USER = os.environ.get("TALENTHOST_EVERY_USER")  # as ./dev test does: also by a user who is not root
BATCH = 50  # attacks in one run, which takes 64 plugins


class Attacked(World):
    """Three articles, a plugin that counts, and plugins that attack the second article."""
    outcomes = {}  # (list, user) → {attack: (reason, message, articles with rows)}; every list is run once for each user

    def setUp(self):
        super().setUp()
        os.chmod(self.dir, 0o777)
        for n, title in enumerate(TITLES, 1):
            self.article(f"{n}.txt", f"{title}\n2024-05-20\n云岭区引进高层次人才{n}20人，发放补贴超300万元。\n")
        self.counter()
        slow = max(1, SLOW / 3)
        self.config(f"jobs: 2\nlimits: {{cpu: {0.1 * slow}s, wall: {8 * slow}s, memory: 32MB}}\n")

    def plant(self, attack):
        self.write(f"plugins/{attack[0]}.lua", attacks.source(attack[0], *attack[2:]))

    def attacked(self, user=None):
        """Run the program that has the binding."""
        options = {"user": user, "group": user, "extra_groups": []} if user and os.getuid() == 0 else {}
        return subprocess.run([ATTACKED, "run"], cwd=self.dir, capture_output=True, text=True, timeout=300 * SLOW, errors="replace",
                              env={**os.environ, "TALENTHOST_HOME": str(SOURCE)}, check=False, **options)

    def run_batch(self, batch, binding, user):
        """Run the attacks of `batch` together; what each came to."""
        for path in [*self.dir.glob("t.db*"), *(self.dir / "plugins").glob("*.lua")]:
            path.unlink()
        self.counter()
        for attack in batch:
            self.plant(attack)
        done = self.attacked(user) if binding else self.run_program("run", user=user, timeout=300)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertNotIn("Sanitizer", done.stderr)
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(3,)])
        self.assertEqual(self.rows("SELECT DISTINCT path FROM failure"), [("articles/2.txt",)])
        self.assertEqual([p.name for p in self.dir.iterdir() if p.name.startswith(("config", "attacked"))], ["config.yaml"])
        found = {name: ("ok", None, self.paths(name)) for name, *_ in batch}
        for name, reason, message in self.rows("SELECT plugin, reason, message FROM failure"):
            self.assertEqual(found[name][0], "ok", f"{name} failed twice: {message}")
            found[name] = (reason, message, found[name][2])
        return found

    def paths(self, name):
        return [path for (path,) in self.rows(f"SELECT path FROM {name}_row JOIN article ON article.id = article_id ORDER BY path")]

    def outcome(self, name, binding, user):
        key = (binding, user)
        if key not in self.outcomes:
            all_of_it, found = attacks.C if binding else attacks.LUA, {}
            for start in range(0, len(all_of_it), BATCH):
                found.update(self.run_batch(all_of_it[start:start + BATCH], binding, user))
            self.outcomes[key] = found
        return self.outcomes[key][name]

    def check_attack(self, name, wanted, binding, user=None):
        """The attack ended in its class; the two other articles have its rows, the attacked one none."""
        reason, message, paths = self.outcome(name, binding, user)
        if name == "map_a_terabyte" and SANITIZED:
            wanted = "ok"  # this build can not bound its address space
        if wanted == "DEEP":  # whichever bound it meets first
            self.assertIn(reason, ("runtime", "limit-memory"), message)
        else:
            self.assertEqual(reason, wanted, message)
        self.assertEqual(paths, [f"articles/{n}.txt" for n in ((1, 2, 3) if wanted == "ok" else (1, 3))])
        if wanted != "ok":
            self.assertTrue(message.startswith(f"plugins/{name}.lua:"), message)
            self.assertTrue(message.isprintable(), message)


def named(attack, binding, user=None):
    def test(self):
        self.check_attack(attack[0], attack[1], binding, user)
    test.__doc__ = f"{attack[0]} ends in {attack[1]}"
    return test


class Regressions(Attacked):
    """What a plugin can write in Lua."""


@unittest.skipUnless(EVERY_USER, "TALENTHOST_EVERY_USER is not set")
class RegressionsAsAnOrdinaryUser(Attacked):
    """The same by a user who is not root."""


@unittest.skipUnless(ATTACKED, "talenthost_attacked is not built")
class Escapes(Attacked):
    """What code that broke out of Lua would try."""

    def test_a_worker_writes_to_no_inherited_file(self):
        self.plant(("write_to_the_log", "", "attack.write()"))
        with open(self.dir / "log.txt", "wb") as log:
            subprocess.run([ATTACKED, "run"], cwd=self.dir, stdout=log, stderr=log, timeout=60 * SLOW, check=False,
                           env={**os.environ, "TALENTHOST_HOME": str(SOURCE)})
        self.assertNotIn("written by a worker", (self.dir / "log.txt").read_text())

    def test_an_answer_that_can_not_be_read_costs_its_article(self):
        """Said of the article at hand (the second, so task 2), or of one that the worker was never given."""
        for task in (2, 4000):
            with self.subTest(task):
                for path in [*self.dir.glob("t.db*"), *(self.dir / "plugins").glob("*.lua")]:
                    path.unlink()
                self.counter()
                self.plant(("broken_answer", "", f"attack.answer({task})"))
                done = subprocess.run([ATTACKED, "run", "--jobs", "1"], cwd=self.dir, capture_output=True, text=True, timeout=60 * SLOW, check=False,
                                      env={**os.environ, "TALENTHOST_HOME": str(SOURCE)})
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("can not be read", done.stderr)
                self.assertEqual(self.rows("SELECT DISTINCT path, reason FROM failure"), [("articles/2.txt", "crash")])
                self.assertEqual(self.rows("SELECT count(*) FROM counter_row c JOIN article a ON a.id = c.article_id WHERE a.path <> 'articles/2.txt'"), [(2,)])


@unittest.skipUnless(ATTACKED and EVERY_USER, "TALENTHOST_EVERY_USER is not set, or talenthost_attacked is not built")
class EscapesAsAnOrdinaryUser(Attacked):
    """The same by a user who is not root."""


for _attack in attacks.LUA:
    setattr(Regressions, f"test_{_attack[0]}", named(_attack, False))
    setattr(RegressionsAsAnOrdinaryUser, f"test_{_attack[0]}", named(_attack, False, NOBODY))
for _attack in attacks.C:
    setattr(Escapes, f"test_{_attack[0]}", named(_attack, True))
    setattr(EscapesAsAnOrdinaryUser, f"test_{_attack[0]}", named(_attack, True, NOBODY))


class Neighbours(Attacked):
    def test_a_library_edit_is_not_seen_by_a_second_plugin(self):
        self.write("plugins/a_editor.lua", attacks.source("a_editor", "", "string.upper = function() return 'edited' end "
                                                                         "table.concat = nil math.floor = error"))
        self.write("plugins/b_user.lua", attacks.source("b_user", "", "assert(('x'):upper() == 'X' and table.concat and math.floor(1.5) == 1)"))
        self.check(0, "run")
        self.assertEqual(self.rows("SELECT count(*) FROM b_user_row"), [(3,)])

    def test_rows_of_others_are_the_same_with_and_without_attackers(self):
        self.check(0, "run", "--store", "calm.db")
        calm = self.rows("SELECT path, start, stop, n FROM counter_row JOIN article ON article.id = article_id ORDER BY 1, 2", store="calm.db")
        for name in ("endless_loop", "star_pattern_30", "rep_1e9", "a_million_records", "nil_error"):
            self.plant(next(a for a in attacks.LUA if a[0] == name))
        self.check(1, "run")
        self.assertEqual(self.rows("SELECT path, start, stop, n FROM counter_row JOIN article ON article.id = article_id ORDER BY 1, 2"), calm)

    def test_a_plugin_may_log_at_its_top(self):
        self.write("plugins/talker.lua", attacks.source("talker", "", "print('hello')"))
        done = self.check(0, "run", "--jobs", "1")
        self.assertIn("plugins/talker.lua:3: hello", self.one_line(done, "hello"))
        self.assertEqual(self.rows("SELECT count(*) FROM talker_row"), [(3,)])

    def test_a_flood_of_log_lines_is_counted(self):
        self.config("limits: {cpu: 10s, wall: 30s, memory: 32MB}\n")
        self.write("plugins/flood.lua", attacks.source("flood", "for i = 1, 5000 do host.log.info('line', i) end"))
        done = self.check(0, "run")
        self.assertIn("plugins/flood.lua: 4000 more lines of the log are left out [articles/2.txt]", done.stderr)
        self.assertLess(len(done.stderr.splitlines()), 1020)

    def test_a_kind_with_too_many_fields_costs_its_plugin_only(self):
        self.write("plugins/wide.lua", "local r = {} for i = 1, 1900 do r['f' .. i] = 'integer?' end\n"
                                       "local p = host.plugin { name = 'wide', version = '1', records = { wide_row = r } }\n"
                                       "function p.article() end return p\n")
        self.check(1, "run", says="plugins/wide.lua:2: host.plugin: records.wide_row: 1900 fields, more than 253; use a json field")
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(3,)])
