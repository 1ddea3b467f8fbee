---@meta talenthost
-- Made by `talenthost api --lua`: what plugins, scripts and tests see, for the Lua language server. Not run.
-- luacheck: ignore

--- A term of a lexicon, or one with its neighbours: `{ "印度", not_before = { "尼西亚" } }`.
---@alias term string|table

--- What a plugin says of itself; an unknown key is an error.
---@class plugin_manifest
---@field name string that of the file, without `.lua`
---@field version string
---@field summary string? one line
---@field needs string[]? plugins that run before it, whose records it may read
---@field records table<string, table<string, string>>? kinds of record, each a map from field to type: `integer number text date boolean json`, with `?` when optional
---@field limits table<string, string|integer>? less than the configuration allows of `cpu wall memory records output`: `{ cpu = "500ms" }`

--- What `host.plugin` gives.
---@class plugin
---@field article fun(a: article) is called with each article

--- What a script says of itself; an unknown key is an error.
---@class script_manifest
---@field name string?
---@field summary string? one line
---@field needs string[]? plugins whose records must be up to date
---@field args table<string, any>? arguments by name: a default (number, text, boolean), or `{ default = …, doc = "…" }`. They are given as `name=value` and take the type of their default

--- What `host.script` gives.
---@class script
---@field run fun(corpus: corpus, args: table<string, any>) is called once

--- Which quantities.
---@class quantity_filter
---@field unit string? base unit: `元`, `人`, `套`
---@field dimension string? `people money area time share count …`

--- A quantity in a text of the plugin's own.
---@class free_quantity
---@field value number
---@field value_max number? the upper end of a range
---@field unit string base unit
---@field dimension string
---@field cmp string `exact over under about at_least at_most`
---@field text string as written
---@field first integer its bytes in the text, as `string.sub` counts
---@field last integer

--- What `test.measure` gives.
---@class score
---@field precision number of what was found, the share that was marked
---@field recall number of what was marked, the share that was found
---@field f1 number their harmonic mean
---@field missed string[] marked and not found
---@field wrong string[] found and not marked

--- An administrative division or development zone.
---@class region
---@field code string
---@field name string
---@field level string `province city county zone`
---@field parent region?

--- The place an article is about.
---@class place_name
---@field code string GB/T 2260, six digits
---@field name string

--- Which articles.
---@class article_filter
---@field region string|string[]? name of the place it is about
---@field source string|string[]?
---@field path string|string[]?
---@field title string? a part of it
---@field from string? first day of publication
---@field to string? last day of publication
---@field duplicates boolean? true: duplicates too
---@field text boolean? true: with the text
---@field order string? a column, `-date`: the latest first
---@field limit integer?

--- Which records.
---@class record_filter
---@field region string|string[]? name of the place the record names, else of the place its article is about
---@field source string|string[]?
---@field path string|string[]?
---@field title string? a part of it
---@field from string? first day of publication
---@field to string? last day of publication
---@field duplicates boolean? true: of duplicates too
---@field sentence boolean? true: with the sentence
---@field order string? a column, `-value`: the largest first
---@field limit integer?
---@field [string] any a field of the kind: a value, or a list of which any will do

--- What a table is made of. A cell is a text, a number, a boolean, nil, or `{ value, sign =, unit =, link = }`: a number shown with a sign before it and, in a workbook, its unit behind it; a cell that leads to the row of the evidence sheet with that key.
---@class table_spec
---@field title string? above it when printed; a sheet's name
---@field key string? the column whose texts cells of other sheets may `link` to in a workbook
---@field columns string[]|string? names, with the rows behind them; in a pivot what makes the columns
---@field sql string? a statement that gives the rows
---@field params any[]? values for its `?`
---@field rows string? pivot: what makes the rows
---@field value string? pivot: `KIND.FIELD`, or `count`
---@field how string? pivot: `list` (default) `sum mean min max count`
---@field where record_filter? pivot: only these
---@field filter fun(row: table): boolean? keep a row? It gets the cells by column name
---@field derive table[]? further columns: `{ { "name", function(row) … end }, … }`
---@field sort string|string[]? columns, `-n` downwards
---@field limit integer? rows to keep
---@field total boolean? a last row with the sums of all rows, those beyond `limit` too

