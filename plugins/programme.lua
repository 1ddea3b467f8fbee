-- plugins/programme.lua: named policies, projects, mechanisms, platforms, brands and places.
-- Names are quotations with their head noun, titles in 《》, and heads with modifiers of their own; the words are in
-- data/programme.yaml.
local plugin = host.plugin {
  name = "programme", version = "1.0",
  summary = "Named policies, projects, mechanisms and platforms",
  needs = {},
  records = { programme = { text = "text", type = "text" } },
}

local FILE = "programme.yaml"
local TYPES = { plan = true, mechanism = true, fund = true, platform = true, housing = true, card = true, event = true,
                award = true, organisation = true, brand = true }
local BY_TYPE = { "heads", "endings", "verbs", "names" }
local LISTS = {
  "alone", "generic", "stops", "joined", "right_stops", "weak", "doings", "refuse", "refuse_parts", "classes", "titles",
}
local NUMBERS = { "reach", "verb_reach" }
local SINGLE = 3    -- bytes in a quotation of one character, which names nothing
local LONGEST = 72  -- bytes in a quotation that may be a name
local GENERIC_TITLE = 12 -- bytes of a title that says only what it is: 《实施方案》
local NEAR = 12     -- characters before an unquoted head that mostly hold its modifiers
local LEFT = 32     -- characters looked at before an unquoted head

-- Reading the data ----------------------------------------------------------------------------------------------------

--- Stops loading with what is wrong in the data file.
local function refuse(where, what)
  error(FILE .. ": " .. where .. ": " .. what, 0)
end

--- Checks that the file has the keys this plugin reads, of their kind, and no other.
local function check(data)
  local known = {}
  for _, key in ipairs(NUMBERS) do known[key] = "number" end
  for _, key in ipairs(BY_TYPE) do known[key] = "table" end
  for _, key in ipairs(LISTS) do known[key] = "table" end
  for _, key in ipairs(host.keys(data)) do
    if not known[key] then refuse(key, "unknown key") end
  end
  for key, kind in pairs(known) do
    if type(data[key]) ~= kind then refuse(key, "expected a " .. (kind == "table" and "list or map" or kind)) end
  end
  for _, key in ipairs(BY_TYPE) do
    for _, code in ipairs(host.keys(data[key])) do
      if not TYPES[code] then refuse(key, 'unknown type "' .. code .. '"') end
    end
  end
  for _, code in ipairs(data.alone) do
    if not TYPES[code] then refuse("alone", 'unknown type "' .. tostring(code) .. '"') end
  end
  return data
end

--- The terms of a list as a set.
local function set_of(list)
  local set = {}
  for _, term in ipairs(list) do set[tostring(term)] = true end
  return set
end

--- Type by term, for the longest-ending lookup.
local function ending_types(endings)
  local types = {}
  for code, terms in pairs(endings) do
    for _, term in ipairs(terms) do types[tostring(term)] = types[tostring(term)] or code end
  end
  return types
end

local data = check(host.codebook(FILE))
local heads, verbs, names = host.lexicon(data.heads), host.lexicon(data.verbs), host.lexicon(data.names)
local endings, refused, generic, titles = ending_types(data.endings), set_of(data.refuse), set_of(data.generic),
  set_of(data.titles)
local refused_parts, classes = host.lexicon(data.refuse_parts), host.lexicon(data.classes)
local alone, weak = set_of(data.alone), set_of(data.weak)
local stops = host.lexicon { stop = data.stops, joined = data.joined }
local right_stops = host.lexicon(data.right_stops)
local doings = host.lexicon(data.doings)
local marks = host.lexicon { open = { "“", "‘", "《" }, close = { "”", "’", "》" } }
local speech_marks, pauses = host.lexicon { "。", "！", "？", "；" }, host.lexicon { "，", "," }
local CLOSING = { ["“"] = "”", ["‘"] = "’", ["《"] = "》" }

-- Pieces of text ------------------------------------------------------------------------------------------------------

--- The longest term of `types` that `text` ends in, and what it stands for.
local function ending_of(text, types)
  local at = utf8.offset(text, -9) or 1
  while at <= #text do
    local found = types[text:sub(at)]
    if found then return found end
    at = utf8.offset(text, 2, at)
  end
