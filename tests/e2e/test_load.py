"""What `load` tells, deleted files, `forget`, duplicates, repeated lines."""
import json
import os
import shutil
import subprocess
import unittest

from world import NOBODY, PROGRAM, SHARED, TEXT, World

LONG = """青原县多措并举引进人才
2024-05-20 09:30 来源: 青原日报
去年，青原县引进各类人才2315人，其中博士47人，发放安家补贴1260万元，人才总量居全市第二。
县里建成人才公寓860套，租金为市场价的一半，工作满5年的可以优先购买，已有512户入住，还配套了学校和医院。
今年，青原县计划再引进人才2600人，新建公寓400套，并设立总规模3亿元的创业基金，支持青年人才来县里创办企业。
"""


class Load(World):
    def load(self, *args, status=0):
        return json.loads(self.check(status, "load", "--json", *args).stdout)

    def links(self):
        return self.rows("SELECT a.path, b.path FROM article a JOIN article b ON b.id = a.duplicate_of ORDER BY 1")


class Account(Load):
    def test_a_report_whose_breaks_became_spaces_in_its_cell(self):
        speech = [f"引进各类人才{n}人，建成人才公寓{n + 5}套。" for n in range(40)]
        cell = ("首页 > 政务公开 云岭县政府工作报告 2024年01月30日 09:12 信息来源：云岭县人民政府 【字号：大 中 小】 打印 关闭 "
                + " ".join(speech) + " 责任编辑：王一 扫一扫在手机打开当前页 【打印】 浏览次数：1204")
        self.write("articles/r.csv", f"url,full_text\nhttp://a.example/1,{cell}\n")
        self.check(0, "load", "-q")
        where = "FROM article WHERE path = 'articles/r.csv#1'"
        self.assertEqual(self.rows(f"SELECT title, date, source {where}"), [("云岭县政府工作报告", "2024-01-30", "云岭县人民政府")])
        self.assertEqual(self.rows(f"SELECT trim(text, char(10)) {where}"), [("\n".join(speech),)])

    def test_everything_seen_is_counted(self):
        self.article("1.txt")
        self.article("2.txt", LONG)
        self.article("copy.txt", LONG)
        self.article("reprint.txt", LONG.replace("，还配套了学校和医院", ""))
        self.article("empty.txt", "")
        self.article("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
        done = self.check(1, "load", says=["files: 6 seen, 4 new, 0 changed, 0 unchanged, 2 failed (1 empty, 1 binary), 0 gone",
                                           "articles: 4 read, 2 duplicates (1 with small edits)", "MB/s"])
        self.assertEqual(done.stdout, "")
        self.article("1.txt", TEXT.replace("120", "121"))
        s = self.load(status=1)
        self.assertEqual((s["files"], s["new"], s["changed"], s["unchanged"], s["files_failed"]), (6, 0, 1, 3, 2))
        self.assertEqual((s["loaded"], s["duplicates"], s["reasons"]), (1, 0, {"empty": 1, "binary": 1}))

    def test_formats_are_listed(self):
        done = self.check(0, "load", "--list", prints=["markdown", "html", "text", "told by", "needs"])
        self.assertEqual(done.stderr, "")
        rows = json.loads(self.check(0, "load", "--list", "--json").stdout)
        self.assertIn("pdftotext", json.dumps(rows))
        self.assertIn("poppler-utils", subprocess.run([PROGRAM, "load", "--list"], env={"PATH": "/nowhere"}, capture_output=True, text=True,
                                                      check=True).stdout)
        self.assertFalse((self.dir / "t.db").exists())

    def test_an_unknown_option_is_refused(self):
        self.check(2, "load", "--dryrun", says="unknown option")


class DryRun(Load):
    def test_a_dry_run_makes_no_store(self):
        self.article("1.txt")
        self.article("empty.txt", "")
        self.check(1, "load", "--dry-run", says=["would be: files: 2 seen, 1 new", "1 failed (1 empty)"])
        self.assertEqual(sorted(p.name for p in self.dir.iterdir()), ["articles", "config.yaml", "plugins", "scripts"])

    def test_a_dry_run_leaves_the_store_as_it_is(self):
        self.article("1.txt")
        self.article("2.txt", LONG)
        self.check(0, "load")
        before = {p.name: p.read_bytes() for p in self.dir.glob("t.db*")}
        (self.dir / "articles" / "1.txt").unlink()
        self.article("3.txt", LONG)
        self.article("2.txt", LONG + "还有一行。\n")
        s = self.load("--dry-run")
        self.assertEqual((s["new"], s["changed"], s["gone"], s["duplicates"]), (1, 1, 1, 1))
        self.assertEqual({p.name: p.read_bytes() for p in self.dir.glob("t.db*")}, before)
        self.assertEqual(self.rows("SELECT count(*) FROM article"), [(2,)])

    @unittest.skipIf(os.getuid() != 0, "needs root to become another user")
    def test_a_dry_run_needs_no_right_to_write(self):
        self.article("1.txt")
        self.check(0, "load")
        self.check(0, "load", "--dry-run", user=NOBODY)

    def test_a_file_that_is_no_database_is_refused(self):
        self.write("t.db", "no database, but long enough to look like one\n" * 20)
        self.check(2, "load", "--dry-run", says="t.db")


class Gone(Load):
    def setUp(self):
        super().setUp()
        for name in ("a/1.txt", "a/2.txt", "b/3.txt"):
            self.article(name, LONG + f"第{name[-5]}次刊出。\n")

    def gone(self):
        return [p for p, in self.rows("SELECT path FROM article WHERE gone_at IS NOT NULL ORDER BY path")]

    def test_the_article_of_a_deleted_file_is_kept_and_marked_until_it_is_back(self):
        self.load()
        path = self.dir / "articles/a/1.txt"
        text = path.read_text("utf-8")
        path.unlink()
        self.assertEqual(self.load()["gone"], 1)
        self.assertEqual(self.gone(), ["articles/a/1.txt"])
        self.assertEqual(self.load()["gone"], 0)  # once
        self.check(0, "show", "a/1.txt", prints="gone")
        path.write_text(text, "utf-8")
        self.assertEqual(self.load()["back"], 1)
        self.assertEqual(self.gone(), [])

    def test_only_folders_that_were_searched_tell(self):
        self.load()
        (self.dir / "articles/a/1.txt").unlink()
        self.assertEqual(self.load("articles/b")["gone"], 0)
        self.load("articles/a/1.txt", status=1)
        self.assertEqual(self.gone(), [])
        self.assertEqual(self.load("./articles//a/")["gone"], 1)
        self.assertEqual(self.gone(), ["articles/a/1.txt"])

    def test_a_folder_that_is_missing_as_a_whole_proves_nothing(self):
        self.load()
        shutil.move(self.dir / "articles", self.dir / "elsewhere")
        self.load(status=1)
        self.assertEqual(self.gone(), [])

    @unittest.skipIf(os.getuid() != 0, "needs root to become another user")
    def test_what_stands_in_an_unreadable_folder_is_not_gone(self):
        for path in [self.dir, *self.dir.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
        self.check(0, "load", user=NOBODY)
        os.chown(self.dir / "articles/a", 0, 0)
        (self.dir / "articles/a").chmod(0o700)
        self.check(1, "load", user=NOBODY)
        self.assertEqual(self.gone(), [])

    def test_a_hidden_file_loaded_by_name_is_not_gone(self):
        self.article(".hidden.txt", TEXT)
        self.load("articles/.hidden.txt")
        self.load()
        self.assertEqual(self.gone(), [])

    def test_a_copy_that_is_there_takes_the_place_of_an_original_that_is_gone(self):
        self.load()
        self.assertEqual({b for _, b in self.links()}, {"articles/a/1.txt"})
        (self.dir / "articles/a/1.txt").unlink()
        self.load()
        self.assertEqual(self.links(), [("articles/a/1.txt", "articles/a/2.txt"), ("articles/b/3.txt", "articles/a/2.txt")])


class Forget(Load):
    def setUp(self):
        super().setUp()
        self.counter()
        for name in ("a/1.txt", "a/2.txt", "ab/3.txt"):
            self.article(name, LONG + f"第{name[-5]}次刊出。\n")
        self.article("bad.txt", "")
        self.check(1, "run")

    def paths(self):
        return [p for p, in self.rows("SELECT path FROM article ORDER BY path")]

    def test_an_article_goes_with_all_that_was_recorded_of_it(self):
        self.check(0, "forget", "articles/a/1.txt", says="1 article forgotten")
        self.assertEqual(self.paths(), ["articles/a/2.txt", "articles/ab/3.txt"])
        for table in ("block", "sentence", "dropped", "warning", "coverage", "counter_row", "sketch"):
            self.assertEqual(self.rows(f"SELECT count(*) FROM {table} WHERE article_id NOT IN (SELECT id FROM article)"),
                             [(0,)], table)
        self.assertEqual(self.links(), [("articles/ab/3.txt", "articles/a/2.txt")])  # their original is gone
        self.assertEqual(self.rows("PRAGMA foreign_key_check"), [])

    def test_a_folder_goes_with_what_is_below_it(self):
        self.check(0, "forget", "./articles/a/", says="2 articles forgotten")
        self.assertEqual(self.paths(), ["articles/ab/3.txt"])
        self.assertEqual(self.load(status=1)["new"], 2)  # they are still there

    def test_a_number_names_an_article(self):
        self.check(0, "forget", "2")
        self.assertEqual(len(self.paths()), 2)

    def test_several_go_together_or_not_at_all(self):
        self.check(2, "forget", "articles/a", "nowhere", says="nowhere: no article, file or folder")
        self.assertEqual(len(self.paths()), 3)

    def test_a_dry_run_forgets_nothing(self):
        self.check(0, "forget", "--dry-run", "articles", says="would be: 3 articles forgotten")
        self.assertEqual(len(self.paths()), 3)

    def test_the_end_of_a_path_is_not_enough(self):
        self.check(2, "forget", "1.txt", says="no article")

    def test_without_a_path_or_a_store_it_says_so(self):
        self.check(2, "forget", says="expected the path")
        self.check(2, "forget", "x", "--store", "none.db", says="none.db: no such database")
        self.assertFalse((self.dir / "none.db").exists())

    def test_failures_keep_their_history(self):
        self.write("plugins/bad.lua", 'local plugin = host.plugin { name = "bad", version = "1", summary = "s" }\n'
                   'function plugin.article(a) error("no") end\nreturn plugin\n')
        self.check(1, "run")
        self.check(0, "forget", "articles/a")
        self.assertEqual(self.rows("SELECT count(*) FROM failure WHERE article_id NOT IN (SELECT id FROM article)"), [(0,)])
        self.assertGreater(self.rows("SELECT count(*) FROM failure WHERE plugin = 'bad'")[0][0], 2)


TOP = ["青岚在线 懂你的城市", "便民查询 掌上服务 智慧青岚"]
BOTTOM = ["青岚大家谈 邻里那些事", "加入青岚会员，尽享年度报告", "青岚指数第七期已上线", "青岚在线，与你一起看见城市的温度", "爱青岚 就上青岚在线！"]


class Containers(Load):
    """A table is many articles in one file."""

    def table(self, rows):
        self.article("t.csv", "标题,日期,正文\n" + "".join(f"{t},2024-05-20,{b}\n" for t, b in rows))

    def test_a_row_that_is_no_more_there_is_marked_until_it_is_back(self):
        rows = [(f"第{n}号消息", f"云岭区{n}号园区引进高层次人才{100 + n}人。") for n in range(3)]
        self.table(rows)
        self.assertEqual(self.load()["loaded"], 3)
        self.table(rows[:2])
        s = self.load()
        self.assertEqual((s["changed"], s["gone"], s["items_gone"]), (1, 0, 1))
        self.assertEqual(self.rows("SELECT path FROM article WHERE gone_at IS NOT NULL"), [("articles/t.csv#3",)])
        self.table(rows)
        self.load()
        self.assertEqual(self.rows("SELECT count(*) FROM article WHERE gone_at IS NOT NULL"), [(0,)])

    def test_a_deleted_container_is_gone_with_its_items_and_forgotten_with_them(self):
        self.table([(f"第{n}号消息", f"云岭区{n}号园区引进高层次人才{100 + n}人。") for n in range(3)])
        self.article("other.txt")
        self.load()
        (self.dir / "articles/t.csv").unlink()
        self.assertEqual(self.load()["gone"], 1)
        self.assertEqual(self.rows("SELECT count(*) FROM article WHERE gone_at IS NOT NULL"), [(3,)])
        self.check(0, "forget", "articles/t.csv", says="3 articles forgotten")
        self.assertEqual(self.rows("SELECT path FROM article"), [("articles/other.txt",)])

    def test_a_frame_in_the_rows_goes_and_the_file_is_read_twice_at_most(self):
        words = ["公寓", "基金", "培训", "补贴", "学校", "医院", "平台", "项目", "团队", "企业"]
        rows = []
        for n in range(20):
            a, b, c = words[n % 10], words[(n * 3 + n // 10) % 10], words[(n * 7 + 1) % 10]
            rows.append((f"第{n}号消息", f'"青岚头条 今日青岚\n{a}{c}{b}连成一片，{c}{a}引进{100 + 7 * n}人。{b}{b}{a}各有{n * 31 + 5}处，{a}给{c}让路，{c}为{b}搭台，'
                                         f'{b}{n}期{c}{n * 3}个{a}开工，{c}{c}{b}{a}年底见效。\n青岚生活圈 邻里事"'))
        self.table(rows)
        s = self.load()
        self.assertEqual((s["loaded"], s["read_again"]), (20, 1))
        self.assertEqual(self.rows("SELECT text, count(*) FROM dropped WHERE reason = 'repeated' GROUP BY 1 ORDER BY 1"),
                         [("青岚头条 今日青岚", 20), ("青岚生活圈 邻里事", 20)])


class Repetition(Load):
    """Pages of an invented site whose frame no rule knows."""

    def page(self, n, top=TOP, bottom=BOTTOM, folder="site"):
        words = ["公寓", "基金", "培训", "补贴", "学校", "医院", "平台", "项目", "团队", "企业"]
        a, b, c = words[n % 10], words[n // 10 % 10], words[n * 7 % 10]
        body = [f"第{n}号消息说，今年以来，{'东西南北中'[n % 5]}{a}片区围绕{b}引进人才{100 + 37 * n}人，为{c}发放资金{50 + 13 * n}万元，"
                f"同比增长{n % 9 + 1}.{n % 7}%，{c}和{a}的负责人都到场介绍了{b}的情况，其中{a}占{n % 40 + 10}%，{b}新增{n * 3 + 20}个。",
                f"下一步，{b}工作专班将在{n % 11 + 2}个镇开展{c}服务，计划用{n % 4 + 2}年时间新建{a}{n * 11 + 200}套，让{b}惠及{n * 17 + 900}人。"]
        lines = [*top, f"{a}片区推进{b}和{c}工作第{n}次见闻", f"2024-0{n % 9 + 1}-1{n % 10} 来源：青岚日报", *body, *bottom]
        self.article(f"{folder}/{n:02}.txt", "\n".join(lines) + "\n")

    def repeated(self, store="t.db"):
        return dict(self.rows("SELECT text, count(*) FROM dropped WHERE reason = 'repeated' GROUP BY 1", store=store))

    def test_a_sites_frame_goes_from_all_its_pages(self):
        for n in range(30):
            self.page(n)
        s = self.load()
        self.assertEqual((s["new"], s["loaded"], s["duplicates"], s["read_again"]), (30, 30, 0, 30))
        self.assertEqual(self.repeated(), {line: 30 for line in TOP + BOTTOM})
        self.assertEqual(self.rows("SELECT count(*) FROM article WHERE text LIKE '%青岚大家谈%' OR title LIKE '%青岚%'"), [(0,)])
        self.assertEqual(self.rows("SELECT count(DISTINCT title) FROM article WHERE title LIKE '%见闻'"), [(30,)])
        self.page(55)  # one more page is read once
        s = self.load()
        self.assertEqual((s["new"], s["read_again"]), (1, 0))
        self.assertEqual(self.repeated(), {line: 31 for line in TOP + BOTTOM})
        self.assertEqual(self.load()["read_again"], 0)

    def test_results_are_those_of_the_clean_text(self):
        self.counter()
        for n in range(12):
            self.page(n)
        self.check(0, "run")
        self.assertEqual(self.rows("SELECT count(*) FROM article JOIN counter_row c ON c.article_id = article.id "
                                   "WHERE c.n = (SELECT count(*) FROM sentence s WHERE s.article_id = article.id)"), [(12,)])
        self.check(0, "run", says="nothing to do")

    def test_it_does_not_depend_on_workers_or_order(self):
        for n in range(20):
            self.page(n)
        stores = []
        for jobs in (1, 3):
            self.check(0, "load", "--jobs", jobs, "--store", f"{jobs}.db")
            stores.append(f"{jobs}.db")
        for n in reversed(range(0, 20, 5)):
            self.check(0, "load", *(f"articles/site/{n + k:02}.txt" for k in range(5)), "--store", "parts.db")
        tables = [self.rows("SELECT path, hash, title, text FROM article ORDER BY path", store=s) for s in [*stores, "parts.db"]]
        self.assertEqual(tables[0], tables[1])
        self.assertEqual(tables[0], tables[2])

    def test_a_few_pages_prove_nothing(self):
        for n in range(4):
            self.page(n)
        self.load()
        self.assertEqual(self.repeated(), {})

    def test_copies_of_one_article_prove_nothing(self):
        for n in range(14):
            self.article(f"copies/{n}.txt", LONG.replace("2315", str(2315 + n % 3)))
        self.load()
        self.assertEqual(self.repeated(), {})
        self.assertEqual(self.rows("SELECT DISTINCT title FROM article"), [("青原县多措并举引进人才",)])

    def test_what_recurs_by_custom_stays(self):
        for n in range(15):
            self.page(n, top=["县政府工作报告", "各位代表：", "一、工作回顾"], bottom=["谢谢大家！", "谢谢大家"])
        self.load()
        self.assertEqual(self.repeated(), {})

    def test_a_recurring_line_in_the_middle_stays(self):
        for n in range(15):
            self.page(n, top=[], bottom=[])
            path = self.dir / f"articles/site/{n:02}.txt"
            lines = path.read_text("utf-8").splitlines()
            lines.insert(3, "石桥下的清晨")
            path.write_text("\n".join(lines), "utf-8")
        self.load()
        self.assertEqual(self.repeated(), {})

    def test_a_deleted_file_is_left_as_it_was_read(self):
        for n in range(4):
            self.page(n)
        self.load()
        (self.dir / "articles/site/00.txt").unlink()
        for n in range(4, 20):
            self.page(n)
        s = self.load()
        self.assertEqual((s["gone"], s["failures"]), (1, 0))
        self.assertEqual(self.repeated()[TOP[0]], 19)

    @unittest.skipUnless((SHARED / "texts").exists(), "no shared texts")
    def test_reports_and_news_lose_no_line_of_theirs(self):
        for line in (SHARED / "texts/government_work_reports.ndjson").read_text("utf-8").splitlines():
            report = json.loads(line)
            self.article(f"reports/{report['date']}.txt", f"{report['title']}\n各位代表：\n{report['text']}\n谢谢大家！")
        self.load("articles", str(SHARED / "texts/news"))
        # What goes is the archive's frame: its licence, not the report's words.
        self.assertLessEqual(set(self.repeated()), {"Public domain", "false", "不总是", "具有立法、行政、司法性质的文件。"})


class Duplicates(Load):
    def test_links_do_not_depend_on_workers(self):
        for n in range(60):
            body = LONG if n % 3 else TEXT
            self.article(f"{n % 7}/{n}.txt", body.replace("120", str(1000 + n)) + (f"\n（第{n}次转载）\n" if n % 2 else ""))
        found = []
        for jobs in (1, 2, 4):
            self.check(0, "load", "--jobs", jobs, "--store", f"{jobs}.db")
            found.append(self.rows("SELECT a.path, b.path FROM article a LEFT JOIN article b ON b.id = a.duplicate_of "
                                   "ORDER BY 1", store=f"{jobs}.db"))
        self.assertEqual(found[0], found[1])
        self.assertEqual(found[0], found[2])
        self.assertTrue(any(b for _, b in found[0]))

    def test_scripts_leave_duplicates_out_unless_asked(self):
        self.article("1.txt", LONG)
        self.article("2.txt", LONG)
        self.write("scripts/count.lua", 'local script = host.script { name = "count", summary = "s" }\n'
                   'function script.run(corpus)\n'
                   'corpus:table { rows = "article.format", columns = "article.lang", value = "count" }:print()\n'
                   'corpus:table { rows = "article.format", columns = "article.lang", value = "count", '
                   'where = { duplicates = true } }:print()\n'
                   "end\nreturn script\n")
        done = self.check(0, "run", "count.lua")
        self.assertEqual([line.split()[1] for line in done.stdout.splitlines() if line.startswith("text")], ["1", "2"])

    @unittest.skipUnless((SHARED / "texts").exists(), "no shared texts")
    def test_yearly_reports_and_days_of_news_are_all_originals(self):
        for line in (SHARED / "texts/government_work_reports.ndjson").read_text("utf-8").splitlines():
            report = json.loads(line)
            self.article(f"reports/{report['date']}.txt", report["title"] + "\n" + report["text"])
        self.load("articles", str(SHARED / "texts/news"))
        self.assertEqual(self.links(), [])
        self.assertGreater(self.rows("SELECT count(*) FROM article")[0][0], 140)
