/* sandbox.c - see sandbox.h: allocator, limits, the call, errors. Libraries are in libs.c, classes in class.c. */
#include "host/sandbox.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/internal.h"
#include "text/unicode.h"

enum { DEEP = 10000, SLACK = 64 * 1024, TICK_NS = 5 * 1000 * 1000, SAMPLE_NS = 1000 * 1000 };

static const char out_of_memory[] = "not enough memory";

/* ---- memory ---- */

/* Note the Lua line that runs, without allocating. */
static void note_refusal(th_vm *vm)
{
    lua_Debug ar;

    vm->refused_at[0] = '\0';
    vm->refused_deep = vm->running && lua_getstack(vm->running, DEEP, &ar);
    for (int level = 0; vm->running && lua_getstack(vm->running, level, &ar); level++) {
        lua_getinfo(vm->running, "Sl", &ar);
        if (ar.currentline <= 0 || *ar.source != '@')
            continue;
        snprintf(vm->refused_at, sizeof vm->refused_at, "%s:%d: ", ar.source + 1, ar.currentline);
        return;
    }
}

static void *allocate(void *ctx, void *ptr, size_t old_size, size_t size)
{
    th_vm *vm = ctx;
    size_t old = ptr ? old_size : 0; /* without a block Lua passes its kind here */

    if (size == 0) {
        free(ptr);
        vm->used -= old;
        return NULL;
    }
    if (size > old && vm->cap > 0 && (size > vm->cap || vm->used - old + size > vm->cap + vm->slack)) {
        note_refusal(vm);
        return NULL;
    }
    void *block = realloc(ptr, size);
    if (!block)
        return NULL;
    vm->used += size - old;
    if (vm->used > vm->peak)
        vm->peak = vm->used;
    return block;
}

void th_vm_charge(lua_State *L, size_t bytes)
{
    th_vm *vm = th_vm_of(L);

    if (vm->cap > 0 && vm->used + bytes > vm->cap)
        luaL_error(L, "%s", out_of_memory);
    vm->used += bytes;
}

/* ---- CPU time ---- */

/* The timer is one for the process, as are its signal and the call it watches. It ticks in CPU time from the first state on, so that
 * a call costs no system call to watch it; the handler looks whether the call is over its limit. */
static struct {
    timer_t timer;
    pid_t owner; /* timers do not survive a fork */
} watch;
static th_vm *volatile watched;

static void describe_limit(th_vm *vm, th_status status, const char *place)
{
    if (vm->fatal != TH_OK)
        return;
    vm->fatal = status;
    if (status == TH_ERR_LIMIT_CPU)
        snprintf(vm->limit, sizeof vm->limit, "%sused up %g s of CPU time (limits.cpu)", place, vm->cpu_s);
    else
        snprintf(vm->limit, sizeof vm->limit, "%sused up %.4g MB of memory (limits.memory)%s", place,
                 (double)vm->cap / 1e6, vm->refused_deep ? " in calls nested without end" : "");
}

/* The innermost line of a file: what load() made has a name of the plugin's choosing. */
static void place_of(lua_State *L, char *out, size_t size)
{
    lua_Debug ar;

    *out = '\0';
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline <= 0 || *ar.source != '@')
            continue;
        snprintf(out, size, "%s:%d: ", ar.source + 1, ar.currentline);
        return;
    }
}

int th_vm_raise_expired(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    char place[200];

    place_of(L, place, sizeof place);
    describe_limit(vm, TH_ERR_LIMIT_CPU, place);
    lua_pushstring(L, vm->limit);
    return lua_error(L);
}

static struct {
    th_sample_fn fn;
    void *ctx;
} sampler;

static void add_frame(th_str *out, lua_State *L, lua_Debug *ar)
{
    lua_getinfo(L, "nSl", ar);
    const char *name = ar->name ? ar->name : *ar->what == 'm' ? "chunk" : "function";
    if (*ar->what == 'C')
        th_str_addf(out, ";[%s]", ar->name ? ar->name : "C");
    else
        th_str_addf(out, ";%s:%s:%d", name, ar->source + (*ar->source == '@'), ar->linedefined);
}

