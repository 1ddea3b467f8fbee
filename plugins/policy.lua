-- plugins/policy.lua: what a government, zone, school or firm does for talent, sentence by sentence.
-- The coder knows no code: stages, instruments, their cues and what speaks against an act are in data/policy.yaml, or in the
-- file that `codebook:` names in config.yaml (docs/codebook.md). lib/codebook.lua reads it.
local codebook = require "codebook"

local plugin = host.plugin {
  name = "policy", version = "1.1",
  summary = "Policy acts by stage of the talent chain and instrument",
  needs = {},
  records = {
    policy = { stage = "text?", instrument = "text", side = "text?", cue = "text", label_zh = "text?", label_en = "text?" },
  },
}

local book = codebook.read "policy.yaml"
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
  if not book.topic then return function() return true end end
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
  if book.acts and sentence:has(book.acts) then score = score + 1 end
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

--- Records `code` with its cue for one sentence and stage (nil in a codebook without stages).
local function record_one(a, sentence, stage, code, hit)
  local entry = book.instruments[code]
  local label = entry.label or {}
  a:record("policy", { span = sentence, stage = stage, instrument = code, side = entry.side, cue = hit.cue,
                       label_zh = label.zh, label_en = label.en })
end

--- Records the product of stages and instruments for one sentence.
local function record(a, sentence, stages, chosen)
  for _, code in ipairs(book.order) do
    local hit = chosen[code]
    if hit and not book.staged then record_one(a, sentence, nil, code, hit) end
    for _, stage in ipairs(hit and book.stages or {}) do
      if stages[stage] then record_one(a, sentence, stage, code, hit) end
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
