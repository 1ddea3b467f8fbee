-- scripts/programmes.lua: who has what - cards, funds, housing, platforms … by name, with the regions that name them.
local labels = require "labels"
local selection = require "selection"

local script = host.script {
  name = "programmes",
  summary = "Named programmes by type, and the regions that have them",
  needs = { "region", "programme" },
  args = {
    types = { default = "", doc = "codes, with commas: card, fund, housing, platform, plan …" },
    regions = { default = "", doc = "names or codes, with commas" },
    level = { default = "", doc = "province, city, county or zone" },
    since = { default = "", doc = "a day or a year" },
    ["until"] = { default = "", doc = "a day or a year" },
    lang = { default = "", doc = "zh or en" },
    out = { default = "", doc = "a file to write: programmes.csv, .xlsx, .md …" },
  },
}

local QUERY = [[
  SELECT type, programme.text AS name, region_name AS region, region_code AS code, date, count(*) AS n,
         'programme:' || min(programme.id) AS record
    FROM programme JOIN article ON article.id = article_id
   WHERE duplicate_of IS NULL
   GROUP BY type, programme.text, region_name, region_code, date ORDER BY type, programme.text, region_code]]

--- The types asked for as a set; nil for all.
local function types_of(corpus, text)
  if text == "" then return nil end
  local known, set = labels.ranks "type", {}
  for code in text:gmatch "[^,%s]+" do
    if not known[code] then
      corpus:refuse(('types: there is no "%s"; known: %s'):format(code, table.concat(labels.order "type", " ")))
    end
    set[code] = true
  end
  return set
end

function script.run(corpus, args)
  local lang = args.lang ~= "" and args.lang or corpus.lang
  local wanted, types = selection.new(corpus, args), types_of(corpus, args.types)
  local found, order = {}, {}
  for _, row in ipairs(corpus:query(QUERY)) do
    if (not types or types[row.type]) and selection.has_region(wanted, row.region, row.code)
      and selection.has_days(wanted, nil, nil, row.date) then
      local key = row.type .. "\0" .. row.name
      local entry = found[key]
      if not entry then
        entry = { type = row.type, name = row.name, regions = {}, n = 0, record = row.record }
        found[key] = entry
        order[#order + 1] = entry
      end
      entry.n = entry.n + row.n
      if row.region and entry.regions[#entry.regions] ~= row.region then entry.regions[#entry.regions + 1] = row.region end
    end
  end
  local columns = {}
  for i, key in ipairs { "type", "name", "coverage", "sentences", "record" } do columns[i] = labels.of("word", key, lang) end
  local shown = corpus:table { title = script.summary, columns = columns }
  for _, e in ipairs(order) do
    shown:add { labels.of("type", e.type, lang), e.name, table.concat(e.regions, " "), e.n, e.record }
  end
  shown:print()
  if args.out ~= "" then shown:write(args.out) end
end

return script
