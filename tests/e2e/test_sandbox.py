"""The walls the kernel keeps around workers and scripts."""
import json
import os
import pathlib

from world import NOBODY, PROGRAM, TEXT, World

WALLS = ["core", "files", "growth", "processes", "memory", "parent", "privileges", "landlock", "seccomp"]
SANITIZED = b"__asan_init" in pathlib.Path(PROGRAM).read_bytes()


class Walls(World):
    def setUp(self):
        super().setUp()
        self.article()
        self.counter()
        os.chmod(self.dir, 0o777)

    def require(self):
        self.config("require_sandbox: true\n")

    def off(self, walls):
        os.environ["TALENTHOST_WALLS_OFF"] = walls
        self.addCleanup(os.environ.pop, "TALENTHOST_WALLS_OFF", None)

    def check_required_run(self, user):
        self.require()
        if SANITIZED:
            self.check(2, "run", says=['wall "memory" does not stand', "AddressSanitizer"], user=user)
        else:
            self.check(0, "run", user=user)
            self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(1,)])

    def test_a_required_sandbox_that_stands_runs(self):
        self.check_required_run(None)

    def test_a_required_sandbox_stands_for_an_ordinary_user_too(self):
        self.check_required_run(NOBODY)

    def test_each_wall_that_is_missing_is_named_and_nothing_runs(self):
        self.require()
        for wall in [w for w in WALLS if not SANITIZED or w == "memory"]:
            self.off(wall)
            done = self.check(2, "run", says="require_sandbox is true")
            self.assertIn(f'config.yaml: require_sandbox is true, and the wall "{wall}" does not stand', done.stderr)
            self.assertEqual(self.rows("SELECT count(*) FROM article"), [(0,)])

    def test_a_script_is_refused_too(self):
        self.require()
        self.write("scripts/s.lua", 'local script = host.script { name = "s", summary = "s" }\nprint("ran")\n'
                                    "function script.run() end\nreturn script\n")
        self.off("landlock")
        done = self.check(2, "run", "s.lua", says="does not stand")
        self.assertNotIn("ran", done.stdout)

    def test_a_missing_wall_that_is_not_required_is_told_once(self):
        self.off("landlock,seccomp")
        done = self.check(0, "run", "--jobs", "2")
        self.assertIn("landlock, seccomp", self.one_line(done, "without these walls"))

    def test_encodings_are_read_behind_the_walls(self):
        (self.dir / "articles" / "a.txt").unlink()
        title = "雲嶺區人才工作取得新進展"
        text = TEXT.replace("云岭区人才工作取得新进展", title)
        big5 = "雲嶺區人才工作取得新進展\n去年，雲嶺區引進高層次人才一百二十人，發放補貼超三百萬元，吸引更多青年來到這裡工作與生活。\n"
        self.write("articles/gb.txt", text.encode("gb18030"))
        self.write("articles/big5.txt", big5.encode("big5"))
        self.write("articles/utf16le.txt", b"\xff\xfe" + text.encode("utf-16-le"))
        self.write("articles/utf16be.txt", b"\xfe\xff" + text.encode("utf-16-be"))
        self.check(0, "run")
        self.assertEqual(self.rows("SELECT path, title FROM article ORDER BY path"),
                         [(f"articles/{name}.txt", title) for name in ("big5", "gb", "utf16be", "utf16le")])

    def test_a_script_writes_below_the_output_folder_and_leaves_no_empty_one(self):
        head = 'local script = host.script { name = "s", summary = "s" }\nfunction script.run(corpus)\n'
        self.write("scripts/s.lua", head + 'corpus:table { columns = { "n" }, { 1 } }:write("a/b/t.csv")\nend\nreturn script\n')
        self.write("scripts/none.lua", head + "end\nreturn script\n")
        self.check(0, "run", "none.lua", "--output", "x/y")
        self.assertFalse((self.dir / "x").exists())
        self.check(0, "run", "s.lua", "--output", "x/y")
        self.assertEqual((self.dir / "x/y/a/b/t.csv").read_text(), "n\n1\n")

    def test_a_script_follows_no_link_out_of_the_output_folder(self):
        (self.dir / "out").mkdir()
        (self.dir / "elsewhere").mkdir()
        (self.dir / "out" / "link").symlink_to("../elsewhere")
        self.write("scripts/s.lua", 'local script = host.script { name = "s", summary = "s" }\nfunction script.run(corpus)\n'
                                    'corpus:table { columns = { "n" }, { 1 } }:write("link/t.csv")\nend\nreturn script\n')
        self.check(2, "run", "s.lua", says="Permission denied")
        self.assertEqual(list((self.dir / "elsewhere").iterdir()), [])


class Doctor(World):
    def doctor(self, status, user=None):
        os.chmod(self.dir, 0o777)
        found = json.loads(self.check(status, "doctor", "--json", user=user).stdout)
        return {(row["part"], row["name"]): row for row in found}

    def check_all_stands(self, user):
        found = self.doctor(0, user)
        for wall in WALLS:
            wanted = "left out" if SANITIZED and wall == "memory" else "stands"
            self.assertEqual(found["wall", wall]["state"], wanted, found["wall", wall])
        attacks = {name: row for (part, name), row in found.items() if part == "worker"}
        self.assertEqual(len(attacks), 9)
        for name, row in attacks.items():
            if not (SANITIZED and "memory" in name):
                self.assertEqual(row["state"], "refused", row)
        self.assertEqual(found["config", "config.yaml"]["state"], "ok")
        self.assertEqual(found["store", "t.db"]["state"], "none yet")
        self.assertRegex(found["library", "SQLite"]["detail"], r"^3\.\d+")

    def test_every_wall_is_tried_and_stands(self):
        self.check_all_stands(None)

    def test_every_wall_stands_for_an_ordinary_user(self):
        self.check_all_stands(NOBODY)

    def test_a_missing_wall_is_a_finding_and_so_is_what_gets_through(self):
        os.environ["TALENTHOST_WALLS_OFF"] = "landlock,seccomp"
        self.addCleanup(os.environ.pop, "TALENTHOST_WALLS_OFF", None)
        found = self.doctor(1)
        self.assertEqual(found["wall", "landlock"]["state"], "OFF")
        self.assertEqual(found["wall", "growth"]["state"], "stands")
        for attack in ("open a file", "reach the network", "run a program", "start a process"):
            self.assertEqual(found["worker", attack]["state"], "WENT THROUGH")
        self.assertFalse(list(self.dir.glob(".talenthost*")))

    def test_a_bad_configuration_is_a_finding(self):
        self.write("config.yaml", "jobs: many\n")
        self.assertIn("config.yaml:1:7: jobs", self.doctor(1)["config", "config.yaml"]["detail"])

    def test_the_store_is_read_through(self):
        self.article()
        self.check(0, "load")
        self.assertIn("sound; 1 articles", self.doctor(0)["store", "t.db"]["detail"])
        self.write("t.db", b"no database at all, but long enough to be looked at" * 100)
        self.assertEqual(self.doctor(1)["store", "t.db"]["state"], "BAD")
