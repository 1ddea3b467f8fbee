"""The database under bad luck: killed, locked, full, foreign, newer."""
import os
import signal
import sqlite3
import subprocess
import time
import unittest

from world import NOBODY, PROGRAM, SLOW, SOURCE, TEXT, World, plugin


class Store(World):
    def setUp(self):
        super().setUp()
        self.counter()
        self.article()

    def test_a_file_that_is_no_database(self):
        self.write("t.db", "this is no database, it is a long enough text " * 50)
        done = self.check(2, "run", says="t.db")
        self.one_line(done, "t.db")
        self.assertTrue((self.dir / "t.db").read_bytes().startswith(b"this is no"), "it is left as it was")

    def test_a_database_of_another_program(self):
        with sqlite3.connect(self.dir / "t.db") as db:
            db.execute("CREATE TABLE theirs (x)")
        self.check(2, "run", says="t.db")
        self.assertEqual(self.rows("SELECT name FROM sqlite_master"), [("theirs",)])

    def test_a_database_of_a_newer_schema(self):
        self.check(0, "run")
        with sqlite3.connect(self.dir / "t.db") as db:
            db.execute("PRAGMA user_version = 999")
        done = self.check(2, "run", says="999")
        self.assertIn("newer", done.stderr)
        self.check(2, "query", "SELECT 1", says="999")

    def test_a_store_of_version_1_is_brought_up_to_date(self):
        with sqlite3.connect(self.dir / "t.db") as db:
            db.executescript((SOURCE / "tests" / "fixtures" / "store" / "version-1.sql").read_text(encoding="utf-8"))
        self.check(2, "query", "SELECT 1", says="schema 1, this one wants 2")
        self.check(0, "load")
        self.assertEqual(self.rows("PRAGMA user_version"), [(2,)])
        shown = self.check(0, "show", "1").stdout
        self.assertIn("date     2024-05-20  [line 2]", shown)
        self.assertIn("source   云岭日报  [line 2: 来源]", shown)
        self.assertEqual(self.rows("SELECT count(*), min(origins ->> 'title') FROM article"), [(1, "line 1")])

    def test_no_store_to_read(self):
        self.check(2, "query", "SELECT 1", says="t.db")

    @unittest.skipIf(os.getuid() != 0, "needs root to become another user")
    def test_a_folder_that_can_not_be_written(self):
        self.check(2, "run", says="t.db", user=NOBODY)

    def test_a_second_writer_is_refused_and_told_who_writes(self):
        self.write("plugins/slow.lua", plugin("slow", "local x = 0 for i = 1, 1e11 do x = x + i end"))
        self.config("limits: {cpu: 100s, wall: 200s, memory: 32MB}\n")
        first = subprocess.Popen([PROGRAM, "run"], cwd=self.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(200):
                if (self.dir / "t.db").exists():
                    break
                time.sleep(0.02)
            time.sleep(0.2 * SLOW)
            self.check(2, "run", says=str(first.pid))
        finally:
            first.kill()
            first.wait()

    def test_killed_in_the_middle_the_next_run_completes(self):
        for n in range(1500):
            self.article(f"n{n}.txt", TEXT.replace("120", str(1000 + n)))
        for wait in (0.1, 0.3, 0.6):
            process = subprocess.Popen([PROGRAM, "run"], cwd=self.dir, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, start_new_session=True)
            time.sleep(wait)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            if (self.dir / "t.db").exists():
                self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])
        self.check(0, "run")
        self.assertEqual(self.rows("SELECT count(*), count(DISTINCT article_id) FROM counter_row"), [(1501, 1501)])
        self.assertEqual(self.rows("SELECT count(*) FROM coverage"), [(1501,)])
        self.assertEqual(self.rows("SELECT count(*) FROM run WHERE status = 'running'"), [(0,)])

    def test_workers_die_with_their_parent(self):
        self.write("plugins/slow.lua", plugin("slow", "local x = 0 for i = 1, 1e12 do x = x + i end"))
        self.config("limits: {cpu: 60s, wall: 60s, memory: 32MB}\n")
        process = subprocess.Popen([PROGRAM, "run"], cwd=self.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.5 * SLOW)
        children = self.children(process.pid)
        self.assertTrue(children)
        process.kill()
        process.wait()
        time.sleep(0.3)
        self.assertEqual([pid for pid in children if os.path.exists(f"/proc/{pid}") and not self.is_zombie(pid)], [])

    def children(self, pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [int(p) for p in f.read().split()]

    def is_zombie(self, pid):
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"

    def test_a_limited_file_size_stops_the_run_with_one_line(self):
        for n in range(400):
            self.article(f"n{n}.txt", TEXT.replace("120", str(1000 + n)) * 20)
        done = subprocess.run(["sh", "-c", 'ulimit -f 300; trap "" XFSZ; exec "$0" run', PROGRAM], cwd=self.dir,
                              capture_output=True, text=True, timeout=120 * SLOW)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.one_line(done, "t.db")
        self.check(0, "run")
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(401,)])

    def test_any_number_of_workers_gives_the_same_rows(self):
        for n in range(40):
            self.article(f"n{n}.txt", TEXT.replace("120", str(1000 + n)))
        results = []
        for jobs in (1, 2, 5):
            self.check(0, "run", "--jobs", jobs, "--store", f"j{jobs}.db")
            results.append(self.rows("SELECT path, start, stop, n FROM counter_row JOIN article ON article.id = article_id "
                                     "ORDER BY 1, 2, 3, 4", store=f"j{jobs}.db"))
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])
