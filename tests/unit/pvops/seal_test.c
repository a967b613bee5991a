/* SPDX-License-Identifier: MIT */
/*
 * Sealing: the bytes that each op's sites become, and that they run.
 *
 * The sealed code is executed as far as ring 3 may: STI, CLI and CRn are
 * compared only, and executed by the guest tests.
 *
 * Tried: in src/seal.c find_body() always NULL, write_site() always true
 * without a write, RECORDED_TAIL as a call, the jump missing in
 * pvi_site_direct()'s arguments; in x86/native_*.S one more instruction in a
 * body, in x86/body.h another padding; any term of may_shadow_stack() left out,
 * or all of it: each fails here.
 */
#include "pvtest.h"
#include "seal_text.h"

#include <x86/system.h>

#include "cpu.h"

#include "abi/cpuid.h"
#include "abi/x86.h"

TEXT_PROGRAM

static void seal(unsigned sealed, unsigned left)
{
    EXPECT_EQ(PVOPS_OK, pvops_seal(&text.sites));
    EXPECT_EQ(sealed, text.sites.sealed);
    EXPECT_EQ(left, text.sites.left);
}

static void expect_site(const char *want, const uint8_t *site)
{
    char got[3 * PVI_SITE_BYTES];

    for (unsigned i = 0; i < PVI_SITE_BYTES; i++)
        sprintf(got + 3 * i, i == 5 ? "%02x" : "%02x ", site[i]);
    EXPECT_STR(want, got);
}

PVTEST(native_bytes, "each op: exactly the native instruction, with prefixes")
{
    static const struct {
        const void *slot;
        const char *want;
    } rows[] = {
    /* clang-format off */
#ifdef __x86_64__
        { &pvops_irq_table.save_flags,  "2e 2e 2e 2e 9c 58" },
        { &pvops_irq_table.disable,     "2e 2e 2e 2e 2e fa" },
        { &pvops_irq_table.enable,      "2e 2e 2e 2e 2e fb" },
        { &pvops_cpu_table.entry,       "66 0f 1f 44 00 00" },
        { &pvops_cpu_table.iret,        "66 66 66 66 48 cf" },
        { &pvops_cpu_table.swapgs,      "2e 2e 2e 0f 01 f8" },
        { &pvops_mmu_table.read_cr2,    "2e 2e 2e 0f 20 d0" },
        { &pvops_mmu_table.read_cr3,    "2e 2e 2e 0f 20 d8" },
        { &pvops_mmu_table.write_cr3,   "2e 2e 2e 0f 22 df" },
        { &pvops_mmu_table.read_entry,  "2e 2e 2e 48 8b 07" },
        { &pvops_mmu_table.write_entry, "2e 2e 2e 48 89 37" },
        { &pvops_mmu_table.make_entry,  "2e 2e 2e 48 89 f8" },
        { &pvops_mmu_table.alloc_table, "66 0f 1f 44 00 00" },
        { &pvops_mmu_table.end_batch,   "66 0f 1f 44 00 00" },
        { &pvops_mmu_table.flush_page,  "2e 2e 2e 0f 01 3f" },
        { &pvops_cpu_table.sysret,      "66 0f 1f 44 00 00" },
        { &pvops_cpu_table.set_kernel_stack, "2e 2e 48 89 77 04" },
#else
        { &pvops_irq_table.save_flags,  "3e 3e 3e 3e 9c 58" },
        { &pvops_irq_table.disable,     "3e 3e 3e 3e 3e fa" },
        { &pvops_irq_table.enable,      "3e 3e 3e 3e 3e fb" },
        { &pvops_cpu_table.entry,       "8d b6 00 00 00 00" },
        { &pvops_cpu_table.iret,        "67 67 67 67 67 cf" },
        { &pvops_cpu_table.swapgs,      "8d b6 00 00 00 00" },
        { &pvops_mmu_table.read_cr2,    "3e 3e 3e 0f 20 d0" },
        { &pvops_mmu_table.read_cr3,    "3e 3e 3e 0f 20 d8" },
        { &pvops_mmu_table.write_cr3,   "3e 3e 3e 0f 22 d8" },
        { &pvops_mmu_table.read_entry,  "3e 3e 3e 3e 8b 00" },
        { &pvops_mmu_table.write_entry, "3e 3e 3e 3e 89 02" },
        { &pvops_mmu_table.make_entry,  "8d b6 00 00 00 00" },
        { &pvops_mmu_table.alloc_table, "8d b6 00 00 00 00" },
        { &pvops_mmu_table.end_batch,   "8d b6 00 00 00 00" },
        { &pvops_mmu_table.flush_page,  "3e 3e 3e 0f 01 38" },
        { &pvops_cpu_table.sysret,      "8d b6 00 00 00 00" },
        { &pvops_cpu_table.set_kernel_stack, "3e 3e 3e 89 50 04" },
#endif
        /* clang-format on */
    };
    enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
    const uint8_t *sites[ROWS];

    text_start();
    for (unsigned i = 0; i < ROWS; i++) {
        sites[i] = rows[i].slot == &pvops_cpu_table.iret
                       ? text_jump(rows[i].slot)
                       : text_call(rows[i].slot);
    }
    seal(ROWS, 0);
    for (unsigned i = 0; i < ROWS; i++)
        expect_site(rows[i].want, sites[i]);
    EXPECT_EQ(0, text.lines);
    EXPECT_EQ(ROWS, text.aliases);
    EXPECT_EQ(PVI_STAGE_SEALED, pvi.stage);
    /* Nothing else was written. */
    for (size_t i = text.at; i < TEXT_BYTES; i++)
        EXPECT_EQ(0xcc, text.run[i]);
}

