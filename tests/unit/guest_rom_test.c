/* SPDX-License-Identifier: MIT */
/*
 * A ROM for the guest: which file is one, the archive that begins with it, the
 * ACPI table and the firmware that carry it.
 *
 * Tried: newc_file() in the place of newc_file_first() (a folder comes first),
 * the limit of a table without its header, the checksum left out, the hash of
 * all 124 KiB, the image behind SeaBIOS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "abi/vmi64.h"
#include "base/sha256.h"
#include "image/guest_rom.h"
#include "plan/initrd.h"

static char dir[] = "/tmp/guest_rom_test.XXXXXX";
static char why[WHY_BYTES];

static const char *path_of(const char *name)
{
    static char paths[32][64];
    static unsigned next;
    char *path = paths[next++ % 32];

    snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
    return path;
}

static const char *write_file(const char *name, const void *bytes, size_t size)
{
    const char *path = path_of(name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

/* With a NUL behind; the caller frees it. */
static uint8_t *read_file(const char *path, size_t *out_size)
{
    FILE *file = fopen(path, "r");
    uint8_t *bytes = calloc(1, 1 << 20);

    assert_non_null(file);
    assert_non_null(bytes);
    *out_size = fread(bytes, 1, (1 << 20) - 1, file);
    fclose(file);
    return bytes;
}

static uint8_t *image(unsigned major, size_t size)
{
    uint8_t *bytes = calloc(1, size);

    assert_non_null(bytes);
    for (size_t i = sizeof(struct vmi_header); i < size; i++)
        bytes[i] = (uint8_t)(i * 7);
    memcpy(bytes + 8, "cVmi", 4);
    bytes[13] = (uint8_t)major;
    return bytes;
}

static const char *write_rom(const char *name, unsigned major, size_t size)
{
    uint8_t *bytes = image(major, size);
    const char *path = write_file(name, bytes, size);

    free(bytes);
    return path;
}

static void the_header_decides(void **state)
{
    struct guest_rom rom;

    (void)state;
    assert_true(guest_rom_open(write_rom("i386", 3, 2048), &rom, why));
    assert_int_equal(rom.way, ROM_OPTION);
    assert_int_equal(rom.bits, 32);
    assert_true(guest_rom_open(write_rom("x64", 64, 8192), &rom, why));
    assert_int_equal(rom.way, ROM_MODULE);
    assert_int_equal(rom.bits, 64);
    assert_string_equal(rom.file, path_of("x64"));
}

static void refused(const char *text, const char *word)
{
    struct guest_rom rom;

    why[0] = '\0';
    assert_false(guest_rom_open(text, &rom, why));
    if (!strstr(why, word))
        fail_msg("no '%s' in '%s'", word, why);
}

static void what_is_none(void **state)
{
    struct guest_rom rom;
    uint8_t *bytes;

    (void)state;
    refused(path_of("nothing"), "No such file");
    refused(dir, "Is a directory");
    refused("/dev/zero", "not a regular file");
    refused("", "names no file");
    refused(write_file("empty", "", 0), "is empty");
    refused(write_rom("short", 3, sizeof(struct vmi_header) - 1), "no VMI ROM");
    assert_true(guest_rom_open(write_rom("just", 3, sizeof(struct vmi_header)),
                               &rom, why));
    bytes = image(3, 2048);
    bytes[8] = 'C';
    refused(write_file("unsigned", bytes, 2048), "no VMI ROM");
    free(bytes);
    assert_true(guest_rom_open(write_rom("largest", 64, 255 * 512), &rom, why));
    refused(write_rom("large", 64, 255 * 512 + 1), "larger than");
    refused(write_rom("old", 13, 2048), "API major 13");
}

static void prefixes(void **state)
{
    struct guest_rom rom;
    char text[128];

    (void)state;
    assert_null(guest_rom_file(NULL));
    assert_string_equal(guest_rom_file("acpi:a"), "a");
    assert_string_equal(guest_rom_file("./acpi:a"), "./acpi:a");
    snprintf(text, sizeof(text), "acpi:%s", write_rom("fits", 64, 65451));
    assert_true(guest_rom_open(text, &rom, why));
    assert_int_equal(rom.way, ROM_ACPI);
    assert_string_equal(rom.file, path_of("fits"));
    snprintf(text, sizeof(text), "acpi:%s", write_rom("not", 64, 65452));
    refused(text, "say region:FILE");
    snprintf(text, sizeof(text), "region:%s", path_of("not"));
    assert_true(guest_rom_open(text, &rom, why));
    assert_int_equal(rom.way, ROM_REGION);
    snprintf(text, sizeof(text), "region:%s", write_rom("i386", 3, 2048));
    refused(text, "is an option ROM");
}

/* One member of a newc archive; returns where the next one begins. */
static size_t member(const uint8_t *archive, size_t at, const char *name,
                     const void *data, size_t size)
{
    char field[9] = { 0 };
    size_t data_at = (at + 110 + strlen(name) + 1 + 3) & ~(size_t)3;

    assert_memory_equal(archive + at, "070701", 6);
    memcpy(field, archive + at + 94, 8);
    assert_int_equal(strtoul(field, NULL, 16), strlen(name) + 1);
    assert_string_equal((const char *)archive + at + 110, name);
    memcpy(field, archive + at + 54, 8);
    assert_int_equal(strtoul(field, NULL, 16), size);
    memcpy(field, archive + at + 14, 8);
    assert_int_equal(strtoul(field, NULL, 16) & S_IFMT, data ? S_IFREG
                                                        : strchr(name, '!')
                                                            ? 0
                                                            : S_IFDIR);
    assert_memory_equal(archive + data_at, data ? data : "", size);
    return (data_at + size + 3) & ~(size_t)3;
}

