-- plugins/region.lua: every administrative division and development zone that the body names.
--
-- The core's gazetteer finds the places and resolves short forms; a name that belongs to an organisation is left out there.
local plugin = host.plugin {
  name = "region", version = "1.0",
  summary = "Administrative divisions and development zones named in the body",
  records = { region = { text = "text", code = "text", name = "text", level = "text" } },
}

function plugin.article(a)
  for _, place in ipairs(a:places()) do
    a:record("region", { span = place.span, code = place.code, name = place.name, level = place.level })
  end
end

return plugin
