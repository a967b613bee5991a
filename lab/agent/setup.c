/* SPDX-License-Identifier: MIT */
/*
 * Mounts, modules, loopback.
 */
#include "setup.h"

#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULE_LIST "/etc/pvlab/modules"

void setup_mounts(void)
{
    static const struct {
        const char *type, *where, *options;
    } mounts[] = {
        { "proc", "/proc", NULL },
        { "sysfs", "/sys", NULL },
        { "devtmpfs", "/dev", NULL },
        { "devpts", "/dev/pts", "mode=620" },
        { "tmpfs", "/run", "mode=755" },
        { "tmpfs", "/tmp", "mode=1777" },
        { "tmpfs", "/dev/shm", "mode=1777" },
    };

    for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
        const char *where = mounts[i].where;

        mkdir(where, 0755);
        /* EBUSY: the kernel has mounted devtmpfs itself. */
        if (mount(mounts[i].type, where, mounts[i].type, 0,
                  mounts[i].options) &&
            errno != EBUSY)
            port_fatal("mounting %s: %s", where, strerror(errno));
    }
}

/* NULL, or why not. ENOENT of finit_module() is not about the file. */
static const char *load(const char *name, const char *parameters)
{
    char path[300];
    const char *why = NULL;
    int fd;

    snprintf(path, sizeof(path), "/lib/modules/%s.ko", name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return strerror(errno);
    if (syscall(SYS_finit_module, fd, parameters, 0) && errno != EEXIST)
        why = errno == ENOENT ? "needs a module that is not loaded"
                              : strerror(errno);
    close(fd);
    return why;
}

void setup_modules(void)
{
    FILE *list = fopen(MODULE_LIST, "re");
    char line[512];

    if (!list)
        port_fatal(MODULE_LIST ": %s", strerror(errno));

    while (fgets(line, sizeof(line), list)) {
        bool must = line[0] == '!';
        char *name = line + must;
        char *parameters;
        const char *why;

        line[strcspn(line, "\n")] = '\0';
        if (!*name)
            continue;
        parameters = name + strcspn(name, " ");
        if (*parameters)
            *parameters++ = '\0';

        why = load(name, parameters);
        if (why && must)
            port_fatal("module %s: %s", name, why);
        if (why)
            port_log("module %s: %s", name, why);
    }
    fclose(list);
}

void setup_loopback(void)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
        port_log("loopback interface: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
}

bool setup_read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");
    bool ok = file && fgets(line, (int)size, file);

    if (file)
        fclose(file);
    if (ok)
        line[strcspn(line, "\n")] = '\0';
    return ok;
}
