-- check.lua: assertions that say what was expected and what came.
local check = {}

--- `got` is `want`.
function check.is(got, want, what)
  if got ~= want then
    error(("%s: expected %s, got %s"):format(what or "value", tostring(want), tostring(got)), 2)
  end
end

--- `list` holds these values, in order.
function check.list(list, ...)
  local want = { ... }
  check.is(#list, #want, "length")
  for i, v in ipairs(want) do check.is(list[i], v, "item " .. i) end
end

--- Calling `f` raises a message with `part` in it.
function check.raises(part, f, ...)
  local ok, why = pcall(f, ...)
  if ok then error("expected an error with: " .. part, 2) end
  if not tostring(why):find(part, 1, true) then error(("expected an error with: %s, got: %s"):format(part, why), 2) end
end

return check
