/* confine.c - see confine.h. Landlock's numbers are written out: the kernel headers of Debian 12 know only its second version. */
#include "run/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "load/decode.h"

/* ---- what there is ---- */

static const struct {
    const char *name, *summary;
} names[TH_WALL_COUNT] = {
    [TH_WALL_CORE] = {"core", "no core dump"},
    [TH_WALL_FILES] = {"files", "few open files"},
    [TH_WALL_GROWTH] = {"growth", "no file grows"},
    [TH_WALL_PROCESSES] = {"processes", "no new process (does not bind root)"},
    [TH_WALL_MEMORY] = {"memory", "a bounded address space"},
    [TH_WALL_PARENT] = {"parent", "ends with its parent"},
    [TH_WALL_PRIVILEGES] = {"privileges", "no new privileges"},
    [TH_WALL_LANDLOCK] = {"landlock", "no file by name, no network, no foreign signal"},
    [TH_WALL_SECCOMP] = {"seccomp", "no system call but those it needs"},
};

const char *th_wall_name(th_wall wall)
{
    return names[wall].name;
}

const char *th_wall_summary(th_wall wall)
{
    return names[wall].summary;
}

static void missing(th_walls *walls, th_wall wall, const char *what)
{
    walls->state[wall] = TH_WALL_MISSING;
    snprintf(walls->why[wall], sizeof walls->why[wall], "%s: %s", what, strerror(errno));
}

static bool is_listed(const char *list, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = list; (at = strstr(at, word)) != NULL; at += len)
        if ((at == list || at[-1] == ',') && (at[len] == ',' || at[len] == '\0'))
            return true;
    return false;
}

/* Valgrind preloads its own library into what it runs. */
static bool under_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");

    return preload && strstr(preload, "vgpreload") != NULL;
}

static bool switched_off(th_wall wall)
{
    const char *off = getenv(TH_WALLS_OFF);

    return off && (is_listed(off, "all") || is_listed(off, names[wall].name));
}

/* Why this build leaves the wall out; NULL when it does not. */
static const char *left_out(th_wall wall)
{
    (void)wall;
#ifdef TH_SANITIZED
    if (wall == TH_WALL_MEMORY)
        return "this build has AddressSanitizer, which maps terabytes";
#endif
#ifdef TH_COVERAGE
    if (wall == TH_WALL_MEMORY || wall == TH_WALL_GROWTH || wall == TH_WALL_LANDLOCK || wall == TH_WALL_SECCOMP)
        return "this build writes down which lines ran";
#endif
    if (wall == TH_WALL_MEMORY && under_valgrind())
        return "valgrind maps much of its own";
    return NULL;
}

/* Is the wall to go up? Notes it when it is left out. */
static bool wanted(const th_confinement *c, th_walls *walls, th_wall wall)
{
    const char *why = left_out(wall);

    if (c->only && !(c->only >> wall & 1))
        return false;
    walls->state[wall] = why ? TH_WALL_LEFT_OUT : TH_WALL_STANDS;
    if (switched_off(wall)) {
        walls->state[wall] = TH_WALL_OFF;
        why = "switched off by " TH_WALLS_OFF;
    }
    snprintf(walls->why[wall], sizeof walls->why[wall], "%s", why ? why : "");
    return !why;
}

/* ---- resource limits ---- */

static void limit(const th_confinement *c, th_walls *walls, th_wall wall, __rlimit_resource_t resource, rlim_t most)
{
    struct rlimit old, new = {most, most};

    if (!wanted(c, walls, wall))
        return;
    if (getrlimit(resource, &old) == 0 && old.rlim_max < most)
        new = (struct rlimit){old.rlim_max, old.rlim_max};
    if (setrlimit(resource, &new) != 0)
        missing(walls, wall, "setrlimit");
}

