#!/usr/bin/env python3
"""compare.html in a real browser: opened from disk, clicked through, at laptop and phone width. Screenshots go to build/screenshots."""
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from webdriver import Browser

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("TALENTHOST_PROGRAM", str(SOURCE / "build" / "talenthost"))
SHOTS = SOURCE / "build" / "screenshots"

EVIL = {"title": "<img src=x onerror=window.hit=1>人才", "source": "</script><script>window.hit=1</script>日报"}


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="talenthost-page-"))
        shutil.copytree(SOURCE / "samples" / "articles", cls.dir / "articles")
        (cls.dir / "articles" / "evil.txt").write_text(
            f"{EVIL['title']}新政\n2024-01-02 来源: 云岭日报\n云岭区推出“<img src=x onerror=window.hit=1>”人才卡，为人才子女入学提供便利。\n"
            "去年，云岭区引进“</script><script>window.hit=1</script>”人才120人。\n", encoding="utf-8")
        (cls.dir / "config.yaml").write_text(f"articles: [articles]\nplugins: [{SOURCE / 'plugins'}]\nscripts: [{SOURCE / 'scripts'}]\nstore: t.db\n")
        subprocess.run([PROGRAM, "run", "compare.lua", "lang=en", "out=compare.html"], cwd=cls.dir, check=True, capture_output=True)
        SHOTS.mkdir(parents=True, exist_ok=True)
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        shutil.rmtree(cls.dir)

    def setUp(self):
        self.browser.resize(1280, 900)
        self.browser.logs()
        self.browser.requests()
        self.browser.open(self.dir / "out" / "compare.html")
        self.browser.wait("document.querySelectorAll('main section').length > 5")

    def rows(self, sql, *params):
        with sqlite3.connect(self.dir / "t.db") as db:
            return db.execute(sql, params).fetchall()

    def test_opens_without_errors_or_requests(self):
        self.browser.screenshot(SHOTS / "overview.png")
        self.assertEqual([e for e in self.browser.logs() if e["level"] in ("SEVERE", "WARNING")], [])
        self.assertEqual(self.browser.requests(), [])

    def test_a_number_opens_its_sentence_with_the_span_marked(self):
        self.browser.run("document.querySelectorAll('#figures details').forEach(d => { d.open = true; })")
        buttons = self.browser.run("return [...document.querySelectorAll('#figures button.num')].map(b => [b.dataset.record, b.textContent])")
        self.assertGreater(len(buttons), 20)
        for record, shown in buttons:
            value, text = self.rows("SELECT value, text FROM metric WHERE id = ?", int(record.split(":")[1]))[0]
            self.assertIn(f"{value:,.6f}".rstrip("0").rstrip("."), shown.replace("–", " "))
            self.browser.run("document.querySelector(`#figures button[data-record=\"${arguments[0]}\"]`).click()", record)
            self.assertEqual(self.browser.text("#drawer mark"), text)
            self.assertIn(f"talenthost explain {record}", self.browser.text("#drawer"))
            self.browser.run("document.getElementById('drawer').close()")
        self.browser.run("document.querySelector('#figures button.num').click()")
        self.browser.screenshot(SHOTS / "drawer.png")

    def test_every_cell_of_the_matrix_counts_the_sentences_it_opens(self):
        self.browser.run("document.querySelectorAll('#policy details').forEach(d => { d.open = true; })")
        wrong = self.browser.run("return [...document.querySelectorAll('#policy button.num')].filter(b => b.textContent !== b.dataset.count).length")
        self.assertEqual(wrong, 0)
        total = self.browser.run("return [...document.querySelectorAll('#policy table')][0].querySelector('tbody tr:last-child td:last-child').innerText")
        stored = self.rows("SELECT count(DISTINCT article_id || ':' || start) FROM policy")[0][0]
        self.assertEqual(int(total), stored)

    def test_charts_are_drawn_and_open_sentences(self):
        if not self.browser.run("return !!globalThis.echarts"):
            self.skipTest("no charts were bundled (npm)")
        self.browser.wait("document.querySelectorAll('#figures .chart svg').length > 0 && document.querySelectorAll('#policy .chart svg').length > 1")
        self.browser.run("document.querySelector('#policy .chart').scrollIntoView()")
        self.browser.screenshot(SHOTS / "policy.png")

    def test_filters_narrow_everything(self):
        before = self.browser.text("#status")
        self.browser.click("#region-box summary")
        self.browser.type("#region-find", "昆山")
        self.browser.wait("document.querySelectorAll('#region-list input').length === 1")
        self.browser.click("#region-list input")
        self.browser.wait(f"document.getElementById('status').innerText !== {before!r}")
        regions = self.browser.run("return [...new Set([...document.querySelectorAll('#policy tbody th')].map(x => x.innerText))]")
        self.assertIn("昆山市", regions)
        self.assertNotIn("柳州市", regions)
        self.browser.click("#reset")
        self.browser.wait(f"document.getElementById('status').innerText === {before!r}")

    def test_search_finds_sentences(self):
        self.browser.type("#search", "公寓")
        self.browser.wait("document.getElementById('evidence')")
        marks = self.browser.run("return [...document.querySelectorAll('#evidence mark')].map(m => m.textContent)")
        self.assertTrue(marks and set(marks) == {"公寓"})

    def test_two_regions_show_what_only_one_uses(self):
        used = dict(self.rows("SELECT region_name, group_concat(DISTINCT instrument) FROM policy JOIN article ON article.id = article_id GROUP BY 1"))
        names = self.browser.run("return ['pair-0', 'pair-1'].map(i => document.getElementById(i).selectedOptions[0].text)")
        only = self.browser.run("return document.querySelectorAll('#between .pair > div')[0].querySelectorAll('li').length")
        self.assertEqual(only, len(set(used[names[0]].split(",")) - set(used[names[1]].split(","))))

    def test_language_and_theme_switch(self):
        self.browser.click("#lang")
        self.browser.wait("document.documentElement.lang === 'zh-CN'")
        self.assertEqual(self.browser.text("#policy-h"), "政策")
        dark = self.browser.run("return document.documentElement.dataset.theme")
        self.browser.click("#theme")
        self.assertNotEqual(self.browser.run("return document.documentElement.dataset.theme"), dark)
        self.browser.screenshot(SHOTS / "dark-zh.png")

    def test_keyboard_opens_and_closes_the_drawer(self):
        self.browser.run("document.querySelectorAll('#figures details').forEach(d => { d.open = true; }); document.querySelector('#figures button.num').focus()")
        self.browser.keys("\ue007")
        self.browser.wait("document.getElementById('drawer').open")
        self.assertEqual(self.browser.run("return document.activeElement.id"), "drawer-title")
        self.browser.keys("\ue00c")
        self.browser.wait("!document.getElementById('drawer').open")
        self.assertIn("num", self.browser.run("return document.activeElement.className"))

    def test_names_for_screen_readers(self):
        bare = self.browser.run("return [...document.querySelectorAll('button, input, select, [role=img], [role=region]')]"
                                ".filter(e => !(e.getAttribute('aria-label') || e.textContent || e.closest('label'))).map(e => e.outerHTML.slice(0, 80))")
        self.assertEqual(bare, [])
        self.assertEqual(self.browser.run("return document.querySelectorAll('table:not(:has(caption))').length"), 0)

    def test_html_in_articles_does_nothing(self):
        self.browser.run("document.querySelectorAll('button.num, button.word').forEach(b => { b.click(); document.getElementById('drawer').close(); })")
        self.assertIsNone(self.browser.run("return window.hit ?? null"))
        self.assertEqual(self.browser.run("return document.querySelectorAll('main img, dialog img').length"), 0)

    def test_nothing_is_cut_off_on_a_phone(self):
        self.browser.resize(500, 900)
        self.browser.open(self.dir / "out" / "compare.html")
        self.browser.wait("document.querySelectorAll('main section').length > 5")
        self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth - innerWidth"), 0)
        self.browser.screenshot(SHOTS / "phone.png")

    def test_prints_everything(self):
        self.browser.run("window.dispatchEvent(new Event('beforeprint'))")
        closed = self.browser.run("return document.querySelectorAll('main details:not([open])').length")
        self.assertEqual(closed, 0)
        self.assertEqual(self.browser.run("return document.querySelectorAll('main button.more').length"), 0)


if __name__ == "__main__":
    result = unittest.main(exit=False, argv=sys.argv[:1], verbosity=2).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad - len(result.skipped)} passed, {bad} failed, {len(result.skipped)} skipped")
    sys.exit(1 if bad else 0)
