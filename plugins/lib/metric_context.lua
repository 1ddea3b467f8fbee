-- plugins/lib/metric_context.lua: the time and the place that govern a number.
local context = {}

local words = require "metric_words"

local book = host.codebook "metric.yaml"

local vague = host.lexicon {
  "近年来", "日前", "近日", "每年", "近期", "近年", "历年", "连年", "连续", "近几年来", "近几年", "多年来", "全年", "当年",
}

local NONE = {}

-- These give way to a time with days in the same sentence.
local WEAK = { ["全年"] = true, ["当年"] = true }

local NOW = { ["目前"] = true, ["当前"] = true, ["如今"] = true, ["现在"] = true, ["眼下"] = true }

-- A time behind one of these is what a figure is compared with (比上年增长), not when it was.
local COMPARED = { ["比"] = true, ["较"] = true, ["同"] = true, ["与"] = true }

-- A time with one of these behind it says when something was decided, not when a figure was true: 年初确定的目标.
local DECIDED = words.set { "确定", "提出", "制定", "部署", "下达", "预期", "出台", "印发" }

--- The article's time expressions as { first, last, text, from, to, since, future, past, own_year }.
function context.times(a)
  local out = {}
  local year = a.date and a.date:sub(1, 4)
  for i, t in ipairs(a:records("timex")) do
    local span = t.span
    local first, last = span.first, span.last
    local text = t.text
    out[i] = {
      first = first, last = last, text = text, from = t.from_date, to = t.to_date,
      since = text:find("来$") and not text:find("^[今本]") and true, as_of = text:find("^截至") and true, now = NOW[text],
      future = t.from_date and a.date and t.from_date > a.date and text ~= "年末",
      past = t.to_date and year and t.to_date < year,
      own_year = year and t.from_date == year .. "-01-01" and t.to_date == year .. "-12-31",
      compared = COMPARED[a.text:sub(first - 3, first - 1)] or DECIDED[a.text:sub(last + 1, last + 6)],
    }
  end
  return out
end

--- The article's regions as { first, last, code, name, level }.
function context.regions(a)
  local out = {}
  for i, r in ipairs(a:records("region")) do
    local span = r.span
    out[i] = { first = span.first, last = span.last, code = r.code, name = r.name, level = r.level }
  end
  return out
end

--- 连续三年: the years with the word that ends at `last`, nil where no number of years follows.
local function streak(text, last)
  local number, bytes = host.number(text:sub(last + 1, last + 15))
  return number and text:sub(last + bytes + 1, last + bytes + 3) == "年" and text:sub(last - 5, last + bytes + 3) or nil
end

--- The vague times of a sentence, once: they have text and no days.
local function vague_of(s)
  if s.vague then return s.vague end
  local found = {}
  for _, m in ipairs(s.span:has(vague) and s.span:matches(vague) or NONE) do
    local term, first = m.term, m.span.first
    local text = term ~= "连续" and term or streak(s.text, first + 5)
    if term == "每年" and s.text:sub(first - 6, first - 1) == "平均" then text = nil end
    if text then found[#found + 1] = { first = first, last = first + #term - 1, text = text, own = term == "每年" } end
  end
  s.vague = found
  return found
end

--- Does the time alone make up the clause before the one that begins at `low` (日前，随着…)?
local function opens(s, time, low)
  local between = s.text:sub(time.last + 1, low - 1)
  return between == "，" or between == ","
end

--- The time that governs number `q`: the nearest before it in its sentence; nil when there is none.
function context.time_of(s, q, low)
  local at = s.times_at or 0
  while s.times[at + 1] and s.times[at + 1].last < q.first do
    at = at + 1
    if not s.times[at].compared then s.time = s.times[at] end
  end
  s.times_at = at
  local best = s.time
  for _, t in ipairs(vague_of(s)) do
    if t.first > q.first then break end
    local nearer = not best or best.first < t.first and not WEAK[t.text]
    if nearer and t.first < q.first and (not t.own or t.first >= low) then best = t end
  end
  if best and q.aspect == "attribute" and best.first < low and not opens(s, best, low) then return nil end
  return best
end

local plan, review = host.lexicon(book.sections.plan), host.lexicon(book.sections.review)
local SHORT = 45 -- characters of a line that can be a section's title

--- Which blocks of `a` tell what is to be done: a list by block number; nil when it is no report to an assembly. Its sections
--- are told apart by their titles.
function context.plans(a)
  local blocks = a:blocks()
  local begins = a.text:sub(1, 300)
  if not begins:find("工作报告", 1, true) and not begins:find("各位代表", 1, true) then return nil end
  local out, current = {}, false
  for i, block in ipairs(blocks) do
    if i > 1 and (block.kind == "heading" or #block <= SHORT) then
      if block:has(review) then current = false elseif block:has(plan) then current = true end
    end
    out[i] = current
  end
  return out
end

--- Is `code` a place below `region`?
local function is_below(code, region)
  local own = region:gsub("00$", ""):gsub("00$", "")
  return #own < 6 and code ~= region and code:sub(1, #own) == own
end

--- The place a number is told of: the article's, but for a place below it named before the number in the sentence.
function context.region_of(s, q, own)
  local at = s.regions_at or 0
  local r = s.regions[at + 1]
  while r and r.first <= q.first do
    if not own or is_below(r.code, own.code) then s.region = r end
    at = at + 1
    r = s.regions[at + 1]
  end
  s.regions_at = at
  return s.region or own
end

return context
