-- scripts/lib/acts.lua: what regions do for talent. The plugin `policy` has a row for each (sentence, stage, instrument); here an
-- act is one sentence with its stages and instruments, and counts are counts of sentences.
local selection = require "selection"

local acts = {}

local QUERY = [[
  SELECT policy.id, article_id, start, stop, stage, instrument, cue, region_name AS region, region_code AS code, date, path
    FROM policy JOIN article ON article.id = article_id
   WHERE duplicate_of IS NULL
   ORDER BY region_code, region_name, article_id, start, policy.id]]

--- The acts of the regions and days asked for: { ref, region, code, article_id, start, stop, cue, stages = {code = true},
--- instruments = {code = true} }.
function acts.select(corpus, wanted)
  local list, act = {}, nil
  for _, row in ipairs(corpus:query(QUERY)) do
    if not act or act.article_id ~= row.article_id or act.start ~= row.start then
      act = row
      act.ref, act.stages, act.instruments = "policy:" .. row.id, {}, {}
      if selection.has_region(wanted, row.region, row.code) and selection.has_days(wanted, nil, nil, row.date) then
        list[#list + 1] = act
      end
    end
    act.stages[row.stage], act.instruments[row.instrument] = true, true
  end
  return list
end

--- The acts region by region: a list of { region =, code =, acts… } in the order in which they come.
function acts.by_region(list)
  local regions, current = {}, nil
  for _, act in ipairs(list) do
    if not current or current.region ~= act.region or current.code ~= act.code then
      current = { region = act.region, code = act.code }
      regions[#regions + 1] = current
    end
    current[#current + 1] = act
  end
  return regions
end

--- How many of the acts have the stage and the instrument; nil stands for any.
function acts.count(list, stage, instrument)
  local n = 0
  for _, act in ipairs(list) do
    if (not stage or act.stages[stage]) and (not instrument or act.instruments[instrument]) then n = n + 1 end
  end
  return n
end

return acts
