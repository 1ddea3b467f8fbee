-- plugins/policy.lua: what a government, zone, school or firm does for talent, sentence by sentence.
-- The coder knows no code: stages, instruments, their cues and what speaks against an act are in data/policy.yaml.
local plugin = host.plugin {
  name = "policy", version = "1.0",
  summary = "Policy acts by stage of the talent chain and instrument",
  needs = {},
  records = { policy = { stage = "text", instrument = "text", side = "text", cue = "text" } },
}

local FILE = "policy.yaml"
local BYTES = 3 -- of a Han character in UTF-8: `near` counts characters, spans bytes
local SIDES = { supply = true, environment = true, demand = true }
local WHEN = { question = true, speech = true, plain = true }

-- Reading the codebook ------------------------------------------------------------------------------------------------

--- Stops loading with the place in the codebook and what is wrong there.
local function refuse(where, what)
  error(FILE .. ": " .. where .. ": " .. what, 0)
end

--- Every key of `map` is one of `allowed` ("a b c").
local function check_keys(map, where, allowed)
  if type(map) ~= "table" then refuse(where, "expected a map") end
  for _, key in ipairs(host.keys(map) or {}) do
    if not (" " .. allowed .. " "):find(" " .. key .. " ", 1, true) then
      refuse(where, 'unknown key "' .. key .. '"; known are ' .. allowed)
    end
  end
  if #map > 0 then refuse(where, "expected a map, got a list") end
end

--- A number, or `default` when it is left out.
local function number(value, where, default)
  if value == nil and default then return default end
  if type(value) ~= "number" then refuse(where, "expected a number, got " .. tostring(value)) end
  return value
end

