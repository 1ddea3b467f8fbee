/* attack.c - a global `attack` for plugins: what code that broke out of Lua would do. It is linked into a program of its own, for the
 * tests alone (see tests/CMakeLists.txt); the linker puts __wrap_th_libs_open() in place of th_libs_open(). */
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run/wire.h"

void __real_th_libs_open(lua_State *L);
void __wrap_th_libs_open(lua_State *L);

/* Raise when the system refused, as a binding would; else say that it went through. */
static int answer(lua_State *L, long rc)
{
    if (rc < 0)
        return luaL_error(L, "refused: %s", strerror(errno));
    lua_pushinteger(L, (lua_Integer)rc);
    return 1;
}

static int attack_read(lua_State *L)
{
    return answer(L, open(luaL_checkstring(L, 1), O_RDONLY));
}

static int attack_create(lua_State *L)
{
    return answer(L, open(luaL_checkstring(L, 1), O_WRONLY | O_CREAT, 0600));
}

static int attack_stat(lua_State *L)
{
    struct stat st;

    return answer(L, stat(luaL_checkstring(L, 1), &st));
}

static int attack_unlink(lua_State *L)
{
    return answer(L, unlink(luaL_checkstring(L, 1)));
}

static int attack_socket(lua_State *L)
{
    return answer(L, socket(luaL_checkinteger(L, 1) == 1 ? AF_UNIX : AF_INET, SOCK_STREAM, 0));
}

static int attack_fork(lua_State *L)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return answer(L, pid);
}

static int attack_exec(lua_State *L)
{
    char *const args[] = {"true", NULL};

    return answer(L, execve("/bin/true", args, NULL));
}

static int attack_kill(lua_State *L)
{
    return answer(L, kill(getppid(), SIGTERM));
}

static int attack_ptrace(lua_State *L)
{
    return answer(L, ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
}

static int attack_map(lua_State *L)
{
    void *block = mmap(NULL, (size_t)1 << 40, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return answer(L, block == MAP_FAILED ? -1 : 0);
}

/* To standard error, which may be a file that the parent was given. */
static int attack_write(lua_State *L)
{
    static const char text[] = "attack: written by a worker\n";

    return answer(L, write(STDERR_FILENO, text, sizeof text - 1));
}

/* A message to the parent that is no answer to task `id`: its bytes end too early. */
static int attack_answer(lua_State *L)
{
    struct {
        uint32_t len, type;
        uint64_t id;
        char junk[5];
    } __attribute__((packed)) message = {8 + 5, TH_MSG_RESULT, (uint64_t)luaL_checkinteger(L, 1), "junk"};

    for (int fd = 0; fd < 64; fd++)
        if (send(fd, &message, sizeof message, MSG_NOSIGNAL) > 0)
            return 0;
    return luaL_error(L, "refused: no socket");
}

static int attack_limits(lua_State *L)
{
    return answer(L, syscall(SYS_prlimit64, 0, 1, NULL, NULL));
}

static int attack_segv(lua_State *L)
{
    (void)L;
    signal(SIGSEGV, SIG_DFL); /* a sanitizer would report it at length */
    raise(SIGSEGV);
    return 0;
}

static int attack_abort(lua_State *L)
{
    (void)L;
    signal(SIGABRT, SIG_DFL);
    abort();
    return 0;
}

static int attack_exit(lua_State *L)
{
    (void)L;
    _exit(0);
}

/* A loop in C, where no hook comes. */
static int attack_spin(lua_State *L)
{
    volatile unsigned n = 0;

    (void)L;
    while (n < 2 || n > 1)
        n++;
    return 0;
}

/* Sleeps: no CPU time goes by. */
static int attack_sleep(lua_State *L)
{
    (void)L;
    while (poll(NULL, 0, 1000) <= 0)
        continue;
    return 0;
}

static const luaL_Reg functions[] = {
    {"read", attack_read},     {"create", attack_create}, {"stat", attack_stat},     {"unlink", attack_unlink},
    {"socket", attack_socket}, {"fork", attack_fork},     {"exec", attack_exec},     {"kill", attack_kill},
    {"ptrace", attack_ptrace}, {"map", attack_map},       {"write", attack_write}, {"answer", attack_answer},   {"limits", attack_limits},
    {"segv", attack_segv},     {"abort", attack_abort},   {"exit", attack_exit},     {"spin", attack_spin},
    {"sleep", attack_sleep},   {NULL, NULL}};

void __wrap_th_libs_open(lua_State *L)
{
    __real_th_libs_open(L);
    luaL_newlib(L, functions);
    lua_setglobal(L, "attack");
}