#ifdef __x86_64__
PVTEST(wrfsbase, "FS.base by the instruction, which fills a site but one byte")
{
    const uint8_t *site;

    text_start();
    site = text_call(&pvops_cpu_table.set_fs_base);
    pvops_cpu_table.set_fs_base = pvi_wrfsbase;
    seal(1, 0);
    expect_site("2e f3 48 0f ae d7", site);
}
#endif

typedef PVOPS_OP_CALL pvops_pte read_entry_site(const pvops_pte *entry);
typedef PVOPS_OP_CALL void write_entry_site(PVOPS_MMU_ORDER(pvops_pte *entry,
                                                            pvops_pte value));
typedef PVOPS_OP_CALL uintptr_t flags_site(void);
typedef void plain_site(void);

PVTEST(native_runs, "the same results through the table and sealed")
{
    read_entry_site *read_entry;
    write_entry_site *write_entry;
    flags_site *save_flags;
    plain_site *entry;
    pvops_pte entries[3] = { 1, 2, 3 };

    text_start();
    read_entry = (read_entry_site *)text_function(&pvops_mmu_table.read_entry);
    write_entry =
        (write_entry_site *)text_function(&pvops_mmu_table.write_entry);
    save_flags = (flags_site *)text_function(&pvops_irq_table.save_flags);
    entry = (plain_site *)text_function(&pvops_cpu_table.entry);

    for (unsigned sealed = 0; sealed < 2; sealed++) {
        pvops_pte value = (pvops_pte)UINT64_C(0x8000123456789067) + sealed;

        EXPECT_EQ(2, read_entry(&entries[1]));
        write_entry(PVOPS_MMU_ORDER(&entries[1], value));
        EXPECT_EQ(1, entries[0]);
        EXPECT_EQ(value, entries[1]);
        EXPECT_EQ(3, entries[2]);
        EXPECT_EQ(value, read_entry(&entries[1]));
        entries[1] = 2;
        /* Bit 1 is always set; interrupts are on in ring 3. */
        EXPECT_EQ(PVOPS_IRQ_IF | 2, save_flags() & (PVOPS_IRQ_IF | 2));
        entry();
        if (!sealed)
            seal(4, 0);
    }
    /* Sealed text does not ask the tables. */
    memset(&pvops_mmu_table, 0, sizeof(pvops_mmu_table));
    memset(&pvops_irq_table, 0, sizeof(pvops_irq_table));
    EXPECT_EQ(3, read_entry(&entries[2]));
    EXPECT_EQ(PVOPS_IRQ_IF, save_flags() & PVOPS_IRQ_IF);
}

