/* prompt.c - see prompt.h: evaluating, completing, and running plugins from a prompt. What only tests have is in api_test.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "host/api.h"
#include "host/doc.h"
#include "host/prompt_state.h"

enum { SHOWN_ITEMS = 20, SHOWN_DEPTH = 3 };

/* ---- running plugins ---- */

static size_t plugin_index(const th_host *host, const char *name)
{
    for (size_t i = 0; i < host->bundle->plugin_count; i++)
        if (strcmp(host->bundle->plugins[i].name, name) == 0)
            return i;
    return host->bundle->plugin_count;
}

static bool of_plugin(const th_manifest *m, const char *kind)
{
    for (size_t i = 0; i < m->schema_count; i++)
        if (strcmp(m->schemas[i].kind, kind) == 0)
            return true;
    return false;
}

/* Take the plugin's own records out of the list. */
static void forget_records(th_host *host, const th_manifest *m)
{
    size_t kept = 0;

    for (size_t i = 0; i < host->records->count; i++)
        if (!of_plugin(m, host->records->items[i].schema->kind))
            host->records->items[kept++] = host->records->items[i];
    host->records->count = kept;
    host->records_version++;
}

static th_status run_plugin(th_host *host, const char *name, uint64_t *done, int depth, double *cpu_s, th_error *err)
{
    const char *names[64];
    size_t count = host->bundle->plugin_count, i = plugin_index(host, name);
    th_status status = TH_OK;

    if (i == count) {
        for (size_t k = 0; k < count && k < 64; k++)
            names[k] = host->bundle->plugins[k].name;
        const char *near = th_nearest(name, names, count < 64 ? count : 64);
        return th_error_set(err, TH_ERR_USAGE, "there is no plugin \"%s\"%s%s%s", name, near ? "; did you mean \"" : "", near ? near : "",
                            near ? "\"?" : "");
    }
    const th_manifest *m = th_host_manifest(host, i);
    if (!m)
        return th_error_set(err, TH_ERR_USAGE, "plugin \"%s\" did not load", name);
    if (*done >> i & 1)
        return TH_OK;
    if (depth > 64)
        return th_error_set(err, TH_ERR_USAGE, "plugin \"%s\": its needs go round in a circle", name);
    for (size_t n = 0; status == TH_OK && n < m->need_count; n++)
        status = run_plugin(host, m->needs[n], done, depth + 1, NULL, err);
    if (status != TH_OK)
        return status;
    *done |= (uint64_t)1 << i;
    forget_records(host, m);
    return th_host_run(host, i, cpu_s, err);
}

th_status th_host_run_with_needs(th_host *host, const char *name, double *cpu_s, th_error *err)
{
    uint64_t done = 0;

    return run_plugin(host, name, &done, 0, cpu_s, err);
}

/* ---- the current article ---- */

th_status th_prompt_article(th_prompt *p, const th_article *article, th_arena *arena, th_records *given, th_error *err)
{
    lua_State *L = p->self.vm.L;

    p->records = given ? *given : (th_records){0};
    th_host_begin(p->host, article, arena, &p->records);
    p->article = article;
    if (!lua_checkstack(L, 4))
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    th_push_article(L, &p->self.vm);
    lua_setglobal(L, "a");
    return TH_OK;
}

/* ---- showing values ---- */

static void show(lua_State *L, int index, th_str *out, int depth);

static bool is_word(const char *text)
{
    for (const char *p = text; *p; p++)
        if (!(*p == '_' || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (p > text && *p >= '0' && *p <= '9')))
            return false;
    return *text != '\0';
}

static void show_key(lua_State *L, int index, th_str *out)
{
    if (lua_type(L, index) == LUA_TSTRING && is_word(lua_tostring(L, index))) {
        th_str_puts(out, lua_tostring(L, index));
        return;
    }
    th_str_putc(out, '[');
    show(L, index, out, SHOWN_DEPTH);
    th_str_putc(out, ']');
}

