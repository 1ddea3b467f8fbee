"""Files that hold many articles: tables, JSON, archives, web archives. One bad item costs itself."""
import csv
import gzip
import io
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import tarfile
import time
import unittest
import zipfile

from world import PROGRAM, SLOW, World, plugin


def body(n):
    return f"今年，云岭区引进高层次人才{100 + n}人，发放补贴超300万元。\n截至目前，建成人才公寓{n}套。"


def table(rows, header=("标题", "日期", "来源", "正文"), delimiter=","):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def report(n):
    return (f"云岭区第{n}期人才简报", f"2024-05-{n % 28 + 1:02d}", "云岭日报", body(n))


class Containers(World):
    def setUp(self):
        super().setUp()
        self.counter()

    def paths(self):
        return [row[0] for row in self.rows("SELECT path FROM article ORDER BY id")]

    def failures(self):
        return self.rows("SELECT path, reason, message FROM failure ORDER BY id")

    def one(self, path):
        """The title, date, source and text of an article."""
        found = self.rows("SELECT title, date, source, text FROM article WHERE path = ?", path)
        self.assertEqual(len(found), 1, path)
        return found[0]


class Tables(Containers):
    def test_every_row_is_an_article(self):
        self.article("reports.csv", table(report(n) for n in range(1, 6)))
        s = self.summary()
        self.assertEqual((s["articles"], s["failures"]), (5, 0))
        self.assertEqual(self.paths(), [f"articles/reports.csv#{n}" for n in range(1, 6)])
        self.assertEqual(self.one("articles/reports.csv#2"), (*report(2)[:3], body(2)))
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(5,)])

    def test_every_encoding_gives_the_same(self):
        text = table(report(n) for n in range(1, 4))
        for name, encoding in (("a", "utf-8"), ("b", "utf-8-sig"), ("c", "gb18030"), ("d", "utf-16"), ("e", "big5")):
            data = text
            if encoding == "big5":
                data = text.replace("标题", "標題").replace("来源", "來源").replace("区", "區").replace("报", "報").replace("简", "簡")
                data = data.replace("引进", "引進").replace("层", "層").replace("发", "發").replace("补贴", "補貼")
                data = data.replace("岭", "嶺").replace("万", "萬").replace("计", "計").replace("过", "過")
            self.article(f"{name}.csv", data.encode(encoding, "replace"))
        self.check(0, "run")
        first = self.one("articles/a.csv#3")
        for name in "bcd":
            self.assertEqual(self.one(f"articles/{name}.csv#3"), first, name)
        self.assertIn("雲" if "雲" in self.one("articles/e.csv#3")[3] else "引進", self.one("articles/e.csv#3")[3])

    def test_a_bad_row_costs_itself(self):
        rows = [report(n) for n in range(1, 5)]
        rows[1] = ("空", "", "", "")
        self.article("reports.csv", table(rows) + "散,落,的,逗号,太多\n")
        done = self.check(1, "run")
        self.assertEqual(self.paths(), [f"articles/reports.csv#{n}" for n in (1, 3, 4)])
        self.assertEqual([(p, r) for p, r, _ in self.failures()],
                         [("articles/reports.csv#2", "empty"), ("articles/reports.csv#5", "parse")])
        self.one_line(done, "articles/reports.csv:9: 5 cells")

    def test_a_plugin_that_kills_its_worker_on_row_3_costs_row_3(self):
        self.config("limits: {cpu: 50s, wall: %ss, memory: 64MB}\n" % (1.5 * max(1, SLOW / 2)))
        self.write("plugins/bad.lua", plugin("bad", "if a.title:find('第3期') then return (('a'):rep(30)):find(('a*'):rep(30) .. 'b') end\n"
                                             "a:record('bad_row', { span = a:span(), n = 1 })"))
        self.article("reports.csv", table(report(n) for n in range(1, 9)))
        s = self.summary("--jobs", "1", status=1)
        self.assertEqual(len(self.paths()), 8)
        self.assertEqual(self.rows("SELECT path, plugin, reason FROM failure"),
                         [("articles/reports.csv#3", "bad", "timeout")])
        self.assertEqual(self.rows("SELECT count(*) FROM bad_row"), [(7,)])
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(8,)])
        self.assertEqual(s["records"], 15)  # no row was done twice

    def test_a_worker_killed_in_the_middle_costs_one_row_at_most(self):
        self.write("plugins/busy.lua", plugin("busy", "local n = 0 for i = 1, 2e5 do n = n + i % 7 end\n"
                                              "a:record('busy_row', { span = a:span(), n = 1 })"))
        self.article("reports.csv", table(report(n) for n in range(1, 601)))
        run = subprocess.Popen([PROGRAM, "run", "--jobs", "1"], cwd=self.dir, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
        try:
            deadline = time.monotonic() + 30 * SLOW
            while time.monotonic() < deadline and run.poll() is None:
                try:
                    if self.rows("SELECT count(*) FROM article")[0][0]:
                        break
                except sqlite3.OperationalError:
                    pass
                time.sleep(0.05)
            for child in pathlib.Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)
            err = run.communicate(timeout=120 * SLOW)[1]
        finally:
            run.kill()
        self.assertEqual(run.returncode, 1, err)
        failed = self.failures()
        self.assertEqual(len(failed), 1, err)
        self.assertEqual(failed[0][1], "crash")
        self.assertRegex(failed[0][0], r"articles/reports\.csv(#\d+)?$")
        self.assertGreaterEqual(len(self.paths()), 599)
        self.assertGreaterEqual(self.rows("SELECT count(*) FROM counter_row")[0][0], 599)

    def test_a_plugin_that_breaks_its_limit_on_every_row_is_set_aside(self):
        self.config("limits: {cpu: 100ms, wall: 60s, memory: 64MB}\n")
        self.write("plugins/slow.lua", plugin("slow", "while true do end"))
        self.article("reports.csv", table(report(n) for n in range(1, 60)))
        self.check(1, "run", says="slow is set aside for this run")
        self.assertEqual(self.rows("SELECT count(*) FROM failure WHERE plugin = 'slow'"), [(3,)])
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(59,)])

    def test_a_table_without_text_names_its_columns_and_config_helps(self):
        self.article("x.csv", table([("甲", body(1))], header=("编号", "报告原文")))
        done = self.check(1, "run")
        line = self.one_line(done, "articles/x.csv: no column holds the text")
        self.assertIn("columns: 编号, 报告原文", line)
        self.assertIn("config.yaml: columns: {text: NAME}", line)
        self.config("columns: {text: 报告原文, title: 编号}\n")
        self.check(0, "run")
        self.assertEqual(self.one("articles/x.csv#1")[0], "甲")

    def test_prose_is_no_table(self):
        self.article("prose.txt", "Talent is dear, housing is too,\nroses are red, violets are blue,\n去年引进人才, 120人,\n")
        self.check(0, "run")
        self.assertEqual(self.paths(), ["articles/prose.txt"])

    def test_an_unchanged_table_is_not_read_again_and_a_changed_one_is(self):
        rows = [report(n) for n in range(1, 4)]
        self.article("r.csv", table(rows))
        self.check(0, "run")
        time.sleep(2.2)
        self.check(0, "run")
        self.check(0, "run", says="nothing to do")
        rows[1] = ("新标题", "2024-06-01", "云岭日报", body(50))
        self.article("r.csv", table(rows))
        s = self.summary()
        self.assertEqual(s["changed"], 1)
        self.assertEqual(self.one("articles/r.csv#2")[0], "新标题")

    def test_memory_is_bounded_by_the_row(self):
        size = 100_000_000 if os.environ.get("TALENTHOST_ALL") else 8_000_000
        text = body(7) * 40
        row = ",".join(("人才简报", "2024-05-01", "云岭日报", f'"{text}"')) + "\n"
        with open(self.dir / "articles" / "big.csv", "w", encoding="utf-8") as f:
            f.write("标题,日期,来源,正文\n")
            count = 0
            while f.tell() < size:
                f.write(row * 100)
                count += 100
        s = self.summary("--jobs", "1")
        self.assertEqual(s["articles"], count)
        if SLOW < 10:  # the sanitizers take memory of their own
            self.assertLess(s["parent_peak_kb"], 100_000)
            self.assertLess(s["worker_peak_kb"], 150_000)


