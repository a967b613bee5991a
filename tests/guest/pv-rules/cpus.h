/* SPDX-License-Identifier: MIT */
/*
 * A second VCPU: begun, taken down while it runs and while it is in a list of
 * calls, brought up where it was.
 */
#ifndef RULES_CPUS_H
#define RULES_CPUS_H

enum { SECOND = 1, STACK_BYTES = 8192, TURNS = 2000000000, CONTEXT_ROOT = 3 };

static struct vcpu_guest_context context;
static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));
static struct multicall_entry second_calls[3];
static volatile uint64_t turns, behind;

static long vcpu_op(unsigned command, unsigned id, const void *argument)
{
    return call(__HYPERVISOR_vcpu_op, command, id, (uintptr_t)argument);
}

/* It counts; and then takes itself down, between other calls. */
static void second(void)
{
    while (turns < TURNS) {
        turns++;
        __asm__ volatile("pause");
    }
    second_calls[0] = second_calls[2] = (struct multicall_entry){
        .op = __HYPERVISOR_xen_version,
        .result = 77,
        .args = { XENVER_version },
    };
    second_calls[1] = (struct multicall_entry){
        .op = __HYPERVISOR_vcpu_op,
        .result = 77,
        .args = { VCPUOP_down, SECOND },
    };
    call(__HYPERVISOR_multicall, (uintptr_t)second_calls, 3, 0);
    behind = 1;
    for (;;)
        call(__HYPERVISOR_vcpu_op, VCPUOP_down, SECOND, 0);
}

static void wait(void)
{
    for (unsigned i = 0; i < 100000; i++)
        __asm__ volatile("pause");
}

static bool counts(void)
{
    uint64_t before = turns;

    for (unsigned i = 0; i < 100 && turns == before; i++)
        wait();
    return turns != before;
}

static bool stands(void)
{
    uint64_t before;

    wait();
    before = turns;
    for (unsigned i = 0; i < 5; i++)
        wait();
    return turns == before;
}

static bool waits_for(volatile uint64_t *what)
{
    for (unsigned i = 0; i < 1000 && !*what; i++)
        wait();
    return *what;
}

static void fill_context(void)
{
    context = (struct vcpu_guest_context){
        .flags = VGCF_IN_KERNEL,
        .user_regs = {
            .rip = (uintptr_t)second,
            .rsp = (uintptr_t)stack + STACK_BYTES - 8,
            .cs = FLAT_RING3_CS64,
            .ss = FLAT_RING3_SS64,
            .rflags = 0x200,
        },
    };
    context.ctrlreg[CONTEXT_ROOT] = frame_of(table_of(0, 4)) * PAGE;
}

static bool begins(void)
{
    fill_context();
    context.ctrlreg[CONTEXT_ROOT] = frame_of(stack) * PAGE;
    if (!is("up before initialise", vcpu_op(VCPUOP_up, SECOND, NULL),
            -XEN_EINVAL) ||
        !is("initialise, nowhere",
            vcpu_op(VCPUOP_initialise, SECOND, (void *)NOT_MAPPED),
            -XEN_EFAULT) ||
        !is("initialise without a root",
            vcpu_op(VCPUOP_initialise, SECOND, &context), -XEN_EINVAL))
        return false;
    fill_context();
    return is("initialise", vcpu_op(VCPUOP_initialise, SECOND, &context), 0) &&
           is("initialise again", vcpu_op(VCPUOP_initialise, SECOND, &context),
              -XEN_EEXIST) &&
           is("initialise again, nowhere",
              vcpu_op(VCPUOP_initialise, SECOND, (void *)NOT_MAPPED),
              -XEN_EFAULT) &&
           is("is_up", vcpu_op(VCPUOP_is_up, SECOND, NULL), 0) &&
           is("up", vcpu_op(VCPUOP_up, SECOND, NULL), 0) &&
           is("is_up", vcpu_op(VCPUOP_is_up, SECOND, NULL), 1) &&
           is("it counts", counts(), true);
}

/* Whether its timer has come since it was asked last, or does soon. */
static bool ticks(uint32_t port)
{
    volatile unsigned long *words = shared()->evtchn_pending;
    unsigned long one = 1ul << port % 64;

    __atomic_fetch_and(&words[port / 64], ~one, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < 30; i++) {
        if (words[port / 64] & one)
            return true;
        wait();
    }
    return false;
}

/*
 * Its periodic timer, which this VCPU sets. It stays off when the other has
 * been down, which then needs to be told: no interrupt comes to it.
 */
static bool timer(void)
{
    struct evtchn_bind_virq bind = { .virq = VIRQ_TIMER, .vcpu = SECOND };
    struct vcpu_set_periodic_timer period = { MILLION };

    return is("bind_virq",
              call(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq,
                   (uintptr_t)&bind, 0),
              0) &&
           is("it ticks from the beginning", ticks(bind.port), true) &&
           is("stop_periodic_timer",
              vcpu_op(VCPUOP_stop_periodic_timer, SECOND, NULL), 0) &&
           is("it ticks no longer", ticks(bind.port) && ticks(bind.port),
              false) &&
           is("set_periodic_timer",
              vcpu_op(VCPUOP_set_periodic_timer, SECOND, &period), 0) &&
           is("it ticks", ticks(bind.port) && ticks(bind.port), true) &&
           is("stop_periodic_timer",
              vcpu_op(VCPUOP_stop_periodic_timer, SECOND, NULL), 0) &&
           is("down", vcpu_op(VCPUOP_down, SECOND, NULL), 0) &&
           is("it stands", stands(), true) &&
           is("up", vcpu_op(VCPUOP_up, SECOND, NULL), 0) &&
           is("it ticks no longer", ticks(bind.port) && ticks(bind.port),
              false);
}

static bool down_and_up(void)
{
    return is("down", vcpu_op(VCPUOP_down, SECOND, NULL), 0) &&
           is("is_up", vcpu_op(VCPUOP_is_up, SECOND, NULL), 0) &&
           is("it stands", stands(), true) &&
           is("down again", vcpu_op(VCPUOP_down, SECOND, NULL), 0) &&
           is("up", vcpu_op(VCPUOP_up, SECOND, NULL), 0) &&
           is("it counts", counts(), true);
}

static bool downed(void)
{
    for (unsigned i = 0; i < 1000; i++) {
        if (vcpu_op(VCPUOP_is_up, SECOND, NULL) == 0)
            return true;
        wait();
    }
    return false;
}

static bool in_a_list(void)
{
    long version = call(__HYPERVISOR_xen_version, XENVER_version, 0, 0);

    turns = TURNS;
    return is("down by itself", downed(), true) &&
           is("it stands", stands() && !behind, true) &&
           is("before the call behind", (long)second_calls[2].result, 77) &&
           is("up", vcpu_op(VCPUOP_up, SECOND, NULL), 0) &&
           is("it goes on", waits_for(&behind), true) &&
           is("the call before", (long)second_calls[0].result, version) &&
           is("down", (long)second_calls[1].result, 0) &&
           is("the call behind", (long)second_calls[2].result, version);
}

static inline void rules_cpus(void)
{
    if (vcpu_op(VCPUOP_is_up, SECOND, NULL) == -XEN_ENOENT)
        guest_skip("cpus", "there is one CPU");
    else if (begins() && timer() && down_and_up() && in_a_list())
        guest_pass("cpus");
}

#endif /* RULES_CPUS_H */
