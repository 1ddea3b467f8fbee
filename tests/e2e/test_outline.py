"""Sections of long documents: levels in the store, `show`, and what a plugin reads of them."""
import json

from world import World, plugin

PARAGRAPH = "全市全年引进各类人才一万二千人，其中高层次人才三百余人，发放各类补贴两亿元，人才总量居全省前列，各项工作取得明显成效。\n"
REPORT = ("云岭市人才发展报告\n目录\n第一章 总体情况........1\n第二章 政策实施........9\n第一章 总体情况\n" + PARAGRAPH + "一、引进情况\n" + PARAGRAPH +
          "第二章 政策实施\n" + PARAGRAPH + "去年发放补贴300万元。\n")


class Outline(World):
    def test_a_figure_can_be_told_its_section(self):
        self.article(text=REPORT)
        self.write("plugins/place.lua", plugin("place", """
for _, q in ipairs(a:quantities { unit = "元" }) do
  local names = {}
  for _, h in ipairs(q.span.section) do names[#names + 1] = h.level .. h.text end
  a:record("place_row", { span = q.span, path = table.concat(names, ">") })
end
for _, b in ipairs(a:blocks()) do
  if b.level == 2 then a:record("place_row", { span = b, path = b.section[1].text }) end
end""", '{ place_row = { path = "text" } }'))
        self.check(0, "run")
        self.assertEqual(self.rows("SELECT path FROM place_row ORDER BY start"),
                         [("1第一章 总体情况",), ("第一章 总体情况",), ("1第一章 总体情况>2一、引进情况",), ("1第二章 政策实施",), ("1第二章 政策实施",)])
        self.assertEqual(self.rows("SELECT kind, level FROM block WHERE level > 0 ORDER BY seq"),
                         [("heading", 1), ("heading", 2), ("heading", 1)])

    def test_show_prints_levels_and_what_became_of_the_contents(self):
        self.article(text=REPORT)
        self.check(0, "load")
        self.check(0, "show", "1", prints=["\n## 第一章 总体情况\n", "\n### 一、引进情况\n"])
        self.check(0, "show", "1", "--dropped", prints="contents     第二章 政策实施........9")
        blocks = json.loads(self.check(0, "show", "1", "--json").stdout)["blocks"]
        self.assertEqual([b["level"] for b in blocks], [1, 0, 2, 0, 1, 0, 0])
