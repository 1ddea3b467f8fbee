"""What the end-to-end tests share: a folder of their own, the program, the store."""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("TALENTHOST_PROGRAM", str(SOURCE / "build" / "talenthost"))
SHARED = pathlib.Path(os.environ.get("TALENTHOST_SHARED", SOURCE.parent / "shared"))
SLOW = float(os.environ.get("TALENTHOST_SLOW", "1"))
NOBODY = 65534

TEXT = """云岭区人才工作取得新进展
2024-05-20 09:30 来源: 云岭日报
去年，云岭区引进高层次人才120人，发放补贴超300万元。
截至目前，云岭区建成人才公寓5套。
"""

COUNT_PLUGIN = """
local plugin = host.plugin { name = "NAME", version = "1.0", summary = "counts sentences",
  records = { NAME_row = { n = "integer" } } }
function plugin.article(a)
  a:record("NAME_row", { span = a:span(), n = #a:sentences() })
end
return plugin
"""


def plugin(name, body, records='{ %s_row = { n = "integer" } }', needs="{}", before=""):
    """The source of a plugin whose article function has `body`."""
    kinds = records % name if "%s" in records else records
    return (f'local plugin = host.plugin {{ name = "{name}", version = "1.0", summary = "a test", needs = {needs},\n'
            f"  records = {kinds} }}\n{before}\nfunction plugin.article(a)\n{body}\nend\nreturn plugin\n")


class World(unittest.TestCase):
    """Every test gets an empty folder with a config.yaml that names `articles`, `plugins` and `scripts` in it."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="talenthost-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        os.chmod(self.dir, 0o755)
        for name in ("articles", "plugins", "scripts"):
            (self.dir / name).mkdir()
        self.config()

    def config(self, extra="", plugins="plugins"):
        wall, cpu = 5 * max(1, SLOW / 3), 1 * max(1, SLOW / 3)
        limits = "" if "limits:" in extra else f"limits: {{cpu: {cpu}s, wall: {wall}s, memory: 64MB}}\n"
        self.write("config.yaml", f"articles: [articles]\nplugins: [{plugins}]\nscripts: [scripts]\nstore: t.db\n{limits}{extra}")

    def write(self, name, text):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return path

    def article(self, name="a.txt", text=TEXT):
        return self.write(f"articles/{name}", text)

    def counter(self, name="counter"):
        self.write(f"plugins/{name}.lua", COUNT_PLUGIN.replace("NAME", name))

    def run_program(self, *args, stdin="", user=None, timeout=120, cwd=None, locale="C.UTF-8"):
        options = {}
        env = {**os.environ, "LC_ALL": locale}
        if user is not None and os.getuid() == 0:
            options = {"user": user, "group": user, "extra_groups": []}
        return subprocess.run([PROGRAM, *map(str, args)], cwd=cwd or self.dir, capture_output=True, text=True,
                              input=stdin, env=env, timeout=timeout * SLOW, errors="replace", **options)

    def check(self, status, *args, says=None, prints=None, **options):
        """Run; the exit status must be `status`, standard error must hold `says` (text or list), output `prints`."""
        done = self.run_program(*args, **options)
        where = f"\n$ talenthost {' '.join(map(str, args))}\n{done.stdout}\n{done.stderr}"
        self.assertEqual(done.returncode, status, where)
        for text in [says] if isinstance(says, str) else says or []:
            self.assertIn(text, done.stderr, where)
        for text in [prints] if isinstance(prints, str) else prints or []:
            self.assertIn(text, done.stdout, where)
        self.assertNotIn("Sanitizer:", done.stderr, where)
        return done

    def rows(self, sql, *params, store="t.db"):
        with sqlite3.connect(f"file:{self.dir / store}?mode=ro", uri=True) as db:
            return db.execute(sql, params).fetchall()

    def one_line(self, done, text):
        """The line of standard error that holds `text`; it must be the only one."""
        lines = [line for line in done.stderr.splitlines() if text in line]
        self.assertEqual(len(lines), 1, done.stderr)
        return lines[0]

    def summary(self, *args, status=0):
        return json.loads(self.check(status, "run", "--json", *args).stdout)
