-- scripts/lib/page.lua: the data behind compare.html. Rows are lists, words that come again and again are numbers into one list,
-- and the sentences are what gives way when the file would grow too large: every number keeps its record, some lose their text.
local evidence = require "evidence"
local labels = require "labels"

local page = {}

local ROOM = 3.2e6 -- bytes for sentences and rows together; charts and page come on top (the file stays under 5 MB)

--- A list of words and their numbers (from 0).
local function dictionary()
  local words, numbers = {}, {}
  return words, function(word)
    if word == nil then return -1 end
    if not numbers[word] then
      words[#words + 1] = word
      numbers[word] = #words - 1
    end
    return numbers[word]
  end
end

--- The sentences that are asked for, numbered from 0 as they come.
local function sentence_list(corpus, article_number)
  local rows, numbers, read = {}, {}, evidence.reader(corpus)
  local self = { rows = rows, left = ROOM, lost = 0 }

  --- The number of the sentence a record stands in, and where in it the record is, in characters.
  function self.find(record)
    local s = read(record)
    local key = record.article_id .. ":" .. s.start
    if not numbers[key] then
      local fits = self.left > 0
      rows[#rows + 1] = { article_number(record.article_id), fits and s.text or 0 }
      numbers[key] = #rows - 1
      self.left = self.left - (fits and #s.text + 12 or 12)
      if not fits then self.lost = self.lost + 1 end
    end
    local function characters(at) return utf8.len(s.text:sub(1, math.max(0, at - s.start))) end
    return numbers[key], characters(record.start), characters(math.min(record.stop, s.stop))
  end

  return self
end

--- Regions and articles, numbered from 0 as they come.
local function places(corpus)
  local regions, region_numbers, articles, article_numbers = {}, {}, {}, {}
  local self = { regions = regions, articles = articles }

  function self.region(name, code)
    local key = (name or "") .. "\0" .. (code or "")
    if not region_numbers[key] then
      regions[#regions + 1] = { name = name or "", code = code or "", articles = 0, sentences = 0 }
      region_numbers[key] = #regions - 1
    end
    return region_numbers[key]
  end

  function self.article(id) return article_numbers[id] end

  for _, a in ipairs(corpus:query [[
    SELECT id, title, date, source, url, path, region_name, region_code,
           (SELECT count(*) FROM sentence WHERE article_id = article.id) AS sentences
      FROM article WHERE duplicate_of IS NULL ORDER BY region_code, region_name, date, path]]) do
    local number = self.region(a.region_name, a.region_code)
    local region = regions[number + 1]
    region.articles, region.sentences = region.articles + 1, region.sentences + a.sentences
    if a.date then
      region.first = (not region.first or a.date < region.first) and a.date or region.first
      region.last = (not region.last or a.date > region.last) and a.date or region.last
    end
    articles[#articles + 1] = { title = a.title, date = a.date, source = a.source, url = a.url, path = a.path, region = number }
    article_numbers[a.id] = #articles - 1
  end
  return self
end

--- The list of the codes in `set`, in the order of `order`, as their numbers.
local function numbers_of(set, order, word)
  local list = {}
  for _, code in ipairs(order) do
    if set[code] then list[#list + 1] = word(code) end
  end
  return list
end

--- Everything the page shows. `content`: { figures, acts, programmes, rankings } as the script selected them.
function page.data(corpus, content, lang)
  local where = places(corpus)
  local words, word = dictionary()
  local sentences = sentence_list(corpus, where.article)
  local stages, instruments = labels.order "stage", labels.order "instrument"
  local data = {
    format = 1, lang = lang, generated = corpus.today, version = corpus.version, labels = labels.all(), words = words,
    order = { stage = stages, instrument = instruments },
    regions = where.regions, articles = where.articles,
    sentences = { columns = { "a", "t" }, rows = sentences.rows },
    figures = {
      columns = { "id", "r", "i", "u", "a", "v", "m", "c", "p", "f", "o", "s", "e", "b", "z" },
      coded = { "i", "u", "a", "c", "p", "f", "o", "s" }, rows = {},
    },
    policy = { columns = { "id", "r", "g", "n", "c", "e" }, coded = { "g", "n", "c" }, rows = {} },
    programmes = { columns = { "id", "r", "k", "t", "e", "b", "z" }, coded = { "k", "t" }, rows = {} },
    rankings = { columns = { "id", "r", "t", "rank", "scope", "streak", "e", "b", "z" }, coded = { "scope" }, rows = {} },
    notes = {},
  }
  for i, f in ipairs(content.figures) do
    local e, b, z = sentences.find(f)
    data.figures.rows[i] = { f.id, where.region(f.region, f.code), word(f.indicator), word(f.unit), word(f.aspect), f.value,
      f.value_max or false, word(f.cmp), word(f.time_text), word(f.from_date), word(f.to_date), word(f.subject), e, b, z }
  end
  for i, act in ipairs(content.acts) do
    data.policy.rows[i] = { act.id, where.region(act.region, act.code), numbers_of(act.stages, stages, word),
      numbers_of(act.instruments, instruments, word), word(act.cue), (sentences.find(act)) }
  end
  for i, p in ipairs(content.programmes) do
    local e, b, z = sentences.find(p)
    data.programmes.rows[i] = { p.id, where.region(p.region, p.code), word(p.type), word(p.text), e, b, z }
  end
  for i, r in ipairs(content.rankings) do
    local e, b, z = sentences.find(r)
    data.rankings.rows[i] = { r.id, where.region(r.region, r.code), r.text, r.rank or false, word(r.scope), r.streak or false,
      e, b, z }
  end
  if sentences.lost > 0 then
    data.notes[1] = {
      en = ("To keep the file small %d of %d sentences are left out; `talenthost explain` shows them.")
        :format(sentences.lost, #sentences.rows),
      zh = ("为控制文件大小，%d 句中有 %d 句未收入原文；可用 talenthost explain 查看。"):format(#sentences.rows, sentences.lost),
    }
  end
  return data
end

return page
