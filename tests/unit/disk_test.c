/* SPDX-License-Identifier: MIT */
/*
 * disk: a qcow2 that refers to another file is refused; nothing is waited for.
 *
 * Tried: the test of the backing file's offset taken out, the version 3 bit
 * read from the first byte, O_NONBLOCK taken out (the pipe then hangs).
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

#include "image/disk.h"

static void write_image(const char *path, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void headers_are_read(void **state)
{
    static const struct {
        size_t at; /* this byte is 'value' */
        uint8_t value;
        bool alone;
        const char *word;
    } rows[] = {
        { 4, 0, true, "" },
        { 15, 1, false, "backing file" },
        { 8, 1, false, "backing file" },
        { 79, 4, false, "external data file" },
        { 79, 3, true, "" },
        { 72, 4, true, "" },
    };
    char path[] = "/tmp/disk_test.XXXXXX", why[WHY_BYTES];

    (void)state;
    close(mkstemp(path));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[104] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3 };

        bytes[rows[i].at] = rows[i].value;
        write_image(path, bytes, sizeof(bytes));
        assert_string_equal(disk_format(path), "qcow2");
        why[0] = '\0';
        assert_int_equal(disk_alone(path, why), rows[i].alone);
        assert_non_null(strstr(why, rows[i].word));
    }
    write_image(path, (const uint8_t *)"QFI", 3);
    assert_string_equal(disk_format(path), "raw");
    assert_true(disk_alone(path, why));
    unlink(path);
}

static void a_pipe_is_raw(void **state)
{
    char dir[] = "/tmp/disk_test.XXXXXX", path[64], why[WHY_BYTES];

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/pipe", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    alarm(5);
    assert_string_equal(disk_format(path), "raw");
    assert_true(disk_alone(path, why));
    alarm(0);
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read),
        cmocka_unit_test(a_pipe_is_raw),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
