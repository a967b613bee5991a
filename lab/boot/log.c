/* SPDX-License-Identifier: MIT */
/*
 * What is written down of a boot: its logs, what there is to count, and the
 * first error, which is its verdict.
 */
#include "boot/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void boot_error(struct boot *boot, const char *format, ...)
{
    va_list list;

    if (boot->broken)
        return;
    boot->broken = true;
    boot->result->verdict = VERDICT_ERROR;
    free(boot->result->reason);
    va_start(list, format);
    if (vasprintf(&boot->result->reason, format, list) < 0)
        abort();
    va_end(list);
}

void boot_log_write(struct boot *boot, int fd, const char *path,
                    const void *bytes, size_t size)
{
    ssize_t n;

    errno = ENOSPC; /* what a short write means */
    n = write(fd, bytes, size);
    if (n != (ssize_t)size)
        boot_error(boot, "cannot write the log %s: %s", path, strerror(errno));
}

void boot_note(struct boot *boot, const char *format, ...)
{
    va_list list;
    char *line;
    int size;

    va_start(list, format);
    size = vasprintf(&line, format, list);
    va_end(list);
    if (size < 0)
        abort();
    boot_log_write(boot, boot->notes, boot->notes_path, line, (size_t)size);
    free(line);
}

const char *boot_trouble(const struct boot *boot)
{
    return boot->trouble;
}

const char *boot_counts(const struct boot *boot)
{
    return boot->counts;
}

void boot_count_from_now(struct boot *boot)
{
    char why[WHERE_WHY_BYTES];

    if (boot->counts && !where_total(boot->counts, &boot->before, why))
        boot_error(boot, "%s", why);
}

int boot_log_open(struct boot *boot, const char *path)
{
    int fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);

    if (fd < 0)
        boot_error(boot, "cannot write the log %s: %s", path, strerror(errno));
    return fd;
}

void boot_note_command(struct boot *boot, const struct args *args)
{
    boot_note(boot, "#");
    for (size_t i = 0; i < args->count; i++)
        boot_note(boot, " '%s'", args->v[i]);
    boot_note(boot, "\n");
}

bool boot_is_broken(const struct boot *boot)
{
    return boot->broken;
}
