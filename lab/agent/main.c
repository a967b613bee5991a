/* SPDX-License-Identifier: MIT */
/*
 * The agent: the only process that an outer system starts, PID 1.
 *
 * /etc/pvlab/mode says what the outer system is for: "kvm" runs programs,
 * "xen" runs domains too.
 */
#include "bridge.h"
#include "domain.h"
#include "job.h"
#include "port.h"
#include "session.h"
#include "setup.h"
#include "socket.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define MODE_FILE "/etc/pvlab/mode"

static int watch_children(void)
{
    sigset_t set;
    int fd;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        port_fatal("signalfd: %s", strerror(errno));
    return fd;
}

/* PID 1 also inherits what its children leave behind. */
static void reap(int fd)
{
    struct signalfd_siginfo info;
    int status;
    pid_t pid;

    while (read(fd, &info, sizeof(info)) > 0) {
        /* Several children may share one signal: ask waitpid(). */
    }
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        run_child(pid, status);
        domain_child(pid, status);
    }
}

static bool set_up(void)
{
    char mode[16] = "";
    bool xen;

    setup_mounts();
    if (!setup_read_line(MODE_FILE, mode, sizeof(mode)))
        port_fatal(MODE_FILE ": %s", strerror(errno));
    xen = !strcmp(mode, "xen");
    if (!xen && strcmp(mode, "kvm"))
        port_fatal(MODE_FILE " says \"%s\", not \"kvm\" or \"xen\"", mode);

    setup_modules();
    port_open();
    setup_loopback();
    socket_setup();
    if (xen)
        domain_setup();
    return xen;
}

int main(void)
{
    enum {
        PORT,
        CHILDREN,
        SOCKETS,
        DOMAIN,
        XENSTORE,
        BRIDGES,
        COUNT = BRIDGES + BRIDGE_FDS
    };
    struct pollfd fds[COUNT];
    int children = watch_children();

    session_begin(set_up());

    for (;;) {
        int timeout;

        port_poll(&fds[PORT]);
        fds[CHILDREN] = (struct pollfd){ .fd = children, .events = POLLIN };
        timeout = socket_poll(&fds[SOCKETS]);
        domain_poll(&fds[DOMAIN]);
        xen_poll(&fds[XENSTORE]);
        bridge_poll(&fds[BRIDGES]);

        if (poll(fds, COUNT, timeout) < 0)
            continue;

        bridge_ready(&fds[BRIDGES]);
        xen_ready(&fds[XENSTORE]);
        domain_ready(&fds[DOMAIN]);
        if (fds[CHILDREN].revents)
            reap(children);
        socket_ready(&fds[SOCKETS]);
        run_step();
        domain_step();
        port_ready(&fds[PORT], session_take);
    }
}
