"""compare.lua: its tables, its page and its workbook; every number in them is a row of the store with its sentence."""
import csv
import io
import json
import re
import shutil
import unittest
import zipfile

from world import SOURCE, World

OTHER = """青川县人才工作综述
2024-06-11 10:00 来源: 青川日报
去年，青川县引进高层次人才80人，发放补贴150万元。
截至目前，青川县建成人才公寓12套。
青川县推出“青川人才卡”，为人才子女入学提供便利。
"""


class Report(World):
    def setUp(self):
        super().setUp()
        self.config(extra="output: out\n", plugins=str(SOURCE / "plugins"))
        text = (self.dir / "config.yaml").read_text()
        self.write("config.yaml", text.replace("scripts: [scripts]", f"scripts: [{SOURCE / 'scripts'}]"))
        shutil.copytree(SOURCE / "samples" / "articles", self.dir / "articles", dirs_exist_ok=True)

    def compare(self, *args, status=0, **options):
        return self.check(status, "run", "compare.lua", *args, **options)

    def page(self, name="compare.html"):
        text = (self.dir / "out" / name).read_text(encoding="utf-8")
        found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
        return text, json.loads(found.group(1))

    @staticmethod
    def rows(part, words):
        coded = set(part.get("coded", []))

        def word(n):
            return [word(x) for x in n] if isinstance(n, (list, dict)) else None if n < 0 else words[n]

        return [{c: word(v) if c in coded else None if v is False else v for c, v in zip(part["columns"], row)} for row in part["rows"] or []]

    def sql(self, text, *params):
        return World.rows(self, text, *params)


class Page(Report):
    def test_every_number_is_a_row_of_the_store_and_stands_in_its_sentence(self):
        self.compare("out=compare.html")
        _, data = self.page()
        sentences = self.rows(data["sentences"], data["words"])
        figures = self.rows(data["figures"], data["words"])
        stored = {r[0]: r[1:] for r in self.sql("SELECT id, value, value_max, unit, cmp, indicator, aspect, text, article_id FROM metric WHERE indicator <> 'other'")}
        paths = dict(self.sql("SELECT id, path FROM article"))
        self.assertEqual({f["id"] for f in figures}, set(stored))
        for f in figures:
            value, top, unit, sign, indicator, aspect, text, article = stored[f["id"]]
            self.assertEqual((f["v"], f["m"], f["u"], f["c"], f["i"], f["a"]), (value, top, unit, sign, indicator, aspect))
            sentence = sentences[f["e"]]
            self.assertEqual(sentence["t"][f["b"]:f["z"]], text)
            self.assertEqual(data["articles"][sentence["a"]]["path"], paths[article])

    def test_policy_acts_carry_the_stages_and_instruments_of_the_store(self):
        self.compare("out=compare.html")
        _, data = self.page()
        acts = self.rows(data["policy"], data["words"])
        pairs = sorted((a["id"], g, n) for a in acts for g in a["g"] for n in a["n"])
        stored = self.sql("SELECT (SELECT min(id) FROM policy q WHERE q.article_id = p.article_id AND q.start = p.start), stage, instrument FROM policy p")
        self.assertEqual(pairs, sorted(stored))

    def test_text_of_articles_can_not_break_out_of_the_page(self):
        self.article("evil.txt", "云岭区人才工作\n2024-01-02 来源: 云岭日报\n去年，云岭区引进“x<!--y”和“a<b”人才120人，发放补贴300万元。\n"
                                 "截至目前，云岭区建成人才公寓5套。\n")
        self.write("articles/evil.ndjson", json.dumps({"title": "</script><script>alert(1)</script>人才新政", "date": "2024-01-02", "source": "<img src=x>日报",
            "text": "云岭区人才工作\n去年，云岭区引进“</script><!--”人才120人，发放补贴300万元。\n截至目前，云岭区建成人才公寓5套。"}, ensure_ascii=False) + "\n")
        self.compare("out=compare.html")
        text, data = self.page()
        self.assertEqual(len(re.findall(r"</script>", text)), 3)
        self.assertNotIn("<", re.search(r'id="data">(.*?)</script>', text, re.S).group(1))
        self.assertTrue(any("<" in (s["t"] or "") for s in self.rows(data["sentences"], data["words"])))

    def test_opens_offline_and_says_so_to_the_browser(self):
        self.compare("out=compare.html")
        text, _ = self.page()
        self.assertIn("default-src 'none'", text)
        self.assertNotRegex(text.split('<script type="application/json"')[0], r'(?:src|href)="https?:')

    def test_is_in_the_language_asked_for(self):
        self.compare("out=a.html", "lang=zh", prints="同类数据对照")
        text, data = self.page("a.html")
        self.assertEqual(data["lang"], "zh")
        self.assertIn('<html lang="zh-CN">', text)

    def test_an_empty_store_gives_an_empty_page(self):
        for path in (self.dir / "articles").iterdir():
            path.unlink()
        self.article(text="没有数字的短文\n这里什么政策也没有。\n")
        self.compare("out=compare.html")
        _, data = self.page()
        self.assertFalse(data["figures"]["rows"])