--- What a page is made of.
---@class report_spec
---@field title string
---@field lang string? `zh` or `en`: what the page starts in
---@field data table what the page shows, as `scripts/lib/page.lua` makes it

--- What `plugin.article` is called with. It is read-only and lives for one call.
---@class article
---@field id integer row in the store; 0 while it is not stored
---@field path string as given; inside a container `reports.csv#3`
---@field hash string of text, blocks and metadata
---@field title string empty when it has none
---@field date string? day of publication, `2024-05-31`
---@field source string? publisher as written
---@field authors string[] names
---@field url string? its own address
---@field region place_name? the place it is about: `{ code, name }`
---@field lang string `zh`
---@field text string the clean text: one block a line
---@field format string what it was read as: `text`, `markdown`, `html` …
local article = {}

--- Records one row of a kind the plugin declares. The fields are checked at once against the declaration; `span` is always required. A field `text` of type `text` is filled with the span's text when it is left out.
--- ```lua
--- for q in a:each_quantity { unit = "套" } do
---   a:record("home", { span = q.span, units = q.value })
--- end
--- #a:records("home") --> 2
--- ```
---@param kind string a kind of `records = {…}`
---@param fields table `{ span = …, field = value, … }`
function article:record(kind, fields) end

--- The blocks in order, as spans; `.kind` is `title heading paragraph caption list table`.
--- ```lua
--- a:blocks()[1].kind --> title
--- a:blocks()[2].kind --> paragraph
--- ```
---@return span[] blocks
function article:blocks() end

--- As `blocks`, one by one, without a table.
--- ```lua
--- local n = 0
--- for block in a:each_block() do n = n + #block end
--- n --> 77
--- ```
---@return fun(): span? next
function article:each_block() end

--- The sentences in order, as spans. A sentence ends at 。！？； or with its line.
--- ```lua
--- #a:sentences() --> 4
--- a:sentences()[1].text --> 宁波加快引进人才
--- ```
---@return span[] sentences
function article:sentences() end

--- As `sentences`, one by one, without a table.
--- ```lua
--- local n = 0
--- for s in a:each_sentence() do if s:has(homes) then n = n + 1 end end
--- n --> 2
--- ```
---@return fun(): span? next
function article:each_sentence() end

--- The whole text as a span.
--- ```lua
--- a:span().text == a.text --> true
--- ```
---@return span span
function article:span() end

--- Where terms of a lexicon stand, in text order. The longest term at a place wins; matches do not overlap.
--- ```lua
--- a:matches(homes)[1].text --> 人才公寓
--- a:matches(acts)[1].category --> attract
--- ```
---@param lexicon lexicon
---@return match[] matches
function article:matches(lexicon) end

--- As `matches`, one by one, without a table.
--- ```lua
--- local names = {}
--- for m in a:each_match(homes) do names[#names + 1] = m.term end
--- table.concat(names, " ") --> 人才公寓 安居房
--- ```
---@param lexicon lexicon
---@return fun(): match? next
function article:each_match(lexicon) end

--- The numbers in use with their units, in text order.
--- ```lua
--- a:quantities { unit = "元" }[1].value --> 350000000
--- ```
---@param filter? quantity_filter only these
---@return quantity[] quantities
function article:quantities(filter) end

--- As `quantities`, one by one, without a table.
--- ```lua
--- local sum = 0
--- for q in a:each_quantity { unit = "套" } do sum = sum + q.value end
--- sum --> 2700
--- ```
---@param filter? quantity_filter only these
---@return fun(): quantity? next
function article:each_quantity(filter) end

--- Administrative divisions and development zones named in the text.
--- ```lua
--- a:places()[2].name --> 宁波市
--- ```
---@return place[] places
function article:places() end

--- As `places`, one by one, without a table.
--- ```lua
--- local last
--- for p in a:each_place() do last = p.code end
--- last --> 330212
--- ```
---@return fun(): place? next
function article:each_place() end

--- Records of a kind in span order: the plugin's own and those of plugins it names in `needs`.
--- ```lua
--- a:record("home", { span = a:span(), units = 7 })
--- a:records("home")[1].units --> 7
--- ```
---@param kind string `metric`, `region` …
---@return record[] records
function article:records(kind) end

