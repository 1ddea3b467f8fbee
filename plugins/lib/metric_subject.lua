-- plugins/lib/metric_subject.lua: what a number counts. It stands behind the number (4个优质项目) or before it (补贴9954万元); a share or
-- growth told without a noun is of what was counted last. A subject is { first, last } in bytes of the article's text.
local sentence = require "metric_sentence"
local words = require "metric_words"

local subject = {}

local LONGEST = 40 * 3 -- bytes of the longest noun phrase
local heads, bearers, borne = words.heads, words.bearers, words.borne

-- Characters that begin or end no noun phrase.
local EDGE = { ["、"] = true, ["的"] = true, ["了"] = true, ["和"] = true, ["及"] = true, ["与"] = true, ["或"] = true, ["　"] = true }
local HEAD_EDGE = { ["等"] = true }
local TAIL_EDGE = { ["中"] = true, ["里"] = true, ["内"] = true }

-- Nouns of one character that are counted.
local ALONE = { ["省"] = true, ["市"] = true, ["县"] = true, ["区"] = true, ["乡"] = true, ["镇"] = true, ["村"] = true, ["国"] = true, ["校"] = true }

--- The character (three bytes in Chinese) that begins at or ends at a place.
local function char_at(text, at) return text:sub(at, at + 2) end
local function char_to(text, at) return text:sub(at - 2, at) end

--- first..last without what begins or ends no noun phrase; nil when less than two characters are left.
local function trimmed(s, first, last)
  local text = s.text
  while first <= last do
    local head = char_at(text, first)
    if EDGE[head] or HEAD_EDGE[head] then first = first + 3
    elseif text:find("^%s", first) then first = first + 1
    else break end
  end
  while last > first do
    local tail = char_to(text, last)
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
  if is_name(s, i) then return false end
  local prior = s.signs[i - 1]
  if not prior then return sign.first == s.first end
  local role = prior.role
  return prior.last + 1 == sign.first and (role.bound or role.nominal or role.scope or role.mark and not role.close or role.list)
end

local SPANS = { [""] = true, ["前"] = true, ["来"] = true, ["间"] = true, ["以来"] = true, ["内"] = true, ["后"] = true, ["之前"] = true }

--- The last byte before `last` that is no space.
local function without_space(text, last)
  while text:find("^%s", last) do last = last - 1 end
  return last
end

--- Where the signs that only link a noun to the number at sign `i` begin: the last byte before them and the next sign down.
--- `topic`: a verb directly before the number links too, for its object was named before it (公寓建成300套).
local function strip_links(s, i, last, topic)
  local k, atom = sentence.previous(s, i)
  last = without_space(s.text, last)
  -- 由2020年的56.8%
  if k and s.signs[k].role.time and s.signs[k].last + 3 == last and char_to(s.text, last) == "的" then last = last - 3 end
  while k and not atom do
    local sign = s.signs[k]
    local role = sign.role
    if role.number then
      -- 五年, 五年前, 十年来: a time that is no noun either.
      if sign.quantity.dimension ~= "time" or not SPANS[s.text:sub(sign.last + 1, last)] then break end
    elseif sign.last ~= last or not (role.link or role.time or role.etc or role.bound and (topic or not role.verb)) then
      break
    end
    last = without_space(s.text, sign.first - 1)
    if sign.over then last = math.min(last, sign.over.first - 1) end
    k, atom = sentence.previous(s, k)
  end
  return last, k, atom
end

--- Does the verb `sign`, number `k`, stand within the noun phrase that ends at `last`: in a name (创业企业), before a last character
--- (拥有量), in an attribute (用于科技的支出)?
local function is_inside(s, k, sign, last)
  local term = sign.term
  if not term or #term < 6 then return false end
  if borne[term] and is_name(s, k) or sign.last + 3 == last then return true end
  if not words.attributive[term] then return false end
  local of = s.text:find("的", sign.last + 4, true)
  return of and of + 2 < last
end

