"""grep, index and articles: words in their context, by scanning and by the index alike."""
import json
import unittest

from world import World

A = """云岭区推出人才新政
2024-05-20 09:30 来源: 云岭日报
去年，云岭区建成人才公寓120套，引进ＡＩ人才30人。
一、住房保障
对博士发放补贴，人才公寓的租金减半，AI企业优先。
"""
B = """青川县人才工作综述
2023-02-01 10:00 来源: 青川晚报
青川县举办招聘会，才俊云集。
截至目前，青川县建成公寓12套，入住人才40人。
"""


class Find(World):
    def setUp(self):
        super().setUp()
        self.article("a.txt", A)
        self.article("b.txt", B)
        self.check(0, "load")

    def hits(self, *args):
        done = self.check(0, "grep", "--json", "--quiet", *args)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_finds_words_of_any_length_with_bytes_that_hold_them(self):
        texts = dict(self.rows("SELECT id, text FROM article"))
        for word, count in (("人才公寓", 2), ("公寓", 3), ("才", 5), ("住房保障", 1), ("无此词", 0)):
            found = self.hits(word)
            self.assertEqual(len(found), count, word)
            for hit in found:
                self.assertEqual(texts[hit["article"]].encode()[hit["start"]:hit["stop"]].decode(), word)
                self.assertIn(word, hit["block"])

    def test_case_and_width_do_not_matter(self):
        self.assertEqual([h["word"] for h in self.hits("ai")], ["ＡＩ", "AI"])

    def test_of_several_words_the_longest_at_a_place_counts(self):
        self.assertEqual([h["word"] for h in self.hits("人才", "人才公寓", "--source", "云岭")], ["人才公寓", "人才", "人才公寓"])

    def test_the_index_gives_what_scanning_gives_and_keeps_up(self):
        words = [("人才公寓",), ("才",), ("ai",), ("公寓", "补贴"), ("人才公寓的租金",), ("无此词",)]
        scanned = [self.hits(*w) for w in words]
        self.check(0, "index", says="the index is built")
        self.assertEqual([self.hits(*w) for w in words], scanned)
        self.article("c.txt", "金沙镇人才工作\n2024-01-01 来源: 金沙日报\n金沙镇建成人才公寓7套。\n今年，金沙镇引进人才9人。\n")
        self.article("b.txt", B.replace("公寓12套", "人才公寓12套"))
        self.check(0, "load")
        self.assertEqual(len(self.hits("人才公寓")), 4)
        with_index = self.hits("人才公寓")
        self.check(0, "index", "--remove")
        self.assertEqual(self.hits("人才公寓"), with_index)
        self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])

    def test_filters(self):
        self.assertEqual({h["path"][-5:] for h in self.hits("人才", "--since", "2024-01-01")}, {"a.txt"})
        self.assertEqual({h["path"][-5:] for h in self.hits("人才", "--until", "2023-12-31")}, {"b.txt"})
        self.assertEqual({h["path"][-5:] for h in self.hits("公寓", "--source", "晚报")}, {"b.txt"})
        self.assertEqual([h["kind"] for h in self.hits("住房", "--kind", "heading")], ["heading"])
        self.assertEqual(self.hits("住房", "--kind", "paragraph"), [])
        self.assertEqual(len(self.hits("才", "--limit", "2")), 2)

    def test_lines_are_aligned_at_the_word(self):
        from unicodedata import east_asian_width
        done = self.check(0, "grep", "公寓")
        columns = {sum(2 if east_asian_width(c) in "WF" else 1 for c in line[:line.index("公寓")]) for line in done.stdout.splitlines()}
        self.assertEqual(len(columns), 1, done.stdout)

    def test_what_is_wrong_is_said(self):
        self.check(2, "grep", says="name a word to look for")
        self.check(2, "grep", "", says="word 1 is empty")
        self.check(2, "grep", "人", "--kind", "verse", says="expected title, heading, paragraph")
        self.check(2, "grep", "人", "--since", "soon", says="expected a day")
        self.check(0, "grep", "无此词", says="found nowhere")
        self.check(2, "index", "--store", "none.db", says="none.db")
        self.assertFalse((self.dir / "none.db").exists())

    def test_articles_lists_the_store(self):
        done = self.check(0, "articles", prints=["云岭区推出人才新政", "青川晚报"])
        self.assertEqual(len(done.stdout.splitlines()), 3)
        listed = json.loads(self.check(0, "articles", "综述", "--json").stdout)
        self.assertEqual([a["date"] for a in listed], ["2023-02-01"])
        self.assertEqual(json.loads(self.check(0, "articles", "--since", "2025-01-01", "--json").stdout), [])


if __name__ == "__main__":
    unittest.main()
