-- plugins/lib/timex_form.lua: the written forms of time expressions, as one LPeg grammar. A match gives a table of named
-- fields (year, month, day, period, relative, plan, shift …) that timex_days turns into days.
local lpeg = require "lpeg"
local P, R, S, C = lpeg.P, lpeg.R, lpeg.S, lpeg.C
local Cc, Cg, Cp, Ct = lpeg.Cc, lpeg.Cg, lpeg.Cp, lpeg.Ct

--- Any of the words, the longest first.
local function any(words)
  local list = {}
  for word in words:gmatch("%S+") do list[#list + 1] = word end
  table.sort(list, function(x, y) return #x > #y end)
  local p = P(false)
  for _, word in ipairs(list) do p = p + P(word) end
  return p
end

--- A named field of the table a form gives.
local function F(name, p) return Cg(p, name) end

local char = R("\0\127") + R("\194\223") * R("\128\191") + R("\224\239") * R("\128\191") * R("\128\191")
  + R("\240\244") * R("\128\191") * R("\128\191") * R("\128\191")
local space = S(" ") ^ 0
local digit = R("09")
local cn_digit = any "〇 零 一 二 三 四 五 六 七 八 九 ○"
local cn_number = any "一 二 三 四 五 六 七 八 九 十 两"

local function value(text) return (host.number(text)) end
local function num(p) return C(p) / value end

local year4 = num((P("19") + P("20")) * digit * digit * -digit)
  + num(any "一九 二〇 二零 二○" * cn_digit * cn_digit)
local month_n = num(P("1") * R("02") + P("0") * R("19") + R("19"))
  + num(P("十") * any "一 二" ^ -1 + any "一 二 三 四 五 六 七 八 九")
local day_n = num(S("12") * digit + P("3") * S("01") + P("0") ^ -1 * R("19")) + num(cn_number * cn_number ^ -2)
local count_n = num(digit ^ 1) + num(cn_number ^ 1)
local to = any "至 到 — -- - – － ～ ~" + P("——")

local relative_year = any("去年 上年 今年 本年 明年 前年 后年 本年度 上年度 去年度") / {
  ["去年"] = -1, ["上年"] = -1, ["上年度"] = -1, ["去年度"] = -1, ["今年"] = 0, ["本年"] = 0, ["本年度"] = 0,
  ["明年"] = 1, ["前年"] = -2, ["后年"] = 2,
}

-- Parts of a year, as first and last month.
local half = P("上半年") * Cc(1) * Cc(6) + P("下半年") * Cc(7) * Cc(12)
local quarters = any "前三季度 前三个季度" * Cc(1) * Cc(9) + any "前两季度 前两个季度" * Cc(1) * Cc(6)
  + P("第") ^ -1 * (P("一季度") * Cc(1) * Cc(3) + P("二季度") * Cc(4) * Cc(6) + P("三季度") * Cc(7) * Cc(9) + P("四季度") * Cc(10) * Cc(12))
  + P("首季") * P("度") ^ -1 * Cc(1) * Cc(3)
local first_months = P("前") * Cc(1) * (num(P("1") * R("02") + R("29")) + num(P("十") * any "一 二" ^ -1 + any "两 三 四 五 六 七 八 九"))
  * P("个") ^ -1 * P("月")
local months = month_n * P("月") ^ -1 * space * to * space * month_n * P("月") * P("份") ^ -1
local edge = any "年初 初" * Cc(1) * Cc(1) + any "年底 年末 底 末" * Cc(12) * Cc(12)

local third = P("上旬") * Cc(1) + P("中旬") * Cc(2) + P("下旬") * Cc(3)
local month_day = F("month", month_n) * P("月") * -(P("初") * cn_number)
  * ((space * F("day", day_n) * any "日 号") + F("third", third) + P("份") ^ -1 * any "底 末 初" ^ -1)
local period = F("period", Ct(half + quarters + first_months + months + edge))
local month_or_part = space * (period + month_day)

-- 以来 opens an interval that ends at publication; the event it dates from may stand between (2024年开展评议以来).
local stop = any "是 ， 。 ； 、 ！ ？ ： , ; : 年 月 “ ” （ ）" + P("\n")
local since = F("since", any "以来 来" * -any "自 到 源 临 看 说 宾 访 年 华" * Cc(true))
local since_only = F("since", P("以来") * Cc(true))
local since_event = F("since", (char - stop - P("以来")) ^ 1 * P("以来") * Cc(true))

-- The end of an interval of days: 至30日, 至6月3日, 至2025年3月.
local until_day = space * to * space
  * F("until", Ct((F("year", year4) * P("年") * space) ^ -1 * (F("month", month_n) * P("月")) ^ -1 * F("day", day_n) * any "日 号"
    + F("year", year4) * P("年") * F("month", month_n) * P("月")))

local absolute = F("year", year4) * space * P("年") * P("度") ^ -1
  * (month_or_part * until_day ^ -1 + P("的") * period + P("全年")) ^ -1
  * (since + since_event) ^ -1
local year_range = F("year", year4) * P("年") ^ -1 * space * to * space * F("year2", year4) * P("年")
local relative = F("relative", relative_year)
  * (month_or_part * until_day ^ -1 + P("的") * period + P("全年")) ^ -1 * since ^ -1

-- Five-year plans.
local plan = P("“") ^ -1 * P("十") * F("plan", C(any "一 二 三 四 五")) * P("五") * P("”") ^ -1
  * (any "期间 时期" + since_only + P("规划") * any "期间 时期")
local plan_edge = P("“") ^ -1 * P("十") * F("plan", C(any "一 二 三 四 五")) * P("五") * P("”") ^ -1 * F("edge", C(any "末 初"))
local old_plan = P("“") * F("plan", C(any "六 七 八 九")) * P("五") * P("”") * any "期间 时期"

-- Centuries and their decades.
local century = F("century", num(any "18 19 20 21" + any "十八 十九 二十一 二十") + P("上") * Cc(20) + P("本") * Cc(21)) * P("世纪")
local decade_n = num(R("19") * P("0")) + num(any "二 三 四 五 六 七 八 九" * P("十"))
local decade = century * F("decade", decade_n) * P("年代") * any "初 初期 中期 中后期 末 末期" ^ -1 * since_only ^ -1
  + F("decade", decade_n) * P("年代") * any "初 初期 中期 中后期 末 末期" ^ -1 * since_only ^ -1
local in_century = century * (F("part", C(any "中叶 初 末")) + since_only)

local this_period = period * since ^ -1 + F("this_year", P("年内") * Cc(true))
local now = any "截至 截止" ^ -1 * F("now", any "目前 当前 如今 现在 眼下" * Cc(true))
local today = F("shift", any "今天 今日 今晚 今早 今晨 今夜 今天晚上" * Cc(0) + any "昨天 昨日 昨晚 昨夜" * Cc(-1) + P("前天") * Cc(-2)
  + any "明天 明日 明晚 明早" * Cc(1))
local this_month = F("month_shift", any "本月 这个月 当月" * Cc(0) + any "上月 上个月" * Cc(-1) + any "下月 下个月" * Cc(1))
  * (F("third", third) + space * F("day", day_n) * any "日 号" + any "底 末 初") ^ -1
local weekday = any("一 二 三 四 五 六 日 天 末") / {
  ["一"] = 0, ["二"] = 1, ["三"] = 2, ["四"] = 3, ["五"] = 4, ["六"] = 5, ["日"] = 6, ["天"] = 6, ["末"] = 7,
}
local week = F("week_shift", any "本周 这周" * Cc(0) + P("上周") * Cc(-1) + P("下周") * Cc(1)) * F("weekday", weekday) ^ -1
local years_back = any "近 过去 最近" ^ -1 * P("的") ^ -1 * F("back", count_n) * P("年") * P("多") ^ -1 * any "以来 来"
  + any "近 过去 最近" * F("back", count_n) * P("年") * -any "历史 的历史 前 级 代 度 轻 龄"
local same_period = F("same", any "上年同期 去年同期" * Cc(true))
-- A day without its month (26日，…; 10日发表声明); 3日内 and 10日游 are lengths.
local lone_day = F("day", num(S("12") * digit + P("3") * S("01") + P("0") ^ -1 * R("19"))) * P("日")
  * (until_day + -any "内 以内 之内 游 均 间 龄 照 程" * since_only ^ -1)

local as_of = F("as_of", any "截至 截止到 截止" * Cc(true))
local forms = as_of ^ -1 * (year_range + absolute + same_period + relative + this_month + today)
  + plan_edge + plan + old_plan + now
  + week + as_of ^ -1 * (decade + in_century + this_period + month_day * (until_day + since_only) ^ -1) + years_back
  + as_of ^ -1 * lone_day

-- A form that begins here and is not the end of a longer number or word.
local longer = lpeg.B(digit) + lpeg.B(S(".-")) + lpeg.B(P("·"))
  + lpeg.B(any "第 每 半 中 隔 十 百 零 〇 两 几 数 多 同 周 某 月")
return -longer * Ct(forms) * Cp()
