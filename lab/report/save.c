/* SPDX-License-Identifier: MIT */
/*
 * Writing a report so that a full disk costs nothing that was there.
 */
#include "report/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/args.h"

enum { TRIES = 100 };

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

static bool write_to(const char *path, const char *bytes, size_t size)
{
    int fd;
    bool ok;

    fflush(stdout); /* it may be what the path leads to */
    fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0)
        return false;
    ok = write_all(fd, bytes, size);
    return close(fd) == 0 && ok;
}

/* A file that was not there before; its name is the caller's to free. */
static int create_beside(const char *path, char **out_name)
{
    int fd = -1;

    for (unsigned i = 0; i < TRIES; i++) {
        *out_name = text_new("%s.%ld-%u.tmp", path, (long)getpid(), i);
        fd = open(*out_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
        free(*out_name);
        *out_name = NULL;
    }
    return fd;
}

static bool replace(const char *path, const struct stat *old, const char *bytes,
                    size_t size)
{
    char *name;
    int fd = create_beside(path, &name), failure;
    bool ok;

    if (fd < 0) {
        failure = errno;
        free(name);
        errno = failure;
        return false;
    }
    ok = write_all(fd, bytes, size) && fsync(fd) == 0 &&
         (!old || fchmod(fd, old->st_mode & 07777) == 0);
    failure = errno;
    if (close(fd) && ok) {
        ok = false;
        failure = errno;
    }
    if (ok && rename(name, path)) {
        ok = false;
        failure = errno;
    }
    if (!ok)
        unlink(name);
    free(name);
    errno = failure;
    return ok;
}

bool part_save(const char *path, const char *bytes, size_t size)
{
    struct stat old;
    char *file;
    bool ok;

    if (stat(path, &old))
        return replace(path, NULL, bytes, size);
    if (!S_ISREG(old.st_mode) || !strncmp(path, "/dev/", 5))
        return write_to(path, bytes, size);
    /* A symbolic link stays one. */
    file = realpath(path, NULL);
    if (!file)
        return false;
    ok = replace(file, &old, bytes, size);
    free(file);
    return ok;
}
