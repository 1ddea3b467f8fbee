-- plugins/metric.lua: numbers in use - value, unit, comparator, what is counted, indicator, aspect, time, place.
--
-- The core finds the quantities. What they count stands behind the number (4个优质项目) or before it (补贴9954万元); the words that
-- tell are data/metric.yaml.
local outline = require "outline"
local scope = require "scope"

local plugin = host.plugin {
  name = "metric", version = "1.0",
  summary = "Figures: value, unit, comparator, subject, indicator, aspect, time",
  needs = { "region", "timex" },
  records = {
    metric = {
      text = "text", value = "number", value_max = "number?", unit = "text", cmp = "text", subject = "text?",
      indicator = "text", aspect = "text", time_text = "text?", from_date = "date?", to_date = "date?",
      region_code = "text?", region_name = "text?",
    },
  },
}

local book = host.codebook "metric.yaml"
local verbs = host.lexicon { hard = book.verbs, soft = book.soft_verbs, noun = book.compounds }
local stops = host.lexicon(book.stops)
local vague_times = host.lexicon { "近年来", "日前", "近日", "每年", "近期", "近年", "历年", "连年", "连续" }

local function set(list)
  if not list then return nil end
  local out = {}
  for _, item in ipairs(list) do out[item] = true end
  return out
end
local links, measures, places = set(book.links), set(book.measures), set(book.places)

--- One lexicon whose categories are the keys of `map`.
local aspects = host.lexicon(book.aspects)
local rates = host.lexicon(book.rates)

--- The words of all indicator rules as one lexicon; a category is "rule number, field".
local rule_words = {}
for i, rule in ipairs(book.indicators) do
  for _, field in ipairs { "subject", "near", "around", "not" } do
    if rule[field] then rule_words[i .. field] = rule[field] end
  end
end
local cues = host.lexicon(rule_words)

local rules = {}
for i, rule in ipairs(book.indicators) do
  rules[i] = {
    code = rule.code, dim = set(rule.dim), unit = set(rule.unit), subject = rule.subject and i .. "subject",
    near = rule.near and i .. "near", around = rule.around and i .. "around", never = rule["not"] and i .. "not",
  }
end

local TIME_UNITS = { ["年"] = true, ["月"] = true, ["日"] = true, ["天"] = true, ["小时"] = true, ["分钟"] = true, ["周"] = true }
local PERCENT = { ["%"] = true, ["百分点"] = true, ["倍"] = true, ["‰"] = true }
-- What a number is followed by when its noun stands before it.
local CLOSERS = { [""] = true, ["，"] = true, [","] = true, ["。"] = true, ["；"] = true, [";"] = true, ["！"] = true, ["？"] = true,
  ["："] = true, [":"] = true, ["…"] = true, ["!"] = true, ["?"] = true, ["、"] = true, ["）"] = true, [")"] = true }

--- A span without the characters that begin or end no noun phrase; nil when nothing is left.
local EDGE = { ["、"] = true, ["的"] = true, ["了"] = true, [" "] = true, ["和"] = true, ["及"] = true, ["与"] = true, ["等"] = true,
  ["中"] = true, ["从"] = true, ["由"] = true, ["都"] = true, ["均"] = true, ["自"] = true }
local function trimmed(span)
  while span and #span > 0 and EDGE[span:sub(1, 1).text] do span = #span > 1 and span:sub(2) or nil end
  while span and #span > 0 and EDGE[span:sub(-1, -1).text] and span:sub(-1, -1).text ~= "等" do
    span = #span > 1 and span:sub(1, -2) or nil
  end
  if not span or #span == 0 or #span > 40 then return nil end
  return span
end

--- `part` without the link word it ends in; nil when it ends in none or is nothing else.
local function without_link(part)
  for length = 5, 1, -1 do
    if #part > length and links[part:sub(-length, -1).text] then return part:sub(1, -length - 1) end
  end
end

--- The part of the clause before the number, without link words at its end.
local function before_number(q, place)
  local part = outline.span(place.outline, place.clause_first, q.outer.first - 1)
  for _ = 1, 4 do
    local rest = part and without_link(part)
    if not rest then break end
    part = rest
  end
  return part
end

--- What follows 等 in a list of examples (甲、乙等国家级人才), else the whole.
local function behind_examples(span)
  if not span then return nil end
  local text, from = span.text, nil
  for at in text:gmatch("()等") do from = at + 3 end
  if from and from <= #text - 3 then return span:slice(from, #text) end
  return span
end

local VERB = { hard = true, soft = true }

