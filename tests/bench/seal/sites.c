/* SPDX-License-Identifier: MIT */
/*
 * Sites as a kernel has them: of ten, six are sealed to inline bytes and four
 * to direct calls. (Debian's Linux 6.12 has 4,319 paravirt sites, 60 % with an
 * inline form: counted in its .altinstructions.)
 */
#include "internal.h"

#include "sites.h"

struct pvi_state pvi;
struct pvi_body pvi_vmi_bodies[1]; /* no ROM */
struct pvops_irq_table pvops_irq_table;
struct pvops_cpu_table pvops_cpu_table;
struct pvops_mmu_table pvops_mmu_table;
struct pvops_time_table pvops_time_table;
struct pvops_lock_table pvops_lock_table;

/* Sites between other code, which is never executed. */
enum { STRIDE = 24 };
static uint8_t text[BENCH_SITES_MAX * STRIDE];
static int32_t records[BENCH_SITES_MAX];
static struct pvops_sites sites;

/* The text is writable where it is. */
void *pvops_host_text(const void *at, size_t bytes)
{
    (void)bytes;
    return (void *)(uintptr_t)at;
}

bool pvops_host_rom(const struct pvops_rom *rom)
{
    (void)rom;
    return false;
}

void pvi_log(enum pvops_log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

static PVOPS_OP_CALL uint64_t now_ns(void)
{
    return 0;
}

static PVOPS_OP_CALL void write_cr3(uintptr_t root)
{
    (void)root;
}

static PVOPS_OP_CALL void write_entry(PVOPS_MMU_ORDER(pvops_pte *entry,
                                                      pvops_pte value))
{
    *entry = value;
}

static const void *const slots[10] = {
    &pvops_irq_table.enable,     &pvops_irq_table.save_flags,
    &pvops_irq_table.disable,    &pvops_time_table.now_ns,
    &pvops_mmu_table.read_entry, &pvops_mmu_table.write_entry,
    &pvops_irq_table.enable,     &pvops_mmu_table.write_cr3,
    &pvops_mmu_table.read_entry, &pvops_mmu_table.write_entry,
};

void bench_make(unsigned count)
{
    static const struct pvi_backend none = { .name = "bench" };

    pvi.stage = PVI_STAGE_BOOT_CPU;
    pvi.backend = &none;
    pvops_irq_table.save_flags = pvi_native_irq_save_flags;
    pvops_irq_table.disable = pvi_native_irq_disable;
    pvops_irq_table.enable = pvi_native_irq_enable;
    pvops_mmu_table.read_entry = pvi_native_mmu_read_entry;
    pvops_mmu_table.write_entry = write_entry;
    pvops_mmu_table.write_cr3 = write_cr3;
    pvops_time_table.now_ns = now_ns;
    for (unsigned i = 0; i < count; i++) {
        uint8_t *site = &text[i * STRIDE];
        uint32_t operand = (uint32_t)(uintptr_t)slots[i % 10];

        if (sizeof(void *) == 8)
            operand -= (uint32_t)(uintptr_t)(site + PVI_SITE_BYTES);
        site[0] = 0xff;
        site[1] = 0x15;
        for (unsigned byte = 0; byte < 4; byte++)
            site[2 + byte] = (uint8_t)(operand >> 8 * byte);
        records[i] = (int32_t)((intptr_t)site - (intptr_t)&records[i]);
    }
    sites = (struct pvops_sites){ .start = records, .stop = records + count };
}

bool bench_seal(void)
{
    return pvops_seal(&sites) == PVOPS_OK && sites.left == 0 &&
           sites.sealed == (unsigned)(sites.stop - sites.start);
}

bool bench_verify(void)
{
    return pvops_verify(&sites, NULL) == PVOPS_OK;
}
