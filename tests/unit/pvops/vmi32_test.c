/* SPDX-License-Identifier: MIT */
/*
 * VMI 3.0: which ROM is taken, which answers are, and what a refusal leaves.
 * What the ops make of the answers: vmi32_ops_test.
 *
 * Tried, in src/vmi_32.c: each of wrong_answer()'s rules, a row of together[],
 *        a call more in may_be_nop[], each of init()'s, keeps_below(), the two
 *        signatures in take(): each fails here. A scan that ends at the first
 *        ROM, or in steps of 4096: two_roms fails.
 */
#include "pvtest.h"

#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "vmi32_rom.h"

#include "abi/cpuid.h"

static void expect_taken(uint32_t paddr)
{
    const struct pvops_rom *taken;

    pc_setup();
    taken = pvops_rom_in_use();
    EXPECT_STR("vmi", pvops_backend_name());
    EXPECT(taken && taken->paddr == paddr);
    EXPECT(!host_logged("refused"));
    EXPECT_EQ(1, rom.inits);
    EXPECT_EQ(VMI_CALLS, rom.asked);
}

/* Native, with one line; whatever the ROM had, no op leads into it. */
static void expect_refused(const char *why)
{
    char line[128];

    pc_setup();
    EXPECT_STR("native", pvops_backend_name());
    EXPECT(!pvops_rom_in_use());
    snprintf(line, sizeof(line), "refused: %s\n", why);
    if (!host_logged(line))
        FAIL("not logged: %s; but: %s", line, host.log);
    EXPECT(pvops_irq_table.disable == pvi_native_irq_disable);
    EXPECT(pvops_cpu_table.iret == pvi_native_cpu_iret);
    EXPECT(pvops_mmu_table.write_entry == pvi_native_mmu_write_entry);
    EXPECT(pvops_time_table.now_ns == pvi_native_time_now_ns);
    EXPECT(!(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL));
}

static struct vmi_header *one_rom(void)
{
    struct vmi_header *header;

    rom_reset();
    header = rom_make(ROM_PADDR);
    rom_answer_all(ROM_PADDR);
    return header;
}

/* Tried, fails: pvi_vmi.rom.confidential left false. */
PVTEST(confidential, "hidden memory: asked only if the kernel says so")
{
    for (unsigned allowed = 0; allowed < 2; allowed++) {
        one_rom();
        fake_leaf_at(0)->eax = CPUID_TDX;
        fake_subleaf(CPUID_TDX, 0, 0, CPUID_TDX_EBX, CPUID_TDX_ECX,
                     CPUID_TDX_EDX);
        rom.options.confidential = allowed;
        if (allowed)
            expect_taken(ROM_PADDR);
        else
            expect_refused("this guest's memory is hidden from the hypervisor");
    }
}

PVTEST(taken, "a sound ROM is the backend, and is shown as it is")
{
    const struct pvops_rom *taken;

    one_rom();
    expect_taken(ROM_PADDR);
    taken = pvops_rom_in_use();
    EXPECT_EQ(rom_linear(ROM_PADDR), (uintptr_t)taken->image);
    EXPECT_EQ(ROM_BYTES, taken->bytes);
    EXPECT_EQ(2, taken->rom_major);
    EXPECT_EQ(7, taken->rom_minor);
    EXPECT_STR("maker", taken->manufacturer);
    EXPECT_STR("product", taken->product);
    EXPECT_STR("GPL v2", taken->licence);
    /* 0 to 65, 72 and 73. */
    EXPECT_EQ(0xffffffff, taken->calls[0]);
    EXPECT_EQ(0xffffffff, taken->calls[1]);
    EXPECT_EQ(0x303, taken->calls[2]);
    EXPECT_STR("IRET", pvops_rom_call_name(33));
    EXPECT_STR("SetLazyMode", pvops_rom_call_name(73));
    EXPECT(!pvops_rom_call_name(74));
    EXPECT(!pvops_rom_call_name(~0u));
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
}

