-- scripts/compare.lua: regions side by side - their figures, what they do for talent, and their named programmes.
--
-- Figures stand together only when they are of a kind: same indicator, unit and aspect (a stock is not a flow). Every
-- figure ends in its record, so that `talenthost explain metric:12` shows the sentence it comes from.
local script = host.script {
  name = "compare",
  summary = "Regions side by side: figures, policy matrix, programmes",
  needs = { "region", "metric", "policy", "programme" },
  args = {
    top = 12,       -- groups of figures to show; 0 shows all
    region = "",    -- only this region (its full name)
    indicator = "", -- only this indicator
    csv = false,    -- also write the tables as CSV below the output folder
  },
}

local STAGES = { "attract", "develop", "employ", "retain" }
local INSTRUMENTS = {
  "funding", "housing", "training", "platform", "cooperation", "service", "planning", "finance", "evaluation",
  "culture", "recruitment", "flexible", "contest", "projects",
}
local SIGNS = { exact = "", over = ">", under = "<", about = "~", at_least = "≥", at_most = "≤" }

-- A figure is about the place it names, else about the place its article is about.
local FIGURES = [[
  SELECT metric.id, coalesce(metric.region_name, article.region_name, '(no region)') AS region, indicator, unit, aspect,
         value, value_max, cmp, coalesce(time_text, '') AS period, coalesce(subject, '') AS subject
    FROM metric JOIN article ON article.id = article_id
   WHERE article.duplicate_of IS NULL AND indicator <> 'other'
     AND (?1 = '' OR ?1 = coalesce(metric.region_name, article.region_name)) AND (?2 = '' OR ?2 = indicator)
   ORDER BY indicator, unit, aspect, region, metric.id]]

local POLICY = [[
  SELECT coalesce(region_name, '(no region)') AS region, stage, instrument, count(DISTINCT article_id || ':' || start) AS n
    FROM policy JOIN article ON article.id = article_id
   WHERE article.duplicate_of IS NULL AND (?1 = '' OR ?1 = region_name)
   GROUP BY 1, 2, 3]]

local PROGRAMMES = [[
  SELECT coalesce(region_name, '(no region)') AS region, type, programme.text AS name, count(*) AS n
    FROM programme JOIN article ON article.id = article_id
   WHERE article.duplicate_of IS NULL AND (?1 = '' OR ?1 = region_name)
   GROUP BY 1, 2, 3 ORDER BY 1, 2, n DESC, 3]]

local COVERAGE = [[
  SELECT coalesce(region_name, '(no region)') AS region, region_code AS code, count(*) AS articles,
         coalesce(min(date), '') AS first, coalesce(max(date), '') AS last,
         (SELECT count(*) FROM sentence s JOIN article b ON b.id = s.article_id
           WHERE b.duplicate_of IS NULL AND b.region_name IS article.region_name) AS sentences
    FROM article WHERE duplicate_of IS NULL AND (?1 = '' OR ?1 = region_name)
   GROUP BY region_name, region_code ORDER BY region_code IS NULL, region_code, region_name]]

--- 1234567.5 → "1,234,567.5"
local function grouped(value)
  local text = ("%.12g"):format(value)
  local whole, rest = text:match("^(%-?%d+)(.*)$")
  if not whole or rest:find("e", 1, true) then return text end
  local digits = whole:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^(%-?),", "%1")
  return digits .. rest
end

--- "> 60,000", "3–5"
local function amount(row)
  local text = grouped(row.value)
  if row.value_max and row.value_max ~= row.value then text = text .. "–" .. grouped(row.value_max) end
  local sign = SIGNS[row.cmp] or ""
  return sign == "" and text or sign .. " " .. text
end

