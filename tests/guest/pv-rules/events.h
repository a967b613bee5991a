/* SPDX-License-Identifier: MIT */
/*
 * An event in the middle of a long list: the list goes on behind it.
 */
#ifndef RULES_EVENTS_H
#define RULES_EVENTS_H

enum {
    SOON_NS = 3000000,
    TRIES = 20,
    A_PAGE = PAGE / sizeof(struct mmu_update),
};

static uint8_t shared_page[PAGE] __attribute__((aligned(PAGE)));
static struct mmu_update one_page[A_PAGE] __attribute__((aligned(PAGE)));
static volatile unsigned events;
static volatile uint64_t done_at_event;
static uint32_t list_done;

/* By its frame: rcx, r11, rip, cs, rflags, rsp, ss. */
void event_entry(void);
void event_seen(void);

__asm__(".text\n"
        "event_entry:\n\t"
        "push %rax\n\tpush %rdx\n\tpush %rsi\n\tpush %rdi\n\t"
        "push %r8\n\tpush %r9\n\tpush %r10\n\tpush %rbp\n\t"
        "mov %rsp, %rbp\n\t"
        "and $-16, %rsp\n\t"
        "call event_seen\n\t"
        "mov %rbp, %rsp\n\t"
        "pop %rbp\n\tpop %r10\n\tpop %r9\n\tpop %r8\n\t"
        "pop %rdi\n\tpop %rsi\n\tpop %rdx\n\tpop %rax\n\t"
        "pop %rcx\n\tpop %r11\n\t"
        "push $0\n\tpush %rcx\n\tpush %r11\n\tpush %rax\n\t"
        "mov $23, %eax\n\t" /* __HYPERVISOR_iret */
        "syscall\n");

static struct shared_info *shared(void)
{
    return (struct shared_info *)shared_page;
}

void event_seen(void)
{
    shared()->vcpu_info[0].evtchn_upcall_pending = 0;
    shared()->vcpu_info[0].evtchn_pending_sel = 0;
    shared()->evtchn_pending[0] = 0;
    events++;
    done_at_event = *(volatile uint32_t *)&list_done;
}

/* Xen's system time. */
static uint64_t now_ns(void)
{
    const struct pvclock_vcpu_time_info *time = &shared()->vcpu_info[0].time;
    uint32_t low, high;
    uint64_t ticks;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    ticks = ((uint64_t)high << 32 | low) - time->tsc_timestamp;
    ticks = time->tsc_shift < 0 ? ticks >> -time->tsc_shift
                                : ticks << time->tsc_shift;
    return time->system_time +
           (uint64_t)((unsigned __int128)ticks * time->tsc_to_system_mul >> 32);
}

static bool begin_events(void)
{
    struct evtchn_bind_virq bind = { .virq = VIRQ_TIMER };

    if (!map(shared_page, boot_private.xen_start_info->shared_info | ENTRY) ||
        !is("set_callbacks",
            call(__HYPERVISOR_set_callbacks, (uintptr_t)event_entry,
                 (uintptr_t)event_entry, 0),
            0) ||
        !is("bind_virq",
            call(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq,
                 (uintptr_t)&bind, 0),
            0))
        return false;
    shared()->evtchn_mask[bind.port / 64] &= ~(1ul << bind.port % 64);
    shared()->vcpu_info[0].evtchn_upcall_mask = 0;
    return true;
}

/* 256 updates, as often as there are pages. */
static long long_list(bool listed)
{
    struct multicall_entry entry = {
        .op = __HYPERVISOR_mmu_update,
        .args = { (uintptr_t)given_pages, GIVEN * A_PAGE, (uintptr_t)&list_done,
                  DOMID_SELF },
    };

    if (!listed)
        return updates((const struct mmu_update *)given_pages, GIVEN * A_PAGE,
                       &list_done);
    if (!is("a list of a list",
            call(__HYPERVISOR_multicall, (uintptr_t)&entry, 1, 0), 0))
        return -1;
    return (long)entry.result;
}

/* True: an event came meanwhile. */
static bool interrupted(bool listed, bool *out_good)
{
    unsigned before = events;

    list_done = 0;
    done_at_event = 0;
    *out_good =
        is("set_timer_op",
           call(__HYPERVISOR_set_timer_op, now_ns() + SOON_NS, 0, 0), 0) &&
        is("a list that an event may interrupt", long_list(listed), 0) &&
        is("of which are done", list_done, GIVEN * A_PAGE);
    call(__HYPERVISOR_set_timer_op, 0, 0, 0);
    return events != before && done_at_event && done_at_event != GIVEN * A_PAGE;
}

static bool in_a_long_list(bool listed)
{
    bool good = true;

    for (unsigned i = 0; i < TRIES && good; i++) {
        if (interrupted(listed, &good) && good)
            return true;
    }
    if (good)
        guest_fail(PV_NAME, "no event comes within a list (%u came)", events);
    return false;
}

static inline void rules_events(void)
{
    static uint64_t entries[GIVEN];
    uint64_t at = entry_of((uintptr_t)target, 1);
    uint64_t page = frame_of(one_page) * PAGE | ENTRY_READ;
    uint64_t own = entry_at(target);
    bool good = map(target, 0) && begin_events();

    for (unsigned i = 0; i < A_PAGE; i++)
        one_page[i] = (struct mmu_update){ at, (uint64_t)(i + 1) << 12 };
    for (unsigned i = 0; i < GIVEN && good; i++) {
        entries[i] = entry_at(given_pages[i]);
        good = map(given_pages[i], page);
    }
    good = good && in_a_long_list(false) && in_a_long_list(true);
    shared()->vcpu_info[0].evtchn_upcall_mask = 1;
    for (unsigned i = 0; i < GIVEN && good; i++)
        good = map(given_pages[i], entries[i]);
    if (map(target, own) && good)
        guest_pass("events");
}

#endif /* RULES_EVENTS_H */
