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

-- For each term what it is good for: keys such as "12near", or the name of a rate.
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
for rate, terms in pairs(book.rates) do
  for _, term in ipairs(terms) do add(term, rate) end
end
for _, term in ipairs(book.aspects.turnover) do add(term, "turnover") end

--- A term is also good for what the terms inside it are: 人才驿站 for what 驿站 is. Rates, whose longest word decides, are not
--- handed on.
local function widen(term, own)
  local starts = {}
  for at in utf8.codes(term) do starts[#starts + 1] = at end
  starts[#starts + 1] = #term + 1
  for i = 1, #starts - 1 do
    for k = i + 1, #starts do
      local part = k - i < #starts - 1 and uses[term:sub(starts[i], starts[k] - 1)]
      for key in pairs(part or {}) do
        if not book.rates[key] then own[key] = true end
      end
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
    for i, m in ipairs(s.span:matches(cues)) do
      local place = m.span
      list[i] = { first = place.first, last = place.last, keys = keys_of[m.term] }
    end
    s.cues = list
  end
  return s.cues
end

--- The keys of the cues within first..last.
local function keys_within(s, first, last)
  local out = {}
  for _, cue in ipairs(cues_of(s)) do
    if cue.first > last then break end
    if cue.first >= first and cue.last <= last then
      for key in pairs(cue.keys) do out[key] = true end
    end
  end
  return out
end

local NONE = {}

--- What a percentage is of: the nearest word before it in the clause decides, then the first one behind it.
local function rate_of(s, q, low, high)
  local found
  for _, cue in ipairs(cues_of(s)) do
    if cue.first > high then break end
    for rate in pairs(book.rates) do
      if cue.keys[rate] and (cue.first >= low and cue.last < q.first or cue.first > q.last and not found and rate ~= "level")
        and not (rate == "level" and found == "pace") then
        found = rate
      end
    end
  end
  if found then return found == "pace" and "growth_rate" or found == "level" and "share" or found end
  return (q.unit == "%" or q.unit == "‰") and "share" or "growth_rate"
end

local function fits(rule, inside, near, around, earlier)
  if rule.subject and not inside[rule.subject] then return false end
  if rule.near and not (near[rule.near] or inside[rule.near]) then return false end
  if rule.earlier and not (earlier[rule.earlier] or inside[rule.earlier]) then return false end
  if rule.around and not (around[rule.around] or inside[rule.around]) then return false end
  return not (rule.never and inside[rule.never])
end

--- The indicator of number `q`, and whether its noun is one of what comes in over a period. low..high: its clause.
function indicator.of(s, q, subject, low, high)
  if q.dimension == "time" then return "other", false end
  if PERCENT[q.unit] then return rate_of(s, q, low, high), false end
  local inside = subject and keys_within(s, subject.first, subject.last) or NONE
  local near, around, earlier = keys_within(s, low, high), nil, nil
  if q.among then
    for key in pairs(q.whole.near) do near[key] = true end
  end
  q.near = near
  for _, rule in ipairs(rules_for(q)) do
    if rule.around and not around then around = keys_within(s, s.first, s.last) end
    if rule.earlier and not earlier then earlier = keys_within(s, s.first, q.first - 1) end
    if fits(rule, inside, near, around, earlier) then return rule.code, inside.turnover end
  end
  return "other", inside.turnover
end

return indicator
