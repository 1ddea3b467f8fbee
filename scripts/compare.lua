-- scripts/compare.lua: regions side by side - their figures, what they do for talent, their named programmes and claims of rank.
--
-- The tables go to the terminal; compare.html and compare.xlsx (see `out`) hold the same with the sentences behind every number.
-- Every figure ends in its record: `talenthost explain metric:12` shows where it comes from.
local acts = require "acts"
local evidence = require "evidence"
local figures = require "figures"
local labels = require "labels"
local page = require "page"
local selection = require "selection"

local script = host.script {
  name = "compare",
  summary = "Regions side by side: figures, policy matrix, programmes, rankings",
  needs = { "region", "metric", "policy", "programme", "ranking" },
  args = {
    regions = { default = "", doc = "names or codes, with commas; a beginning is enough: 海沧, 3502" },
    level = { default = "", doc = "province, city, county or zone" },
    indicators = { default = "", doc = "codes or names, with commas: housing_units, 培训人数" },
    since = { default = "", doc = "a day or a year: only periods that reach it" },
    ["until"] = { default = "", doc = "a day or a year: only periods that begin by then" },
    period = { default = "all", doc = "all, or latest: of each region only its latest period" },
    top = { default = 12, doc = "groups of figures to print, and twenty times as many rows of a table; 0 prints all" },
    alone = { default = false, doc = "print the figures that can not be compared too, each with its reason" },
    lang = { default = "", doc = "zh or en; that of config.yaml when left out" },
    out = {
      default = "compare.html,compare.xlsx",
      doc = "files to write below the output folder: .html .xlsx .csv .tsv .md .json .ndjson; out= writes none",
    },
  },
}

local PROGRAMMES = [[
  SELECT programme.id, article_id, start, stop, programme.text, type, region_name AS region, region_code AS code, date
    FROM programme JOIN article ON article.id = article_id
   WHERE duplicate_of IS NULL ORDER BY region_code, region_name, type, programme.text, article_id, start]]

local RANKINGS = [[
  SELECT ranking.id, article_id, start, stop, ranking.text, rank, scope, streak, region_name AS region, region_code AS code, date
    FROM ranking JOIN article ON article.id = article_id
   WHERE duplicate_of IS NULL ORDER BY region_code, region_name, rank, article_id, start]]

local COVERAGE = [[
  SELECT region_name AS region, region_code AS code, count(*) AS articles, min(date) AS first, max(date) AS last,
         sum((SELECT count(*) FROM sentence WHERE article_id = article.id)) AS sentences
    FROM article WHERE duplicate_of IS NULL
   GROUP BY region_name, region_code ORDER BY region_code IS NULL, region_code, region_name]]

local DUPLICATES = [[
  SELECT region_name AS region, region_code AS code, count(*) AS articles
    FROM article WHERE duplicate_of IS NOT NULL GROUP BY region_name, region_code]]

local lang -- of the tables, set when the script runs

local function word(key) return labels.of("word", key, lang) end

local function words(...)
  local list = {}
  for i, key in ipairs { ... } do list[i] = word(key) end
  return list
end

local function names(kind, codes)
  local list = {}
  for i, code in ipairs(codes) do list[i] = labels.of(kind, code, lang) end
  return list
end

