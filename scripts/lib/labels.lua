-- scripts/lib/labels.lua: what the codes of the codebook are called, and in which order they stand (scripts/data/labels.yaml).
local labels = {}

local book = host.codebook "labels.yaml"

--- The name of `code` of a kind (`indicator`, `stage`, …) in "zh" or "en"; the code itself when it has none.
function labels.of(kind, code, lang)
  local entry = book[kind] and book[kind][code]
  return entry and entry[lang] or code
end

--- The codes of a kind in the order of the file.
function labels.order(kind)
  return host.keys(book[kind])
end

--- The codes' places in that order: { attract = 1, develop = 2, … }.
function labels.ranks(kind)
  local ranks = {}
  for i, code in ipairs(labels.order(kind)) do ranks[code] = i end
  return ranks
end

--- The sign before a number: ">" for over, "" for exact.
function labels.sign(cmp)
  local entry = book.cmp[cmp]
  return entry and entry.sign or ""
end

--- The side (supply, environment, demand) an instrument belongs to.
function labels.side(instrument)
  local entry = book.instrument[instrument]
  return entry and entry.side
end

--- Everything, for the report's page: { kind = { code = { zh =, en = } } }.
function labels.all()
  return book
end

return labels
