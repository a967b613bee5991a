/* SPDX-License-Identifier: MIT */
/*
 * A PV domain of the model's Xen with the library in it.
 */
#ifdef __x86_64__

#include "xen_pv_machine.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <x86/percpu.h>

#include "cpu.h"
#include "pc.h"
#include "pvtest.h"
#include "xen.h"

enum { SET_GS = 0x1001 };

uint8_t pv_memory[FAKE_XEN_FRAMES][PV_PAGE] __attribute__((aligned(65536)));
struct x86_gate pv_idt[256] __attribute__((aligned(PV_PAGE)));
static uint64_t m2p[FAKE_XEN_MFNS];

/* The domain: 'pv_memory', and as its last frame the page of pc.cpu. */
pvops_paddr pvops_host_paddr(const void *va)
{
    uintptr_t offset = (uintptr_t)va - (uintptr_t)pv_memory;

    if (!fake.xen_pv)
        return (uintptr_t)va;
    if (offset < PV_LAST * PV_PAGE)
        return offset;
    return (uintptr_t)PV_LAST * PV_PAGE + (uintptr_t)va % PV_PAGE;
}

void *pvops_host_va(pvops_paddr paddr)
{
    return paddr < (pvops_paddr)PV_LAST * PV_PAGE ? (uint8_t *)pv_memory + paddr
                                                  : NULL;
}

void pv_stub(void)
{
}

void pv_gate(unsigned vector, uintptr_t to, unsigned type)
{
    pv_idt[vector] = (struct x86_gate){
        .offset_0 = (uint16_t)to,
        .offset_16 = (uint16_t)(to >> 16),
        .offset_32 = (uint32_t)(to >> 32),
        .selector = FLAT_RING3_CS64,
        .type = (uint8_t)type,
    };
}

void pv_run_vcpu(unsigned index, struct pvops_cpu *cpu)
{
    fake_xen_run_vcpu(index);
    fake_percpu = cpu;
    EXPECT_EQ(0, syscall(SYS_arch_prctl, SET_GS, cpu));
}

void pv_machine(void)
{
    pc_reset();
    memset(&pvi_xen, 0, sizeof(pvi_xen));
    memset(pv_idt, 0, sizeof(pv_idt));
    fake_xen_setup_pv(pv_memory, (void *)((uintptr_t)pc.cpu.xen_vcpu_info &
                                          -(uintptr_t)PV_PAGE));
    /* pvi_xen_pv_m2p[mfn] */
    memcpy(m2p, fake_xen_model.m2p, sizeof(m2p));
    pvi_xen_pv_m2p =
        (uint64_t *)((uintptr_t)m2p - FAKE_XEN_FIRST_MFN * sizeof(m2p[0]));
    pc.probe.entry = PVOPS_ENTRY_XEN_PV;
    pc.probe.xen_start_info = &fake_xen_start;
    pv_run_vcpu(0, &pc.cpu);
}

void pv_start(void)
{
    pc_setup();
    pv_gate(PC_EVENT, (uintptr_t)pv_stub,
            X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
}

uint64_t pv_read_entry(uint64_t table, unsigned level, unsigned index)
{
    const uint64_t *entry = fake_xen_at(table >> 12, index * 8);

    (void)level;
    if (!entry)
        FAIL("no table at 0x%" PRIx64, table);
    return *entry;
}

uintptr_t pv_va(unsigned page)
{
    return ((uintptr_t)pv_memory & ~(uintptr_t)0x1fffff) + page * PV_PAGE;
}

#endif
