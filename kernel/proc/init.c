/* SPDX-License-Identifier: MIT */
/*
 * The programs of the initrd: /init, and what is left when it has ended.
 */
#include "proc/init.h"

#include "checks/check.h"
#include "core/log.h"
#include "core/pages.h"
#include "exec/exec.h"
#include "proc/file.h"
#include "proc/process.h"
#include "proc/syscall.h"
#include "proc/xstate.h"

static size_t pages_lost;

static size_t pages_there(void)
{
    process_drop_cache();
    space_drop_cache();
    return pages_left();
}

/*
 * Programs of the same kernel never come here but by their own fault: the
 * status is theirs. The heap keeps what it took once, so it is warm before.
 */
static void run(void)
{
    size_t before = pages_there();
    long status = process_run_init("/init");
    size_t after = pages_there();

    pages_lost = before - after;
    CHECK(status >= 0, "it does not start: error %u", (unsigned)-status);
    CHECK(!(status & 0x7f), "ended by signal %u", (unsigned)(status & 0x7f));
    CHECK(!status, "exit status %u", (unsigned)(status >> 8));
}

/* Damage: space_free() leaves one table: kernel/mm/tree.c. */
static void count_pages(void)
{
    CHECK(!pages_lost, "%zu pages are missing", pages_lost);
}

void init_run(void)
{
    static const struct check check_init = { "init", run };
    static const struct check check_pages = { "pages-come-back", count_pages };

    if (!exec_find_initrd())
        return;
    xstate_init();
    syscall_init();
    check_run(&check_init);
    check_run(&check_pages);
    check_count(file_verdicts.passed, file_verdicts.failed,
                file_verdicts.skipped);
}
