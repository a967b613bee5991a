/* SPDX-License-Identifier: MIT */
/*
 * VMI 3.0: option ROMs, found, checked, and asked where each call is.
 *
 * A ROM runs where it lies, in a map of the first MiB whose other addresses its
 * code works out from its own. Each answer of GetRelocationInfo is checked
 * before any is used; it is asked once, after VMI_Init.
 *
 * Source: that of abi/vmi.h; for what an answer may be, Linux 2.6.21 to 2.6.36
 *         (vmi_32.c, vmitime.c, vmiclock_32.c): JUMP_REL is a BUG there but at
 *         the sites of IRET and SYSEXIT, NOP at those falls through, any answer
 *         for GetCycleFrequency but NONE is called and obliges 67 to 70, and a
 *         SetPxE is called together with an UpdatePxE that nobody checks.
 */
#include "vmi_32.h"

#if PVOPS_VMI && !defined(__x86_64__)

#include "sha256.h"
#include <x86/insn.h>

/*
 * What is mapped. Not page 0: in a kernel whose linear map begins at address 0
 * that is a null pointer's.
 */
enum { LOW_START = 0x1000, LOW_END = 0x100000 };

enum { RING = 3 };

typedef PVOPS_OP_CALL uint32_t init_call(void);
typedef PVOPS_OP_CALL uint64_t get_relocation_call(uint32_t call);
typedef PVOPS_OP_CALL void set_linear_mapping_call(uint32_t slot,
                                                   uintptr_t address,
                                                   uint32_t pages,
                                                   uint32_t first_pfn);

/* What x86/vmi_32.S passes. */
_Static_assert(VMI_PAGE_PT == 1 && VMI_PAGE_PD == 2, "and are levels");
_Static_assert(VMI_FLUSH_TLB == 1 && VMI_FLUSH_GLOBAL == 2, "FlushTLB");
_Static_assert(VMI_LAZY_NONE == 0 && VMI_LAZY_MMU == 1, "SetLazyMode");

uintptr_t pvi_vmi32_targets[VMI_CALLS];
uint32_t pvi_vmi32_kernel_ss;

static uint8_t types[VMI_CALLS];

/* The kernel's linear map, as it said. */
static uintptr_t linear;
static size_t linear_bytes;

/*
 * NOP is nothing, or an empty function, in Linux: no answer for what has a
 * result, or must do something for the kernel to go on.
 */
static const uint8_t may_be_nop[] = {
#define PVOPS_VMI_MAY_BE_NOP(name) VMI_CALL_##name,
#include "abi/vmi_may_be_nop.def"
#undef PVOPS_VMI_MAY_BE_NOP
};

/* Who has the first has the second by the ROM too. */
static const uint8_t together[][2] = {
    { VMI_CALL_SetPxE, VMI_CALL_UpdatePxE },
    { VMI_CALL_UpdatePxE, VMI_CALL_SetPxE },
    { VMI_CALL_SetPxELong, VMI_CALL_UpdatePxELong },
    { VMI_CALL_UpdatePxELong, VMI_CALL_SetPxELong },
    { VMI_CALL_AllocatePage, VMI_CALL_ReleasePage },
    { VMI_CALL_ReleasePage, VMI_CALL_AllocatePage },
    { VMI_CALL_GetCycleFrequency, VMI_CALL_GetCycleCounter },
    { VMI_CALL_GetCycleFrequency, VMI_CALL_SetAlarm },
    { VMI_CALL_GetCycleFrequency, VMI_CALL_CancelAlarm },
    { VMI_CALL_GetCycleFrequency, VMI_CALL_GetWallclockTime },
};

static bool is_in(const uint8_t *list, size_t count, unsigned call)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == call)
            return true;
    }
    return false;
}

