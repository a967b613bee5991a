/* SPDX-License-Identifier: MIT */
/*
 * initrd: what pvk reads of an initrd. unpack_gzip() says of each file what
 * zlib says and writes the same bytes; the archive's and the program's parsers
 * read nothing out of reach and keep their promises.
 *
 * An input is what the rest of it is: a gzip file, a DEFLATE stream that gets a
 * true header and trailer here, an archive, or a program. Seeds:
 * tests/fuzz/initrd_seeds.c.
 *
 * Damage tried, each found: codes left over accepted, in either place; the
 * checksum of the header, of the file, its length, or a stored block's not
 * compared; a length out of its table, a distance to before the beginning;
 * either bound of a stream's input or output; 257 for the length 258; no end of
 * block asked for; the bounds of a name, a file and a header in cpio.c; of a
 * segment's offset, file bytes, address and size in elf.c.
 */
#include "exec/exec.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "mm/space.h"
#include "unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    ROOM = 1 << 18, /* more is refused, by both */
    GZIP_HEADER = 10,
    GZIP_TRAILER = 8,
    PAGE = 4096,
};

static uint8_t theirs[ROOM], ours[ROOM];
static volatile unsigned sum; /* so that bytes are read */

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void require_sentence(const char *why)
{
    require(*why && strlen(why) < 80 && !strchr(why, '\n'));
}

static void read_all(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        sum += bytes[i];
}

/* What zlib says: Z_STREAM_END if all is well and found room. */
static int by_zlib(int window_bits, const uint8_t *in, size_t size,
                   size_t *out_used, size_t *out_bytes)
{
    z_stream stream = {
        .next_in = (uint8_t *)(uintptr_t)in,
        .avail_in = (unsigned)size,
        .next_out = theirs,
        .avail_out = ROOM,
    };
    int result;

    require(inflateInit2(&stream, window_bits) == Z_OK);
    result = inflate(&stream, Z_FINISH);
    *out_used = stream.total_in;
    *out_bytes = stream.total_out;
    inflateEnd(&stream);
    return result;
}

static void compare(const uint8_t *in, size_t size)
{
    size_t used, want, counted = 0, got = 0;
    bool good = by_zlib(15 + 16, in, size, &used, &want) == Z_STREAM_END;
    const char *why = unpack_gzip(in, size, ours, ROOM, &got);

    require(good == !why);
    if (why) {
        require_sentence(why);
        return;
    }
    require(got == want && !memcmp(ours, theirs, got));
    require(!unpack_gzip(in, size, NULL, 0, &counted) && counted == got);
    /* What exec.c allocates: not one byte more is written. */
    if (got)
        require(unpack_gzip(in, size, ours, got - 1, &counted) != NULL);
}

static void put_word(uint8_t *out, unsigned long word)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(word >> 8 * i);
}

/*
 * A stream that zlib refuses is refused for what is in it: with any trailer
 * behind it, it is not the trailer that is found to be wrong.
 */
static void require_refused(const uint8_t *file, size_t size)
{
    static const char *const trailer[] = { "too early", "length than",
                                           "checksum" };
    size_t got;
    const char *why = unpack_gzip(file, size, ours, ROOM, &got);

    require(why != NULL);
    for (unsigned i = 0; i < sizeof(trailer) / sizeof(trailer[0]); i++)
        require(!strstr(why, trailer[i]));
}

/* With a trailer that is true, so that what is in between decides. */
static void compare_deflate(const uint8_t *in, size_t size)
{
    static const uint8_t header[GZIP_HEADER] = { 0x1f, 0x8b, 8, 0, 0,
                                                 0,    0,    0, 0, 3 };
    size_t used, bytes;
    int result = by_zlib(-15, in, size, &used, &bytes);
    uint8_t *file;

    if (result != Z_STREAM_END)
        used = size;
    file = malloc(GZIP_HEADER + used + GZIP_TRAILER);
    require(file != NULL);
    memcpy(file, header, GZIP_HEADER);
    memcpy(file + GZIP_HEADER, in, used);
    put_word(file + GZIP_HEADER + used, crc32(0, theirs, (unsigned)bytes));
    put_word(file + GZIP_HEADER + used + 4, bytes);
    compare(file, GZIP_HEADER + used + GZIP_TRAILER);
    if (result == Z_DATA_ERROR)
        require_refused(file, GZIP_HEADER + used + GZIP_TRAILER);
    free(file);
}

static void require_file(const uint8_t *archive, size_t size,
                         const struct cpio_file *file)
{
    require(file->bytes >= archive && file->bytes <= archive + size &&
            file->size <= (size_t)(archive + size - file->bytes));
    read_all(file->bytes, file->size);
}

static void check_archive(const uint8_t *archive, size_t size)
{
    static const char *const paths[] = { "init", "/init", "./bin/true", "",
                                         "TRAILER!!!" };
    const char *why = cpio_check(archive, size);

    if (why)
        require_sentence(why);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct cpio_file file;

        if (cpio_find(archive, size, paths[i], &file)) {
            require_file(archive, size, &file);
            require(strcmp(paths[i], "TRAILER!!!") != 0);
        }
    }
}

static void require_segment(const struct elf_program *program, unsigned which,
                            const uint8_t *file, size_t size)
{
    const struct elf_segment *segment = &program->segments[which];

    require(segment->address % PAGE == 0 && segment->bytes % PAGE == 0);
    require(segment->bytes > 0 && segment->address >= SPACE_FIRST &&
            segment->address < SPACE_END &&
            segment->bytes <= SPACE_END - segment->address);
    require(segment->file_bytes <= segment->bytes);
    require(!(segment->rights & ~(SPACE_READ | SPACE_WRITE | SPACE_EXEC)));
    if (segment->file_bytes) {
        require(segment->file_offset <= size &&
                segment->file_bytes <= size - segment->file_offset);
        read_all(file + segment->file_offset, segment->file_bytes);
    }
    if (which)
        require(segment[-1].address + segment[-1].bytes <= segment->address);
}

static void check_program(const uint8_t *file, size_t size)
{
    static const uint64_t bases[] = { UINT64_C(0x155554000), 0 };

    for (unsigned i = 0; i < 2; i++) {
        struct elf_program program;
        const char *why = elf_read(file, size, bases[i], &program);

        if (why) {
            require_sentence(why);
            continue;
        }
        require(program.segment_count > 0 &&
                program.segment_count <= ELF_SEGMENTS);
        for (unsigned k = 0; k < program.segment_count; k++)
            require_segment(&program, k, file, size);
        require(program.entry >= SPACE_FIRST && program.entry < SPACE_END);
        require(program.end % PAGE == 0 && program.end <= SPACE_END);
        require(!program.headers_address ||
                (program.headers_address >= program.segments[0].address &&
                 program.headers_address < program.end));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy;

    if (!size)
        return 0;
    /* At an odd address, and ended by the allocation's end. */
    copy = malloc(size);
    require(copy != NULL);
    memcpy(copy, data, size);
    size--;
    switch (data[0] % 4) {
    case 0:
        compare(copy + 1, size);
        break;
    case 1:
        compare_deflate(copy + 1, size);
        break;
    case 2:
        check_archive(copy + 1, size);
        break;
    case 3:
        check_program(copy + 1, size);
        break;
    }
    free(copy);
    return 0;
}