class Json(Containers):
    def entry(self, n):
        title, date, source, text = report(n)
        return {"title": title, "date": date, "source": source, "content": text}

    def test_every_form_gives_the_same(self):
        entries = [self.entry(n) for n in range(1, 4)]
        self.article("a.ndjson", "".join(json.dumps(e, ensure_ascii=False) + "\n" for e in entries))
        self.article("b.json", json.dumps(entries, ensure_ascii=False, indent=1))
        self.article("c.json", json.dumps({"total": 3, "items": entries}))
        self.article("d.json", json.dumps(entries[1]))
        self.article("e.json", json.dumps(entries, ensure_ascii=False).encode("gb18030"))
        self.check(0, "run")
        expected = (*report(2)[:3], body(2))
        for path in ("a.ndjson#2", "b.json#2", "c.json#2", "d.json", "e.json#2"):
            self.assertEqual(self.one(f"articles/{path}"), expected, path)
        self.assertEqual(len(self.paths()), 13)

    def test_a_bad_line_is_named(self):
        lines = [json.dumps(self.entry(n), ensure_ascii=False) for n in range(1, 5)]
        lines[2] = lines[2][:-30]
        self.article("a.ndjson", "\n".join(lines))
        done = self.check(1, "run")
        self.one_line(done, "articles/a.ndjson:3:")
        self.assertEqual(self.paths(), [f"articles/a.ndjson#{n}" for n in (1, 2, 4)])

    def test_an_object_that_is_no_article(self):
        self.article("package.json", '{"name": "x", "version": "1"}')
        done = self.check(1, "run")
        self.assertIn("keys: name, version", self.one_line(done, "articles/package.json"))