/* NULL, or the rule that the answer breaks. */
static const char *wrong_answer(unsigned call, uint8_t type, uintptr_t target)
{
    const uintptr_t rom = (uintptr_t)pvi_vmi.rom.image;

    switch (type) {
    case VMI_RELOCATION_NONE:
        return NULL;
    case VMI_RELOCATION_NOP:
        return is_in(may_be_nop, sizeof(may_be_nop), call)
                   ? NULL
                   : "NOP where something must be done, for call";
    case VMI_RELOCATION_JUMP_REL:
        if (call != VMI_CALL_IRET && call != VMI_CALL_SYSEXIT)
            return "JUMP_REL for another than IRET and SYSEXIT, call";
        break;
    case VMI_RELOCATION_CALL_REL:
        break;
    default:
        return "a relocation of unknown type for call";
    }
    if (target < rom || target - rom >= pvi_vmi.rom.bytes)
        return "a target outside the ROM for call";
    return NULL;
}

/* False: refused. */
static bool ask_for_calls(void)
{
    const uintptr_t rom = (uintptr_t)pvi_vmi.rom.image;
    get_relocation_call *get_relocation =
        (get_relocation_call *)(rom +
                                offsetof(struct vmi_header, get_relocation));

    for (unsigned call = 0; call < VMI_CALLS; call++) {
        uint64_t answer = get_relocation(call);
        uintptr_t target = (uintptr_t)answer;
        uint8_t type = (uint8_t)(answer >> 32);
        const char *wrong = wrong_answer(call, type, target);
        bool leads =
            type == VMI_RELOCATION_CALL_REL || type == VMI_RELOCATION_JUMP_REL;

        if (wrong) {
            pvi_vmi_refuse(wrong, call);
            return false;
        }
        types[call] = type;
        pvi_vmi32_targets[call] = leads ? target : 0;
    }
    for (size_t i = 0; i < sizeof(together) / sizeof(together[0]); i++) {
        if (pvi_vmi32_targets[together[i][0]] &&
            !pvi_vmi32_targets[together[i][1]]) {
            pvi_vmi_refuse("one call without its other, which is call",
                           together[i][1]);
            return false;
        }
    }
    return true;
}

/*
 * VMI_Init may leave the kernel in ring 1 or 2, and tells nobody before.
 * libpvops does not serve that: to pvops_frame_is_user() such a kernel's frames
 * are a program's.
 */
static bool init(void)
{
    const uintptr_t rom = (uintptr_t)pvi_vmi.rom.image;
    unsigned ring = x86_read_cs() & RING;
    uint32_t result =
        ((init_call *)(rom + offsetof(struct vmi_header, init)))();

    if (result != 0) {
        pvi_vmi_refuse("VMI_Init fails with", result);
        return false;
    }
    if ((x86_read_cs() & RING) != ring) {
        pvi_vmi_refuse("it needs a kernel outside ring 0, in ring",
                       x86_read_cs() & RING);
        return false;
    }
    return true;
}

/* What pvops_host_rom() is shown. */
static void describe(const struct pvi_rom_image *image)
{
    struct pvops_rom *rom = &pvi_vmi.rom;

    rom->image = image->bytes;
    rom->bytes = image->length;
    pvi_sha256(image->bytes, image->length, rom->sha256);
    rom->manufacturer = image->manufacturer;
    rom->product = image->product;
    rom->licence = image->licence;
    rom->api_major = image->header->api_major;
    rom->api_minor = image->header->api_minor;
    rom->rom_major = image->pci->rom_major;
    rom->rom_minor = image->pci->rom_minor;
    rom->whole = true;
}

static bool keeps_below(uint32_t virtual_top,
                        const struct pvops_rom_options *options)
{
    return !virtual_top || (options->top && options->top <= virtual_top);
}

/* The ROM at 'paddr', of which 'low' is the address of physical 0. */
static bool take(uintptr_t low, uint32_t paddr, const struct pvops_info *info,
                 const struct pvops_setup_options *options)
{
    const uint8_t *bytes = (const uint8_t *)(low + paddr);
    struct pvi_rom_image image;
    uint32_t broken =
        pvi_rom_check(bytes, LOW_END - paddr, VMI_API_MAJOR, &image);

    /* Another device's. */
    if (broken & (1u << PVI_ROM_SIGNATURE | 1u << PVI_ROM_VMI_SIGNATURE))
        return false;
    pvi_vmi.rom = (struct pvops_rom){
        .place = PVOPS_ROM_OPTION,
        .paddr = paddr,
    };
    if (broken) {
        unsigned rule = 0;

        while (!(broken >> rule & 1))
            rule++;
        pvi_vmi_refuse(pvi_rom_rule_text((enum pvi_rom_rule)rule),
                       PVI_VMI_NO_NUMBER);
        return false;
    }
    if (!keeps_below(image.header->virtual_top, options->rom)) {
        pvi_vmi_refuse("the kernel uses addresses of its hole at the top",
                       PVI_VMI_NO_NUMBER);
        return false;
    }
    describe(&image);
    return pvi_vmi_ask_owner(info, options);
}

