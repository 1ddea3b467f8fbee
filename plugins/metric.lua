-- plugins/metric.lua: numbers in use - value, unit, comparator, what is counted, indicator, aspect, time, place.
--
-- The core finds the quantities. Around each, lib/metric_sentence reads the sentence as a row of signs; lib/metric_subject,
-- lib/metric_indicator, lib/metric_aspect and lib/metric_context answer one question each. The words that tell are
-- data/metric.yaml.
local scope = require "scope"
local aspect = require "metric_aspect"
local context = require "metric_context"
local indicator = require "metric_indicator"
local sentence = require "metric_sentence"
local subject = require "metric_subject"

local plugin = host.plugin {
  name = "metric", version = "1.1",
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

--- A quantity's fields in a table of our own: they are read many times.
local function plain(q)
  local span, outer = q.span, q.outer
  local first, outer_first = span.first, outer.first
  return {
    span = span, first = first, last = span.last, outer_first = outer_first, outer_last = outer.last, unit = q.unit,
    value = q.value, value_max = q.value_max, cmp = q.cmp, dimension = q.dimension, written_unit = q.written_unit,
    demand = outer_first < first and outer.text:find("至少", 1, true) ~= nil,
  }
end

local NONE = {}

-- Nouns that say only how much of what was told before.
local BARE = { ["总量"] = true, ["总额"] = true, ["总数"] = true, ["总规模"] = true, ["规模"] = true, ["总值"] = true, ["数量"] = true }

local RATES = { ["%"] = true, ["‰"] = true, ["百分点"] = true, ["倍"] = true }

--- Is `q` a part of what number `whole` counts (引进人才320人，其中博士45人，硕士180人)? Then what was told of that one holds for it.
local function link_parts(s, q, whole, low, first_sign)
  if not whole or RATES[q.unit] or whole.dimension ~= q.dimension then return end
  local begins = s.text:find("^%s*其中", low)
  if begins or whole.among and whole.low ~= low and not sentence.has_verb(s, first_sign, q.index) then
    q.among, q.whole = whole.aspect, whole
  end
end

--- Record `q`. `previous`: what the number before it in the sentence counts; `whole`: that number, which may be of the sentence
--- before. Gives both for the next one.
local function record(a, s, q, previous, whole, told)
  local low, high, first_sign = sentence.clause(s, q.index)
  q.low, q.told = low, told
  link_parts(s, q, whole, low, first_sign)
  local noun = subject.of(s, q, previous)
  q.noun, q.noun_behind = noun, noun and noun.first > q.last
  q.bare, q.told_of = noun and BARE[s.text:sub(noun.first, noun.last)], previous
  local code, turnover = indicator.of(s, q, noun, low, high)
  q.aspect = aspect.of(s, q, turnover)
  local time, region = context.time_of(s, q, low) or NONE, context.region_of(s, q, a.region) or NONE
  a:record("metric", {
    span = q.span, value = q.value, value_max = q.value_max ~= q.value and q.value_max or nil, unit = q.unit, cmp = q.cmp,
    subject = noun and s.text:sub(noun.first, noun.last), indicator = code, aspect = q.aspect,
    time_text = time.text, from_date = time.from, to_date = time.to, region_code = region.code, region_name = region.name,
  })
  if noun and not RATES[q.unit] then told[#told + 1] = noun end
  return noun or previous, RATES[q.unit] and whole or q
end

--- Record the quantities of a sentence; `whole`: the last number of the sentence before. Gives the last number. Those without a
--- unit are read with the others but not recorded.
local function record_all(a, s, quantities, whole)
  local previous
  local told = {} -- the nouns so far
  for _, q in ipairs(quantities) do
    if q.unit ~= "" then previous, whole = record(a, s, q, previous, whole, told) end
  end
  return whole
end

--- The quantities of `block` that have a unit, by sentence.
local function record_block(a, block, times, regions, report, plan)
  local quantities, n, whole = block:quantities(), 1, nil
  if #quantities == 0 then return end
  for _, border in ipairs(sentence.borders(block)) do
    local own = {}
    while quantities[n] do
      local q = plain(quantities[n])
      if q.first > border[2] then break end
      own[#own + 1] = q
      n = n + 1
    end
    if #own > 0 then
      local s = sentence.of(a.text, block, border[1], border[2], own, times)
      s.report, s.plan = report, plan or s.plan
      s.regions = sentence.within(regions, border[1], border[2])
      whole = record_all(a, s, own, whole)
    else
      whole = nil
    end
  end
end

function plugin.article(a)
  local times, regions = context.times(a), context.regions(a)
  local plans = context.plans(a)
  for i, block in ipairs(a:blocks()) do
    if scope.counts(block) then record_block(a, block, times, regions, plans ~= nil, plans and plans[i]) end
  end
end

return plugin
