/* SPDX-License-Identifier: MIT */
/*
 * Text of a test (seal_text.h).
 */
#define _GNU_SOURCE
#include "seal_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct text text;

static void must(bool condition, const char *what)
{
    if (condition)
        return;
    perror(what);
    exit(1);
}

/* The same memory twice: 64-bit code in the first 2 GiB, as the program is. */
static void map_text(void)
{
    int file = memfd_create("text", 0);
    void *run, *alias;

    must(file >= 0 && ftruncate(file, TEXT_BYTES) == 0, "memfd");
    run = mmap(NULL, TEXT_BYTES, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_32BIT,
               file, 0);
    alias = mmap(NULL, TEXT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    must(run != MAP_FAILED && alias != MAP_FAILED, "mmap");
    close(file);
    text.run = run;
    text.alias = alias;
    text.records =
        mmap(NULL, TEXT_RECORDS * sizeof(int32_t), PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    must(text.records != MAP_FAILED, "mmap");
}

void text_start(void)
{
    static const struct pvi_backend none = { .name = "test" };
    struct text fresh = { 0 };

    if (!text.run)
        map_text();
    fresh.run = text.run;
    fresh.alias = text.alias;
    fresh.records = text.records;
    fresh.sites.start = text.records;
    fresh.sites.stop = text.records;
    text = fresh;
    memset(text.alias, 0xcc, TEXT_BYTES);
    memset(&pvi, 0, sizeof(pvi));
    pvi.stage = PVI_STAGE_BOOT_CPU;
    pvi.backend = &none;
    pvi_tables_native();
}

uint8_t *text_bytes(const void *bytes, size_t size)
{
    uint8_t *where = text.run + text.at;

    must(text.at + size <= TEXT_BYTES, "text is full");
    memcpy(text.alias + text.at, bytes, size);
    text.at += size;
    return where;
}

void text_record(const uint8_t *site)
{
    int32_t *record = text.records + (text.sites.stop - text.records);

    must(record < text.records + TEXT_RECORDS, "records are full");
    *record = (int32_t)((intptr_t)site - (intptr_t)record);
    text.sites.stop = record + 1;
}

uint8_t *text_site_of(unsigned second, const void *slot)
{
    uint8_t bytes[PVI_SITE_BYTES] = { 0xff, (uint8_t)second };
    uint32_t operand = (uint32_t)(uintptr_t)slot;
    uint8_t *site;

    if (sizeof(void *) == 8)
        operand -= (uint32_t)(uintptr_t)(text.run + text.at + PVI_SITE_BYTES);
    memcpy(bytes + 2, &operand, 4);
    site = text_bytes(bytes, sizeof(bytes));
    text_record(site);
    return site;
}

uint8_t *text_call(const void *slot)
{
    return text_site_of(0x15, slot);
}

uint8_t *text_jump(const void *slot)
{
    return text_site_of(0x25, slot);
}

uint8_t *text_function(const void *slot)
{
    uint8_t *function = text_call(slot);

    text_ret();
    return function;
}

void text_ret(void)
{
    static const uint8_t ret = 0xc3;

    text_bytes(&ret, 1);
}

void *text_host_text(const void *at, size_t bytes)
{
    size_t offset = (size_t)((const uint8_t *)at - text.run);

    must(offset + bytes <= TEXT_BYTES, "alias of what is no text");
    text.aliases++;
    if (text.refuse_all || at == text.refuse)
        return NULL;
    if (text.wrong_alias)
        offset = TEXT_BYTES - 64;
    return text.alias + offset;
}

void text_host_log(const char *line)
{
    text.lines++;
    snprintf(text.line, sizeof(text.line), "%s", line);
}
