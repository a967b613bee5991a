/* SPDX-License-Identifier: MIT */
/*
 * The machine as pvk has it: each instruction under trap_try().
 *
 * Source: Linux Documentation/virt/kvm/x86/hypercalls.rst (KVM's registers);
 *         Hyper-V TLFS, "Hypercall Interface"; Xen xen/include/public/
 *         arch-x86/xen-x86_{32,64}.h; Intel SDM 3, 11.4.4 and 11.12 (APIC).
 */
#include "report/machine.h"

#include <pvops/pvops.h>

#include "arch/cpu.h"
#include "arch/insn.h"
#include "arch/try.h"
#include "core/main.h"
#include "report/interrupt.h"

enum {
    MSR_APIC_BASE = 0x1b,
    APIC_BASE_X2APIC = 1 << 10,
    MSR_X2APIC = 0x800,
    MSR_HYPERV_EOI = 0x40000070,
    APIC_ID = 0x20,
    APIC_EOI = 0xb0,
    APIC_ICR = 0x300,
    APIC_ICR_HIGH = 0x310,
    APIC_ICR_BUSY = 1 << 12,
    APIC_ICR_SELF = 1 << 18,
};

enum machine_eoi machine_eoi;
volatile uint32_t *machine_eoi_word;
volatile unsigned machine_eoi_words;
volatile unsigned machine_count[2];

void machine_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    pvops_cpu_cpuid(leaf, subleaf, out);
}

uint64_t machine_tsc(void)
{
    return x86_tsc();
}

bool machine_is_xen_pv(void)
{
    return kernel.info.entry == PVOPS_ENTRY_XEN_PV;
}

unsigned machine_cpus(void)
{
    struct pvops_cpus online = pvops_smp_online();
    unsigned count = 0;

    for (unsigned cpu = 0; cpu < PVOPS_MAX_CPUS; cpu++)
        count += pvops_cpus_has(&online, cpu);
    return count;
}

struct msr {
    uint32_t msr, low, high;
};

static void rdmsr(void *argument)
{
    struct msr *m = argument;

    __asm__ volatile("rdmsr" : "=a"(m->low), "=d"(m->high) : "c"(m->msr));
}

static void wrmsr(void *argument)
{
    const struct msr *m = argument;

    __asm__ volatile("wrmsr"
                     :
                     : "c"(m->msr), "a"(m->low), "d"(m->high)
                     : "memory");
}

bool machine_rdmsr(uint32_t msr, uint64_t *out_value)
{
    struct msr m = { msr, 0, 0 };

    if (machine_is_xen_pv() || !trap_try(rdmsr, &m))
        return false;
    *out_value = (uint64_t)m.high << 32 | m.low;
    return true;
}

bool machine_wrmsr(uint32_t msr, uint64_t value)
{
    struct msr m = { msr, (uint32_t)value, (uint32_t)(value >> 32) };

    return !machine_is_xen_pv() && trap_try(wrmsr, &m);
}

/* VMMCALL is AMD's and Hygon's: "Auth", "Hygo". */
static bool is_amd(void)
{
    uint32_t r[4];

    machine_cpuid(0, 0, r);
    return r[1] == 0x68747541 || r[1] == 0x6f677948;
}

struct call {
    uintptr_t number, args[4];
    bool amd;
};

#ifdef __x86_64__
#define KVM_CALL(instruction)                                                  \
    __asm__ volatile(instruction                                               \
                     : "+a"(c->number)                                         \
                     : "b"(c->args[0]), "c"(c->args[1]), "d"(c->args[2]),      \
                       "S"(c->args[3])                                         \
                     : "memory")
#define XEN_CALL(instruction)                                                  \
    do {                                                                       \
        register uintptr_t four __asm__("r10") = c->args[3];                   \
        uintptr_t a = c->args[0], b = c->args[1], d = c->args[2];              \
                                                                               \
        __asm__ volatile(instruction                                           \
                         : "+a"(c->number), "+D"(a), "+S"(b), "+d"(d),         \
                           "+r"(four)                                          \
                         :                                                     \
                         : "rcx", "r8", "r9", "r11", "memory", "cc");          \
    } while (0)
#else
#define KVM_CALL(instruction)                                                  \
    __asm__ volatile(instruction                                               \
                     : "+a"(c->number)                                         \
                     : "b"(c->args[0]), "c"(c->args[1]), "d"(c->args[2]),      \
                       "S"(c->args[3])                                         \
                     : "memory")
