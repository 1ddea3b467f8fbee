-- api.lua: what docs/api.md promises, as assertions. Run by tests/core/test_host.c on an article of three lines.
local plugin = host.plugin {
  name = "api", version = "1.0",
  summary = "Asserts what the API's page says",
  records = { seen = { n = "integer", text = "text" } },
}
local check = require "check"
local is, raises = check.is, check.raises
local terms = host.lexicon "terms.yaml"
local plain = host.lexicon { "公寓", "园区" }
local sorted = host.lexicon { b = { "博士" }, a = { "博士", "硕士" } }
local book = host.codebook "book.yaml"
local rows = host.lines "rows.tsv"

local function texts(list)
  local t = {}
  for i, x in ipairs(list) do t[i] = x.text end
  return t
end

local function host_functions()
  check.list(host.keys(book), "zeta", "alpha", "list")
  check.list(host.keys(book.alpha), "size", "on", "code")
  check.list(host.keys { y = 1, x = 2 }, "x", "y")
  is(host.place(book):match(":%d+:%d+$"), ":1:1")
  is(host.place(book, "alpha"):match("book.yaml:%d+:1$") ~= nil, true)
  is(host.place(book.list, 2):match("book.yaml:%d+:%d+$") ~= nil, true)
  is(host.place(book, "none"), nil)
  is(host.place {}, nil)
  is(book.zeta, 3)
  is(math.type(book.zeta), "integer")
  is(book.alpha.size, 2.5)
  is(book.alpha.on, true)
  is(book.alpha.code, "010")
  check.list(book.list, 1, "two", false)
  check.list(rows, "甲\t1", "乙\t2")
  local r = host.region("330282")
  is(r.name, "慈溪市")
  is(r.level, "county")
  is(r.parent.name, "宁波市")
  is(r.parent.parent.parent, nil)
  is(host.region("没有的地方"), nil)
  local value, bytes = host.number("35人")
  is(value, 35)
  is(bytes, 2)
  is(host.number("三十五人"), 35)
  is(host.number("人"), nil)
  is(host.date(2022, 3, 0), "2022-02-28")
  is(host.date(2024, 3, 0), "2024-02-29")
  is(host.date(2022, 13, 1), "2023-01-01")
  is(host.date(2022, 0, 1), "2021-12-01")
  is(host.date(2022), "2022-01-01")
  is(host.date(1, 1, 1), "0001-01-01")
  raises("years 1 to 9999", host.date, 0, 1, 1)
  raises("expected a whole number", host.date, 2022.5)
  raises("out of range", host.date, 9999, 13, 1)
  local y, m, d = host.ymd("2024-02-29")
  is(y * 10000 + m * 100 + d, 20240229)
  is(host.ymd("2023-02-29"), nil)
  is(host.cjk_width("a园"), 3)
  raises("host.log has debug", function() return host.log.fatal end)
  raises("can not be changed", function() host.x = 1 end)
end

local function lexicons()
  is(terms:has("一间公寓"), true)
  is(terms:has("一间房"), false)
  is(terms:get("公寓"), "home")
  is(terms:get("公寓楼"), nil)
  is(plain:get("公寓"), "公寓")
  is(sorted:get("博士"), "a")
  raises("can not be changed", function() plain.x = 1 end)
end

