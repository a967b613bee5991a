/* SPDX-License-Identifier: MIT */
/*
 * VMI 3.0: what each op passes to the ROM and gives back, in which registers,
 * through the tables and sealed. Time: vmi32_time_test.
 *
 * Tried: each instruction but the jumps of x86/vmi_32.S left out; in vmi_32.c
 *        each row of route_cpu() and route_mmu(), and NOTHING as NULL; in
 *        vmi_32_ops.c x86_load_segments() and the call of UpdatePxE, and a
 *        flush_range() of one page more; set_linear_mapping() of one CPU, or
 *        with another argument: each fails here.
 */
#define _GNU_SOURCE
#include "pvtest.h"

#include <stdlib.h>
#include <sys/mman.h>

#include <x86/percpu.h>
#include <x86/system.h>

#include "host.h"
#include "pc.h"
#include "vmi32_rom.h"

static uint8_t *text;

void *pvops_host_text(const void *at, size_t bytes)
{
    (void)bytes;
    return (void *)(uintptr_t)at;
}

static void prepare(void)
{
    rom_reset();
    rom_make(ROM_PADDR);
    rom_answer_all(ROM_PADDR);
}

static void start(void)
{
    pc_start();
    EXPECT_STR("vmi", pvops_backend_name());
    rom_count = 0;
}

/* The calls since the last time: 'index' of 'count' is this one. */
static const struct rom_seen *seen(unsigned index, unsigned count,
                                   unsigned call)
{
    EXPECT_EQ(count, rom_count);
    EXPECT_EQ(call, rom_seen[index].call);
    if (index + 1 == count)
        rom_count = 0;
    return &rom_seen[index];
}

struct registers {
    uint32_t eax, edx, ecx, ebx, esi, edi;
};

static const struct registers patterns = { 0xa0a0a0a0, 0xd1d1d1d1, 0xc2c2c2c2,
                                           0xb3b3b3b3, 0x54545454, 0xd5d5d5d5 };

/* Where the two below go; by its name, since no register is left for it. */
__attribute__((used)) static uintptr_t target;

/* With these registers; what every call keeps must be kept. */
static struct registers call_with(uintptr_t function, uint32_t eax,
                                  uint32_t edx, uint32_t ecx)
{
    struct registers r = patterns;

    target = function;
    r.eax = eax;
    r.edx = edx;
    r.ecx = ecx;
    __asm__ volatile("call *target"
                     : "+a"(r.eax), "+d"(r.edx), "+c"(r.ecx), "+b"(r.ebx),
                       "+S"(r.esi), "+D"(r.edi)
                     :
                     : "memory", "cc");
    EXPECT_EQ(patterns.ebx, r.ebx);
    EXPECT_EQ(patterns.esi, r.esi);
    EXPECT_EQ(patterns.edi, r.edi);
    return r;
}

PVTEST(quick, "29 to 31 are called as they are, and keep all but the result")
{
    struct registers r;

    prepare();
    start();
    EXPECT_EQ(rom_stub(ROM_PADDR, 29), (uintptr_t)pvops_irq_table.enable);
    EXPECT_EQ(rom_stub(ROM_PADDR, 30), (uintptr_t)pvops_irq_table.disable);
    EXPECT_EQ(rom_stub(ROM_PADDR, 31), (uintptr_t)pvops_irq_table.save_flags);
    for (unsigned call = 29; call <= 31; call++) {
        r = call_with(rom_stub(ROM_PADDR, call), 1, 2, 3);
        seen(0, 1, call);
        EXPECT_EQ(call == 31 ? rom_eax : 1, r.eax);
        EXPECT_EQ(2, r.edx);
        EXPECT_EQ(3, r.ecx);
    }
    rom_eax = PVOPS_IRQ_IF;
    EXPECT_EQ(PVOPS_IRQ_IF, pvops_irq_save());
    seen(0, 2, 31);
    seen(1, 2, 30);
    pvops_irq_restore(PVOPS_IRQ_IF);
    seen(0, 1, 29);
    pvops_irq_safe_halt();
    seen(0, 1, 35);
    pvops_irq_halt();
    seen(0, 1, 37);
}

