-- scripts/lib/selection.lua: what a comparison is about - regions, their level, indicators, days - from a script's arguments.
local labels = require "labels"

local selection = {}

local LEVELS = { province = true, city = true, county = true, zone = true }

--- "海沧区, 同安区" → { "海沧区", "同安区" }; Chinese commas do too.
local function split(text)
  local items = {}
  if not text then return items end
  for item in text:gsub("，", ","):gsub("、", ","):gmatch("[^,]+") do
    item = item:match("^%s*(.-)%s*$")
    if item ~= "" then items[#items + 1] = item end
  end
  return items
end

--- The level of a region: a zone has its parent's code but not its name.
local function level_of(name, code)
  local region = name and host.region(name) or code and host.region(code)
  return region and region.level
end

local function check_day(corpus, name, text)
  if not text or text == "" then return nil end
  if text:match "^%d%d%d%d$" then text = text .. (name == "until" and "-12-31" or "-01-01") end
  if not host.ymd(text) then corpus:refuse(('%s: expected a day such as 2024-01-31 or a year, got "%s"'):format(name, text)) end
  return text
end

--- The codes of indicators given by code or by their name in either language.
local function check_indicators(corpus, names)
  local codes = {}
  for i, name in ipairs(names) do
    for _, code in ipairs(labels.order "indicator") do
      if name == code or name == labels.of("indicator", code, "zh") or name == labels.of("indicator", code, "en") then
        codes[i] = code
      end
    end
    if not codes[i] then
      corpus:refuse(('indicators: there is no "%s"; known: %s'):format(name, table.concat(labels.order "indicator", " ")))
    end
  end
  return codes
end

--- Read `regions indicators level since until` from the arguments, those that there are; refuses what can not be.
function selection.new(corpus, args)
  local level = args.level ~= "" and args.level or nil -- nil too where a script has no such argument
  if level and not LEVELS[level] then
    corpus:refuse(('level: expected province, city, county or zone, got "%s"'):format(level))
  end
  return {
    regions = split(args.regions), indicators = check_indicators(corpus, split(args.indicators)), level = level,
    since = check_day(corpus, "since", args.since), before = check_day(corpus, "until", args["until"]),
  }
end

--- Is the region asked for? A name fits whole or in its beginning (海沧 for 海沧区), digits fit the beginning of the code.
function selection.has_region(s, name, code)
  if s.level and level_of(name, code) ~= s.level then return false end
  if #s.regions == 0 then return true end
  for _, wanted in ipairs(s.regions) do
    if wanted:match "^%d+$" then
      if code and code:sub(1, #wanted) == wanted then return true end
    elseif name and name:sub(1, #wanted) == wanted then
      return true
    end
  end
  return false
end

--- Is the indicator asked for?
function selection.has_indicator(s, indicator)
  if #s.indicators == 0 then return true end
  for _, wanted in ipairs(s.indicators) do
    if wanted == indicator then return true end
  end
  return false
end

--- Do the days from `first` to `last` (either may be nil) touch the span asked for? Without days `fallback` counts.
function selection.has_days(s, first, last, fallback)
  if not s.since and not s.before then return true end
  first, last = first or last or fallback, last or first or fallback
  return first ~= nil and (not s.before or first <= s.before) and (not s.since or last >= s.since)
end

return selection