--- A noun phrase of two characters and more; a single one is a rest of something else.
local function noun(span)
  span = trimmed(behind_examples(trimmed(span)))
  if not span or #span < 2 then return nil end
  local text = span.text
  if links[text] or places[text] or VERB[verbs:get(text)] then return nil end
  local region = span:records("region")[1]
  return not (region and region.span == span) and span or nil
end

-- Before a verb that may also be part of a noun: 已建设, 先后培训.
local DONE = { ["已"] = true, ["将"] = true, ["共"] = true, ["并"] = true, ["后"] = true, ["计"] = true, ["再"] = true, ["拟"] = true }

--- Where the noun begins in `part`: behind the last verb, number and time expression.
local function noun_start(part)
  local from, size = 1, #part.text
  local function move(last)
    local behind = last - part.first + 2
    if behind > from and behind <= size then from = behind end
  end
  for _, m in ipairs(part:matches(verbs)) do
    local opens = m.category == "soft" and (m.span.first == part.first + from - 1 or DONE[m.span:before(1).text])
    if m.category == "hard" or opens then move(m.span.last) end
  end
  for _, other in ipairs(part:quantities()) do -- 总投资超500亿元的项目 is one noun
    if other.outer:after(1).text ~= "的" then move(other.outer.last) end
  end
  for _, t in ipairs(part:records("timex")) do move(t.span.last) end
  return from
end

