/* sandbox.h - one Lua state that can not hurt its host (inside core/host only).
 *
 * A th_vm is a state with an allocator that counts, the libraries that are safe, and one way to call into it. A limit that
 * was reached is sticky until the call is over: pcall and coroutines of the plugin hand it on. The CPU limit costs
 * nothing while it is not reached: a timer's signal handler sets a hook on the running coroutine.
 * The state's registry holds the metatables of the API's classes; handles carry the serial of the article they belong to. */
#ifndef TH_HOST_SANDBOX_H
#define TH_HOST_SANDBOX_H

#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

typedef enum th_class {
    TH_CLASS_ARTICLE,
    TH_CLASS_SPAN,
    TH_CLASS_QUANTITY,
    TH_CLASS_MATCH,
    TH_CLASS_PLACE,
    TH_CLASS_RECORD,
    TH_CLASS_LEXICON,
    TH_CLASS_CORPUS,
    TH_CLASS_TABLE,
    TH_CLASS_REPORT,
    TH_CLASS_WORKBOOK,
    TH_CLASS_COUNT
} th_class;

typedef enum th_phase { TH_PHASE_LOAD, TH_PHASE_ARTICLE, TH_PHASE_SCRIPT } th_phase;

struct th_host;
struct th_plugin;
struct th_lexicon;
struct th_script;
struct th_prompt;
struct th_gazetteer;
struct th_units;

typedef struct th_vm {
    lua_State *L;
    lua_State *volatile running;     /* the coroutine that runs now; NULL between calls */
    volatile sig_atomic_t expired;   /* the CPU limit of this call was reached */
    size_t used, peak, cap;          /* bytes, the most of this call; cap 0: no limit */
    size_t slack;                    /* bytes above the cap while an error is being described */
    double cpu_s;                    /* limit of this call, for its message */
    double deadline;                 /* CPU time of the thread at which it is reached */
    th_status fatal;                 /* a limit this call has reached, TH_OK when none */
    char limit[384];                 /* what to say of it */
    char refused_at[256];            /* "file:line: " where memory was refused last, "" when not */
    bool refused_deep;               /* in calls nested thousands deep: a recursion */
    char usage[512];                 /* the last message of th_usage(), to know it again */
    char message[1024];              /* of the error that ended the call */
    bool is_usage;
    th_str trace;                    /* traceback of the error that ended the call */
    th_str buffer;                   /* for C functions that may raise while they build a text */
    th_arena *scratch;               /* for C functions that may raise while they parse; reset by each user */
    const void *metas[TH_CLASS_COUNT];
    int meta_refs[TH_CLASS_COUNT];

    th_phase phase;
    const char *path, *dir, *name;   /* of the plugin or script */
    th_arena *arena;                 /* lives longer than the state */
    struct th_host *host;            /* NULL in a script */
    struct th_plugin *plugin;        /* NULL in a script */
    struct th_script *script;        /* NULL in a plugin */
    struct th_prompt *prompt;        /* NULL but in a prompt or a test */
    const struct th_gazetteer *gazetteer; /* may be NULL */
    const struct th_units *units;         /* may be NULL */
    struct th_lexicon *lexicons;     /* in the order of host.lexicon() calls; kept when the state is made anew */
    size_t lexicon_count;
    size_t output;                   /* bytes recorded and logged in this call */
    size_t lines;                    /* of the log written in this call, and those beyond TH_LOG_MOST */
    uint32_t seen_start, seen_stop;  /* the part of the article that this call looked at last */
    bool is_prompt;                  /* a prompt or a test: may read all kinds and make lexicons at any time */
} th_vm;

/* Open the state of `vm` (zero but for cap, path, dir, name, phase and what the API needs). th_vm_close() frees the state
 * and its buffers; after it th_vm_open() may be called again. */
th_status th_vm_open(th_vm *vm, th_error *err);
void th_vm_close(th_vm *vm);

/* Push the chunk of `len` bytes, text only, named `path`. TH_ERR_PARSE with "file:line: what". */
th_status th_vm_load(th_vm *vm, const char *path, const char *bytes, size_t len, th_error *err);

/* Call `fn` at every tick of the kernel's clock in CPU time (1 to 4 ms) with the Lua stack that runs, outermost frame first, frames parted by ';'
 * ("plugin;article:plugins/x.lua:7;count:plugins/x.lua:12"). NULL: no longer. */
typedef void (*th_sample_fn)(void *ctx, const char *stack, size_t len);
void th_vm_sample(th_sample_fn fn, void *ctx);

/* Call the function below `nargs` arguments with at most `cpu_s` CPU seconds (0: no limit). On success `nresults` results are on the stack, on
 * failure nothing; `used_s` (may be NULL) receives the CPU time. The message is one line and begins "file:line: ". */
th_status th_vm_call(th_vm *vm, int nargs, int nresults, double cpu_s, double *used_s, th_error *err);

static inline th_vm *th_vm_of(lua_State *L)
{
    return *(th_vm **)lua_getextraspace(L);
}

/* Raise: wrong use of the API, at the line of the caller. Never returns. */
int th_usage(lua_State *L, const char *fmt, ...) __attribute__((noreturn));

/* As th_usage(), but `message` has its place already ("data/x.yaml:3:1: …"). Never returns. */
int th_usage_at(lua_State *L, const char *message) __attribute__((noreturn));

/* Raise a limit that the plugin can not catch. Never returns. */
int th_limit(lua_State *L, th_status status, const char *fmt, ...) __attribute__((noreturn));

/* Charge `bytes` that C holds for the plugin to its memory limit; raises when it is reached. */
void th_vm_charge(lua_State *L, size_t bytes);

/* ---- classes ---- */

/* Every object of the API is one of these. */
typedef struct th_handle {
    uint32_t serial;      /* of the article; 0: does not expire */
    uint32_t start, stop; /* a span's bytes */
    uint32_t extra;
    const void *item;
} th_handle;

/* Push a new object of the class. */
th_handle *th_handle_new(lua_State *L, th_vm *vm, th_class id);

/* The object at `arg`, checked for class and life; raises. th_handle_test() gives NULL for another class. */
th_handle *th_handle_check(lua_State *L, th_vm *vm, int arg, th_class id);
th_handle *th_handle_test(lua_State *L, th_vm *vm, int arg, th_class id);

/* Raise: the object has no such field; names the nearest of `names`. */
int th_no_field(lua_State *L, const char *what, const char *key, const char *const *names, size_t count);

/* "; did you mean \"x\"?" or "" pushed on the stack. */
const char *th_suggest(lua_State *L, const char *word, const char *const *names, size_t count);

/* What stands at `arg`, for messages: "a span", "nothing", "a number (3)", "a text (\"abc\")". Pushed on the stack. */
const char *th_describe(lua_State *L, int arg);

/* The same of a key: a text is in quotes, without the word. */
const char *th_describe_key(lua_State *L, int arg);

/* Checked arguments of API functions; `what` is the function, "host.date". */
const char *th_arg_text(lua_State *L, int arg, const char *what, size_t *len);
lua_Integer th_arg_integer(lua_State *L, int arg, const char *what);

/* A number as Lua wants it: an integer when it is whole and exact. */
void th_push_number(lua_State *L, double value);

#endif
