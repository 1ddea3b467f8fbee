-- plugins/lib/metric_indicator.lua: what a number measures, by the ordered rules of data/metric.yaml; the first that fits wins.
local book = host.codebook "metric.yaml"

local indicator = {}

local FIELDS = { "subject", "near", "earlier", "around", "not" }
local PERCENT = { ["%"] = true, ["‰"] = true, ["百分点"] = true, ["倍"] = true }

--- A set of the items of `list`, nil for nil.
local function set(list)
  if not list then return nil end
  local out = {}
  for _, item in ipairs(list) do out[item] = true end
  return out
end

-- For each term what it is good for: keys such as "12near".
local uses = {}

--- Note that `term` stands for `key`.
local function add(term, key)
  uses[term] = uses[term] or {}
  uses[term][key] = true
end

local rules = {}
for i, rule in ipairs(book.indicators) do
  local compiled = { code = rule.code, dim = set(rule.dim), unit = set(rule.unit) }
  for _, field in ipairs(FIELDS) do
    if rule[field] then
      compiled[field == "not" and "never" or field] = i .. field
      for _, term in ipairs(rule[field]) do add(term, i .. field) end
    end
  end
  rules[i] = compiled
end
local rate_by_term = {}
for _, rate in ipairs(host.keys(book.rates)) do
  for _, term in ipairs(book.rates[rate]) do rate_by_term[term] = rate end
end
for term in pairs(rate_by_term) do uses[term] = uses[term] or {} end
for _, term in ipairs(book.aspects.turnover) do add(term, "turnover") end

--- A term is also good for what the terms inside it are: 人才驿站 for what 驿站 is. Rates, whose longest word decides, are not.
local function widen(term, own)
  local starts = {}
  for at in utf8.codes(term) do starts[#starts + 1] = at end
  starts[#starts + 1] = #term + 1
  for i = 1, #starts - 1 do
    for k = i + 1, #starts do
      local part = k - i < #starts - 1 and uses[term:sub(starts[i], starts[k] - 1)]
      for key in pairs(part or {}) do own[key] = true end
    end
  end
end

local terms, keys_of = {}, {}
for term, own in pairs(uses) do
  local all = {}
  for key in pairs(own) do all[key] = true end
  widen(term, all)
  terms[#terms + 1], keys_of[term] = term, all
end
table.sort(terms)
local cues = host.lexicon(terms)

-- The rules that may fit a dimension; those for units only are tried for every dimension.
local by_dimension = setmetatable({}, { __mode = "k" })
local function rules_for(q)
  local key = q.dimension .. "/" .. q.unit
  local list = by_dimension[key]
  if not list then
    list = {}
    for _, rule in ipairs(rules) do
      if (not rule.dim or rule.dim[q.dimension]) and (not rule.unit or rule.unit[q.unit]) then list[#list + 1] = rule end
    end
    by_dimension[key] = list
  end
  return list
end

--- The cues of a sentence, once: { first, last, keys }.
local function cues_of(s)
  if not s.cues then
    local list = {}
    for m in s.span:each_match(cues) do
      local first, term = m.span.first, m.term
      list[#list + 1] = { first = first, last = first + #term - 1, keys = keys_of[term], rate = rate_by_term[term] }
    end
    s.cues = list
  end
  return s.cues
end

--- The number of the first cue that begins at byte `at` or behind it.
local function cue_at(list, at)
  local low, high = 1, #list + 1
  while low < high do
    local middle = (low + high) // 2
    if list[middle].first < at then low = middle + 1 else high = middle end
  end
  return low
end

--- Put the keys of the cues within first..last into `out`, and give it.
local function collect(s, first, last, out)
  local list = cues_of(s)
  local i = cue_at(list, first)
  while list[i] and list[i].first <= last do
    if list[i].last <= last then
      for key in pairs(list[i].keys) do out[key] = true end
    end
    i = i + 1
  end
  return out
end

--- The keys of the clause low..high, which several numbers may share.
local function keys_near(s, low, high)
  if s.near_low ~= low then s.near_low, s.near = low, collect(s, low, high, {}) end
  return s.near
end

--- The keys of the whole sentence.
local function keys_around(s)
  s.around = s.around or collect(s, s.first, s.last, {})
  return s.around
end

--- The keys before byte `at` of the sentence; asked in text order.
local function keys_before(s, at)
  s.earlier = collect(s, s.earlier_to or s.first, at - 1, s.earlier or {})
  s.earlier_to = at
  return s.earlier
end

local NONE = {}
local REACH = 40 -- cues from a percentage within which its rate is told

--- What a percentage is of: the nearest word before it in the clause decides, then the first one behind it. A level tells a
--- share, but not with a pace before it (增速达8%).
local function rate_of(s, q, low, high)
  local list, level, found = cues_of(s), false, nil
  local at = cue_at(list, q.first)
  for i = at - 1, math.max(1, at - REACH), -1 do
    local cue = list[i]
    if cue.first < low then break end
    if cue.last < q.first then
      if cue.rate and cue.rate ~= "level" then
        found = (cue.rate == "pace" or not level) and cue.rate or nil
        break
      end
      level = level or cue.rate == "level"
    end
  end
  if not found and level then return "share" end
  for i = at, math.min(#list, at + REACH) do
    if found or list[i].first > high then break end
    if list[i].first > q.last and list[i].rate ~= "level" then found = list[i].rate end
  end
  if found then return found == "pace" and "growth_rate" or found end
  return (q.unit == "%" or q.unit == "‰") and "share" or "growth_rate"
end

--- Does `rule`, whose words for the noun are there, fit?
local function fits(rule, inside, near, around, earlier)
  if rule.near and not (near[rule.near] or inside[rule.near]) then return false end
  if rule.earlier and not (earlier[rule.earlier] or inside[rule.earlier]) then return false end
  if rule.around and not (around[rule.around] or inside[rule.around]) then return false end
  return not (rule.never and inside[rule.never])
end

--- The code of the first rule that fits, or nil.
local function first_fit(s, q, inside, near)
  for _, rule in ipairs(rules_for(q)) do
    local wanted = rule.subject
    if not wanted or inside[wanted] then
      local around, earlier = rule.around and keys_around(s), rule.earlier and keys_before(s, q.first)
      if fits(rule, inside, near, around, earlier) then return rule.code end
    end
  end
end

--- The indicator of number `q`, and whether its noun is one of what comes in over a period. low..high: its clause.
function indicator.of(s, q, subject, low, high)
  if q.dimension == "time" then return "other", false end
  if PERCENT[q.unit] then return rate_of(s, q, low, high), false end
  local inside = subject and collect(s, subject.first, subject.last, {}) or NONE
  local near = keys_near(s, low, high)
  if q.among then
    near = collect(s, low, high, {})
    for key in pairs(q.whole.near) do near[key] = true end
  end
  q.near, q.inside = near, inside
  local code = first_fit(s, q, inside, near)
  -- 总量突破4万亿元, 其中国家级38个: the noun says nothing of its own, what was told of before does.
  local before = q.among and q.whole.inside or q.bare and q.told_of and collect(s, q.told_of.first, q.told_of.last, {})
  if not code and before then code = first_fit(s, q, before, near) end
  return code or "other", inside.turnover or q.bare and before and before.turnover
end

return indicator
