-- scripts/instruments.lua: which instruments a region uses more, or less, than the others do.
--
-- A sentence may carry several instruments, so that a chi-square over regions × instruments would count it more than once.
-- Instead each instrument is a yes-or-no of its own: the log odds ratio of the region's sentences against all others', with 0.5
-- added to every cell (Haldane 1956, Anscombe 1956), and z = log odds ratio / its standard error (Woolf 1955). |z| ≥ 1.96 is
-- beyond chance at the 5 % level, before one allows for the number of comparisons made.
local acts = require "acts"
local labels = require "labels"
local selection = require "selection"

local script = host.script {
  name = "instruments",
  summary = "Instruments that set a region apart (log odds ratios)",
  needs = { "policy" },
  args = {
    regions = { default = "", doc = "names or codes, with commas: show only these, compared with all" },
    level = { default = "", doc = "province, city, county or zone" },
    since = { default = "", doc = "a day or a year" },
    ["until"] = { default = "", doc = "a day or a year" },
    all = { default = false, doc = "also what is within chance" },
    lang = { default = "", doc = "zh or en" },
    out = { default = "", doc = "a file to write: instruments.csv, .xlsx, .md …" },
  },
}

local CHANCE = 1.96

--- Log odds ratio and z of `hits` of `size` in one group against `others` of `rest` in the other.
local function log_odds(hits, size, others, rest)
  local a, b, c, d = hits + 0.5, size - hits + 0.5, others + 0.5, rest - others + 0.5
  local ratio = math.log((a / b) / (c / d))
  return ratio, ratio / math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
end

function script.run(corpus, args)
  local lang = args.lang ~= "" and args.lang or corpus.lang
  local wanted = selection.new(corpus, args)
  local everything = selection.new(corpus, { level = args.level, since = args.since, ["until"] = args["until"] })
  local list = acts.select(corpus, everything)
  local columns = {}
  for i, key in ipairs { "region", "instrument", "sentences", "share", "share_elsewhere", "log_odds", "z" } do
    columns[i] = labels.of("word", key, lang)
  end
  local shown = corpus:table { title = script.summary, columns = columns }
  for _, region in ipairs(acts.by_region(list)) do
    if selection.has_region(wanted, region.region, region.code) then
      local rows = {}
      for _, code in ipairs(labels.order "instrument") do
        local hits, all = acts.count(region, nil, code), acts.count(list, nil, code)
        local ratio, z = log_odds(hits, #region, all - hits, #list - #region)
        if #list > #region and (args.all or math.abs(z) >= CHANCE) then
          rows[#rows + 1] = {
            region.region or labels.of("word", "no_region", lang), labels.of("instrument", code, lang), hits,
            ("%.0f %%"):format(100 * hits / #region), ("%.0f %%"):format(100 * (all - hits) / (#list - #region)),
            ("%+.2f"):format(ratio), ("%+.1f"):format(z), z = z,
          }
        end
      end
      table.sort(rows, function(a, b) return a.z > b.z end)
      for _, row in ipairs(rows) do
        row.z = nil
        shown:add(row)
      end
    end
  end
  shown:print()
  if args.out ~= "" then shown:write(args.out) end
end

return script
