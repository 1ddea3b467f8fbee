-- plugins/lib/metric_phrase.lua: the noun phrases before and behind a number, found among the signs of its sentence. A phrase is
-- { first, last } in bytes of the article's text.
local sentence = require "metric_sentence"
local words = require "metric_words"

local phrase = {}

local LONGEST = 40 * 3 -- bytes of the longest noun phrase
local heads, bearers, borne = words.heads, words.bearers, words.borne

-- Characters that begin or end no noun phrase.
local EDGE = words.set { "、", "的", "了", "和", "及", "与", "或", "　" }
local HEAD_EDGE = words.set { "等" }
local TAIL_EDGE = words.set { "中", "里", "内", "均", "都", "也" }

-- Nouns of one character that are counted.
local ALONE = words.set { "省", "市", "县", "区", "乡", "镇", "村", "国", "校" }

--- The character (three bytes in Chinese) that begins at a place.
function phrase.char_at(text, at) return text:sub(at, at + 2) end

--- The character that ends at a place.
function phrase.char_to(text, at) return text:sub(at - 2, at) end

--- first..last without what begins or ends no noun phrase; nil when less than two characters are left.
function phrase.trimmed(s, first, last)
  local text = s.text
  while first <= last do
    local head = phrase.char_at(text, first)
    if EDGE[head] or HEAD_EDGE[head] then first = first + 3
    elseif text:find("^%s", first) then first = first + 1
    else break end
  end
  while last > first do
    local tail = phrase.char_to(text, last)
    if EDGE[tail] or TAIL_EDGE[tail] then last = last - 3
    elseif text:find("^%s", last) then last = last - 1
    else break end
  end
  local size = last - first + 1
  if size > LONGEST or size < 4 and not ALONE[text:sub(first, last)] then return nil end
  return { first = first, last = last }
end

--- Does one of the nouns of `set` begin at `at`? Four, three, two, one characters.
local function begins_with(set, text, at)
  return set[text:sub(at, at + 11)] or set[text:sub(at, at + 8)] or set[text:sub(at, at + 5)] or set[text:sub(at, at + 2)]
end

--- Does the noun behind the verb, sign `i`, make it a part of its own name (服务平台, 创业企业)?
local function is_name(s, i)
  local sign, following = s.signs[i], s.signs[i + 1]
  local behind = sign.last + 1
  if following and following.first == behind and following.role.nominal and borne[sign.term] then
    return is_name(s, i + 1)
  end
  return begins_with(heads, s.text, behind) or borne[sign.term] and begins_with(bearers, s.text, behind)
end

--- Is the nominal verb `sign`, number `i`, before a number a verb? `last`: where the noun phrase ends; `people`: people are
--- counted.
local function is_verb_before(s, i, sign, last, people)
  if sign.last >= last then return people end
  if sign.last + 3 >= last then return false end -- 充电桩: one character is no noun of its own
  if is_name(s, i) then return false end
  local prior = s.signs[i - 1]
  if not prior then return sign.first == s.first end
  local role = prior.role
  return prior.last + 1 == sign.first and (role.bound or role.nominal or role.scope or role.mark and not role.close or role.list)
end

local SPANS = words.set { "", "前", "来", "间", "以来", "内", "后", "之前" }

--- The last byte before `last` that is no space.
function phrase.without_space(text, last)
  while text:find("^%s", last) do last = last - 1 end
  return last
end

-- Each of what is counted: 补助标准由人均600元提高到720元.
local PER = words.set { "人均", "户均", "亩均" }

--- Where the signs that only link a noun to the number at sign `i` begin: the last byte before them and the next sign down.
--- `topic`: a verb directly before the number links too, for its object was named before it (公寓建成300套).
local function strip_links(s, i, last, topic)
  local k, atom = sentence.previous(s, i)
  last = phrase.without_space(s.text, last)
  if PER[s.text:sub(last - 5, last)] then last = last - 6 end
  -- 由2020年的56.8%
  if k and s.signs[k].role.time and s.signs[k].last + 3 == last and phrase.char_to(s.text, last) == "的" then last = last - 3 end
  while k and not atom do
    local sign = s.signs[k]
    local role = sign.role
    if role.number then
      -- 五年, 五年前, 十年来: a time that is no noun either.
      if sign.quantity.dimension ~= "time" or not SPANS[s.text:sub(sign.last + 1, last)] then break end
    elseif sign.last ~= last or not (role.link or role.time or role.etc or role.bound and (topic or not role.verb)) then
      break
    end
    last = phrase.without_space(s.text, sign.first - 1)
    if sign.over then last = math.min(last, sign.over.first - 1) end
    k, atom = sentence.previous(s, k)
  end
  return last, k, atom
