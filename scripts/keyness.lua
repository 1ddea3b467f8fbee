-- scripts/keyness.lua: terms that set one region's texts apart from all others'.
--
-- Terms are runs of two to four Han characters, since Chinese writes no spaces; a run inside a longer one that is as frequent is
-- left out. Keyness is the log-likelihood ratio G² (Dunning 1993, as applied to corpora by Rayson and Garside 2000), size the log
-- ratio of relative frequencies (Hardie 2014). G² ≥ 15.13 is the usual bar (p < 0.0001).
local selection = require "selection"

local script = host.script {
  name = "keyness",
  summary = "Terms that set a region's texts apart (log-likelihood)",
  needs = { "region" },
  args = {
    regions = { default = "", doc = "the region: a name or the beginning of a code (needed)" },
    level = { default = "", doc = "compare only with regions of this level" },
    since = { default = "", doc = "a day or a year" },
    ["until"] = { default = "", doc = "a day or a year" },
    top = { default = 30, doc = "terms to show" },
    least = { default = 3, doc = "a term comes at least so often in the region's texts" },
    out = { default = "", doc = "a file to write: keyness.csv, .xlsx, .md …" },
  },
}

local BAR = 15.13

--- Call `take` with every run of two to four Han characters.
local function each_term(text, take)
  for run in text:gmatch "[\xE4-\xE9][\x80-\xBF\xE4-\xE9]+" do
    local n = utf8.len(run)
    for first = 1, (n or 0) - 1 do
      for length = 2, math.min(4, n - first + 1) do
        take(run:sub(3 * first - 2, 3 * (first + length - 1)))
      end
    end
  end
end

local function count_terms(texts, keep)
  local counts, total = {}, 0
  for _, text in ipairs(texts) do
    each_term(text, function(term)
      if not keep or keep[term] then counts[term] = (counts[term] or 0) + 1 end
    end)
    total = total + utf8.len(text)
  end
  return counts, total
end

--- G² of a term found `a` times in `n` characters and `b` times in `m`.
local function log_likelihood(a, n, b, m)
  local function part(count, size)
    local expected = size * (a + b) / (n + m)
    return count > 0 and count * math.log(count / expected) or 0
  end
  return 2 * (part(a, n) + part(b, m))
end

--- Is the term part of a longer one of the list that comes as often?
local function is_part(term, longer, counts)
  for _, other in ipairs(longer) do
    if #other > #term and other:find(term, 1, true) and counts[other] >= 0.9 * counts[term] then return true end
  end
  return false
end

function script.run(corpus, args)
  if args.regions == "" then corpus:refuse "regions: name the region, as in regions=昆山" end
  local wanted = selection.new(corpus, { regions = args.regions, since = args.since, ["until"] = args["until"] })
  local field = selection.new(corpus, { level = args.level })
  local own, others = {}, {}
  for _, a in ipairs(corpus:query "SELECT region_name, region_code, date, text FROM article WHERE duplicate_of IS NULL") do
    if selection.has_days(wanted, nil, nil, a.date) then
      if selection.has_region(wanted, a.region_name, a.region_code) then
        own[#own + 1] = a.text
      elseif selection.has_region(field, a.region_name, a.region_code) then
        others[#others + 1] = a.text
      end
    end
  end
  if #own == 0 then corpus:refuse(('regions: no article is about "%s"'):format(args.regions)) end
  local counts, size = count_terms(own)
  for term, n in pairs(counts) do
    if n < args.least then counts[term] = nil end
  end
  local elsewhere, rest = count_terms(others, counts)
  local terms = {}
  for term, a in pairs(counts) do
    local b = elsewhere[term] or 0
    local g2 = log_likelihood(a, size, b, rest)
    if g2 >= BAR and a / size > b / math.max(rest, 1) then terms[#terms + 1] = { term = term, a = a, b = b, g2 = g2 } end
  end
  table.sort(terms, function(x, y) return x.g2 > y.g2 or x.g2 == y.g2 and x.term < y.term end)
  local shown = corpus:table { title = script.summary, columns = { "term", "here", "elsewhere", "G2", "log ratio" } }
  local listed = {}
  for _, t in ipairs(terms) do listed[#listed + 1] = t.term end
  for _, t in ipairs(terms) do
    if #shown >= args.top then break end
    if not is_part(t.term, listed, counts) then
      local ratio = math.log((t.a / size) / ((t.b > 0 and t.b or 0.5) / math.max(rest, 1)), 2)
      shown:add { t.term, t.a, t.b, ("%.1f"):format(t.g2), ("%.1f"):format(ratio) }
    end
  end
  shown:print()
  if args.out ~= "" then shown:write(args.out) end
end

return script
