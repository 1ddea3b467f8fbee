/* fuzz_api.c - random calls with random arguments against every function of the API's tables: in a prompt (what plugins and tests see) and in
 * a script. The bytes choose functions and arguments; what a call gives may be the argument of a later one. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "host/doc.h"
#include "host/prompt.h"
#include "store/store.h"

enum { RENEW = 300 }; /* inputs after which lexicons and golden rows have piled up enough */

static const char plugin_source[] =
    "local plugin = host.plugin { name = 'homes', version = '1', records = { homes = { units = 'number' } } }\n"
    "function plugin.article(a) for q in a:each_quantity { unit = '套' } do a:record('homes', { span = q.span, units = q.value }) end end\n"
    "return plugin\n";

/* The pool of arguments, and a driver that calls what the bytes name. `O` has an object for every owner in `names`. */
static const char driver[] =
    "local V = { false, true, 0, 1, -1, 3, 0.5, 1e308, 1 / 0, math.mininteger, math.maxinteger, '', '人才', '\\xff\\xe4', 'region', 'homes', 'x.csv',\n"
    "  ('x'):rep(300), '2024-05-31', '去年3月', '%d+', '[', 'region', 'article.title', 'homes.units', {}, { 1, 2 }, { '引进' }, { unit = '人' },\n"
    "  { x = { 'y' } }, { 'a', not_after = { 'b' }, within = 2 }, { columns = { 'a', 'b' }, { 1, 2 }, { 3 } }, { 'a', 'b', 'c' }, print,\n"
    "  function() error('x') end, function(...) return ... end, function() return 1 end, coroutine.create(function() end), { 'n', function() return 1 end } }\n"
    "local F = {}\n"
    "for _, o in pairs(O) do V[#V + 1] = o end\n"
    "for name in names:gmatch('%S+') do\n"
    "  local owner, sign, method = name:match('^([%w_.]-)([.:])([%w_]+)$')\n"
    "  local o = owner and O[owner]\n"
    "  if o then F[#F + 1] = { o[method], sign == ':' and o or nil } end\n"
    "end\n"
    "for i = 1, #bytes - 5, 6 do\n"
    "  local f, flags = F[bytes:byte(i) % #F + 1], bytes:byte(i + 1)\n"
    "  local args, n = {}, flags % 4\n"
    "  for k = 1, n do args[k] = V[(bytes:byte(i + 1 + k) + flags // 64 * 256) % (#V + 1)] end\n"
    "  local ok, r\n"
    "  if f[2] and flags % 8 < 6 then ok, r = pcall(f[1], f[2], table.unpack(args, 1, n)) else ok, r = pcall(f[1], table.unpack(args, 1, n)) end\n"
    "  if ok and r ~= nil then\n"
    "    V[#V + 1] = r\n"
    "    if type(r) == 'table' and r[1] ~= nil then V[#V + 1] = r[1] end\n"
    "    if type(r) == 'userdata' then\n"
    "      local key = V[bytes:byte(i + 5) % #V + 1]\n"
    "      pcall(function() return r[key], #r, r == key, tostring(r) end)\n"
    "      pcall(function() return r.span or r.text end)\n"
    "      pcall(function() r[key] = 1 end)\n"
    "      pcall(function() return r < key end)\n"
    "    end\n"
    "    if type(r) == 'function' then pcall(r, key) end\n"
    "  end\n"
    "end\n";

static th_arena *data_arena, *article_arena;
static th_units *units;
static th_gazetteer *gazetteer;
static th_loader *loader;
static th_host *host;
static th_prompt *prompt;
static th_store *store;
static char folder[] = "/tmp/fuzz_api_XXXXXX";
static th_str names;

static void must(th_status status, const th_error *err)
{
    if (status == TH_OK)
        return;
    fprintf(stderr, "fuzz_api: %s\n", err->text);
    abort();
}

static th_data read_data(const char *name)
{
    th_str bytes = {0}, path = {0};
    th_error err = {0};

    th_path_join(&path, TH_SOURCE_DIR "/data", name);
    must(th_file_read(&bytes, th_str_text(&path), 0, &err), &err);
    const char *copy = th_arena_copy(data_arena, th_str_text(&bytes), bytes.len);
    size_t len = bytes.len;
    th_str_free(&bytes);
    th_str_free(&path);
    return (th_data){name, copy, len};
}

static void collect_names(void)
{
    th_str buffer = {0};
    th_doc_example e;

    for (size_t i = 0; th_doc_example_at(i, &buffer, &e); i++)
        th_str_addf(&names, "%s ", e.name);
    th_str_free(&buffer);
}

static void make_store(void)
{
    static const th_field fields[] = {{"units", TH_NUMBER, false}};
    static const th_schema schema = {"homes", fields, 1};
    const th_schema *schemas[] = {&schema};
    th_value value = {.number = 3};
    th_record row = {&schema, 0, 6, &value};
    th_records records = {&row, 1, 1};
    th_article *article;
    th_error err = {0};
    int64_t plugin;
    char path[64];

    if (!mkdtemp(folder))
        abort();
    snprintf(path, sizeof path, "%s/store.db", folder);
    must(th_load_plain(&article, article_arena, th_doc_article, strlen(th_doc_article), "t", "2024-05-01", &err), &err);
    must(th_store_open(&store, path, TH_STORE_WRITE, &err), &err);
    must(th_store_begin(store, &err), &err);
    must(th_store_article_save(store, article, &err), &err);
    must(th_store_plugin_save(store, "homes", "1", "x", &plugin, &err), &err);
    must(th_store_schema_save(store, plugin, &schema, &err), &err);
    must(th_store_results_save(store, article->id, plugin, "x", schemas, 1, &records, &err), &err);
    must(th_store_commit(store, &err), &err);
}