static void rom_is_first(void **state)
{
    struct boot_options options = { .module_count = 2 };
    uint8_t *rom = image(64, 8192), *archive;
    const char *path = path_of("archive");
    size_t at, size;

    (void)state;
    write_file("rom", rom, 8192);
    options.initrd = write_file("initrd", "packed somehow", 14);
    options.modules[0] = write_file("m0", "first", 5);
    options.modules[1] = write_file("m1", "second", 6);
    for (unsigned twice = 0; twice < 2; twice++)
        assert_true(initrd_pack(path, &options, path_of("rom"), false, why));
    archive = read_file(path, &size);
    at = member(archive, 0, "pvops/rom", rom, 8192);
    assert_memory_equal(archive + 120, rom, 8192);
    at = member(archive, at, "pvops", NULL, 0);
    at = member(archive, at, "pvops/mod", NULL, 0);
    at = member(archive, at, "pvops/mod/0", "first", 5);
    at = member(archive, at, "pvops/mod/1", "second", 6);
    at = member(archive, at, "TRAILER!!!", NULL, 0);
    assert_memory_equal(archive + at, "packed somehow\0\0", 16);
    assert_int_equal(size, at + 16);
    free(archive);

    /* The ROM alone; and none, as before. */
    options = (struct boot_options){ 0 };
    assert_true(initrd_pack(path, &options, path_of("rom"), false, why));
    archive = read_file(path, &size);
    at = member(archive, 0, "pvops/rom", rom, 8192);
    assert_int_equal(size, member(archive, at, "TRAILER!!!", NULL, 0));
    free(archive);
    options.initrd = path_of("initrd");
    assert_true(initrd_pack(path, &options, NULL, false, why));
    archive = read_file(path, &size);
    assert_string_equal((const char *)archive, "packed somehow");
    free(archive);
    free(rom);
}

/* The table's standard header; 'bytes' in all. */
static void check_header(const uint8_t *table, size_t bytes)
{
    uint32_t length;
    uint8_t sum = 0;

    memcpy(&length, table + 4, sizeof(length));
    assert_memory_equal(table, "VMIR", 4);
    assert_int_equal(length, bytes);
    for (size_t i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + table[i]);
    assert_int_equal(sum, 0);
    assert_int_not_equal(table[9], 0);
}

static void the_image_is_in_the_table(void **state)
{
    struct guest_rom rom = { .way = ROM_ACPI, .bits = 64 };
    uint8_t *bytes = image(64, 12288), *table;
    const uint8_t nothing[sizeof(struct vmi64_acpi)] = { 0 };
    size_t size;

    (void)state;
    rom.file = write_file("rom", bytes, 12288);
    assert_true(guest_rom_table(&rom, path_of("table"), why));
    table = read_file(path_of("table"), &size);
    assert_int_equal(size, 36 + 48 + 12288);
    check_header(table, size);
    assert_memory_equal(table + 36, nothing, sizeof(nothing));
    assert_memory_equal(table + 84, bytes, 12288);
    free(table);
    free(bytes);
}

static void the_image_is_in_the_firmware(void **state)
{
    struct guest_rom rom = { .way = ROM_REGION, .bits = 64 };
    uint8_t *bytes = image(64, 12288), *out, *bios = calloc(1, 131073);
    struct vmi64_acpi body;
    char hash[65], text[3];
    size_t size;

    (void)state;
    rom.file = write_file("rom", bytes, 12288);
    assert_true(guest_rom_table(&rom, path_of("table"), why));
    out = read_file(path_of("table"), &size);
    assert_int_equal(size, 36 + 48);
    check_header(out, size);
    memcpy(&body, out + 36, sizeof(body));
    assert_int_equal(body.reserved, 0);
    assert_int_equal(body.bytes, 12288);
    /* 256 KiB below 4 GiB */
    assert_int_equal(body.address, UINT64_C(0x100000000) - 262144);
    sha256_file(rom.file, hash);
    for (size_t i = 0; i < 32; i++) {
        snprintf(text, sizeof(text), "%02x", body.sha256[i]);
        assert_memory_equal(text, hash + 2 * i, 2);
    }
    free(out);

    bios[0] = 'S';
    bios[131071] = 'B';
    write_file("bios", bios, 131072);
    assert_true(guest_rom_firmware(&rom, path_of("bios"), path_of("out"), why));
    out = read_file(path_of("out"), &size);
    assert_int_equal(size, 262144);
    assert_memory_equal(out, bytes, 12288);
    assert_int_equal(out[12288], 0xff);
    assert_int_equal(out[131071], 0xff);
    assert_memory_equal(out + 131072, bios, 131072);
    free(out);

    write_file("bios", bios, 131073);
    assert_false(
        guest_rom_firmware(&rom, path_of("bios"), path_of("out"), why));
    assert_non_null(strstr(why, "no SeaBIOS"));
    unlink(rom.file);
    assert_false(guest_rom_table(&rom, path_of("table"), why));
    assert_non_null(strstr(why, "No such file"));
    free(bios);
    free(bytes);
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    dirs_remove(dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_decides),
        cmocka_unit_test(what_is_none),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(rom_is_first),
        cmocka_unit_test(the_image_is_in_the_table),
        cmocka_unit_test(the_image_is_in_the_firmware),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