/* Bytes of address space in use; 0 when it can not be told. */
static size_t mapped_now(void)
{
    unsigned long pages = 0;
    FILE *fp = fopen("/proc/self/statm", "re");

    if (fp && fscanf(fp, "%lu", &pages) != 1)
        pages = 0;
    if (fp)
        fclose(fp);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void set_limits(const th_confinement *c, th_walls *walls)
{
    limit(c, walls, TH_WALL_CORE, RLIMIT_CORE, 0);
    if (c->files)
        limit(c, walls, TH_WALL_FILES, RLIMIT_NOFILE, c->files);
    if (!c->may_grow_files) {
        signal(SIGXFSZ, SIG_IGN);
        limit(c, walls, TH_WALL_GROWTH, RLIMIT_FSIZE, 0);
    }
    limit(c, walls, TH_WALL_PROCESSES, RLIMIT_NPROC, 0);
    if (c->memory)
        limit(c, walls, TH_WALL_MEMORY, RLIMIT_AS, mapped_now() + c->memory);
}

static void set_flags(const th_confinement *c, th_walls *walls)
{
    if (wanted(c, walls, TH_WALL_PARENT) && prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        missing(walls, TH_WALL_PARENT, "prctl");
    if (wanted(c, walls, TH_WALL_PRIVILEGES) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        missing(walls, TH_WALL_PRIVILEGES, "prctl");
}

/* ---- Landlock: linux/landlock.h as of its seventh version ---- */

enum { SYS_CREATE_RULESET = 444, SYS_ADD_RULE = 445, SYS_RESTRICT_SELF = 446, CREATE_VERSION = 1, RULE_PATH_BENEATH = 1 };

#define FS_EXECUTE UINT64_C(0x1)
#define FS_WRITE_FILE UINT64_C(0x2)
#define FS_READ_FILE UINT64_C(0x4)
#define FS_READ_DIR UINT64_C(0x8)
#define FS_MAKE_DIR UINT64_C(0x80)
#define FS_MAKE_REG UINT64_C(0x100)
#define FS_REMOVE_FILE UINT64_C(0x20)
#define FS_REFER UINT64_C(0x2000)     /* since version 2 */
#define FS_TRUNCATE UINT64_C(0x4000)  /* 3 */
#define FS_IOCTL_DEV UINT64_C(0x8000) /* 5 */
#define FS_FIRST_VERSION UINT64_C(0x1fff)
#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define NET_ALL UINT64_C(0x3)   /* 4: bind and connect by TCP */
#define SCOPE_ALL UINT64_C(0x3) /* 6: abstract sockets and signals */

typedef struct ruleset_attr {
    uint64_t fs, net, scoped;
} ruleset_attr;

typedef struct __attribute__((packed)) path_attr {
    uint64_t allowed;
    int32_t fd;
} path_attr;

int th_landlock_version(void)
{
    long version = syscall(SYS_CREATE_RULESET, NULL, 0, CREATE_VERSION);

    return version > 0 ? (int)version : 0;
}

/* All rights that a kernel of this version knows. */
static ruleset_attr all_rights(int version, size_t *size)
{
    ruleset_attr attr = {.fs = FS_FIRST_VERSION};

    attr.fs |= version >= 2 ? FS_REFER : 0;
    attr.fs |= version >= 3 ? FS_TRUNCATE : 0;
    attr.fs |= version >= 5 ? FS_IOCTL_DEV : 0;
    attr.net = version >= 4 ? NET_ALL : 0;
    attr.scoped = version >= 6 ? SCOPE_ALL : 0;
    *size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    return attr;
}

/* Let `rights` through at and below `path`; a path that is not there needs none. */
static bool allow_path(int ruleset, const char *path, uint64_t rights)
{
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);

    if (fd < 0)
        return true;
    if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rights &= FS_OF_FILES;
    path_attr attr = {rights, fd};
    bool ok = syscall(SYS_ADD_RULE, ruleset, RULE_PATH_BENEATH, &attr, 0) == 0;
    close(fd);
    return ok;
}

static bool allow_paths(int ruleset, const th_confinement *c, uint64_t known)
{
    uint64_t read = FS_READ_FILE | FS_READ_DIR | (c->calls == TH_CALLS_PROGRAM ? FS_EXECUTE : 0);
    uint64_t write = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_MAKE_DIR | FS_MAKE_REG | FS_REMOVE_FILE | FS_TRUNCATE | FS_REFER;

    for (size_t i = 0; i < c->readable_count; i++)
        if (!allow_path(ruleset, c->readable[i], read & known))
            return false;
    return !c->writable || allow_path(ruleset, c->writable, write & known);
}

static void set_landlock(const th_confinement *c, th_walls *walls)
{
    int version = th_landlock_version();
    size_t size;

    if (!wanted(c, walls, TH_WALL_LANDLOCK))
        return;
    if (!version) {
        missing(walls, TH_WALL_LANDLOCK, "this kernel has no Landlock");
        return;
    }
    ruleset_attr attr = all_rights(version, &size);
    int ruleset = (int)syscall(SYS_CREATE_RULESET, &attr, size, 0);
    if (ruleset < 0 || !allow_paths(ruleset, c, attr.fs) || syscall(SYS_RESTRICT_SELF, ruleset, 0) != 0)
        missing(walls, TH_WALL_LANDLOCK, "Landlock");
    if (ruleset >= 0)
        close(ruleset);
}

/* ---- seccomp ---- */

/* Memory, time, the CPU timer and its signal, and descriptors that are open already. */
static const int worker_calls[] = {
    SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise),
    SCMP_SYS(futex), SCMP_SYS(getrandom), SCMP_SYS(sched_yield), SCMP_SYS(restart_syscall),
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(_llseek), SCMP_SYS(write),
    SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(fcntl), SCMP_SYS(dup), SCMP_SYS(poll), SCMP_SYS(ppoll),
    SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(memfd_create),
    SCMP_SYS(ftruncate),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(sigaltstack),
    SCMP_SYS(timer_create), SCMP_SYS(timer_settime), SCMP_SYS(timer_gettime), SCMP_SYS(timer_getoverrun),
    SCMP_SYS(timer_delete), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(getrusage), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(exit), SCMP_SYS(exit_group),
#ifdef TH_SANITIZED
    SCMP_SYS(getppid), SCMP_SYS(sched_getaffinity), SCMP_SYS(prctl), SCMP_SYS(readlink), SCMP_SYS(uname),
#endif
};

/* Landlock says which paths. */
static const int script_calls[] = {
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
    SCMP_SYS(fstatfs), SCMP_SYS(statfs), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
    SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(getdents64), SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(unlink),
    SCMP_SYS(unlinkat), SCMP_SYS(pwrite64), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(flock), SCMP_SYS(umask),
    SCMP_SYS(geteuid), SCMP_SYS(getuid), SCMP_SYS(ioctl), SCMP_SYS(fadvise64), SCMP_SYS(msync),
};

/* What a program that turns a file into text has no business with. Processes are kept out by NPROC, for root by clone. */
static const int program_refused[] = {
    SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept),
    SCMP_SYS(accept4), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(kill),
    SCMP_SYS(tkill), SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_send_signal), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot),
    SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(keyctl), SCMP_SYS(add_key),
    SCMP_SYS(request_key), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
    SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(kexec_load), SCMP_SYS(reboot), SCMP_SYS(swapon),
    SCMP_SYS(setrlimit), SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(chown), SCMP_SYS(fchown),
    SCMP_SYS(fchownat), SCMP_SYS(lchown), SCMP_SYS(setxattr), SCMP_SYS(utimensat), SCMP_SYS(shmget), SCMP_SYS(msgget),
};

