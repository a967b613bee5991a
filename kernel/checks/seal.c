/* SPDX-License-Identifier: MIT */
/*
 * Sealing: every site is direct and right, a wrong byte is found.
 */
#include <pvops/pvops.h>

#include "checks/check.h"
#include "core/main.h"

enum { SITE_BYTES = 6 };

static const uint8_t *site_of(const int32_t *record)
{
    return (const uint8_t *)record + *record;
}

/* "call *table" and "jmp *table", by absolute address or by RIP. */
static bool is_indirect(const uint8_t *site)
{
    return site[0] == 0xff && (site[1] == 0x15 || site[1] == 0x25);
}

/*
 * All were sealed, libpvops finds each as it left it, and pvk finds no
 * indirect call at any.
 *
 * Damage:  seal.c: write_site() does not write, pvops_seal() does not look.
 */
static void sites(void)
{
    unsigned count = (unsigned)(kernel.sites.stop - kernel.sites.start);
    const void *bad = NULL;

    if (kernel.unsealed) {
        check_skip("unsealed, as the command line asks");
        return;
    }
    CHECK(kernel.sites.sealed == count && !kernel.sites.left,
          "%u of %u sites are sealed, %u left", kernel.sites.sealed, count,
          kernel.sites.left);
    CHECK(pvops_verify(&kernel.sites, &bad) == PVOPS_OK,
          "site %p is not as it was sealed", bad);
    for (unsigned i = 0; i < count; i++)
        CHECK(!is_indirect(site_of(&kernel.sites.start[i])),
              "an indirect call is left at %p",
              (const void *)site_of(&kernel.sites.start[i]));
}
const struct check check_sites = { "sites-sealed-and-right", sites };

/* One site that nobody runs. */
__attribute__((noinline, used)) static uintptr_t victim(void)
{
    return pvops_irq_save_flags();
}

static const uint8_t *victims_site(void)
{
    const int32_t *record = kernel.sites.start;
    const uint8_t *best = NULL;

    for (; record < kernel.sites.stop; record++) {
        const uint8_t *site = site_of(record);

        if ((uintptr_t)site >= (uintptr_t)victim && (!best || site < best))
            best = site;
    }
    return best;
}

/*
 * Each byte of a site in turn is made wrong, and found; put right again, all
 * is well.
 *
 * Damage:  seal.c, pvops_verify(): returns PVOPS_OK.
 */
static void injected(void)
{
    const uint8_t *site = victims_site();
    const void *bad = NULL;

    if (check_needs_sites())
        return;
    if (kernel.unsealed) {
        check_skip("unsealed, as the command line asks");
        return;
    }
    CHECK(site, "there is no site to damage");
    for (unsigned i = 0; i < SITE_BYTES; i++) {
        uint8_t *alias = pvops_host_text(site, SITE_BYTES);
        enum pvops_status status;

        alias[i] ^= 0x55;
        status = pvops_verify(&kernel.sites, &bad);
        alias = pvops_host_text(site, SITE_BYTES);
        alias[i] ^= 0x55;
        CHECK(status == PVOPS_E_CORRUPT, "wrong byte %u of %p is not found", i,
              (const void *)site);
        CHECK(!bad || bad == site, "%p is said to be wrong instead of %p", bad,
              (const void *)site);
    }
    CHECK(pvops_verify(&kernel.sites, &bad) == PVOPS_OK,
          "put right again, %p is still said to be wrong", bad);
}
const struct check check_injected = { "wrong-byte-found", injected };
