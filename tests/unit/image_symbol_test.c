/* SPDX-License-Identifier: MIT */
/*
 * image: a symbol has the address that nm would print, and where that is in
 * doubt there is a sentence instead.
 *
 * Sources: those named in lab/image/symbol.c.
 *
 * Damage that was tried, in image/symbol.c: locals taken for globals, SHN_UNDEF
 * taken (elf_symbols_are_found), "sh_link >" (damaged_tables_are_named), sizes
 * not summed up (overlapping_tables_are_refused), equal locals taken for
 * different ones, lengths not compared (system_map_is_read), 17 digits taken
 * (other_files_have_no_symbols).
 */
#include "image_expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct elf_builder elf;

/* image_symbol() of an exact copy at an odd address. */
static bool look_up(const void *bytes, size_t size, const char *name,
                    uint64_t *value, char *why)
{
    uint8_t *copy = malloc(size + 1);
    bool ok;

    assert_non_null(copy);
    memcpy(copy + 1, bytes, size);
    ok = image_symbol(copy + 1, size, name, value, why);
    free(copy);
    return ok;
}

static void expect_symbol(const void *bytes, size_t size, const char *name,
                          uint64_t want)
{
    char why[IMAGE_WHY_BYTES];
    uint64_t value = ~want;

    if (!look_up(bytes, size, name, &value, why))
        fail_msg("%s: %s", name, why);
    assert_int_equal(want, value);
}

static void expect_no_symbol(const void *bytes, size_t size, const char *name,
                             const char *sentence)
{
    char why[IMAGE_WHY_BYTES];
    uint64_t value;

    if (look_up(bytes, size, name, &value, why))
        fail_msg("%s has a value", name);
    assert_string_equal(sentence, why);
}

/* Offsets in the table of names. */
static const char names[] = "\0start\0twice\0file\0gone\0mixed\0weak\0end";
enum { START = 1, TWICE = 7, NAME_FILE = 13, GONE = 18, MIXED = 23, WEAK = 29 };
enum { END = 34 };