PVTEST(cpu,
       "descriptors, stack, CPUID and MSRs, in the instructions' registers")
{
    /* MOV $0x12345678, %ebx; RET: what came in EAX to EDX goes back. */
    static const uint8_t cpuid[] = { 0xbb, 0x78, 0x56, 0x34, 0x12, 0xc3 };
    uint32_t tss[3] = { 1, 2, 3 }, regs[5] = { 9, 9, 9, 9, 9 };
    uint64_t value = UINT64_C(0x1122334455667788);
    const struct rom_seen *s;

    prepare();
    memcpy((void *)(uintptr_t)rom_stub(ROM_PADDR, 0), cpuid, sizeof(cpuid));
    rom_sum(ROM_PADDR);
    start();
    pvops_cpu_set_kernel_stack(tss, 0xdeadbeef);
    s = seen(0, 1, 14);
    EXPECT_EQ(pc.setup.selectors.kernel_ss, s->eax);
    EXPECT_EQ(0xdeadbeef, s->edx);
    EXPECT_EQ(0xdeadbeef, tss[1]);
    EXPECT_EQ(4, tss[0] + tss[2]);
    pvops_cpu_load_tr(0x30);
    EXPECT_EQ(0x30, seen(0, 1, 6)->eax);

    call_with((uintptr_t)pvops_cpu_table.cpuid, 7, 5, (uintptr_t)regs);
    EXPECT_EQ(7, regs[0]);
    EXPECT_EQ(0x12345678, regs[1]);
    EXPECT_EQ(5, regs[2]);
    EXPECT_EQ(5, regs[3]);
    EXPECT_EQ(9, regs[4]);

    EXPECT_EQ(UINT64_C(0x2222222211111111), pvops_cpu_read_msr(0xc0000080));
    EXPECT_EQ(0xc0000080, seen(0, 1, 2)->ecx);
    pvops_cpu_write_msr(0x1b, value);
    s = seen(0, 1, 1);
    EXPECT_EQ(0x1b, s->ecx);
    EXPECT_EQ(0x55667788, s->eax);
    EXPECT_EQ(0x11223344, s->edx);
}

static struct x86_descriptor_table table_seen;

PVOPS_OP_CALL static void set_table(const struct x86_descriptor_table *table)
{
    table_seen = *table;
}

PVTEST(tables, "GDT and IDT by limit and base; the kernel's segments after it")
{
    prepare();
    rom_put_function(ROM_PADDR, VMI_CALL_SetGDT, (uintptr_t)set_table);
    rom_put_function(ROM_PADDR, VMI_CALL_SetIDT, (uintptr_t)set_table);
    rom_sum(ROM_PADDR);
    start();
    pvops_cpu_load_gdt((void *)0x7000, 4096);
    EXPECT_EQ(4095, table_seen.limit);
    EXPECT_EQ(0x7000, table_seen.base);
    EXPECT_EQ(pc.setup.selectors.kernel_cs, fake_system.cs);
    EXPECT_EQ(pc.setup.selectors.kernel_ss, fake_system.ss);
    pvops_cpu_load_idt((void *)0x9000, 2048);
    EXPECT_EQ(2047, table_seen.limit);
    EXPECT_EQ(0x9000, table_seen.base);
    EXPECT_EQ(0, fake_system.gdt.base + fake_system.idt.base);
}

PVTEST(entries, "entries: value, where, and of what; tables by page number")
{
    pvops_pte entries[3] = { 1, 2, 3 };
    const struct rom_seen *s;

    prepare();
    start();
    pvops_mmu_write_entry(&entries[1], 0x12345067);
    s = seen(0, 1, 38);
    EXPECT_EQ(0x12345067, s->eax);
    EXPECT_EQ((uintptr_t)&entries[1], s->edx);
    EXPECT_EQ(VMI_PAGE_PT, s->ecx);
    pvops_mmu_write_root(&entries[2], 0x45678063);
    s = seen(0, 1, 38);
    EXPECT_EQ(0x45678063, s->eax);
    EXPECT_EQ((uintptr_t)&entries[2], s->edx);
    EXPECT_EQ(VMI_PAGE_PD, s->ecx);
    /* Stored by the ROM alone, and read without it. */
    EXPECT_EQ(2, pvops_mmu_read_entry(&entries[1]));
    EXPECT_EQ(5, pvops_mmu_make_entry(5) + pvops_mmu_entry_value(0));
    EXPECT_EQ(0, rom_count);

    entries[1] = 0x5067;
    pvops_mmu_modify_entry(&entries[1], 0x5001);
    EXPECT_EQ(0x5061, entries[1]);
    s = seen(0, 1, 40);
    EXPECT_EQ((uintptr_t)&entries[1], s->eax);
    EXPECT_EQ(VMI_PAGE_PT, s->edx);

    for (unsigned level = 1; level <= 2; level++) {
        pvops_mmu_alloc_table(level, 0xabcde000);
        s = seen(0, 1, 44);
        EXPECT_EQ(0xabcde, s->eax);
        EXPECT_EQ(level == 1 ? VMI_PAGE_PT : VMI_PAGE_PD, s->edx);
        pvops_mmu_release_table(level, 0xfffff000);
        s = seen(0, 1, 45);
        EXPECT_EQ(0xfffff, s->eax);
        EXPECT_EQ(level == 1 ? VMI_PAGE_PT : VMI_PAGE_PD, s->edx);
    }
}

