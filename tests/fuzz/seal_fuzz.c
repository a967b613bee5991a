/* SPDX-License-Identifier: MIT */
/*
 * pvops_seal() and pvops_verify(): whatever the text and the records are, all
 * is sealed and nothing else is touched, or nothing is written at all.
 *
 * Input: what the ops are (a byte), then pieces of text: see piece(). Records
 * lead anywhere into the text, since what a kernel has not mapped cannot be
 * read by anybody.
 * Seeds: none are needed; each kind of piece is one byte away.
 *
 * Tried: check_records() left out, jumps taken for calls, sites of cold ops
 * accepted, 'refused' not counted, or a sum without one bit of each byte: each
 * is found within 20,000 runs.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    TEXT = 4096,
    RECORDS = 256,
    EDGE = PVI_SITE_BYTES, /* a record to the last byte reads beyond it */
};

/* Within the program, so near the tables; never executed. */
static uint8_t text[TEXT + EDGE], before[TEXT + EDGE], sealed[TEXT + EDGE];
static int32_t records[RECORDS];
static size_t at, record_count;
static const uint8_t *refused;

struct pvi_state pvi;
struct pvi_body pvi_vmi_bodies[1]; /* no ROM */

static void require(bool condition)
{
    if (!condition)
        abort();
}

void *pvops_host_text(const void *site, size_t bytes)
{
    require(bytes == PVI_SITE_BYTES && (const uint8_t *)site >= text &&
            (const uint8_t *)site + bytes <= text + sizeof(text));
    return site == refused ? NULL : (void *)(uintptr_t)site;
}

bool pvops_host_rom(const struct pvops_rom *rom)
{
    (void)rom;
    return false;
}

/* Of log.c, which is not what is tested. */
void pvi_log(enum pvops_log_level level, const char *format, ...)
{
    (void)level;
    require(format[0] != '\0');
}

