-- plugins/timex.lua: time expressions, each resolved against the publication date to a closed interval of days.
local lpeg = require "lpeg"
local scope = require "scope"

local plugin = host.plugin {
  name = "timex", version = "1.0",
  summary = "Time expressions and the days they mean",
  records = { timex = { text = "text", from_date = "date?", to_date = "date?" } },
}

-- Where a form can begin; the grammar below is tried at these places only. Words of `refused` only look like a form.
local starts = host.lexicon "timex.yaml"

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
local to = any "至 到 — -- - ～ ~ －" + P("——")

local relative_year = any("去年 上年 今年 本年 明年 前年 后年 本年度 上年度 去年度") / {
  ["去年"] = -1, ["上年"] = -1, ["上年度"] = -1, ["去年度"] = -1, ["今年"] = 0, ["本年"] = 0, ["本年度"] = 0,
  ["明年"] = 1, ["前年"] = -2, ["后年"] = 2,
}
local half = (P("上半年") * Cc(1) * Cc(6)) + (P("下半年") * Cc(7) * Cc(12))
local quarters = P("前三季度") * Cc(1) * Cc(9) + P("前两季度") * Cc(1) * Cc(6)
  + P("第") ^ -1 * (P("一季度") * Cc(1) * Cc(3) + P("二季度") * Cc(4) * Cc(6) + P("三季度") * Cc(7) * Cc(9) + P("四季度") * Cc(10) * Cc(12))
  + P("首季") * Cc(1) * Cc(3)
local months = month_n * P("月") ^ -1 * space * to * space * month_n * P("月") * P("份") ^ -1
local edge = any "年初 初" * Cc(1) * Cc(1) + any "年底 年末 底 末" * Cc(12) * Cc(12)

--- A named field of the table a form gives.
local function F(name, p) return Cg(p, name) end

local month_day = F("month", month_n) * P("月") * (space * F("day", day_n) * any "日 号") ^ -1 * P("份") ^ -1
  * F("edge", C(any "底 末 初")) ^ -1
local period = F("period", Ct(half + quarters + months + edge))

-- 以来 opens an interval that ends at publication; the event it dates from may stand between (2024年开展评议以来).
local stop = any "， 。 ； 、 ！ ？ ： , ; : 年 月 “ ” （ ）" + P("\n")
local since = F("since", any "以来 来" * -any "自 到 源 临 看 说 宾 访 年" * Cc(true))
local since_event = F("since", (char - stop - P("以来")) ^ 1 * P("以来") * Cc(true))

local absolute = F("year", year4) * space * P("年") * P("度") ^ -1
  * ((space * month_day) + (P("的") ^ -1 * period) + P("全年")) ^ -1
  * (since + since_event) ^ -1
local year_range = F("year", year4) * P("年") ^ -1 * space * to * space * F("year2", year4) * P("年")
local relative = F("relative", relative_year)
  * ((space * month_day) + (P("的") ^ -1 * period) + P("全年")) ^ -1 * since ^ -1
local plan = P("“") ^ -1 * P("十") * F("plan", C(any "一 二 三 四 五")) * P("五") * P("”") ^ -1
  * (any "期间 时期" + F("since", P("以来") * Cc(true)) + P("规划") * any "期间 时期" + F("edge", C(any "末 初")))
local old_plan = P("“") * F("plan", P("八五") * Cc("八") + P("九五") * Cc("九")) * P("”") * any "期间 时期"
local this_period = F("period", Ct(half + quarters + any "年初" * Cc(1) * Cc(1) + any "年底 年末" * Cc(12) * Cc(12)))
  * since ^ -1
local now = P("截至") ^ -1 * F("now", any "目前 当前 如今 现在 眼下" * Cc(true))
local today = F("shift", any "今天 今日" * Cc(0) + any "昨天 昨日 昨晚" * Cc(-1) + P("前天") * Cc(-2) + any "明天 明日" * Cc(1))
local this_month = F("month_shift", any "本月 这个月 当月" * Cc(0) + any "上月 上个月" * Cc(-1) + any "下月 下个月" * Cc(1))
  * any "底 末 初" ^ -1
local week = F("week_shift", any "本周 这周" * Cc(0) + P("上周") * Cc(-1) + P("下周") * Cc(1))
local years_back = any "近 过去 最近" ^ -1 * P("的") ^ -1 * F("back", count_n) * P("年") * P("多") ^ -1 * any "以来 来"
  + any "近 过去 最近" * F("back", count_n) * P("年")
local same_period = F("same", any "上年同期 去年同期" * Cc(true))
-- A day without its month: only where it opens a report (26日，…; 26日从…).
local lone_day = F("day", day_n) * P("日") * #any "， , 上午 下午 晚 从 在 电 至 起 举行 召开"

local as_of = F("as_of", P("截至") * Cc(true))
local forms = as_of ^ -1 * (year_range + absolute + same_period + relative) + plan + old_plan + now + today + this_month + week
  + as_of ^ -1 * (F("period", Ct(months)) + this_period + month_day) + years_back + lone_day