PVTEST(roots, "CR2 and CR3; a batch is lazy mode, which CR3 ends")
{
    prepare();
    start();
    EXPECT_EQ(rom_eax, pvops_mmu_read_cr2());
    seen(0, 1, 20);
    EXPECT_EQ(rom_eax, pvops_mmu_read_cr3());
    seen(0, 1, 21);
    pvops_mmu_begin_batch();
    EXPECT_EQ(VMI_LAZY_MMU, seen(0, 1, 73)->eax);
    call_with((uintptr_t)pvops_mmu_table.end_batch, 1, 2, 3);
    EXPECT_EQ(VMI_LAZY_NONE, seen(0, 1, 73)->eax);
    pvops_mmu_write_cr3(0x77777000);
    EXPECT_EQ(0x77777000, seen(0, 2, 17)->eax);
    EXPECT_EQ(VMI_LAZY_NONE, seen(1, 2, 73)->eax);

    prepare();
    rom.answers[VMI_CALL_SetLazyMode].type = VMI_RELOCATION_NONE;
    start();
    EXPECT_EQ(rom_stub(ROM_PADDR, 17), (uintptr_t)pvops_mmu_table.write_cr3);
    EXPECT(pvops_mmu_table.begin_batch == pvi_native_mmu_begin_batch);
    EXPECT(pvops_mmu_table.end_batch == pvi_native_mmu_end_batch);
}

PVTEST(flushes, "one page, a range, all but the global ones, all")
{
    prepare();
    start();
    pvops_mmu_flush_page(0x5000);
    EXPECT_EQ(0x5000, seen(0, 1, 46)->eax);
    pvops_mmu_flush_range(0x8000, 32);
    EXPECT_EQ(0x8000 + 31 * 4096, seen(31, 32, 46)->eax);
    pvops_mmu_flush_range(0x8000, 33);
    EXPECT_EQ(VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL, seen(0, 1, 47)->eax);
    pvops_mmu_flush_asid(0);
    EXPECT_EQ(VMI_FLUSH_TLB, seen(0, 1, 47)->eax);
    pvops_mmu_flush_all();
    EXPECT_EQ(VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL, seen(0, 1, 47)->eax);
}

static struct pvops_cpu second_cpu;

PVTEST(linear, "each CPU tells where RAM is mapped, if the kernel said")
{
    const struct pvops_cpu_options second = { .index = 1,
                                              .deadline_vector = PC_DEADLINE,
                                              .event_vector = PC_EVENT };
    const struct rom_seen *s;

    for (unsigned told = 0; told < 2; told++) {
        prepare();
        if (!told)
            rom.options.linear_bytes = 0;
        pc_start();
        fake_percpu = &second_cpu;
        memset(&second_cpu, 0, sizeof(second_cpu));
        pvi.stage = PVI_STAGE_SEALED;
        EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&second_cpu, &second));
        for (unsigned cpu = 0; cpu < 2 && told; cpu++) {
            s = seen(cpu, 3, 48);
            EXPECT_EQ(0, s->eax);
            EXPECT_EQ(0xc0000000, s->edx);
            EXPECT_EQ(0x2000, s->ecx);
            EXPECT_EQ(0, s->stack[0]);
        }
        /* Last: what others have forgotten before, it forgets then. */
        s = seen(told ? 2 : 0, told ? 3 : 1, 47);
        EXPECT_EQ(VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL, s->eax);
    }
}

/* In ring 3 IRET returns to ring 3. */
static void iret_through(uintptr_t function)
{
    target = function;
    __asm__ volatile("pushf\n\t"
                     "push %%cs\n\t"
                     "push $1f\n\t"
                     "jmp *target\n"
                     "1:"
                     :
                     :
                     : "memory", "cc");
}

PVTEST(iret, "JUMP_REL and CALL_REL, which drops the return address")
{
    for (unsigned called = 0; called < 2; called++) {
        prepare();
        if (called)
            rom.answers[VMI_CALL_IRET] =
                (struct rom_answer){ VMI_RELOCATION_CALL_REL,
                                     rom_linear(ROM_PADDR) + ROM_IRET_CALLED };
        start();
        iret_through((uintptr_t)pvops_cpu_table.iret);
        EXPECT(called || (uintptr_t)pvops_cpu_table.iret ==
                             rom_linear(ROM_PADDR) + ROM_IRET);
    }
}

static void put_site(uint8_t *at, uint8_t second, const void *slot)
{
    at[0] = 0xff;
    at[1] = second;
    memcpy(at + 2, &slot, 4);
    at[6] = 0xc3;
}

