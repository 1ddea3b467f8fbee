-- scripts/quality.lua: what to look at before trusting a comparison - failures, articles without region or date, odd values.
local script = host.script {
  name = "quality",
  summary = "Failures, gaps and suspicious values in the store",
  needs = { "region", "metric", "policy" },
  args = {
    factor = { default = 1000, doc = "a value is odd when it is so many times the median of its like, or that part of it" },
    out = { default = "", doc = "a workbook to write: quality.xlsx" },
  },
}

local FAILURES = [[
  SELECT reason, coalesce(plugin, '') AS plugin, coalesce(path, '') AS file, message FROM failure
   WHERE run_id = (SELECT max(run_id) FROM failure) ORDER BY reason, plugin, path]]

local GAPS = [[
  SELECT path AS file, title,
         trim(iif(region_name IS NULL, 'region ', '') || iif(date IS NULL, 'date ', '') || iif(source IS NULL, 'source ', '')
           || iif(title = '', 'title ', '')) AS missing
    FROM article WHERE duplicate_of IS NULL AND missing <> '' ORDER BY path]]

local WARNINGS = [[
  SELECT path AS file, warning.text AS warning FROM warning JOIN article ON article.id = article_id ORDER BY path, seq]]

local EMPTY = [[
  SELECT path AS file, title, length(article.text) AS characters FROM article
   WHERE duplicate_of IS NULL AND NOT EXISTS (SELECT 1 FROM metric WHERE article_id = article.id)
     AND NOT EXISTS (SELECT 1 FROM policy WHERE article_id = article.id) ORDER BY path]]

local METRICS = [[
  SELECT 'metric:' || metric.id AS record, metric.text, value, value_max, unit, indicator, aspect,
         coalesce(subject, '') AS subject, path
    FROM metric JOIN article ON article.id = article_id WHERE duplicate_of IS NULL
   ORDER BY indicator, unit, aspect, value]]

--- Why a value can not well be true; nil when it may.
local function oddity(row, median, factor)
  if row.value_max and row.value_max < row.value then return "the range runs backwards" end
  if row.unit == "%" and row.indicator == "share" and row.value > 100 then return "a share above 100 %" end
  if row.value < 0 and row.indicator ~= "growth_rate" then return "below zero" end
  if median > 0 and row.value > 0 and (row.value > median * factor or row.value < median / factor) then
    return ("median of its like: %g"):format(median)
  end
end

--- Odd values among figures of the same indicator, unit and aspect; with fewer than five there is no median to trust.
local function odd_values(corpus, factor)
  local columns = { "record", "text", "indicator", "aspect", "counts", "why", "file" }
  local shown = corpus:table { title = "Suspicious values", columns = columns }
  local rows, first = corpus:query(METRICS), 1
  for i = 1, #rows do
    local row, following = rows[i], rows[i + 1]
    if not following or following.indicator ~= row.indicator or following.unit ~= row.unit or following.aspect ~= row.aspect then
      local n = i - first + 1
      local median = n >= 5 and row.indicator ~= "other" and rows[first + n // 2].value or 0
      for k = first, i do
        local why = oddity(rows[k], median, factor)
        if why then
          shown:add { rows[k].record, rows[k].text, rows[k].indicator, rows[k].aspect, rows[k].subject, why, rows[k].path }
        end
      end
      first = i + 1
    end
  end
  return shown
end

function script.run(corpus, args)
  local tables = {
    corpus:table { title = "Failures of the last run that had any", sql = FAILURES },
    corpus:table { title = "Articles without region, date, source or title", sql = GAPS },
    corpus:table { title = "Warnings while loading", sql = WARNINGS },
    corpus:table { title = "Articles in which nothing was found", sql = EMPTY },
    odd_values(corpus, args.factor),
  }
  for _, t in ipairs(tables) do
    if #t > 0 then
      t:print()
      print()
    end
  end
  local counts = corpus:query "SELECT count(*) AS n, sum(duplicate_of IS NOT NULL) AS d FROM article"
  print(("%d articles, %d of them duplicates; %d failures, %d with gaps, %d warnings, %d empty, %d odd values"):format(
    counts[1].n, counts[1].d or 0, #tables[1], #tables[2], #tables[3], #tables[4], #tables[5]))
  if args.out ~= "" then corpus:workbook(tables):write(args.out) end
end

return script