/* A ROM whose Init fails may have changed things: no other is tried. */
bool pvi_vmi_abi_find(const struct pvops_info *info,
                      const struct pvops_setup_options *options)
{
    uint8_t *mapped =
        pvops_host_map(LOW_START, LOW_END - LOW_START, PVOPS_MAP_MEMORY);
    uintptr_t low = (uintptr_t)mapped - LOW_START;
    uint32_t paddr = VMI_ROM_FIRST;

    if (!mapped)
        return false;
    while (paddr < VMI_ROM_END && !take(low, paddr, info, options))
        paddr += VMI_ROM_STEP;
    if (paddr == VMI_ROM_END)
        return false;
    linear = options->rom->linear;
    linear_bytes = options->rom->linear_bytes;
    return init() && ask_for_calls() &&
           (!pvi_vmi32_targets[VMI_CALL_GetCycleFrequency] ||
            pvi_vmi32_start_clock()) &&
           pvi_vmi_relocate();
}

/* An op that is nothing: its body becomes a NOP where it is sealed. */
#define NOTHING ((void (*)(void))pvi_native_mmu_begin_batch)

/* Through 'thunk', or straight into the ROM. */
static void route(struct pvi_vmi_answer *answer, unsigned call,
                  void (*thunk)(void))
{
    if (pvi_vmi32_targets[call])
        answer->function =
            thunk ? thunk : (void (*)(void))pvi_vmi32_targets[call];
}

