/* SPDX-License-Identifier: MIT */
/*
 * sites_open() and what pvlab sites prints: whatever the bytes, the answer is
 * a list of sites or a sentence.
 *
 * Input: the file. Seeds: tests/fuzz/sites_seeds.c.
 *
 * Tried: sites_elf_at() without its compare of 'size', and a table of bodies
 * without an end, are found within 100,000 runs.
 */
#include "sites/sites.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void use(const struct sites *sites)
{
    unsigned counted = 0;

    for (size_t i = 0; i < sites->site_count && i < 16; i++) {
        const struct sites_site *site = &sites->list[i];
        char text[SITES_TEXT_BYTES];

        sites_disassemble(sites, site->bytes, site->address, text);
        require(strlen(text) > 0 && strlen(text) < SITES_TEXT_BYTES);
        for (unsigned f = 0; f < sites->form_count; f++) {
            uint8_t bytes[PVI_SITE_BYTES];

            if ((int)sites->forms[f].op == site->op &&
                sites_make(sites, &sites->forms[f], site->address, bytes))
                sites_disassemble(sites, bytes, site->address, text);
        }
    }
    for (unsigned i = 0; i < sites->op_count; i++)
        counted += sites->ops[i].count;
    require(counted + sites->problems == sites->site_count);
    for (unsigned f = 0; f < sites->form_count; f++)
        require(strlen(sites->forms[f].backends) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[IMAGE_WHY_BYTES];
    struct image_bytes bytes;
    struct sites sites;
    uint8_t *copy = malloc(size + 1);

    require(copy);
    /* At an odd address, and ended by the allocation's end. */
    memcpy(copy + 1, data, size);
    bytes.data = copy + 1;
    bytes.size = size;
    if (sites_open(&bytes, &sites, why)) {
        use(&sites);
        sites_close(&sites);
    } else {
        size_t length = strnlen(why, IMAGE_WHY_BYTES);

        require(length > 0 && length < IMAGE_WHY_BYTES);
    }
    free(copy);
    return 0;
}
