-- plugins/lib/codebook.lua: reads a codebook of acts (data/policy.yaml, or what `codebook:` in config.yaml names), checks it and
-- makes it ready. Every error names file, line and column, and what to do. docs/codebook.md says what may stand in it.
local codebook = {}

local BYTES = 3 -- of a Han character in UTF-8: `near` counts characters, spans bytes
local WHEN = { question = true, speech = true, plain = true }
local CUE_KEYS = "any with near not except stages default fallback weight"

--- Stop loading. `map`, `key`: the entry that is wrong, or the map itself when `key` is nil.
local function refuse(map, key, what)
  error((host.place(map, key) or host.place(map) or "codebook") .. ": " .. what, 0)
end

--- What a value is, for messages.
local function kind_of(value)
  if type(value) == "table" then return #value > 0 and "a list" or "a map" end
  return value == nil and "nothing" or type(value) == "string" and 'the text "' .. value .. '"' or tostring(value)
end

--- `map[key]` as a map whose keys are among `allowed` ("a b c"); nil when it is left out and `optional`.
local function map_at(map, key, allowed, optional)
  local value = map[key]
  if value == nil and optional then return nil end
  if value == nil then refuse(map, nil, 'the key "' .. key .. '" is missing; docs/codebook.md has an example to start from') end
  if type(value) ~= "table" or #value > 0 then
    refuse(map, key, key .. ": expected a map (name: value), got " .. kind_of(value))
  end
  for _, name in ipairs(allowed and host.keys(value) or {}) do
    if not (" " .. allowed .. " "):find(" " .. name .. " ", 1, true) then
      refuse(value, name, 'unknown key "' .. name .. '"; known here are ' .. allowed)
    end
  end
  return value
end

--- The number at `map[key]`, or `default` when it is left out.
local function number_at(map, key, default)
  local value = map[key]
  if value == nil then return default end
  if type(value) ~= "number" then refuse(map, key, key .. ": expected a number, got " .. kind_of(value)) end
  return value
end

