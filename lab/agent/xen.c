/* SPDX-License-Identifier: MIT */
/*
 * What xl needs in a dom0: xenstored, and dom0's own entries in xenstore.
 *
 * ring.c reads the consoles, so there is no xenconsoled. But libxl waits for
 * the sign of life that xenconsoled gives for each console: a name of its
 * terminal in xenstore.
 *
 * Source: Xen tools/libs/light/libxl_create.c, console_xswait_callback.
 */
#include "job.h"

#include "domain.h"

#include "port.h"
#include "spawn.h"
#include "xenstore.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define XENSTORED "/usr/sbin/xenstored"
#define INIT_DOM0 "/usr/sbin/xen-init-dom0"

static int watch = -1;

static pid_t start(char *const argv[])
{
    pid_t pid = spawn(argv, -1, STDERR_FILENO, STDERR_FILENO);

    if (pid < 0)
        port_fatal("%s: %s", argv[0], strerror(errno));
    return pid;
}

void domain_setup(void)
{
    enum { STEP_MS = 2, STEPS = 5000 };
    char *store[] = { XENSTORED, "--no-fork", NULL };
    char *init[] = { INIT_DOM0, NULL };
    static const char *const folders[] = {
        "/run/xenstored", "/run/xen",     "/var",
        "/var/lib",       "/var/lib/xen", "/var/lib/xenstored",
        "/var/log",       "/var/log/xen", "/run/lock",
    };
    int status, steps = 0;
    pid_t pid;

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        if (mkdir(folders[i], 0755) && errno != EEXIST)
            port_fatal("%s: %s", folders[i], strerror(errno));
    }
    if (symlink("/run", "/var/run") && errno != EEXIST)
        port_fatal("/var/run: %s", strerror(errno));
    /* /proc/xen/xsd_kva and xsd_port: where xenstored finds the kernel. */
    if (mount("xenfs", "/proc/xen", "xenfs", 0, NULL))
        port_fatal("/proc/xen: %s: not a dom0 of Xen?", strerror(errno));

    pid = start(store);
    while (!xenstore_is_up()) {
        if (waitpid(pid, &status, WNOHANG) == pid || ++steps == STEPS)
            port_fatal("%s does not come up", XENSTORED);
        poll(NULL, 0, STEP_MS);
    }

    pid = start(init);
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
        WEXITSTATUS(status))
        port_fatal("%s failed", INIT_DOM0);

    watch = xenstore_watch("/local/domain");
    if (watch < 0)
        port_fatal("xenstore refuses a watch");
}

void xen_poll(struct pollfd *fd)
{
    *fd = (struct pollfd){ .fd = watch, .events = POLLIN };
}

void xen_ready(const struct pollfd *fd)
{
    char path[4097], tty[80];
    unsigned domid;
    int end = 0;

    if (!fd->revents)
        return;
    if (!xenstore_event(watch, path, sizeof(path)))
        port_fatal("xenstored is gone");

    if (sscanf(path, "/local/domain/%u/console/port%n", &domid, &end) != 1 ||
        !end || path[end])
        return;
    /* Of a domain that is being destroyed: its console must stay away. */
    if (!xenstore_read(path, tty, sizeof(tty)))
        return;
    snprintf(tty, sizeof(tty), "/local/domain/%u/console/tty", domid);
    if (!xenstore_write(tty, "pvlab"))
        port_log("xenstore refuses %s", tty);
}
