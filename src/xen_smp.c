/* SPDX-License-Identifier: MIT */
/*
 * Xen's VCPUs to each other: interrupts as events, a sleep that another ends,
 * and whether Xen runs one.
 *
 * Each VCPU has a port for each IPI, which any VCPU may send to, and one that
 * is masked: it makes no upcall, and ends SCHEDOP_poll all the same, with
 * events off too.
 *
 * Whether a VCPU runs is asked for by a hypercall. The area in memory that Xen
 * would keep it in (VCPUOP_register_runstate_memory_area) can only be taken
 * back by registering address 0, which Xen writes to then; and it is not
 * written when Xen 4.17 takes the processor from a PV domain's user mode.
 */
#include "xen.h"

#include "x86/xen_hypercall.h"

/* 0, with a log line: there is none to be had. */
static uint32_t bind(const struct pvops_cpu *cpu, const char *use, bool mask)
{
    long port = xen_bind_ipi(cpu->index);

    if (port < 0) {
        pvi_log(PVOPS_LOG_INFO, "xen: VCPU %u has no event for %s (-%u)",
                cpu->index, use, pvi_xen_errno(port));
        return 0;
    }
    pvi_xen_port_add((uint32_t)port, mask);
    return (uint32_t)port;
}

/* Without a port an IPI is the local APIC's; a PV domain has none. */
static void bind_ipis(struct pvops_cpu *cpu)
{
    uint8_t *vectors = pvi_smp(cpu)->ipi_vectors;
    uint32_t *ports = pvi_xen_cpu(cpu)->ipi_ports;

    for (unsigned i = 0; i < PVOPS_IPIS; i++) {
        if (vectors[i])
            ports[i] = bind(cpu, "IPIs", false);
        if (!ports[i] && !(pvi.caps & PVOPS_CAP_RING0))
            vectors[i] = 0;
    }
}

void pvi_xen_smp_cpu_setup(struct pvops_cpu *cpu, bool events)
{
    if (cpu->index != 0)
        pvi_xen.several = true;
    if (events)
        bind_ipis(cpu);
    if (pvi_xen.shared)
        pvi_xen_cpu(cpu)->kick_port =
            bind(cpu, "being woken: locks spin", true);
}

static void unbind(uint32_t *port)
{
    if (*port)
        pvi_xen_port_remove(*port, false);
    *port = 0;
}

void pvi_xen_smp_cpu_teardown(struct pvops_cpu *cpu)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);

    for (unsigned i = 0; i < PVOPS_IPIS; i++)
        unbind(&x->ipi_ports[i]);
    unbind(&x->kick_port);
}

PVOPS_OP_CALL static void send_ipi(unsigned cpu, unsigned ipi)
{
    struct pvops_cpu *target = pvi_cpu_at(cpu);
    uint32_t port = target ? pvi_xen_cpu(target)->ipi_ports[ipi] : 0;

    if (port)
        (void)xen_send(port);
    else
        pvi_native_smp_send_ipi(cpu, ipi);
}

PVOPS_OP_CALL static bool is_preempted(unsigned cpu)
{
    struct vcpu_runstate_info info;

    return xen_runstate(cpu, &info) >= 0 && info.state == RUNSTATE_runnable;
}

/*
 * A kick that comes before the sleep ends it at once: the port is pending. It
 * is taken last, before the caller tests again. A handler that interrupted a
 * wait leaves it: it may be for that one.
 */
PVOPS_OP_CALL static void lock_wait(const volatile uint32_t *word,
                                    uint32_t value)
{
    struct pvops_cpu *cpu = pvi_xen_this_cpu();
    uint32_t port = cpu ? pvi_xen_cpu(cpu)->kick_port : 0;
    struct pvi_smp *smp;
    bool interrupted;

    if (!port) {
        pvi_native_lock_wait(word, value);
        return;
    }
    smp = pvi_smp(cpu);
    interrupted = __atomic_exchange_n(&smp->waits, true, __ATOMIC_SEQ_CST);
    pvops_smp_poll();
    if (*word == value)
        (void)xen_poll(port);
    __atomic_store_n(&smp->waits, interrupted, __ATOMIC_RELEASE);
    if (!interrupted)
        (void)pvi_xen_port_take(port);
    pvops_smp_poll();
}

PVOPS_OP_CALL static void lock_kick(unsigned cpu)
{
    struct pvops_cpu *target = pvi_cpu_at(cpu);
    uint32_t port = target ? pvi_xen_cpu(target)->kick_port : 0;

    if (port)
        (void)xen_send(port);
}

void pvi_xen_smp_setup(void)
{
    pvops_smp_table.send_ipi = send_ipi;
    pvops_smp_table.is_preempted = is_preempted;
    if (pvi_xen.shared) {
        pvops_lock_table.wait = lock_wait;
        pvops_lock_table.kick = lock_kick;
    }
}