end

-- Behind 等 these go on with the phrase: 科技、教育等方面的支出.
local WIDENS = words.set { "方面", "领域", "行业", "地区" }

--- Does `sign`, number `k`, follow other words of its clause directly (污水日处理能力)?
local function goes_on(s, k, sign)
  local prior = s.signs[k - 1]
  return prior and sign.first > prior.last + 1 and not prior.role.scope or not prior and sign.first > s.first
end

--- Does the verb `sign`, number `k`, stand within the noun phrase that ends at `last`: in a name (创业企业, 日处理能力), before a last
--- character (拥有量), in an attribute (用于科技的支出)?
local function is_inside(s, k, sign, last)
  local term = sign.term
  if not term then return false end
  if sign.role.etc then return WIDENS[s.text:sub(sign.last + 1, sign.last + 6)] end
  if #term < 6 then return false end
  if sign.role.verb and begins_with(words.measured, s.text, sign.last + 1) and goes_on(s, k, sign) then return true end
  if borne[term] and is_name(s, k) or sign.last + 3 == last then return true end
  if not words.attributive[term] then return false end
  local of = s.text:find("的", sign.last + 4, true)
  return of and of + 2 < last
end

--- The noun phrase that ends at `last`, going down from sign `k`.
local function ending_at(s, last, k, atom, people)
  local text, first, list_at = s.text, nil, nil
  if phrase.char_to(text, last) == "的" then last = last - 3 end
  while k do
    local sign = s.signs[k]
    local role = sign.role
    local low = k
    if not atom and sign.last <= last then
      if role.list then
        list_at = sign.last + 1
      elseif role.number then
        if phrase.char_at(text, sign.last + 1) ~= "的" then
          local apart = not people or sign.quantity.dimension == "time"
          first = list_at or apart and sign.last + 6 <= last and sign.last + 1
          if not first then return nil end
          break
        end
      elseif (role.bound or role.etc) and not is_inside(s, k, sign, last) or role.time
        or role.nominal and is_verb_before(s, k, sign, last, people) then
        first = sign.last + 1
        break
      end
    end
    k, atom = sentence.previous(s, k)
    if not k then
      -- The clause or bracket begins before `low`.
      local border = s.signs[low - 1]
      first = border and border.last + 1 or s.first
    end
  end
  if not first then return nil end
  return first, last
end

--- A phrase without the words of scope it begins with.
local function without_scope(s, first, last)
  local i = sentence.sign_at(s, first)
  local sign = s.signs[i]
  while sign and sign.first == first and sign.role.scope do
    first, i = sign.last + 1, i + 1
    sign = s.signs[i]
  end
  return first, last
end

phrase.COMPARES = words.set { "比", "较", "高于", "低于", "快于", "多于", "少于", "优于" }

--- What is compared stands before 比 and its like: the sign and the byte to look from instead of sign `i` and byte `last`.
local function past_comparison(s, i, last)
  local k, atom = sentence.previous(s, i)
  while k and k > i - sentence.REACH do
    local sign = s.signs[k]
    if not atom then
      if phrase.COMPARES[sign.term] then return k, sign.first - 1 end
      if sign.role.number then break end
    end
    k, atom = sentence.previous(s, k)
  end
  return i, last
end

--- The noun phrase before sign `i` (a number, or a word such as 占 or 分别). `topic`: also one that a verb parts from the number.
function phrase.before(s, i, last, people, topic)
  local k, atom
  local over = s.signs[i].over
  if over and over.role.link and over.first <= last then last = over.first - 1 end
  i, last = past_comparison(s, i, last)
  last, k, atom = strip_links(s, i, last, topic)
  local first
  if k then
    first, last = ending_at(s, last, k, atom, people)
  else
    local border = s.signs[s.low[i]]
    first = border and border.last + 1 or s.first
    if phrase.char_to(s.text, last) == "的" then last = last - 3 end
  end
  if not first or first > last then return nil end
  first, last = without_scope(s, first, last)
  return phrase.trimmed(s, first, last)
end

--- Is the nominal verb `sign` behind a number a verb? `first`: where the noun phrase begins.
local function is_verb_behind(s, i, sign, first, people)
  if is_name(s, i) then return false end
  local up = sentence.next(s, i)
  local ends = not up and (s.signs[i + 1] and s.signs[i + 1].first or s.last + 1) == sign.last + 1
    or up and s.signs[up].first == sign.last + 1
  if sign.first == first then return people and ends end
  return people and true or false
