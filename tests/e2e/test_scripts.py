"""The bundled scripts besides compare.lua: what each answers, and what each refuses."""
import unittest

from test_report import OTHER, Report


class Scripts(Report):
    def script(self, name, *args, status=0, **options):
        return self.check(status, "run", name, *args, **options)

    def test_timeline_orders_an_indicator_by_the_end_of_its_period(self):
        done = self.script("timeline.lua", "indicators=talent_stock")
        days = [word for line in done.stdout.splitlines() for word in line.split() if len(word) == 10 and word[4] == "-"]
        self.assertGreater(len(days), 3)
        self.assertEqual(days, sorted(days))

    def test_instruments_finds_what_a_region_does_more_of(self):
        self.article("a.txt", "青川县人才工作\n2024-06-11 来源: 青川日报\n" + "".join(
            f"青川县{month}月举办人才招聘会，组织企业赴高校引才。\n" for month in range(1, 10)))
        done = self.script("instruments.lua", "regions=青川")
        line = next(x for x in done.stdout.splitlines() if "Recruitment" in x)
        self.assertIn("+", line)

    def test_keyness_names_the_terms_of_a_region(self):
        done = self.script("keyness.lua", "regions=柳州", prints="柳州")
        self.assertIn("G2", done.stdout.splitlines()[0] + done.stdout.splitlines()[1])
        self.script("keyness.lua", status=2, says="regions: name the region")
        self.script("keyness.lua", "regions=无此地", status=2, says='no article is about "无此地"')

    def test_programmes_by_type(self):
        done = self.script("programmes.lua", "types=card", prints="“昆玉人才卡”")
        self.assertNotIn("Fund", done.stdout)
        self.script("programmes.lua", "types=cards", status=2, says='types: there is no "cards"')

    def test_evidence_is_a_reading_list(self):
        done = self.script("evidence.lua", "query=人才公寓", "out=e.md", prints="人才公寓")
        self.assertGreater(len(done.stdout.splitlines()), 2)
        self.assertIn("人才公寓", (self.dir / "out" / "e.md").read_text(encoding="utf-8"))
        self.script("evidence.lua", status=2, says="query: name a word")

    def test_evidence_by_policy_instrument(self):
        done = self.script("evidence.lua", "query=人才", "instrument=housing", "top=0")
        stored = self.sql("SELECT count(DISTINCT p.article_id || ':' || p.start) FROM policy p JOIN article a ON a.id = p.article_id WHERE instrument = 'housing' "
                          "AND instr(CAST(substr(CAST(a.text AS BLOB), p.start + 1, p.stop - p.start) AS TEXT), '人才') > 0")[0][0]
        self.assertEqual(len(done.stdout.splitlines()) - 2, stored)

    def test_quality_lists_gaps_and_odd_values(self):
        self.article("gap.txt", "这篇文章没有日期\n去年引进人才120人，发放补贴300万元。\n")
        done = self.script("quality.lua", "out=q.xlsx", prints="gap.txt")
        self.assertIn("region date source", done.stdout)
        self.assertTrue((self.dir / "out" / "q.xlsx").stat().st_size > 1000)

    def test_quality_shows_a_share_above_a_hundred(self):
        self.article("a.txt", OTHER + "青川县高层次人才占比达430%。\n")
        self.script("quality.lua", prints="a share above 100 %")


if __name__ == "__main__":
    unittest.main()
