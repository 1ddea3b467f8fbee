"""`talenthost map`: a line of records for each line with an article, in order, in constant memory."""
import json
import os
import shutil
import subprocess
import threading
import unittest

from world import PROGRAM, SLOW, World, plugin

LONG = bool(os.environ.get("TALENTHOST_ALL"))


def line(n, **more):
    return json.dumps({"id": f"a{n}", "title": f"云岭区第{n}期人才简报", "date": "2024-05-20", "source": "云岭日报",
                       "text": f"今年，云岭区引进高层次人才{n}人。\n截至目前，建成人才公寓5套。", **more}, ensure_ascii=False)


def high_water(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(row.split()[1]) for row in status if row.startswith("VmHWM:"))


class Map(World):
    def setUp(self):
        super().setUp()
        self.counter()

    def map(self, status, lines, *args, **options):
        done = self.check(status, "map", *args, stdin="".join(f"{text}\n" for text in lines), **options)
        return [json.loads(row) for row in done.stdout.splitlines()]

    def test_a_line_out_for_each_line_in(self):
        out = self.map(0, [line(n) for n in range(1, 301)])
        self.assertEqual([(o["id"], o["line"]) for o in out], [(f"a{n}", n) for n in range(1, 301)])
        self.assertEqual(out[6]["title"], "云岭区第7期人才简报")
        self.assertEqual((out[6]["date"], out[6]["source"], out[6]["authors"]), ("2024-05-20", "云岭日报", []))
        self.assertEqual([row["n"] for row in out[6]["records"]["counter_row"]], [2])
        self.assertNotIn("failures", out[6])
        self.assertFalse((self.dir / "t.db").exists(), "map stores nothing")

    def test_records_are_those_of_a_run(self):
        lines = [line(n) for n in range(1, 40)]
        self.config(plugins="bundled")
        self.article("a.ndjson", "\n".join(lines) + "\n")
        self.check(0, "run")
        out = self.map(0, lines)
        for kind in ("metric", "timex", "policy"):
            stored = self.rows(f"SELECT count(*) FROM {kind}")[0][0]
            self.assertEqual(sum(len(o["records"].get(kind, [])) for o in out), stored, kind)
        self.assertGreater(self.rows("SELECT count(*) FROM metric")[0][0], 0)
        values = [row["value"] for o in out for row in o["records"]["metric"]]
        self.assertEqual(values, [v for v, in self.rows("SELECT value FROM metric ORDER BY article_id, start")])

    def test_a_bad_line_is_answered_by_its_error(self):
        out = self.map(1, [line(1), "", "no json", '{"id":"t","title":"x"}', '{"id":7,"text":" "}', "[1]",
                           '{"id":{"a":[1,"二"]},"text":"好。"}', line(2)])
        self.assertEqual([o["id"] for o in out], ["a1", None, None, "t", 7, None, {"a": [1, "二"]}, "a2"])
        self.assertEqual([o["line"] for o in out], list(range(1, 9)))
        self.assertEqual([o.get("reason") for o in out], [None, "empty", "parse", "format", "empty", "format", None, None])
        self.assertIn("stdin:3:", out[2]["error"])
        self.assertIn("no key holds the text", out[3]["error"])
        self.assertTrue(all("records" in out[i] for i in (0, 6, 7)))

    def test_the_last_line_needs_no_end_and_no_input_is_no_output(self):
        self.assertEqual(len(self.check(0, "map", stdin=line(1) + "\n" + line(2)).stdout.splitlines()), 2)
        self.assertEqual(self.check(0, "map", stdin="").stdout, "")

    def test_a_line_that_is_too_long(self):
        out = self.map(1, [line(1), line(2, text="好" * (17 << 20)), line(3)])
        self.assertEqual([(o["line"], o.get("reason")) for o in out], [(1, None), (2, "bomb"), (3, None)])

    def test_a_plugin_that_fails_costs_its_records_only(self):
        self.write("plugins/bad.lua", plugin("bad", 'if a.title:find("3") then error("three") end '
                                                    'a:record("bad_row", { span = a:span(), n = 1 })'))
        out = self.map(1, [line(n) for n in (2, 3, 4)])
        self.assertEqual([len(o["records"].get("bad_row", [])) for o in out], [1, 0, 1])
        self.assertEqual([len(o["records"]["counter_row"]) for o in out], [1, 1, 1])
        self.assertEqual([(f["plugin"], f["reason"]) for f in out[1]["failures"]], [("bad", "runtime")])
        self.assertIn("three", out[1]["failures"][0]["message"])

    def test_a_plugin_that_never_ends(self):
        self.write("plugins/bad.lua", plugin("bad", 'if a.title:find("3") then while true do end end'))
        out = self.map(1, [line(n) for n in range(1, 6)])
        self.assertEqual([o["id"] for o in out], [f"a{n}" for n in range(1, 6)])
        self.assertEqual([f["plugin"] for f in out[2]["failures"]], ["bad"])

    def test_a_worker_that_is_killed(self):
        """Its lines are read again by another: none is lost, none comes twice."""
        self.write("plugins/slow.lua", plugin("slow", "for i = 1, 2000000 do end"))
        process = subprocess.Popen([PROGRAM, "map", "-j", "1"], cwd=self.dir, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        writer = threading.Thread(target=lambda: (process.stdin.write("".join(line(n) + "\n" for n in range(1, 41))),
                                                  process.stdin.close()))
        writer.start()
        first = process.stdout.readline()
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as children:
            workers = children.read().split()
        for worker in workers:
            os.kill(int(worker), 9)
        rest = process.stdout.read()
        writer.join()
        process.stderr.read()
        process.wait(60 * SLOW)
        process.stdout.close()
        process.stderr.close()
        self.assertEqual([json.loads(row)["id"] for row in (first + rest).splitlines()], [f"a{n}" for n in range(1, 41)])

    def test_a_line_comes_out_before_the_next_goes_in(self):
        process = subprocess.Popen([PROGRAM, "map", "-q"], cwd=self.dir, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(1, 4):
            process.stdin.write(line(n) + "\n")
            process.stdin.flush()
            self.assertEqual(json.loads(process.stdout.readline())["id"], f"a{n}")
        process.stdin.close()
        self.assertEqual((process.stdout.read(), process.wait(60 * SLOW)), ("", 0))
        process.stdout.close()

    @unittest.skipIf("sanitized" in PROGRAM, "the sanitizer keeps freed memory for a while")
    def test_memory_does_not_grow(self):
        """20,000 lines (2,000 without TALENTHOST_ALL) take no more than the first tenth of them."""
        count = 20000 if LONG else 2000
        process = subprocess.Popen([PROGRAM, "map", "-q"], cwd=self.dir, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        text = "".join(f"今年，云岭区引进高层次人才{n}人，发放补贴{n}万元。\n" for n in range(60))
        feed = [line(n, text=text) + "\n" for n in range(count)]
        half = threading.Semaphore(0)

        def write():
            for n, row in enumerate(feed):
                if n == count // 10:
                    process.stdin.flush()
                    half.acquire()
                process.stdin.write(row)
            process.stdin.flush()

        writer = threading.Thread(target=write)
        writer.start()
        for _ in range(count // 10):
            process.stdout.readline()
        early = high_water(process.pid)
        half.release()
        for _ in range(count - count // 10):
            process.stdout.readline()
        late = high_water(process.pid)
        writer.join()
        process.stdin.close()
        process.stdout.close()
        self.assertEqual(process.wait(60 * SLOW), 0)
        self.assertLess(late, early + 4096, f"{early} kB after a tenth of {count} lines, {late} kB after all")

    def test_output_that_is_closed_ends_it(self):
        process = subprocess.Popen([PROGRAM, "map"], cwd=self.dir, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdout.close()
        try:
            process.stdin.write("".join(line(n) + "\n" for n in range(500)).encode())
            process.stdin.close()
        except BrokenPipeError:
            pass
        said = process.stderr.read().decode()
        process.stderr.close()
        self.assertNotEqual(process.wait(60 * SLOW), 0)
        self.assertIn("standard output", said)

    def test_wrong_calls(self):
        self.check(2, "map", "file.ndjson", says="reads standard input")
        self.check(2, "map", "-p", "nobody", stdin=line(1), says="nobody")
        self.write("plugins/broken.lua", "return nonsense(")
        self.check(1, "map", stdin=line(1), says="broken.lua")

    @unittest.skipUnless(shutil.which("parallel"), "GNU parallel is not installed")
    def test_under_gnu_parallel(self):
        text = "".join(line(n) + "\n" for n in range(1, 101))
        done = subprocess.run(["parallel", "--pipe", "--keep-order", "--block", "4k", "--jobs", "2", f"{PROGRAM} map -q -j 1"],
                              cwd=self.dir, input=text, capture_output=True, text=True, timeout=120 * SLOW)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([json.loads(row)["id"] for row in done.stdout.splitlines()], [f"a{n}" for n in range(1, 101)])


if __name__ == "__main__":
    unittest.main()
