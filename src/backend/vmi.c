/* SPDX-License-Identifier: MIT */
/*
 * A backend that came as a ROM: what VMI 3.0 and its 64-bit profile have in
 * common.
 *
 * Detects:  a whole ROM that was found, checked, allowed, and whose Init and
 *           relocations were right: all before any backend is chosen, so that
 *           a ROM that is refused leaves nothing behind.
 * Installs: what GetRelocationInfo answers, asked again after each step of
 *           set-up; ops that it leaves alone are native ones.
 * Leaves:   to the library what the ROM does not serve: the clock, the local
 *           APIC's timer. A partial ROM is no backend: lifecycle.c puts its
 *           ops over those of the one that was chosen.
 * Host:     pvops_host_rom().
 */
#include "vmi.h"

#if PVOPS_VMI

#include "abi/cpuid.h"
#include "line.h"
#include <x86/insn.h>

struct pvi_vmi pvi_vmi;

static void *const slots[PVI_VMI_OPS] = {
#define PVOPS_OP(chapter, name, class) &pvops_##chapter##_table.name,
#include "ops.def"
#undef PVOPS_OP
};

/*
 * What pvi_install() puts into the tables, and the bytes for sealing. pvlab
 * sites sees that the table is empty until boot.
 */
struct pvi_op pvi_ops_vmi[PVI_VMI_OPS + 1];
struct pvi_body pvi_vmi_bodies[PVI_VMI_OPS + 1];

/* What stands in the tables where the ROM serves nothing. */
static void (*without[PVI_VMI_OPS])(void);

/* As many as are told of. */
enum { MOST_REFUSED = 4 };
static struct refusal {
    enum pvops_rom_place place;
    pvops_paddr paddr;
    const char *why;
    int64_t number;
} refused[MOST_REFUSED];
static unsigned refused_count;

void pvi_vmi_refuse(const char *why, int64_t number)
{
    if (refused_count == MOST_REFUSED)
        return;
    refused[refused_count++] = (struct refusal){
        .place = pvi_vmi.rom.place,
        .paddr = pvi_vmi.rom.paddr,
        .why = why,
        .number = number,
    };
}

void pvi_vmi_report(void)
{
    static const char *const places[] = {
        [PVOPS_ROM_OPTION] = "option ROM",
        [PVOPS_ROM_ACPI] = "ROM in the ACPI table",
        [PVOPS_ROM_ACPI_REGION] = "ROM where the ACPI table says",
        [PVOPS_ROM_MODULE] = "ROM in the first module",
    };

    for (unsigned i = 0; i < refused_count; i++) {
        const struct refusal *r = &refused[i];
        struct pvi_line line;

        pvi_line_start(&line);
        pvi_line_text(&line, "vmi: ");
        pvi_line_text(&line, places[r->place]);
        if (r->paddr) {
            pvi_line_text(&line, " at 0x");
            pvi_line_number(&line, r->paddr, 16, 1);
        }
        pvi_line_text(&line, " refused: ");
        pvi_line_text(&line, r->why);
        if (r->number != PVI_VMI_NO_NUMBER) {
            pvi_line_char(&line, ' ');
            pvi_line_number(&line, (uint64_t)r->number, 10, 1);
        }
        pvops_host_log(PVOPS_LOG_ERROR, line.text);
    }
    refused_count = 0;
}

