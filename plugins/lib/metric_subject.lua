-- plugins/lib/metric_subject.lua: what a number counts. It stands behind the number (4个优质项目) or before it (补贴9954万元); a share or
-- growth told without a noun is of what was counted last. A subject is { first, last } in bytes of the article's text.
local phrase = require "metric_phrase"
local sentence = require "metric_sentence"
local words = require "metric_words"

local subject = {}

local before, behind, trimmed, clause_before = phrase.before, phrase.behind, phrase.trimmed, phrase.clause_before
local char_at, char_to, without_space = phrase.char_at, phrase.char_to, phrase.without_space

-- What a noun ends in that names people.
local PERSONS = {
  "人才", "人员", "人口", "人数", "者", "生", "员", "工", "师", "家", "士", "群众", "劳动力", "青年", "干部", "群体", "就业", "队伍", "人",
}

--- Does the phrase end in one of `list`?
local function ends_in(s, span, list)
  for _, word in ipairs(list) do
    if s.text:sub(span.last - #word + 1, span.last) == word then return true end
  end
  return false
end

--- Does the noun phrase name people?
local function names_people(s, span) return ends_in(s, span, PERSONS) end

local RATES = words.set { "%", "‰", "百分点", "倍", "个百分点" }
local JOINS = words.set { "、", "和", "与", "及", "，", "" }

local MOST = 12 -- nouns that 分别 deals numbers to

--- The noun for number `place` of `total` among those told last.
local function told_before(q, total, place)
  return q.told[#q.told - total + place]
end

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
    return term and not term:find("^分别") and (sign.role.link or term == "从" or phrase.COMPARES[term])
  end
  while heads_list(s.signs[k]) do k = k - 1 end
  local sign = s.signs[k]
  local dealt = sign and sign.term and sign.term:find("^分别")
  if not dealt and not RATES[q.unit] then return nil end
  local n = q.index + 1
  while total <= MOST and s.signs[n] and (s.signs[n].role.number or s.signs[n].role.list) do
    if s.signs[n].role.number then total = total + 1 end
    n = n + 1
  end
  if total < 2 then return nil end
  if not dealt then
    -- 甲1.5万元，乙4700元，实际增长8.4%和8%
    local lead = q.index - 2 * (place - 1)
    if total > 4 or not q.told or #q.told < total or before(s, lead, s.signs[lead].first - 1, false) then return nil end
    return told_before(q, total, place)
  end
  local whole = before(s, k, sign.first - 1, false) or clause_before(s, k)
  local parts = whole and phrase.conjuncts(s, whole) or {}
  if #parts == total then return trimmed(s, parts[place].first, parts[place].last) end
  -- 甲达10元，乙达8元，分别增长6%和5%: as many nouns as were told before.
  if q.told and #q.told >= total then return told_before(q, total, place) end
end

local SHARE = words.set { "占", "约占", "占到", "占据", "占地区", "占地区生产总值" }

--- Does the clause end behind the number?
local function ends_clause(s, q)
  local sign = s.signs[q.index + 1]
  local after = without_space(s.text, (sign and sign.first or s.last + 1) - 1)
  return after <= q.outer_last and (not sign or sign.role.mark ~= nil and sign.role.mark ~= "open" or sign.first > s.last)
end

local GIVES_OUT = words.set { "安排", "投入", "拿出", "拨付", "下达", "支付", "列支", "支出", "出资", "筹集", "投资", "拨款", "让利" }
local GIVERS = { "财政", "政府", "国家", "银行", "公司", "企业", "集团", "学校", "单位", "机构", "部门", "基金" }

--- The noun that a verb directly before a number parts from it: 人才公寓建成300套. People are counted only by a noun for people.
local function topic_of(s, q, last, people)
  local found = before(s, q.index, last, people, true)
  if not found or people and not names_people(s, found) then return nil end
  -- 中央财政安排150亿元: who gives is not what is given.
  local verb = s.signs[q.index - 1]
  if q.dimension == "money" and verb and GIVES_OUT[verb.term] and ends_in(s, found, GIVERS) then return nil end
  return found
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
  -- 使用100%的绿电, 扩大到全国40%的县
  local prior = s.signs[q.index - 1]
  local linked = prior and prior.role.link and prior.last + 1 == q.outer_first
  if not linked and char_at(s.text, q.outer_last + 1) == "的" then
    local noun = behind(s, q, false)
    if noun then return noun end
  end
  local found = before(s, q.index, last, false, ends_clause(s, q))
  if found then return contributor(s, q, found) or found end
  if char_at(s.text, q.outer_last + 1) == "的" or not previous and not ends_clause(s, q) then
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

local BUILDINGS = words.set { "栋", "幢", "套", "间", "层" }

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

local JOINED = words.set { "和", "与", "及" }
local BEGINS = words.set { "由", "从", "又", "再", "达", "达到" }

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
