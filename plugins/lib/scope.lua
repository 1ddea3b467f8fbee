-- plugins/lib/scope.lua: which parts of an article carry annotations (codebook, section 9).
local scope = {}

--- Is a block annotated? Headings and caption fragments are not; a caption that is a full sentence is.
function scope.counts(block)
  local kind = block.kind
  if kind == "caption" then return block.text:find("[。！？”]%s*$") ~= nil and block.text:find("。", 1, true) ~= nil end
  return kind ~= "heading" and kind ~= "title"
end

--- The blocks of `a` that are annotated.
function scope.blocks(a)
  local out = {}
  for _, block in ipairs(a:blocks()) do
    if scope.counts(block) then out[#out + 1] = block end
  end
  return out
end

return scope
