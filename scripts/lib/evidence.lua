-- scripts/lib/evidence.lua: the sentence a record stands in.
local evidence = {}

local SENTENCES = [[
  SELECT s.start, s.stop, CAST(substr(CAST(a.text AS BLOB), s.start + 1, s.stop - s.start) AS TEXT) AS text
    FROM sentence s JOIN article a ON a.id = s.article_id
   WHERE s.article_id = ? ORDER BY s.seq]]

--- A function that gives the sentence { start, stop, text } of a record (its `article_id` and `start`). The sentences of an
--- article are read together, so ask for records article by article.
function evidence.reader(corpus)
  local current, sentences
  return function(record)
    if current ~= record.article_id then
      current, sentences = record.article_id, corpus:query(SENTENCES, record.article_id)
    end
    local low, high = 1, #sentences
    while low < high do
      local middle = (low + high + 1) // 2
      if sentences[middle].start <= record.start then low = middle else high = middle - 1 end
    end
    return sentences[low]
  end
end

return evidence
