/* SPDX-License-Identifier: MIT */
/*
 * Lists: what is done of them, and told, whatever their length. They are longer
 * than what Xen, or the shim, does at a time.
 */
#ifndef RULES_LISTS_H
#define RULES_LISTS_H

enum { LONG = 5000, WRONG_AT = 3456, FLUSHES = 300, CALLS = 700, TEXT = 1000 };

static struct mmu_update list[LONG];
static struct mmuext_op ops[FLUSHES];
static struct multicall_entry calls[CALLS];
static uint8_t target[PAGE] __attribute__((aligned(PAGE)));

/* Stores to an entry that is not present, of which the last one stays. */
static void fill(void)
{
    uint64_t at = entry_of((uintptr_t)target, 1);

    for (unsigned i = 0; i < LONG; i++)
        list[i] = (struct mmu_update){ at, (uint64_t)(i + 1) << 12 };
}

static uint64_t stored(void)
{
    return table_of((uintptr_t)target, 1)[(uintptr_t)target >> 12 & 511] >> 12;
}

static bool of_updates(void)
{
    uint32_t done = 77;

    fill();
    if (!is("a long list", updates(list, LONG, &done), 0) ||
        !is("of which are done", done, LONG) ||
        !is("and stored", (long)stored(), LONG))
        return false;
    list[WRONG_AT].ptr = 7;
    done = 77;
    if (!is("a list with a wrong entry", updates(list, LONG, &done),
            -XEN_ENOSYS) ||
        !is("of which are done", done, WRONG_AT) ||
        !is("and stored", (long)stored(), WRONG_AT))
        return false;
    /* As Xen leaves it in a list of calls. */
    done = 100;
    return is("the rest of a list",
              updates(list, 10 | MMU_UPDATE_PREEMPTED, &done), 0) &&
           is("of which are done", done, 110) &&
           is("nothing of a list", updates(list, 0, &done), 0) &&
           is("of which are done", done, 0);
}

static bool of_ops(void)
{
    uint32_t done = 77;
    long result;

    for (unsigned i = 0; i < FLUSHES; i++)
        ops[i] = (struct mmuext_op){
            .cmd = MMUEXT_INVLPG_LOCAL,
            .arg1.linear_addr = (uintptr_t)target,
        };
    result = call4(__HYPERVISOR_mmuext_op, (uintptr_t)ops, FLUSHES,
                   (uintptr_t)&done, DOMID_SELF);
    if (!is("a long list of ops", result, 0) ||
        !is("of which are done", done, FLUSHES))
        return false;
    ops[FLUSHES - 1].cmd = 1000;
    result = call4(__HYPERVISOR_mmuext_op, (uintptr_t)ops, FLUSHES,
                   (uintptr_t)&done, DOMID_SELF);
    return is("one with a wrong op", result, -XEN_ENOSYS) &&
           is("of which are done", done, FLUSHES - 1);
}

/* Of calls: short ones, a long one, one that fails, and what is no call. */
static bool of_calls(void)
{
    static struct mmuext_op few;
    uint32_t done = 77;
    long version = call(__HYPERVISOR_xen_version, XENVER_version, 0, 0);

    fill();
    few = (struct mmuext_op){ .cmd = MMUEXT_TLB_FLUSH_LOCAL };
    for (unsigned i = 0; i < CALLS; i++)
        calls[i] = (struct multicall_entry){
            .op = __HYPERVISOR_xen_version,
            .result = 77,
            .args = { XENVER_version },
        };
    calls[5] = (struct multicall_entry){
        .op = __HYPERVISOR_mmu_update,
        .args = { (uintptr_t)list, LONG, (uintptr_t)&done, DOMID_SELF },
    };
    calls[6] = (struct multicall_entry){
        .op = __HYPERVISOR_mmuext_op,
        .args = { (uintptr_t)&few, 1, 0, DOMID_SELF },
    };
    calls[7] = (struct multicall_entry){ .op = __HYPERVISOR_multicall };
    calls[8] = (struct multicall_entry){ .op = 63 };
    calls[9] = (struct multicall_entry){ .op = 1000 };
    if (!is("a list of calls",
            call(__HYPERVISOR_multicall, (uintptr_t)calls, CALLS, 0), 0))
        return false;
    for (unsigned i = 0; i < CALLS; i++) {
        long wanted = i == 5 || i == 6   ? 0
                      : i == 7           ? -XEN_EINVAL
                      : i == 8 || i == 9 ? -XEN_ENOSYS
                                         : version;

        if ((long)calls[i].result != wanted) {
            guest_fail(PV_NAME, "call %u of a list: %d, not %d", i,
                       (int)calls[i].result, (int)wanted);
            return false;
        }
    }
    return is("updates in a list of calls", done, LONG) &&
           is("which are stored", (long)stored(), LONG);
}

/* What comes out is looked at by tests/shim/run. */
static bool of_writes(void)
{
    static char text[TEXT + 100];

    for (unsigned i = 0; i < sizeof(text); i++)
        text[i] = i >= TEXT ? '#' : i % 100 == 99 ? '\n' : '.';
    return is(
        "a long line",
        call(__HYPERVISOR_console_io, CONSOLEIO_write, TEXT, (uintptr_t)text),
        0);
}

static inline void rules_lists(void)
{
    uint64_t entry = frame_of(target) * PAGE | ENTRY;
    bool good =
        map(target, 0) && of_updates() && of_ops() && of_calls() && of_writes();

    if (map(target, entry) && good)
        guest_pass("lists");
}

#endif /* RULES_LISTS_H */