--- Appends the terms of `list` to `out`, with "=name" replaced by the shared list of that name.
local function add_terms(out, list, where, shared)
  if type(list) ~= "table" or #list == 0 then refuse(where, "expected a list of terms") end
  for _, term in ipairs(list) do
    term = tostring(term)
    if term:sub(1, 1) == "=" then
      local named = shared[term:sub(2)]
      if not named then refuse(where, 'no list "' .. term:sub(2) .. '" under lists') end
      add_terms(out, named, "lists." .. term:sub(2), shared)
    else
      out[#out + 1] = term
    end
  end
  return out
end

local lexicons = {} -- by their terms, so that cues with the same list share one

--- The lexicon of a list of terms; hits on terms of `except` come out with the category "except".
local function lexicon(list, where, shared, except)
  local any = add_terms({}, list, where, shared)
  local key = table.concat(any, "\n")
  if except then
    except = add_terms({}, except, where, shared)
    key = key .. "\n\n" .. table.concat(except, "\n")
  end
  if not lexicons[key] then
    lexicons[key] = host.lexicon(except and { any = any, except = except } or { any = any })
  end
  return lexicons[key]
end

--- Codes are listed and known.
local function check_codes(list, where, known)
  if list == nil then return {} end
  if type(list) ~= "table" then refuse(where, "expected a list of stages") end
  for _, code in ipairs(list) do
    if not known[code] then refuse(where, 'unknown stage "' .. tostring(code) .. '"') end
  end
  return list
end

--- The conditions that cues and gates have in common.
local function conditions(t, where, shared)
  local rule = { near = t.near and number(t.near, where .. ".near") * BYTES, with = {} }
  if t["not"] then rule.none = lexicon(t["not"], where .. ".not", shared) end
  for i, list in ipairs(t.with or {}) do
    rule.with[i] = lexicon(list, where .. ".with[" .. i .. "]", shared)
  end
  return rule
end

--- The cues of one code, as rules.
local function read_cues(code, entry, where, book)
  local rules = {}
  for i, cue in ipairs(entry.cues or {}) do
    local at = where .. ".cues[" .. i .. "]"
    check_keys(cue, at, "any with near not except stages default fallback weight")
    if not cue.any then refuse(at, "a cue needs a list any") end
    local rule = conditions(cue, at, book.lists)
    rule.code, rule.fallback = code, cue.fallback == true
    rule.terms = add_terms({}, cue.any, at .. ".any", book.lists)
    rule.except = cue.except and add_terms({}, cue.except, at .. ".except", book.lists) or {}
    rule.stages = check_codes(cue.stages, at .. ".stages", book.stages)
    rule.default = check_codes(cue.default, at .. ".default", book.stages)
    rule.weight = number(cue.weight, at .. ".weight", 2)
    rules[i] = rule
  end
  if #rules == 0 then refuse(where, "a code needs cues") end
  return rules
end

--- All rules of a section in the file's order, calling `check(code, entry, where)` on each entry.
local function read_section(section, book, check)
  local rules, codes = {}, host.keys(book[section])
  for _, code in ipairs(codes) do
    local entry, where = book[section][code], section .. "." .. code
    check(code, entry, where)
    table.move(read_cues(code, entry, where, book), 1, #entry.cues, #rules + 1, rules)
  end
  return rules, codes
end

--- Notes in `uses` which rules have which of their terms, with the sign `exempt` for those that cancel a hit.
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
  local triggers = {}
  for _, side in ipairs { "supply", "environment", "demand" } do
    local of_side = {}
    for _, rule in ipairs(rules) do
      if instruments[rule.code].side == side then of_side[#of_side + 1] = rule end
    end
    if #of_side > 0 then triggers[#triggers + 1] = trigger(of_side) end
  end
  return triggers
end

--- What an instrument has beside its cues.
local function check_instrument(book)
  return function(_, entry, where)
    check_keys(entry, where, "side label otherwise cues")
    if not SIDES[entry.side] then refuse(where .. ".side", "expected supply, environment or demand") end
    check_codes(entry.otherwise, where .. ".otherwise", book.stages)
  end
end

--- The gates, in the file's order.
local function read_gates(book)
  local gates = {}
  for _, name in ipairs(host.keys(book.gates)) do
    local gate, where = book.gates[name], "gates." .. name
    check_keys(gate, where, "when any with near not weight")
    if not WHEN[gate.when] then refuse(where .. ".when", "expected question, speech or plain") end
    local rule = conditions(gate, where, book.lists)
    if gate.any then rule.any = lexicon(gate.any, where .. ".any", book.lists) end
    rule.when, rule.weight = gate.when, number(gate.weight, where .. ".weight")
    gates[#gates + 1] = rule
  end
  return gates
end

--- Terms by which headings name stages: the plain ones, and the themes looked at when no plain one is there.
local function read_headings(book)
  local plain, themes = {}, {}
  for _, code in ipairs(host.keys(book.stages)) do
    plain[code], themes[code] = book.stages[code].headings, book.stages[code].themes
  end
  return { host.lexicon(plain), host.lexicon(themes) }
end

--- The codebook, checked and made ready.
local function read(book)
  check_keys(book, "the file", "threshold topic lists acts gates stages instruments")
  check_keys(book.topic, "topic", "strong except article passage")
  local ready = {
    threshold = number(book.threshold, "threshold"),
    topic = lexicon(book.topic.strong, "topic.strong", book.lists, book.topic.except),
    article = number(book.topic.article, "topic.article"),
    passage = number(book.topic.passage, "topic.passage"),
    acts = lexicon(book.acts, "acts", book.lists),
    gates = read_gates(book), headings = read_headings(book),
    instruments = book.instruments,
  }
  local rules
  rules, ready.stages = read_section("stages", book, function(_, entry, where)
    check_keys(entry, where, "label headings themes cues")
  end)
  ready.stage_triggers = { trigger(rules) }
  rules, ready.order = read_section("instruments", book, check_instrument(book))
  ready.triggers = side_triggers(rules, book.instruments)
  return ready
end

local book = read(host.codebook(FILE))
local speech_ends = host.lexicon { "。”", "！”", "？”", "…”" }

-- Looking at an article -----------------------------------------------------------------------------------------------

--- Calls `each(i, match)` for every match of `lex` in the article that lies in sentence `i`.
local function by_sentence(a, lex, starts, each)
  local i, count = 1, #starts
  for _, match in ipairs(a:matches(lex)) do
    local at = match.span.first
    while i < count and starts[i + 1] <= at do i = i + 1 end
    if starts[i] <= at then each(i, match) end
  end
end

--- A term of `lex` stands within `near` bytes of `span`.
local function is_near(sentence, lex, span, near)
  local first, last = span.first - near - 1, span.last + near + 1
  for _, other in ipairs(sentence:matches(lex)) do
    if other.span.last >= first and other.span.first <= last then return true end
  end
  return false
end

--- The sentence holds what `rule` asks for beside its `any`, of which `match` is a hit.
local function holds(rule, sentence, match)
  if rule.none and sentence:has(rule.none) then return false end
  for _, lex in ipairs(rule.with) do
    if not sentence:has(lex) then return false end
    if rule.near and not is_near(sentence, lex, match.span, rule.near) then return false end
  end
  return true
end

--- The rules that fire in a sentence, each with its first hit: a list of { rule =, cue = }, or nil.
local function fire(triggers, sentence)
  local fired, seen
  for _, one in ipairs(triggers) do
    for _, match in ipairs(sentence:matches(one.lexicon)) do
      local term = match.term
      for _, rule in ipairs(one.fires[term]) do
        if not (seen and seen[rule]) and holds(rule, sentence, match) then
          fired, seen = fired or {}, seen or {}
          seen[rule], fired[#fired + 1] = true, { rule = rule, cue = term }
        end
      end
    end
  end
  return fired
end

--- How many times `mark` stands in `text`.
local function count(text, mark)
  local n, at = 0, 1
  while true do
    local first, last = text:find(mark, at, true)
    if not first then return n end
    n, at = n + 1, last + 1
  end
end

--- Which sentences are quoted speech: those from an opening mark to the one that closes after the end of a sentence.
local function find_speech(a, sentences, starts)
  local speech = {}
  by_sentence(a, speech_ends, starts, function(i, match)
    local floor, open, first = match.span.block.first, 0, i
    for k = i, 1, -1 do
      if starts[k] < floor then break end
      local text = sentences[k].text
      open, first = open + count(text, "”") - count(text, "“"), k
      if open <= 0 then break end
    end
    if open > 0 or (first == i and sentences[i].text:find("“", 1, true) ~= 1) then return end
    for k = first, i do speech[k] = true end
  end)
  return speech
end

--- The stages that the headings `first`..`last` of a run name.
local function heading_stages(run)
  for _, lex in ipairs(book.headings) do
    local found, any = {}, false
    for _, heading in ipairs(run) do
      for _, match in ipairs(heading:matches(lex)) do
        for _, code in ipairs(match.categories) do found[code], any = true, true end
      end
    end
    if any then return found end
  end
end

--- For each sentence its block's number, and for each block the stages of the headings above it.
local function passages(a, starts)
  local block_of, stages, run, current, i = {}, {}, {}, nil, 1
  for b, block in ipairs(a:blocks()) do
    local kind, last = block.kind, block.last
    if kind == "heading" then
      if #run == 0 then current = nil end
      run[#run + 1] = block
    elseif #run > 0 and kind ~= "caption" then
      current, run = heading_stages(run), {}
    end
    stages[b] = current
    while starts[i] and starts[i] <= last do
      block_of[i] = b
      i = i + 1
    end
  end
  return block_of, stages
end

--- The sentence names the topic.
local function names_topic(sentence)
  for _, match in ipairs(sentence:matches(book.topic)) do
    if match.category ~= "except" then return true end
  end
  return false
end

--- A function that tells whether sentence `i` may be an act by its topic: all of an article or paragraph about talent may,
--- elsewhere those that name it.
local function find_topic(sentences, block_of)
  local share, size, total = {}, {}, 0
  for i, sentence in ipairs(sentences) do
    local b = block_of[i]
    size[b] = (size[b] or 0) + 1
    if sentence:has(book.topic) and names_topic(sentence) then share[b], total = (share[b] or 0) + 1, total + 1 end
  end
  if total >= book.article * #sentences then return function() return true end end
  return function(i)
    local b = block_of[i]
    return names_topic(sentences[i]) or (share[b] or 0) >= book.passage * size[b]
  end
end

--- The kind of block lets the sentence be an act: paragraphs do, captions and list items when they are full sentences.
local function is_body(sentence)
  local kind = sentence.kind
  return kind == "paragraph" or ((kind == "caption" or kind == "list") and sentence:sub(-1, -1).text == "。")
end

--- What speaks against the sentence, as a weight.
local function against(sentence, is_speech)
  local sum = 0
  for _, gate in ipairs(book.gates) do
    local applies = gate.when == "plain" or (gate.when == "speech" and is_speech)
      or (gate.when == "question" and #sentence > 1 and sentence:sub(-2, -1).text:find("？", 1, true) ~= nil)
    if applies and (not gate.any or sentence:has(gate.any)) and holds(gate, sentence) then
      sum = sum + gate.weight
    end
  end
  return sum
end

--- The best weight among the cues that fired in a sentence.
local function best_weight(cues)
  local best = 0
  for _, hit in ipairs(cues) do best = math.max(best, hit.rule.weight) end
  return best
end

--- The sentence is an act.
local function is_act(sentence, cues, is_speech)
  local score = best_weight(cues)
  if sentence:has(book.acts) then score = score + 1 end
  return score >= book.threshold and score - against(sentence, is_speech) >= book.threshold
end

--- The cues that count: those marked fallback only when there is no other.
local function effective(cues)
  local kept = {}
  for _, hit in ipairs(cues) do
    if not hit.rule.fallback then kept[#kept + 1] = hit end
  end
  return #kept > 0 and kept or cues
end

--- The instruments of a sentence with the cue that decided each, the first.
local function decide_instruments(cues)
  local chosen = {}
  for _, hit in ipairs(cues) do chosen[hit.rule.code] = chosen[hit.rule.code] or hit end
  return chosen
end

--- Adds the codes that `field` ("stages", "default") of the cues gives to `set`, which may be nil and stays so when none.
local function codes_of(cues, field, set)
  for _, hit in ipairs(cues) do
    for _, code in ipairs(hit.rule[field]) do
      set = set or {}
      set[code] = true
    end
  end
  return set
end

--- The stages the sentence names itself, by its words and by its cues; nil when it names none.
local function named_stages(cues, stage_cues)
  local set = codes_of(cues, "stages")
  for _, hit in ipairs(stage_cues or {}) do
    set = set or {}
    set[hit.rule.code] = true
  end
  return set
end

--- The stages given to instruments that say nothing else, when there is no passage either.
local function otherwise(chosen)
  local set = {}
  for _, code in ipairs(book.order) do
    for _, stage in ipairs(chosen[code] and book.instruments[code].otherwise or {}) do set[stage] = true end
  end
  return set
end

--- Records the product of stages and instruments for one sentence.
local function record(a, sentence, stages, chosen)
  for _, stage in ipairs(book.stages) do
    for _, code in ipairs(stages[stage] and book.order or {}) do
      local hit = chosen[code]
      if hit then
        a:record("policy", { span = sentence, stage = stage, instrument = code,
                             side = book.instruments[code].side, cue = hit.cue })
      end
    end
  end
end

--- Codes every sentence of the article that is a policy act.
function plugin.article(a)
  local sentences, starts = a:sentences(), {}
  for i, sentence in ipairs(sentences) do starts[i] = sentence.first end
  local block_of, headed = passages(a, starts)
  local on_topic, speech = find_topic(sentences, block_of), find_speech(a, sentences, starts)
  local before, before_at
  for i, sentence in ipairs(sentences) do
    local cues = on_topic(i) and is_body(sentence) and fire(book.triggers, sentence)
    if cues and is_act(sentence, cues, speech[i]) then
      cues = effective(cues)
      local chosen, b = decide_instruments(cues), block_of[i]
      local same_block = before_at == b and before or nil
      local stages = named_stages(cues, fire(book.stage_triggers, sentence)) or codes_of(cues, "default") or headed[b]
        or same_block or otherwise(chosen)
      record(a, sentence, stages, chosen)
      before, before_at = stages, b
    end
  end
end

return plugin