static void show_table(lua_State *L, int index, th_str *out, int depth)
{
    lua_Integer length = (lua_Integer)lua_rawlen(L, index);
    int shown = 0;

    if (depth >= SHOWN_DEPTH) {
        th_str_puts(out, "{…}");
        return;
    }
    th_str_putc(out, '{');
    lua_pushnil(L);
    for (; lua_next(L, index) != 0; lua_pop(L, 1)) {
        int key = lua_gettop(L) - 1;
        bool in_list = lua_isinteger(L, key) && lua_tointeger(L, key) >= 1 && lua_tointeger(L, key) <= length;
        th_str_puts(out, shown ? ", " : " ");
        if (++shown > SHOWN_ITEMS) {
            th_str_puts(out, "…");
            lua_pop(L, 2);
            break;
        }
        if (!in_list) {
            show_key(L, key, out);
            th_str_puts(out, " = ");
        }
        show(L, key + 1, out, depth + 1);
    }
    th_str_puts(out, shown ? " }" : "}");
}

static void show_object(lua_State *L, int index, th_str *out)
{
    th_vm *vm = th_vm_of(L);
    const th_class_def *def = th_class_at(L, index);
    const th_handle *h = lua_touserdata(L, index);

    if (!def) {
        th_str_puts(out, luaL_typename(L, index));
        return;
    }
    th_str_puts(out, def->name);
    if (h->serial == 0 || h->serial != vm->host->serial || !vm->host->article)
        return;
    if (def->id == TH_CLASS_ARTICLE) {
        th_str_addf(out, " %s", vm->host->article->title);
    } else {
        th_str_addf(out, " “");
        th_str_add(out, vm->host->article->text + h->start, h->stop - h->start);
        th_str_puts(out, "”");
    }
}

/* The value as one would write it, cut where it is long. */
static void show(lua_State *L, int index, th_str *out, int depth)
{
    luaL_checkstack(L, 10, "value");
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
        if (depth > 0)
            th_str_putc(out, '"');
        th_str_puts(out, lua_tostring(L, index));
        if (depth > 0)
            th_str_putc(out, '"');
        return;
    case LUA_TTABLE:
        show_table(L, index, out, depth);
        return;
    case LUA_TUSERDATA:
        show_object(L, index, out);
        return;
    case LUA_TFUNCTION: {
        const char *owner;
        const th_function *f = th_function_at(L, index, &owner);
        if (f)
            th_str_addf(out, "function %s %s", owner, f->name);
        else
            th_str_puts(out, "function");
        return;
    }
    default:
        th_str_puts(out, luaL_tolstring(L, index, NULL));
        lua_pop(L, 1);
    }
}

void th_prompt_show(lua_State *L, int index, th_str *out)
{
    show(L, lua_absindex(L, index), out, 1);
}

/* ---- functions of the prompt ---- */

static th_prompt *prompt_of(lua_State *L)
{
    return th_vm_of(L)->prompt;
}

/* help(x): of a function, an object or a name. */
static int prompt_help(lua_State *L)
{
    th_str *out = &prompt_of(L)->out;
    const char *owner, *name = "host";
    const th_function *f;
    const th_class_def *def;

    if ((f = th_function_at(L, 1, &owner)) != NULL) {
        bool is_module = strncmp(owner, "host", 4) == 0 || strcmp(owner, "test") == 0;
        name = lua_pushfstring(L, "%s%s%s", owner, is_module ? "." : ":", f->name);
    } else if ((def = th_class_at(L, 1)) != NULL) {
        name = def->name;
    } else if (lua_type(L, 1) == LUA_TSTRING) {
        name = lua_tostring(L, 1);
    } else if (!lua_isnoneornil(L, 1) && !lua_istable(L, 1)) {
        return th_usage(L, "help: there is nothing to say of %s", th_describe(L, 1));
    } else if (lua_isnoneornil(L, 1)) {
        th_str_puts(out, "`a` is the article; run(\"metric\") runs a plugin on it and gives its rows; help(a), help(host.date), "
                         "help(\"span:before\") tell more.\n");
        return 0;
    }
    th_str text = {0};
    bool found = th_doc_help(name, &text);
    if (found)
        th_str_add(out, th_str_text(&text), text.len);
    else
        th_str_addf(out, "nothing is called \"%s\"%s%s%s\n", name, text.len ? "; did you mean \"" : "", th_str_text(&text), text.len ? "\"?" : "");
    th_str_free(&text);
    return 0;
}

