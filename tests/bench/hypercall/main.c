/* SPDX-License-Identifier: MIT */
/*
 * hypercall: what Xen's interface itself costs a PV guest, without any kernel
 * or library: a hypercall that does nothing, an event to itself.
 *
 * Counted by pvlab bench: a line here names the samples before it.
 */
#include <guest.h>

#include "abi/xen.h"
#include "abi/xen_pv.h"
#include "start/start.h"

enum { PAGE = 4096, ROUNDS = 5, BITS = 64 };

/* Present, writable, accessed, dirty. */
#define PTE_RW 0x63u

/* upcall.S */
extern char upcall[];
struct vcpu_info *vcpu_info;
unsigned long *event_word; /* of evtchn_pending: the event's bit */
volatile unsigned events;

static struct shared_info *shared;
static uint8_t page[PAGE] __attribute__((aligned(PAGE)));

/* What is between the two is counted. */
void bench_from(void);
void bench_to(void);

__attribute__((noipa)) void bench_from(void)
{
    __asm__ volatile("# from");
}

__attribute__((noipa)) void bench_to(void)
{
    __asm__ volatile("# to");
}

static long call(unsigned long number, unsigned long a1, const void *a2,
                 unsigned long a3)
{
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result), "+D"(a1), "+S"(a2), "+d"(a3)
                     : "a"(number)
                     : "rcx", "r11", "r10", "r8", "memory");
    return result;
}

static bool map_shared_info(void)
{
    const struct start_info *info = boot_private.xen_start_info;
    unsigned long value = info->shared_info | PTE_RW;

    /* Its second argument is the entry itself. */
    if (call(__HYPERVISOR_update_va_mapping, (uintptr_t)page,
             (const void *)value, UVMF_INVLPG))
        return false;
    shared = (struct shared_info *)(void *)page;
    vcpu_info = &shared->vcpu_info[0];
    return true;
}

/* An event of this VCPU to itself, that is let through. */
static bool bind_event(struct evtchn_port *port)
{
    const struct callback_register callback = {
        .type = CALLBACKTYPE_event,
        .address = (uintptr_t)upcall,
    };
    struct evtchn_bind_ipi bind = { .vcpu = 0 };

    if (call(__HYPERVISOR_callback_op, CALLBACKOP_register, &callback, 0) ||
        call(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &bind, 0))
        return false;
    port->port = bind.port;
    event_word = &shared->evtchn_pending[bind.port / BITS];
    vcpu_info->evtchn_upcall_pending = 0;
    vcpu_info->evtchn_upcall_mask = 0;
    return !call(__HYPERVISOR_event_channel_op, EVTCHNOP_unmask, port, 0);
}

/* The last ROUNDS samples are of this. */
static void show(const char *name)
{
    guest_text("bench: %u 1 %s\n", ROUNDS, name);
}

#define EACH_ROUND for (unsigned round = 0; round < ROUNDS; round++)

static void count(const struct evtchn_port *port)
{
    EACH_ROUND
    {
        bench_from();
        call(__HYPERVISOR_xen_version, XENVER_version, NULL, 0);
        bench_to();
    }
    show("a hypercall that does nothing: xen_version");
    EACH_ROUND
    {
        bench_from();
        call(__HYPERVISOR_event_channel_op, EVTCHNOP_send, port, 0);
        bench_to();
    }
    show("an event: sent to this VCPU, upcall, iret");
}

/*
 * Verdict: PASS (0) in a PV domain, SKIP (3) elsewhere; FAIL if an event did
 * not come, or came twice.
 */
void guest_main(void)
{
    struct evtchn_port port;

    guest_begin();
    if (!guest_boot.xen_pv) {
        guest_skip("events", "no PV domain of Xen's");
    } else if (!map_shared_info() || !bind_event(&port)) {
        guest_error("events", "Xen refused shared_info, the upcall or a port");
    } else {
        count(&port);
        if (events == ROUNDS)
            guest_pass("events");
        else
            guest_fail("events", "%u of %u came", events, ROUNDS);
    }
    guest_end();
}