--- The noun phrase that ends at `last`, going down from sign `k`.
local function ending_at(s, last, k, atom, people)
  local text, first, list_at = s.text, nil, nil
  if char_to(text, last) == "的" then last = last - 3 end
  while k do
    local sign = s.signs[k]
    local role = sign.role
    local low = k
    if not atom and sign.last <= last then
      if role.list then
        list_at = sign.last + 1
      elseif role.number then
        if char_at(text, sign.last + 1) ~= "的" then
          first = list_at
          if not first then return nil end
          break
        end
      elseif role.bound and not is_inside(s, k, sign, last) or role.time or role.etc
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

local COMPARES = { ["比"] = true, ["较"] = true, ["高于"] = true, ["低于"] = true, ["快于"] = true, ["多于"] = true, ["少于"] = true, ["优于"] = true }

--- What is compared stands before 比 and its like: the sign and the byte to look from instead of sign `i` and byte `last`.
local function past_comparison(s, i, last)
  local k, atom = sentence.previous(s, i)
  while k and k > i - sentence.REACH do
    local sign = s.signs[k]
    if not atom then
      if COMPARES[sign.term] then return k, sign.first - 1 end
      if sign.role.number then break end
    end
    k, atom = sentence.previous(s, k)
  end
  return i, last
end

-- What a noun ends in that names people.
local PERSONS = { "人才", "人员", "人口", "人数", "者", "生", "员", "工", "师", "家", "士", "群众", "劳动力", "青年", "干部", "群体", "就业", "队伍", "人" }

