/* SPDX-License-Identifier: MIT */
/*
 * shim/image: a bzImage or a gzip file gives the ELF that was packed in it, by
 * whatever method; each damage of its header, size or payload its sentence.
 *
 * Source: Linux Documentation/x86/boot.rst; scripts/Makefile.lib (how the
 *         payload is packed, and that its size follows).
 */
#include "packing.h"
#include "recipe.h"

#include <stdlib.h>
#include <string.h>

#include "base/dirs.h"
#include "image/packed.h"

enum { SETUP_BYTES = 2 * 512, SLACK = 7, PAYLOAD_AT = SETUP_BYTES + 64 };

static struct elf_builder elf;
static uint8_t file[ELF_BUILDER_BYTES];
static size_t file_bytes, payload_bytes;
static uint8_t out[ELF_BUILDER_BYTES];
static struct unpack_work work;

static void put(size_t at, unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; i++)
        file[at + i] = (uint8_t)(value >> (8 * i));
}

/* 'size' follows the payload, unless the format ends with it. */
static void build(const struct bytes *payload, size_t size, bool append)
{
    memset(file, 0, sizeof(file));
    payload_bytes = payload->size + (append ? 4 : 0);
    assert_true(PAYLOAD_AT + payload_bytes + 16 < sizeof(file));
    memcpy(file + PAYLOAD_AT, payload->data, payload->size);
    if (append)
        put(PAYLOAD_AT + payload->size, 4, size);
    file_bytes = PAYLOAD_AT + payload_bytes + SLACK;
    put(0x1f1, 1, 1);
    put(0x1f4, 4, (file_bytes - SETUP_BYTES + 15) / 16);
    put(0x1fe, 2, 0xaa55);
    memcpy(file + 0x202, "HdrS", 4);
    put(0x206, 2, 0x20f);
    put(0x248, 4, PAYLOAD_AT - SETUP_BYTES);
    put(0x24c, 4, payload_bytes);
}

/* Of a copy that ends where its allocation ends. */
static bool unpack(size_t *out_bytes, struct pvi_line *why)
{
    uint8_t *copy = malloc(file_bytes + 1);
    struct kernel_packed packed;
    bool good;

    assert_non_null(copy);
    memcpy(copy + 1, file, file_bytes);
    good = kernel_packed_read(copy + 1, file_bytes, &packed, why);
    /* As a caller with this much memory. */
    if (good && packed.unpacked_bytes > sizeof(out)) {
        pvi_line_start(why);
        pvi_line_text(why, "too large");
        good = false;
    }
    if (good) {
        uint8_t *room = malloc(packed.unpacked_bytes);

        assert_true(packed.bytes > copy &&
                    packed.bytes + packed.size <= copy + 1 + file_bytes);
        *out_bytes = packed.unpacked_bytes;
        good = room && kernel_unpack(&packed, &work, room, why);
        if (good)
            memcpy(out, room, *out_bytes);
        free(room);
    }
    free(copy);
    return good;
}

static void expect_refusal(const char *sentence)
{
    struct pvi_line why;
    size_t bytes;

    assert_false(unpack(&bytes, &why));
    assert_string_equal(sentence, why.text);
}

static void expect_elf(void)
{
    struct pvi_line why;
    size_t bytes;

    if (!unpack(&bytes, &why))
        fail_msg("refused: %s", why.text);
    assert_int_equal(elf.size, bytes);
    assert_memory_equal(elf.data, out, elf.size);
}

static struct bytes pack(const char *command)
{
    struct bytes plain;

    recipe_build(&recipe_whole, &elf);
    plain = (struct bytes){ elf.data, elf.size };
    return packing_run(command, &plain);
}

static void build_xz(void)
{
    struct bytes payload = pack("xz --check=crc32 --x86 --lzma2=dict=32MiB");

    build(&payload, elf.size, true);
    free(payload.data);
}

/* Nothing that could be unpacked, but of a known length. */
static void build_header(void)
{
    uint8_t bytes[0x100] = { 0xfd, '7', 'z', 'X' };
    struct bytes payload = { bytes, sizeof(bytes) };

    build(&payload, 1, true);
}