local function join(...)
  local list = {}
  for _, part in ipairs { ... } do table.move(part, 1, #part, #list + 1, list) end
  return list
end

--- The rows of a statement that are about the regions and days asked for.
local function select(corpus, wanted, sql)
  local kept = {}
  for _, row in ipairs(corpus:query(sql)) do
    if selection.has_region(wanted, row.region, row.code) and selection.has_days(wanted, nil, nil, row.date) then
      kept[#kept + 1] = row
    end
  end
  return kept
end

local function region_of(row) return row.region or word "no_region" end

local function new_table(corpus, title, columns, key)
  return corpus:table { title = word(title), columns = columns, key = key }
end

local function coverage(corpus, wanted)
  local shown = new_table(corpus, "coverage", words("region", "code", "articles", "sentences", "first", "last"))
  for _, row in ipairs(corpus:query(COVERAGE)) do
    if selection.has_region(wanted, row.region, row.code) then
      shown:add { region_of(row), row.code or "", row.articles, row.sentences, row.first or "", row.last or "" }
    end
  end
  return shown
end

local function count_duplicates(corpus, wanted)
  local count = 0
  for _, row in ipairs(corpus:query(DUPLICATES)) do
    if selection.has_region(wanted, row.region, row.code) then count = count + row.articles end
  end
  return count
end

--- Figures that more than one region reports, the first `limit` groups of them (0: all), and how many are hidden by that.
local function figure_table(corpus, groups, limit, one_region)
  local columns = words("indicator", "aspect", "region", "value", "unit", "period", "subject", "record")
  local shown = new_table(corpus, "figures", columns)
  local count, hidden = 0, 0
  for _, group in ipairs(groups) do
    if group.regions < 2 and not one_region then goto continue end
    if limit > 0 and count >= limit then
      hidden = hidden + #group
      goto continue
    end
    count = count + 1
    for i, row in ipairs(group) do
      shown:add {
        i == 1 and labels.of("indicator", row.indicator, lang) or "", i == 1 and labels.of("aspect", row.aspect, lang) or "",
        region_of(row), figures.amount(row), row.unit, figures.period(row), row.subject or "", { row.ref, link = row.ref },
      }
    end
    ::continue::
  end
  return shown, hidden
end

--- Figures that only one region reports, with the reason why nothing stands beside them.
local function lone_table(corpus, groups)
  local shown = new_table(corpus, "alone", words("region", "indicator", "aspect", "value", "unit", "period", "reason", "record"))
  for _, group in ipairs(groups) do
    if group.regions < 2 then
      local reason = word(figures.why_alone(group, groups))
      for _, row in ipairs(group) do
        shown:add {
          region_of(row), labels.of("indicator", row.indicator, lang), labels.of("aspect", row.aspect, lang), figures.amount(row),
          row.unit, figures.period(row), reason, { row.ref, link = row.ref },
        }
      end
    end
  end
  return shown
end

local function percent(part, whole) return whole > 0 and ("%.0f"):format(100 * part / whole) or "" end

local function stage_table(corpus, regions)
  local stages = labels.order "stage"
  local shares = {}
  for i, name in ipairs(names("stage", stages)) do shares[i] = name .. " %" end
  local shown = new_table(corpus, "stages", join(words "region", names("stage", stages), words "sentences", shares))
  for _, r in ipairs(regions) do
    local row, tail = { region_of(r) }, {}
    for i, stage in ipairs(stages) do
      local n = acts.count(r, stage)
      row[#row + 1], tail[i] = n, percent(n, #r)
    end
    row[#row + 1] = #r
    shown:add(join(row, tail))
  end
  return shown
end

--- Regions by instruments: counts of sentences, or shares of a region's sentences.
local function instrument_table(corpus, regions, title, cell)
  local instruments = labels.order "instrument"
  local shown = new_table(corpus, title, join(words "region", names("instrument", instruments), words "sentences"))
  for _, r in ipairs(regions) do
    local row = { region_of(r) }
    for _, instrument in ipairs(instruments) do
      local n = acts.count(r, nil, instrument)
      row[#row + 1] = n > 0 and cell(n, #r) or ""
    end
    row[#row + 1] = #r
    shown:add(row)
  end
  return shown
end

--- The cross-table of policy research: stages by instruments, of all regions together and of each.
local function matrix(corpus, regions)
  local stages, instruments = labels.order "stage", labels.order "instrument"
  local shown = new_table(corpus, "matrix", join(words("region", "stage"), names("instrument", instruments), words "all"))
  local function add(name, list)
    for i, stage in ipairs(stages) do
      local row = { i == 1 and name or "", labels.of("stage", stage, lang) }
      for _, instrument in ipairs(instruments) do
        local n = acts.count(list, stage, instrument)
        row[#row + 1] = n > 0 and n or ""
      end
      row[#row + 1] = acts.count(list, stage)
      shown:add(row)
    end
  end
  if #regions > 1 then add(word "all", join(table.unpack(regions))) end
  for _, r in ipairs(regions) do add(region_of(r), r) end
  return shown
end

--- One row a region and type, each name once.
local function programme_table(corpus, rows)
  local shown = new_table(corpus, "programmes", words("region", "type", "names"))
  local current
  local function flush()
    if current then shown:add { current.region, labels.of("type", current.type, lang), table.concat(current, " ") } end
  end
  for _, row in ipairs(rows) do
    local region = region_of(row)
    if not current or current.region ~= region or current.type ~= row.type then
      flush()
      current = { region = region, type = row.type }
    end
    if current[#current] ~= row.text then current[#current + 1] = row.text end
  end
  flush()
  return shown
end

local function ranking_table(corpus, rows)
  local shown = new_table(corpus, "rankings", words("region", "claim", "rank", "scope", "streak", "record"))
  for _, row in ipairs(rows) do
    shown:add { region_of(row), row.text, row.rank or "", row.scope or "", row.streak or "", "ranking:" .. row.id }
  end
  return shown
end

--- Every figure as one row with its sentence: what other programs read, and what the other sheets link to. For people (in a
--- workbook) its columns have names in their language, for programs always those of the database.
local function evidence_table(corpus, rows, for_people)
  local columns = for_people
    and words("record", "region", "code", "indicator", "aspect", "sign", "value", "value_max", "unit", "period", "first",
      "last", "subject", "sentence", "title", "date", "source", "path")
    or { "record", "region_name", "region_code", "indicator", "aspect", "cmp", "value", "value_max", "unit", "time_text",
      "from_date", "to_date", "subject", "sentence", "title", "date", "source", "path" }
  local shown = new_table(corpus, "evidence", columns, columns[1])
  local sentences = evidence.reader(corpus)
  for _, row in ipairs(rows) do
    shown:add {
      row.ref, row.region or "", row.code or "", row.indicator, row.aspect, row.cmp,
      { row.value, sign = labels.sign(row.cmp), unit = row.unit }, row.value_max or "", row.unit, row.time_text or "",
      row.from_date or "", row.to_date or "", row.subject or "", sentences(row).text, row.title, row.date or "", row.source or "",
      row.path,
    }
  end
  return shown
end

--- Write the files asked for: the page, one workbook, or one file for each table. `tables`: { { "name", table }, … }.
local function write_files(corpus, out, tables, content)
  for name in out:gmatch "[^,%s]+" do
    local stem, kind = name:match "^(.+)%.(%w+)$"
    if kind == "html" then
      corpus:report { title = word "report", lang = lang, data = page.data(corpus, content, lang) }:write(name)
    elseif kind == "xlsx" then
      local sheets = {}
      for i, entry in ipairs(tables) do sheets[i] = entry[2] end
      sheets[#sheets + 1] = evidence_table(corpus, content.figures, true)
      corpus:workbook(sheets):write(name)
    elseif stem then
      for _, entry in ipairs(tables) do entry[2]:write(("%s-%s.%s"):format(stem, entry[1], kind)) end
      evidence_table(corpus, content.figures, false):write(("%s-evidence.%s"):format(stem, kind))
    else
      corpus:refuse(('out: "%s" has no ending that tells the kind of file: .html .xlsx .csv .tsv .md .json .ndjson'):format(name))
    end
  end
end

function script.run(corpus, args)
  local wanted = selection.new(corpus, args)
  lang = args.lang ~= "" and args.lang or corpus.lang
  local content = {
    figures = figures.select(corpus, wanted), acts = acts.select(corpus, wanted),
    programmes = select(corpus, wanted, PROGRAMMES), rankings = select(corpus, wanted, RANKINGS),
  }
  local groups = figures.groups(content.figures)
  if args.period == "latest" then
    figures.latest(groups)
  elseif args.period ~= "all" then
    corpus:refuse(('period: expected all or latest, got "%s"'):format(args.period))
  end
  local regions = acts.by_region(content.acts)
  local one_region = #wanted.regions == 1
  local shown, hidden = figure_table(corpus, groups, args.top, one_region)
  local lone = lone_table(corpus, groups)
  local tables = {
    { "coverage", coverage(corpus, wanted) }, { "figures", shown }, { "stages", stage_table(corpus, regions) },
    { "instruments", instrument_table(corpus, regions, "instruments", function(n) return n end) },
    { "shares", instrument_table(corpus, regions, "instrument_shares", percent) }, { "matrix", matrix(corpus, regions) },
    { "programmes", programme_table(corpus, content.programmes) }, { "rankings", ranking_table(corpus, content.rankings) },
  }
  for _, entry in ipairs(tables) do
    entry[2]:print(20 * args.top)
    print()
  end
  if args.alone and #lone > 0 then
    lone:print()
    print()
  end
  local duplicates = count_duplicates(corpus, wanted)
  if duplicates > 0 then print(("%s: %d"):format(word "duplicates", duplicates)) end
  if hidden > 0 then print(("… %d more figures; top=0 prints all"):format(hidden)) end
  if #lone > 0 and not args.alone then print(("%s: %d; alone=true prints them"):format(word "alone", #lone)) end
  if args.out ~= "" then
    tables[2] = { "figures", (figure_table(corpus, groups, 0, one_region)) }
    table.insert(tables, 3, { "alone", lone })
    write_files(corpus, args.out, tables, content)
  end
end

return script