static unsigned called;
static PVOPS_OP_CALL uint64_t now_by_c(void)
{
    called++;
    return UINT64_C(0x123456789abcdef0);
}

static PVOPS_OP_CALL void write_cr3_by_c(uintptr_t root)
{
    called += (unsigned)root;
}

static void entry_by_c(void)
{
    called += 100;
}

PVTEST(direct_runs, "a function of a backend's is called without the table")
{
    uint64_t (*now_ns)(void);
    PVOPS_OP_CALL void (*write_cr3)(uintptr_t);
    plain_site *iret;
    const uint8_t *sites[3];

    text_start();
    pvops_time_table.now_ns = now_by_c;
    pvops_mmu_table.write_cr3 = write_cr3_by_c;
    pvops_cpu_table.iret = entry_by_c;
    sites[0] = text_function(&pvops_time_table.now_ns);
    now_ns = (uint64_t(*)(void))(uintptr_t)sites[0];
    sites[1] = text_function(&pvops_mmu_table.write_cr3);
    write_cr3 = (PVOPS_OP_CALL void (*)(uintptr_t))(uintptr_t)sites[1];
    sites[2] = text_jump(&pvops_cpu_table.iret);
    iret = (plain_site *)(uintptr_t)sites[2];
    seal(3, 0);
    memset(&pvops_time_table, 0, sizeof(pvops_time_table));
    memset(&pvops_mmu_table, 0, sizeof(pvops_mmu_table));
    memset(&pvops_cpu_table, 0, sizeof(pvops_cpu_table));
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_EQ(0x67, sites[i][0]);
        EXPECT_EQ(i == 2 ? 0xe9 : 0xe8, sites[i][1]);
    }

    called = 0;
    EXPECT_EQ(UINT64_C(0x123456789abcdef0), now_ns());
    EXPECT_EQ(1, called);
    write_cr3(10);
    EXPECT_EQ(11, called);
    iret(); /* jumps there, and its RET comes back here */
    EXPECT_EQ(111, called);
}

/* A backend with bodies of its own, as xen_pv has. */
PVTEST(backend_bodies, "up to 6 bytes inline, ENDBR skipped; longer: called")
{
    static const uint8_t xen_entry[] = { 0x59, 0x41, 0x5b, 0xc3 };
    static const uint8_t endbr[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x90, 0xc3 };
    static const uint8_t six[] = { 1, 2, 3, 4, 5, 6, 0xc3 };
    static const uint8_t seven[] = { 1, 2, 3, 4, 5, 6, 7, 0xc3 };
    struct pvi_backend backend = { .name = "own" };
    const uint8_t *code[4], *sites[4];
    struct pvi_body *bodies;

    text_start();
    code[0] = text_bytes(xen_entry, sizeof(xen_entry));
    code[1] = text_bytes(endbr, sizeof(endbr));
    code[2] = text_bytes(six, sizeof(six));
    code[3] = text_bytes(seven, sizeof(seven));
    /* Near the text, since a body says where its function is in 32 bits. */
    bodies = (struct pvi_body *)(text.records + TEXT_RECORDS / 2);
    memset(bodies, 0, 5 * sizeof(bodies[0]));
    for (unsigned i = 0; i < 4; i++) {
        bodies[i].function =
            (int32_t)((intptr_t)code[i] - (intptr_t)&bodies[i]);
        bodies[i].kind = PVI_BODY_CODE;
        bodies[i].pad = 0x36;
    }
    bodies[0].length = 3;
    bodies[1].length = 1;
    bodies[1].skip = 4;
    bodies[2].length = 6;
    bodies[3].length = 7;
    backend.bodies = bodies;
    pvi.backend = &backend;

    pvops_cpu_table.entry = (void (*)(void))(uintptr_t)code[0];
    pvops_cpu_table.swapgs = (void (*)(void))(uintptr_t)code[1];
    sites[0] = text_call(&pvops_cpu_table.entry);
    sites[1] = text_call(&pvops_cpu_table.swapgs);
    seal(2, 0);
    expect_site("36 36 36 59 41 5b", sites[0]);
    expect_site("36 36 36 36 36 90", sites[1]);

    text.sites.start = text.sites.stop;
    pvops_cpu_table.entry = (void (*)(void))(uintptr_t)code[2];
    pvops_cpu_table.swapgs = (void (*)(void))(uintptr_t)code[3];
    sites[2] = text_call(&pvops_cpu_table.entry);
    sites[3] = text_call(&pvops_cpu_table.swapgs);
    seal(2, 0);
    expect_site("01 02 03 04 05 06", sites[2]);
    EXPECT_EQ(0x67, sites[3][0]);
    EXPECT_EQ(0xe8, sites[3][1]);
}

