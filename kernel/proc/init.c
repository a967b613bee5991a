/* SPDX-License-Identifier: MIT */
/*
 * The programs of the initrd: /init, and what is left when it has ended.
 */
#include "proc/init.h"

#include "arch/cpu.h"
#include "arch/layout.h"
#include "arch/paging.h"
#include "checks/check.h"
#include "core/call.h"
#include "core/cpus.h"
#include "core/heap.h"
#include "core/pages.h"
#include "exec/exec.h"
#include "proc/errno.h"
#include "proc/file.h"
#include "proc/kstack.h"
#include "proc/process.h"
#include "proc/syscall.h"
#include "proc/xstate.h"

static size_t pages_lost, pieces_lost;

/* What the heap keeps does not count: it must be no more than at first. */
static size_t pages_there(void)
{
    process_drop_cache();
    space_drop_cache();
    heap_trim();
    return pages_left();
}

static const char *meaning(long error)
{
    switch (error) {
    case -ENOENT:
        return "there is none";
    case -EACCES:
        return "it is no executable file";
    case -ENOEXEC:
        return "it is no static ELF file for x86-64";
    default:
        return "there is no memory for it";
    }
}

static void run(void)
{
    size_t pages = pages_there(), pieces = heap_pieces();
    long status = process_run_init("/init");

    pages_lost = pages - pages_there();
    pieces_lost = heap_pieces() - pieces;
    CHECK(status >= 0, "/init does not start: %s", meaning(status));
    CHECK(!(status & 0x7f), "ended by signal %u", (unsigned)(status & 0x7f));
    CHECK(!status, "exit status %u", (unsigned)(status >> 8));
}

/*
 * Damage: mm/tree.c: space_free() leaves one table. core/heap.c: heap_trim()
 * gives nothing back.
 */
static void count_pages(void)
{
    CHECK(!pages_lost, "%zu pages are missing", pages_lost);
    CHECK(!pieces_lost, "%zu pieces of the heap are missing", pieces_lost);
}

static void refuse(void)
{
    check_fail("the initrd is damaged: %s", exec_initrd_damage());
}

/* What programs use of a CPU. */
static void set_up_cpu(void *unused)
{
    (void)unused;
    xstate_init();
    syscall_init();
}

void init_run(void)
{
    static const struct check check_init = { "init", run };
    static const struct check check_damaged = { "init", refuse };
    static const struct check check_pages = { "pages-come-back", count_pages };

    paging_prepare(LAYOUT_HEAP, LAYOUT_HEAP_BYTES);
    kstack_prepare();
    if (!exec_find_initrd()) {
        if (exec_initrd_damage())
            check_run(&check_damaged);
        return;
    }
    for (unsigned i = 0; i < CPU_MOST; i++) {
        if (cpus_runs(i))
            cpu_call(i, set_up_cpu, NULL);
    }
    check_run(&check_init);
    check_run(&check_pages);
    check_count(file_verdicts.passed, file_verdicts.failed,
                file_verdicts.skipped);
}