/* print(…) goes to the prompt's answer. */
static int prompt_print(lua_State *L)
{
    th_str *out = &prompt_of(L)->out;
    int n = lua_gettop(L);

    for (int i = 1; i <= n; i++) {
        size_t len;
        const char *text = luaL_tolstring(L, i, &len);
        th_count_output(L, th_vm_of(L), len + 1);
        th_str_puts(out, i > 1 ? "\t" : "");
        th_str_add(out, text, len);
        lua_pop(L, 1);
    }
    th_str_putc(out, '\n');
    return 0;
}

/* The records of the current article made by plugin `m` as { kind = { { text =, field = … }, … } }. */
void th_push_plugin_rows(lua_State *L, th_host *host, const th_manifest *m)
{
    th_vm *vm = th_vm_of(L);

    luaL_checkstack(L, 12, "rows");
    lua_newtable(L);
    for (size_t k = 0; k < m->schema_count; k++) {
        const th_schema *schema = &m->schemas[k];
        lua_Integer n = 0;
        lua_newtable(L); /* rows list */
        for (size_t i = 0; i < host->records->count; i++) {
            const th_record *r = &host->records->items[i];
            if (strcmp(r->schema->kind, schema->kind) != 0)
                continue;
            lua_createtable(L, 0, (int)schema->field_count + 2); /* rows list row */
            lua_pushlstring(L, host->article->text + r->start, r->stop - r->start);
            lua_setfield(L, -2, "text");
            th_push_span(L, vm, r->start, r->stop);
            lua_setfield(L, -2, "span");
            for (size_t f = 0; f < schema->field_count; f++) {
                th_push_value(L, &schema->fields[f], &r->values[f]);
                lua_setfield(L, -2, schema->fields[f].name);
            }
            lua_rawseti(L, -2, ++n);
        }
        lua_setfield(L, -2, schema->kind);
    }
}

/* run("metric"): rows of a plugin on the current article. */
static int prompt_run(lua_State *L)
{
    th_prompt *p = prompt_of(L);
    const char *name = luaL_checkstring(L, 1);
    th_error err = {0};

    if (!p->host->article)
        return luaL_error(L, "run: there is no article; begin with --article, or use article(\"text\")");
    if (th_host_run_with_needs(p->host, name, NULL, &err) != TH_OK)
        return luaL_error(L, "%s", err.text);
    th_push_plugin_rows(L, p->host, th_host_manifest(p->host, plugin_index(p->host, name)));
    return 1;
}

/* article("text" [, title [, date]]): makes a text the current article, the global `a`. */
static int prompt_article(lua_State *L)
{
    th_prompt *p = prompt_of(L);
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len), *title = luaL_optstring(L, 2, NULL), *date = luaL_optstring(L, 3, NULL);
    th_article *article;
    th_error err = {0};

    if (date && !th_date_is_valid(date, strlen(date)))
        return luaL_error(L, "article: date: expected a day such as \"2024-05-31\", got \"%s\"", date);
    th_arena_reset(p->arena);
    if (th_load_plain(&article, p->arena, text, len, title, date, &err) != TH_OK ||
        th_prompt_article(p, article, p->arena, NULL, &err) != TH_OK)
        return luaL_error(L, "%s", err.text);
    lua_getglobal(L, "a");
    return 1;
}