/* Behind a prefix, by which it is six bytes long, and the opcode. */
static uintptr_t target_of(const uint8_t *site)
{
    int32_t distance;

    memcpy(&distance, site + 2, 4);
    return (uintptr_t)site + 6 + (uintptr_t)distance;
}

PVTEST(sealed, "sites lead straight into the ROM, or to a thunk, or are NOPs")
{
    static const uint8_t nop[6] = { 0x8d, 0xb6 };
    const struct {
        const void *slot;
        uint8_t second, opcode;
        uintptr_t target; /* 0: native, or a NOP */
    } rows[] = {
        { &pvops_irq_table.disable, 0x15, 0xe8, rom_stub(ROM_PADDR, 30) },
        { &pvops_cpu_table.iret, 0x25, 0xe9, rom_linear(ROM_PADDR) + ROM_IRET },
        { &pvops_mmu_table.write_entry, 0x15, 0xe8,
          (uintptr_t)pvi_vmi32_write_entry },
        { &pvops_mmu_table.read_cr2, 0x15, 0xe8, rom_stub(ROM_PADDR, 20) },
        { &pvops_mmu_table.flush_page, 0x15, 0x8d, 0 },
        { &pvops_mmu_table.alloc_table, 0x15, 0x8d, 0 },
        { &pvops_mmu_table.read_entry, 0x15, 0x3e, 0 },
    };
    enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
    static int32_t records[ROWS];
    struct pvops_sites sites = { .start = records, .stop = records + ROWS };

    prepare();
    rom.answers[VMI_CALL_InvalPage].type = VMI_RELOCATION_NOP;
    rom.answers[VMI_CALL_FlushTLB].type = VMI_RELOCATION_NOP;
    rom.answers[VMI_CALL_AllocatePage].type = VMI_RELOCATION_NOP;
    rom.answers[VMI_CALL_ReleasePage].type = VMI_RELOCATION_NOP;
    start();
    if (!text)
        text = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (text == MAP_FAILED)
        abort();
    for (unsigned i = 0; i < ROWS; i++) {
        put_site(text + 16 * i, rows[i].second, rows[i].slot);
        records[i] =
            (int32_t)((intptr_t)(text + 16 * i) - (intptr_t)&records[i]);
    }
    EXPECT_EQ(PVOPS_OK, pvops_seal(&sites));
    EXPECT_EQ(ROWS, sites.sealed);
    for (unsigned i = 0; i < ROWS; i++) {
        EXPECT_EQ(rows[i].opcode, text[16 * i + (rows[i].target ? 1 : 0)]);
        if (rows[i].target)
            EXPECT_EQ(rows[i].target, target_of(text + 16 * i));
        if (rows[i].opcode == nop[0])
            EXPECT(memcmp(nop, text + 16 * i, sizeof(nop)) == 0);
    }
    EXPECT_EQ(PVOPS_OK, pvops_verify(&sites, NULL));

    call_with((uintptr_t)text, 1, 2, 3);
    seen(0, 1, 30);
    iret_through((uintptr_t)text + 16);
    EXPECT_EQ(7, call_with((uintptr_t)text + 32, 7, 8, 9).eax ^ 7 ^ rom_eax);
    EXPECT_EQ(VMI_PAGE_PT, seen(0, 1, 38)->ecx);
    /* What the ROM says is nothing is nothing in the cold ops too. */
    pvops_mmu_flush_range(0x1000, 1000);
    pvops_mmu_flush_asid(0);
    pvops_mmu_flush_all();
    EXPECT_EQ(0, rom_count);
    EXPECT((uintptr_t)pvops_mmu_table.flush_range ==
           (uintptr_t)pvi_native_mmu_begin_batch);
    EXPECT((uintptr_t)pvops_mmu_table.flush_asid ==
           (uintptr_t)pvi_native_mmu_begin_batch);
    EXPECT((uintptr_t)pvops_mmu_table.flush_all ==
           (uintptr_t)pvi_native_mmu_begin_batch);
}

PVTEST(none, "a ROM that serves nothing: all is native, inline")
{
    prepare();
    for (unsigned call = 0; call < VMI_CALLS; call++)
        rom.answers[call].type = VMI_RELOCATION_NONE;
    start();
    EXPECT(pvops_irq_table.disable == pvi_native_irq_disable);
    EXPECT(pvops_cpu_table.set_kernel_stack == pvi_native_cpu_set_kernel_stack);
    EXPECT(pvops_mmu_table.write_entry == pvi_native_mmu_write_entry);
    EXPECT(pvops_mmu_table.flush_range == pvi_native_mmu_flush_range);
    EXPECT_EQ(0, pvops_rom_in_use()->calls[0] | pvops_rom_in_use()->calls[1] |
                     pvops_rom_in_use()->calls[2]);
}
