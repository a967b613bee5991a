/* SPDX-License-Identifier: MIT */
/*
 * Seeds for sites_fuzz: sites_seeds FOLDER writes ELFs with call sites, tables,
 * bodies and two backends, one of them with ops of its own.
 */
#include "elf_builder.h"
#include "seed_file.h"
#include "site_code.h"

#include <string.h>

static const char *const ops[] = {
#define PVOPS_OP(chapter, name, class) #chapter "_" #name,
#include "ops.def"
#undef PVOPS_OP
};
enum { OPS = sizeof(ops) / sizeof(ops[0]) };

/* Places in the one segment, from BASE. */
enum {
    BASE = 0x100000,
    TABLES = 0,
    NATIVES = 0x100,
    BODIES = 0x200,
    OWN_OPS = 0x280,
    WHEN = 0x2e0,
    RECORDS = 0x300,
    SITES = 0x320,
    MEMORY = 0x340,
};

static struct elf_builder elf;
static char names[4096];
static size_t names_size;
static uint8_t memory[MEMORY];
static size_t symbols;
static bool is64;

static void put(size_t at, size_t width, uint64_t value)
{
    for (size_t i = 0; i < width; i++)
        memory[at + i] = (uint8_t)(value >> 8 * i);
}

static void symbol(const char *kind, const char *name, size_t at)
{
    size_t offset;

    offset = elf_builder_symbol(&elf, (uint32_t)names_size, STB_GLOBAL,
                                STT_OBJECT, 1, BASE + at);
    if (!symbols)
        symbols = offset;
    names_size +=
        1 + (size_t)snprintf(names + names_size, sizeof(names) - names_size,
                             "%s%s", kind, name);
}

static void fill_memory(void)
{
    size_t width = is64 ? 8 : 4;

    memset(memory, 0x90, sizeof(memory));
    /* NOP; a body of one byte for the first native function. */
    memset(memory + BODIES, 0, 0x20);
    put(BODIES, 4, (uint32_t)(NATIVES - BODIES));
    put(BODIES + 4, 4, 0x012e0100);
    /* irq_disable: own function, on a condition; then the end. */
    memset(memory + OWN_OPS, 0, 6 * width);
    put(OWN_OPS, width, BASE + TABLES + width);
    put(OWN_OPS + width, width, BASE + NATIVES + 0x40);
    put(OWN_OPS + 2 * width, width, BASE + WHEN);
    strcpy((char *)memory + WHEN, "sometimes");
    for (unsigned i = 0; i < 3; i++) {
        size_t site = SITES + 6 * i;

        put(RECORDS + 4 * i, 4, (uint32_t)(site - (RECORDS + 4 * i)));
        put(site, 2, 0x15ff);
        put(site + 2, 4,
            is64 ? (uint32_t)(TABLES + width * i - (site + 6))
                 : (uint32_t)(BASE + TABLES + width * i));
    }
}

static void add_symbols(void)
{
    size_t width = is64 ? 8 : 4, slot = TABLES;

    names_size = 1;
    symbols = 0;
    for (unsigned i = 0; i < OPS; i++) {
        size_t chapter = (size_t)(strchr(ops[i], '_') - ops[i]);

        if (i == 0 || strncmp(ops[i], ops[i - 1], chapter + 1) != 0) {
            char table[32];

            snprintf(table, sizeof(table), "%.*s_table", (int)chapter, ops[i]);
            symbol("pvops_", table, slot);
        }
        symbol("pvi_native_", ops[i], NATIVES + 2 * i);
        slot += width;
    }
    symbol("pvi_backend_", "native", 0);
    symbol("pvi_backend_", "own", 0);
    symbol("pvi_bodies_", "native", BODIES);
    symbol("pvi_ops_", "own", OWN_OPS);
    symbol("__start_", "pvops_sites", RECORDS);
    symbol("__stop_", "pvops_sites", RECORDS + 12);
}

static void make(bool wide)
{
    size_t at, end, strings;

    is64 = wide;
    fill_memory();
    elf_builder_start(&elf, is64);
    at = elf_builder_add(&elf, 16, memory, sizeof(memory));
    elf_builder_segment(&elf, PT_LOAD, at, sizeof(memory), BASE, BASE, 16);
    add_symbols();
    end = elf.size;
    strings = elf_builder_add(&elf, 1, names, names_size);
    elf_builder_section(&elf, ".strtab", SHT_STRTAB, strings, names_size, 0, 0,
                        1);
    elf_builder_section(&elf, ".symtab", SHT_SYMTAB, symbols, end - symbols, 1,
                        is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym), 8);
    elf_builder_finish(&elf);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: sites_seeds FOLDER\n");
        return 2;
    }
    make(true);
    seed_file_write(argv[1], "sites-64", "", 0, elf.data, elf.size);
    make(false);
    seed_file_write(argv[1], "sites-32", "", 0, elf.data, elf.size);
    return 0;
}