--- Does the noun phrase name people?
local function names_people(s, span)
  for _, word in ipairs(PERSONS) do
    if s.text:sub(span.last - #word + 1, span.last) == word then return true end
  end
  return false
end

--- The noun phrase before sign `i` (a number, or a word such as 占 or 分别). `topic`: also one that a verb parts from the number.
local function before(s, i, last, people, topic)
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
    if char_to(s.text, last) == "的" then last = last - 3 end
  end
  if not first or first > last then return nil end
  first, last = without_scope(s, first, last)
  return trimmed(s, first, last)
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

local GIVES = { ["支持"] = true, ["资助"] = true, ["扶持"] = true, ["帮扶"] = true, ["保障"] = true }

--- Does a sum's noun end at `sign`, since the money is for what follows (30亿元国债资金支持卫生院建设)?
local function gives_to(s, q, sign, first, high)
  return q.dimension == "money" and GIVES[sign.term] and sign.first > first and high - sign.last >= 9
end

--- The noun phrase behind number `q`.
local function behind(s, q, people)
  local _, high = sentence.clause(s, q.index)
  local first, last = q.outer_last + 1, high
  if char_at(s.text, first) == "的" then first = first + 3 end
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
      if char_at(s.text, sign.last + 1) ~= "的" then
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
          return trimmed(s, from, to)
        end
      else
        last = sign.first - 1
        break
      end
    elseif role.link or role.nominal and (is_verb_behind(s, k, sign, first, people) or gives_to(s, q, sign, first, high)) then
      if sign.first == first then return nil end
      last = sign.first - 1
      break
    end
    k, atom = sentence.next(s, k)
  end
  if last < first then return nil end
  return trimmed(s, first, last)
end

--- Split a list (甲、乙和丙) into its parts, outside brackets.
local function conjuncts(s, span)
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
local function clause_before(s, i)
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
  return trimmed(s, first, last)
end

local JOINS = { ["、"] = true, ["和"] = true, ["与"] = true, ["及"] = true, ["，"] = true, [""] = true }

local MOST = 12 -- nouns that 分别 deals numbers to

--- Under 分别 each number takes its own conjunct; nil where this is none.
local function respective(s, q)
  local k = q.index - 1
  local place, total = 1, 1
  if k > 1 and s.signs[k].role.list then k = k - 1 end
  while k >= 1 and s.signs[k].role.number and total <= MOST do
    if not JOINS[s.text:sub(s.signs[k].last + 1, s.signs[k].quantity.followed - 1)] then return nil end
    place, total, k = place + 1, total + 1, k - 1
    if k > 1 and s.signs[k].role.list and s.signs[k - 1].role.number then k = k - 1 end
  end
  local function heads_list(sign)
    local term = sign and sign.term
    if sign and sign.role.time then return true end
    return term and not term:find("^分别") and (sign.role.link or term == "从" or COMPARES[term])
  end
  while heads_list(s.signs[k]) do k = k - 1 end
  local sign = s.signs[k]
  if not sign or not sign.term or not sign.term:find("^分别") then return nil end
  local n = q.index + 1
  while total <= MOST and s.signs[n] and (s.signs[n].role.number or s.signs[n].role.list) do
    if s.signs[n].role.number then total = total + 1 end
    n = n + 1
  end
  if total < 2 then return nil end
  local whole = before(s, k, sign.first - 1, false) or clause_before(s, k)
  local parts = whole and conjuncts(s, whole) or {}
  if #parts == total then return trimmed(s, parts[place].first, parts[place].last) end
  -- 甲达10元，乙达8元，分别增长6%和5%: as many nouns as were told before.
  if q.told and #q.told >= total then return q.told[#q.told - total + place] end
end

local SHARE = { ["占"] = true, ["约占"] = true, ["占到"] = true, ["占据"] = true }

--- Does the clause end behind the number?
local function ends_clause(s, q)
  local sign = s.signs[q.index + 1]
  local after = without_space(s.text, (sign and sign.first or s.last + 1) - 1)
  return after <= q.outer_last and (not sign or sign.role.mark ~= nil and sign.role.mark ~= "open" or sign.first > s.last)
end

--- The noun that a verb directly before a number parts from it: 人才公寓建成300套. People are counted only by a noun for people.
local function topic_of(s, q, last, people)
  local found = before(s, q.index, last, people, true)
  if found and (not people or names_people(s, found)) then return found end
end

--- Does a verb, not one that links, stand directly before the number?
local function follows_verb(s, q)
  local sign = s.signs[q.index - 1]
  return sign and sign.role.verb and not sign.role.link and sign.last + 1 == q.outer_first
end

--- What contributes (甲对乙的贡献率), where the noun before the number is the contribution.
local function contributor(s, q, found)
  if s.text:sub(found.last - 8, found.last) ~= "贡献率" and s.text:sub(found.last - 5, found.last) ~= "贡献" then return nil end
  local k, atom = sentence.previous(s, q.index)
  while k and k > q.index - sentence.REACH do
    if not atom and s.signs[k].term == "对" then return before(s, k, s.signs[k].first - 1, false) end
    k, atom = sentence.previous(s, k)
  end
end

--- What has a share or grows.
local function of_percent(s, q, previous)
  local last = q.outer_first - 1
  local k, atom = sentence.previous(s, q.index)
  local of = char_to(s.text, last) == "的"
  while k do
    local sign = s.signs[k]
    if not atom and (SHARE[sign.term] or of and (sign.term == "为" or sign.term == "是" or sign.term == "仅为")) then
      return before(s, k, sign.first - 1, false) or previous
    end
    if sign.role.number then break end
    k, atom = sentence.previous(s, k)
  end
  if follows_verb(s, q) and not ends_clause(s, q) then
    local object = behind(s, q, false)
    if object then return object end
  end
  local found = before(s, q.index, last, false, ends_clause(s, q))
  if found then return contributor(s, q, found) or found end
  if char_at(s.text, q.outer_last + 1) == "的" then
    local noun = behind(s, q, false)
    if noun then return noun end
  end
  return previous or clause_before(s, q.index)
end

--- Does the span end in a measure (总投资, 面积)?
local function is_measure(s, span)
  local text, last = s.text, span.last
  return words.measures[text:sub(last - 5, last)] or words.measures[text:sub(last - 8, last)]
end

local RATES = { ["%"] = true, ["‰"] = true, ["百分点"] = true, ["倍"] = true, ["个百分点"] = true }

--- Is the number the end of a change (从2.5万公里增加到4.2万公里)? Then it counts what the one before it counts.
local function ends_change(s, q)
  local k = q.index - 1
  local sign = s.signs[k]
  -- 由12亿元增加到2007年的36亿元
  if sign and sign.role.time and #s.text:sub(sign.last + 1, q.outer_first - 1):gsub("的", "") == 0 then
    k = k - 1
    sign = s.signs[k]
  end
  while sign and sign.role.link and sign.last + 1 == s.signs[k + 1].first do
    k = k - 1
    sign = s.signs[k]
  end
  return k < q.index - 1 and sign and sign.role.number and sign.last + 1 == s.signs[k + 1].first
end

--- The noun that number `q` counts, or nil. `previous`: what the number before it in the sentence counts.
local function noun_of(s, q, previous)
  local shared = respective(s, q)
  if shared then return shared end
  if RATES[q.unit] then return of_percent(s, q, previous) end
  local people = q.dimension == "people"
  if previous and ends_change(s, q) then return previous end
  local after, last = q.outer_last + 1, q.outer_first - 1
  local next_sign = s.signs[q.index + 1]
  local mark = next_sign and next_sign.first == after and next_sign.role.mark
  if after > s.last or mark and mark ~= "open" or mark == "open" and next_sign.term ~= "“" and next_sign.term ~= "《" then
    return before(s, q.index, last, people) or ends_clause(s, q) and topic_of(s, q, last, people) or nil
  end
  local measured = q.dimension ~= "count" and not people and before(s, q.index, last, people)
  if measured and is_measure(s, measured) then return measured end
  return behind(s, q, people) or before(s, q.index, last, people)
end

local BUILDINGS = { ["栋"] = true, ["幢"] = true, ["套"] = true, ["间"] = true, ["层"] = true }

--- `span` without the measure it ends in (公寓总面积); nil when nothing is left.
local function without_measure(s, span)
  local text = s.text
  for _, size in ipairs { 12, 9, 6 } do
    local rest = span.last - size
    if words.measures[text:sub(rest + 1, span.last)] then
      return rest - span.first >= 5 and { first = span.first, last = rest } or nil
    end
  end
  return span
end

--- Is the number told by a verb alone, in the unit of the one before (新开工保障房740套，基本建成511套)?
local function same_object(s, q)
  local sign, low = s.signs[q.index - 1], q.index
  if not (sign and sign.role.verb and sign.last + 1 == q.outer_first and ends_clause(s, q)) then return false end
  for k = s.low[low], math.max(1, s.low[low] - sentence.REACH), -1 do
    local other = s.signs[k].quantity
    if other then return other.unit == q.unit end
  end
end

--- What a number told without a noun counts by what came before: changes of it (比上年增加3亿元), the buildings of an estate (共5栋).
local function taken_over(s, q, previous)
  if BUILDINGS[q.unit] then return without_measure(s, previous) end
  if q.dimension == "people" then return nil end
  local more = char_to(s.text, q.outer_first - 1)
  if more == "多" or more == "少" then return previous end
  if same_object(s, q) then return previous end
  local sign = s.signs[q.index].over or s.signs[q.index - 1]
  if sign and sign.term and words.changes[sign.term] and sign.last >= q.outer_first - 1 then return previous end
end

local JOINED = { ["和"] = true, ["与"] = true, ["及"] = true }
local BEGINS = { ["由"] = true, ["从"] = true, ["又"] = true, ["再"] = true, ["达"] = true, ["达到"] = true }

--- Does the number follow another one of its kind directly (1.1亿吨和120万吨)?
local function is_joined(s, q)
  local link, other = s.signs[q.index - 1], s.signs[q.index - 2]
  return other and other.quantity and other.quantity.dimension == q.dimension and JOINED[link.term]
    and link.first == other.last + 1 and link.last + 1 == q.outer_first
end

--- The noun of the clause before, where this one is but its predicate: 覆盖人数，由400万人扩大到1100万人.
local function carried_noun(s, q)
  local low, k, atom = q.index, sentence.previous(s, q.index)
  while k do
    local role = s.signs[k].role
    if atom or not (role.link or role.time or BEGINS[s.signs[k].term]) then return nil end
    low = k
    k, atom = sentence.previous(s, k)
  end
  local sign = s.signs[low]
  if sign.term and (BEGINS[sign.term] or words.changes[sign.term]) then return clause_before(s, q.index) end
end

--- What number `q` counts, or nil. `previous`: what the number before it in the sentence counts.
function subject.of(s, q, previous)
  local noun = noun_of(s, q, previous)
  if noun then return noun end
  if previous then return is_joined(s, q) and previous or taken_over(s, q, previous) or nil end
  return carried_noun(s, q)
end

return subject
