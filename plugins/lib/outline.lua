-- plugins/lib/outline.lua: where the clauses and sentences of a block begin and end, found in one pass.
--
-- A clause ends at ，；。 and their like, a sentence at 。！？; inside brackets and quotes only marks of the same depth count.
local outline = {}

local marks = host.lexicon {
  open = { "（", "(", "“", "‘", "《" },
  close = { "）", ")", "”", "’", "》" },
  clause = { "，", ",", "；", ";", "：", ":", "…" },
  sentence = { "。", "！", "？", "!", "?" },
}

--- The outline of `block`: its marks in order, each with kind, place and the depth it stands at.
function outline.of(block)
  local list, depth = {}, 0
  for _, m in ipairs(block:matches(marks)) do
    local kind, span = m.category, m.span
    if kind == "open" then depth = depth + 1 end
    list[#list + 1] = { kind = kind, first = span.first, last = span.last, depth = depth }
    if kind == "close" then depth = math.max(0, depth - 1) end
  end
  return { block = block, marks = list, first = block.first, last = block.last }
end

--- The depth of brackets and quotes at a place, and the number of the last mark before it.
local function depth_at(o, place)
  local depth, index = 0, 0
  for i, m in ipairs(o.marks) do
    if m.first >= place then break end
    index = i
    depth = m.kind == "open" and m.depth or m.kind == "close" and m.depth - 1 or depth
  end
  return math.max(0, depth), index
end

--- First and last byte (in the article's text) of the clause and of the sentence that hold first..last.
function outline.around(o, first, last)
  local depth, index = depth_at(o, first)
  local clause_first, clause_last, sentence_first, sentence_last = o.first, o.last, o.first, o.last
  for i = index, 1, -1 do
    local m = o.marks[i]
    local ends = (m.kind == "clause" or m.kind == "sentence") and m.depth <= depth
    if clause_first == o.first and ends then clause_first = m.last + 1 end
    if m.kind == "sentence" then
      sentence_first = m.last + 1
      break
    end
  end
  for i = index + 1, #o.marks do
    local m = o.marks[i]
    if m.first > last then
      local ends = (m.kind == "clause" or m.kind == "sentence") and m.depth <= depth
        or m.kind == "close" and m.depth <= depth
      if clause_last == o.last and ends then clause_last = m.first - 1 end
      if m.kind == "sentence" then
        sentence_last = m.last
        break
      end
    end
  end
  return math.max(clause_first, sentence_first), math.min(clause_last, sentence_last), sentence_first, sentence_last
end

--- The stretch first..last of the outline's block as a span; nil when it is empty.
function outline.span(o, first, last)
  if last < first then return nil end
  return o.block:slice(first - o.first + 1, last - o.first + 1)
end

return outline
