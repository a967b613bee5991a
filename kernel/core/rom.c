/* SPDX-License-Identifier: MIT */
/*
 * The ROM with pvk's backend: where libpvops looks for it, who allows it, and
 * what it serves.
 */
#include "core/rom.h"

#include <pvops/config.h>

#include "arch/layout.h"
#include "arch/paging.h"
#include "core/log.h"
#include "core/main.h"
#include "core/modules.h"
#include "core/pages.h"
#include "core/text.h"

#if PVOPS_VMI

enum { MOST_CALLS = 256, SHA256_BYTES = 32, LINE_BYTES = 100 };

#ifdef __x86_64__
/* Room for the longest ROM and the most state: 31 and 64 pages. */
static uint8_t area[95 * PAGE_BYTES] __attribute__((aligned(4096)));
#endif

/* The hash that the command line asks for; empty: any will do. */
static char wanted[2 * SHA256_BYTES + 1];

const struct pvops_rom_options *rom_options(void)
{
    static struct pvops_rom_options options;
    const char *word = option("rom");

    if (word && text_equal(word, "no"))
        return NULL;
    for (unsigned i = 0; word && *word && i < sizeof(wanted) - 1; i++)
        wanted[i] = *word++;
    /* What is longer is no hash. */
    if (word && *word)
        wanted[0] = '?';
    options = (struct pvops_rom_options){ .rsdp = kernel.boot.rsdp };
#ifdef __x86_64__
    options.area = area;
    options.area_bytes = sizeof(area);
    if (kernel.boot.module_count)
        options.module = modules_map(0, &options.module_bytes);
#else
    options.linear = LAYOUT_DIRECT;
    options.linear_bytes = LAYOUT_DIRECT_END;
    options.top = LAYOUT_OWN + LAYOUT_OWN_BYTES;
#endif
    return &options;
}

/* Whether 'text' is these bytes in hexadecimal. */
static bool is_hex(const char *text, const uint8_t bytes[SHA256_BYTES])
{
    for (unsigned i = 0; i < 2 * SHA256_BYTES; i++) {
        unsigned digit = bytes[i / 2] >> (i % 2 ? 0 : 4) & 15;

        if (text[i] != "0123456789abcdef"[digit])
            return false;
    }
    return text[2 * SHA256_BYTES] == '\0';
}

bool rom_allowed(const struct pvops_rom *rom)
{
    return !*wanted || is_hex(wanted, rom->sha256);
}

void rom_protect(void)
{
#ifdef __x86_64__
    const struct pvops_rom *rom = pvops_rom_in_use();

    for (size_t done = 0; rom && done < rom->bytes; done += PAGE_BYTES)
        paging_protect((uintptr_t)rom->image + done, false);
#endif
}

static bool is_served(const struct pvops_rom *rom, unsigned call)
{
    return rom->calls[call / 32] >> call % 32 & 1;
}

/* " NAME NAME", as many as fit, from 'call' on; the next one. */
static unsigned append_names(char line[LINE_BYTES], const struct pvops_rom *rom,
                             unsigned call)
{
    size_t used = 0;

    for (; call < MOST_CALLS; call++) {
        const char *name = pvops_rom_call_name(call);
        size_t length = 0;

        if (!is_served(rom, call) || !name)
            continue;
        while (name[length])
            length++;
        if (used + length + 2 > LINE_BYTES)
            break;
        line[used++] = ' ';
        while (*name)
            line[used++] = *name++;
    }
    line[used] = '\0';
    return call;
}

void rom_describe(void)
{
    static const char *const places[] = {
        [PVOPS_ROM_OPTION] = "an option ROM",
        [PVOPS_ROM_ACPI] = "the ACPI table",
        [PVOPS_ROM_ACPI_REGION] = "memory that the ACPI table names",
        [PVOPS_ROM_MODULE] = "the first module",
    };
    const struct pvops_rom *rom = pvops_rom_in_use();
    unsigned call = 0;

    if (!rom)
        return;
    log_plain("PVLAB INFO rom=%s", rom->product ? rom->product : "unnamed");
    log_line("rom: %s, %zu bytes at %p from %s",
             rom->whole ? "whole" : "partial", rom->bytes, rom->image,
             places[rom->place]);
    while (call < MOST_CALLS) {
        char line[LINE_BYTES];

        call = append_names(line, rom, call);
        if (*line)
            log_line("rom serves%s", line);
    }
}

#else

const struct pvops_rom_options *rom_options(void)
{
    return NULL;
}

bool rom_allowed(const struct pvops_rom *rom)
{
    (void)rom;
    return false;
}

void rom_protect(void)
{
}

void rom_describe(void)
{
}

#endif