static bool same_text(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* A hypervisor can hide SEV, not TDX: docs/vmi64.md. */
static bool memory_is_hidden(const struct pvops_info *info)
{
    struct x86_cpuid leaf;

    if (info->entry == PVOPS_ENTRY_XEN_PV || !x86_has_cpuid())
        return false;
    if (x86_cpuid(CPUID_BASIC, 0).eax >= CPUID_TDX) {
        leaf = x86_cpuid(CPUID_TDX, 0);
        if (leaf.ebx == CPUID_TDX_EBX && leaf.edx == CPUID_TDX_EDX &&
            leaf.ecx == CPUID_TDX_ECX)
            return true;
    }
    leaf = x86_cpuid(CPUID_EXTENDED, 0);
    return leaf.eax >= CPUID_ENCRYPTION && leaf.eax >> 16 == 0x8000 &&
           (x86_cpuid(CPUID_ENCRYPTION, 0).eax & CPUID_ENCRYPTION_EAX_SEV) &&
           (x86_rdmsr(MSR_SEV_STATUS) & SEV_STATUS_ENABLED);
}

bool pvi_vmi_ask_owner(const struct pvops_info *info,
                       const struct pvops_setup_options *options)
{
    pvi_vmi.rom.confidential = memory_is_hidden(info);
    if (pvi_vmi.rom.whole && options->backend &&
        !same_text(options->backend, pvi_backend_vmi.name)) {
        pvi_vmi_refuse("another backend is asked for", PVI_VMI_NO_NUMBER);
        return false;
    }
    if (pvi_vmi.rom.confidential && !options->rom->confidential) {
        pvi_vmi_refuse("this guest's memory is hidden from the hypervisor",
                       PVI_VMI_NO_NUMBER);
        return false;
    }
    if (!pvops_host_rom(&pvi_vmi.rom)) {
        pvi_vmi_refuse("the kernel says no", PVI_VMI_NO_NUMBER);
        return false;
    }
    return true;
}

/* Whether clock and timer are whose they were: set-up has relied on that. */
static bool same_owners(const struct pvi_vmi_answer *answers)
{
    return pvi_vmi_serves(PVI_VMI_time_now_ns) ==
               (answers[PVI_VMI_time_now_ns].function != NULL) &&
           pvi_vmi_serves(PVI_VMI_time_set_deadline) ==
               (answers[PVI_VMI_time_set_deadline].function != NULL);
}

bool pvi_vmi_relocate(void)
{
    struct pvi_vmi_answer answers[PVI_VMI_OPS];
    uint32_t calls[8] = { 0 };

    x86_clear(answers, sizeof(answers));
    if (!pvi_vmi_abi_answers(answers, calls))
        return false;
    if (pvi_vmi.settled && !same_owners(answers)) {
        pvi_vmi_refuse("its clock or its timer came or went in set-up",
                       PVI_VMI_NO_NUMBER);
        return false;
    }
    __builtin_memcpy(pvi_vmi.answers, answers, sizeof(answers));
    __builtin_memcpy(pvi_vmi.rom.calls, calls, sizeof(calls));
    return true;
}

void pvi_vmi_find(const struct pvops_info *info,
                  const struct pvops_setup_options *options)
{
    pvi_vmi_drop();
    refused_count = 0;
    if (!options->rom)
        return;
    pvi_vmi.taken = pvi_vmi_abi_find(info, options);
    if (!pvi_vmi.taken)
        pvi_vmi_drop();
    pvi_vmi.settled = pvi_vmi_whole();
}

void pvi_vmi_drop(void)
{
    x86_clear(&pvi_vmi, sizeof(pvi_vmi));
    x86_clear(pvi_ops_vmi, sizeof(pvi_ops_vmi));
    x86_clear(pvi_vmi_bodies, sizeof(pvi_vmi_bodies));
}

/* False: too far for its distance; sites then call the function. */
static bool place_body(struct pvi_body *out,
                       const struct pvi_vmi_answer *answer)
{
    uintptr_t distance = (uintptr_t)answer->function - (uintptr_t)out;

    *out = answer->body;
    out->function = (int32_t)distance;
    return (uintptr_t)(intptr_t)out->function == distance;
}

/* WRFSBASE was allowed to programs: it is the op, whatever the ROM says. */
static bool is_user_base(unsigned op)
{
    return (pvi.caps & PVOPS_CAP_USER_BASES) &&
           (op == PVI_VMI_cpu_set_fs_base || op == PVI_VMI_cpu_read_fs_base);
}

static void (*in_table(unsigned op))(void)
{
    void (*now)(void);

    __builtin_memcpy(&now, slots[op], sizeof(now));
    return now;
}

/*
 * An op that was put into its table since the last time is what stands there
 * if the ROM's next answer is NONE.
 */
#ifdef __x86_64__
/* A ROM knows nothing of IPIs: that part is the library's. */
PVOPS_OP_CALL static unsigned arrived_of_rom(unsigned vector)
{
    void (*function)(void) = pvi_vmi.answers[PVI_VMI_time_arrived].function;

    return ((__typeof__(pvops_time_table.arrived))function)(vector) |
           pvi_smp_vector(vector);
}

static void add_ipis(void)
{
    if (pvi_vmi_serves(PVI_VMI_time_arrived))
        pvi_ops_vmi[PVI_VMI_time_arrived].function =
            (void (*)(void))arrived_of_rom;
}

/* For them, where the timer, and hence the APIC, is the ROM's. */
static void enable_lapic(struct pvops_cpu *cpu)
{
    if (pvi.caps & PVOPS_CAP_RING0)
        (void)pvi_lapic_enable(cpu);
}
#else
static void add_ipis(void)
{
}

/* vmi_32_time.c has enabled it. */
static void enable_lapic(struct pvops_cpu *cpu)
{
    (void)cpu;
}
#endif

void pvi_vmi_install(void)
{
    unsigned body = 0;

    if (!pvi_vmi.taken)
        return;
    for (unsigned i = 0; i < PVI_VMI_OPS; i++) {
        const struct pvi_vmi_answer *answer = &pvi_vmi.answers[i];
        void (*now)(void) = in_table(i);

        if (!pvi_ops_vmi[i].slot || now != pvi_ops_vmi[i].function)
            without[i] = now;
        pvi_ops_vmi[i].slot = slots[i];
        pvi_ops_vmi[i].function = without[i];
        if (!answer->function || is_user_base(i))
            continue;
        pvi_ops_vmi[i].function = answer->function;
        if (answer->body.kind != PVI_BODY_END &&
            place_body(&pvi_vmi_bodies[body], answer))
            body++;
    }
    pvi_vmi_bodies[body] = (struct pvi_body){ .kind = PVI_BODY_END };
    add_ipis();
    pvi_install(pvi_ops_vmi, NULL);

    if (pvi_vmi_whole() || !pvi_vmi_has_clock())
        return;
    pvi.caps &= ~PVOPS_CAP_CLOCK_GLOBAL;
    if (pvi_vmi.clock_global)
        pvi.caps |= PVOPS_CAP_CLOCK_GLOBAL;
}

/* What was put into a table since the last time stays there. */
static void take_out(void)
{
    for (unsigned i = 0; i < PVI_VMI_OPS; i++) {
        if (in_table(i) == pvi_ops_vmi[i].function)
            pvi_ops_vmi[i].function = without[i];
        else
            pvi_ops_vmi[i].function = in_table(i);
    }
    pvi_install(pvi_ops_vmi, NULL);
}

void pvi_vmi_start_partial(void)
{
    if (!pvi_vmi.taken || pvi_vmi.rom.whole)
        return;
    pvi_vmi_install();
    if (pvi_vmi_abi_setup() == PVOPS_OK && pvi_vmi_relocate()) {
        pvi_vmi.settled = true;
        pvi_vmi_install();
        return;
    }
    take_out();
    pvi_vmi_drop();
    pvi_vmi_report();
}

enum pvops_status pvi_vmi_update(void)
{
    if (!pvi_vmi.taken)
        return PVOPS_OK;
    if (pvi_vmi_relocate()) {
        pvi_vmi_install();
        return PVOPS_OK;
    }
    pvi_vmi_report();
    if (pvi_vmi.rom.whole)
        return PVOPS_E_REFUSED;
    take_out();
    pvi_vmi_drop();
    return PVOPS_OK;
}

static bool call_served(unsigned call)
{
    return call < 256 && pvi_vmi.rom.calls[call / 32] >> call % 32 & 1;
}

/* " 0-3 5", as much of it as fits, from 'call' on; the next one. */
static unsigned add_calls(struct pvi_line *line, unsigned call)
{
    enum { LONGEST = 8 }; /* " 100-131" */

    while (call < 256 && line->length <= PVI_LINE_BYTES - LONGEST) {
        unsigned first = call;

        if (!call_served(call++))
            continue;
        while (call_served(call))
            call++;
        pvi_line_char(line, ' ');
        pvi_line_number(line, first, 10, 1);
        if (call - first > 1) {
            pvi_line_char(line, '-');
            pvi_line_number(line, call - 1, 10, 1);
        }
    }
    return call;
}

void pvi_vmi_describe(void)
{
    const struct pvops_rom *rom = &pvi_vmi.rom;
    struct pvi_line line;
    unsigned call = 0;

    if (!pvi_vmi.taken)
        return;
    pvi_log(PVOPS_LOG_INFO, "vmi: %s ROM %s of %s, API %u.%u, %u bytes",
            rom->whole ? "whole" : "partial",
            rom->product ? rom->product : "without a name",
            rom->manufacturer ? rom->manufacturer : "nobody", rom->api_major,
            rom->api_minor, (unsigned)rom->bytes);
    pvi_line_start(&line);
    pvi_line_text(&line, "vmi: sha256 ");
    for (unsigned i = 0; i < sizeof(rom->sha256); i++)
        pvi_line_number(&line, rom->sha256[i], 16, 2);
    pvops_host_log(PVOPS_LOG_INFO, line.text);
    while (call < 256) {
        unsigned length;

        pvi_line_start(&line);
        pvi_line_text(&line, "vmi: the ROM's calls:");
        length = line.length;
        call = add_calls(&line, call);
        if (line.length > length)
            pvops_host_log(PVOPS_LOG_INFO, line.text);
    }
}

const struct pvops_rom *pvops_rom_in_use(void)
{
    return pvi_vmi.taken ? &pvi_vmi.rom : NULL;
}

const char *pvops_rom_call_name(unsigned call)
{
    return pvi_vmi.taken ? pvi_vmi_abi_call_name(call) : NULL;
}

static bool detect(const struct pvops_info *info)
{
    (void)info;
    return pvi_vmi.taken && pvi_vmi.rom.whole;
}

static enum pvops_status setup(const struct pvops_setup_options *options)
{
    enum pvops_status status = pvi_vmi_abi_setup();

    (void)options;
    if (status != PVOPS_OK)
        return status;
    if (!pvi_vmi_relocate())
        return PVOPS_E_REFUSED;
    pvi_vmi_install();
    return PVOPS_OK;
}

static bool has_timer(void)
{
    return pvi_vmi_serves(PVI_VMI_time_set_deadline);
}

static enum pvops_status cpu_setup(struct pvops_cpu *cpu,
                                   const struct pvops_cpu_options *options)
{
    enum pvops_status status = PVOPS_OK;

    if (!has_timer())
        status = pvi_lapic_cpu_setup(cpu, options);
    if (status != PVOPS_OK)
        return status;
    status = pvi_vmi_abi_cpu_setup(cpu);
    if (status != PVOPS_OK && !has_timer())
        pvi_lapic_cpu_teardown(cpu);
    if (status == PVOPS_OK && has_timer())
        enable_lapic(cpu);
    return status;
}

static void cpu_teardown(struct pvops_cpu *cpu)
{
    pvi_vmi_abi_cpu_teardown(cpu);
    pvi_lapic_cpu_teardown(cpu);
}

const struct pvi_backend pvi_backend_vmi = {
    .name = "vmi",
    .detect = detect,
    .replace = pvi_vmi_install,
    .setup = setup,
    .cpu_setup = cpu_setup,
    .cpu_teardown = cpu_teardown,
};

#endif
