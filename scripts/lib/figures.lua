-- scripts/lib/figures.lua: figures that may stand side by side. Like goes with like: same indicator, unit and aspect (a stock is
-- not a flow); different periods are shown, never merged.
local labels = require "labels"
local selection = require "selection"

local figures = {}

-- A figure is about the place it names, else about the place its article is about.
local QUERY = [[
  SELECT metric.id, metric.article_id, metric.start, metric.stop, indicator, unit, aspect, value, value_max, cmp, subject,
         time_text, from_date, to_date, article.title, article.date, article.source, article.path,
         CASE WHEN metric.region_name IS NULL THEN article.region_name ELSE metric.region_name END AS region,
         CASE WHEN metric.region_name IS NULL THEN article.region_code ELSE metric.region_code END AS code
    FROM metric JOIN article ON article.id = metric.article_id
   WHERE article.duplicate_of IS NULL AND indicator <> 'other'
   ORDER BY indicator, unit, aspect, code, region, to_date, metric.article_id, metric.start]]

--- The figures asked for, in an order in which like stands with like.
function figures.select(corpus, wanted)
  local kept = {}
  for _, row in ipairs(corpus:query(QUERY)) do
    if selection.has_region(wanted, row.region, row.code) and selection.has_indicator(wanted, row.indicator)
      and selection.has_days(wanted, row.from_date, row.to_date, row.date) then
      row.ref = "metric:" .. row.id
      kept[#kept + 1] = row
    end
  end
  return kept
end

--- Runs of like figures: { rows…, indicator =, unit =, aspect =, regions = how many }, those of most regions first.
function figures.groups(rows)
  local groups, current = {}, nil
  for _, row in ipairs(rows) do
    if not current or current.indicator ~= row.indicator or current.unit ~= row.unit or current.aspect ~= row.aspect then
      current = { indicator = row.indicator, unit = row.unit, aspect = row.aspect, regions = 0, seen = {} }
      groups[#groups + 1] = current
    end
    local region = row.region or ""
    if not current.seen[region] then
      current.seen[region] = true
      current.regions = current.regions + 1
    end
    current[#current + 1] = row
  end
  table.sort(groups, function(a, b)
    if a.regions ~= b.regions then return a.regions > b.regions end
    if #a ~= #b then return #a > #b end
    if a.indicator ~= b.indicator then return a.indicator < b.indicator end
    if a.unit ~= b.unit then return a.unit < b.unit end
    return a.aspect < b.aspect
  end)
  return groups
end

--- Of a region's rows those of its latest period; rows without one stay only where the region has no other.
local function latest_of(rows)
  local last = nil
  for _, row in ipairs(rows) do
    if row.to_date and (not last or row.to_date > last) then last = row.to_date end
  end
  local kept = {}
  for _, row in ipairs(rows) do
    if row.to_date == last then kept[#kept + 1] = row end
  end
  return kept
end

--- Keep in each group only every region's latest period.
function figures.latest(groups)
  for _, group in ipairs(groups) do
    local by_region, order = {}, {}
    for i, row in ipairs(group) do
      local region = row.region or ""
      if not by_region[region] then
        by_region[region] = {}
        order[#order + 1] = region
      end
      table.insert(by_region[region], row)
      group[i] = nil
    end
    for _, region in ipairs(order) do
      for _, row in ipairs(latest_of(by_region[region])) do group[#group + 1] = row end
    end
  end
  return groups
end

--- Why the figures of a group that only one region reports stand alone: what else there is of the indicator.
function figures.why_alone(group, groups)
  local units, aspects = false, false
  for _, other in ipairs(groups) do
    if other ~= group and other.indicator == group.indicator then
      units = units or other.unit ~= group.unit
      aspects = aspects or other.aspect ~= group.aspect
    end
  end
  if units and aspects then return "unit_aspect_differs" end
  return units and "unit_differs" or aspects and "aspect_differs" or "lone"
end

--- 1234567.5 → "1,234,567.5"
local function grouped(value)
  local text = ("%.12g"):format(value)
  local whole, rest = text:match "^(%-?%d+)(.*)$"
  if not whole or rest:find("e", 1, true) then return text end
  return whole:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^(%-?),", "%1") .. rest
end

--- "> 60,000", "3–5"
function figures.amount(row)
  local text = grouped(row.value)
  if row.value_max and row.value_max ~= row.value then text = text .. "–" .. grouped(row.value_max) end
  local sign = labels.sign(row.cmp)
  return sign == "" and text or sign .. " " .. text
end

--- The period as written, else its days.
function figures.period(row)
  if row.time_text then return row.time_text end
  if not row.from_date then return "" end
  return row.from_date == row.to_date and row.from_date or row.from_date .. "/" .. (row.to_date or "")
end

return figures
