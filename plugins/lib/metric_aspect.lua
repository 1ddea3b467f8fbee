-- plugins/lib/metric_aspect.lua: what kind of figure a number is (codebook, section 2), by the words on it.
local sentence = require "metric_sentence"
local words = require "metric_words"

local aspect = {}

local RATES = { ["%"] = true, ["‰"] = true, ["百分点"] = true, ["倍"] = true }
local SIZES = { area = true, length = true, physics = true, volume = true, mass = true }
local LENGTHS = { length = true, physics = true, mass = true }
local TUNED = { length = true, physics = true }
local HOUSES = { ["套"] = true, ["间"] = true, ["户"] = true }
local PARTS = { ["栋"] = true, ["幢"] = true, ["级"] = true, ["层"] = true }

local REACHED = words.set { "完成", "实现", "达到", "超过", "超额完成", "超出" }

--- Was an aim reached (全面完成年初确定的目标)?
local function is_reached(s, i)
  local k = sentence.previous(s, i)
  while k do
    if REACHED[s.signs[k].term] then return true end
    k = sentence.previous(s, k)
  end
  return false
end

--- Is `sign`, number `i`, a plan: the words that need one have a verb behind them (计划引进), an aim is not one that was reached?
local function plans(s, i)
  local sign, behind = s.signs[i], s.signs[i + 1]
  if sign.term:find("目标$") then return not is_reached(s, i) end
  if not words.before_verb[sign.term] then return true end
  if not behind or behind.first > sign.last + 1 then return false end
  local role = behind.role
  if role.number then return behind.quantity.dimension == "time" end
  return role.bound or role.nominal or role.time or role.link
end

--- Add to `seen` the aspects of sign `i`.
local function collect(s, i, seen)
  local sign = s.signs[i]
  local role = sign.role
  if not role.tells then return end
  for _, kind in ipairs(role.kinds) do
    local tells = true
    if kind == "aim" or kind == "target" then
      local border = s.signs[s.low[i]]
      tells = plans(s, i) and not (border and border.role.mark == "open") -- not in “两个确保”
    elseif kind == "attribute" then
      tells = s.text:sub(sign.last + 1, sign.last + 3) ~= "的" -- 由三校组成的专班走访企业80家
    end
    if tells then seen[kind] = true end
  end
  if role.verb or role.nominal then seen.act = true end
  if sign.term == "了" then seen.done = true end
  local time = sign.time
  if time then
    -- A new period ends what ran on before it.
    seen.period, seen.cumulative, seen.so_far = true, time.since or nil, time.as_of or nil
    seen.now = time.now or nil
    if time.future or s.report and time.own_year then seen.aim = true end
    if time.past then seen.past = true end
  end
end

--- Is a verb that nouns are made of a part of what is counted (研发平台410个)?
local function in_noun(q, sign)
  return q.noun and sign.first >= q.noun.first and sign.last <= q.noun.last
end

--- The words of the clause before the number: their aspects, the kind of the verb nearest to it, the first sign of the clause.
local function words_before(s, q)
  local seen, verb, low, row, count = {}, nil, q.index, {}, 0
  local signs, k, atom = s.signs, sentence.previous(s, q.index)
  while k and k > q.index - sentence.REACH do
    low = k
    local role = signs[k].role
    if not atom and role.tells then
      count = count + 1
      row[count] = k
      if role.verb_kind and not (role.nominal and in_noun(q, signs[k])) then verb = verb or role.verb_kind end
    end
    k, atom = sentence.previous(s, k)
  end
  for n = count, 1, -1 do collect(s, row[n], seen) end
  local over = signs[q.index].over
  if over then
    for _, kind in ipairs(over.role.kinds) do seen[kind] = true end
  end
  return seen, verb, low
end

--- The kind of the first verb behind the number in its clause, whether another number stands there, and whether it is planned.
local function verb_behind(s, q)
  local verb, number, planned = nil, false, false
  local k, atom = sentence.next(s, q.index)
  while k and k < q.index + sentence.REACH do
    local role = s.signs[k].role
    if not atom then
      number = number or role.number
      verb = verb or role.verb and role.verb_kind or nil
      planned = planned or not number and role.aspect.target and plans(s, k)
    end
    k, atom = sentence.next(s, k)
  end
  return verb, number, planned
end

--- What the sentence told before sign `low`: running totals and aims carry on. Kept in `s`, for numbers come in order.
local function carried(s, low)
  s.carry, s.carried = s.carry or {}, s.carried or 0
  while s.carried < low - 1 do
    s.carried = s.carried + 1
    collect(s, s.carried, s.carry)
  end
  return s.carry
end

--- Is the figure one of a list whose last member was told before: 58人、团队16个?
local function continues(s, q, low)
  local prior = s.signs[q.index - 1]
  if prior and prior.role.list then prior = s.signs[q.index - 2] end
  return prior and prior.role.number and q.index - 2 >= low - 1 and prior.quantity.aspect
end

local CHANGES = words.set { "增加", "减少", "同比增加", "同比减少", "增长", "下降" }

