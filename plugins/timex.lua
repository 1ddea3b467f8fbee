-- plugins/timex.lua: time expressions, each resolved against the publication date to a closed interval of days.
--
-- lib/timex_form holds the written forms, lib/timex_days what they mean; where a form can begin is data/timex.yaml.
local days = require "timex_days"
local form = require "timex_form"
local scope = require "scope"

local plugin = host.plugin {
  name = "timex", version = "1.1",
  summary = "Time expressions and the days they mean",
  records = { timex = { text = "text", from_date = "date?", to_date = "date?" } },
}

-- Where a form can begin; the grammar is tried at these places only. Words of `refused` only look like a form.
local starts = host.lexicon "timex.yaml"

-- Behind one of these a number of days is a length (为期5日), and 前N个月 or 年内 goes on a longer word (此前三个月, 五年内).
local LENGTH = {}
for word in ("第 每 前 后 近 约 满 期 续 达 为 超 共 隔 头 过 余 需 逾 了 这 那 整 全"):gmatch("%S+") do LENGTH[word] = true end
local NOT_FIRST = {}
for word in ("此 目 之 以 日 提 节 赛 会 从 先 当 支 跟 空 眼 面 往 史 一 二 三 四 五 六 七 八 九 十 几 多 近 全 半 两 百"):gmatch("%S+") do
  NOT_FIRST[word] = true
end

--- Does the form, whose text begins at `first`, go on with what stands before it?
local function is_cut(text, first, f)
  local before = text:sub(first - 3, first - 1)
  if f.day and not f.month and not f.month_shift then return LENGTH[before] end
  local opening = text:sub(first, first + 2)
  if opening == "前" or opening == "年" then return NOT_FIRST[before] end
  return false
end

--- 今天（7月9日）: the day in brackets is of publication's own year.
local TODAY = {}
for word in ("今天 今日 今晚 今早 昨天 昨日 昨晚 前天 明天 明日 明晚"):gmatch("%S+") do TODAY[word] = true end
local function at_publication(text, first)
  if text:sub(first - 3, first - 1) == "（" then return TODAY[text:sub(first - 9, first - 4)] end
  return text:sub(first - 1, first - 1) == "(" and TODAY[text:sub(first - 7, first - 2)]
end

--- What the forms behind may lean on: year, month and interval told in the sentence.
local function tell(told, f, from, to, year)
  if f.year and not f.since then told.year = f.year end
  if f.relative and year then told.year = year + f.relative end
  if from and (f.month or f.day) and not f.since then
    local y, m = host.ymd(to)
    told.month, told.month_year, told.day = m, y, f.day
  end
  if from and to and not f.same and not f.now and (f.period or f.month or f.since) then told.from, told.to = from, to end
end

function plugin.article(a)
  local text, year = a.text, days.writing_year(a)
  local blocks, block, next_block = scope.blocks(a), nil, 1
  local told, last = {}, 0 -- what was told before in the sentence, and where the form before ended
  for _, m in ipairs(a:matches(starts)) do
    local first = m.span.first
    while (not block or block.last < first) and blocks[next_block] do
      block, next_block, told = blocks[next_block], next_block + 1, {}
    end
    if first > last and m.category == "begin" and block and block.first <= first and first <= block.last then
      local f, stop_at = form:match(text, first)
      if f and not is_cut(text, first, f) then
        if text:sub(last + 1, first):find("。", 1, true) then told = {} end
        f.at_publication = at_publication(text, first)
        f.current = text:sub(first, first + 5) == "当月"
        local from, to = days.of(f, a.date, year, told)
        tell(told, f, from, to, year)
        if from and to and from > to then from = to end
        local span = block:slice(first - block.first + 1, stop_at - block.first)
        a:record("timex", { span = span, from_date = from, to_date = to })
        last = stop_at - 1
      end
    end
  end
end

return plugin