--- The noun before the number; in 从450元增加到610元 that of the number before.
local function subject_before(q, place, previous)
  local part = before_number(q, place)
  if not part then return nil end
  local text = part.text
  local numbers = part:quantities()
  local other = numbers[#numbers]
  if other and other.outer.last == part.last or links[text] then return previous end
  local from = noun_start(part)
  return noun(part:slice(from, #text))
end

--- The noun behind the number.
local function subject_after(q, place)
  local part = outline.span(place.outline, q.outer.last + 1, place.clause_last)
  if not part then return nil end
  -- Nothing ends a noun inside the quotation it begins with.
  local _, quoted = part.text:find("^“.-”")
  local from = part.first + (quoted or 0)
  local behind = math.huge
  local function ends(first)
    if first >= from then behind = math.min(behind, first) end
  end
  for _, m in ipairs(part:matches(stops)) do ends(m.span.first) end
  for _, m in ipairs(part:matches(verbs)) do
    if m.category == "hard" then ends(m.span.first) end
  end
  for _, other in ipairs(part:quantities()) do ends(other.outer.first) end
  if behind <= part.first then return nil end
  return noun(behind < math.huge and part:slice(1, behind - part.first) or part)
end

--- What the number counts; a share or growth told without a noun is of what was counted last.
local function subject_of(q, place, previous)
  if PERCENT[q.unit] then
    if place.clause and place.clause.text:find("^占") then return previous end
    return subject_before(q, place, previous) or previous
  end
  local next_char = q.outer:after(1).text
  if CLOSERS[next_char] then return subject_before(q, place, previous) end
  if next_char == "的" then
    local before = subject_before(q, place)
    for length = 2, 3 do
      if before and #before >= length and measures[before:sub(-length, -1).text] then return before end
    end
  end
  return subject_after(q, place) or subject_before(q, place)
end

--- The category of the lexicon's last hit before the number in its clause; the noun behind counts when nothing stands before.
local function nearest(part, lexicon)
  local found
  if part then
    for _, m in ipairs(part:matches(lexicon)) do found = m.category end
  end
  return found
end

local function fits(rule, q, hits)
  if rule.dim and not rule.dim[q.dimension] then return false end
  if rule.unit and not rule.unit[q.unit] then return false end
  if rule.subject and not hits.subject[rule.subject] then return false end
  if rule.near and not (hits.near[rule.near] or hits.subject[rule.near]) then return false end
  if rule.around and not (hits.around[rule.around] or hits.subject[rule.around]) then return false end
  return not (rule.never and hits.subject[rule.never])
end

local function add_hits(span, into)
  if not span then return end
  for _, m in ipairs(span:matches(cues)) do
    for _, category in ipairs(m.categories) do into[category] = true end
  end
end

local function indicator_of(q, place, subject)
  if TIME_UNITS[q.unit] then return "other" end
  if PERCENT[q.unit] then return nearest(place.clause, rates) or "share" end
  local hits = { subject = {}, near = {}, around = {} }
  add_hits(subject, hits.subject)
  add_hits(place.clause, hits.near)
  add_hits(place.behind, hits.near)
  add_hits(place.sentence, hits.around)
  for _, rule in ipairs(rules) do
    if fits(rule, q, hits) then return rule.code end
  end
  return "other"
end

local SIZES = { area = true, length = true, physics = true, volume = true, mass = true }
local ATTRIBUTE_UNITS = { ["栋"] = true, ["幢"] = true, ["级"] = true, ["层"] = true }

--- Which of the words that carry on through a sentence stand in `span` (may be nil).
local function carried(span)
  local out = {}
  for _, m in ipairs(span and span:matches(aspects) or {}) do out[m.category] = true end
  return out
end

--- Does the clause tell that something was done?
local function has_verb(clause)
  for _, m in ipairs(clause:matches(verbs)) do
    if m.category == "hard" or m.category == "soft" and m.span.first == clause.first then return true end
  end
  return false
end

local function aspect_of(q, place)
  local clause, behind = place.clause, place.behind
  if PERCENT[q.unit] then return "rate" end
  if TIME_UNITS[q.unit] or ATTRIBUTE_UNITS[q.unit] then return "attribute" end
  if q.written_unit == "大" then return "stock" end
  local found, event, total = nil, false, false
  for _, m in ipairs(clause and clause:matches(aspects) or {}) do
    if m.category == "aim" then
      found = "target"
    elseif m.category ~= "none" and m.category ~= "so_far" then
      found = m.category
    end
    total = total or m.category == "cumulative"
  end
  if not found and behind then
    for _, m in ipairs(behind:matches(aspects)) do
      if m.category == "flow" or m.category == "attribute" then found, event = m.category, true end
    end
  end
  if found == "target" or found == "terms" or found == "attribute" then return found end
  if SIZES[q.dimension] and found ~= "flow" then return found == "stock" and "stock" or "attribute" end
  if q.dimension == "money" and (q.cmp == "at_most" or q.cmp == "at_least") then return "terms" end
  local earlier = carried(place.before)
  if total or earlier.cumulative and found ~= "stock" then return "cumulative" end
  if earlier.aim or earlier.target and not found then return "target" end
  if found == "flow" and earlier.so_far then return "cumulative" end
  if found then return found end
  return (event or not clause or #clause < 3 or has_verb(clause)) and "flow" or "stock"
end

--- The time that governs the number: the nearest before it in its sentence, a vague one as text only.
local function time_of(q, place)
  local best
  for _, t in ipairs(place.before and place.before:records("timex") or {}) do
    if t.span.last < q.span.first then best = { text = t.span.text, from = t.from_date, to = t.to_date, at = t.span.first } end
  end
  for _, m in ipairs(place.before and place.before:matches(vague_times) or {}) do
    local text = m.span.text
    if text == "连续" then
      local number, bytes = host.number(m.span:after(4).text)
      local years = number and m.span:after(4):slice(1, bytes)
      local unit = years and years:after(1).text
      text = unit == "年" and m.span:join(years:after(1)).text or nil
    end
    if text and (not best or best.at < m.span.first) then best = { text = text, at = m.span.first } end
  end
  return best or {}
end

local function region_of(a, q, place)
  local found = a.region
  for _, r in ipairs(place.before and place.before:records("region") or {}) do
    if r.span.last < q.span.first and (not a.region or r.level == "county" and r.code:sub(1, 4) == a.region.code:sub(1, 4)) then
      found = { code = r.code, name = r.name }
    end
  end
  return found or {}
end

--- What stands around the number: its sentence (times and running totals carry across ；), its clause, and their parts before
--- and behind it; nil where there is nothing.
local function place_of(o, q)
  local first, last = q.span.first, q.span.last
  local clause_first, clause_last, sentence_first, sentence_last = outline.around(o, first, last)
  return {
    outline = o, clause_first = clause_first, clause_last = clause_last,
    sentence = outline.span(o, sentence_first, sentence_last),
    before = outline.span(o, sentence_first, first - 1),
    clause = outline.span(o, clause_first, first - 1),
    behind = outline.span(o, last + 1, clause_last),
  }
end

local function record(a, o, q, previous)
  local place = place_of(o, q)
  local subject = subject_of(q, place, previous)
  local time, region = time_of(q, place), region_of(a, q, place)
  a:record("metric", {
    span = q.span, value = q.value, value_max = q.value_max ~= q.value and q.value_max or nil, unit = q.unit, cmp = q.cmp,
    subject = subject and subject.text, indicator = indicator_of(q, place, subject),
    aspect = aspect_of(q, place),
    time_text = time.text, from_date = time.from, to_date = time.to, region_code = region.code, region_name = region.name,
  })
  return subject
end

function plugin.article(a)
  for _, block in ipairs(scope.blocks(a)) do
    local quantities, o, previous, last = block:quantities(), nil, nil, nil
    for _, q in ipairs(quantities) do
      if q.unit ~= "" then
        o = o or outline.of(block)
        if last and last:between(q.span).text:find("。", 1, true) then previous = nil end
        previous, last = record(a, o, q, previous) or previous, q.span
      end
    end
  end
end

return plugin