#define ROUTE(chapter, op, call, function)                                     \
    route(&answers[PVI_VMI_##chapter##_##op], VMI_CALL_##call,                 \
          _Generic((function), __typeof__(pvops_##chapter##_table.op)          \
                   : (void (*)(void))(function)))
#define DIRECT(chapter, op, call)                                              \
    route(&answers[PVI_VMI_##chapter##_##op], VMI_CALL_##call, NULL)

static void route_cpu(struct pvi_vmi_answer answers[PVI_VMI_OPS])
{
    DIRECT(irq, save_flags, GetInterruptMask);
    DIRECT(irq, disable, DisableInterrupts);
    DIRECT(irq, enable, EnableInterrupts);
    DIRECT(irq, safe_halt, Halt);
    DIRECT(irq, halt, Shutdown);
    if (types[VMI_CALL_IRET] == VMI_RELOCATION_CALL_REL)
        ROUTE(cpu, iret, IRET, pvi_vmi32_iret);
    else
        DIRECT(cpu, iret, IRET);
    ROUTE(cpu, set_kernel_stack, UpdateKernelStack, pvi_vmi32_set_kernel_stack);
    ROUTE(cpu, load_gdt, SetGDT, pvi_vmi32_load_gdt);
    ROUTE(cpu, load_idt, SetIDT, pvi_vmi32_load_idt);
    DIRECT(cpu, load_tr, SetTR);
    ROUTE(cpu, cpuid, CPUID, pvi_vmi32_cpuid);
    ROUTE(cpu, read_msr, RDMSR, pvi_vmi32_read_msr);
    ROUTE(cpu, write_msr, WRMSR, pvi_vmi32_write_msr);
}

static void route_mmu(struct pvi_vmi_answer answers[PVI_VMI_OPS])
{
    bool lazy = pvi_vmi32_targets[VMI_CALL_SetLazyMode] != 0;

    DIRECT(mmu, read_cr2, GetCR2);
    DIRECT(mmu, read_cr3, GetCR3);
    if (lazy)
        ROUTE(mmu, write_cr3, SetCR3, pvi_vmi32_write_cr3);
    else
        DIRECT(mmu, write_cr3, SetCR3);
    ROUTE(mmu, write_entry, SetPxE, pvi_vmi32_write_entry);
    ROUTE(mmu, write_root, SetPxE, pvi_vmi32_write_root);
    ROUTE(mmu, modify_entry, UpdatePxE, pvi_vmi32_modify_entry);
    ROUTE(mmu, alloc_table, AllocatePage, pvi_vmi32_alloc_table);
    ROUTE(mmu, release_table, ReleasePage, pvi_vmi32_release_table);
    ROUTE(mmu, begin_batch, SetLazyMode, pvi_vmi32_begin_batch);
    ROUTE(mmu, end_batch, SetLazyMode, pvi_vmi32_end_batch);
    DIRECT(mmu, flush_page, InvalPage);
    ROUTE(mmu, flush_range, InvalPage, pvi_vmi32_flush_range);
    ROUTE(mmu, flush_asid, FlushTLB, pvi_vmi32_flush_asid);
    ROUTE(mmu, flush_all, FlushTLB, pvi_vmi32_flush_all);
    if (types[VMI_CALL_InvalPage] == VMI_RELOCATION_NOP) {
        answers[PVI_VMI_mmu_flush_page].function = NOTHING;
        answers[PVI_VMI_mmu_flush_range].function = NOTHING;
    }
    if (types[VMI_CALL_FlushTLB] == VMI_RELOCATION_NOP) {
        answers[PVI_VMI_mmu_flush_asid].function = NOTHING;
        answers[PVI_VMI_mmu_flush_all].function = NOTHING;
    }
}

static void route_time(struct pvi_vmi_answer answers[PVI_VMI_OPS])
{
    if (!pvi_vmi32_targets[VMI_CALL_GetCycleFrequency])
        return;
    ROUTE(time, now_ns, GetCycleCounter, pvi_vmi32_now_ns);
    ROUTE(time, stolen_ns, GetCycleCounter, pvi_vmi32_stolen_ns);
    DIRECT(time, wall_ns, GetWallclockTime);
    ROUTE(time, set_deadline, SetAlarm, pvi_vmi32_set_deadline);
    ROUTE(time, cancel_deadline, CancelAlarm, pvi_vmi32_cancel_deadline);
    ROUTE(time, arrived, SetAlarm, pvi_vmi32_arrived);
}

bool pvi_vmi_abi_answers(struct pvi_vmi_answer answers[PVI_VMI_OPS],
                         uint32_t calls[8])
{
    route_cpu(answers);
    route_mmu(answers);
    route_time(answers);
    for (unsigned call = 0; call < VMI_CALLS; call++) {
        if (types[call] != VMI_RELOCATION_NONE)
            calls[call / 32] |= 1u << call % 32;
    }
    return true;
}

const char *pvi_vmi_abi_call_name(unsigned call)
{
    static const char *const names[] = {
#define PVOPS_VMI_CALL(number, name) [number] = #name,
#include "abi/vmi_calls.def"
#undef PVOPS_VMI_CALL
    };

    return call < VMI_CALLS ? names[call] : NULL;
}

/* Slot 0 is for all that a kernel maps linearly; as Linux, on each CPU. */
static void set_linear_mapping(void)
{
    enum { PAGE_BYTES = 4096 };
    set_linear_mapping_call *call =
        (set_linear_mapping_call *)pvi_vmi32_targets[VMI_CALL_SetLinearMapping];

    if (call && linear_bytes)
        call(0, linear, (uint32_t)(linear_bytes / PAGE_BYTES), 0);
}

enum pvops_status pvi_vmi_abi_setup(void)
{
    pvi_vmi32_kernel_ss = pvi.selectors.kernel_ss;
    if (pvi_vmi_has_clock())
        pvi.caps |= PVOPS_CAP_CLOCK_GLOBAL;
    set_linear_mapping();
    return PVOPS_OK;
}

enum pvops_status pvi_vmi_abi_cpu_setup(struct pvops_cpu *cpu)
{
    if (cpu->index != 0)
        set_linear_mapping();
    return pvi_vmi_has_clock() ? pvi_vmi32_timer_setup(cpu) : PVOPS_OK;
}

void pvi_vmi_abi_cpu_teardown(struct pvops_cpu *cpu)
{
    if (pvi_vmi_has_clock())
        pvi_vmi32_timer_teardown(cpu);
}

#endif