static const struct {
    void *slot;
    char class;
} ops[] = {
#define PVOPS_OP(chapter, name, class)                                         \
    { &pvops_##chapter##_table.name, #class[0] },
#include "ops.def"
#undef PVOPS_OP
};
enum { OPS = sizeof(ops) / sizeof(ops[0]) };

struct pvops_irq_table pvops_irq_table;
struct pvops_cpu_table pvops_cpu_table;
struct pvops_mmu_table pvops_mmu_table;
struct pvops_time_table pvops_time_table;

static void own(void)
{
}

/* Every op native, or a function of one's own, or one out of reach. */
static void fill_tables(unsigned choice)
{
    static void (*const functions[])(void) = {
        (void (*)(void))pvi_native_irq_disable,
        (void (*)(void))pvi_native_irq_enable,
        (void (*)(void))pvi_native_irq_save_flags,
        pvi_native_cpu_entry,
        pvi_native_cpu_iret,
        own,
        (void (*)(void))UINT64_C(0x123456789abc),
    };

    for (unsigned i = 0; i < OPS; i++)
        memcpy(ops[i].slot, &functions[(choice + i) % 7], sizeof(void *));
}

static void add_record(size_t offset)
{
    if (record_count < RECORDS && offset < TEXT) {
        records[record_count] = (int32_t)((intptr_t)&text[offset] -
                                          (intptr_t)&records[record_count]);
        record_count++;
    }
}

static void add_site(const uint8_t *in)
{
    uint32_t operand = (uint32_t)((uintptr_t)ops[in[1] % OPS].slot -
                                  ((uintptr_t)&text[at] + PVI_SITE_BYTES));

    if (at + PVI_SITE_BYTES > TEXT)
        return;
    text[at] = 0xff;
    text[at + 1] = in[0] & 0x80 ? 0x25 : 0x15;
    memcpy(&text[at + 2], &operand, sizeof(operand));
    if (in[0] & 0x40)
        add_record(at);
    at += PVI_SITE_BYTES;
}

/* Three bytes of input: what, and two more. */
static void piece(const uint8_t in[3])
{
    switch (in[0] & 3) {
    case 0: /* a site; 0x80: jumped to, 0x40: recorded */
        add_site(in);
        break;
    case 1: /* a byte */
        if (at < TEXT)
            text[at++] = in[1];
        break;
    case 2: /* go on elsewhere */
        at = (in[1] | in[2] << 8) % TEXT;
        break;
    case 3: /* a record to anywhere */
        add_record((size_t)(in[1] | in[2] << 8));
        break;
    }
}

static const uint8_t *site(size_t record)
{
    return (const uint8_t *)&records[record] + records[record];
}

/* Seen from here: what a record must lead to, in text that was never sealed. */
static bool is_site(const uint8_t *bytes)
{
    for (unsigned i = 0; i < OPS; i++) {
        uint32_t operand = (uint32_t)((uintptr_t)ops[i].slot -
                                      ((uintptr_t)bytes + PVI_SITE_BYTES));

        if (ops[i].class != 'C' && bytes[0] == 0xff &&
            bytes[1] == (ops[i].class == 'T' ? 0x25 : 0x15) &&
            !memcmp(bytes + 2, &operand, 4))
            return true;
    }
    return false;
}

/* Two sites that share bytes: no compiler makes them, and no promise holds. */
static bool overlap(void)
{
    for (size_t i = 0; i < record_count; i++) {
        for (size_t j = 0; j < i; j++) {
            ptrdiff_t distance = site(i) - site(j);

            if (distance && distance > -EDGE && distance < EDGE)
                return true;
        }
    }
    return false;
}

/* Nothing but recorded sites has changed. */
static void require_rest(void)
{
    memcpy(sealed, text, sizeof(text));
    for (size_t i = 0; i < record_count; i++)
        memcpy(&sealed[site(i) - text], &before[site(i) - text],
               PVI_SITE_BYTES);
    require(!memcmp(sealed, before, sizeof(text)));
}

static void check_verify(const struct pvops_sites *sites, unsigned bit)
{
    const void *bad;
    size_t victim;

    require(pvops_verify(sites, &bad) == PVOPS_OK && !bad);
    if (!record_count)
        return;
    victim =
        (size_t)(site(bit % record_count) - text) + bit / 8 % PVI_SITE_BYTES;
    text[victim] ^= 1u << bit % 8;
    require(pvops_verify(sites, &bad) == PVOPS_E_CORRUPT);
    text[victim] ^= 1u << bit % 8;
    require(pvops_verify(sites, NULL) == PVOPS_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pvi_backend none = { .name = "fuzz" };
    struct pvops_sites sites = { .start = records };
    enum pvops_status status;
    bool all = true, may = true;

    if (size < 2)
        return 0;
    memset(text, 0, sizeof(text));
    at = record_count = 0;
    fill_tables(data[0]);
    for (size_t i = 2; i + 3 <= size; i += 3)
        piece(data + i);
    sites.stop = records + record_count;
    refused = record_count && data[1] & 1 ? site(data[1] % record_count) : NULL;
    pvi.stage = PVI_STAGE_BOOT_CPU;
    pvi.backend = &none;
    memcpy(before, text, sizeof(text));
    if (overlap())
        return 0;
    for (size_t i = 0; i < record_count; i++) {
        /* Or what sealing makes, byte by byte, which is taken as sealed. */
        may = may && (is_site(site(i)) || *site(i) != 0xff);
        all = all && is_site(site(i));
    }

    status = pvops_seal(&sites);
    if (status == PVOPS_E_CORRUPT) {
        require(!all && !memcmp(text, before, sizeof(text)));
        return 0;
    }
    require(may);
    require(status == PVOPS_OK || (refused && status == PVOPS_E_REFUSED));
    require(sites.sealed + sites.left == record_count);
    require_rest();
    check_verify(&sites, data[1]);
    memcpy(sealed, text, sizeof(text));
    require(pvops_seal(&sites) == status);
    require(!memcmp(sealed, text, sizeof(text)));
    return 0;
}
