/* SPDX-License-Identifier: MIT */
/*
 * The initrd's archive and the programs in it: what is found, where its parts
 * go, and for each thing that cannot be the sentence that says so.
 *
 * Source: as in kernel/exec/cpio.c and elf.c.
 *
 * Tried, each fails here: "TRAILER" enough for a trailer; the first file of a
 * name taken; each bound of read_entry() left out, or the NUL of a name; an
 * archive at any byte; each check of add_segment() and check_header() left out.
 */
#include "pvtest.h"

#include <stddef.h>

#include "exec/exec.h"
#include "mm/space.h"

enum {
    MODE_AT = 14, /* in a header of newc, as are the next two */
    FILE_SIZE_AT = 54,
    NAME_SIZE_AT = 94,
    PROGRAM = 0100755,
};

static uint8_t archive[2048];
static size_t bytes;

static void add(const char *name, const char *text)
{
    size_t name_bytes = strlen(name) + 1, size = strlen(text);

    snprintf((char *)archive + bytes, 111,
             "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1,
             PROGRAM, 0, 0, 1, 0, (unsigned)size, 0, 0, 0, 0,
             (unsigned)name_bytes, 0);
    bytes += 110;
    memcpy(archive + bytes, name, name_bytes);
    bytes = (bytes + name_bytes + 3) & ~(size_t)3;
    memcpy(archive + bytes, text, size);
    bytes = (bytes + size + 3) & ~(size_t)3;
}

static void begin(void)
{
    memset(archive, 0, sizeof(archive));
    bytes = 0;
}

static void good_archive(void)
{
    begin();
    add("init", "first");
    add("bin/true", "");
    add("TRAILER!!!", "");
}

static const char *check(void)
{
    const char *why = cpio_check(archive, bytes);

    return why ? why : "good";
}

static void expect_file(const char *path, const char *text)
{
    struct cpio_file file;

    EXPECT(cpio_find(archive, bytes, path, &file));
    EXPECT_EQ(strlen(text), file.size);
    EXPECT(!memcmp(file.bytes, text, file.size));
    EXPECT_EQ(PROGRAM, file.mode);
}

PVTEST(found, "by any spelling of the root, and by the whole name only")
{
    struct cpio_file file;

    good_archive();
    EXPECT_STR("good", check());
    expect_file("init", "first");
    expect_file("/init", "first");
    expect_file("./bin/true", "");
    EXPECT(!cpio_find(archive, bytes, "ini", &file));
    EXPECT(!cpio_find(archive, bytes, "init2", &file));
    EXPECT(!cpio_find(archive, bytes, "TRAILER!!!", &file));
}

PVTEST(last_one, "the last one of a name, in archives one behind the other")
{
    good_archive();
    bytes += 64;
    add("./init", "second");
    add("TRAILER!!!", "");
    EXPECT_STR("good", check());
    expect_file("init", "second");
    expect_file("bin/true", "");
}

/* Damage: in_folder() left out of cpio_behind_rom(), or its search for zeros.
 */
PVTEST(behind_rom, "a ROM and modules first: what follows begins behind them")
{
    size_t end;

    good_archive();
    EXPECT_EQ(0, cpio_behind_rom(archive, bytes));
    begin();
    add("pvops/rom", "a ROM");
    EXPECT_EQ(bytes, cpio_behind_rom(archive, bytes));
    add("pvops/mod/0", "another module");
    end = bytes;
    add("init", "first");
    EXPECT_EQ(end, cpio_behind_rom(archive, bytes));
    bytes = end;
    add("TRAILER!!!", "");
    EXPECT_EQ(bytes, cpio_behind_rom(archive, bytes));
    bytes += 256;
    EXPECT_EQ(bytes, cpio_behind_rom(archive, bytes));
    end = bytes;
    archive[bytes++] = 0x1f;
    EXPECT_EQ(end, cpio_behind_rom(archive, bytes));
}

