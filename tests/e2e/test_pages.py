"""Pages of every kind, each with what must come of it: tests/fixtures/load/pages and expected.json in it."""
import json
import unittest

from world import SHARED, SOURCE, World

PAGES = SOURCE / "tests" / "fixtures" / "load" / "pages"


class Pages(World):
    def load(self, folder):
        self.check(0, "load", folder)
        articles = {}
        for row in self.rows("SELECT id, path, title, date, source, authors, url, region_name, text, origins, region_code FROM article"):
            text = row[8].encode("utf-8")
            blocks = [[kind, text[start:stop].decode("utf-8")] for kind, start, stop in self.rows(
                f"SELECT kind, start, stop FROM block WHERE article_id = {row[0]} ORDER BY seq")]
            articles[row[1].rsplit("/", 1)[-1]] = {
                "title": row[2], "date": row[3], "source": row[4], "authors": json.loads(row[5]), "url": row[6],
                "region": row[7], "region_code": row[10], "blocks": blocks, "origins": json.loads(row[9])}
        return articles

    def test_every_page_becomes_its_article_and_nothing_else(self):
        expected = json.loads((PAGES / "expected.json").read_text(encoding="utf-8"))
        files = {path.name for path in PAGES.iterdir()} - {"expected.json"}
        self.assertEqual(sorted(files), sorted(expected), "every page has its expectation")
        folder = self.dir / "articles"
        for name in files:
            (folder / name).write_bytes((PAGES / name).read_bytes())
        found = self.load(folder)
        for name, want in expected.items():
            with self.subTest(name):
                self.assertIn(name, found)
                for field, value in want.pop("origins", {}).items():
                    self.assertEqual(found[name]["origins"].get(field), value, f"origin of {field}")
                for field, value in want.items():
                    self.assertEqual(found[name][field], value, field)
                for field in ("title", "date", "source", "authors", "url"):
                    self.assertEqual(bool(found[name][field]), field in found[name]["origins"], f"origin of {field}")

    def test_a_line_is_dropped_or_kept_by_what_it_is(self):
        lines = json.loads((PAGES.parent / "lines.json").read_text(encoding="utf-8"))
        report = json.loads((PAGES / "expected.json").read_text(encoding="utf-8"))["gov-report-3.txt"]["blocks"]
        body = [text for kind, text in report if kind == "paragraph"]
        for i, line in enumerate(lines["chrome"]):
            self.article(f"chrome-{i:03d}.txt", "\n".join(["政府工作报告", *body, line]))
        for i, line in enumerate(lines["text"]):
            self.article(f"text-{i:03d}.txt", "\n".join(["政府工作报告", *body[:6], line, *body[6:]]))
        found = self.load(self.dir / "articles")
        texts = {name: [text for _, text in article["blocks"]] for name, article in found.items()}
        for i, line in enumerate(lines["chrome"]):
            self.assertEqual(texts[f"chrome-{i:03d}.txt"], body, line)
        for i, line in enumerate(lines["text"]):
            self.assertEqual(texts[f"text-{i:03d}.txt"], [*body[:6], line, *body[6:]], line)

    @unittest.skipUnless((SHARED / "texts" / "government_work_reports.ndjson").is_file(), "no shared texts here (TALENTHOST_SHARED)")
    def test_a_report_loses_nothing_but_the_licence_below_it(self):
        with open(SHARED / "texts" / "government_work_reports.ndjson", encoding="utf-8") as lines:
            for i, line in enumerate(lines):
                self.article(f"{i:02d}.txt", json.loads(line)["text"])
        self.check(0, "load")
        left_out = {row[0] for row in self.rows(
            "SELECT dropped.text FROM dropped WHERE reason NOT IN ('disclaimer', 'after-end') AND length(dropped.text) > 2")}
        self.assertEqual(left_out, set())
        for row in self.rows("SELECT count(*), min(n) FROM (SELECT instr(text, '各位代表') AS n FROM article)"):
            self.assertGreater(row[0], 20)
            self.assertGreater(row[1], 0)


if __name__ == "__main__":
    unittest.main()