end

--- The noun behind 的 where a verb stands between it and the number: 26名来自海外的专家.
local function behind_of(s, sign, k, high)
  if not words.attributive[sign.term] then return nil end
  local from = sign.last + 1
  high = math.min(high, from + LONGEST)
  local at
  for place in s.text:sub(from, high):gmatch("()的") do at = from + place - 1 end
  if not at or at + 3 > high then return nil end
  local last = high
  while k do
    local up = sentence.next(s, k)
    if not up then break end
    local next_sign = s.signs[up]
    if next_sign.first > at and (next_sign.role.bound or next_sign.role.number) then
      last = next_sign.first - 1
      break
    end
    k = up
  end
  return sign.first, last
end

local GIVES = words.set { "支持", "资助", "扶持", "帮扶", "保障" }

--- Does a sum's noun end at `sign`, since the money is for what follows (30亿元国债资金支持卫生院建设)?
local function gives_to(q, sign, first, high)
  return q.dimension == "money" and GIVES[sign.term] and sign.first >= first and high - sign.last >= 9
end

--- Where people counted end, when what is theirs follows (14亿人口的保健网络): nil when nothing follows.
local function persons_end(s, first, last)
  local of = s.text:find("的", first, true)
  if not of or of + 2 >= last then return nil end
  for _, word in ipairs { "人口", "居民", "学生", "群众", "职工", "企业家" } do
    if s.text:sub(of - #word, of - 1) == word then return of - 1 end
  end
end

--- The noun phrase behind number `q`.
function phrase.behind(s, q, people)
  local _, high = sentence.clause(s, q.index)
  local first, last = q.outer_last + 1, high
  if phrase.char_at(s.text, first) == "的" then first = first + 3 end
  local k, atom = sentence.next(s, q.index)
  while k do
    local sign = s.signs[k]
    local role = sign.role
    if atom then
      local open = s.signs[sign.partner]
      if open.term == "（" or open.term == "(" then
        -- 28个省（区、市）: one character is no noun without what stands in the brackets.
        last = open.first - 1 == first + 2 and sign.last or open.first - 1
        break
      end
    elseif role.number then
      if phrase.char_at(s.text, sign.last + 1) ~= "的" then
        last = sign.first - 1
        break
      end
    elseif role.time then
      last = sign.first - 1
      break
    elseif role.bound then
      if sign.first == first then
        if not is_name(s, k) then
          local from, to = behind_of(s, sign, k, high)
          if not from then return nil end
          return phrase.trimmed(s, from, to)
        end
      else
        last = sign.first - 1
        break
      end
    elseif role.link or role.nominal and (is_verb_behind(s, k, sign, first, people) or gives_to(q, sign, first, high)) then
      if sign.first == first then return nil end
      last = sign.first - 1
      break
    end
    k, atom = sentence.next(s, k)
  end
  if last < first then return nil end
  return phrase.trimmed(s, first, people and persons_end(s, first, last) or last)
end

--- Split a list (甲、乙和丙) into its parts, outside brackets.
function phrase.conjuncts(s, span)
  local out, from = {}, span.first
  local at = span.first
  local text, depth = s.text, 0
  while at <= span.last do
    local char = text:match(utf8.charpattern, at)
    if char == "“" or char == "（" or char == "《" then depth = depth + 1 end
    if char == "”" or char == "）" or char == "》" then depth = depth - 1 end
    if depth == 0 and (char == "、" or char == "和" or char == "及") then
      out[#out + 1] = { first = from, last = at - 1 }
      from = at + #char
    end
    at = at + #char
  end
  out[#out + 1] = { first = from, last = span.last }
  return out
end

--- The noun phrase that is the clause before the one of sign `i` (甲和乙，分别增长…), or that it begins with; nil when there is none.
function phrase.clause_before(s, i)
  local border = s.signs[s.low[i]]
  local term = border and border.term
  if term ~= "，" and term ~= "," then return nil end
  local k, last, first = s.low[i], border.first - 1, s.first
  local down, atom = sentence.previous(s, k)
  while down do
    local role = s.signs[down].role
    if not atom and role.number then return nil end
    if not atom and not role.list and (role.bound or role.link or role.time) then
      if role.time then
        first = s.signs[down].last + 1
        break
      end
      last = s.signs[down].first - 1
    end
    k = down
    down, atom = sentence.previous(s, k)
  end
  if first == s.first and s.signs[k - 1] then first = s.signs[k - 1].last + 1 end
  if last < first then return nil end
  first, last = without_scope(s, first, last)
  return phrase.trimmed(s, first, last)
end

return phrase
