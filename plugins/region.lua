-- plugins/region.lua: every administrative division and development zone that the body names.
--
-- The core's gazetteer finds the places, resolves short forms and leaves out names inside organisations' names; it looks at the
-- whole text, so that a short form is settled by a full name elsewhere.
local scope = require "scope"

local plugin = host.plugin {
  name = "region", version = "1.0",
  summary = "Administrative divisions and development zones named in the body",
  records = { region = { text = "text", code = "text", name = "text", level = "text" } },
}

function plugin.article(a)
  for _, block in ipairs(scope.blocks(a)) do
    for _, place in ipairs(block:places()) do
      a:record("region", { span = place.span, code = place.code, name = place.name, level = place.level })
    end
  end
end

return plugin
