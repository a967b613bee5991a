/* SPDX-License-Identifier: MIT */
/*
 * A boot from inside: for boot.c, which watches it, and boot/log.c, which
 * writes down what there is to tell.
 */
#ifndef LAB_BOOT_INNER_H
#define LAB_BOOT_INNER_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/boot.h"
#include "boot/console.h"
#include "boot/monitor.h"

struct boot {
    const struct plan *plan;
    const struct boot_watch *watch;
    struct result *result;
    struct console console;
    struct monitor monitor;
    regex_t expect;
    int log;   /* console bytes, as they are */
    int notes; /* how it was run */
    char *notes_path;
    char *trouble;
    char *counts;               /* NULL: nothing is counted */
    struct where_counts before; /* not the guest's */
    size_t logged, noted;
    bool asked; /* QEMU's greeting was answered */
    bool started, settled, over;
    enum ending ending;
    double start, settled_at, heard_at;
    uint8_t input[256];
    size_t input_used;
    bool input_open;
    void (*on_started)(void *context);
    void *on_started_context;
    bool broken;    /* boot_error(): the verdict is given */
    char said[200]; /* last line that QEMU or the launcher wrote to stderr */
    size_t said_used;
};

/* A new file for a log; a failure is the boot's error. */
int boot_log_open(struct boot *boot, const char *path);

/* All bytes, or it is the boot's error: a log must not lack a part. */
void boot_log_write(struct boot *boot, int fd, const char *path,
                    const void *bytes, size_t size);

#endif /* LAB_BOOT_INNER_H */