#define XEN_CALL(instruction)                                                  \
    do {                                                                       \
        uintptr_t a = c->args[0], b = c->args[1], d = c->args[2];              \
        uintptr_t four = c->args[3];                                           \
                                                                               \
        __asm__ volatile(instruction                                           \
                         : "+a"(c->number), "+b"(a), "+c"(b), "+d"(d),         \
                           "+S"(four)                                          \
                         :                                                     \
                         : "edi", "memory", "cc");                             \
    } while (0)
#endif

static void kvm_call(void *argument)
{
    struct call *c = argument;

    if (c->amd)
        KVM_CALL("vmmcall");
    else
        KVM_CALL("vmcall");
}

static void xen_call(void *argument)
{
    struct call *c = argument;

#ifdef __x86_64__
    if (machine_is_xen_pv()) {
        XEN_CALL("syscall");
        return;
    }
#endif
    if (c->amd)
        XEN_CALL("vmmcall");
    else
        XEN_CALL("vmcall");
}

static bool call(void (*run)(void *argument), unsigned number,
                 const uintptr_t args[4], long *out_result)
{
    struct call c = { number, { args[0], args[1], args[2], args[3] }, false };

    c.amd = is_amd();
    if (!trap_try(run, &c))
        return false;
    *out_result = (long)c.number;
    return true;
}

bool machine_kvm(unsigned number, const uintptr_t args[4], long *out_result)
{
    return !machine_is_xen_pv() && call(kvm_call, number, args, out_result);
}

bool machine_xen(unsigned number, const uintptr_t args[4], long *out_result)
{
    return call(xen_call, number, args, out_result);
}

bool machine_has_hyperv_page(void)
{
    return pvops_get_resources()->hyperv_hypercall_page != NULL;
}

struct hyperv_call {
    uint64_t control, input, output;
    const void *page;
};

static void hyperv_call(void *argument)
{
    struct hyperv_call *c = argument;
#ifdef __x86_64__
    register uint64_t output __asm__("r8") = c->output;
    uint64_t control = c->control, input = c->input, result;

    __asm__ volatile("call *%[page]"
                     : "=a"(result), "+c"(control), "+d"(input), "+r"(output)
                     : [page] "m"(c->page)
                     : "r9", "r10", "r11", "memory", "cc");
    c->control = result;
#else
    /* Every register is an operand: the page's address is in memory. */
    static const void *page;
    uint32_t low = (uint32_t)c->control, high = (uint32_t)(c->control >> 32);
    uint32_t input = (uint32_t)c->input;

    page = c->page;
    __asm__ volatile("call *%[page]"
                     : "+a"(low), "+d"(high), "+c"(input)
                     : [page] "m"(page), "b"((uint32_t)(c->input >> 32)),
                       "S"((uint32_t)c->output),
                       "D"((uint32_t)(c->output >> 32))
                     : "memory", "cc");
    c->control = (uint64_t)high << 32 | low;
#endif
}

bool machine_hyperv(uint64_t control, uint64_t input, uint64_t output,
                    uint64_t *out_result)
{
    struct hyperv_call c = { control, input, output,
                             pvops_get_resources()->hyperv_hypercall_page };

    if (!c.page || !trap_try(hyperv_call, &c))
        return false;
    *out_result = c.control;
    return true;
}

struct vmware_call {
    enum machine_vmware way;
    uint32_t *r;
};

#define VMWARE_CALL(instruction)                                               \
    __asm__ volatile(instruction                                               \
                     : "+a"(c->r[0]), "+b"(c->r[1]), "+c"(c->r[2]),            \
                       "+d"(c->r[3]), "+S"(esi), "+D"(edi)                     \
                     :                                                         \
                     : "memory", "cc")

static void vmware_call(void *argument)
{
    struct vmware_call *c = argument;
    uintptr_t esi = 0, edi = 0;

    if (c->way == MACHINE_PORT)
        VMWARE_CALL("inl (%%dx), %%eax");
    else if (c->way == MACHINE_VMCALL)
        VMWARE_CALL("vmcall");
    else
        VMWARE_CALL("vmmcall");
}

bool machine_vmware(enum machine_vmware way, uint32_t r[4])
{
    struct vmware_call c = { way, r };

    return !machine_is_xen_pv() && trap_try(vmware_call, &c);
}

uint64_t machine_paddr(const void *address)
{
    return pvops_host_paddr(address);
}

/* NULL: x2APIC, by MSRs. */
static volatile uint32_t *eoi_register;