-- A form that begins here and is not the end of a longer number or word.
local longer = lpeg.B(digit) + lpeg.B(any "第 每 半 中 隔 十 百 零 〇 两 几 数 多 同 周 某")
local form = -longer * Ct(forms) * Cp()

local function last_of(y, m) return host.date(y, m + 1, 0) end

--- The year that 今年 means. A piece of early January that mostly speaks of the year before reports that year.
local function writing_year(a)
  if not a.date then return nil end
  local y, m, d = host.ymd(a.date)
  if m == 1 and d <= 15 then
    local _, before = a.text:gsub(("%d年"):format(y - 1), "")
    local _, own = a.text:gsub(("%d年"):format(y), "")
    if before > own then return y - 1 end
  end
  return y
end

local PLANS = { ["八"] = 1991, ["九"] = 1996, ["一"] = 2006, ["二"] = 2011, ["三"] = 2016, ["四"] = 2021, ["五"] = 2026 }

local function months_of(y, first, last) return host.date(y, first, 1), last_of(y, last) end

--- An interval within year `y` by month, day, half, quarter, edge.
local function within(y, f)
  if f.period then return months_of(y, f.period[1], f.period[2]) end
  if f.month then
    if f.day then
      local day = host.date(y, f.month, f.day)
      return day, day
    end
    return months_of(y, f.month, f.month)
  end
  return host.date(y, 1, 1), host.date(y, 12, 31)
end

local function by_plan(f)
  local first = PLANS[f.plan]
  if not first then return end
  if f.edge == "末" then return host.date(first + 4, 1, 1), host.date(first + 4, 12, 31) end
  if f.edge == "初" then return host.date(first, 1, 1), host.date(first, 12, 31) end
  return host.date(first, 1, 1), host.date(first + 4, 12, 31)
end

--- Days since Monday (Sakamoto's method).
local function weekday(y, m, d)
  local shift = { 0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4 }
  if m < 3 then y = y - 1 end
  return (y + y // 4 - y // 100 + y // 400 + shift[m] + d + 6) % 7
end

local function by_shift(f, date)
  local y, m, d = host.ymd(date)
  if f.shift then
    local day = host.date(y, m, d + f.shift)
    return day, day
  elseif f.month_shift then
    return host.date(y, m + f.month_shift, 1), host.date(y, m + f.month_shift + 1, 0)
  elseif f.back then
    return host.date(y - f.back, m, d), date
  end
  local monday = d - weekday(y, m, d) + 7 * f.week_shift
  return host.date(y, m, monday), host.date(y, m, monday + 6)
end

--- Year and month of a day told without its year: the publication's own, but December in a piece of spring is past.
local function nearest_month(f, date)
  local y, m = host.ymd(date)
  local month = f.month or m
  return month - m > 8 and y - 1 or y, month
end

--- The interval a form means: from, to; nil where it hangs on a publication date that is not known.
local function resolve(f, date, year, context)
  if f.plan then
    local from, to_day = by_plan(f)
    return from, f.since and date or to_day
  end
  if f.now then return date, date end
  if f.shift or f.month_shift or f.week_shift or f.back then
    if date then return by_shift(f, date) end
    return nil
  end
  local y = f.year or (f.relative and year and year + f.relative) or (f.same and year and year - 1)
    or (not f.relative and not f.same and (context or year))
  if not y then return nil end
  if f.day and not (f.year or f.relative or context) then
    if not date then return nil end
    y, f.month = nearest_month(f, date)
  elseif f.day and not f.month then
    return nil
  end
  local from, to_day = within(y, f)
  if f.year2 then to_day = host.date(f.year2, 12, 31) end
  if f.since then
    to_day = date
  elseif f.as_of then
    from = to_day
  end
  return from, to_day
end

function plugin.article(a)
  local text, year = a.text, writing_year(a)
  local blocks, block, next_block = scope.blocks(a), nil, 1
  local context, told = nil, 0 -- a year named before in the sentence, for months and days without one
  local free = 1               -- where the form before ended
  for _, m in ipairs(a:matches(starts)) do
    local first = m.span.first
    while (not block or block.last < first) and blocks[next_block] do
      block, next_block, context = blocks[next_block], next_block + 1, nil
    end
    if first >= free and m.category == "begin" and block and block.first <= first and first <= block.last then
      local f, stop_at = form:match(text, first)
      if f then
        if context and text:sub(told, first):find("。", 1, true) then context = nil end
        local from, to_day = resolve(f, a.date, year, context)
        if f.year and not f.since then context, told = f.year, stop_at end
        if f.relative and year then context, told = year + f.relative, stop_at end
        if from and to_day and from > to_day then from = to_day end
        local span = block:slice(first - block.first + 1, stop_at - block.first)
        a:record("timex", { span = span, from_date = from, to_date = to_day })
        free = stop_at
      end
    end
  end
end

return plugin