static int add_calls(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    int rc = 0;

    for (size_t i = 0; i < count && rc == 0; i++)
        rc = seccomp_rule_add(filter, action, calls[i], 0);
    return rc;
}

/* Calls of which only a form is let through. */
static int add_forms(scmp_filter_ctx filter, th_calls calls)
{
    int rc = 0;

    if (calls == TH_CALLS_WORKER) /* fstat(), as the C library writes it */
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1, SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH));
    if (rc == 0) /* abort(), to itself */
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                              SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    return rc;
}

static int fill_filter(scmp_filter_ctx filter, th_calls calls)
{
    int rc;

    if (calls == TH_CALLS_PROGRAM)
        return add_calls(filter, SCMP_ACT_ERRNO(EPERM), program_refused, sizeof program_refused / sizeof *program_refused);
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree: what is asked last costs as little as the first */
    rc = add_calls(filter, SCMP_ACT_ALLOW, worker_calls, sizeof worker_calls / sizeof *worker_calls);
    if (rc == 0 && calls == TH_CALLS_SCRIPT)
        rc = add_calls(filter, SCMP_ACT_ALLOW, script_calls, sizeof script_calls / sizeof *script_calls);
    return rc == 0 ? add_forms(filter, calls) : rc;
}

static void set_seccomp(const th_confinement *c, th_walls *walls)
{
    scmp_filter_ctx filter;
    int rc;

    if (!wanted(c, walls, TH_WALL_SECCOMP))
        return;
    filter = seccomp_init(c->calls == TH_CALLS_PROGRAM ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM));
    rc = filter ? fill_filter(filter, c->calls) : -ENOMEM;
    if (rc == 0)
        rc = seccomp_load(filter);
    if (rc != 0) {
        errno = -rc;
        missing(walls, TH_WALL_SECCOMP, "seccomp");
    }
    seccomp_release(filter);
}

/* ---- the public part ---- */

void th_confine_prepare(void)
{
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, "");
    tzset();
    th_decode_open();
}

void th_confine(const th_confinement *confinement, th_walls *walls)
{
    *walls = (th_walls){0};
    set_limits(confinement, walls);
    set_flags(confinement, walls);
    set_landlock(confinement, walls);
    set_seccomp(confinement, walls);
}

th_status th_walls_require(const th_walls *walls, const char *config, th_error *err)
{
    for (int i = 0; i < TH_WALL_COUNT; i++)
        if (walls->state[i] != TH_WALL_STANDS && walls->state[i] != TH_WALL_UNASKED)
            return th_error_set(err, TH_ERR_USAGE,
                                "%s: require_sandbox is true, and the wall \"%s\" does not stand (%s); `talenthost doctor` "
                                "tells more", config ? config : "config.yaml", names[i].name, walls->why[i]);
    return TH_OK;
}

void th_walls_warning(const th_walls *walls, char *out, size_t size)
{
    size_t len = 0;

    *out = '\0';
    for (int i = 0; i < TH_WALL_COUNT && len < size; i++)
        if (walls->state[i] == TH_WALL_MISSING || walls->state[i] == TH_WALL_OFF)
            len += (size_t)snprintf(out + len, size - len, "%s%s%s%s%s", len ? ", " : "without these walls of the sandbox: ",
                                    names[i].name, walls->state[i] == TH_WALL_OFF ? "" : " (",
                                    walls->state[i] == TH_WALL_OFF ? "" : walls->why[i],
                                    walls->state[i] == TH_WALL_OFF ? "" : ")");
    if (len && len < size)
        snprintf(out + len, size - len, "; `talenthost doctor` tells why");
}
