/* SPDX-License-Identifier: MIT */
/*
 * What a file descriptor stands for: the console, or an end of a pipe.
 */
#ifndef PVK_PROC_FILE_H
#define PVK_PROC_FILE_H

#include <stddef.h>
#include <stdint.h>

struct file;

/* Another holder; one less: the last one closes it. */
struct file *file_hold(struct file *file);
void file_drop(struct file *file);

/* The console: read gives 0, end of file. Held by every init. */
struct file *file_console(void);

/* Two ends; -ENOMEM. */
long file_make_pipe(struct file **out_read, struct file **out_write);

/* As read() and write() of the current process; -EPIPE kills by SIGPIPE. */
long file_read(struct file *file, uint64_t to, uint64_t bytes);
long file_write(struct file *file, uint64_t from, uint64_t bytes);

/* Lines "PVLAB PASS ", "PVLAB FAIL ", "PVLAB SKIP " that programs wrote. */
struct file_verdicts {
    unsigned passed, failed, skipped;
};
extern struct file_verdicts file_verdicts;

#endif /* PVK_PROC_FILE_H */
