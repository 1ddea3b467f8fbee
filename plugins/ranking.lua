-- plugins/ranking.lua: claims of rank - 全市第一, 六区唯一, 漳州首个, 独占鳌头 - with scope and years in a row.
local scope_of = require "scope"

local plugin = host.plugin {
  name = "ranking", version = "1.0",
  summary = "Claims of rank with their scope and streak",
  needs = { "region" },
  records = { ranking = { text = "text", rank = "integer", scope = "text?", streak = "integer?" } },
}

local book = host.codebook "ranking.yaml"
local words = host.lexicon { first = book.first, verdict = book.verdict, refused = book.refused }
local ordinals = host.lexicon { "第", "前" }
local scopes = host.lexicon { scope = book.scope[1], part = book.scope[2], class = book.scope[3], own = book.scope[4] }
local streaks = host.lexicon { "连续", "连", "蝉联" }

local needs_scope = {}
for _, word in ipairs(book.needs_scope) do needs_scope[word] = true end

-- 六区, 十三县: a counted set of divisions is a scope as well.
local NUMERALS = { ["一"] = true, ["二"] = true, ["三"] = true, ["四"] = true, ["五"] = true, ["六"] = true,
  ["七"] = true, ["八"] = true, ["九"] = true, ["十"] = true, ["两"] = true }
local DIVISIONS = { ["区"] = true, ["县"] = true, ["市"] = true, ["省"] = true }

-- Between a scope and its claim may stand a verb or a measure: 全省最先, 居全国首位, 位列全市前三.
local LINKS = { [""] = true, ["的"] = true, ["中"] = true, ["内"] = true, ["居"] = true, ["第"] = true, ["排名"] = true, ["范围内"] = true,
  ["位居"] = true, ["位列"] = true, ["排"] = true, ["排名第"] = true, ["名列"] = true, ["各区"] = true }

-- What has a rank may be a place too: in 苏州位列第6 it is no scope.
local PLACE_LINKS = { [""] = true, ["的"] = true, ["中"] = true, ["内"] = true, ["范围内"] = true, ["各区"] = true }

--- The scope directly before `claim`: a set word, a division's name, a counted set; nil when there is none.
local function scope_before(claim, sentence)
  local best
  for _, m in ipairs(sentence:matches(scopes)) do
    if m.span.last < claim.first and LINKS[m.span:between(claim).text] then best = m.span end
  end
  if best then return best end
  for _, r in ipairs(sentence:records("region")) do
    if r.span.last < claim.first and PLACE_LINKS[r.span:between(claim).text] then best = r.span end
  end
  if best then return best end
  local before = claim:before(4)
  local n = #before
  if n >= 2 and DIVISIONS[before:sub(n, n).text] then
    local from = n
    while from > 1 and NUMERALS[before:sub(from - 1, from - 1).text] do from = from - 1 end
    if from < n then return before:sub(from, n) end
  end
end

--- Years in a row told just before the claim or its scope: 连续三年全市第一.
local function streak_before(span, sentence)
  for _, m in ipairs(sentence:matches(streaks)) do
    if m.span.last < span.first then
      local between = m.span:between(span)
      local number, bytes = host.number(between.text)
      local rest = number and between.text:sub(bytes + 1)
      if rest and (rest:find("^年") or rest:find("^届")) and #rest <= 30 then
        return math.tointeger(number)
      end
    end
  end
end

--- The scope that follows 率先: 率先在全省推行.
local function scope_after(claim, sentence)
  if not claim.text:find("率先$") or claim:after(1).text ~= "在" then return nil end
  for _, m in ipairs(sentence:matches(scopes)) do
    if m.span.first == claim.last + 4 then return m.span.text end
  end
end

--- A scope somewhere before the claim in its sentence, for verdicts that stand apart from it.
local function scope_anywhere(claim, sentence)
  local found
  for _, m in ipairs(sentence:matches(scopes)) do
    if m.span.last < claim.first and m.category == "scope" then found = m.span.text end
  end
  return found