local function article_fields(a)
  is(a.id, 0)
  is(a.path, "in/a.md")
  is(#a.hash, 32)
  is(a.title, "标题")
  is(a.date, "2024-05-01")
  is(a.source, nil)
  is(a.url, nil)
  is(a.lang, "zh")
  is(#a.authors, 0)
  is(a.region.code, "330200")
  is(a.region.name, "宁波市")
  is(a.text:sub(1, 6), "宁波")
  is(a:span().text, a.text)
  is(#a:blocks(), 3)
  is(a:blocks()[1].kind, "title")
  is(a:blocks()[2].kind, "paragraph")
  raises("colon", a.blocks)
end

local function searching(a)
  local s = a:sentences()
  local m = a:matches(terms)
  check.list(texts(m), "博士", "人才公寓", "补贴", "青年公寓")
  is(m[2].category, "home")
  is(a:matches(plain)[1].category, nil)
  check.list(a:matches(sorted)[1].categories, "a", "b")
  check.list(texts(a:matches(plain)), "园区", "园区", "公寓", "公寓")
  is(m[1].span.sentence:has(terms), true)
  is(s[#s]:has(terms), false)
  -- A match may not cross the border of the span.
  local home = m[2].span
  is(home:sub(1, 3):has(plain), false)
  is(home:sub(3, 4):has(plain), true)
  is(#home:sub(3, 4):matches(plain), 1)
  is(#home:sub(1, 3):matches(terms), 0)
end

local function quantities(a)
  local q = a:quantities()
  is(#q, 5)
  local homes = a:quantities { unit = "套" }
  is(#homes, 2)
  is(homes[1].value, 1200)
  is(math.type(homes[1].value), "integer")
  is(homes[1].value_max, nil)
  is(homes[1].cmp, "over")
  is(homes[1].unit, "套")
  is(homes[1].outer:contains(homes[1].span), true)
  is(q[3].value, 350000000)
  is(q[3].unit, "元")
  is(q[3].written_unit, "元")
  is(q[5].unit, "%")
  is(#a:quantities { dimension = "money" }, 1)
  is(#a:quantities { dimension = "money", unit = "套" }, 0)
  is(#a:blocks()[3]:quantities(), 1)
  is(#a:blocks()[1]:quantities(), 0)
end

local function places(a)
  local p = a:places()
  is(p[1].name, "宁波市")
  is(p[1].code, "330200")
  is(p[1].level, "city")
  is(p[1].short, false)
  is(p[#p].text, "慈溪市")
  is(#a:blocks()[3]:places(), 1)
end

local function spans(a)
  local body = a:blocks()[2]
  local first = a:matches(terms)[1].span
  is(first.text, "博士")
  is(#first, 2)
  is(first.last - first.first + 1, 6)
  is(a.text:sub(first.first, first.last), "博士")
  is(first.block, body)
  is(first.block.kind, "paragraph")
  is(first:before(2).text, "引进")
  is(first:after(3).text, "35人")
  is(first:before().text, "园区今年引进")
end

local function span_arithmetic(a)
  local title, body = a:blocks()[1], a:blocks()[2]
  local m = a:matches(terms)
  local first, second = m[1].span, m[2].span
  is(title:before(5).text, "")
  is(title:after(5).text, "")
  is(title:before().text, "")
  is(body:sub(1, 2).text, "园区")
  is(body:sub(-2).text, "套。")
  is(body:sub(-2, -2).text, "套")
  is(body:sub(0, 1).text, "园")
  is(body:sub(5, 2).text, "")
  is(body:sub(-1000, 1).text, "园")
  is(body:slice(1, 6).text, "园区")
  is(body:slice(7).text, body:sub(3).text)
  is(body:slice(-3).text, "。")
  is(body:slice(4, 3).text, "")
  is(first:overlaps(second), false)
  is(first:overlaps(first), true)
  is(body:contains(first), true)
  is(first:contains(body), false)
  is(first:join(second).text, "博士35人，建成人才公寓")
  is(second:join(first), first:join(second))
  is(first:between(second).text, "35人，建成")
  is(second:between(first), first:between(second))
  is(first:between(first).text, "")
  is(first < second, true)
  is(second <= first, false)
  is(first == second, false)
  is(first == body:sub(7, 8), true)
  is(tostring(first), "博士")
  local found, digits = body:find("引进博士(%d+)人")
  is(found.text, "引进博士35人")
  is(digits, "35")
  is(body:find("没有"), nil)
  is(body:find("区", 7), nil)
  is(body:find(".").text, "园")
  raises("malformed pattern", body.find, body, "[")
end

function plugin.article(a)
  host_functions()
  lexicons()
  article_fields(a)
  searching(a)
  quantities(a)
  places(a)
  spans(a)
  span_arithmetic(a)
  a:record("seen", { span = a:span(), n = 1 })
  is(#a:records("seen"), 1)
  is(a:records("seen")[1].n, 1)
  raises('has no field "m"', function() return a:records("seen")[1].m end)
end

return plugin