--- As `records`, one by one, without a table. Records made meanwhile are not seen.
--- ```lua
--- a:record("home", { span = a:span(), units = 7 })
--- local sum = 0
--- for r in a:each_record("home") do sum = sum + r.units end
--- sum --> 7
--- ```
---@param kind string `metric`, `region` …
---@return fun(): record? next
function article:each_record(kind) end

--- A piece of the article's text. `#s` is its length in characters, `tostring(s)` its text; spans compare (`<`, `==`) by position.
---@class span
---@field text string the characters of the span
---@field sentence span the sentence it begins in
---@field block span the block it begins in
---@field kind string of that block: `title heading paragraph caption list table`
---@field first integer position of its first byte in `a.text`, as `string.sub` counts; to sort by, and for distances
---@field last integer position of its last byte
---@field level integer of its block's heading, 1 to 9; 0 when it is no heading
---@field section span[] the headings it stands under, outermost first
---@operator len: integer
local span = {}

--- Does a term of the lexicon stand in the span?
--- ```lua
--- a:quantities { unit = "套" }[1].span.sentence:has(homes) --> true
--- ```
---@param lexicon lexicon
---@return boolean found
function span:has(lexicon) end

--- As `article:matches`, those inside the span.
--- ```lua
--- #a:sentences()[4]:matches(homes) --> 1
--- ```
---@param lexicon lexicon
---@return match[] matches
function span:matches(lexicon) end

--- As `article:each_match`, those inside the span.
--- ```lua
--- local n = 0
--- for m in a:sentences()[1]:each_match(acts) do n = n + 1 end
--- n --> 1
--- ```
---@param lexicon lexicon
---@return fun(): match? next
function span:each_match(lexicon) end

--- As `article:quantities`, those inside the span.
--- ```lua
--- a:sentences()[4]:quantities()[1].cmp --> at_least
--- ```
---@param filter? quantity_filter only these
---@return quantity[] quantities
function span:quantities(filter) end

--- As `article:each_quantity`, those inside the span.
--- ```lua
--- local n = 0
--- for q in a:sentences()[2]:each_quantity { dimension = "people" } do n = n + q.value end
--- n --> 120
--- ```
---@param filter? quantity_filter only these
---@return fun(): quantity? next
function span:each_quantity(filter) end

--- As `article:places`, those inside the span.
--- ```lua
--- a:sentences()[4]:places()[1].level --> county
--- ```
---@return place[] places
function span:places() end

--- As `article:each_place`, those inside the span.
--- ```lua
--- local n = 0
--- for p in a:sentences()[4]:each_place() do n = n + 1 end
--- n --> 1
--- ```
---@return fun(): place? next
function span:each_place() end

--- As `article:records`, those inside the span.
--- ```lua
--- a:record("home", { span = a:sentences()[2], units = 1 })
--- #a:sentences()[2]:records("home") --> 1
--- ```
---@param kind string `metric`, `region` …
---@return record[] records
function span:records(kind) end

--- As `article:each_record`, those inside the span.
--- ```lua
--- a:record("home", { span = a:sentences()[2], units = 1 })
--- local n = 0
--- for r in a:sentences()[3]:each_record("home") do n = n + 1 end
--- n --> 0
--- ```
---@param kind string `metric`, `region` …
---@return fun(): record? next
function span:each_record(kind) end

--- What stands before the span: at most `n` characters within its block; without `n`, from the start of its sentence.
--- ```lua
--- local q = a:quantities { unit = "人" }[1]
--- q.span:before(5).text --> 高层次人才
--- q.span:before().text --> 2023年，宁波市引进高层次人才
--- ```
---@param n? integer characters
---@return span before
function span:before(n) end

--- What stands after the span: at most `n` characters within its block; without `n`, to the end of its sentence.
--- ```lua
--- a:matches(homes)[1].span:after(2).text --> 24
--- ```
---@param n? integer characters
---@return span after
function span:after(n) end

--- The span with at most `n` characters more on either side, within its block.
--- ```lua
--- a:matches(homes)[2].span:context(2).text --> 留出安居房30
--- ```
---@param n integer characters
---@return span context
function span:context(n) end

--- A part of the span, by characters; as `string.sub`, negative positions count from the end.
--- ```lua
--- a:sentences()[1]:sub(1, 2).text --> 宁波
--- a:sentences()[1]:sub(-2).text --> 人才
--- ```
---@param first integer from 1
---@param last? integer -1 when left out
---@return span part
function span:sub(first, last) end

