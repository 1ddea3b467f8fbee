-- What the API does where its examples do not go: edges, refusals, and what must stay apart. Run by `talenthost test tests/lua`
-- (tests/e2e/test_author.py).
local t = require "test"

local TEXT = "云港市\n2023年，引进博士120人，发放补贴3.5亿元。\n今年供应印度尼西亚归国人才公寓2400套。"

--- Makes TEXT the current article, `a`.
local function fresh() return article(TEXT, "云港市", "2024-05-01") end

function t.test_iterators_give_what_lists_give()
  local a = fresh()
  for _, pair in ipairs { { a.blocks, a.each_block }, { a.sentences, a.each_sentence }, { a.quantities, a.each_quantity },
                          { a.places, a.each_place } } do
    local list, n = pair[1](a), 0
    for x in pair[2](a) do
      n = n + 1
      t.assertEquals(x.text, list[n].text)
    end
    t.assertEquals(n, #list)
  end
end

function t.test_an_iterator_ends_and_stays_ended()
  local next_one = fresh():each_quantity { unit = "套" }
  t.assertEquals(next_one().value, 2400)
  t.assertNil(next_one())
  t.assertNil(next_one())
end

function t.test_an_iterator_keeps_its_filter()
  local a = fresh()
  local filter = { unit = "人" }
  local next_one = a:each_quantity(filter)
  filter.unit = nil
  collectgarbage("count")
  local made = {}
  for i = 1, 2000 do made[i] = ("x"):rep(i % 50) .. i end
  t.assertEquals(next_one().value, 120)
  t.assertNil(next_one())
end

function t.test_neighbours_of_terms()
  local l = host.lexicon { { "印度", not_before = { "尼西亚" } }, { "公寓", after = { "人才", "博士" } }, { "补贴", "补助", after = { "发放" }, within = 2 } }
  t.assertTrue(l:has("来自印度的"))
  t.assertFalse(l:has("来自印度尼西亚的"))
  t.assertTrue(l:has("人才公寓"))
  t.assertFalse(l:has("商业公寓"))
  t.assertTrue(l:has("发放了大补贴"))
  t.assertFalse(l:has("发放了很多补贴"))
  t.assertFalse(l:has("发放\n补贴"))
  t.assertEquals(#fresh():matches(l), 2)
end

function t.test_a_longer_term_that_does_not_count_leaves_the_shorter()
  local l = host.lexicon { { "印度尼西亚", before = { "群岛" } }, "印度" }
  t.assertEquals(l:get("印度"), "印度")
  t.assertTrue(l:has("印度尼西亚"))
  local a = article("他从印度尼西亚来，去印度尼西亚群岛。")
  local found = {}
  for m in a:each_match(l) do found[#found + 1] = m.term end
  t.assertEquals(found, { "印度", "印度尼西亚" })
end

function t.test_wrong_neighbours_are_refused()
  for _, case in ipairs {
    { "an entry begins with", { { after = { "x" } } } }, { "did you mean \"not_after\"", { { "a", not_afer = { "x" } } } },
    { "within: expected a whole number", { { "a", after = { "x" }, within = 1.5 } } }, { "stands here twice", { "a", { "a", after = { "b" } } } },
    { "stands here twice", { { "a", after = { "b" } }, "a" } }, { "expected a list of words", { { "a", after = "b" } } },
    { "after: expected a word, got number", { { "a", after = { 1 } } } },
  } do
    t.assertErrorMsgContains(case[1], host.lexicon, case[2])
  end
end

function t.test_spans_count_characters()
  local a = fresh()
  local s = a:sentences()[2]
  t.assertEquals(s:sub(1, 5).text, "2023年")
  t.assertEquals(s:sub(-3, -2).text, "亿元")
  t.assertEquals(#s:sub(100), 0)
  t.assertEquals(s:sub(3):before(2).text, "20")
  t.assertEquals(s:context(1000).text, a:blocks()[2].text)
  t.assertEquals(s:sub(1, 1):context(2).text, "202")
  t.assertEquals({ s:sub(1, 4):position() }, { 5, 8 })
  t.assertEquals(s:before(-5).text, "")
  t.assertEquals(s:after(math.mininteger).text, "")
  t.assertEquals(s:context(math.maxinteger).text, a:blocks()[2].text)
end

function t.test_dates_of_free_text()
  local function read(...)
    local from, to, bytes = host.date(...)
    return from and from .. " " .. to .. " " .. bytes
  end
  local base = "2024-05-20"
  t.assertEquals(read("2023-05-31"), "2023-05-31 2023-05-31 10")
  t.assertEquals(read("2023年"), "2023-01-01 2023-12-31 7")
  t.assertEquals(read("二〇二三年底"), "2023-12-01 2023-12-31 18")
  t.assertEquals(read("2021年至2023年上半年"), "2021-01-01 2023-06-30 26")
  t.assertEquals(read("2021—2023年"), "2021-01-01 2023-12-31 14")
  t.assertEquals(read("去年第三季度", base), "2023-07-01 2023-09-30 18")
  t.assertEquals(read("3月至5月", base), "2024-03-01 2024-05-31 11")
  t.assertEquals(read("3至5月", base), "2024-03-01 2024-05-31 8")
  t.assertEquals(read("昨天", base), "2024-05-19 2024-05-19 6")
  t.assertEquals(read("上月", base), "2024-04-01 2024-04-30 6")
  t.assertEquals(read("2月29日", base), "2024-02-29 2024-02-29 9")
  for _, none in ipairs { "", "人才", "13月", "2023", "2023-13-01", "去", "20年代" } do t.assertNil(read(none), none) end
  t.assertNil(read("3月"))
  t.assertErrorMsgContains("base: expected a day", host.date, "去年", "2024-02-30")
end

function t.test_quantities_of_free_text()
  t.assertEquals(host.quantities(""), {})
  local q = host.quantities("从3至5家到超12万平方米")
  t.assertEquals({ q[1].value, q[1].value_max, q[1].unit }, { 3, 5, "家" })
  t.assertEquals({ q[2].value, q[2].cmp }, { 120000, "over" })
  t.assertErrorMsgContains("not UTF-8", host.quantities, "\xff")
end

function t.test_the_host_can_not_be_changed()
  t.assertErrorMsgContains("host can not be changed", function() host.date = nil end)
  t.assertErrorMsgContains("host can not be changed", function() host.log.info = nil end)
  t.assertErrorMsgContains("has no function", function() return host.dates end)
  t.assertFalse(getmetatable(host))
end

function t.test_assertions_fail_where_they_should()
  t.assertErrorMsgContains("expected: 2, actual: 1", t.assertEquals, 1, 2)
  t.assertErrorMsgContains("numbers: expected: 2", t.assertEquals, 1, 2, "numbers")
  t.assertErrorMsgContains("expected: { 1, { b = 3 } }", t.assertEquals, { 1, { b = 2 } }, { 1, { b = 3 } })
  t.assertErrorMsgContains("other than", t.assertNotEquals, { 1 }, { 1 })
  t.assertErrorMsgContains("expected: true", t.assertTrue, 1)
  t.assertErrorMsgContains("expected: false", t.assertFalse, nil)
  t.assertErrorMsgContains("expected: nil", t.assertNil, false)
  t.assertErrorMsgContains("expected a value", t.assertNotNil, nil)
  t.assertErrorMsgContains("expected the items", t.assertItemsEquals, { 1, 1, 2 }, { 1, 2, 2 })
  t.assertErrorMsgContains("there was none", t.assertError, function() end)
  t.assertErrorMsgContains("expected about", t.assertAlmostEquals, 1, 1.1, 0.05)
  t.assertErrorMsgContains("contains \"x\"", t.assertStrContains, "abc", "x")
  t.assertErrorMsgContains("expected a text", t.assertStrContains, "abc", "d")
end

function t.test_plugins_that_are_not_there()
  t.assertErrorMsgContains("there is no plugin \"nothing\"", t.run, "nothing", "x。")
end

return t
