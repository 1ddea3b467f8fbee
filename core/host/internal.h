/* internal.h - what the files of core/host share: the host, its plugins, lexicons, and who opens which part of the API. */
#ifndef TH_HOST_INTERNAL_H
#define TH_HOST_INTERNAL_H

#include "host/host.h"
#include "host/sandbox.h"
#include "text/lexicon.h"

/* A lexicon as the plugin sees it: its terms and their categories. The numbers of its terms are the same in the host's
 * set and in its own. */
typedef struct th_term {
    const char *text;
    size_t len;
    uint32_t *categories; /* indexes */
    size_t category_count, category_cap;
    bool conditioned; /* counts only with or without certain neighbours */
} th_term;

typedef struct th_lexicon {
    struct th_lexicon *next;
    th_vm *vm;
    int number; /* in the host's set, -1 in a script */
    th_term *terms;
    size_t term_count, term_cap;
    const char **categories;
    size_t category_count, category_cap;
    th_lexset *own; /* for l:has() and l:get(); compiled when first asked */
    bool own_ready;
} th_lexicon;

typedef struct th_plugin {
    th_vm vm;
    const th_source *source;
    th_manifest manifest;
    bool has_manifest; /* host.plugin() was called */
    bool loaded;
    bool renewing;     /* its chunk runs again in a new state */
    size_t renewed_lexicons;
    size_t file_cap;
    int article_ref;   /* plugin.article */
    int seed_ref;      /* math.randomseed */
} th_plugin;

/* A script and what it says of itself. */
typedef struct th_script {
    th_vm vm;
    const th_script_options *options;
    th_store *store; /* NULL while only its manifest is read */
    const char *summary; /* NULL: none */
    const char **needs;
    size_t need_count;
    bool has_manifest;
} th_script;

/* The records of one kind in span order, as plugins read them. */
typedef struct th_kind_index {
    const char *kind;
    th_record *items;
    size_t count;
    size_t version; /* of the host's list when it was made */
} th_kind_index;

struct th_host {
    const th_bundle *bundle;
    const th_units *units;
    const th_gazetteer *gazetteer;
    th_limits limits;   /* of what is no plugin of the bundle */
    th_limits *allowed; /* by plugin, before it lowers them itself (manifest.limits) */
    th_arena *arena;
    th_plugin *plugins;
    th_lexset *lexset;
    bool ready;
    th_str trace;
    th_run_use use; /* of the last run */

    /* The current article. */
    uint32_t serial; /* of the current article, odd while there is one */
    const th_article *article;
    th_arena *article_arena;
    th_records *records;
    size_t records_version, run_count;
    th_hits *hits;
    bool has_quantities, has_places;
    th_quantities quantities;
    th_places places;
    th_kind_index *indexes;
    size_t index_count, index_cap;
};

/* sandbox.c */
int th_vm_raise_expired(lua_State *L);
/* Is the error on the top of the stack one that the plugin may not catch? */
bool th_vm_must_rethrow(lua_State *L, int status);

/* libs.c: the standard library that is allowed. */
const char *th_tolstring(lua_State *L, int index, size_t *len); /* luaL_tolstring() without addresses */
void th_libs_open(lua_State *L);
void th_libs_lock(lua_State *L); /* after it no global can be made */
#define TH_SEED_KEY "talenthost.randomseed" /* math.randomseed in the registry */

/* api_host.c: `host`; opens the classes that the state needs too. */
void th_api_open(lua_State *L);

/* expired.c: " (stored at x.lua:12?)", or "" when nothing tells: where the plugin keeps the object at `object`. On the stack. */
const char *th_stored_at(lua_State *L, int object);

/* api_lexicon.c */
void th_lexicons_free(th_vm *vm);

/* api_span.c */
void th_span_open(lua_State *L);
void th_push_span(lua_State *L, th_vm *vm, size_t start, size_t stop);
const th_article *th_span_article(th_vm *vm);

/* prompt.c: what a prompt and a test have besides; leaves the globals open. */
void th_prompt_open(lua_State *L);

/* api_article.c */
void th_push_article(lua_State *L, th_vm *vm);

/* api_items.c: push a field's value. */
int th_push_value(lua_State *L, const th_field *field, const th_value *value);

/* api_record.c: a:record(), and the count of what a plugin records and logs (raises at limits.output). */
int th_article_record(lua_State *L);
void th_count_output(lua_State *L, th_vm *vm, size_t bytes);

/* Lines of the log a plugin may write for one article; those beyond are counted and told as one. */
enum { TH_LOG_MOST = 1000 };


/* files.c: data files and Lua modules. The bytes live as long as the host or script; raises when there is none. */
typedef struct th_bytes {
    const char *path, *data;
    size_t len;
} th_bytes;
void th_data_file(lua_State *L, const char *what, const char *name, th_bytes *out);
int th_require(lua_State *L);

/* json.c: a Lua value as JSON (raises th_usage with `what` in front), and back: pushes it, or writes "path:line:column: what" to `fault`
 * (which may be NULL) and gives false. */
void th_json_write(lua_State *L, int index, th_str *out, const char *what);
bool th_json_push(lua_State *L, const char *text, size_t len, const char *path, char *fault, size_t size);

#endif
