/* SPDX-License-Identifier: MIT */
/*
 * A warm restart of pvk into itself.
 *
 * What outlives a round is in section .kept, which nobody clears.
 *
 * Tried, fails here: the MSR of KVM's steal time left as it is in the teardown.
 */
#include "boot/restart.h"

#include <string.h>

#include "arch/layout.h"
#include "core/cpus.h"
#include "core/log.h"
#include "core/main.h"
#include "core/text.h"

#define KEPT __attribute__((section(".kept"), aligned(4096)))

enum { BANKS = 2, MOST_RANGES = 64, MOST_ROUNDS = 1000 };

static const uintptr_t paint = (uintptr_t)0x9e3779b97f4a7c15;

static struct restart_bank banks[BANKS] KEPT;

static struct {
    bool begun;
    unsigned door;
    uintptr_t info;
    uint32_t magic;
    unsigned round;
    unsigned counts[CHECK_OUTCOMES];
    struct boot boot;
    struct pvops_resources handed;
    size_t painted_count;
    struct boot_range painted[MOST_RANGES];
} kept KEPT;

extern const char image_start[], data_stop[];
extern char restart_copy[];

/* This round's own. */
static struct boot_range ram[MOST_RANGES];
static size_t ram_count;
static const void *written;

struct restart_bank *restart_bank(void)
{
    return &banks[kept.round % BANKS];
}

unsigned restart_round(void)
{
    return kept.round;
}

const struct boot *restart_boot(void)
{
    return kept.round ? &kept.boot : NULL;
}

const struct pvops_resources *restart_resources(void)
{
    return kept.handed.xen_shared_info ? &kept.handed : NULL;
}

void restart_note_ram(uint64_t base, uint64_t end)
{
    if (ram_count < MOST_RANGES)
        ram[ram_count++] = (struct boot_range){ base, end - base };
}

static void fill(void *at, size_t bytes, uintptr_t value)
{
    uintptr_t *words = at;

    for (size_t i = 0; i < bytes / sizeof(*words); i++)
        words[i] = value;
}

/* The first word that is not painted any more, or NULL. */
static const void *find_written(const void *at, size_t bytes)
{
    const volatile uintptr_t *words = at;

    for (size_t i = 0; i < bytes / sizeof(*words); i++) {
        if (words[i] != paint)
            return (const void *)&words[i];
    }
    return NULL;
}

/* Xen keeps shared_info where it is: it is handed on as it is. */
static bool is_handed(const uint8_t *page)
{
    return page == kept.handed.xen_shared_info;
}

static void fill_bank(struct restart_bank *bank, uintptr_t value)
{
    uint8_t *at = (uint8_t *)bank;

    for (size_t i = 0; i < sizeof(*bank); i += PAGE_BYTES) {
        if (!is_handed(at + i))
            fill(at + i, PAGE_BYTES, value);
    }
}

void restart_begin(unsigned door, uintptr_t info, uint32_t magic)
{
    if (!kept.begun) {
        memcpy(restart_copy, image_start, (size_t)(data_stop - image_start));
        kept.begun = true;
        kept.door = door;
        kept.info = info;
        kept.magic = magic;
        return;
    }
    for (size_t i = 0; i < kept.painted_count && !written; i++)
        written = find_written(layout_va(kept.painted[i].base),
                               (size_t)kept.painted[i].bytes);
    check_count(kept.counts[0], kept.counts[1], kept.counts[2]);
}

/* What stands where, for a person. */
static const char *part_of(const struct restart_bank *bank, const void *at)
{
    const uint8_t *byte = at;

    if (byte < bank->cpu_pages[0])
        return "a page of pvops_setup()'s";
    return byte < (const uint8_t *)bank->percpus ? "a page of a CPU's"
                                                 : "a struct pvops_cpu";
}

static void find_leftovers(void)
{
    const struct restart_bank *old = &banks[(kept.round + 1) % BANKS];
    const uint8_t *at = (const uint8_t *)old;
    const void *bad = NULL;

    CHECK(!written, "RAM at %p was written to between two rounds", written);
    for (size_t i = 0; i < sizeof(*old) && !bad; i += PAGE_BYTES) {
        if (!is_handed(at + i))
            bad = find_written(at + i, PAGE_BYTES);
    }
    CHECK(!bad, "%s was written to after its teardown, at %p",
          part_of(old, bad), bad);
}

static const struct check check_leftovers = { "restart-leaves-nothing",
                                              find_leftovers };

static void find_others(void)
{
    CHECK(cpus_count() == 1, "%u CPUs still run", cpus_count());
    if (kept.door == DOOR_XEN_PV)
        check_skip("a PV domain has no way into itself");
}

static const struct check check_others = { "restart-alone", find_others };

static unsigned wanted(void)
{
    const char *text = option("restart");
    unsigned value = 0;

    for (; text && *text >= '0' && *text <= '9' && value < MOST_ROUNDS; text++)
        value = value * 10 + (unsigned)(*text - '0');
    return value;
}

__attribute__((noreturn)) static void restart(void)
{
    const struct pvops_resources *resources = pvops_get_resources();

    kept.boot = kernel.boot;
    check_counts(kept.counts);
    pvops_console_drain();
    pvops_cpu_teardown(&cpu_at(0)->pvops);
    kept.handed = (struct pvops_resources){
        .xen_shared_info = resources->xen_shared_info,
    };
    memcpy(kept.painted, ram, sizeof(ram));
    kept.painted_count = ram_count;

    restart_leave_tables();
    for (size_t i = 0; i < kept.painted_count; i++)
        fill(layout_va(kept.painted[i].base), (size_t)kept.painted[i].bytes,
             paint);
    fill_bank(restart_bank(), paint);
    kept.round++;
    fill_bank(restart_bank(), 0);
    restart_enter(kept.door, kept.info, kept.magic);
}

void restart_end(void)
{
    if (!wanted())
        return;
    if (kept.round)
        check_run(&check_leftovers);
    if (kept.round == wanted())
        return;
    check_run(&check_others);
    if (cpus_count() == 1 && kept.door != DOOR_XEN_PV)
        restart();
}