void th_prompt_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"help", prompt_help}, {"print", prompt_print}, {"run", prompt_run}, {"article", prompt_article}, {NULL, NULL}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
    th_test_open(L);
}

/* ---- the state ---- */

th_status th_prompt_new(th_prompt **out, th_host *host, const th_prompt_options *options, th_error *err)
{
    th_prompt *p = calloc(1, sizeof *p);
    th_status status = TH_ERR_NOMEM;

    *out = NULL;
    if (!p || !(p->arena = th_arena_new()))
        goto done;
    p->host = host;
    p->options = *options;
    p->source = (th_source){.path = options->path, .name = "prompt", .dir = options->dir, .bytes = "", .len = 0};
    p->self.source = &p->source;
    p->self.manifest.name = "prompt";
    p->self.manifest.limits = host->limits;
    p->self.vm = (th_vm){.cap = host->limits.memory,
                         .path = options->path,
                         .dir = options->dir,
                         .name = "prompt",
                         .arena = host->arena,
                         .host = host,
                         .plugin = &p->self,
                         .gazetteer = host->gazetteer,
                         .units = host->units,
                         .phase = TH_PHASE_LOAD,
                         .is_prompt = true,
                         .prompt = p};
    if ((status = th_vm_open(&p->self.vm, err)) != TH_OK)
        goto done;
    *out = p;
    p = NULL; /* the caller's now */
done:
    th_prompt_free(p);
    return status == TH_ERR_NOMEM ? th_error_set(err, status, "out of memory for the prompt") : status;
}

void th_prompt_free(th_prompt *p)
{
    if (!p)
        return;
    if (p->host && p->host->article)
        th_host_end(p->host);
    th_vm_close(&p->self.vm);
    th_lexicons_free(&p->self.vm);
    for (size_t i = 0; i < p->golden_count; i++) {
        free(p->golden[i].name);
        th_str_free(&p->golden[i].rows);
    }
    free(p->golden);
    th_str_free(&p->out);
    th_arena_free(p->arena);
    free(p);
}

th_records *th_prompt_records(th_prompt *p)
{
    return &p->records;
}

const char *th_prompt_trace(const th_prompt *p)
{
    return th_str_text(&p->self.vm.trace);
}

/* ---- evaluating ---- */

/* Shows the values it is called with. */
static int show_values(lua_State *L)
{
    th_str *out = &prompt_of(L)->out;
    int n = lua_gettop(L);

    for (int i = 1; i <= n; i++) {
        th_str_puts(out, i > 1 ? "  " : "");
        show(L, i, out, 0);
    }
    if (n > 0)
        th_str_putc(out, '\n');
    return 0;
}

/* Calls the chunk (argument 1) and shows what it returns. */
static int eval_chunk(lua_State *L)
{
    lua_call(L, 0, LUA_MULTRET);
    lua_pushcfunction(L, show_values);
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 0);
    return 0;
}

/* Does the message of a syntax error say that the code only ended too early? */
static bool is_unfinished(const char *message)
{
    size_t len = strlen(message), tail = strlen("<eof>");

    return len >= tail && strcmp(message + len - tail, "<eof>") == 0;
}

th_status th_prompt_eval(th_prompt *p, const char *code, size_t len, th_str *out, bool *more, th_error *err)
{
    lua_State *L = p->self.vm.L;
    th_error ignored = {0};
    th_str expression = {0};

    *more = false;
    th_str_clear(&p->out);
    th_str_puts(&expression, "return ");
    th_str_add(&expression, code, len);
    lua_pushcfunction(L, eval_chunk);
    th_status status = th_vm_load(&p->self.vm, "prompt", th_str_text(&expression), expression.len, &ignored);
    th_str_free(&expression);
    if (status != TH_OK)
        status = th_vm_load(&p->self.vm, "prompt", code, len, err);
    if (status != TH_OK) {
        *more = status == TH_ERR_PARSE && is_unfinished(err->text);
        lua_settop(L, 0);
        return status;
    }
    status = th_vm_call(&p->self.vm, 1, 0, p->host->limits.cpu_s, NULL, err);
    th_str_add(out, th_str_text(&p->out), p->out.len);
    th_str_clear(&p->out);
    return status;
}