/*
 * Calls 'function' with a pattern in every register but the stack pointer, and
 * stores them all afterwards; the first is RAX (EAX).
 */
#ifdef __x86_64__
enum { REGISTERS = 15 };
__asm__(".pushsection .text\n"
        "call_and_store:\n\t"
        "push %rbx\n\tpush %rbp\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\t"
        "push %r15\n\tpush %rsi\n\t"
        "push %rdi\n\t"
        "lea patterns(%rip), %rax\n\t"
        "mov 8(%rax), %rcx\n\tmov 16(%rax), %rdx\n\tmov 24(%rax), %rbx\n\t"
        "mov 32(%rax), %rbp\n\tmov 40(%rax), %rsi\n\tmov 48(%rax), %rdi\n\t"
        "mov 56(%rax), %r8\n\tmov 64(%rax), %r9\n\tmov 72(%rax), %r10\n\t"
        "mov 80(%rax), %r11\n\tmov 88(%rax), %r12\n\tmov 96(%rax), %r13\n\t"
        "mov 104(%rax), %r14\n\tmov 112(%rax), %r15\n\tmov (%rax), %rax\n\t"
        "call *(%rsp)\n\t"
        "push %rax\n\t"
        "mov 16(%rsp), %rax\n\t" /* where to store */
        "pop (%rax)\n\t"
        "mov %rcx, 8(%rax)\n\tmov %rdx, 16(%rax)\n\tmov %rbx, 24(%rax)\n\t"
        "mov %rbp, 32(%rax)\n\tmov %rsi, 40(%rax)\n\tmov %rdi, 48(%rax)\n\t"
        "mov %r8, 56(%rax)\n\tmov %r9, 64(%rax)\n\tmov %r10, 72(%rax)\n\t"
        "mov %r11, 80(%rax)\n\tmov %r12, 88(%rax)\n\tmov %r13, 96(%rax)\n\t"
        "mov %r14, 104(%rax)\n\tmov %r15, 112(%rax)\n\t"
        "pop %rdi\n\tpop %rsi\n\tpop %r15\n\tpop %r14\n\tpop %r13\n\t"
        "pop %r12\n\tpop %rbp\n\tpop %rbx\n\t"
        "ret\n"
        ".popsection");
#else
enum { REGISTERS = 7 };
__asm__(".pushsection .text\n"
        "call_and_store:\n\t"
        "push %ebx\n\tpush %ebp\n\tpush %esi\n\tpush %edi\n\t"
        "push %edx\n\t" /* where to store */
        "push %eax\n\t"
        "mov patterns, %eax\n\tmov patterns+4, %ecx\n\tmov patterns+8, %edx\n\t"
        "mov patterns+12, %ebx\n\tmov patterns+16, %ebp\n\t"
        "mov patterns+20, %esi\n\tmov patterns+24, %edi\n\t"
        "call *(%esp)\n\t"
        "push %eax\n\t"
        "mov 8(%esp), %eax\n\t"
        "pop (%eax)\n\t"
        "mov %ecx, 4(%eax)\n\tmov %edx, 8(%eax)\n\tmov %ebx, 12(%eax)\n\t"
        "mov %ebp, 16(%eax)\n\tmov %esi, 20(%eax)\n\tmov %edi, 24(%eax)\n\t"
        "pop %eax\n\tpop %edx\n\t"
        "pop %edi\n\tpop %esi\n\tpop %ebp\n\tpop %ebx\n\t"
        "ret\n"
        ".popsection");
