/* gentle.c - preloaded into a run that valgrind counts: a worker is ended by SIGTERM instead of SIGKILL, so that valgrind can
 * write down what it counted. */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

int kill(pid_t pid, int number)
{
    return (int)syscall(SYS_kill, pid, number == SIGKILL ? SIGTERM : number);
}