PVTEST(nowhere, "no ROM, none asked for, no map, another device's: no word")
{
    for (unsigned i = 0; i < 5; i++) {
        if (i == 0)
            rom_reset();
        else
            one_rom();
        if (i == 1)
            pc.setup.rom = NULL;
        rom.map_refused = i == 2;
        if (i == 3)
            rom_make(ROM_PADDR)->vmi_signature++;
        if (i == 4)
            rom_make(ROM_PADDR)->rom_signature = 0;
        pc_setup();
        EXPECT_STR("native", pvops_backend_name());
        EXPECT(!host_logged("vmi"));
        EXPECT_EQ(i == 1 ? 0 : 1, rom.maps);
        EXPECT_EQ(0, rom.inits);
    }
}

PVTEST(other_backend, "a kernel that asks for native has it")
{
    one_rom();
    pc.setup.backend = "native";
    expect_refused("another backend is asked for");
    EXPECT_EQ(0, rom.shown);
}

PVTEST(places, "each step of 2 KiB is looked at, and nothing outside")
{
    for (uint32_t paddr = 0xbf800; paddr <= 0xe0000; paddr += 0x400) {
        rom_reset();
        rom_make(paddr);
        rom_answer_all(paddr);
        if (paddr % 0x800 || paddr < 0xc0000 || paddr == 0xe0000) {
            pc_setup();
            EXPECT_STR("native", pvops_backend_name());
            EXPECT_EQ(0, rom.inits);
        } else {
            expect_taken(paddr);
        }
    }
}

PVTEST(headers, "what is wrong with the image is said, and where")
{
    struct vmi_header *header = one_rom();

    memcpy((uint8_t *)header + ROM_LICENCE, "MIT", 4);
    rom_sum(ROM_PADDR);
    expect_refused("the licence is neither \"GPL\" nor \"GPL v2\"");
    EXPECT(host_logged("vmi: option ROM at 0xc8000 refused"));

    header = one_rom();
    header->reserved_1c++;
    expect_refused("the checksum is not 0");
    header = one_rom();
    header->api_major = 64;
    rom_sum(ROM_PADDR);
    expect_refused("its API's major version is another");
    header = one_rom();
    header->pci = 0;
    rom_sum(ROM_PADDR);
    expect_refused("it has no PCI structure");
    header = one_rom();
    header->blocks = 0;
    expect_refused("its length is 0, or more than is there");
    EXPECT_EQ(0, rom.inits + rom.shown);
}

/* 0xdf800 to 1 MiB are 0x820 pages of 512 bytes: what is beyond is not read. */
PVTEST(last_place, "the last ROM may reach to 1 MiB")
{
    rom_reset();
    rom_make(0xdf800)->blocks = 255;
    rom_answer_all(0xdf800);
    rom_sum(0xdf800);
    expect_taken(0xdf800);
}

PVTEST(two_roms, "the first that passes; the others are told of, not run")
{
    struct vmi_header *first = one_rom();

    rom_make(0xd1800);
    expect_taken(ROM_PADDR);
    EXPECT_EQ(1, rom.shown);

    first = one_rom();
    rom_make(0xd1800);
    rom_answer_all(0xd1800);
    first->reserved_1c++;
    pc_setup();
    EXPECT_EQ(0xd1800, pvops_rom_in_use()->paddr);
    EXPECT(host_logged("0xc8000 refused: the checksum is not 0\n"));
    EXPECT_EQ(1, rom.inits);

    one_rom();
    rom_make(0xd1800);
    rom.refuse = true;
    expect_refused("the kernel says no");
    EXPECT(host_logged("0xd1800 refused: the kernel says no"));
    EXPECT_EQ(2, rom.shown);
    EXPECT_EQ(0, rom.inits);
}

