-- plugins/lib/metric_words.lua: the words of data/metric.yaml that build a clause, as one lexicon.
--
-- One scan finds marks, verbs, prepositions, links and the nouns that hide them; `words.role` tells what a term is:
-- { mark, verb, nominal, link, noun, …, aspect = { target = true, … } }.
local book = host.codebook "metric.yaml"

local words = { role = {} }

local MARKS = {
  stop = { "。", "！", "？", "!", "?" },
  clause = { "，", ",", "；", ";", "：", ":", "…", "—", "▲", "●", "|" },
  list = { "、" },
  open = { "（", "(", "“", "‘", "《", "【", "[", "「", "『" },
  close = { "）", ")", "”", "’", "》", "】", "]", "」", "』" },
}

--- What is known of `term` so far.
local function role_of(term)
  local role = words.role[term]
  if not role then
    role = { aspect = {} }
    words.role[term] = role
  end
  return role
end

for kind, terms in pairs(MARKS) do
  for _, term in ipairs(terms) do
    local role = role_of(term)
    role.mark = kind
    role[kind] = true
  end
end

-- Verbs, with the aspect they give a figure.
local VERBS = { event = "flow", state = "stock", act = false, other = false }
for kind, aspect in pairs(VERBS) do
  for _, term in ipairs(book.syntax[kind]) do
    local role = role_of(term)
    role.bound = true
    if kind ~= "other" then role.verb = true end
    if aspect then role.aspect[aspect] = true end
  end
end
for _, term in ipairs(book.syntax.nominal) do
  local role = role_of(term)
  role.nominal, role.bound, role.aspect.flow = true, nil, true
end
for _, term in ipairs(book.syntax.link) do role_of(term).link = true end
for _, term in ipairs(book.syntax.etc) do role_of(term).etc = true end

-- The words of aspect; those told nowhere else what they are end a noun phrase, but for what comes in over a period.
for aspect, terms in pairs(book.aspects) do
  for _, term in ipairs(terms) do
    local role = words.role[term]
    if not role then
      role = role_of(term)
      if aspect ~= "turnover" then role.open_role = true end
    end
    role.aspect[aspect] = true
  end
end
for _, term in ipairs(book.syntax.scope) do role_of(term).scope = true end
for _, term in ipairs(book.syntax.noun) do
  local role = role_of(term)
  role.noun, role.bound, role.verb, role.open_role = true, nil, nil, nil
end
for _, role in pairs(words.role) do
  if role.open_role then role.bound = true end
end

--- A set of the items of `list`.
function words.set(list)
  local out = {}
  for _, item in ipairs(list) do out[item] = true end
  return out
end

local set = words.set

for _, term in ipairs { "给予", "予以", "给与", "补贴", "补助" } do role_of(term).aspect.offer = true end

--- What is asked of a role for each sign, made once: the aspects as a list, the kind of figure a verb makes, whether it tells
--- anything of a figure at all.
local function finish(term, role)
  role.kinds = {}
  for kind in pairs(role.aspect) do role.kinds[#role.kinds + 1] = kind end
  table.sort(role.kinds)
  role.tells = #role.kinds > 0 or role.verb or role.nominal or term == "了"
  if not role.noun and (role.aspect.flow or role.aspect.stock) then role.verb_kind = role.aspect.stock and "stock" or "flow" end
  -- A noun that only hides the words in it.
  role.hides = role.noun and not (role.tells or role.link or role.mark or role.etc or role.scope)
end
for term, role in pairs(words.role) do finish(term, role) end

-- Terms of one kind share one role: a few dozen tables for the collector to walk, not thousands.
local shared = {}
for term, role in pairs(words.role) do
  local flags = {}
  for name, value in pairs(role) do
    if type(value) ~= "table" then flags[#flags + 1] = name .. "=" .. tostring(value) end
  end
  table.sort(flags)
  local key = table.concat(flags, " ") .. "/" .. table.concat(role.kinds, " ")
  shared[key] = shared[key] or role
  words.role[term] = shared[key]
end

words.heads, words.bearers, words.borne = set(book.syntax.heads), set(book.syntax.bearers), set(book.syntax.borne)
words.changes = set(book.syntax.changes)
words.measures, words.measured = set(book.measures), set(book.syntax.measured)
words.attributive = set(book.syntax.attributive)
words.before_verb = set(book.syntax.before_verb)

local terms = {}
for term in pairs(words.role) do terms[#terms + 1] = term end
table.sort(terms)
words.lexicon = host.lexicon(terms)

return words