static void remove_folder(void)
{
    char line[80];

    th_store_close(store);
    snprintf(line, sizeof line, "rm -rf %s", folder);
    if (system(line) != 0)
        fprintf(stderr, "fuzz_api: %s is left over\n", folder);
}

static void renew(void)
{
    static th_source source = {"p/homes.lua", "homes", "p", plugin_source, sizeof plugin_source - 1};
    static const th_fixture fixtures[] = {{"fixtures/x.txt", "标题\n安居房3套。", sizeof "标题\n安居房3套。" - 1}};
    static th_bundle bundle = {.plugins = &source, .plugin_count = 1};
    static const th_limits limits = {.cpu_s = 2, .wall_s = 5, .memory = 64000000, .records = 1000, .output = 1000000};
    th_prompt_options options = {.path = "fuzz", .dir = "p", .loader = loader, .fixtures = fixtures, .fixture_count = 1};
    th_error err = {0};

    th_prompt_free(prompt);
    th_host_close(host);
    must(th_host_open(&host, &bundle, units, gazetteer, &limits, &err), &err);
    must(th_host_load(host, 0, &err), &err);
    must(th_host_ready(host, &err), &err);
    must(th_prompt_new(&prompt, host, &options, &err), &err);
}

static void be_silent(void *ctx, th_log_level level, const char *line)
{
    (void)ctx;
    (void)level;
    (void)line;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    th_error err = {0};
    int null = open("/dev/null", O_WRONLY);

    (void)argc;
    (void)argv;
    dup2(null, STDOUT_FILENO); /* scripts print */
    data_arena = th_arena_new();
    article_arena = th_arena_new();
    th_data table = read_data("units.tsv"), words = read_data("quantity_words.tsv"), chrome = read_data("chrome.yaml");
    th_data divisions = read_data("divisions.tsv"), zones = read_data("zones.tsv");
    must(th_units_load(&units, &table, &words, &err), &err);
    must(th_gazetteer_load(&gazetteer, divisions.name, divisions.text, divisions.len, zones.name, zones.text, zones.len, &err), &err);
    must(th_loader_open(&loader, chrome.name, chrome.text, chrome.len, gazetteer, &err), &err);
    th_log_set_sink(be_silent, NULL);
    collect_names();
    make_store();
    atexit(remove_folder);
    renew();
    return 0;
}

/* The bytes as a Lua text, the names, and an object for each owner. */
static void write_head(th_str *code, const uint8_t *data, size_t size, const char *objects)
{
    th_str_puts(code, "local bytes = '");
    for (size_t i = 0; i < size; i++)
        th_str_addf(code, "\\%03u", data[i]);
    th_str_addf(code, "'\nlocal names = '%s'\nlocal O = { host = host, ['host.log'] = host.log, %s }\n", th_str_text(&names), objects);
}

static void run_prompt(const uint8_t *data, size_t size)
{
    th_article *article;
    th_error err = {0};
    th_str code = {0}, out = {0};
    bool more;

    th_arena_reset(article_arena);
    must(th_load_plain(&article, article_arena, th_doc_article, strlen(th_doc_article), "t", "2024-05-01", &err), &err);
    must(th_prompt_article(prompt, article, article_arena, NULL, &err), &err);
    write_head(&code, data, size, "article = a, span = a:span(), lexicon = host.lexicon { x = { '人才', '公寓' } }, test = require 'test', "
                                  "match = a:matches(host.lexicon { '人才' })[1], quantity = a:quantities()[1]");
    th_str_puts(&code, driver);
    th_status status = th_prompt_eval(prompt, code.data, code.len, &out, &more, &err);
    th_str_free(&code);
    th_str_free(&out);
    if (status == TH_ERR_LIMIT_MEMORY || status == TH_ERR_LIMIT_CPU)
        renew();
}

static void run_script(const uint8_t *data, size_t size)
{
    th_str code = {0};
    th_error err = {0};

    th_str_puts(&code, "local script = host.script { args = { a = 1 } }\nfunction script.run(corpus, args)\n");
    write_head(&code, data, size, "corpus = corpus, table_object = corpus:table { columns = { 'a', 'b' }, { 1, 'x' } }, "
                                  "workbook = corpus:workbook { corpus:table { columns = { 'a' }, { 1 } } }");
    th_str_puts(&code, driver);
    th_str_puts(&code, "end\nreturn script\n");
    th_script_options options = {.path = "s.lua", .bytes = code.data, .len = code.len, .output = folder};
    th_script_run(&options, store, gazetteer, &err);
    th_str_free(&code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static size_t count;

    if (size < 7 || size > 600)
        return 0;
    if (++count % RENEW == 0)
        renew();
    if (data[0] % 4 == 0)
        run_script(data + 1, size - 1);
    else
        run_prompt(data + 1, size - 1);
    return 0;
}
