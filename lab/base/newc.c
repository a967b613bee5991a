/* SPDX-License-Identifier: MIT */
/*
 * initramfs archives, by libarchive.
 */
#include "base/newc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/args.h"

struct newc {
    struct archive *archive;
    char *path;
    int fd;
    struct args folders; /* made already */
    bool failed;
    char why[WHY_BYTES];
};

__attribute__((format(printf, 2, 3))) static void fail(struct newc *newc,
                                                       const char *format, ...)
{
    va_list list;

    if (newc->failed)
        return;
    newc->failed = true;
    va_start(list, format);
    vsnprintf(newc->why, sizeof(newc->why), format, list);
    va_end(list);
}

struct newc *newc_open(const char *path, char why[WHY_BYTES])
{
    struct newc *newc = calloc(1, sizeof(*newc));

    if (!newc)
        abort();
    newc->path = text_new("%s", path);
    newc->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    newc->archive = archive_write_new();
    archive_write_set_format_cpio_newc(newc->archive);
    archive_write_set_bytes_per_block(newc->archive, 65536);
    archive_write_set_bytes_in_last_block(newc->archive, 4);
    if (newc->fd < 0 ||
        archive_write_open_fd(newc->archive, newc->fd) != ARCHIVE_OK) {
        fail(newc, "cannot write %s: %s", path, strerror(errno));
        newc_close(newc, why);
        return NULL;
    }
    return newc;
}

static void member(struct newc *newc, const char *name, mode_t mode,
                   const char *target, const void *bytes, size_t size)
{
    struct archive_entry *entry = archive_entry_new();

    archive_entry_set_pathname(entry, name);
    archive_entry_set_mode(entry, mode);
    archive_entry_set_nlink(entry, 1);
    archive_entry_set_size(entry, (la_int64_t)size);
    if (target)
        archive_entry_set_symlink(entry, target);
    if (archive_write_header(newc->archive, entry) != ARCHIVE_OK ||
        (size &&
         archive_write_data(newc->archive, bytes, size) != (la_ssize_t)size))
        fail(newc, "cannot write %s: %s", newc->path,
             archive_error_string(newc->archive));
    archive_entry_free(entry);
}

/* Each folder above 'name', once. */
static void folders(struct newc *newc, const char *name)
{
    for (const char *p = strchr(name, '/'); p; p = strchr(p + 1, '/')) {
        char *folder = text_new("%.*s", (int)(p - name), name);
        bool known = false;

        for (size_t i = 0; i < newc->folders.count; i++)
            known = known || !strcmp(newc->folders.v[i], folder);
        if (!known) {
            args_add(&newc->folders, "%s", folder);
            member(newc, folder, S_IFDIR | 0755, NULL, NULL, 0);
        }
        free(folder);
    }
}

void newc_bytes(struct newc *newc, const char *name, mode_t mode,
                const void *bytes, size_t size)
{
    folders(newc, name);
    member(newc, name, S_IFREG | mode, NULL, bytes, size);
}

void newc_link(struct newc *newc, const char *name, const char *target)
{
    folders(newc, name);
    member(newc, name, S_IFLNK | 0777, target, NULL, 0);
}

void newc_file(struct newc *newc, const char *name, mode_t mode,
               const char *from)
{
    folders(newc, name);
    newc_file_first(newc, name, mode, from);
}

void newc_file_first(struct newc *newc, const char *name, mode_t mode,
                     const char *from)
{
    struct archive_entry *entry;
    static char bytes[1 << 16];
    struct stat info;
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0 || fstat(fd, &info)) {
        fail(newc, "cannot read %s: %s", from, strerror(errno));
        if (fd >= 0)
            close(fd);
        return;
    }
    entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_mode(entry, S_IFREG | mode);
    archive_entry_set_nlink(entry, 1);
    archive_entry_set_size(entry, info.st_size);
    if (archive_write_header(newc->archive, entry) != ARCHIVE_OK)
        fail(newc, "cannot write %s: %s", newc->path,
             archive_error_string(newc->archive));
    while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
        if (archive_write_data(newc->archive, bytes, (size_t)n) < 0) {
            fail(newc, "cannot write %s: %s", newc->path,
                 archive_error_string(newc->archive));
            break;
        }
    }
    if (n < 0)
        fail(newc, "cannot read %s: %s", from, strerror(errno));
    archive_entry_free(entry);
    close(fd);
}

bool newc_close(struct newc *newc, char why[WHY_BYTES])
{
    bool good;

    if (archive_write_close(newc->archive) != ARCHIVE_OK)
        fail(newc, "cannot write %s: %s", newc->path,
             archive_error_string(newc->archive));
    archive_write_free(newc->archive);
    if (newc->fd >= 0 && close(newc->fd))
        fail(newc, "cannot write %s: %s", newc->path, strerror(errno));
    good = !newc->failed;
    if (!good)
        memcpy(why, newc->why, WHY_BYTES);
    args_free(&newc->folders);
    free(newc->path);
    free(newc);
    return good;
}

bool newc_append(const char *path, const char *from, char why[WHY_BYTES])
{
    static char bytes[1 << 16];
    int to = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    size_t total = 0;
    bool good = false;
    ssize_t n = -1;

    if (fd < 0) {
        snprintf(why, WHY_BYTES, "cannot read %s: %s", from, strerror(errno));
        goto out;
    }
    if (to >= 0) {
        while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
            errno = ENOSPC; /* what a short write means */
            if (write(to, bytes, (size_t)n) != n)
                break;
            total += (size_t)n;
        }
        memset(bytes, 0, 4);
        good = n == 0 && write(to, bytes, -total & 3) >= 0;
    }
    if (!good)
        snprintf(why, WHY_BYTES, "cannot write %s: %s", path, strerror(errno));
out:
    if (to >= 0)
        close(to);
    if (fd >= 0)
        close(fd);
    return good;
}
