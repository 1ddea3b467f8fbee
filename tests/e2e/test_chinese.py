"""What a Chinese user reads: heads, summaries and common errors; and what stays as it is for machines."""
import csv
import io
import json
import shutil
import unittest

from world import SOURCE, World

ZH = "zh_CN.UTF-8"


class Chinese(World):
    def setUp(self):
        super().setUp()
        self.config(plugins=str(SOURCE / "plugins"))
        shutil.copy(SOURCE / "samples" / "articles" / "kunshan.txt", self.dir / "articles")

    def test_the_locale_decides_unless_the_configuration_does(self):
        self.check(0, "run", locale=ZH, says="文件：新增 1，变更 0，未变 0，失败 0；插件：6 个，文章 1 篇，记录 ")
        self.check(0, "run", locale="C.UTF-8", says="nothing to do: 1 file unchanged")
        self.check(0, "run", locale=ZH, says="无事可做：1 个文件未变，6 个插件结果最新")
        self.config("lang: en\n", plugins=str(SOURCE / "plugins"))
        self.check(0, "run", locale=ZH, says="nothing to do: 1 file unchanged")
        self.config("lang: zh\n", plugins=str(SOURCE / "plugins"))
        self.check(0, "run", locale="C.UTF-8", says="无事可做：1 个文件未变")

    def test_heads_are_chinese_for_people_and_english_for_machines(self):
        self.check(0, "run", "-q")
        head = self.check(0, "articles", locale=ZH).stdout.splitlines()[0].split()
        self.assertEqual(head, ["编号", "日期", "地区", "来源", "字节", "格式", "标题", "路径"])
        rows = list(csv.reader(io.StringIO(self.check(0, "articles", "--csv", locale=ZH).stdout)))
        self.assertEqual(rows[0][:3], ["id", "date", "region"])
        self.assertIn("region", json.loads(self.check(0, "articles", "--json", locale=ZH).stdout)[0])
        self.assertEqual(self.check(0, "plugins", locale=ZH).stdout.split()[:5], ["插件", "版本", "依赖", "记录", "说明"])
        query = self.check(0, "query", "SELECT id, date FROM article", locale=ZH).stdout
        self.assertEqual(query.split()[:2], ["id", "date"])

    def test_eval_is_aligned_in_chinese(self):
        self.check(0, "run", "-q")
        gold = str(SOURCE / "samples" / "gold")
        lines = self.check(0, "eval", gold, "--errors", 1, locale=ZH, prints=["标注：找到文章 1 of ", "指标：出现", "准确率"]).stdout.splitlines()

        def width(text):
            return sum(2 if ord(c) > 0x2E80 else 1 for c in text)

        self.assertEqual(len({width(line) for line in lines if line.startswith(("指标：", "政策：", "地区："))}), 1)
        figures = json.loads(self.check(0, "eval", gold, "--json", locale=ZH).stdout)
        self.assertIn("metrics: mention", figures["prf"])

    def test_scripts_take_the_language_of_the_locale(self):
        script = str(SOURCE / "scripts" / "compare.lua")
        chinese = self.check(0, "run", script, "out=", locale=ZH).stdout
        english = self.check(0, "run", script, "out=").stdout
        self.assertEqual(chinese.splitlines()[0], "地区")
        self.assertEqual(english.splitlines()[0], "Regions")
        self.assertEqual(self.check(0, "run", script, "out=", "lang=en", locale=ZH).stdout, english)

    def test_common_errors_are_chinese_and_keep_their_places(self):
        self.check(2, "articles", locale=ZH, says="t.db: 数据库不存在")
        self.check(2, "articels", locale=ZH, says="没有命令“articels”；是否指“articles”？；`talenthost --help`")
        self.check(2, "articles", "--bogus", locale=ZH, says="未知选项“--bogus”")
        self.check(2, "run", "--jobs", "many", locale=ZH, says="run --jobs: 应为")
        self.check(2, "grep", locale=ZH, says="请给出要找的词；用法：talenthost grep")
        self.check(2, "run", "nothing.lua", locale=ZH, says="没有这个脚本")
        self.config("storee: x\n", plugins=str(SOURCE / "plugins"))
        self.check(2, "run", locale=ZH, says="config.yaml:6:1: 未知的键“storee”")

    def test_the_store_is_filled_in_english(self):
        self.write("articles/empty.txt", "")
        self.check(1, "run", "-q", locale=ZH)
        messages = [m for (m,) in self.rows("SELECT message FROM failure")]
        self.assertTrue(messages)
        for message in messages:
            self.assertTrue(message.isascii(), message)


if __name__ == "__main__":
    unittest.main()
