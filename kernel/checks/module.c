/* SPDX-License-Identifier: MIT */
/*
 * A module that is loaded after the kernel was sealed is sealed too.
 */
#include <pvops/pvops.h>

#include <string.h>

#include "checks/check.h"
#include "core/heap.h"
#include "core/main.h"
#include "module/module.h"

extern uint8_t module_start[], module_stop[];
extern const int32_t module_sites_start[], module_sites_stop[];

/* What a loader does with the module's relocations: the tables are where they
 * were, the module is not. On i386 the operands are absolute. */
static void relocate(struct pvops_sites *sites, uint8_t *copy)
{
#ifdef __x86_64__
    for (const int32_t *record = sites->start; record < sites->stop; record++) {
        uint8_t *operand = (uint8_t *)(uintptr_t)record + *record + 2;
        int32_t distance;

        memcpy(&distance, operand, sizeof(distance));
        distance += (int32_t)(module_start - copy);
        memcpy(operand, &distance, sizeof(distance));
    }
#else
    (void)sites;
    (void)copy;
#endif
}

static uint8_t *load(struct pvops_sites *out_sites)
{
    size_t bytes = (size_t)(module_stop - module_start);
    uint8_t *copy = heap_alloc(bytes);

    if (!copy)
        return NULL;
    memcpy(copy, module_start, bytes);
    *out_sites = (struct pvops_sites){
        .start = (const int32_t *)(copy + ((const uint8_t *)module_sites_start -
                                           module_start)),
        .stop = (const int32_t *)(copy + ((const uint8_t *)module_sites_stop -
                                          module_start)),
        .keep_start = copy,
        .keep_stop = copy + bytes,
    };
    relocate(out_sites, copy);
    return copy;
}

static bool says_right(uint8_t *copy)
{
    void (*entry)(struct module_says *) = (void (*)(struct module_says *))(
        uintptr_t)(copy + ((uintptr_t)module_entry - (uintptr_t)module_start));
    uint64_t before = pvops_time_now_ns();
    struct module_says says;

    memset(&says, 0, sizeof(says));
    entry(&says);
    return says.off && says.on && says.cr3 == pvops_mmu_read_cr3() &&
           says.now_ns >= before;
}

/*
 * It works through the tables, is sealed with its own records, works again,
 * and is verified apart from the kernel.
 *
 * Damage:  seal.c, pvops_seal(): refuses once it was sealed.
 */
static void module(void)
{
    struct pvops_sites sites;
    uint8_t *copy = load(&sites);
    unsigned count;
    const void *bad = NULL;

    CHECK(copy, "no memory for the module");
    if (check_needs_sites()) {
        heap_free(copy);
        return;
    }
    CHECK(says_right(copy), "through the tables it is wrong");
    if (kernel.unsealed) {
        heap_free(copy);
        check_skip("unsealed, as the command line asks");
        return;
    }
    count = (unsigned)(sites.stop - sites.start);
    CHECK(pvops_seal(&sites) == PVOPS_OK, "it is not sealed");
    CHECK(sites.sealed == count && count >= 5 && !sites.left,
          "%u of %u sites are sealed", sites.sealed, count);
    CHECK(says_right(copy), "sealed it is wrong");
    CHECK(pvops_verify(&sites, &bad) == PVOPS_OK,
          "site %p is not as it was sealed", bad);
    copy[(size_t)((const uint8_t *)sites.start + *sites.start - copy)] ^= 0x55;
    CHECK(pvops_verify(&sites, NULL) == PVOPS_E_CORRUPT,
          "a wrong byte in it is not found");
    CHECK(pvops_verify(&kernel.sites, NULL) == PVOPS_OK,
          "a wrong byte in it counts as the kernel's");
    heap_free(copy);
}
const struct check check_module = { "module-sealed", module };