class Selection(Report):
    def test_regions_by_name_code_and_level(self):
        for wanted, names in (("昆山", {"昆山市"}), ("3205", {"昆山市", "苏州工业园区"}), ("柳州市、赣州", {"柳州市", "赣州市"})):
            self.compare(f"regions={wanted}", "out=a.html")
            _, data = self.page("a.html")
            acts = {data["regions"][r["r"]]["name"] for r in self.rows(data["policy"], data["words"])}
            self.assertEqual(acts, names)
        self.compare("level=zone", "out=a.html")
        _, data = self.page("a.html")
        self.assertIn("苏州工业园区", {data["regions"][r["r"]]["name"] for r in self.rows(data["policy"], data["words"])})

    def test_days_choose_figures_by_their_period(self):
        self.compare("since=2024", "until=2024-12-31", "out=a.html")
        _, data = self.page("a.html")
        figures = self.rows(data["figures"], data["words"])
        self.assertTrue(figures)
        for f in figures:
            dates = [d for d in (f["f"], f["o"]) if d] or [data["articles"][self.rows(data["sentences"], data["words"])[f["e"]]["a"]]["date"]]
            self.assertTrue(min(dates) <= "2024-12-31" and max(dates) >= "2024-01-01", f)

    def test_indicators(self):
        self.compare("indicators=housing_units,trainees", "out=a.html")
        _, data = self.page("a.html")
        self.assertEqual({f["i"] for f in self.rows(data["figures"], data["words"])}, {"housing_units", "trainees"})

    def test_wrong_arguments_are_named(self):
        for argument, says in (("level=village", "level: expected province, city, county or zone"), ("since=soon", "since: expected a day"),
                               ("indicators=homes", 'indicators: there is no "homes"'), ("period=first", "period: expected all or latest"), ("out=report.pdf", "the kind of file is told by its name"), ("out=report", "no ending")):
            self.compare(argument, status=2, says=says)

    def test_conflicting_figures_are_all_listed(self):
        self.article("a.txt", "青川县人才工作\n2024-06-11 来源: 青川日报\n去年，青川县引进高层次人才80人。\n去年，青川县培训技能人才300人次。\n")
        self.article("b.txt", "青川县年度总结\n2024-06-12 来源: 青川晚报\n去年，青川县引进高层次人才95人。\n去年，青川县举办活动20场，人才反响热烈。\n")
        done = self.compare("regions=青川", "out=")
        self.assertIn("80", done.stdout)
        self.assertIn("95", done.stdout)


class Files(Report):
    def test_a_workbook_has_a_sheet_for_each_table_and_links_to_the_evidence(self):
        self.compare("out=compare.xlsx")
        book = zipfile.ZipFile(self.dir / "out" / "compare.xlsx")
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        self.assertIn("Evidence", names)
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
        self.assertIn("location=\"'Evidence'!A", sheet)
        self.assertIn('state="frozen"', sheet)

    def test_evidence_as_csv_has_every_figure_with_its_sentence(self):
        self.compare("out=t.csv,t.tsv,t.md,t.json,t.ndjson")
        rows = list(csv.DictReader(io.StringIO((self.dir / "out" / "t-evidence.csv").read_text(encoding="utf-8"))))
        count = self.sql("SELECT count(*) FROM metric WHERE indicator <> 'other'")[0][0]
        self.assertEqual(len(rows), count)
        stored = dict(self.sql("SELECT 'metric:' || id, text FROM metric"))
        for row in rows:
            self.assertIn(stored[row["record"]], row["sentence"])
        lines = (self.dir / "out" / "t-evidence.ndjson").read_text(encoding="utf-8").splitlines()
        self.assertEqual([json.loads(x)["record"] for x in lines], [r["record"] for r in rows])
        self.assertEqual(len(json.loads((self.dir / "out" / "t-evidence.json").read_text(encoding="utf-8"))), count)
        self.assertTrue((self.dir / "out" / "t-figures.md").read_text(encoding="utf-8").startswith("## "))
        self.assertIn("\t", (self.dir / "out" / "t-figures.tsv").read_text(encoding="utf-8"))

    def test_formulas_in_text_stay_text(self):
        self.article("evil.txt", "=HYPERLINK(1)人才新政\n2024-01-02 来源: 云岭日报\n去年，云岭区引进高层次人才120人。\n截至目前，云岭区建成人才公寓5套。\n")
        self.compare("out=t.csv,t.xlsx")
        self.assertNotRegex((self.dir / "out" / "t-evidence.csv").read_text(encoding="utf-8"), r"(?m)(^|,)\"?=HYPER")
        book = zipfile.ZipFile(self.dir / "out" / "t.xlsx")
        self.assertFalse([n for n in book.namelist() if n.startswith("xl/worksheets/sheet") and b"<f>" in book.read(n)])

    def test_no_file_leaves_the_output_folder(self):
        self.compare("out=../x.html", status=2, says="below the output folder")
        self.assertFalse((self.dir / "x.html").exists())


if __name__ == "__main__":
    unittest.main()
