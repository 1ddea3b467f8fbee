-- plugins/lib/metric_context.lua: the time and the place that govern a number.
local context = {}

local vague = host.lexicon { "近年来", "日前", "近日", "每年", "近期", "近年", "历年", "连年", "连续", "近几年来", "近几年", "多年来" }

local NOW = { ["目前"] = true, ["当前"] = true, ["如今"] = true, ["现在"] = true, ["眼下"] = true }

-- A time behind one of these is what a figure is compared with (比上年增长), not when it was.
local COMPARED = { ["比"] = true, ["较"] = true, ["同"] = true, ["与"] = true }

--- The article's time expressions as { first, last, text, from, to, since, future }.
function context.times(a)
  local out = {}
  for i, t in ipairs(a:records("timex")) do
    local span = t.span
    local first, last = span.first, span.last
    local text = t.text
    out[i] = {
      first = first, last = last, text = text, from = t.from_date, to = t.to_date,
      since = text:find("来$") and not text:find("^[今本]") and true, as_of = text:find("^截至") and true, now = NOW[text],
      future = t.from_date and a.date and t.from_date > a.date, compared = COMPARED[a.text:sub(first - 3, first - 1)],
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

--- 连续三年: the years with the word, nil where no number of years follows.
local function streak(m)
  local behind = m.span:after(4)
  local number, bytes = host.number(behind.text)
  local unit = number and behind.text:sub(bytes + 1, bytes + 3)
  return unit == "年" and m.span:join(behind:slice(1, bytes + 3)).text or nil
end

--- The vague times of a sentence, once: they have text and no days.
local function vague_of(s)
  if not s.vague then
    s.vague = {}
    for _, m in ipairs(s.span:matches(vague)) do
      local text = m.term == "连续" and streak(m) or m.term ~= "连续" and m.term
      if text then s.vague[#s.vague + 1] = { first = m.span.first, last = m.span.last, text = text, own = m.term == "每年" } end
    end
  end
  return s.vague
end

--- Does the time alone make up the clause before the one that begins at `low` (日前，随着…)?
local function opens(s, time, low)
  local between = s.text:sub(time.last + 1, low - 1)
  return between == "，" or between == ","
end

--- The time that governs number `q`: the nearest before it in its sentence; nil when there is none.
function context.time_of(s, q, times, low)
  local best
  for _, t in ipairs(times) do
    if t.first > q.first then break end
    if t.first >= s.first and t.last < q.first and not t.compared then best = t end
  end
  for _, t in ipairs(vague_of(s)) do
    if t.first < q.first and (not best or best.first < t.first) and (not t.own or t.first >= low) then best = t end
  end
  if best and q.aspect == "attribute" and best.first < low and not opens(s, best, low) then return nil end
  return best
end

--- Is `code` a place below `region`?
local function is_below(code, region)
  local own = region:gsub("00$", ""):gsub("00$", "")
  return #own < 6 and code ~= region and code:sub(1, #own) == own
end

--- The place a number is told of: the article's, but for a place below it named before the number in the sentence.
function context.region_of(s, q, regions, own)
  local found = own
  for _, r in ipairs(regions) do
    if r.first > q.first then break end
    if r.first >= s.first and (not own or is_below(r.code, own.code)) then found = r end
  end
  return found
end

return context
