-- plugins/lib/metric_sentence.lua: a sentence (up to 。！？ or the line's end) as a row of signs: marks, verbs, links, times and
-- numbers, each with its place. All places are bytes of the article's text, 1-based inclusive.
local words = require "metric_words"

local sentence = {}

local role_of = words.role
local TIME, NUMBER = { time = true, bound = true, aspect = {} }, { number = true, bound = true, aspect = {} }

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

--- Put signs in, leaving out those that overlap one already there.
local function merge(own, others)
  if #others == 0 then return own end
  local out, i = {}, 1
  for _, sign in ipairs(others) do
    while own[i] and own[i].last < sign.first do
      out[#out + 1] = own[i]
      i = i + 1
    end
    while own[i] and own[i].first <= sign.last do
      if own[i].first < sign.first and not own[i].role.mark then sign.over = own[i] end
      i = i + 1
    end
    out[#out + 1] = sign
  end
  for k = i, #own do out[#out + 1] = own[k] end
  return out
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

local BOUNDS = { ["左右"] = true, ["以上"] = true, ["以内"] = true }

--- The signs of first..last of `block`. `quantities`, `times`: those that stand in it.
function sentence.of(a_text, block, first, last, quantities, times)
  local span = block:slice(first - block.first + 1, last - block.first + 1)
  local signs = {}
  for n, m in ipairs(span:matches(words.lexicon)) do
    local place = m.span
    signs[n] = { first = place.first, last = place.last, term = m.term, role = role_of[m.term] }
  end
  local set_times, set_numbers = {}, {}
  for _, t in ipairs(times) do
    if t.first >= first and t.last <= last then
      set_times[#set_times + 1] = { first = t.first, last = t.last, role = TIME, time = t }
    end
  end
  local bounded = 0
  for i, q in ipairs(quantities) do
    if BOUNDS[a_text:sub(q.last + 1, q.last + 6)] then bounded = bounded + 1 end
    q.followed = quantities[i + 1] and quantities[i + 1].outer_first or last + 1
    set_numbers[i] = { first = q.outer_first, last = q.outer_last, role = NUMBER, quantity = q }
  end
  signs = merge(merge(signs, set_times), set_numbers)
  pair_up(signs)
  for i, sign in ipairs(signs) do
    if sign.quantity then sign.quantity.index = i end
  end
  -- A list of aims: 生产总值增长5%左右；新增就业900万人以上
  local aims = bounded > 1 and bounded * 2 > #quantities
  return { text = a_text, first = first, last = last, signs = signs, span = span, block = block, plan = aims }
end

local CLAUSE = { clause = true, stop = true }

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
  local low, high = i, i
  while true do
    local k = sentence.previous(s, low)
    if not k then break end
    low = k
  end
  while true do
    local k = sentence.next(s, high)
    if not k then break end
    high = k
  end
  local before, after = s.signs[low - 1], s.signs[high + 1]
  return before and before.last + 1 or s.first, after and after.first - 1 or s.last, low, high
end

--- Does a verb stand among the signs low..high - 1?
function sentence.has_verb(s, low, high)
  for i = low, high - 1 do
    if s.signs[i].role.verb then return true end
  end
  return false
end

return sentence