static void make_elf(bool is64, const char *table, uint32_t type)
{
    size_t entry = is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    size_t names_at, at;
    unsigned names_section;

    elf_builder_pvh_kernel(&elf, is64);
    /* Its last string is not ended inside it. */
    names_at = elf_builder_add(&elf, 1, names, sizeof(names) - 1);
    names_section = elf_builder_section(&elf, ".strtab", SHT_STRTAB, names_at,
                                        sizeof(names) - 1, 0, 0, 1);
    at = elf_builder_symbol(&elf, 0, STB_LOCAL, STT_NOTYPE, 0, 0);
    elf_builder_symbol(&elf, NAME_FILE, STB_LOCAL, STT_FILE, SHN_ABS, 0);
    elf_builder_symbol(&elf, START, STB_GLOBAL, STT_FUNC, 1, 0x80100000);
    elf_builder_symbol(&elf, TWICE, STB_LOCAL, STT_FUNC, 1, 0x80100010);
    elf_builder_symbol(&elf, TWICE, STB_LOCAL, STT_FUNC, 1, 0x80100020);
    elf_builder_symbol(&elf, GONE, STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
    elf_builder_symbol(&elf, MIXED, STB_LOCAL, STT_OBJECT, 1, 0x80100030);
    elf_builder_symbol(&elf, MIXED, STB_GLOBAL, STT_OBJECT, 1, 0x80100040);
    elf_builder_symbol(&elf, MIXED, STB_LOCAL, STT_OBJECT, 1, 0x80100050);
    elf_builder_symbol(&elf, WEAK, STB_WEAK, STT_NOTYPE, SHN_ABS, 0x1234);
    elf_builder_symbol(&elf, END, STB_GLOBAL, STT_NOTYPE, 1, 0x80100060);
    elf_builder_symbol(&elf, UINT32_MAX, STB_GLOBAL, STT_NOTYPE, 1, 1);
    elf_builder_section(&elf, table, type, at, elf.size - at, names_section,
                        entry, 8);
    elf_builder_finish(&elf);
}

static void elf_symbols_are_found(void **state)
{
    (void)state;
    for (int is64 = 0; is64 < 2; is64++) {
        for (int dynamic = 0; dynamic < 2; dynamic++) {
            if (dynamic)
                make_elf(is64, ".dynsym", SHT_DYNSYM);
            else
                make_elf(is64, ".symtab", SHT_SYMTAB);
            expect_symbol(elf.data, elf.size, "start", 0x80100000);
            expect_symbol(elf.data, elf.size, "mixed", 0x80100040);
            expect_symbol(elf.data, elf.size, "weak", 0x1234);
            expect_no_symbol(elf.data, elf.size, "twice",
                             "ELF has several local symbols 'twice' (at "
                             "0x80100010 and 0x80100020): give an address");
            expect_no_symbol(elf.data, elf.size, "file",
                             "ELF has no symbol 'file'");
            expect_no_symbol(elf.data, elf.size, "gone",
                             "ELF has no symbol 'gone'");
            expect_no_symbol(elf.data, elf.size, "star",
                             "ELF has no symbol 'star'");
            expect_no_symbol(elf.data, elf.size, "tart2",
                             "ELF has no symbol 'tart2'");
            expect_no_symbol(elf.data, elf.size, "end",
                             "ELF has no symbol 'end'");
            expect_no_symbol(elf.data, elf.size, "", "symbol's name is empty");
        }
    }
}

static void damaged_tables_are_named(void **state)
{
    /* .symtab is section 2 of 4, and their table is at the file's end. */
    enum { FROM_END = 2 * sizeof(Elf64_Shdr) };
    /* clang-format off */
    static const struct {
        size_t field, width;
        uint64_t value;
        const char *sentence;
    } rows[] = {
        { offsetof(Elf64_Shdr, sh_offset), 8, UINT64_MAX - 8,
          "ELF: symbol table in section 2 lies beyond the end of the file "
          "(offset 18446744073709551607, 288 bytes)" },
        { offsetof(Elf64_Shdr, sh_size), 8, UINT64_MAX - 8,
          "ELF: symbol table in section 2 lies beyond the end of the file "
          "(offset 384, 18446744073709551607 bytes)" },
        { offsetof(Elf64_Shdr, sh_link), 4, 4,
          "ELF: symbol table in section 2 has its names in section 4, which "
          "is missing" },
        { offsetof(Elf64_Shdr, sh_entsize), 8, 0,
          "ELF: symbol table in section 2 has entries of 0 bytes instead of "
          "24" },
        { offsetof(Elf64_Shdr, sh_type), 4, SHT_PROGBITS,
          "ELF is stripped: it has no symbol table" },
        { offsetof(Elf64_Shdr, sh_size), 8, 0,
          "ELF is stripped: it has no symbol table" },
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        make_elf(true, ".symtab", SHT_SYMTAB);
        elf_builder_put(&elf, elf.size - FROM_END + rows[i].field,
                        rows[i].width, rows[i].value);
        expect_no_symbol(elf.data, elf.size, "start", rows[i].sentence);
    }
    elf_builder_pvh_kernel(&elf, true);
    expect_no_symbol(elf.data, elf.size, "start",
                     "ELF is stripped: it has no symbol table");
    elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_type), 2, ET_REL);
    expect_no_symbol(elf.data, elf.size, "start",
                     "ELF is a relocatable object: its symbols have no "
                     "addresses yet");
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    make_elf(true, ".symtab", SHT_SYMTAB);
    for (size_t size = 0; size < elf.size; size++) {
        char why[IMAGE_WHY_BYTES];
        uint64_t value;

        assert_false(look_up(elf.data, size, "start", &value, why));
        assert_true(why[0]);
    }
}

/* e_shnum 0: section 0 has the number, as with over 65279 sections. */
static void extended_numbering_is_read(void **state)
{
    size_t table;

    (void)state;
    make_elf(true, ".symtab", SHT_SYMTAB);
    table = elf.size - 4 * sizeof(Elf64_Shdr);
    elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_shnum), 2, 0);
    elf_builder_put(&elf, table + offsetof(Elf64_Shdr, sh_size), 8, 4);
    expect_symbol(elf.data, elf.size, "start", 0x80100000);
    elf_builder_put(&elf, table + offsetof(Elf64_Shdr, sh_size), 8,
                    UINT64_MAX / 64 + 2);
    expect_no_symbol(elf.data, elf.size, "start",
                     "ELF: 288230376151711745 section headers at 704 lie "
                     "beyond the end of the file (960 bytes)");
}

