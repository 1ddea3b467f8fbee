"""A subject coded by a codebook of the analyst's own, with no Lua; and what is said when the codebook is wrong."""
import re
import shutil

from world import SOURCE, World

ARTICLE = """---
title: "江州市改善居住条件"
date: 2024-06-12 08:00:00 +0800
---

今年改造老旧小区300个，筹集保障性租赁住房2万套。

职工租房可领取补贴500元。市里的公园也修好了。
"""

WRONG = {
    "instruments:\n  rental:\n    anny: [公租房]\n": ("3:5", 'unknown key "anny"'),
    "instruments:\n  rental:\n    any: 公租房\n": ("3:5", 'expected a list of terms, like [公寓, 住房], got the text "公租房"'),
    "instruments:\n  rental:\n    any: [公租房, =flats]\n": ("3:16", 'no list "flats" under lists'),
    "instruments:\n  rental:\n    label: {zh: 租}\n": ("3:5", "a code needs `any: [words]`"),
    "instruments:\n  Rental:\n    any: [公租房]\n": ("2:3", '"Rental": a code is of small letters'),
    "instruments:\n  rental: {any: [公租房], stages: [build]}\n": ("2:33", 'unknown stage "build"; this codebook has no `stages:`'),
    "instruments:\n  rental: {any: [公租房], side: supply}\n": ("2:24", 'unknown side "supply"'),
    "instruments:\n  rental:\n    cues:\n      - {with: [a]}\n": ("4:9", "a cue needs a list `any`"),
    "instruments: [rental]\n": ("1:1", "instruments: expected a map (name: value), got a list"),
    "threshold: many\ninstruments:\n  rental: {any: [公租房]}\n": ("1:1", 'threshold: expected a number, got the text "many"'),
    "instruments:\n  rental: {any: [公租房]}\ngates:\n  q: {when: sometimes}\n": ("4:7", "expected question, speech or plain"),
    "stages:\n  build: {any: [新建]}\n": ("1:1", 'the key "instruments" is missing'),
    "instruments:\n  rental: {any: [公租房}\n": ("2:21", "parsing a flow sequence"),
    "": ("1:1", "the file is empty"),
}


class Codebook(World):
    def setUp(self):
        super().setUp()
        self.config(extra="codebook: housing.yaml\n", plugins=SOURCE / "plugins")
        self.write("articles/a.md", ARTICLE)

    def coded(self):
        return self.rows("SELECT stage, instrument, side, cue, label_zh, label_en FROM policy ORDER BY start, instrument")

    def test_the_small_codebook_of_the_guide_codes_housing(self):
        guide = (SOURCE / "docs" / "codebook.md").read_text("utf-8")
        self.write("housing.yaml", re.search(r"```yaml\n(# housing\.yaml.*?)```", guide, re.S)[1])

        self.check(0, "run", "policy")

        self.assertEqual(self.coded(), [
            (None, "renewal", None, "老旧小区", "城市更新", "Urban renewal"),
            (None, "rental", None, "保障性租赁住房", "租赁住房", "Rental housing"),
            (None, "subsidy", None, "补贴", "住房补贴", "Housing subsidy"),
        ])

    def test_stages_lists_and_near_words_work_together(self):
        self.write("housing.yaml", "lists: {money: [补贴, 补助]}\nsides: {aid: {zh: 资助}}\n"
                                   "stages:\n  let: {any: [租房]}\n  renew: {any: [改造]}\n"
                                   "instruments:\n  subsidy: {side: aid, any: [租房], with: [=money], near: 8}\n"
                                   "  estate: {any: [小区], otherwise: [let]}\n")

        self.check(0, "run", "policy")

        self.assertEqual([row[:4] for row in self.coded()],
                         [("renew", "estate", None, "小区"), ("let", "subsidy", "aid", "租房")])

    def test_a_changed_codebook_codes_again(self):
        self.write("housing.yaml", "instruments:\n  rental: {any: [租赁住房]}\n")
        self.check(0, "run", "policy")
        self.assertEqual([row[1] for row in self.coded()], ["rental"])

        self.write("housing.yaml", "instruments:\n  park: {any: [公园]}\n")
        self.check(0, "run", "policy")

        self.assertEqual([row[1] for row in self.coded()], ["park"])

    def test_the_sample_codebook_codes_its_sample(self):
        shutil.copytree(SOURCE / "samples" / "codebooks", self.dir / "samples")
        self.write("samples/config.yaml", f"articles: [articles]\nplugins: [{SOURCE / 'plugins'}]\ncodebook: housing.yaml\nstore: ../t.db\n")

        self.check(0, "run", "policy", "--config", "samples/config.yaml")

        self.assertEqual({row[:2] for row in self.coded()}, {
            ("build", "rental"), ("let", "rental"), ("let", "subsidy"), ("buy", "fund"), ("buy", "subsidy"), ("renew", "renewal"),
            ("buy", "sale")})

    def test_what_is_wrong_is_named_with_file_line_and_column(self):
        for text, (place, says) in WRONG.items():
            with self.subTest(text):
                self.write("housing.yaml", text)
                done = self.check(1, "run", "policy")
                line = self.one_line(done, "housing.yaml:")
                self.assertIn(f"housing.yaml:{place}: ", line)
                self.assertIn(says, line)