static void every_method_gives_the_elf(void **state)
{
    static const struct {
        const char *command;
        bool append;
    } rows[] = {
        { "gzip -n -9", false },
        { "xz --check=crc32 --x86 --lzma2=dict=32MiB", true },
        { "lzma -9", true },
        { "lz4 -q -l -9", true },
        { "zstd -q -22 --ultra", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bytes payload = pack(rows[i].command);

        build(&payload, elf.size, rows[i].append);
        assert_true(kernel_is_packed(file, file_bytes));
        expect_elf();
        /* The default of setup_sects; the header may end the setup. */
        memmove(file + 5 * 512, file + SETUP_BYTES, file_bytes - SETUP_BYTES);
        file_bytes += 3 * 512;
        put(0x1f1, 1, 0);
        expect_elf();
        free(payload.data);
    }
    dirs_remove_temp();
}

static void a_gzip_file_gives_the_elf(void **state)
{
    struct bytes payload = pack("gzip -n -9");

    (void)state;
    file_bytes = payload.size;
    memcpy(file, payload.data, payload.size);
    assert_true(kernel_is_packed(file, file_bytes));
    expect_elf();
    file_bytes = 7;
    expect_refusal("gzip: a file of 7 bytes");
    file_bytes = 1;
    assert_false(kernel_is_packed(file, file_bytes));
    expect_refusal("neither a bzImage nor packed by gzip");
    free(payload.data);
    dirs_remove_temp();
}

static void what_cannot_be_unpacked_is_named(void **state)
{
    static const struct {
        const char *magic, *sentence;
    } rows[] = {
        { "BZh91", "bzImage: its payload is packed by bzip2, which the shim "
                   "does not unpack" },
        { "\x89LZO", "bzImage: its payload is packed by lzop, which the shim "
                     "does not unpack" },
        { "\177ELF", "bzImage: its payload begins with 7f 45 4c 46: packed by "
                     "what?" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        build_header();
        memcpy(file + PAYLOAD_AT, rows[i].magic, 4);
        expect_refusal(rows[i].sentence);
    }
}

static void damaged_headers_are_told(void **state)
{
    static const struct {
        size_t offset;
        unsigned width;
        uint32_t value;
        const char *sentence;
    } rows[] = {
        { 0x206, 2, 0x207,
          "bzImage: its boot protocol is 0x207, and tells of its payload from "
          "0x208 on" },
        { 0x1f1, 1, 0xff,
          "bzImage: cut off: setup 0x20000 and kernel 0x150 bytes, the file "
          "has 0x54b" },
        { 0x1f4, 4, UINT32_MAX,
          "bzImage: cut off: setup 0x400 and kernel 0xffffffff0 bytes, the "
          "file has 0x54b" },
        { 0x1f4, 4, 0x16,
          "bzImage: cut off: setup 0x400 and kernel 0x160 bytes, the file has "
          "0x54b" },
        { 0x248, 4, UINT32_MAX,
          "bzImage: payload 0xffffffff + 0x104 passes the kernel's end (0x150 "
          "bytes)" },
        { 0x24c, 4, UINT32_MAX,
          "bzImage: payload 0x40 + 0xffffffff passes the kernel's end (0x150 "
          "bytes)" },
        { 0x24c, 4, 0x111,
          "bzImage: payload 0x40 + 0x111 passes the kernel's end (0x150 "
          "bytes)" },
        { 0x24c, 4, 7, "bzImage: a payload of 7 bytes" },
        { 0x1fe, 1, 0, "neither a bzImage nor packed by gzip" },
        { 0x202, 1, 'h', "neither a bzImage nor packed by gzip" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        build_header();
        put(rows[i].offset, rows[i].width, rows[i].value);
        expect_refusal(rows[i].sentence);
    }
    file_bytes = 0x24f;
    put(0x1fe, 2, 0xaa55);
    put(0x202, 1, 'H');
    expect_refusal("bzImage: the file ends in its header (0x24f of 0x250 "
                   "bytes)");
}

static void the_size_must_be_exact(void **state)
{
    size_t at;

    (void)state;
    build_xz();
    at = PAYLOAD_AT + payload_bytes - 4;
    put(at, 4, elf.size - 1);
    expect_refusal("kernel: unpacking ends at 0x0 of 0x2e7: xz: more than "
                   "there is room for");
    put(at, 4, elf.size + 1);
    expect_refusal("kernel: unpacked it has 0x2e8 bytes instead of 0x2e9");
    put(at, 4, elf.size);
    file[at - 12] ^= 1; /* the footer has 12 bytes */
    expect_refusal("kernel: unpacking ends at 0x2e8 of 0x2e8: xz: the sum of "
                   "its footer is another");
    dirs_remove_temp();
}

/* What the unpackers make of damage is unpack_test.c's. */
static void every_damaged_byte_is_survived(void **state)
{
    struct pvi_line why;
    size_t bytes, whole;

    (void)state;
    build_xz();
    whole = file_bytes;
    for (size_t at = 0x1f1; at < 0x250; at++) {
        uint8_t was = file[at];

        for (unsigned value = 0; value < 256; value++) {
            file[at] = (uint8_t)value;
            if (unpack(&bytes, &why))
                assert_int_equal(elf.size, bytes);
            else
                assert_in_range(why.length, 1, PVI_LINE_BYTES - 1);
        }
        file[at] = was;
    }
    /* What the boot protocol rounds up may be cut off. */
    for (file_bytes = 0; file_bytes < whole; file_bytes++)
        assert_true(!unpack(&bytes, &why) || file_bytes >= whole - SLACK);
    dirs_remove_temp();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_gives_the_elf),
        cmocka_unit_test(a_gzip_file_gives_the_elf),
        cmocka_unit_test(what_cannot_be_unpacked_is_named),
        cmocka_unit_test(damaged_headers_are_told),
        cmocka_unit_test(the_size_must_be_exact),
        cmocka_unit_test(every_damaged_byte_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