PVTEST(init, "one that fails, or leaves ring 0, is the end; no other is tried")
{
    one_rom();
    rom_make(0xd1800);
    rom.init_result = 1;
    expect_refused("VMI_Init fails with 1");
    EXPECT_EQ(1, rom.inits);
    EXPECT_EQ(0, rom.asked);

    one_rom();
    rom.init_result = 0xdeadbeef;
    expect_refused("VMI_Init fails with 3735928559");
    for (uint16_t ring = 1; ring < 4; ring++) {
        char why[64];

        one_rom();
        rom.init_cs = (uint16_t)(0x60 + ring);
        snprintf(why, sizeof(why),
                 "it needs a kernel outside ring 0, in ring %u", ring);
        expect_refused(why);
        EXPECT_EQ(0, rom.asked);
    }
    one_rom();
    rom.init_cs = 0x60;
    expect_taken(ROM_PADDR);
}

PVTEST(hole, "a hole at the top only where the kernel has nothing")
{
    static const struct {
        uint32_t top, hole;
        bool taken;
    } rows[] = {
        { 0, 0, true },
        { 0, 0xfc000000, false },
        { 0xfc000000, 0xfc000000, true },
        { 0xfc000001, 0xfc000000, false },
        { 0xf0000000, 0xfc000000, true },
        { 0xffffffff, 0, true },
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        one_rom()->virtual_top = rows[i].hole;
        rom_sum(ROM_PADDR);
        rom.options.top = rows[i].top;
        if (rows[i].taken)
            expect_taken(ROM_PADDR);
        else
            expect_refused("the kernel uses addresses of its hole at the top");
    }
}

static bool may_jump(unsigned call)
{
    return call == VMI_CALL_IRET || call == VMI_CALL_SYSEXIT;
}

PVTEST(types, "each type for each call: taken, or refused with its number")
{
    static const uint8_t nops[] = { 4,  14, 16, 23, 24, 38, 39, 40, 41, 44,
                                    45, 46, 47, 48, 61, 62, 65, 72, 73 };

    for (unsigned call = 0; call < VMI_CALLS; call++) {
        bool nop = memchr(nops, (int)call, sizeof(nops)) != NULL;
        bool pair = (call >= 38 && call <= 41) || call == 44 || call == 45;
        char why[80];

        for (unsigned type = 0; type < 256; type += type < 5 ? 1 : 50) {
            one_rom();
            rom.answers[call].type = type;
            if (type == VMI_RELOCATION_NOP && !nop)
                snprintf(why, sizeof(why),
                         "NOP where something must be done, for call %u", call);
            else if (type == VMI_RELOCATION_JUMP_REL && !may_jump(call))
                snprintf(why, sizeof(why),
                         "JUMP_REL for another than IRET and SYSEXIT, call %u",
                         call);
            else if (type > VMI_RELOCATION_NOP)
                snprintf(why, sizeof(why),
                         "a relocation of unknown type for call %u", call);
            else if (pair && type != VMI_RELOCATION_CALL_REL)
                snprintf(why, sizeof(why),
                         "one call without its other, which is call %u", call);
            else if (call == 66 && type == VMI_RELOCATION_CALL_REL)
                snprintf(why, sizeof(why),
                         "one call without its other, which is call 67");
            else {
                expect_taken(ROM_PADDR);
                continue;
            }
            expect_refused(why);
        }
    }
}

PVTEST(targets, "the first byte to the last of the image, and no other")
{
    for (unsigned call = 0; call < VMI_CALLS; call += 3) {
        static const int32_t wrong[] = { -1, ROM_BYTES, 0x100000, -0x100000,
                                         INT32_MIN };
        char why[64];

        one_rom();
        rom.options.linear_bytes = 0; /* call 48 is not made */
        rom.answers[call].target = rom_linear(ROM_PADDR) + ROM_BYTES - 1;
        expect_taken(ROM_PADDR);
        one_rom();
        rom.options.linear_bytes = 0;
        rom.answers[call].target = rom_linear(ROM_PADDR);
        expect_taken(ROM_PADDR);
        if (call >= 66 && call <= 71)
            continue;
        for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
            one_rom();
            rom.answers[call].target =
                rom_linear(ROM_PADDR) + (uint32_t)wrong[i];
            snprintf(why, sizeof(why), "a target outside the ROM for call %u",
                     call);
            expect_refused(why);
        }
    }
}

