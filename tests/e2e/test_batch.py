"""Jobs of config.yaml: run, refused, killed, late; their history; and what is told of them."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree

import world

SLOW_PLUGIN = """
local plugin = host.plugin { name = "slow", version = "1.0", summary = "takes its time", records = { slow_row = { n = "integer" } } }
function plugin.article(a)
  local n = 0
  for i = 1, 2e8 do n = n + i % 7 end
  a:record("slow_row", { span = a:span(), n = n })
end
return plugin
"""


class Jobs(world.World):
    def jobs(self, text, extra=""):
        self.config(extra + "batch:\n" + text)

    def runs(self, columns="job, status", where="parent_id IS NULL"):
        return self.rows(f"SELECT {columns} FROM run WHERE {where} ORDER BY id")

    def start(self, *args, env=None):
        """Start the program; what it says goes into a file, process.said() gives it."""
        self.started = getattr(self, "started", 0) + 1
        path = self.dir / f"said{self.started}"
        with open(path, "w") as out:
            process = subprocess.Popen([world.PROGRAM, *args], cwd=self.dir, stdout=out, stderr=subprocess.STDOUT,
                                       env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})})
        process.said = path.read_text
        self.addCleanup(lambda: (process.kill(), process.wait()))
        return process

    def running(self):
        """A step of the first run is at work."""
        self.wait_for(lambda: self.rows("SELECT 1 FROM run WHERE parent_id = 1 AND status = 'running'"))

    def wait_for(self, what, seconds=20):
        for _ in range(int(seconds * world.SLOW * 20)):
            try:
                if what():
                    return
            except Exception:  # no store yet, or no table in it
                pass
            time.sleep(0.05)
        self.fail("it did not come")

    def slow(self, loops="1e12"):
        """A plugin that takes a second or, as a rule, does not end."""
        self.write("plugins/slow.lua", SLOW_PLUGIN.replace("2e8", loops))
        return "limits: {cpu: 1h, wall: 1h}\n"


class Batch(Jobs):
    def test_a_job_runs_its_steps_and_tells(self):
        self.article()
        self.counter()
        self.write("scripts/tell.lua", 'local s = host.script { summary = "s", needs = { "counter" }, args = { word = { default = "x", doc = "w" } } }\n'
                                       'function s.run(corpus, args) print("told " .. args.word) end\nreturn s\n')
        self.jobs("  - name: nightly\n    scripts: [{tell.lua: {word: 好}}]\n    exports: [{format: ndjson, output: out/e}]\n"
                  "    on_success: [sh, -c, 'cat >log; echo \"$TALENTHOST_JOB $TALENTHOST_STATUS $TALENTHOST_SUMMARY\" >told']\n")

        done = self.check(0, "batch", "nightly", "--json")

        job = json.loads(done.stdout)["jobs"][0]
        self.assertEqual((job["status"], job["articles_loaded"], job["records"], job["attempts"]), ("ok", 1, 1, 1))
        self.assertIn("told 好", (self.dir / "log").read_text())
        self.assertTrue((self.dir / "told").read_text().startswith("nightly ok nightly: ok, 1 articles loaded, 1 records, 0 failures"))
        self.assertTrue(list((self.dir / "out/e").iterdir()))
        self.assertEqual(self.runs(), [("nightly", "ok")])
        self.assertEqual([(r["job"], r["status"], r["records"]) for r in json.loads(self.check(0, "runs", "--json").stdout)], [("nightly", "ok", 1)])
        self.assertEqual(len(self.runs(where="parent_id = 1")), 2)
        shown = self.check(0, "runs", "1").stdout
        for text in ("job       nightly", "status    ok", '"counter":"1.0"', "$ talenthost run tell.lua", "told 好"):
            self.assertIn(text, shown)

    def test_needs_come_first_and_a_failed_one_holds_back(self):
        self.write("scripts/bad.lua", 'local s = host.script { summary = "s" }\nfunction s.run() error("no luck") end\nreturn s\n')
        self.jobs("  - {name: last, needs: [middle], plugins: none}\n  - {name: middle, needs: [first], plugins: none}\n"
                  "  - {name: first, plugins: none, scripts: [bad.lua], on_failure: 'echo $TALENTHOST_SUMMARY >why'}\n")

        self.check(1, "batch", "last", says=["first: failed", "middle: skipped; first, which it needs, did not end well", "last: skipped"])

        self.assertIn("no luck", (self.dir / "why").read_text())
        self.write("scripts/bad.lua", 'local s = host.script { summary = "s" }\nfunction s.run() end\nreturn s\n')
        self.check(0, "batch", "--all")
        self.assertEqual(self.runs(), [("first", "failed"), ("middle", "skipped"), ("last", "skipped"), ("first", "ok"), ("middle", "ok"), ("last", "ok")])

    def test_a_failure_is_tried_again(self):
        self.write("scripts/bad.lua", 'local s = host.script { summary = "s" }\nfunction s.run() error("no luck") end\nreturn s\n')
        self.jobs("  - {name: n, plugins: none, scripts: [bad.lua], retries: 2, pause: 100ms}\n")

        self.check(1, "batch", "n", says="n: failed after 3 attempts")

        self.assertEqual(self.runs("job, status, attempts, exit_status"), [("n", "failed", 3, 1)])
        self.assertEqual(self.check(0, "runs", "1").stdout.count("$ talenthost run bad.lua"), 3)

    def test_the_time_limit_ends_a_step(self):
        self.article()
        seconds = 3 if world.SLOW < 5 else 15
        self.jobs(f"  - {{name: n, time_limit: {seconds}s}}\n", self.slow())

        self.check(1, "batch", "n", says=f"the time limit of {seconds}s was over")

        self.assertEqual(self.runs(), [("n", "failed")])
        self.check(0, "load")  # nobody holds the lock
        self.assertEqual(self.rows("SELECT status FROM run WHERE parent_id = 1"), [("interrupted",)])

    def test_wrong_jobs_are_placed(self):
        for text, says in [("  - {name: a, schedule: '0 25 * * *'}\n", "config.yaml:7:30: batch.schedule: \"0 25 * * *\": hour: expected 0 to 23; write for example"),
                           ("  - {name: a, needs: [b]}\n  - {name: b, needs: [a]}\n", "needs itself"),
                           ("  - {name: a, needs: [aa]}\n", "config.yaml:7:22: batch.needs: there is no job \"aa\"; did you mean \"a\"?"),
                           ("  - {name: a b}\n", "config.yaml:7:12: batch.name: expected a name of letters"),
                           ("  - {name: a, timezone: Mars/Base}\n", "expected a time zone such as Asia/Shanghai"),
                           ("  - {name: a}\n  - {name: a}\n", "config.yaml:8:5: batch: there is a job \"a\" already, in line 7"),
                           ("  - {name: a, scedule: daily}\n", "unknown key \"scedule\" in a job of batch; did you mean \"schedule\"?"),
                           ("  - {schedule: daily}\n", "a job without name"),
                           ("  - {name: a, exports: [{format: xls, output: o}]}\n", "labelstudio, brat, doccano or ndjson, got \"xls\"")]:
            self.jobs(text)
            self.check(2, "batch", "--all", says=says)
        self.jobs("  - {name: nightly}\n")
        self.check(2, "batch", "nightli", says='there is no job "nightli" in config.yaml; did you mean "nightly"?')
        self.check(2, "batch", says="name jobs, or say --due or --all")
        self.check(2, "load", "--report", "x.txt", says=".json, .prom or .xml")
        self.check(2, "load", "--wait=soon", says="--wait: expected a whole number of seconds")

    def test_config_prints_jobs_as_it_reads_them(self):
        self.jobs("  - {name: a, load: [x, y], plugins: [p], scripts: [s.lua, {t.lua: {n: 3, w: 'a \"b\"'}}], exports: [{format: brat, output: o}],\n"
                  "     schedule: 'weekly fri 06:30', timezone: Asia/Tokyo, time_limit: 90s, retries: 2, pause: 5s, on_failure: 'mail \"x\"', on_success: [a, 'b c']}\n"
                  "  - {name: b, plugins: none, needs: a}\n", "timezone: Asia/Shanghai\n")
        first = self.check(0, "config").stdout
        self.write("config.yaml", first)
        second = self.check(0, "config").stdout

        self.assertEqual(first, second)
        self.assertIn('schedule: "30 6 * * 5"', first)

    def test_a_run_keeps_what_it_said(self):
        self.article()
        self.write("plugins/bad.lua", world.plugin("bad", 'error("no luck")'))
        self.check(1, "run")

        shown = self.check(0, "runs", "1", prints=["log:\ntalenthost: ", "no luck", '"bad":"1.0"']).stdout
        self.assertIn("failures:\n  bad articles/a.txt: runtime: ", shown)
        self.check(2, "runs", "7", says="there is no run 7")
        self.check(2, "runs", "x", says="expected the number of a run")

    def test_reports_for_machines(self):
        self.article()
        self.article("b.txt", b"\x00\x01\x02")
        self.counter()
        self.jobs("  - {name: n}\n")

        self.check(1, "batch", "n", "--report", "r.json")
        self.check(1, "run", "--report", "r.prom")
        self.check(1, "load", "--report", "r.xml")

        run = json.loads((self.dir / "r.json").read_text())["runs"][0]
        self.assertEqual((run["job"], run["status"], run["failures"]), ("n", "failed", 1))
        self.assertEqual([f["reason"] for f in run["failed"]], ["binary"])
        prom = (self.dir / "r.prom").read_text()
        for line in prom.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) talenthost_run_\w+ .+|talenthost_run_\w+\{job="run"\} [0-9.e+]+)$')
        self.assertIn('talenthost_run_failures{job="run"} 1\n', prom)
        self.assertIn('talenthost_run_success{job="run"} 0\n', prom)
        suite = xml.etree.ElementTree.parse(self.dir / "r.xml").getroot()[0]
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("2", "1"))
        self.assertEqual(suite.findall("testcase/failure")[0].get("type"), "binary")
        self.assertEqual([p.name for p in self.dir.iterdir() if "~" in p.name], [])

    def test_old_history_goes_and_what_only_failed_needs_stays(self):
        self.article()
        self.article("b.txt", b"\x00\x01\x02")
        self.counter()
        self.write("plugins/bad.lua", world.plugin("bad", 'error("no luck")'))
        self.check(1, "run")
        self.check(1, "run")
        for run_id, days in [(1, 50), (2, 40)]:
            subprocess.run(["sqlite3", self.dir / "t.db", f"UPDATE run SET started_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-{days} days') WHERE id = {run_id}"],
                           check=True)
        self.config("keep: 30d\n")

        self.write("articles/b.txt", world.TEXT)
        self.check(1, "run", "bad")  # fails again: its older failures are not needed any more, b.txt is loaded

        self.assertEqual(self.rows("SELECT id FROM run"), [(3,)])
        self.assertEqual(set(self.rows("SELECT run_id FROM failure")), {(3,)})
        self.check(1, "run", "--only-failed", says="no luck")


class Overlap(Jobs):
    def test_a_second_run_is_refused_with_who_holds_the_store_and_is_a_row(self):
        self.article()
        self.jobs("  - {name: n}\n", self.slow())
        first = self.start("batch", "n")
        self.running()

        done = self.check(2, "batch", "n")
        self.check(2, "load", says=f"being written by process {first.pid} on ")
        self.check(0, "query", "SELECT count(*) FROM run")
        self.check(0, "runs", prints="running")

        self.assertRegex(self.one_line(done, "n: refused"), rf"being written by process {first.pid} on \S+ since 20\d\d-\S+Z \(.*batch n\)")
        first.terminate()
        first.wait()
        self.assertEqual(self.runs("coalesce(job, command), status"), [("n", "interrupted"), ("n", "refused"), ("load", "refused")])

    def test_a_second_run_waits(self):
        self.article()
        self.jobs("  - {name: n}\n", self.slow())
        first = self.start("batch", "n")
        self.running()

        self.check(2, "load", "--wait=0", says="being written")
        second = self.start("load", "--wait")
        self.wait_for(lambda: "waiting: " in second.said())
        first.terminate()

        self.assertEqual(second.wait(), 0, second.said())
        self.assertEqual(self.runs("coalesce(job, command), status"), [("n", "interrupted"), ("load --wait=0", "refused"), ("load --wait", "ok")])

    def test_a_killed_batch_is_told_by_the_next_and_leaves_nothing_running(self):
        self.article()
        self.jobs("  - {name: n}\n", self.slow())
        first = self.start("batch", "n")
        self.running()
        step = self.rows("SELECT pid FROM run WHERE parent_id = 1")[0][0]

        first.kill()
        first.wait()
        self.wait_for(lambda: not pathlib.Path(f"/proc/{step}").exists() or "Z" in pathlib.Path(f"/proc/{step}/stat").read_text().split(")")[1][:3])
        self.write("plugins/slow.lua", world.plugin("slow", ""))
        self.check(0, "batch", "n")

        self.assertEqual(self.runs(), [("n", "interrupted"), ("n", "ok")])
        self.assertRegex(self.rows("SELECT message FROM run WHERE id = 1")[0][0], rf"process {first.pid} on \S+ ended before it")
        self.assertEqual(self.rows("SELECT count(*) FROM run WHERE status = 'running'"), [(0,)])

    def test_a_signal_ends_a_batch_and_is_told(self):
        self.article()
        self.jobs("  - {name: n, on_failure: touch told}\n", self.slow())
        first = self.start("batch", "n")
        self.running()

        first.send_signal(signal.SIGTERM)

        self.assertEqual(first.wait(), 1, first.said())
        self.assertIn("n: interrupted", first.said())
        self.assertEqual(self.runs(), [("n", "interrupted")])

    def test_a_store_locked_by_another_program(self):
        self.article()
        self.jobs("  - {name: n}\n")
        self.check(0, "batch", "n")
        holder = subprocess.Popen(["sqlite3", self.dir / "t.db"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (holder.kill(), holder.communicate()))
        holder.stdin.write("BEGIN IMMEDIATE; SELECT 'held';\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline(), "held\n")

        self.check(2, "batch", "n", says="n: failed; could not begin: ")
        holder.communicate("ROLLBACK;\n")
        self.check(0, "batch", "n")

        self.assertEqual(self.runs(), [("n", "ok"), ("n", "failed"), ("n", "ok")])
        self.assertIn("could not begin", self.rows("SELECT message FROM run WHERE status = 'failed'")[0][0])

    def disk(self, size):
        """A small file system of its own."""
        disk = self.dir / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", disk], capture_output=True).returncode:
            self.skipTest("no tmpfs")
        self.addCleanup(subprocess.run, ["umount", "-l", disk])
        return disk

    @unittest.skipUnless(os.getuid() == 0, "a file system of its own needs root")
    def test_a_full_disk(self):
        disk = self.disk("1m")
        self.article()
        self.counter()
        self.jobs("  - {name: n, plugins: none}\n")
        self.check(0, "batch", "n", "--store", "disk/t.db")
        with open(disk / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 1024)
            except OSError:
                pass

        self.check(2, "batch", "n", "--store", "disk/t.db", says="disk is full")
        self.check(2, "load", "--store", "disk/t.db", says="disk is full")
        (disk / "filler").unlink()
        self.check(0, "batch", "n", "--store", "disk/t.db")

        rows = self.rows("SELECT job, status FROM run WHERE parent_id IS NULL AND job IS NOT NULL ORDER BY id", store="disk/t.db")
        self.assertEqual(rows, [("n", "ok"), ("n", "failed"), ("n", "ok")])

    @unittest.skipUnless(os.getuid() == 0, "a file system of its own needs root")
    def test_a_disk_that_fills_while_a_job_runs(self):
        disk = self.disk("2m")
        for i in range(400):
            self.article(f"{i}.txt", f"第{i}篇\n2024-05-20\n" + f"云岭区引进高层次人才{i}人，发放补贴{i}万元。\n" * 60)
        self.jobs("  - {name: n, plugins: none}\n")

        self.check(2, "batch", "n", "--store", "disk/t.db", says="disk is full")
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        self.check(0, "batch", "n", "--store", "disk/t.db")

        rows = self.rows("SELECT job, status FROM run WHERE parent_id IS NULL ORDER BY id", store="disk/t.db")
        self.assertEqual(rows, [("n", "failed"), ("n", "ok")])
        self.assertIn("disk is full", self.rows("SELECT message FROM run WHERE job = 'n' ORDER BY id", store="disk/t.db")[0][0])
        self.assertEqual(self.rows("SELECT count(*) FROM run WHERE status = 'running'", store="disk/t.db"), [(0,)])
        self.assertEqual(self.rows("SELECT count(*), count(DISTINCT path) FROM article", store="disk/t.db"), [(400, 400)])


class Clock(Jobs):
    """`schedule run` and `batch --due` by a clock that the test sets."""

    def setUp(self):
        super().setUp()
        self.clock = {"TALENTHOST_TEST_CLOCK": str(self.dir / "clock")}

    def set(self, text):
        seconds = subprocess.run(["date", "-u", "-d", text, "+%s"], capture_output=True, text=True, check=True).stdout
        self.write("clock.new", seconds)
        os.replace(self.dir / "clock.new", self.dir / "clock")

    def due(self, status=0, *more):
        done = subprocess.run([world.PROGRAM, "batch", "--due", *more], cwd=self.dir, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8", **self.clock})
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def test_what_is_due_runs_once(self):
        self.jobs("  - {name: n, plugins: none, schedule: daily 02:00}\n", "timezone: Asia/Shanghai\n")
        self.set("2026-11-25 17:59:00")
        self.assertIn("no job is due", self.due().stderr)
        self.set("2026-11-25 18:00:05")
        self.due()
        self.assertIn("no job is due", self.due().stderr)

        self.assertEqual(self.runs("job, status, slot"), [("n", "ok", "2026-11-25T18:00:00Z")])

    def test_missed_times_are_rows_and_the_last_runs_once(self):
        self.jobs("  - {name: n, plugins: none, schedule: daily 02:00}\n", "timezone: UTC\n")
        self.set("2026-11-20 03:00:00")
        self.due()
        self.set("2026-11-23 12:00:00")
        self.due()

        self.assertEqual(self.runs("status, slot"), [("missed", "2026-11-21T02:00:00Z"), ("missed", "2026-11-22T02:00:00Z"), ("ok", "2026-11-23T02:00:00Z")])
        self.set("2026-11-23 11:00:00")  # back by an hour: nothing twice
        self.assertIn("no job is due", self.due().stderr)
        self.set("2026-11-24 02:00:00")
        self.due()
        self.assertEqual(len(self.runs(where="status = 'ok' AND job IS NOT NULL")), 2)

    def test_a_clock_that_was_far_ahead_is_put_right(self):
        self.jobs("  - {name: n, plugins: none, schedule: daily 02:00}\n", "timezone: UTC\n")
        self.set("2030-01-01 02:00:30")
        self.due()
        self.set("2026-11-20 12:00:00")
        self.due()
        self.set("2026-11-21 02:00:00")
        self.due()

        self.assertEqual(self.runs("status, slot"), [("ok", "2030-01-01T02:00:00Z"), ("skipped", None), ("ok", "2026-11-21T02:00:00Z")])
        self.assertIn("the clock went back", self.rows("SELECT message FROM run WHERE status = 'skipped'")[0][0])

    def test_an_hour_that_comes_twice_and_one_that_does_not(self):
        self.jobs("  - {name: n, plugins: none, schedule: daily 02:30}\n", "timezone: Europe/Berlin\n")
        for moment in ("2026-03-29 00:00", "2026-03-29 01:00", "2026-03-29 01:30", "2026-10-25 00:29", "2026-10-25 00:30", "2026-10-25 01:30"):
            self.set(moment)
            self.due()

        ran = self.runs("slot", "status = 'ok' AND job IS NOT NULL")
        self.assertEqual([r for r in ran if r[0] < "2026-04"], [("2026-03-29T01:00:00Z",)])
        self.assertEqual([r for r in ran if r[0] > "2026-10-25"], [("2026-10-25T00:30:00Z",)])

    def test_the_foreground_scheduler(self):
        self.jobs("  - {name: n, plugins: none, schedule: daily 02:00}\n", "timezone: UTC\n")
        self.set("2026-11-20 01:59:50")
        scheduler = self.start("schedule", "run", env=self.clock)
        ok = "SELECT slot FROM run WHERE status = 'ok' AND job IS NOT NULL ORDER BY id"
        self.wait_for(lambda: self.rows("SELECT 1 FROM batch_job"))
        self.assertEqual(self.rows(ok), [])
        self.set("2026-11-20 02:00:01")
        self.wait_for(lambda: len(self.rows(ok)) == 1)
        self.set("2026-11-22 13:00:00")  # forward over two times
        self.wait_for(lambda: len(self.rows(ok)) == 2)
        self.set("2026-11-22 12:01:00")  # and back
        self.jobs("  - {name: n, plugins: none, schedule: daily 02:00}\n  - {name: m, plugins: none, schedule: hourly}\n", "timezone: UTC\n")
        scheduler.send_signal(signal.SIGHUP)
        self.wait_for(lambda: self.rows("SELECT 1 FROM batch_job WHERE name = 'm'"))
        self.set("2026-11-22 13:00:02")
        self.wait_for(lambda: len(self.rows(ok)) == 3)
        self.config("batch: [{name: n, schedule: often}]\n")
        scheduler.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "stays as it was" in scheduler.said())
        scheduler.send_signal(signal.SIGTERM)

        self.assertEqual(scheduler.wait(), 0, scheduler.said())
        said = scheduler.said()
        self.assertIn("config.yaml is read again: 2 jobs", said)
        self.assertIn("the configuration stays as it was: config.yaml:6:29: batch.schedule", said)
        self.assertEqual(self.runs("job, status, slot"), [("n", "ok", "2026-11-20T02:00:00Z"), ("n", "missed", "2026-11-21T02:00:00Z"),
                                                          ("n", "ok", "2026-11-22T02:00:00Z"), ("m", "ok", "2026-11-22T13:00:00Z")])

    def test_sigterm_lets_the_job_at_hand_end(self):
        self.article()
        self.jobs("  - {name: n, schedule: daily 02:00}\n", self.slow("2e8") + "timezone: UTC\n")
        self.set("2026-11-20 02:00:01")
        scheduler = self.start("schedule", "run", env=self.clock)
        self.running()

        scheduler.send_signal(signal.SIGTERM)
        scheduler.wait()

        self.assertIn("n: ok", scheduler.said())
        self.assertEqual(self.runs(), [("n", "ok")])

    def test_a_killed_job_is_due_again(self):
        self.article()
        extra = self.slow() + "timezone: UTC\n"
        self.jobs("  - {name: n, schedule: daily 02:00}\n", extra)
        self.set("2026-11-20 02:00:01")
        scheduler = self.start("schedule", "run", env=self.clock)
        self.running()
        scheduler.kill()
        scheduler.wait()
        self.write("plugins/slow.lua", world.plugin("slow", ""))
        self.set("2026-11-20 02:10:00")
        self.wait_for(lambda: self.run_program("load").returncode == 0)

        self.due()

        self.assertEqual(self.runs("job, status, slot", "job IS NOT NULL"), [("n", "interrupted", "2026-11-20T02:00:00Z"), ("n", "ok", "2026-11-20T02:00:00Z")])
        self.assertIn("no job is due", self.due().stderr)


class Install(Jobs):
    JOBS = "  - {name: nightly, schedule: '30 2 * * mon-fri'}\n  - {name: monthly, schedule: '0 6 1,15 * sun', timezone: Europe/Berlin}\n  - {name: by_hand}\n"

    def setUp(self):
        super().setUp()
        self.tab = self.dir / "tab"
        self.write("bin/crontab", "#!/bin/sh\ncase $1 in\n-l) [ -f %s ] && cat %s || { echo no crontab for me >&2; exit 1; };;\n-r) rm %s;;\n-) cat >%s;;\nesac\n"
                   % ((self.tab,) * 4)).chmod(0o755)
        self.write("bin/systemctl", f"#!/bin/sh\necho \"$@\" >>{self.dir}/systemctl.log\n").chmod(0o755)
        self.jobs(self.JOBS)

    def schedule(self, status, *args, **env):
        done = subprocess.run([world.PROGRAM, "schedule", *args], cwd=self.dir, capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "PATH": f"{self.dir}/bin:{os.environ['PATH']}", "XDG_CONFIG_HOME": str(self.dir / "xdg"), **env})
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def test_lines_of_a_crontab_come_and_go(self):
        before = "# mine\n5 4 * * * true   \n\n# END"
        before += "\n"
        self.tab.write_text(before)

        self.schedule(0, "install", "--cron")
        first = self.tab.read_text()
        self.schedule(0, "install", "--cron")
        self.assertEqual(self.tab.read_text(), first)
        self.tab.write_text(first + "1 2 3 4 5 behind\n")
        self.schedule(0, "remove")

        self.assertTrue(first.startswith(before))
        lines = [line for line in first[len(before):].splitlines() if not line.startswith("#")]
        self.assertEqual(lines, [f"30 2 * * 1-5 cd {self.dir} && {os.path.realpath(world.PROGRAM)} batch --quiet --config config.yaml nightly",
                                 f"0,15,30,45 * * * * cd {self.dir} && {os.path.realpath(world.PROGRAM)} batch --quiet --due --config config.yaml monthly"])
        self.assertEqual(self.tab.read_text(), before + "1 2 3 4 5 behind\n")

    def test_a_crontab_that_was_changed_is_left_alone(self):
        self.schedule(0, "install", "--cron")
        changed = self.tab.read_text().replace("30 2", "31 2")
        self.tab.write_text(changed)

        self.assertIn("were changed since they were written", self.schedule(2, "remove", "--cron").stderr)
        self.assertEqual(self.tab.read_text(), changed)
        self.tab.unlink()
        self.assertIn("nothing was installed", self.schedule(0, "remove", "--cron").stderr)

    def test_the_last_line_takes_the_crontab_with_it(self):
        self.schedule(0, "install", "--cron")
        self.schedule(0, "remove", "--cron")

        self.assertFalse(self.tab.exists())

    def test_units_come_and_go(self):
        folder = self.dir / "xdg/systemd/user"
        folder.mkdir(parents=True)
        (folder / "talenthost-other.timer").write_text("[Timer]\n")

        self.schedule(0, "install", "--systemd")
        written = sorted(p.name for p in folder.iterdir())
        self.jobs(self.JOBS.replace("nightly", "daily"))
        self.schedule(0, "install", "--systemd")
        renamed = sorted(p.name for p in folder.iterdir())
        self.schedule(0, "remove")

        names = ["talenthost-monthly.service", "talenthost-monthly.timer", "talenthost-nightly.service", "talenthost-nightly.timer", "talenthost-other.timer"]
        self.assertEqual(written, names)
        self.assertEqual(renamed, sorted(name.replace("nightly", "daily") for name in names))
        self.assertEqual([p.name for p in folder.iterdir()], ["talenthost-other.timer"])
        log = (self.dir / "systemctl.log").read_text()
        self.assertIn("--user enable --now talenthost-nightly.timer\n", log)
        self.assertIn("--user disable --now talenthost-nightly.timer\n", log)

    def test_a_unit_of_somebody_else_is_not_overwritten(self):
        folder = self.dir / "xdg/systemd/user"
        self.schedule(0, "install", "--systemd")
        (folder / "talenthost-nightly.service").write_text("[Service]\n")

        self.assertIn("is there already", self.schedule(2, "install", "--systemd").stderr)
        self.assertEqual((folder / "talenthost-nightly.service").read_text(), "[Service]\n")

    def test_for_the_whole_system(self):
        self.schedule(0, "install", "--systemd", "--system", DESTDIR=str(self.dir / "root"))
        self.schedule(0, "install", "--cron", "--system", DESTDIR=str(self.dir / "root"))
        unit = (self.dir / "root/etc/systemd/system/talenthost-nightly.service").read_text()
        tab = next((self.dir / "root/etc/cron.d").iterdir())

        self.assertRegex(unit, r"(?m)^User=\w+$")
        self.assertIn(f'ReadWritePaths="{self.dir}"', unit)
        self.assertRegex(tab.read_text(), r"(?m)^30 2 \* \* 1-5 \w+ cd ")
        self.schedule(0, "remove", "--system", DESTDIR=str(self.dir / "root"))
        self.assertEqual(list((self.dir / "root/etc/cron.d").iterdir()) + list((self.dir / "root/etc/systemd/system").iterdir()), [])

    def test_systemd_takes_the_units(self):
        if subprocess.run(["sh", "-c", "command -v systemd-analyze"], capture_output=True).returncode:
            self.skipTest("no systemd-analyze")
        for system in ([], ["--system"]):
            self.schedule(0, "install", "--systemd", *system, DESTDIR=str(self.dir / "root"))
        units = [*map(str, (self.dir / "root/etc/systemd/system").iterdir())]
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
        told = [line for line in done.stderr.splitlines() if "talenthost" in line]
        self.assertEqual((done.returncode, told), (0, []), done.stderr)
        user = [*map(str, (self.dir / "xdg/systemd/user").iterdir())]
        done = subprocess.run(["systemd-analyze", "--user", "verify", "--man=no", *user], capture_output=True, text=True, env={**os.environ, "XDG_RUNTIME_DIR": str(self.dir)})
        told = [line for line in done.stderr.splitlines() if "talenthost" in line]
        self.assertEqual(told, [], done.stderr)

    def test_systemd_has_the_same_next_times(self):
        """OnCalendar and our own reading of a schedule agree."""
        if subprocess.run(["sh", "-c", "command -v systemd-analyze"], capture_output=True).returncode:
            self.skipTest("no systemd-analyze")
        for when in ("*/7 * * * *", "5-50/9 3,4 * * *", "0 6 1,15 * fri", "0 6 * 2 *", "0 0 29 2 *", "30 4 */5 * mon", "weekly sat 23:59", "monthly 31 06:00",
                     "every 6 hours", "yearly 03-01 05:00", "weekdays 18:00", "15 */5 10-20/3 jan-mar,oct 0,3"):
            self.jobs(f"  - {{name: n, schedule: '{when}', timezone: Asia/Shanghai}}\n")
            self.write("clock", "1795600000\n")
            ours = json.loads(self.schedule(0, "list", "--json", TALENTHOST_TEST_CLOCK=str(self.dir / "clock")).stdout)[0]["next"]
            unit = self.schedule(0, "install", "--systemd", "--print").stdout
            theirs = []
            for calendar in re.findall(r"OnCalendar=(.+)", unit):
                said = subprocess.run(["systemd-analyze", "calendar", "--base-time=@1795600000", calendar], capture_output=True, text=True, check=True,
                                      env={**os.environ, "TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8"}).stdout
                theirs.append(re.search(r"Next elapse: \w+ (\S+ \d\d:\d\d)", said).group(1))
            self.assertEqual(ours[:16], min(theirs), when)


if __name__ == "__main__":
    unittest.main()