--- Append the terms of the list at `map[key]` to `out`, with "=name" replaced by the shared list of that name.
local function add_terms(out, map, key, shared)
  local list = map[key]
  if type(list) ~= "table" or #list == 0 then
    refuse(map, key, tostring(key) .. ": expected a list of terms, like [公寓, 住房], got " .. kind_of(list))
  end
  for i, term in ipairs(list) do
    if type(term) == "table" then refuse(list, i, "expected a term, got " .. kind_of(term)) end
    term = tostring(term)
    if term:sub(1, 1) == "=" then
      local name = term:sub(2)
      if not shared[name] then refuse(list, i, '"' .. term .. '": no list "' .. name .. '" under lists; write it there first') end
      add_terms(out, shared, name, shared)
    else
      out[#out + 1] = term
    end
  end
  return out
end

local lexicons = {} -- by their terms, so that cues with the same list share one

--- The lexicon of the list at `map[key]`; hits on the terms at `map[except]` come out with the category "except".
local function lexicon_at(map, key, shared, except)
  local any = add_terms({}, map, key, shared)
  local name = table.concat(any, "\n")
  local others = except and map[except] and add_terms({}, map, except, shared)
  if others then name = name .. "\n\n" .. table.concat(others, "\n") end
  if not lexicons[name] then lexicons[name] = host.lexicon(others and { any = any, except = others } or { any = any }) end
  return lexicons[name]
end

--- The codes listed at `map[key]`, each of them a stage.
local function stages_at(map, key, stages)
  local list = map[key]
  if list == nil then return {} end
  if type(list) ~= "table" then refuse(map, key, key .. ": expected a list of stages, got " .. kind_of(list)) end
  for i, code in ipairs(list) do
    if not stages[code] then
      local known = next(stages) and "known are " .. table.concat(host.keys(stages), " ") or "this codebook has no `stages:`"
      refuse(list, i, 'unknown stage "' .. tostring(code) .. '"; ' .. known)
    end
  end
  return list
end

--- The conditions that cues and gates have in common.
local function conditions(t, shared)
  local rule = { near = t.near and number_at(t, "near") * BYTES, with = {} }
  if t["not"] then rule.none = lexicon_at(t, "not", shared) end
  local with = t.with
  if with == nil then return rule end
  if type(with) ~= "table" or #with == 0 then refuse(t, "with", "with: expected a list of lists, like [[人才], [发放, 给予]]") end
  -- One list stands for a list of one list.
  if type(with[1]) ~= "table" then
    rule.with[1] = lexicon_at(t, "with", shared)
  else
    for i in ipairs(with) do rule.with[i] = lexicon_at(with, i, shared) end
  end
  return rule
end

--- One cue of code `code` as a rule.
local function read_cue(code, cue, book)
  if cue.any == nil then refuse(cue, nil, "a cue needs a list `any` of the words that tell") end
  local rule = conditions(cue, book.lists)
  rule.code, rule.fallback = code, cue.fallback == true
  rule.terms = add_terms({}, cue, "any", book.lists)
  rule.except = cue.except and add_terms({}, cue, "except", book.lists) or {}
  rule.stages, rule.default = stages_at(cue, "stages", book.stages), stages_at(cue, "default", book.stages)
  rule.weight = number_at(cue, "weight", 2)
  return rule
end

--- The cues of a code: those under `cues`, or the one its entry is itself (any: […]).
local function read_cues(code, entry, book, rules)
  if entry.cues == nil then
    if entry.any == nil then
      refuse(entry, nil, code .. ": a code needs `any: [words]`, or `cues:` with a list of those")
    end
    rules[#rules + 1] = read_cue(code, entry, book)
    return
  end
  if entry.any then refuse(entry, "any", code .. ": `any` and `cues` in one entry; move the words into a cue") end
  if type(entry.cues) ~= "table" or #entry.cues == 0 then
    refuse(entry, "cues", "cues: expected a list (lines that begin with -), got " .. kind_of(entry.cues))
  end
  for i in ipairs(entry.cues) do rules[#rules + 1] = read_cue(code, map_at(entry.cues, i, CUE_KEYS), book) end
end

--- Labels are texts by language.
local function check_label(entry)
  local label = map_at(entry, "label", "zh en", true)
  for _, lang in ipairs(label and host.keys(label) or {}) do
    if type(label[lang]) ~= "string" then refuse(label, lang, "label: expected a text, got " .. kind_of(label[lang])) end
  end
end

--- All rules of a section and its codes, in the file's order. `keys`: what an entry may have beside its cues.
local function read_section(section, book, keys, check)
  local rules, codes = {}, host.keys(book[section])
  for _, code in ipairs(codes) do
    if not code:find("^[a-z][a-z0-9_]*$") then
      refuse(book[section], code,
        '"' .. code .. '": a code is of small letters, digits and _; write the words for people under label')
    end
    local entry = map_at(book[section], code, keys .. " cues " .. CUE_KEYS)
    check_label(entry)
    if check then check(entry, code) end
    read_cues(code, entry, book, rules)
  end
  if #codes == 0 then refuse(book, section, section .. ": no code in it") end
  return rules, codes
end

--- Note in `uses` which rules have which of their terms, with the sign `exempt` for those that cancel a hit.
local function note_uses(uses, rule, terms, exempt)
  for _, term in ipairs(terms) do
    uses[term] = uses[term] or {}
    uses[term][#uses[term] + 1] = { rule = rule, exempt = exempt }
  end
end

--- The rules that a hit on `term` fires: those with a term in it that lies in none of their exempt ones.
local function rules_in(term, uses)
  local fires, order = {}, {}
  for i = 1, #term do
    for j = #term, i, -1 do -- the longest first, so that an exempt term hides what it holds
      for _, use in ipairs(uses[term:sub(i, j)] or {}) do
        local state = fires[use.rule]
        if not state then
          state = { hidden = 0 }
          fires[use.rule] = state
        end
        if j > state.hidden and use.exempt then
          state.hidden = j
        elseif j > state.hidden and not state.fired then
          state.fired, order[#order + 1] = true, use.rule
        end
      end
    end
  end
  return order
end

--- The terms of many rules as one lexicon, and for each term the rules it fires. A shorter term inside a longer one
--- counts too, so that one look at a sentence does for all rules.
local function trigger(rules)
  local uses, terms, fires = {}, {}, {}
  for _, rule in ipairs(rules) do
    note_uses(uses, rule, rule.terms, false)
    note_uses(uses, rule, rule.except, true)
  end
  for term in pairs(uses) do terms[#terms + 1] = term end
  table.sort(terms)
  for _, term in ipairs(terms) do fires[term] = rules_in(term, uses) end
  return { lexicon = host.lexicon(terms), fires = fires }
end

--- One trigger for the instruments of each side: fewer terms in one lexicon hide each other less.
local function side_triggers(rules, instruments)
  local by_side, sides, triggers = {}, {}, {}
  for _, rule in ipairs(rules) do
    local side = instruments[rule.code].side or ""
    if not by_side[side] then
      by_side[side], sides[#sides + 1] = {}, side
    end
    table.insert(by_side[side], rule)
  end
  for i, side in ipairs(sides) do triggers[i] = trigger(by_side[side]) end
  return triggers
end

--- What an instrument has beside its cues.
local function check_instrument(book)
  return function(entry, code)
    local side = entry.side
    if side ~= nil and not (book.sides and book.sides[side]) then
      local known = book.sides and "known are " .. table.concat(host.keys(book.sides), " ")
        or "there is no `sides:` in this codebook"
      refuse(entry, "side", code .. ': unknown side "' .. tostring(side) .. '"; ' .. known)
    end
    stages_at(entry, "otherwise", book.stages)
  end
end

--- The gates, in the file's order.
local function read_gates(book)
  local gates, names = {}, map_at(book, "gates", nil, true)
  for i, name in ipairs(names and host.keys(names) or {}) do
    local gate = map_at(names, name, "when any with near not weight")
    if not WHEN[gate.when] then
      refuse(gate, "when", "gates." .. name .. ": when: expected question, speech or plain, got " .. kind_of(gate.when))
    end
    local rule = conditions(gate, book.lists)
    if gate.any then rule.any = lexicon_at(gate, "any", book.lists) end
    rule.when, rule.weight = gate.when, number_at(gate, "weight", 2)
    gates[i] = rule
  end
  return gates
end

--- Terms by which headings name stages: the plain ones, and the themes looked at when no plain one is there.
local function read_headings(book)
  local plain, themes, any = {}, {}, false
  for _, code in ipairs(host.keys(book.stages)) do
    local entry = book.stages[code]
    if entry.headings then plain[code], any = add_terms({}, entry, "headings", book.lists), true end
    if entry.themes then themes[code], any = add_terms({}, entry, "themes", book.lists), true end
  end
  if not any then return {} end
  local out = {}
  for _, map in ipairs { plain, themes } do
    if next(map) then out[#out + 1] = host.lexicon(map) end
  end
  return out
end

--- What sentences must be about; a codebook without a topic codes all of them.
local function read_topic(book, ready)
  local topic = map_at(book, "topic", "strong except article passage", true)
  if not topic then return end
  ready.topic = lexicon_at(topic, "strong", book.lists, "except")
  ready.article, ready.passage = number_at(topic, "article", 0.2), number_at(topic, "passage", 0.4)
end

--- The codebook in file `name`, checked and made ready: { threshold, topic, article, passage, acts, gates, headings, stages,
--- instruments, order, triggers, stage_triggers }.
function codebook.read(name)
  local file = { book = host.codebook(name) }
  local book = map_at(file, "book", "threshold topic lists acts gates sides stages instruments")
  book.lists = map_at(book, "lists", nil, true) or {}
  map_at(book, "sides", nil, true)
  map_at(book, "instruments")
  local staged = map_at(book, "stages", nil, true) ~= nil
  if not staged then book.stages = {} end
  local ready = {
    threshold = number_at(book, "threshold", 2), gates = read_gates(book), headings = read_headings(book),
    acts = book.acts and lexicon_at(book, "acts", book.lists), instruments = book.instruments, staged = staged,
  }
  read_topic(book, ready)
  local rules
  ready.stages, ready.stage_triggers = {}, {}
  if staged then
    rules, ready.stages = read_section("stages", book, "label headings themes")
    ready.stage_triggers = { trigger(rules) }
  end
  rules, ready.order = read_section("instruments", book, "side label otherwise", check_instrument(book))
  ready.triggers = side_triggers(rules, book.instruments)
  return ready
end

return codebook