PVTEST(like_a_trailer, "a name that only begins as the trailer's is a file's")
{
    begin();
    add("TRAILER!!!1", "a file");
    add("TRAILER!!!", "");
    expect_file("TRAILER!!!1", "a file");
}

PVTEST(damaged_archive, "one sentence for each")
{
    static const struct {
        size_t at;
        const char *in_place, *why;
    } rows[] = {
        { 0, "070707", "cpio: no header of a newc archive" },
        { MODE_AT, "0000x", "cpio: a number in a header is no number" },
        { FILE_SIZE_AT, "ffffffff", "cpio: a file is longer than the archive" },
        { NAME_SIZE_AT, "00000000",
          "cpio: a name is longer than the archive, or has no end" },
        { NAME_SIZE_AT, "00001000",
          "cpio: a name is longer than the archive, or has no end" },
        { NAME_SIZE_AT, "ffffffff",
          "cpio: a name is longer than the archive, or has no end" },
        { 110, "initx",
          "cpio: a name is longer than the archive, or has no end" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        good_archive();
        memcpy(archive + rows[i].at, rows[i].in_place,
               strlen(rows[i].in_place));
        EXPECT_STR(rows[i].why, check());
    }
    good_archive();
    memcpy(archive + NAME_SIZE_AT, "00000000\0\0\0\0\0\0\0", 16);
    EXPECT_STR("cpio: a name is longer than the archive, or has no end",
               check());
    begin();
    add("in", "");
    bytes = 110 + 3; /* of its data's place three bytes are missing */
    EXPECT_STR("cpio: a file is longer than the archive", check());
    good_archive();
    bytes = 109;
    EXPECT_STR("cpio: it ends within a header", check());
    bytes = 0;
    EXPECT_STR("cpio: nothing in it", check());
    archive[0] = 0;
    bytes = 50;
    EXPECT_STR("cpio: an archive that does not begin at a multiple of 4",
               check());
}

/* Offsets in an ELF64 header, and in the program headers behind it. */
enum {
    TYPE_AT = 16,
    MACHINE_AT = 18,
    ENTRY_AT = 24,
    HEADERS_AT = 32,
    HEADER_BYTES_AT = 54,
    COUNT_AT = 56,
    FIRST = 64, /* and FIRST + 56 */
    OFFSET = 8,
    ADDRESS = 16,
    FILE_BYTES = 32,
    BYTES = 40,
    WHOLE = 0x1400,
};

static uint8_t file[WHOLE];
static struct elf_program program;

static void put(size_t at, uint64_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        file[at + i] = (uint8_t)(value >> 8 * i);
}

static void put_segment(size_t at, uint32_t flags, uint64_t offset,
                        uint64_t address, uint64_t file_bytes, uint64_t size)
{
    put(at, 1, 4);
    put(at + 4, flags, 4);
    put(at + OFFSET, offset, 8);
    put(at + ADDRESS, address, 8);
    put(at + FILE_BYTES, file_bytes, 8);
    put(at + BYTES, size, 8);
}

static void good_program(unsigned type, uint64_t base)
{
    memset(file, 0, sizeof(file));
    memcpy(file, "\177ELF\2\1\1", 7);
    put(TYPE_AT, type, 2);
    put(MACHINE_AT, 62, 2);
    put(ENTRY_AT, base + 0x123, 8);
    put(HEADERS_AT, FIRST, 8);
    put(HEADER_BYTES_AT, 56, 2);
    put(COUNT_AT, 2, 2);
    put_segment(FIRST, 5, 0, base, 0x1008, 0x1008);
    put_segment(FIRST + 56, 6, 0x1008, base + 0x2008, 0x3f8, 0x2000);
}

static const char *read_program(uint64_t base)
{
    const char *why = elf_read(file, sizeof(file), base, &program);

    return why ? why : "good";
}

static void expect_segment(unsigned which, struct elf_segment want)
{
    const struct elf_segment *got = &program.segments[which];

    EXPECT_EQ(want.address, got->address);
    EXPECT_EQ(want.bytes, got->bytes);
    EXPECT_EQ(want.file_offset, got->file_offset);
    EXPECT_EQ(want.file_bytes, got->file_bytes);
    EXPECT_EQ(want.rights, got->rights);
}

static void expect_program(uint64_t base)
{
    EXPECT_EQ(2, program.segment_count);
    expect_segment(0, (struct elf_segment){ base, 0x2000, 0, 0x1008,
                                            SPACE_READ | SPACE_EXEC });
    expect_segment(1, (struct elf_segment){ base + 0x2000, 0x3000, 0x1000,
                                            0x400, SPACE_READ | SPACE_WRITE });
    EXPECT_EQ(base + 0x123, program.entry);
    EXPECT_EQ(base + 64, program.headers_address);
    EXPECT_EQ(2, program.header_count);
    EXPECT_EQ(base + 0x5000, program.end);
}

PVTEST(segments, "whole pages, from the file and zero behind; 'base' if free")
{
    good_program(2, 0x400000);
    EXPECT_STR("good", read_program(0x10000000));
    expect_program(0x400000);
    good_program(3, 0);
    EXPECT_STR("good", read_program(0x10000000));
    expect_program(0x10000000);
}

PVTEST(damaged_program, "one sentence for each")
{
    static const struct {
        size_t at;
        uint64_t value;
        const char *why;
    } rows[] = {
        { 0, 0, "ELF: no ELF64 file" },
        { MACHINE_AT, 3, "ELF: not for x86-64" },
        { TYPE_AT, 62 << 16 | 1, "ELF: no program" },
        { HEADERS_AT, WHOLE - 111,
          "ELF: its program headers are not in the file" },
        { HEADERS_AT, UINT64_MAX,
          "ELF: its program headers are not in the file" },
        { HEADER_BYTES_AT, 2 << 16 | 55,
          "ELF: its program headers are not in the file" },
        { ENTRY_AT, SPACE_FIRST - 1, "ELF: it begins where no program can be" },
        { ENTRY_AT, SPACE_END, "ELF: it begins where no program can be" },
        { FIRST, 3, "ELF: it wants an interpreter" },
        { FIRST + 56 + FILE_BYTES, WHOLE - 0x1008 + 1,
          "ELF: a segment is longer than the file" },
        { FIRST + OFFSET, UINT64_MAX - 0xfff,
          "ELF: a segment is longer than the file" },
        { FIRST + BYTES, 0x1007, "ELF: a segment is longer than the file" },
        { FIRST + OFFSET, 8,
          "ELF: a segment's offset does not fit its address" },
        { FIRST + ADDRESS, SPACE_FIRST - 0x1000,
          "ELF: a segment is where no program can be" },
        { FIRST + ADDRESS, UINT64_MAX - 0x1fff,
          "ELF: a segment is where no program can be" },
        { FIRST + ADDRESS, SPACE_END - 0x1000,
          "ELF: a segment is where no program can be" },
        { FIRST + BYTES, UINT64_MAX,
          "ELF: a segment is where no program can be" },
        { FIRST + 56 + ADDRESS, 0x401008,
          "ELF: segments out of order, or one over the other" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        good_program(2, 0x400000);
        put(rows[i].at, rows[i].value, rows[i].at < ENTRY_AT ? 4 : 8);
        EXPECT_STR(rows[i].why, read_program(0));
    }
    good_program(2, 0x400000);
    put(COUNT_AT, 0, 2);
    EXPECT_STR("ELF: nothing to load", read_program(0));
}

PVTEST(many_segments, "as many as there is room for")
{
    good_program(2, 0x400000);
    put(COUNT_AT, ELF_SEGMENTS, 2);
    for (unsigned i = 0; i <= ELF_SEGMENTS; i++)
        put_segment(FIRST + i * 56, 4, 0, 0x400000 + i * 0x1000, 8, 8);
    EXPECT_STR("good", read_program(0));
    put(COUNT_AT, ELF_SEGMENTS + 1, 2);
    EXPECT_STR("ELF: too many segments", read_program(0));
}
