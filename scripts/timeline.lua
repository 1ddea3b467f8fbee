-- scripts/timeline.lua: an indicator over time - one row a figure, by the end of its period, region by region.
local figures = require "figures"
local labels = require "labels"
local selection = require "selection"

local script = host.script {
  name = "timeline",
  summary = "An indicator over time, region by region",
  needs = { "metric" },
  args = {
    indicators = { default = "talent_introduced", doc = "codes or names, with commas" },
    regions = { default = "", doc = "names or codes, with commas" },
    level = { default = "", doc = "province, city, county or zone" },
    since = { default = "", doc = "a day or a year" },
    ["until"] = { default = "", doc = "a day or a year" },
    lang = { default = "", doc = "zh or en" },
    out = { default = "", doc = "a file to write: timeline.csv, .xlsx, .md …" },
  },
}

--- The day a figure is placed at: the end of its period, else the day of its article.
local function day_of(row) return row.to_date or row.from_date or row.date end

function script.run(corpus, args)
  local lang = args.lang ~= "" and args.lang or corpus.lang
  local rows = figures.select(corpus, selection.new(corpus, args))
  table.sort(rows, function(a, b)
    local x, y = day_of(a) or "9999", day_of(b) or "9999"
    if a.indicator ~= b.indicator then return a.indicator < b.indicator end
    if a.aspect ~= b.aspect then return a.aspect < b.aspect end
    if x ~= y then return x < y end
    return a.id < b.id
  end)
  local columns = {}
  for i, key in ipairs { "indicator", "aspect", "date", "region", "value", "unit", "period", "subject", "record" } do
    columns[i] = labels.of("word", key, lang)
  end
  local shown = corpus:table { title = script.name, columns = columns }
  for _, row in ipairs(rows) do
    shown:add {
      labels.of("indicator", row.indicator, lang), labels.of("aspect", row.aspect, lang), day_of(row) or "", row.region or "",
      figures.amount(row), row.unit, figures.period(row), row.subject or "", row.ref,
    }
  end
  shown:print()
  if args.out ~= "" then shown:write(args.out) end
end

return script
