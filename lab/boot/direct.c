/* SPDX-License-Identifier: MIT */
/*
 * Boots in a program of this machine: QEMU by itself, or the launcher of a
 * platform of the user's own.
 */
#include "boot/boot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "base/stop.h"
#include "boot/guest_direct.h"
#include "config/config.h"
#include "qemu/gdb_stop.h"
#include "qemu/qemu.h"

static bool start(struct boot *boot, struct guest_direct *direct,
                  const struct args *args, const int *monitor_fds, int terminal)
{
    boot_note_command(boot, args);
    if (guest_direct_start(direct, args->v, monitor_fds, terminal))
        return true;
    boot_error(boot, "cannot start %s: %s", args->v[0], strerror(errno));
    return false;
}

/* A boot that gdb is to come to. */
struct stopped {
    struct boot *boot;
    const struct plan *plan;
};

/* Under Xen and the shim, the machine first runs to where the kernel begins. */
static void stop_guest(void *context)
{
    const struct stopped *stopped = context;
    const struct plan *plan = stopped->plan;
    unsigned port = plan->options.gdb_port;
    char why[WHY_BYTES];

    if ((plan->load == LOAD_XEN || plan->load == LOAD_SHIM) &&
        !gdb_stop_at(port,
                     plan->door == DOOR_XEN_PV ? plan->image.xen_entry
                                               : plan->image.pvh_entry,
                     plan->timeout_s, NULL, NULL, why)) {
        boot_error(stopped->boot, "%s", why);
        return;
    }
    boot_say_gdb(stopped->boot);
}

void boot_direct(const struct plan *plan, const char *tag,
                 const struct boot_watch *watch, struct result *result)
{
    struct boot *boot = boot_open(plan, tag, watch, result);
    struct stopped stopped = { boot, plan };
    struct guest_direct direct;
    struct args args = { 0 };
    int pair[2];

    if (boot_is_broken(boot))
        goto out;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
        boot_error(boot, "cannot make a socket: %s", strerror(errno));
        goto out;
    }
    qemu_direct(&args, plan, pair[1], boot_trouble(boot), boot_counts(boot));
    if (!start(boot, &direct, &args, pair, -1)) {
        close(pair[0]);
        close(pair[1]);
        goto out;
    }
    close(pair[1]);
    if (plan->options.gdb_port)
        boot_on_started(boot, stop_guest, &stopped);
    boot_watch_guest(boot, &direct.guest);
out:
    args_free(&args);
    boot_close(boot);
}

/* A launcher that wants a terminal: our end, and the one it gets. */
static bool open_terminal(int *out_ours, int *out_theirs)
{
    struct termios modes;

    *out_ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*out_ours < 0)
        return false;
    if (grantpt(*out_ours) || unlockpt(*out_ours))
        return false;
    *out_theirs = open(ptsname(*out_ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*out_theirs < 0)
        return false;
    tcgetattr(*out_theirs, &modes);
    cfmakeraw(&modes);
    return tcsetattr(*out_theirs, TCSANOW, &modes) == 0;
}

/* The launcher makes its socket when it is ready; -1 if it never does. */
static int connect_to(const char *path, const struct guest_direct *direct)
{
    enum { STEP_MS = 20, STEPS = 500 };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    for (int i = 0; i < STEPS && !stop_requested(); i++) {
        struct pollfd over = { .fd = direct->child.pidfd, .events = POLLIN };

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
            return fd;
        close(fd);
        if (poll(&over, 1, STEP_MS) > 0)
            break;
    }
    return -1;
}

/* At its present end: what an earlier run left there is not this guest's. */
static int open_file(struct boot *boot, const char *path)
{
    int fd = open(path, O_RDONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                  0666);
    struct stat info;

    if (fd < 0) {
        boot_error(boot, "cannot read the console at %s: %s", path,
                   strerror(errno));
    } else if (fstat(fd, &info) || !S_ISREG(info.st_mode)) {
        boot_error(boot, "the console %s is not a regular file", path);
        close(fd);
        fd = -1;
    } else {
        lseek(fd, 0, SEEK_END);
    }
    return fd;
}

/* An earlier run's; the launcher could not make its own in that place. */
static void remove_socket(struct boot *boot, const char *path)
{
    struct stat info;

    if (lstat(path, &info))
        return;
    if (!S_ISSOCK(info.st_mode))
        boot_error(boot, "the console %s is there and is not a socket", path);
    else if (unlink(path))
        boot_error(boot, "cannot remove the old socket %s: %s", path,
                   strerror(errno));
}

/* Before the launcher starts: our end, if there is one yet, and its own. */
static void prepare_console(struct boot *boot,
                            const struct custom_platform *custom, int *out_ours,
                            int *out_theirs)
{
    if (custom->console == CONSOLE_FILE)
        *out_ours = open_file(boot, custom->console_path);
    else if (custom->console == CONSOLE_UNIX)
        remove_socket(boot, custom->console_path);
    else if (custom->console == CONSOLE_PTY &&
             !open_terminal(out_ours, out_theirs))
        boot_error(boot, "cannot make a terminal: %s", strerror(errno));
}

void boot_custom(const struct plan *plan, const char *tag,
                 const struct boot_watch *watch, struct result *result)
{
    struct boot *boot = boot_open(plan, tag, watch, result);
    const struct custom_platform *custom = plan->custom;
    struct guest_direct direct;
    struct args args = { 0 };
    int ours = -1, theirs = -1;

    if (boot_is_broken(boot))
        goto out;
    prepare_console(boot, custom, &ours, &theirs);
    if (boot_is_broken(boot))
        goto out;
    custom_command(custom, &plan->options, &args);
    if (!start(boot, &direct, &args, NULL, theirs))
        goto out;
    if (custom->console == CONSOLE_UNIX) {
        ours = connect_to(custom->console_path, &direct);
        if (ours < 0)
            boot_error(boot, "cannot read the console at %s: %s",
                       custom->console_path, strerror(errno));
    }
    if (ours >= 0)
        guest_direct_console(
            &direct, ours,
            custom->console == CONSOLE_FILE ? custom->console_path : NULL);
    ours = -1;
    boot_watch_guest(boot, &direct.guest);
out:
    if (ours >= 0)
        close(ours);
    if (theirs >= 0)
        close(theirs);
    args_free(&args);
    boot_close(boot);
}
