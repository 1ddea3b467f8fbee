-- scripts/evidence.lua: a reading list - the sentences that hold a word, with their article, date and source.
local selection = require "selection"

local script = host.script {
  name = "evidence",
  summary = "Sentences that hold a word, with where they stand",
  needs = { "region", "policy" },
  args = {
    query = { default = "", doc = "words with commas: sentences that hold all of them (needed)" },
    regions = { default = "", doc = "names or codes, with commas" },
    level = { default = "", doc = "province, city, county or zone" },
    since = { default = "", doc = "a day or a year" },
    ["until"] = { default = "", doc = "a day or a year" },
    stage = { default = "", doc = "only sentences with this policy stage: attract, develop, employ, retain" },
    instrument = { default = "", doc = "only sentences with this instrument: housing, funding …" },
    top = { default = 100, doc = "sentences to print; 0 prints all" },
    out = { default = "", doc = "a file to write: evidence.md, .csv, .xlsx …" },
  },
}

local QUERY = [[
  SELECT a.id AS article_id, a.title, a.date, a.source, a.path, a.region_name AS region, a.region_code AS code, s.start,
         CAST(substr(CAST(a.text AS BLOB), s.start + 1, s.stop - s.start) AS TEXT) AS sentence
    FROM article a JOIN sentence s ON s.article_id = a.id
   WHERE a.duplicate_of IS NULL AND instr(a.text, ?1) > 0
   ORDER BY a.region_code, a.date, a.path, s.seq]]

local POLICY = [[
  SELECT DISTINCT article_id, start FROM policy WHERE (?1 = '' OR stage = ?1) AND (?2 = '' OR instrument = ?2)]]

local function holds_all(text, words)
  for _, word in ipairs(words) do
    if not text:find(word, 1, true) then return false end
  end
  return true
end

--- The sentences with the stage and instrument asked for, as a set; nil when neither is.
local function policy_sentences(corpus, args)
  if args.stage == "" and args.instrument == "" then return nil end
  local set = {}
  for _, row in ipairs(corpus:query(POLICY, args.stage, args.instrument)) do set[row.article_id .. ":" .. row.start] = true end
  return set
end

function script.run(corpus, args)
  local words = {}
  for word in args.query:gsub("，", ","):gmatch "[^,]+" do words[#words + 1] = word end
  if #words == 0 then corpus:refuse "query: name a word, as in query=人才公寓" end
  local wanted, among = selection.new(corpus, args), policy_sentences(corpus, args)
  local shown = corpus:table { title = args.query, columns = { "region", "date", "source", "title", "sentence", "file" } }
  local count = 0
  for _, row in ipairs(corpus:query(QUERY, words[1])) do
    if holds_all(row.sentence, words) and selection.has_region(wanted, row.region, row.code)
      and selection.has_days(wanted, nil, nil, row.date) and (not among or among[row.article_id .. ":" .. row.start]) then
      count = count + 1
      if args.top == 0 or count <= args.top then
        shown:add { row.region or "", row.date or "", row.source or "", row.title, row.sentence, row.path }
      end
    end
  end
  shown:print()
  if count > #shown then print(("… %d more sentences; top=0 prints all"):format(count - #shown)) end
  if args.out ~= "" then shown:write(args.out) end
end

return script