end

--- Where the modifiers that end with `before` begin: after the last stop; nil when it holds none.
local function last_stop(before)
  local list = before:matches(stops)
  for i = #list, 1, -1 do
    if list[i].category == "stop" then return list[i].span.last + 1 end
  end
end

--- The first byte of the modifiers before `span`, looking near at hand first.
local function modifiers_start(span)
  local first = last_stop(span:before(NEAR))
  if first then return first end
  local before = span:before(LEFT)
  return last_stop(before) or before.first
end

--- The quotations of the article that stand in one sentence: { open =, close =, first =, last = } by mark.
local function quotations(a)
  local found, stack = {}, {}
  for _, match in ipairs(a:matches(marks)) do
    local term = match.term
    if CLOSING[term] then
      stack[#stack + 1] = { mark = term, open = match.span }
    else
      local top = stack[#stack]
      if top and CLOSING[top.mark] == term then
        stack[#stack] = nil
        local size = match.span.last - top.open.first
        if size <= LONGEST + 6 then
          top.close = match.span
          found[#found + 1] = top
        end
      end
    end
    if #stack > 4 then stack = {} end
  end
  return found
end

-- Quotations ----------------------------------------------------------------------------------------------------------

--- The head noun that follows a quotation within reach: its span and type, or nil.
local function head_after(close)
  local after = close:after(data.reach)
  if not after:has(heads) then return nil end
  local limit = after.last
  local stop = after:matches(right_stops)[1]
  if stop then limit = stop.span.first - 1 end
  local found, code
  for _, match in ipairs(after:matches(heads)) do
    local near = not found or (weak[found.text] and match.span.first - found.last <= 13)
    if match.span.last <= limit and near then
      local between = after.text:sub(1, match.span.first - after.first):gsub("%d+届", "")
      if not between:find("%d") then found, code = match.span, match.category end
    end
  end
  return found, code
end

--- The type that a verb before the quotation gives it.
local function type_by_verb(open)
  local before, found = open:before(data.verb_reach), nil
  for _, match in ipairs(before:matches(verbs)) do found = match.category end
  return found
end

--- The text between the marks is no name: a metaphor, a class, speech.
local function is_refused(inner, text)
  return #text <= SINGLE or refused[text] or inner:has(refused_parts) or inner:has(speech_marks) or not text:find("%S")
    or (#text > 45 and inner:has(pauses))
end

--- Where the name begins: an edition (第八届) or the noun a formula stands to belongs to it.
local function name_start(open, text)
  local before = open:before(12)
  local edition = before.text:match("(第.-届)$") or before.text:match("(课程)$")
  if edition then return open.first - #edition end
  if text:find("^[%d%+NX]+$") and text:find("+", 1, true) then
    return last_stop(before) or before.first
  end
  return open.first
end

--- The span from byte `first` to byte `last` of the article, given a span that begins there or after.
local function stretch(span, first, last)
  local sentence = span.sentence
  return sentence:slice(first - sentence.first + 1, last - sentence.first + 1)
end

--- Titles, headings and captions that are no full sentence name nothing.
local function is_body(span)
  local kind = span.kind
  return kind == "paragraph" or kind == "list" or kind == "table"
    or (kind == "caption" and span.sentence:sub(-1, -1).text == "。")
end

--- A title in 《》: a policy when it ends like one.
local function title_name(quotation, text)
  local bare = text:match("^(.-)（.-）$") or text:match("^(.-)%(.-%)$") or text
  if #bare > GENERIC_TITLE and ending_of(bare, titles) then return quotation.open:join(quotation.close), "plan" end
end

--- What follows a quotation begins with a word that makes it a class.
local function is_class(follows)
  local class = follows:has(classes) and follows:matches(classes)[1]
  return class and class.span.first == follows.first
end

-- What begins with one of these and has no head noun is a slogan: 建设“两个基地”, 打造“八纵八横”.
local NUMERAL = {}
for _, char in ipairs { "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "两", "百", "千", "万" } do NUMERAL[char] = true end

--- The name a quotation makes, and its type; `previous` is the type of a quotation right before it.
local function quoted_name(quotation, inner, text, previous)
  local open, close = quotation.open, quotation.close
  local head, code = head_after(close)
  if not head and is_class(close:after(4)) then return nil end
  local own = ending_of(text, endings)
  if head and own ~= "award" then
    return stretch(open, name_start(open, text), head.last), code
  end
  local by_verb = type_by_verb(open) or previous
  if by_verb == "award" then return open:join(close), "award" end
  local slogan = by_verb == "platform" and NUMERAL[text:match(utf8.charpattern)]
  if not own and by_verb and (slogan or inner:has(pauses)) then return nil end
  local doing = not own and by_verb and inner:matches(doings)[1]
  if doing and doing.span.first == inner.first then return nil end
  if own or by_verb then
    return stretch(open, name_start(open, text), close.last), own or by_verb
  end
end

--- Records the names among the article's quotations; returns the spans of all that were looked at.
local function find_quoted(a)
  local spans, last, previous = {}, nil, nil
  for _, quotation in ipairs(quotations(a)) do
    local open, close = quotation.open, quotation.close
    local span = open:join(close)
    local inner = open:between(close)
    local text = inner.text
    if not last or open.first - last > 4 then previous = nil end
    if open.sentence == close.sentence and is_body(span) and not is_refused(inner, text) then
      local name, code
      if quotation.mark == "《" then
        name, code = title_name(quotation, text)
      else
        name, code = quoted_name(quotation, inner, text, previous)
      end
      if name then
        a:record("programme", { span = name, type = code })
        span, previous = name, code
      end
    end
    spans[#spans + 1], last = { first = span.first, last = span.last }, close.last
  end
  return spans
end

-- Names without quotation marks ---------------------------------------------------------------------------------------

--- The modifiers say more than what kind of thing it is.
local function is_distinctive(text)
  local rest = text
  repeat
    local before, cut = #rest, nil
    local at = 1
    while at <= #rest do -- the longest generic word the rest begins with
      local stop = utf8.offset(rest, 2, at) or #rest + 1
      if generic[rest:sub(1, stop - 1)] then cut = stop end
      at = stop
    end
    if cut then rest = rest:sub(cut) end
  until #rest == before
  return #rest >= 6
end

--- The name that ends in the head `span` with its modifiers, and the length of these in bytes; editions begin a name.
local function unquoted_name(head)
  local name = stretch(head, math.max(modifiers_start(head), head.sentence.first), head.last)
  local text = name.text
  local edition = text:find("第%S-届") or text:match("^%d+届()")
  if edition then name = name:slice(edition, #text) end
  return name, name.text:sub(1, head.first - name.first)
end

-- Behind digits these make no count: 2024年…论坛, 20国集团峰会.
local NO_COUNT = { ["年"] = true, ["届"] = true, ["号"] = true, ["国"] = true }

--- The head is counted (12家…, 600多场…, …35个) or goes on.
local function is_counted(head, modifier)
  local follows = head:after(1).text
  if follows:find("^%d") or follows == "暨" then return true end
  local at = modifier:match("^%d+()")
  local unit = at and modifier:sub(at):match(utf8.charpattern)
  return unit ~= nil and not NO_COUNT[unit] and not unit:find("^[%a]") and modifier:sub(at):find("^[\224-\244]") ~= nil
end

--- Records the heads with modifiers of their own that stand outside of the quotations `taken`, which are in text order.
local function find_unquoted(a, taken)
  local at = 1
  for _, match in ipairs(a:matches(names)) do
    local head = match.span
    local first = head.first
    while taken[at] and taken[at].last < first do at = at + 1 end
    if not (taken[at] and taken[at].first <= head.last) and is_body(head) then
      local name, modifier = unquoted_name(head)
      local distinct = alone[match.category] or is_distinctive(modifier)
      if distinct and not is_counted(head, modifier) then
        a:record("programme", { span = name, type = match.category })
      end
    end
  end
end

--- Records the programmes named in the article.
function plugin.article(a)
  find_unquoted(a, find_quoted(a))
end

return plugin
