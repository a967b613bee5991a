/* SPDX-License-Identifier: MIT */
/*
 * "run": a program whose stdin and stdout are the guest's console.
 */
#include "job.h"

#include "bridge.h"
#include "port.h"
#include "socket.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t program; /* 0: none */
static bool active;
static int exit_status; /* of waitpid(); valid while active and !program */

static void close_pair(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

void run_start(char *const argv[])
{
    int in[2], out[2], err[2];
    pid_t pid;

    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
        port_fatal("pipe: %s", strerror(errno));

    pid = spawn(argv, in[0], out[1], err[1]);
    if (pid < 0) {
        port_answer("failed %s: %s", argv[0], strerror(errno));
        close_pair(in);
        close_pair(out);
        close_pair(err);
        return;
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);

    program = pid;
    active = true;
    bridge_join(AGENT_CONSOLE, out[0], in[1]);
    bridge_join(AGENT_LOG, err[0], -1);
    socket_want(AGENT_MONITOR, AGENT_MONITOR_SOCKET);
    socket_want(AGENT_GDB, AGENT_GDB_SOCKET);
    port_answer("started");
}

bool run_is_active(void)
{
    return active;
}

void run_kill(void)
{
    if (program)
        kill(program, SIGKILL);
}

void run_child(pid_t pid, int status)
{
    if (!program || pid != program)
        return;
    program = 0;
    exit_status = status;
}

/* What it wrote before it ended is in the pipes and goes out first. */
void run_step(void)
{
    if (!active || program)
        return;
    if (!bridge_drain(AGENT_CONSOLE) || !bridge_drain(AGENT_LOG) ||
        !bridge_drain(AGENT_MONITOR) || !bridge_drain(AGENT_GDB))
        return;

    active = false;
    socket_forget();
    bridge_close(AGENT_CONSOLE);
    bridge_close(AGENT_LOG);
    if (WIFSIGNALED(exit_status))
        port_answer("ended signal %d", WTERMSIG(exit_status));
    else
        port_answer("ended exit %d", WEXITSTATUS(exit_status));
}