PVTEST(timer_whole, "66 obliges 67 to 70, and must be a frequency")
{
    static const uint64_t wrong[] = { 0, 1, 999999, UINT64_C(1000000000001),
                                      UINT64_MAX };
    char why[64];

    one_rom();
    rom_answer_time(ROM_PADDR);
    expect_taken(ROM_PADDR);
    for (unsigned call = 67; call <= 70; call++) {
        one_rom();
        rom_answer_time(ROM_PADDR);
        rom.answers[call].type = VMI_RELOCATION_NONE;
        snprintf(why, sizeof(why),
                 "one call without its other, which is call %u", call);
        expect_refused(why);
    }
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        one_rom();
        rom_answer_time(ROM_PADDR);
        rom.hz = wrong[i];
        expect_refused("GetCycleFrequency is not between 1 MHz and 1 THz");
    }
    /* Without 66 they are not used. */
    one_rom();
    rom_answer_time(ROM_PADDR);
    rom.answers[66].type = VMI_RELOCATION_NONE;
    expect_taken(ROM_PADDR);
    EXPECT(pvops_time_table.now_ns == pvi_native_time_now_ns);
    EXPECT(pvops_time_table.wall_ns == pvi_native_time_wall_ns);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* What may be in a table: as the image has it, or a place in the ROM. */
static bool is_target(uintptr_t function)
{
    return function - rom_linear(ROM_PADDR) < ROM_BYTES;
}

static void check_tables(bool taken)
{
    const uintptr_t *tables[] = { (const uintptr_t *)&pvops_irq_table,
                                  (const uintptr_t *)&pvops_cpu_table,
                                  (const uintptr_t *)&pvops_mmu_table,
                                  (const uintptr_t *)&pvops_time_table };
    const size_t bytes[] = { sizeof(pvops_irq_table), sizeof(pvops_cpu_table),
                             sizeof(pvops_mmu_table),
                             sizeof(pvops_time_table) };
    extern const char __executable_start[], etext[];

    for (unsigned t = 0; t < 4; t++) {
        for (size_t i = 0; i < bytes[t] / sizeof(uintptr_t); i++) {
            uintptr_t function = tables[t][i];

            EXPECT((taken && is_target(function)) ||
                   (function >= (uintptr_t)__executable_start &&
                    function < (uintptr_t)etext));
        }
    }
}

/* One answer in eight is bad; or a few in all, so that some ROMs are taken. */
PVTEST(hostile, "20000 ROMs that answer at random: native, or calls inside")
{
    uint32_t state = 1;
    unsigned taken = 0;

    rom_reset();
    for (unsigned i = 0; i < 20000; i++) {
        unsigned changes = i % 4 ? 1 + next_random(&state) % 3 : VMI_CALLS;

        if (i % 64 == 0)
            one_rom();
        rom_answer_all(ROM_PADDR);
        if (next_random(&state) % 2)
            rom_answer_time(ROM_PADDR);
        for (unsigned n = 0; n < changes; n++) {
            struct rom_answer *answer =
                &rom.answers[changes == VMI_CALLS
                                 ? n
                                 : next_random(&state) % VMI_CALLS];
            uint32_t at = next_random(&state);

            answer->type = at % 64 ? next_random(&state) % 4 : at;
            if (answer->type == VMI_RELOCATION_JUMP_REL && at & 64)
                answer->type = VMI_RELOCATION_NONE;
            if (!(at % 32))
                answer->target = next_random(&state) << 8;
            else if (answer - rom.answers < 66)
                answer->target = rom_linear(ROM_PADDR) + at % ROM_BYTES;
        }
        memset(&pvi, 0, sizeof(pvi));
        host.log[0] = '\0';
        rom.options.linear_bytes = 0;
        pc_setup();
        check_tables(pvops_rom_in_use() != NULL);
        taken += pvops_rom_in_use() != NULL;
        EXPECT(pvops_rom_in_use() || host_logged("refused: "));
    }
    EXPECT(taken > 2000 && taken < 18000);
}