/* Frames of a coroutine begin where it was resumed. */
static void take_sample(lua_State *L)
{
    th_str out = {0};
    lua_Debug ar;
    int depth = 0;

    while (depth < 100 && lua_getstack(L, depth, &ar))
        depth++;
    th_str_puts(&out, th_vm_of(L)->name);
    while (depth-- > 0 && lua_getstack(L, depth, &ar))
        add_frame(&out, L, &ar);
    if (th_str_ok(&out))
        sampler.fn(sampler.ctx, out.data, out.len);
    th_str_free(&out);
}

static void on_hook(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    if (th_vm_of(L)->expired)
        th_vm_raise_expired(L);
    lua_sethook(L, NULL, 0, 0); /* until the next tick, or left over from an earlier call */
    if (sampler.fn)
        take_sample(L);
}

static double cpu_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Once over, every tick sets the hook again, so that no coroutine slips through between two states. */
static void on_signal(int signal)
{
    th_vm *vm = watched;

    (void)signal;
    if (!vm || !vm->running)
        return;
    if (!vm->expired && cpu_now() < vm->deadline) {
        if (sampler.fn)
            lua_sethook(vm->running, on_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
        return;
    }
    vm->expired = 1;
    lua_sethook(vm->running, on_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

static th_status watch_open(th_error *err)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM};
    struct itimerspec ticks = {{.tv_nsec = TICK_NS}, {.tv_nsec = TICK_NS}};

    if (watch.owner == getpid())
        return TH_OK;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGVTALRM, &action, NULL) != 0 || timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &watch.timer) != 0 ||
        timer_settime(watch.timer, 0, &ticks, NULL) != 0)
        return th_error_set(err, TH_ERR_IO, "no timer for CPU limits: %s", strerror(errno));
    watch.owner = getpid();
    return TH_OK;
}

void th_vm_sample(th_sample_fn fn, void *ctx)
{
    struct itimerspec ticks = {{.tv_nsec = fn ? SAMPLE_NS : TICK_NS}, {.tv_nsec = fn ? SAMPLE_NS : TICK_NS}};

    sampler.fn = fn;
    sampler.ctx = ctx;
    if (watch.owner == getpid())
        timer_settime(watch.timer, 0, &ticks, NULL);
}

static void arm(th_vm *vm, double now, double cpu_s)
{
    vm->expired = 0;
    vm->cpu_s = cpu_s;
    vm->deadline = now + cpu_s;
    vm->running = vm->L;
    watched = cpu_s > 0 ? vm : NULL;
}

/* `outer` was watched before: a test's state calls plugins. */
static void disarm(th_vm *vm, th_vm *outer)
{
    watched = outer;
    vm->running = NULL;
    lua_sethook(vm->L, NULL, 0, 0);
}

/* ---- errors ---- */

static bool is_memory_message(const char *text)
{
    size_t len = strlen(text), tail = sizeof out_of_memory - 1;

    return len >= tail && strcmp(text + len - tail, out_of_memory) == 0;
}

bool th_vm_must_rethrow(lua_State *L, int status)
{
    th_vm *vm = th_vm_of(L);

    if (vm->expired) {
        describe_limit(vm, TH_ERR_LIMIT_CPU, "");
    } else if (status == LUA_ERRMEM ||
               (lua_type(L, -1) == LUA_TSTRING && is_memory_message(lua_tostring(L, -1)))) {
        describe_limit(vm, TH_ERR_LIMIT_MEMORY, vm->refused_at);
    }
    return vm->fatal != TH_OK;
}

/* Does `text` begin "file:12:"? A line of what load() made, or of the module re, is not one the author can open. */
static bool has_place(const char *text)
{
    if (strncmp(text, "[string \"", 9) == 0 || strncmp(text, "re:", 3) == 0)
        return false;
    for (const char *p = strchr(text, ':'); p; p = strchr(p + 1, ':')) {
        size_t digits = strspn(p + 1, "0123456789");
        if (digits > 0 && p[1 + digits] == ':')
            return p > text;
    }
    return false;
}