static bool apic(volatile uint32_t **out_registers)
{
    static volatile uint32_t *registers;
    uint64_t base;

    *out_registers = NULL;
    if (!machine_rdmsr(MSR_APIC_BASE, &base))
        return false;
    if (base & APIC_BASE_X2APIC)
        return true;
    if (!registers)
        registers =
            pvops_host_map(base & ~UINT64_C(0xfff), 4096, PVOPS_MAP_DEVICE);
    *out_registers = registers;
    if (registers)
        eoi_register = registers + APIC_EOI / 4;
    return registers != NULL;
}

bool machine_apic_read(unsigned offset, uint32_t *out_value)
{
    volatile uint32_t *registers;
    uint64_t value;

    if (!apic(&registers))
        return false;
    if (registers) {
        *out_value = registers[offset / 4];
        return true;
    }
    if (!machine_rdmsr(MSR_X2APIC + offset / 16, &value))
        return false;
    *out_value = (uint32_t)value;
    return true;
}

bool machine_apic_write(unsigned offset, uint32_t value)
{
    volatile uint32_t *registers;

    if (!apic(&registers))
        return false;
    if (!registers)
        return machine_wrmsr(MSR_X2APIC + offset / 16, value);
    registers[offset / 4] = value;
    return true;
}

bool machine_apic_self(unsigned vector)
{
    volatile uint32_t *registers;
    uint32_t busy = 0;

    if (!apic(&registers))
        return false;
    if (!registers)
        return machine_wrmsr(MSR_X2APIC + APIC_ICR / 16,
                             APIC_ICR_SELF | vector);
    for (unsigned i = 0; i < 1000; i++) {
        machine_apic_read(APIC_ICR, &busy);
        if (!(busy & APIC_ICR_BUSY))
            break;
    }
    return machine_apic_write(APIC_ICR, APIC_ICR_SELF | vector);
}

uint32_t machine_apic_id(void)
{
    volatile uint32_t *registers;
    uint32_t id = 0;

    if (!apic(&registers) || !machine_apic_read(APIC_ID, &id))
        return 0;
    return registers ? id >> 24 : id;
}

/* Not by trap_try(): another CPU may be in it. */
static void eoi_by_apic(void)
{
    if (eoi_register)
        *eoi_register = 0;
    else
        pvops_cpu_write_msr(MSR_X2APIC + APIC_EOI / 16, 0);
}

bool report_interrupt(unsigned vector)
{
    if (vector != MACHINE_VECTOR && vector != MACHINE_VECTOR_2)
        return false;
    machine_count[vector - MACHINE_VECTOR]++;
    if (machine_eoi == MACHINE_EOI_WORD && machine_eoi_word) {
        uint8_t was;

        __asm__ volatile("btrl $0, %0\n\tsetc %1"
                         : "+m"(*machine_eoi_word), "=q"(was)
                         :
                         : "cc");
        if (was) {
            machine_eoi_words++;
            return true;
        }
    }
    if (machine_eoi == MACHINE_EOI_MSR)
        machine_wrmsr(MSR_HYPERV_EOI, 0);
    else if (machine_eoi != MACHINE_EOI_AUTO)
        eoi_by_apic();
    return true;
}

bool machine_wait(unsigned count, uint64_t ticks)
{
    uint64_t start = machine_tsc();
    volatile uint32_t *registers;
    bool all;

    apic(&registers); /* for eoi_by_apic() */
    pvops_irq_enable();
    do {
        x86_pause();
        all = machine_count[0] + machine_count[1] >= count;
    } while (!all && machine_tsc() - start < ticks);
    pvops_irq_disable();
    return all;
}

void machine_rearm(void)
{
    const struct percpu *cpu = this_cpu();

    if (cpu->deadline_handler)
        pvops_time_set_deadline(cpu->deadline_due_ns);
    else
        pvops_time_cancel_deadline();
}

volatile void *machine_xen_shared(void)
{
    return pvops_get_resources()->xen_shared_info;
}

volatile void *machine_xen_vcpu(void)
{
    enum { TIME_VERSION = 32 };
    const struct pvops_resources *r = pvops_get_resources();
    volatile uint8_t *own = this_cpu()->pvops.xen_vcpu_info;

    if (r->xen_vcpu_info)
        return r->xen_vcpu_info;
    /* Not registered: it is the first of shared_info. */
    return *(volatile uint32_t *)(own + TIME_VERSION) ? own
                                                      : r->xen_shared_info;
}

unsigned machine_xen_timer(void)
{
    return pvops_get_resources()->xen_timer_port;
}

void *machine_hyperv_messages(void)
{
    return pvops_get_resources()->hyperv_message_page;
}
