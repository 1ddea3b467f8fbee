/* templates.c - see templates.h. tests/e2e/test_author.py runs and tests what comes of them. */
#include "cli/templates.h"

const char th_template_plugin[] =
    "-- {{name}}: homes a region provides for talent.\n"
    "--\n"
    "-- The words are in data/{{name}}.yaml: change them, and the unit below, to your subject. `talenthost watch {{name}}` runs the\n"
    "-- plugin again each time this file is saved.\n"
    "local plugin = host.plugin {\n"
    "  name = \"{{name}}\", version = \"0.1\",\n"
    "  summary = \"Homes provided for talent\",\n"
    "  records = { {{name}} = { units = \"number\", word = \"text\", text = \"text\" } },\n"
    "}\n\n"
    "local words = host.lexicon \"{{name}}.yaml\"\n\n"
    "--- Each number of homes that stands in one sentence with a word of the list, with the nearest such word before it.\n"
    "function plugin.article(a)\n"
    "  for q in a:each_quantity { unit = \"套\" } do\n"
    "    local word\n"
    "    for m in q.span:before():each_match(words) do word = m.term end\n"
    "    if word then a:record(\"{{name}}\", { span = q.span, units = q.value, word = word }) end\n"
    "  end\n"
    "end\n\n"
    "return plugin\n";

const char th_template_test[] =
    "-- Tests of {{name}}: `talenthost test` runs them.\n"
    "local t = require \"test\"\n\n"
    "function t.test_counts_homes_behind_a_word()\n"
    "  local rows = t.run(\"{{name}}\", \"今年建成人才公寓2400套。\").{{name}}\n"
    "  t.assertEquals(#rows, 1)\n"
    "  t.assertEquals(rows[1].units, 2400)\n"
    "  t.assertEquals(rows[1].word, \"人才公寓\")\n"
    "end\n\n"
    "function t.test_leaves_other_things_alone()\n"
    "  t.assertEquals(t.run(\"{{name}}\", \"企业更新设备2400套。\").{{name}}, {})\n"
    "end\n\n"
    "-- The rows of a whole article; `talenthost test --update` writes them anew.\n"
    "function t.test_fixture()\n"
    "  t.golden(\"{{name}}\", \"fixtures/{{name}}.md\")\n"
    "end\n\n"
    "return t\n";

const char th_template_words[] = "# The words {{name}} looks for, one a line. The longest one at a place wins.\n"
                                 "- 人才公寓\n"
                                 "- 人才住房\n"
                                 "- 安居房\n"
                                 "- { term: 公寓, not_after: [商业, 酒店式] } # but not 商业公寓\n";

const char th_template_article[] = "---\n"
                                   "title: 云港市为青年人才筑巢\n"
                                   "date: 2024-03-08\n"
                                   "source: 云港日报\n"
                                   "---\n"
                                   "去年，云港市建成人才公寓1200套、安居房800套。\n\n"
                                   "市属企业更新设备3000套，商业公寓成交600套。\n\n"
                                   "今年计划再供应人才住房1500套以上。\n";

const char th_template_golden[] =
    "{\"kind\":\"{{name}}\",\"span\":\"1200套\",\"text\":\"1200套\",\"units\":1200,\"word\":\"人才公寓\"}\n"
    "{\"kind\":\"{{name}}\",\"span\":\"800套\",\"text\":\"800套\",\"units\":800,\"word\":\"安居房\"}\n"
    "{\"kind\":\"{{name}}\",\"span\":\"1500套\",\"text\":\"1500套\",\"units\":1500,\"word\":\"人才住房\"}\n";

const char th_template_doc[] = "# {{name}}\n"
                               "Homes a region provides for talent: every number of 套 that stands behind a word of `data/{{name}}.yaml` in its sentence.\n\n"
                               "| column | type | meaning |\n"
                               "| --- | --- | --- |\n"
                               "| `start`, `stop` | INTEGER | the number and its unit, in bytes of `article.text` |\n"
                               "| `text` | TEXT | the same as written |\n"
                               "| `units` | REAL | how many |\n"
                               "| `word` | TEXT | the word it was told by |\n\n"
                               "```\n"
                               "talenthost run {{name}}\n"
                               "talenthost query \"SELECT region_name, sum(units) FROM {{name}} JOIN article ON article.id = article_id GROUP BY 1\"\n"
                               "```\n";

const char th_template_script[] =
    "-- {{name}}: articles by region and source.\n"
    "local script = host.script {\n"
    "  name = \"{{name}}\",\n"
    "  summary = \"Articles by region and source\",\n"
    "  args = {\n"
    "    top = { default = 20, doc = \"rows to show\" },\n"
    "    region = { default = \"\", doc = \"only this region, by its full name\" },\n"
    "  },\n"
    "}\n\n"
    "--- One row a region and source, the largest first; also written as CSV below the output folder.\n"
    "function script.run(corpus, args)\n"
    "  local counts, rows = {}, {}\n"
    "  for _, article in ipairs(corpus:articles { region = args.region ~= \"\" and args.region or nil }) do\n"
    "    local key = (article.region_name or \"-\") .. \"\\t\" .. (article.source or \"-\")\n"
    "    counts[key] = (counts[key] or 0) + 1\n"
    "  end\n"
    "  for _, key in ipairs(host.keys(counts)) do\n"
    "    local region, source = key:match(\"(.*)\\t(.*)\")\n"
    "    rows[#rows + 1] = { region, source, counts[key] }\n"
    "  end\n"
    "  local t = corpus:table {\n"
    "    title = \"Articles\", columns = { \"region\", \"source\", \"articles\" }, sort = \"-articles\", limit = args.top, total = true,\n"
    "    table.unpack(rows),\n"
    "  }\n"
    "  t:print()\n"
    "  t:write(\"{{name}}.csv\")\n"
    "end\n\n"
    "return script\n";

const char th_template_config[] = "# What `talenthost` reads, where it keeps its results, and what a plugin may use. Paths are relative to this file.\n"
                                  "articles: [articles]\n"
                                  "plugins: [bundled, plugins] # those that come with the program, and your own\n"
                                  "scripts: [bundled, scripts]\n"
                                  "store: talenthost.db\n"
                                  "output: out\n"
                                  "limits: {cpu: 2s, wall: 5s, memory: 64MB, records: 10000, output: 16MB}\n";

const char th_template_luarc[] = "{\n"
                                 "  \"runtime.version\": \"Lua 5.4\",\n"
                                 "  \"runtime.builtin\": { \"io\": \"disable\", \"os\": \"disable\", \"package\": \"disable\", \"debug\": \"disable\" },\n"
                                 "  \"runtime.path\": [\"?.lua\", \"lib/?.lua\", \"plugins/lib/?.lua\"],\n"
                                 "  \"workspace.library\": [\"lua\"],\n"
                                 "  \"diagnostics.globals\": [\"host\"]\n"
                                 "}\n";

const char th_template_vscode[] = "{ \"recommendations\": [\"sumneko.lua\"] }\n";

const char th_template_folder[] = "Plugins: one Lua file each, their words in `data/`, Lua modules they share in `lib/`, articles for tests in `fixtures/`.\n"
                                  "`talenthost new plugin NAME` writes one, `talenthost test` runs the tests.\n";