/* Lua shortens a long path to its last characters; put it back. */
static const char *restore_path(th_vm *vm, const char *text, char *out, size_t size)
{
    enum { SHOWN = LUA_IDSIZE - 4 };
    size_t len = strlen(vm->path);

    if (len < LUA_IDSIZE || strncmp(text, "...", 3) != 0 || strncmp(text + 3, vm->path + len - SHOWN, SHOWN) != 0)
        return text;
    snprintf(out, size, "%s%s", vm->path, text + 3 + SHOWN);
    return out;
}

/* Push the error value at 1 as text. */
static const char *error_text(lua_State *L)
{
    const char *text;

    if (lua_type(L, 1) == LUA_TSTRING)
        return lua_tostring(L, 1);
    if (lua_isnil(L, 1))
        return "error without a message (nil)";
    if (luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL)
        return luaL_tolstring(L, 1, NULL);
    if (lua_type(L, 1) == LUA_TTABLE) {
        lua_pushliteral(L, "message");
        if (lua_rawget(L, 1) == LUA_TSTRING && (text = lua_tostring(L, -1)) != NULL)
            return text;
        return "error value that is a table";
    }
    return luaL_tolstring(L, 1, NULL);
}

/* Message handler: describes the error while the stack is still there. */
static int on_error(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    char place[200] = "", restored[sizeof vm->message];

    vm->slack = SLACK;
    if (vm->fatal != TH_OK) {
        snprintf(vm->message, sizeof vm->message, "%s", vm->limit);
    } else {
        const char *text = error_text(L);
        vm->is_usage = vm->usage[0] && strcmp(text, vm->usage) == 0;
        if (!has_place(text))
            place_of(L, place, sizeof place);
        text = restore_path(vm, text, restored, sizeof restored);
        snprintf(vm->message, sizeof vm->message, "%s%s", place, text);
    }
    luaL_traceback(L, L, NULL, 1);
    th_str_clear(&vm->trace);
    th_str_puts(&vm->trace, lua_tostring(L, -1));
    lua_pushstring(L, vm->message);
    vm->slack = 0;
    return 1;
}

int th_usage(lua_State *L, const char *fmt, ...)
{
    va_list args;

    luaL_where(L, 1);
    va_start(args, fmt);
    lua_pushvfstring(L, fmt, args);
    va_end(args);
    lua_concat(L, 2);
    th_usage_at(L, lua_tostring(L, -1));
}

int th_usage_at(lua_State *L, const char *message)
{
    th_vm *vm = th_vm_of(L);

    snprintf(vm->usage, sizeof vm->usage, "%s", message);
    lua_pushstring(L, vm->usage);
    lua_error(L);
    abort(); /* lua_error() does not return */
}

int th_limit(lua_State *L, th_status status, const char *fmt, ...)
{
    th_vm *vm = th_vm_of(L);
    va_list args;

    luaL_where(L, 1);
    va_start(args, fmt);
    lua_pushvfstring(L, fmt, args);
    va_end(args);
    lua_concat(L, 2);
    if (vm->fatal == TH_OK) {
        vm->fatal = status;
        snprintf(vm->limit, sizeof vm->limit, "%s", lua_tostring(L, -1));
    }
    lua_error(L);
    abort(); /* lua_error() does not return */
}