/* ---- completing ---- */

static void add_candidate(th_str *out, const char *head, size_t head_len, const char *name, const char *begun, const char *tail)
{
    if (strncmp(name, begun, strlen(begun)) != 0)
        return;
    th_str_add(out, head, head_len);
    th_str_addf(out, "%s%s\n", name, tail);
}

/* Members of the value on the top: of a table its text keys, of an object its class's. */
static void complete_members(lua_State *L, th_str *out, const char *word, size_t head_len, const char *begun, char sign)
{
    const th_class_def *def = th_class_at(L, -1);
    int top = lua_gettop(L);

    if (def) {
        for (const th_item *f = def->fields; sign == '.' && f && f->name; f++)
            add_candidate(out, word, head_len, f->name, begun, "");
        for (const th_function *f = def->methods; sign == ':' && f && f->name; f++)
            add_candidate(out, word, head_len, f->name, begun, "(");
        return;
    }
    if (lua_type(L, -1) == LUA_TSTRING && sign == ':') {
        lua_getglobal(L, "string");
        lua_replace(L, -2);
    }
    if (lua_type(L, -1) != LUA_TTABLE)
        return;
    if (luaL_getmetafield(L, -1, "__index") == LUA_TTABLE) /* `host` stands in front of its functions */
        lua_replace(L, -2);
    lua_settop(L, top);
    lua_pushnil(L);
    for (; lua_next(L, -2) != 0; lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING)
            add_candidate(out, word, head_len, lua_tostring(L, -2), begun, lua_isfunction(L, -1) ? "(" : "");
}

/* Push the value of "a.b.c" in `path` (up to `len`), fields of objects too; nil when it has none. Runs in a protected call. */
static void push_path(lua_State *L, const char *path, size_t len)
{
    lua_pushglobaltable(L);
    for (const char *p = path, *end = path + len; p < end;) {
        size_t n = 0;
        while (p + n < end && p[n] != '.' && p[n] != ':')
            n++;
        if (lua_type(L, -1) != LUA_TTABLE && lua_type(L, -1) != LUA_TUSERDATA) {
            lua_pop(L, 1);
            lua_pushnil(L);
            return;
        }
        lua_pushlstring(L, p, n);
        lua_gettable(L, -2); /* an unknown name raises, and there is nothing to complete */
        lua_replace(L, -2);
        p += n + (p + n < end);
    }
}

typedef struct completion {
    const char *word;
    th_str *out;
} completion;

static int complete(lua_State *L)
{
    static const char *const keywords[] = {"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in",
                                           "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while", NULL};
    const completion *c = lua_touserdata(L, 1);
    size_t head = strlen(c->word);

    while (head > 0 && c->word[head - 1] != '.' && c->word[head - 1] != ':')
        head--;
    push_path(L, c->word, head > 0 ? head - 1 : 0);
    complete_members(L, c->out, c->word, head, c->word + head, head > 0 ? c->word[head - 1] : '.');
    for (const char *const *k = keywords; head == 0 && *k; k++)
        add_candidate(c->out, "", 0, *k, c->word, "");
    return 0;
}

void th_prompt_complete(th_prompt *p, const char *line, th_str *out)
{
    const char *word = line + strlen(line);
    th_error ignored = {0};

    while (word > line && (is_word((char[]){word[-1], '\0'}) || (word[-1] >= '0' && word[-1] <= '9') || word[-1] == '.' || word[-1] == ':'))
        word--;
    completion c = {word, out};
    lua_pushcfunction(p->self.vm.L, complete);
    lua_pushlightuserdata(p->self.vm.L, &c);
    if (th_vm_call(&p->self.vm, 1, 0, 1.0, NULL, &ignored) != TH_OK)
        th_str_clear(out);
}