--- Rows in runs of equal indicator, unit and aspect: a list of groups with their rows and the number of regions in them.
local function group_figures(rows)
  local groups, current = {}, nil
  for _, row in ipairs(rows) do
    local key = row.indicator .. "\0" .. row.unit .. "\0" .. row.aspect
    if not current or current.key ~= key then
      current = { key = key, rows = {}, regions = 0 }
      groups[#groups + 1] = current
    end
    local last = current.rows[#current.rows]
    if not last or last.region ~= row.region then current.regions = current.regions + 1 end
    current.rows[#current.rows + 1] = row
  end
  return groups
end

--- The groups more regions report come first.
local function by_reach(a, b)
  if a.regions ~= b.regions then return a.regions > b.regions end
  if #a.rows ~= #b.rows then return #a.rows > #b.rows end
  return a.key < b.key
end

local function figures(corpus, args)
  local groups = group_figures(corpus:query(FIGURES, args.region, args.indicator))
  table.sort(groups, by_reach)
  local shown = corpus:table {
    title = "Figures, like with like",
    columns = { "indicator", "aspect", "region", "value", "unit", "period", "counts", "record" },
  }
  local alone, hidden, count = 0, 0, 0
  local one_region = args.region ~= ""
  for _, group in ipairs(groups) do
    if group.regions < 2 and not one_region then
      alone = alone + #group.rows
    elseif args.top > 0 and count >= args.top then
      hidden = hidden + #group.rows
    else
      count = count + 1
      for i, row in ipairs(group.rows) do
        shown:add {
          i == 1 and row.indicator or "", i == 1 and row.aspect or "", row.region, amount(row), row.unit, row.period,
          row.subject, "metric:" .. row.id,
        }
      end
    end
  end
  return shown, hidden, alone
end

--- Figures of one region only: nothing to compare them with.
local function lone_figures(corpus, args)
  local shown = corpus:table {
    title = "Not compared: only one region reports the indicator in this unit and aspect",
    columns = { "region", "indicators" },
  }
  local by_region, order = {}, {}
  for _, group in ipairs(group_figures(corpus:query(FIGURES, args.region, args.indicator))) do
    if group.regions < 2 then
      local row = group.rows[1]
      if not by_region[row.region] then
        by_region[row.region] = {}
        order[#order + 1] = row.region
      end
      local list = by_region[row.region]
      list[#list + 1] = ("%s (%s, %s)"):format(row.indicator, row.unit, row.aspect)
    end
  end
  table.sort(order)
  for _, region in ipairs(order) do shown:add { region, table.concat(by_region[region], "; ") } end
  return shown
end

local function policy_matrix(corpus, args)
  local cells, regions, used = {}, {}, {}
  for _, row in ipairs(corpus:query(POLICY, args.region)) do
    if not cells[row.region] then
      cells[row.region] = {}
      regions[#regions + 1] = row.region
    end
    local stages = cells[row.region]
    stages[row.stage] = stages[row.stage] or {}
    stages[row.stage][row.instrument] = row.n
    used[row.instrument] = true
  end
  table.sort(regions)
  local columns = { "region", "stage" }
  for _, instrument in ipairs(INSTRUMENTS) do
    if used[instrument] then columns[#columns + 1] = instrument end
  end
  local shown = corpus:table { title = "Policy matrix: sentences by stage and instrument", columns = columns }
  for _, region in ipairs(regions) do
    local first = true
    for _, stage in ipairs(STAGES) do
      local counts = cells[region][stage]
      if counts then
        local row = { first and region or "", stage }
        for i = 3, #columns do row[i] = counts[columns[i]] or "" end
        shown:add(row)
        first = false
      end
    end
  end
  return shown
end

local function programmes(corpus, args)
  local shown = corpus:table { title = "Named programmes", columns = { "region", "type", "programmes" } }
  local region, kind, names
  local last
  local function flush()
    if names then
      shown:add { region ~= last and region or "", kind, table.concat(names, " ") }
      last = region
    end
  end
  for _, row in ipairs(corpus:query(PROGRAMMES, args.region)) do
    if row.region ~= region or row.type ~= kind then
      flush()
      region, kind, names = row.region, row.type, {}
    end
    names[#names + 1] = row.name
  end
  flush()
  return shown
end

local function coverage(corpus, args)
  local shown = corpus:table {
    title = "Regions",
    columns = { "region", "code", "articles", "sentences", "first", "last" },
  }
  for _, row in ipairs(corpus:query(COVERAGE, args.region)) do
    shown:add { row.region, row.code or "", row.articles, row.sentences, row.first, row.last }
  end
  return shown
end

function script.run(corpus, args)
  local shown, hidden, alone = figures(corpus, args)
  local tables = {
    regions = coverage(corpus, args), figures = shown, policy = policy_matrix(corpus, args),
    programmes = programmes(corpus, args),
  }
  tables.regions:print()
  print()
  tables.figures:print()
  if hidden > 0 then print(("… %d more figures; top=0 shows all"):format(hidden)) end
  print()
  if alone > 0 then
    tables.alone = lone_figures(corpus, args)
    tables.alone:print()
    print()
  end
  tables.policy:print()
  print()
  tables.programmes:print()
  if args.csv then
    for name, t in pairs(tables) do t:write("compare-" .. name .. ".csv") end
  end
end

return script