static void overlapping_tables_are_refused(void **state)
{
    enum { SIZE = 1 << 20, SECTIONS = 8000 };
    static uint8_t file[SIZE];
    Elf64_Shdr section = {
        .sh_type = SHT_SYMTAB,
        .sh_offset = SIZE / 2,
        .sh_size = SIZE / 2,
        .sh_entsize = sizeof(Elf64_Sym),
    };
    Elf64_Ehdr header;
    clock_t before;

    (void)state;
    elf_builder_kernel(&elf, true);
    memcpy(&header, elf.data, sizeof(header));
    header.e_shoff = 512;
    header.e_shnum = SECTIONS;
    header.e_phnum = 0;
    memcpy(file, &header, sizeof(header));
    for (unsigned i = 1; i < SECTIONS; i++)
        memcpy(file + 512 + i * sizeof(section), &section, sizeof(section));
    before = clock();
    expect_no_symbol(file, sizeof(file), "start", "ELF: symbol tables overlap");
    /* Unbounded it takes seconds; with sanitizers 0.01 s. */
    assert_true(clock() - before < CLOCKS_PER_SEC);
}

static void system_map_is_read(void **state)
{
    static const char map[] = "0000000000000000 D __per_cpu_start\n"
                              "ffffffff81000000 T _text\n"
                              "ffffffff81000010 t twice\n"
                              "ffffffff81000020 t twice\n"
                              "ffffffff81000030 t mixed\n"
                              "ffffffff81000040 T mixed\n"
                              "ffffffff81000050 t same\r\n"
                              "ffffffff81000050 t same\n"
                              "                 w absent\n"
                              "ffffffff81000070 U absent\n"
                              "\n"
                              "ffffffffc0000000 t in_module\t[module]\n"
                              "C0100000 W last";

    (void)state;
    expect_symbol(map, strlen(map), "__per_cpu_start", 0);
    expect_symbol(map, strlen(map), "_text", 0xffffffff81000000);
    expect_symbol(map, strlen(map), "mixed", 0xffffffff81000040);
    expect_symbol(map, strlen(map), "same", 0xffffffff81000050);
    expect_symbol(map, strlen(map), "in_module", 0xffffffffc0000000);
    expect_symbol(map, strlen(map), "last", 0xc0100000);
    expect_no_symbol(map, strlen(map) - 1, "last",
                     "System.map has no symbol 'last'");
    expect_no_symbol(map, strlen(map), "twice",
                     "System.map has several local symbols 'twice' (at "
                     "0xffffffff81000010 and 0xffffffff81000020): give an "
                     "address");
    expect_no_symbol(map, strlen(map), "absent",
                     "System.map has no symbol 'absent'");
    expect_no_symbol(map, strlen(map), "_tex",
                     "System.map has no symbol '_tex'");
}

static void other_files_have_no_symbols(void **state)
{
    /* clang-format off */
    static const struct {
        const char *text;
        const char *sentence;
    } rows[] = {
        { "", "file is empty" },
        { "hello\n", "neither an ELF nor a System.map" },
        { "ffffffff81000000 T _text\nhello\n",
          "System.map: line 2 is not \"ADDRESS TYPE NAME\"" },
        { "ffffffff81000000 T _text\nfffffffff81000000 T x\n",
          "System.map: line 2 is not \"ADDRESS TYPE NAME\"" },
        { "ffffffff81000000 T _text\nffffffff81000000 T ",
          "System.map: line 2 is not \"ADDRESS TYPE NAME\"" },
        { "ffffffff81000000 T _text\nffffffff81000000  T x",
          "System.map: line 2 is not \"ADDRESS TYPE NAME\"" },
        { "ffffffffffffffff B The real one is elsewhere\n",
          "System.map is Debian's placeholder: the real one is in the "
          "kernel's -dbg package" },
        { "\x1f\x8b\x08", "file is packed with gzip: unpack it first" },
    };
    /* clang-format on */
    uint8_t bzimage[600] = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_no_symbol(rows[i].text, strlen(rows[i].text), "start",
                         rows[i].sentence);
    memcpy(bzimage + 0x1fe, "\x55\xaa", 2);
    memcpy(bzimage + 0x202, "HdrS", 4);
    expect_no_symbol(bzimage, sizeof(bzimage), "start",
                     "bzImage has no symbols: give its vmlinux or System.map");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(elf_symbols_are_found),
        cmocka_unit_test(damaged_tables_are_named),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(extended_numbering_is_read),
        cmocka_unit_test(overlapping_tables_are_refused),
        cmocka_unit_test(system_map_is_read),
        cmocka_unit_test(other_files_have_no_symbols),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