--- What the number before it in the sentence is, where the figure is told as a change of that one (同比增加500万吨).
local function changes(s, q)
  local sign = s.signs[q.index - 1]
  if not sign or sign.last + 1 ~= q.outer_first or not CHANGES[sign.term] then return nil end
  for k = q.index - 2, math.max(1, q.index - sentence.REACH), -1 do
    local other = s.signs[k].quantity
    if other then return other.unit == q.unit and other.aspect or nil end
  end
end

local REACHES = { ["达"] = true, ["突破"] = true, ["超过"] = true, ["超"] = true, ["达到"] = true }

--- Does a word such as 达 or 突破 stand directly before the number?
local function reaches(s, q)
  local sign = s.signs[q.index]
  local text = s.text:sub(q.outer_first - 6, q.first - 1)
  for word in pairs(REACHES) do
    if text:find(word, 1, true) then return true end
  end
  return sign.over and REACHES[sign.over.term] or false
end

--- By the verb, where neither aim, terms nor a running total is told.
local function by_verb(s, q, seen, carry, verb, low, turnover)
  local so_far = seen.so_far or carry.so_far
  local later = verb_behind(s, q)
  if verb == "stock" then
    if so_far and later == "flow" then return "cumulative" end
    if later == "flow" and seen.period then return "flow" end
    if turnover and (seen.period or carry.period or seen.year) then return "flow" end
    return "stock"
  end
  if verb == "flow" or later == "flow" then
    if so_far then return "cumulative" end
    if seen.now or carry.now and not seen.period then return (seen.done or later) and "cumulative" or "stock" end
    return "flow"
  end
  local before = continues(s, q, low)
  if before then return before end
  if turnover then return (reaches(s, q) and not (seen.period or carry.period or seen.year)) and "stock" or "flow" end
  if seen.act then return so_far and "cumulative" or "flow" end
  -- Words not known before a number with its noun behind it are some verb: those of state are all known.
  local prior = s.signs[q.index - 1]
  local bare = s.signs[q.index].first > (prior and prior.last or s.first) + 6
  if q.noun_behind and bare and not (seen.now or carry.now) then return so_far and "cumulative" or "flow" end
  return (seen.now or carry.now or low < q.index or s.signs[q.index].first > s.clause_first + 6) and "stock" or "flow"
end

--- Is the sum a standard, what each is paid (最低工资标准上调至2200元)?
local function is_standard(s, q)
  return q.dimension == "money" and q.noun and s.text:sub(q.noun.last - 5, q.noun.last) == "标准"
end

local HARM = { "死亡", "受伤", "遇难", "失踪", "被困", "遇害", "身亡", "丧生", "落水" }

--- Were people harmed?
local function is_harm(s, q)
  if q.dimension ~= "people" then return false end
  local behind = s.text:sub(q.outer_last + 1, q.outer_last + 12)
  for _, word in ipairs(HARM) do
    if behind:find(word, 1, true) then return true end
  end
  return false
end

--- Does the number size one thing (800万元的贷款), not several (总投资超80亿元的项目12个)?
local function sizes_one(s, q)
  local counts = q.dimension == "money" or q.dimension == "people"
  if not counts or s.text:sub(q.outer_last + 1, q.outer_last + 3) ~= "的" and not s.text:find("^人口的", q.outer_last + 1) then
    return false
  end
  local _, several = verb_behind(s, q)
  return not several
end

--- The kind of figure `q` is. `turnover`: its noun is one of what comes in over a period.
function aspect.of(s, q, turnover)
  if q.dimension == "time" or PARTS[q.unit] then return "attribute" end
  local seen, verb, low = words_before(s, q)
  local carry = carried(s, low)
  s.clause_first = s.signs[low - 1] and s.signs[low - 1].last + 1 or s.first
  if RATES[q.unit] then return seen.offer and "terms" or "rate" end
  if q.written_unit == "大" then return "stock" end
  if q.among then return q.among end
  if seen.aim or carry.aim or seen.target then return "target" end
  local changed = changes(s, q)
  if changed then return changed end
  if q.noun_behind then
    local _, _, planned = verb_behind(s, q)
    if planned then return "target" end
  end
  local told = seen.past or carry.past or seen.so_far or seen.done or seen.now
  if s.plan and not (told or seen.terms or q.demand) then return "target" end
  if is_harm(s, q) then return "flow" end
  if seen.attribute then return "attribute" end
  if TUNED[q.dimension] and q.noun_behind then return "attribute" end
  if LENGTHS[q.dimension] and not q.noun_behind and reaches(s, q) then return "stock" end
  if SIZES[q.dimension] and not turnover and verb ~= "flow" then return verb == "stock" and "stock" or "attribute" end
  if seen.terms or q.demand or is_standard(s, q) then return "terms" end
  local bounded = q.cmp == "at_most" and verb ~= "stock" or q.cmp == "at_least" and verb == "flow"
  if q.dimension == "money" and bounded then return "terms" end
  if sizes_one(s, q) and not (seen.done or seen.so_far) then return (seen.now or carry.now) and "stock" or "attribute" end
  if verb == nil and HOUSES[q.unit] and s.text:sub(q.first - 3, q.first - 1) == "共" then return "attribute" end
  if seen.cumulative or carry.cumulative and verb ~= "stock" and not seen.period then return "cumulative" end
  return by_verb(s, q, seen, carry, verb, low, turnover)
end

return aspect