#endif
__attribute__((used)) static uintptr_t patterns[REGISTERS];
PVOPS_OP_CALL void call_and_store(const void *function,
                                  uintptr_t out_registers[]);

PVTEST(quick_keeps, "quick ops keep every register but the result")
{
    uintptr_t got[REGISTERS];
    pvops_pte entry = 77;
    const void *sites[3];

    for (unsigned i = 0; i < REGISTERS; i++)
        patterns[i] = (uintptr_t)UINT64_C(0x1122334455667700) + i;
    /* read_entry's argument: RDI, or EAX. */
    patterns[sizeof(void *) == 8 ? 6 : 0] = (uintptr_t)&entry;

    text_start();
    sites[0] = text_function(&pvops_irq_table.save_flags);
    sites[1] = text_function(&pvops_mmu_table.read_entry);
    sites[2] = text_function(&pvops_cpu_table.entry);
    for (unsigned sealed = 0; sealed < 2; sealed++) {
        for (unsigned s = 0; s < 3; s++) {
            memset(got, 0, sizeof(got));
            call_and_store(sites[s], got);
            for (unsigned i = 1; i < REGISTERS; i++)
                EXPECT_EQ(patterns[i], got[i]);
            if (s == 0)
                EXPECT_EQ(PVOPS_IRQ_IF, got[0] & PVOPS_IRQ_IF);
            else
                EXPECT_EQ(s == 1 ? 77 : patterns[0], got[0]);
        }
        if (!sealed)
            seal(3, 0);
    }
}

/* The serialising IRET alone, with flags that must come back. */
PVTEST(serialise, "IRET to oneself changes no flag and no kept register")
{
    uintptr_t got[REGISTERS];

    for (unsigned i = 0; i < REGISTERS; i++)
        patterns[i] = 1000 + i;
    call_and_store((const void *)(uintptr_t)pvi_serialise, got);
    for (unsigned i = 1; i < REGISTERS; i++)
        EXPECT_EQ(patterns[i], got[i]);
}

/* What sealing three sites executes on the model CPU. */
static uint64_t operations(uint32_t caps, bool leaf, bool shadow, bool cr4)
{
    fake_reset();
    if (leaf)
        fake_leaf(CPUID_MORE_FEATURES, 0, 0, shadow ? CPUID_7_ECX_CET_SS : 0,
                  0);
    else
        fake_leaf_at(CPUID_BASIC)->eax = CPUID_FEATURES;
    fake.beyond = (struct x86_cpuid){ ~0u, ~0u, ~0u, ~0u };
    fake_system.cr4 = cr4 ? X86_CR4_CET : 0;
    /* A CPU of before 1997, which has no CR4, if the leaf says nothing. */
    fake_system.no_cr4 = !leaf || !shadow;
    text_start();
    pvi.caps = caps;
    for (unsigned i = 0; i < 3; i++)
        text_call(&pvops_irq_table.disable);
    fake.operations = 0;
    seal(3, 0);
    return fake.operations;
}

PVTEST(shadow_stack, "CPUID serialises where IRET would pop a shadow stack")
{
    uint64_t without = operations(PVOPS_CAP_RING0, true, true, false);

    EXPECT_EQ(without + 3, operations(PVOPS_CAP_RING0, true, true, true));
    EXPECT_EQ(without, operations(PVOPS_CAP_RING0, true, false, true));
    EXPECT(operations(PVOPS_CAP_RING0, false, false, true) < without);
    EXPECT_EQ(0, operations(0, true, true, true));
}