class Archives(Containers):
    def zipped(self, members):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            for name, data in members.items():
                z.writestr(name, data)
        return out.getvalue()

    def test_all_in_one_zip(self):
        members = {"甲/a.txt": body(1), "reports.csv": table(report(n) for n in range(1, 4)),
                   "inner.zip": self.zipped({"b.md": "# 云岭区人才简报\n\n" + body(2)}),
                   "p.png": b"\x89PNG\r\n\x1a\n0000", "__MACOSX/a.txt": "x"}
        self.article("all.zip", self.zipped(members))
        done = self.check(1, "run", says="articles/all.zip: left out: 1 hidden or system files")
        self.assertEqual(sorted(self.paths()), sorted([
            "articles/all.zip!甲/a.txt", "articles/all.zip!reports.csv#1", "articles/all.zip!reports.csv#2",
            "articles/all.zip!reports.csv#3", "articles/all.zip!inner.zip!b.md"]))
        self.assertEqual(self.failures(), [("articles/all.zip!p.png", "binary",
                                            "articles/all.zip!p.png: is a PNG image, not text")])
        self.one_line(done, "articles/all.zip!p.png")

    def test_a_program_without_locale_reads_chinese_names(self):
        data = self.zipped({"XXXX.txt": body(1), "乙.txt": body(2)})
        self.article("a.zip", data.replace(b"XXXX.txt", "人才.txt".encode("gbk")))
        env = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_ALL", "LC_CTYPE")}
        done = subprocess.run([PROGRAM, "load"], cwd=self.dir, env={**env, "LC_ALL": "C"}, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(self.paths()), ["articles/a.zip!乙.txt", "articles/a.zip!人才.txt"])

    def test_tar_in_every_packing(self):
        for kind in ("gz", "xz", "bz2"):
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode=f"w:{kind}") as t:
                for name in ("a.txt", "../b.txt"):
                    data = body(len(name)).encode()
                    info = tarfile.TarInfo(name)
                    info.size = len(data)
                    t.addfile(info, io.BytesIO(data))
            self.article(f"x.tar.{kind}", out.getvalue())
        self.article("one.txt.gz", gzip.compress(body(9).encode()))
        self.check(0, "run")
        self.assertEqual(len(self.paths()), 7)
        self.assertIn("articles/x.tar.xz!../b.txt", self.paths())
        self.assertIn("articles/one.txt.gz", self.paths())
        self.assertEqual(list(self.dir.glob("*.txt")), [])

    def test_a_bomb_is_named_and_the_run_goes_on(self):
        with zipfile.ZipFile(self.dir / "articles" / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as z, z.open("a.txt", "w") as f:
            for _ in range(200):
                f.write(b"a" * 1_000_000)
        self.article("good.txt", body(1))
        done = self.check(1, "run")
        self.one_line(done, "articles/bomb.zip: expands to more than 250 times its size")
        self.assertEqual([(p, r) for p, r, _ in self.failures()], [("articles/bomb.zip", "bomb")])
        self.assertEqual(self.paths(), ["articles/good.txt"])

    def test_a_cut_archive_keeps_its_first_members_and_is_tried_again(self):
        whole = self.zipped({"a.txt": body(1), "b.txt": body(2)})
        self.article("a.zip", whole[:-200])
        self.check(1, "run", says="articles/a.zip")
        self.article("a.zip", whole)
        self.check(0, "run")
        self.assertEqual(len(self.paths()), 2)

    def test_a_plugin_that_dies_on_a_member_costs_that_member(self):
        self.config("limits: {cpu: 50s, wall: %ss, memory: 64MB}\n" % (1.5 * max(1, SLOW / 2)))
        self.write("plugins/bad.lua", plugin("bad", "if a.path:find('!2', 1, true) then return (('a'):rep(30)):find(('a*'):rep(30)"
                                             " .. 'b') end\na:record('bad_row', { span = a:span(), n = 1 })"))
        self.article("a.zip", self.zipped({f"{n}.txt": body(n) for n in range(1, 5)}))
        self.check(1, "run")
        self.assertEqual([(p, r) for p, r, _ in self.failures()], [("articles/a.zip!2.txt", "timeout")])
        self.assertEqual(self.rows("SELECT count(*) FROM bad_row"), [(3,)])


class WebArchives(Containers):
    def record(self, kind, url, block, content="application/http; msgtype=response"):
        block = block if isinstance(block, bytes) else block.encode()
        head = (f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nContent-Type: {content}\r\n"
                f"Content-Length: {len(block)}\r\n\r\n")
        return head.encode() + block + b"\r\n\r\n"

    def page(self, url, n, charset="utf-8", kind="text/html"):
        html = f"<html><head><title>云岭区人才简报</title></head><body><p>{body(n)}</p></body></html>"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}; charset={charset}\r\n\r\n"
        return self.record("response", url, head.encode() + html.encode(charset))

    def test_a_crawl(self):
        pages = [self.page(f"http://a.example/{n}", n, ("utf-8", "gb18030")[n % 2]) for n in range(1, 5)]
        images = [self.page(f"http://a.example/{n}.jpg", n, kind="image/jpeg") for n in range(3)]
        self.article("crawl.warc.gz", b"".join(gzip.compress(r) for r in pages + images))
        done = self.check(0, "run")
        self.one_line(done, "articles/crawl.warc.gz: left out: 3 image/jpeg")
        self.assertEqual(self.rows("SELECT url, path FROM article ORDER BY id"),
                         [(f"http://a.example/{n}", f"articles/crawl.warc.gz!http://a.example/{n}") for n in range(1, 5)])
        self.assertIn("高层次人才103人", self.one("articles/crawl.warc.gz!http://a.example/3")[3])

    def test_a_cut_crawl_is_named(self):
        data = b"".join(self.page(f"http://a.example/{n}", n) for n in range(1, 4))
        self.article("crawl.warc", data[:-100])
        done = self.check(1, "run")
        self.one_line(done, "articles/crawl.warc: the file is cut off in record 3")
        self.assertEqual(len(self.paths()), 3)


if __name__ == "__main__":
    unittest.main()