--- A part of the span, by byte positions as `string.find` gives them for `s.text` (LPeg's end is one further). Cutting a character is an error.
--- ```lua
--- local s = a:sentences()[1]
--- s:slice(s.text:find("引进", 1, true)).text --> 引进
--- ```
---@param first integer from 1
---@param last? integer -1 when left out
---@return span part
function span:slice(first, last) end

--- The first match of a Lua pattern as a span, and its captures; nil when there is none. A match that cuts a character is widened to it.
--- ```lua
--- a:span():find("%d+年").text --> 2023年
--- ```
---@param pattern string
---@param init? integer byte to begin at, 1 when left out
---@return span? match
---@return string ... captures
function span:find(pattern, init) end

--- Do the two share a character?
--- ```lua
--- a:sentences()[2]:overlaps(a:blocks()[2]) --> true
--- ```
---@param other span
---@return boolean yes
function span:overlaps(other) end

--- Does the other lie inside this one?
--- ```lua
--- a:blocks()[2]:contains(a:sentences()[3]) --> true
--- ```
---@param other span
---@return boolean yes
function span:contains(other) end

--- From the start of the first of the two to the end of the last.
--- ```lua
--- local s = a:sentences()
--- s[2]:join(s[3]) == a:blocks()[2] --> true
--- ```
---@param other span
---@return span joined
function span:join(other) end

--- What lies between the two; empty where they touch or overlap.
--- ```lua
--- local s = a:sentences()[1]
--- s:sub(1, 2):between(s:sub(5, 6)).text --> 加快
--- ```
---@param other span
---@return span gap
function span:between(other) end

--- The numbers of its first and last character in `a.text`, from 1. Counted anew at each call.
--- ```lua
--- a:sentences()[1]:sub(3, 4):position() --> 3, 4
--- ```
---@return integer first
---@return integer last
function span:position() end

--- A term of a lexicon at one place in the text. `tostring` gives its text.
---@class match
---@field span span where it stands
---@field text string as written
---@field term string the term as the lexicon has it
---@field category string? its first category; nil in a lexicon without categories
---@field categories string[] all its categories
local match = {}

--- A number in use with its unit. `tostring` gives its text.
---@class quantity
---@field span span where it stands
---@field text string as written
---@field value number in the base unit, `3.5亿元` is 350000000; an integer when it is whole
---@field value_max number? the upper end of a range
---@field unit string base unit: 元 人 家 套 % …
---@field cmp string `exact over under about at_least at_most`
---@field dimension string what the unit measures: `money`, `person` …
---@field written_unit string the unit as written: `亿元`
---@field outer span with its comparator: 超过3.5亿元
local quantity = {}

--- A division or development zone at one place in the text. `tostring` gives its text.
---@class place
---@field span span where it stands
---@field text string as written
---@field code string GB/T 2260, six digits; a zone has its parent's
---@field name string full name
---@field level string `province city county zone`
---@field short boolean written in a short form
local place = {}

--- What a plugin recorded in this article. `tostring` gives its text.
---@class record
---@field span span where it stands; and every field of its kind by name
---@field [string] any
local record = {}

--- A set of terms, made by `host.lexicon`. The lexicons of all plugins are searched for in one pass over a text.
---@class lexicon
local lexicon = {}

--- Does one of the terms stand in a text of the plugin's own? For the article's text use `span:has(lexicon)`, which searches nothing twice.
--- ```lua
--- homes:has("新建安居房") --> true
--- ```
---@param text string
---@return boolean found
function lexicon:has(text) end

--- The first category of the term that equals the text as a whole; in a lexicon without categories the term itself; nil when there is none.
--- ```lua
--- acts:get("引进") --> attract
--- homes:get("安居") --> nil
--- ```
---@param text string
---@return string? category
function lexicon:get(text) end

--- All articles and records of the store, for scripts; what `script.run` is called with. Reads only.
---@class corpus
---@field lang string `zh` or `en`: the language of labels, from config.yaml
---@field today string the day, as ISO 8601
---@field version string of the program
local corpus = {}

--- The rows of an SQL statement that only reads: a list of tables by column name, and `.columns`, the names in order. `?` stands for a value.
--- ```lua
--- corpus:query("SELECT count(*) AS n FROM article WHERE region_name = ?", "宁波市")[1].n --> 1
--- ```
---@param sql string
---@param ... any values
---@return table[] rows
function corpus:query(sql, ...) end

--- Articles as a list of tables with `id path title date source url authors lang format region_code region_name`, and `text` when it is asked for. Duplicates are left out.
--- ```lua
--- corpus:articles { region = "宁波市", order = "-date" }[1].title --> 宁波加快引进人才
--- ```
---@param filter? article_filter
---@return table[] articles
function corpus:articles(filter) end

--- Records of a kind as a list of tables: their fields, `ref` (`metric:12`, which `talenthost explain` takes), and `path title date source` of their article. `corpus:records "metric" { … }` reads the same as `corpus:records("metric", { … })`.
--- ```lua
--- local rows = corpus:records "home" { units = { 2400, 300 }, order = "-units" }
--- rows[1].units --> 2400
--- rows[1].ref --> home:1
--- ```
---@param kind string
---@param filter? record_filter when left out, a function that takes it is returned
---@return table[]|fun(filter?: record_filter): table[] records
function corpus:records(kind, filter) end

--- A table to print and to write: from rows (`columns = {…}, {row}, {row}, …`), from a statement (`sql =`, `params =`), or a pivot (`rows =`, `columns =`, `value =`, each `region`, `article.FIELD` or `KIND.FIELD`; `value = "count"` counts). Then, in this order: `filter`, `derive`, `sort`, `limit`; `total` adds a last row of sums over all rows.
--- ```lua
--- #corpus:table { rows = "region", columns = "home.place", value = "home.units", how = "sum" } --> 1
--- local t = corpus:table {
---   columns = { "name", "n" }, { "a", 3 }, { "b", 5 }, { "c", 1 },
---   filter = function(row) return row.n > 1 end,
---   derive = { { "twice", function(row) return 2 * row.n end } },
---   sort = "-n", total = true,
--- }
--- t:row(1)[3] --> 10
--- t:row(3)[2] --> 8
--- ```
---@param spec table_spec
---@return table_object table
function corpus:table(spec) end

--- Ends the script because what it was asked for is wrong: an argument that can not be. The program's exit status is 2.
--- ```lua
--- if args.level == "village" then corpus:refuse("level: expected province, city, county or zone") end
--- ```
---@param message string argument, what was expected, what was given
function corpus:refuse(message) end

--- The page that compares regions: tables, charts and the sentences behind every number, in one file that opens offline.
--- ```lua
--- corpus:report { title = "各地比较", lang = "zh", data = { format = 1 } }
--- ```
---@param spec report_spec
---@return report report
function corpus:report(spec) end

--- Tables as the sheets of one file for spreadsheet programs. Cells with `link` lead to the row of a table whose `key` column holds that text.
--- ```lua
--- local t = corpus:table { title = "Towns", columns = { "name" }, { "厦门" } }
--- corpus:workbook { t }
--- ```
---@param tables table_object[]
---@return workbook workbook
function corpus:workbook(tables) end

--- What `corpus:table` makes. `#t` is the number of its rows.
---@class table_object
local table_object = {}

--- Adds a row at the end; gives the table itself.
--- ```lua
--- local t = corpus:table { columns = { "name", "n" }, { "厦门", 3 } }
--- t:add { "泉州", 4 }
--- #t --> 2
--- ```
---@param row any[] cells in column order
---@return table_object table
function table_object:add(row) end

--- A row as a list of cells; nil when there is none. Negative numbers count from the end.
--- ```lua
--- local t = corpus:table { columns = { "name", "n" }, { "厦门", 3 } }
--- t:row(-1)[1] --> 厦门
--- ```
---@param n integer
---@return any[]? row
function table_object:row(n) end

--- Prints it, aligned by display width; on a terminal it is cut to its columns.
--- ```lua
--- local t = corpus:table { columns = { "name", "n" }, { "厦门", 3 } }
--- t:print()
--- ```
---@param rows? integer at most so many rows, with a line that counts the rest
function table_object:print(rows) end

--- Writes it below the output folder as the ending of its name says: `.csv .tsv .md .json .ndjson .xlsx`; folders are made. Gives the path.
--- ```lua
--- local t = corpus:table { columns = { "name", "n" }, { "厦门", 3 } }
--- t:write("regions/count.csv"):match("regions/.*") --> regions/count.csv
--- ```
---@param name string
---@param options? table `bom = true`: with a byte order mark, by which spreadsheets know UTF-8 in a CSV
---@return string path
function table_object:write(name, options) end

--- A page made by `corpus:report`.
---@class report
local report = {}

--- Writes the page below the output folder as one file that opens offline. Gives the path.
--- ```lua
--- local empty = { format = 1, lang = "en", generated = corpus.today, words = {}, labels = {}, order = { stage = {}, instrument = {} } }
--- corpus:report { title = "Regions", data = empty }
--- ```
---@param name string ends in `.html`
---@return string path
function report:write(name) end

--- Tables that become the sheets of one file, made by `corpus:workbook`.
---@class workbook
local workbook = {}

--- Writes the workbook below the output folder: a sheet for each table, headers frozen. Gives the path.
--- ```lua
--- local t = corpus:table { title = "Towns", columns = { "name", "n" }, { "厦门", 3 } }
--- corpus:workbook { t }:write("towns.xlsx"):match("towns.*") --> towns.xlsx
--- ```
---@param name string ends in `.xlsx`
---@return string path
function workbook:write(name) end

--- What a plugin or script may ask for besides the article or the corpus.
---@class host_functions
host = {}

--- Says what the plugin is. Called once, at the top; the file sets `plugin.article(a)` and ends with `return plugin`.
--- ```lua
--- local plugin = host.plugin {
---   name = "example", version = "1.0",
---   summary = "Homes provided for talent",
---   records = { home = { units = "integer", place = "text?" } },
--- }
--- local homes = host.lexicon { "人才公寓", "安居房" }
--- 
--- function plugin.article(a)
---   for q in a:each_quantity { unit = "套" } do
---     if q.span.sentence:has(homes) then
---       a:record("home", { span = q.span, units = q.value })
---     end
---   end
--- end
--- 
--- return plugin
--- ```
---@param manifest plugin_manifest
---@return plugin plugin
function host.plugin(manifest) end

--- Says what the script is. Called once, at the top; the file sets `script.run(corpus, args)` and ends with `return script`.
--- ```lua
--- local script = host.script {
---   name = "count", summary = "Articles by source",
---   args = { top = { default = 10, doc = "sources to show" } },
--- }
--- 
--- function script.run(corpus, args)
---   corpus:table { sql = "SELECT source, count(*) AS articles FROM article GROUP BY 1 ORDER BY 2 DESC",
---                  limit = args.top }:print()
--- end
--- 
--- return script
--- ```
---@param manifest script_manifest
---@return script script
function host.script(manifest) end

--- A set of terms: a list; a map from category to list; or the name of a YAML file with either. In the place of a term may stand an entry `{ "term", …, after = {…}, before = {…}, not_after = {…}, not_before = {…}, within = n }`: the term counts only right behind one of the words of `after`, right in front of one of `before`, and not beside the others; `within` lets up to n characters lie between. In YAML: `{ term: 印度, not_before: [尼西亚] }`. The longest term wins, and where a term does not count a shorter one may. A term in two categories counts in both. Called at the top of a plugin.
--- ```lua
--- local abroad = host.lexicon { { "印度", not_before = { "尼西亚" } }, "德国" }
--- abroad:has("来自印度") --> true
--- abroad:has("来自印度尼西亚") --> false
--- ```
---@param terms term[]|table<string, term[]>|string
---@return lexicon lexicon
function host.lexicon(terms) end

--- A YAML file of the plugin's folder as Lua tables. Plain numbers and booleans are converted (quote a code that is to stay text: "010"); `host.keys` gives the keys of a map in the file's order. Called at the top of a plugin.
--- ```lua
--- host.codebook("codes.yaml").stages[2] --> develop
--- ```
---@param name string `codes.yaml` stands in the folder `data` beside the plugin
---@return table content
function host.codebook(name) end

--- A JSON file of the plugin's folder as Lua tables; `null` is nil. Called at the top of a plugin.
--- ```lua
--- host.json("weights.json").funding --> 2
--- ```
---@param name string
---@return any content
function host.json(name) end

--- A file of columns separated by tabs, its first line their names: a list of rows by name. Empty lines and lines that begin with `#` are passed over; all cells are texts. Called at the top of a plugin.
--- ```lua
--- host.tsv("names.tsv")[1].short --> 甬
--- ```
---@param name string
---@return table<string, string>[] rows
function host.tsv(name) end

--- The lines of a file of the plugin's folder, without empty ones and `#` comments. Called at the top of a plugin.
--- ```lua
--- #host.lines("names.tsv") --> 3
--- ```
---@param name string
---@return string[] lines
function host.lines(name) end

--- The keys of a map: in the file's order for one that came from `host.codebook`, sorted for any other.
--- ```lua
--- table.concat(host.keys { b = 1, a = 2 }, " ") --> a b
--- ```
---@param map table
---@return string[] keys
function host.keys(map) end

--- Where a table from `host.codebook`, or its entry `key`, stands in its file: for messages about what an analyst wrote. nil for any other table.
--- ```lua
--- host.place({}) --> nil
--- ```
---@param map table
---@param key? any a key of the map, or an index of the list
---@return string? place `file:line:column`
function host.place(map, key) end

--- The division or development zone with this code or full name; nil when there is none.
--- ```lua
--- host.region("宁波市").code --> 330200
--- host.region("330200").parent.name --> 浙江省
--- ```
---@param key string `330200` or `宁波市`
---@return region? region
function host.region(key) end

--- The value of the numeral a text starts with, in Arabic or Chinese digits, and its length in bytes; nil when there is none.
--- ```lua
--- host.number("三万五千人") --> 35000, 12
--- host.number("人") --> nil
--- ```
---@param text string
---@return number? value
---@return integer? bytes
function host.number(text) end

--- The numbers in use in a text of the plugin's own, in order, as plain tables.
--- ```lua
--- local q = host.quantities("补贴超过3.5亿元")[1]
--- q.value --> 350000000
--- q.cmp --> over
--- ```
---@param text string
---@return free_quantity[] quantities
function host.quantities(text) end

--- With numbers: the day as `YYYY-MM-DD`; month and day may overflow and are carried, both may be left out (1). With a text: the first and last day of the date expression it starts with, and its length in bytes; nil when there is none. `去年`, `3月`, `上半年` are reckoned from the day `base`, and are none without it.
--- ```lua
--- host.date(2024, 3, 0) --> 2024-02-29
--- host.date("2023年5月底，") --> 2023-05-01, 2023-05-31, 14
--- host.date("去年", "2024-05-01") --> 2023-01-01, 2023-12-31, 6
--- host.date("去年") --> nil
--- ```
---@param year integer|string or the text
---@param month? integer|string or the day `base`, `a.date`
---@param day? integer
---@return string? from
---@return string? to
---@return integer? bytes
function host.date(year, month, day) end

--- Year, month and day of an ISO day; nil when it is none.
--- ```lua
--- host.ymd("2024-05-31") --> 2024, 5, 31
--- ```
---@param day string `2024-05-31`
---@return integer? year
---@return integer? month
---@return integer? day
function host.ymd(day) end

--- The columns a text takes on a terminal; a Chinese character takes two.
--- ```lua
--- host.cjk_width("宁波ab") --> 6
--- ```
---@param text string
---@return integer columns
function host.cjk_width(text) end

--- A line in the log, with file, line and article. It counts as output; of more than 1000 lines an article the rest is counted only. In a plugin `print` is `host.log.info`; in a script it writes to standard output.
---@class log_functions
host.log = {}

--- A line that is shown with `--verbose` only.
--- ```lua
--- host.log.debug("units", 3)
--- ```
---@param ... any joined by spaces
function host.log.debug(...) end

--- A line for the log.
--- ```lua
--- host.log.info(a.title)
--- ```
---@param ... any joined by spaces
function host.log.info(...) end

--- A line for the log that says something may be wrong.
--- ```lua
--- host.log.warn("no date in", a.path)
--- ```
---@param ... any joined by spaces
function host.log.warn(...) end

--- A line for the log that says something is wrong; the plugin goes on.
--- ```lua
--- host.log.error("no units")
--- ```
---@param ... any joined by spaces
function host.log.error(...) end

--- For test files (`x_test.lua` beside `x.lua`, run by `talenthost test`): `local t = require "test"`. Every function of `t` whose name begins with `test` is a test; `t.setUp` and `t.tearDown` run around each. Assertions are LuaUnit's.
---@class test_functions
local test = {}

--- Runs a plugin, after what it needs, on an article made from a text (one block a line) and gives the rows it recorded: a map from kind to a list of tables with `text`, `span` and the fields. What the plugin raises is raised here.
--- ```lua
--- local rows = t.run("example", "新建安居房300套。")
--- rows.home[1].units --> 300
--- ```
---@param plugin string
---@param article string|table a text, or `{ text = …, title = …, date = … }`
---@return table<string, table[]> rows
function test.run(plugin, article) end

--- Runs a plugin on an article file below the test's folder and compares its rows with those kept beside it (`fixtures/x.md` → `fixtures/x.PLUGIN.jsonl`, one JSON object a line). `talenthost test --update` writes them.
--- ```lua
--- t.golden("example", "fixtures/homes.txt").home[1].units --> 300
--- ```
---@param plugin string
---@param fixture string `fixtures/x.md`
---@return table<string, table[]> rows
function test.golden(plugin, fixture) end

--- How many of the spans a reader marked does the plugin find, and how many of those it finds are marked? Cases are `{ article, { "text", … } }`: the article a text, a table as for `run`, or a fixture's name; the texts those of the spans.
--- ```lua
--- local m = t.measure("example", "home", { { "安居房300套，设备20套。", { "300套" } }, { "公寓9间。", { "9间" } } })
--- m.recall --> 0.5
--- m.precision --> 0.5
--- m.missed[1] --> 9间
--- m.wrong[1] --> 20套
--- ```
---@param plugin string
---@param kind string
---@param cases table[]
---@return score score
function test.measure(plugin, kind, cases) end

--- Equal, tables by their content.
--- ```lua
--- t.assertEquals({ 1, { b = 2 } }, { 1, { b = 2 } })
--- ```
---@param actual any
---@param expected any
---@param note? string what the message begins with
function test.assertEquals(actual, expected, note) end

--- Not equal.
--- ```lua
--- t.assertNotEquals(1, "1")
--- ```
---@param actual any
---@param expected any
---@param note? string what the message begins with
function test.assertNotEquals(actual, expected, note) end

--- Numbers that differ by no more than the margin.
--- ```lua
--- t.assertAlmostEquals(1 / 3, 0.333, 0.001)
--- ```
---@param actual number
---@param expected number
---@param margin? number 1e-9 when left out
function test.assertAlmostEquals(actual, expected, margin) end

--- Exactly `true`.
--- ```lua
--- t.assertTrue(1 < 2)
--- ```
---@param actual any
---@param note? string
function test.assertTrue(actual, note) end

--- Exactly `false`.
--- ```lua
--- t.assertFalse(1 > 2)
--- ```
---@param actual any
---@param note? string
function test.assertFalse(actual, note) end

--- Nothing.
--- ```lua
--- t.assertNil(({})[1])
--- ```
---@param actual any
---@param note? string
function test.assertNil(actual, note) end

--- Something.
--- ```lua
--- t.assertNotNil(0)
--- ```
---@param actual any
---@param note? string
function test.assertNotNil(actual, note) end

--- A text with another in it.
--- ```lua
--- t.assertStrContains("人才公寓", "公寓")
--- ```
---@param text string
---@param part string
---@param note? string
function test.assertStrContains(text, part, note) end

--- Two lists with the same items in any order.
--- ```lua
--- t.assertItemsEquals({ 1, 2, 2 }, { 2, 1, 2 })
--- ```
---@param actual any[]
---@param expected any[]
---@param note? string
function test.assertItemsEquals(actual, expected, note) end

--- The function raises.
--- ```lua
--- t.assertError(error, "no")
--- ```
---@param f function
---@param ... any its arguments
function test.assertError(f, ...) end

--- The function raises, and its message has this part.
--- ```lua
--- t.assertErrorMsgContains("unit", t.run, "example", { text = "x", unit = 1, date = "unit" })
--- ```
---@param part string
---@param f function
---@param ... any its arguments
function test.assertErrorMsgContains(part, f, ...) end