end

local function record(a, claim, scope, rank, sentence, whole)
  local span = scope and scope:join(claim) or claim
  a:record("ranking", {
    span = span, rank = rank, scope = whole or scope and scope.text or nil, streak = streak_before(span, sentence),
  })
end

--- 首个, 率先, 唯一, 独占鳌头 …
local function word_claims(a, sentence)
  for _, m in ipairs(sentence:matches(words)) do
    if m.category == "first" then
      local scope = scope_before(m.span, sentence)
      local whole = not scope and scope_after(m.span, sentence) or nil
      if scope or whole or not needs_scope[m.term] then record(a, m.span, scope, 1, sentence, whole) end
    elseif m.category == "verdict" then
      record(a, m.span, nil, 1, sentence, scope_anywhere(m.span, sentence))
    end
  end
end

--- Is a refused turn (第一时间) at this place?
local function is_refused(span, sentence)
  for _, m in ipairs(sentence:matches(words)) do
    if m.category == "refused" and m.span:overlaps(span) then return true end
  end
  return false
end

local AFTER_RANK = { [""] = true, ["，"] = true, ["。"] = true, [","] = true, ["；"] = true, [";"] = true,
  ["、"] = true, ["！"] = true, ["位"] = true, ["名"] = true, ["的"] = true, ["）"] = true, [")"] = true, ["”"] = true }

local FIRST_THING, RANKED = {}, { ["排名"] = true, ["位列"] = true, ["位居"] = true, ["名列"] = true, ["位于"] = true }
for _, char in ipairs { "家", "个", "单", "款", "笔", "座", "条", "支", "张", "例", "艘", "颗", "台" } do FIRST_THING[char] = true end

-- A place told without a scope: 跃居第3位.
local REACHED = { ["居"] = true, ["列"] = true, ["至"] = true, ["到"] = true, ["名"] = true, ["份"] = true }

--- 第一, 第3位, 前十名: a rank, not an ordinal that counts editions.
local function ordinal_claims(a, sentence)
  for _, m in ipairs(sentence:matches(ordinals)) do
    local after = m.span:after(6)
    local number, bytes = host.number(after.text)
    if number and number >= 1 and number <= 200 and number == math.floor(number) then
      local digits = after:slice(1, bytes)
      local claim = m.span:join(digits)
      local next_char = digits:after(1).text
      local scope = scope_before(claim, sentence)
      local tail = next_char == "位" or next_char == "名" or next_char == "强"
      local is_front = m.term == "前"
      -- 全市第一家: with a scope, a first thing of its kind.
      local thing = number == 1 and not is_front and scope and FIRST_THING[next_char]
      -- 在全省考核中排名第一
      local whole = not scope and RANKED[claim:before(2).text] and scope_anywhere(claim, sentence) or nil
      local bare = not is_front and (next_char == "名" or next_char == "位" and REACHED[claim:before(1).text])
      if not is_refused(claim, sentence) and ((AFTER_RANK[next_char] and (scope or whole or bare)) or thing)
        or is_front and tail and scope and not is_refused(claim, sentence) then
        if tail or thing then claim = claim:join(digits:after(1)) end
        record(a, claim, scope, math.tointeger(number), sentence, whole)
      end
    end
  end
end

function plugin.article(a)
  local sentences, at = a:sentences(), 1
  for _, block in ipairs(scope_of.blocks(a)) do
    local first, last = block.first, block.last
    local any = block:has(words) or block:has(ordinals)
    while sentences[at] and sentences[at].first < first do at = at + 1 end
    while sentences[at] and sentences[at].first <= last do
      local sentence = sentences[at]
      if any and sentence:has(words) then word_claims(a, sentence) end
      if any and sentence:has(ordinals) then ordinal_claims(a, sentence) end
      at = at + 1
    end
  end
end

return plugin
