-- plugins/lib/metric_sentence.lua: a sentence (up to 。！？ or the line's end) as a row of signs: marks, verbs, links, times and
-- numbers, each with its place. All places are bytes of the article's text, 1-based inclusive.
local words = require "metric_words"

local sentence = {}

local role_of = words.role
local TIME = { time = true, bound = true, aspect = {}, kinds = {}, tells = true }
local NUMBER = { number = true, bound = true, aspect = {}, kinds = {} }

--- First and last byte of the sentences in `block`.
function sentence.borders(block)
  local first, last, out, from = block.first, block.last, {}, 1
  local text = block.text
  for at, mark in text:gmatch("()([\227\239][\128\188][\130\129\159])") do
    if mark == "。" or mark == "！" or mark == "？" then
      out[#out + 1] = { first + from - 1, first + at + 1 }
      from = at + 3
    end
  end
  if from <= #text then out[#out + 1] = { first + from - 1, last } end
  return out
end

--- What is left of `own` behind `other`, which overlaps its begin, when that is a word too: 增长 of 年增长 in 五年增长.
local function tail_of(own, other)
  if own.last <= other.last or not own.term then return nil end
  local term = own.term:sub(other.last - own.last)
  local role = role_of[term]
  return role and { first = other.last + 1, last = own.last, term = term, role = role } or nil
end

--- Times and numbers, both in text order, as signs in one list; a number wins over a time it overlaps.
local function fixed_signs(times, quantities)
  local out, n = {}, 1
  for _, q in ipairs(quantities) do
    while times[n] and times[n].last < q.outer_first do
      out[#out + 1] = { first = times[n].first, last = times[n].last, role = TIME, time = times[n] }
      n = n + 1
    end
    while times[n] and times[n].first <= q.outer_last do n = n + 1 end
    out[#out + 1] = { first = q.outer_first, last = q.outer_last, role = NUMBER, quantity = q }
  end
  for i = n, #times do out[#out + 1] = { first = times[i].first, last = times[i].last, role = TIME, time = times[i] } end
  return out
end

--- The signs of `span`: its words, but for those that overlap one of `fixed`, and these.
local function signs_of(span, fixed)
  local signs, count, n, sign = {}, 0, 1, fixed[1]
  local tail -- what is left of a word behind `sign`
  for m in span:each_match(words.lexicon) do
    local term = m.term
    local role = role_of[term]
    local first = m.span.first
    local last = first + #term - 1
    while sign and sign.last < first do
      count = count + 1
      signs[count] = sign
      if tail then
        count = count + 1
        signs[count], tail = tail, nil
      end
      n = n + 1
      sign = fixed[n]
    end
    if sign and sign.first <= last then
      local word = { first = first, last = last, term = term, role = role }
      if first < sign.first and not role.mark then sign.over = word end
      tail = tail_of(word, sign)
    elseif not role.hides then
      count = count + 1
      signs[count] = { first = first, last = last, term = term, role = role }
    end
  end
  while sign do
    count = count + 1
    signs[count] = sign
    if tail then
      count = count + 1
      signs[count], tail = tail, nil
    end
    n = n + 1
    sign = fixed[n]
  end
  return signs
end

--- Give each bracket and quote the number of its partner.
local function pair_up(signs)
  local open = {}
  for i, sign in ipairs(signs) do
    local mark = sign.role.mark
    if mark == "open" then
      open[#open + 1] = i
    elseif mark == "close" and #open > 0 then
      local k = table.remove(open)
      sign.partner, signs[k].partner = k, i
    end
  end
end

local CLAUSE = { clause = true, stop = true }

--- For each sign the numbers of the signs that border its clause, or the bracket it stands in, on either side: 0 and
--- #signs + 1 at the ends.
local function borders_of(signs)
  local low, high, open, border = {}, {}, {}, 0
  for i, sign in ipairs(signs) do
    local mark = sign.role.mark
    low[i] = border
    if mark == "close" and sign.partner then
      border = table.remove(open)
      low[i] = border
    elseif mark == "open" and sign.partner then
      open[#open + 1] = border
      border = i
    elseif CLAUSE[mark] or mark == "open" or mark == "close" then
      border = i
    end
  end
  border = #signs + 1
  for i = #signs, 1, -1 do
    local sign = signs[i]
    local mark = sign.role.mark
    high[i] = border
    if mark == "open" and sign.partner then
      border = table.remove(open)
      high[i] = border
    elseif mark == "close" and sign.partner then
      open[#open + 1] = border
      border = i
    elseif CLAUSE[mark] or mark == "open" or mark == "close" then
      border = i
    end
  end
  return low, high
end

--- Those of `list`, which is in text order, that lie in first..last. `list.at` remembers where the last question ended: they are
--- asked in text order.
function sentence.within(list, first, last)
  local out, at = {}, list.at or 1
  while list[at] and list[at].first < first do at = at + 1 end
  while list[at] and list[at].first <= last do
    if list[at].last <= last then out[#out + 1] = list[at] end
    at = at + 1
  end
  list.at = at
  return out
end

local BOUNDS = { ["左右"] = true, ["以上"] = true, ["以内"] = true }

--- The signs of first..last of `block`. `quantities`, `times`: those that stand in it.
function sentence.of(a_text, block, first, last, quantities, times)
  local span = block:slice(first - block.first + 1, last - block.first + 1)
  local own_times = sentence.within(times, first, last)
  local bounded = 0
  for i, q in ipairs(quantities) do
    if BOUNDS[a_text:sub(q.last + 1, q.last + 6)] then bounded = bounded + 1 end
    q.followed = quantities[i + 1] and quantities[i + 1].outer_first or last + 1
  end
  local signs = signs_of(span, fixed_signs(own_times, quantities))
  pair_up(signs)
  for i, sign in ipairs(signs) do
    if sign.quantity then sign.quantity.index = i end
  end
  local low, high = borders_of(signs)
  -- A list of aims: 生产总值增长5%左右；新增就业900万人以上
  local aims = bounded > 1 and bounded * 2 > #quantities and span.text:find("；", 1, true) ~= nil
  return { text = a_text, first = first, last = last, signs = signs, low = low, high = high, times = own_times, span = span,
           block = block, plan = aims }
end

--- The number of the sign before `i` at its depth, nil where the clause (or the bracket) begins.
function sentence.previous(s, i)
  local k = i - 1
  local sign = s.signs[k]
  if not sign then return nil end
  local mark = sign.role.mark
  if mark == "close" and sign.partner then return sign.partner, true end
  if CLAUSE[mark] or mark == "open" or mark == "close" then return nil end
  return k
end

--- The number of the sign after `i` at its depth, nil where the clause (or the bracket) ends.
function sentence.next(s, i)
  local k = i + 1
  local sign = s.signs[k]
  if not sign then return nil end
  local mark = sign.role.mark
  if mark == "open" and sign.partner then return sign.partner, true end
  if CLAUSE[mark] or mark == "open" or mark == "close" then return nil end
  return k
end

--- Where the clause of sign `i` begins and ends: bytes, and the numbers of the signs that border it (0 and #signs + 1 at the
--- ends).
function sentence.clause(s, i)
  local low, high = s.low[i], s.high[i]
  local before, after = s.signs[low], s.signs[high]
  return before and before.last + 1 or s.first, after and after.first - 1 or s.last, low + 1, high - 1
end

--- The number of the first sign that begins at byte `at` or behind it.
function sentence.sign_at(s, at)
  local signs, low, high = s.signs, 1, #s.signs + 1
  while low < high do
    local middle = (low + high) // 2
    if signs[middle].first < at then low = middle + 1 else high = middle end
  end
  return low
end

--- How many signs from a number its words are looked for: a clause without end is no clause.
sentence.REACH = 60

--- Does a verb stand among the signs low..high - 1?
function sentence.has_verb(s, low, high)
  for i = math.max(low, high - sentence.REACH), high - 1 do
    if s.signs[i].role.verb then return true end
  end
  return false
end

return sentence