/* Does the character break a line or turn the order of what is shown around? */
static bool spoils_a_line(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/* One line of UTF-8: line breaks, control characters and damaged bytes (a character the buffer cut too) become spaces. */
static void one_line(char *text)
{
    size_t len = strlen(text), pos = 0;

    while (pos < len) {
        size_t start = pos;
        uint32_t c = th_utf8_next(text, len, &pos);
        if (spoils_a_line(c) || (c == 0xFFFD && pos == start + 1))
            memset(text + start, ' ', pos - start);
    }
}

/* ---- the state and the call ---- */

static int open_state(lua_State *L)
{
    th_libs_open(L);
    th_api_open(L);
    return 0;
}

th_status th_vm_open(th_vm *vm, th_error *err)
{
    th_status status = watch_open(err);

    if (status != TH_OK)
        return status;
    vm->used = vm->peak = 0;
    if (!vm->scratch)
        vm->scratch = th_arena_new();
    vm->L = lua_newstate(allocate, vm);
    if (!vm->L || !vm->scratch)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory for a Lua state", vm->path);
    *(th_vm **)lua_getextraspace(vm->L) = vm;
    lua_pushcfunction(vm->L, open_state);
    return th_vm_call(vm, 0, 0, 0, NULL, err);
}

void th_vm_close(th_vm *vm)
{
    if (vm->L)
        lua_close(vm->L);
    vm->L = NULL;
    vm->running = NULL;
    th_str_free(&vm->trace);
    th_str_free(&vm->buffer);
    th_arena_free(vm->scratch);
    vm->scratch = NULL;
}

/* As lua itself does with a file: a byte order mark goes, and a first line that begins with # becomes empty. */
static void skip_head(const char **bytes, size_t *len)
{
    const char *at = *bytes, *end = at + *len;

    if (*len >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    if (at < end && *at == '#')
        while (at < end && *at != '\n')
            at++;
    *len = (size_t)(end - at);
    *bytes = at;
}

th_status th_vm_load(th_vm *vm, const char *path, const char *bytes, size_t len, th_error *err)
{
    char text[sizeof err->text], restored[sizeof err->text];
    lua_State *L = vm->L;
    int rc;

    if (snprintf(text, sizeof text, "@%s", path) >= (int)sizeof text)
        return th_error_set(err, TH_ERR_USAGE, "%s: path is too long", path);
    skip_head(&bytes, &len);
    rc = luaL_loadbufferx(L, bytes, len, text, "t");
    if (rc == LUA_OK)
        return TH_OK;
    if (rc == LUA_ERRMEM) {
        lua_pop(L, 1);
        return th_error_set(err, TH_ERR_LIMIT_MEMORY, "%s:1: used up %.4g MB of memory (limits.memory)", path,
                            (double)vm->cap / 1e6);
    }
    snprintf(text, sizeof text, "%s", luaL_tolstring(L, -1, NULL));
    lua_pop(L, 2);
    one_line(text);
    const char *what = restore_path(vm, text, restored, sizeof restored);
    return th_error_set(err, TH_ERR_PARSE, "%s%s%s", has_place(what) ? "" : path, has_place(what) ? "" : ":1: ", what);
}

static th_status classify(th_vm *vm, int rc)
{
    if (vm->expired)
        describe_limit(vm, TH_ERR_LIMIT_CPU, "");
    else if (rc == LUA_ERRMEM || is_memory_message(vm->message))
        describe_limit(vm, TH_ERR_LIMIT_MEMORY, vm->refused_at);
    if (vm->fatal != TH_OK) {
        snprintf(vm->message, sizeof vm->message, "%s%s%s", has_place(vm->limit) ? "" : vm->path,
                 has_place(vm->limit) ? "" : ": ", vm->limit);
        return vm->fatal;
    }
    return vm->is_usage ? TH_ERR_USAGE : TH_ERR_RUNTIME;
}

th_status th_vm_call(th_vm *vm, int nargs, int nresults, double cpu_s, double *used_s, th_error *err)
{
    lua_State *L = vm->L;
    int base = lua_gettop(L) - nargs;
    double before = cpu_now();
    th_vm *outer = watched;
    th_status status = TH_OK;

    vm->fatal = TH_OK;
    vm->is_usage = vm->refused_deep = false;
    vm->usage[0] = vm->message[0] = vm->refused_at[0] = vm->limit[0] = '\0';
    vm->output = vm->lines = 0;
    vm->peak = vm->used;
    vm->seen_start = vm->seen_stop = 0;
    th_str_clear(&vm->trace);
    lua_pushcfunction(L, on_error); /* ... fn args handler */
    lua_insert(L, base);            /* ... handler fn args */
    arm(vm, before, cpu_s);
    int rc = lua_pcall(L, nargs, nresults, base);
    disarm(vm, outer);
    vm->slack = 0;
    if (rc != LUA_OK) {
        if (rc == LUA_ERRERR && !vm->message[0])
            snprintf(vm->message, sizeof vm->message, "%s: error while handling an error", vm->path);
        status = classify(vm, rc);
        one_line(vm->message);
        th_error_set(err, status, "%s", vm->message);
        lua_settop(L, base - 1);
    } else {
        lua_remove(L, base);
    }
    vm->expired = 0;
    if (used_s)
        *used_s = cpu_now() - before;
    return status;
}
