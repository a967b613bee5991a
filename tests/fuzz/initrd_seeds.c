/* SPDX-License-Identifier: MIT */
/*
 * Seeds for initrd_fuzz: initrd_seeds FOLDER writes gzip files and DEFLATE
 * streams of zlib's, an archive and a program.
 */
#include "seed_file.h"

#include <elf.h>
#include <string.h>

#include <zlib.h>

enum { TEXT = 200, GZIP = 0, DEFLATE = 1, ARCHIVE = 2, PROGRAM = 3 };

static const char *folder;
static uint8_t text[TEXT], packed[TEXT + 200];

static void fail(const char *what)
{
    fprintf(stderr, "initrd_seeds: zlib's %s failed\n", what);
    exit(1);
}

static void write_seed(const char *name, uint8_t kind, const void *bytes,
                       size_t size)
{
    seed_file_write(folder, name, &kind, 1, bytes, size);
}

/* Window bits: 31 a gzip file, -15 the stream alone. */
static void pack(const char *name, int window_bits, int level, int strategy,
                 gz_header *header)
{
    z_stream stream = {
        .next_in = text,
        .avail_in = TEXT,
        .next_out = packed,
        .avail_out = sizeof(packed),
    };

    if (deflateInit2(&stream, level, Z_DEFLATED, window_bits, 8, strategy) !=
            Z_OK ||
        (header && deflateSetHeader(&stream, header) != Z_OK))
        fail("deflateInit2()");
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        fail("deflate()");
    write_seed(name, window_bits > 0 ? GZIP : DEFLATE, packed,
               stream.total_out);
    deflateEnd(&stream);
}

static void write_packed(void)
{
    uint8_t extra[] = "extra", name[] = "name", comment[] = "comment";
    gz_header header = {
        .extra = extra,
        .extra_len = 5,
        .name = name,
        .comment = comment,
        .hcrc = 1,
    };
    uint32_t state = 1;

    for (size_t i = 0; i < TEXT; i++) {
        state = state * 1103515245 + 12345;
        text[i] = (uint8_t)("a rose is a rose "[i % 17] + (state >> 28) / 15);
    }
    pack("gzip", 31, 9, Z_DEFAULT_STRATEGY, NULL);
    pack("gzip-header", 31, 9, Z_DEFAULT_STRATEGY, &header);
    pack("stored", -15, 0, Z_DEFAULT_STRATEGY, NULL);
    pack("fixed", -15, 9, Z_FIXED, NULL);
    pack("dynamic", -15, 9, Z_DEFAULT_STRATEGY, NULL);
    pack("huffman", -15, 9, Z_HUFFMAN_ONLY, NULL);
    /* The only distance is 1: a code of a single symbol. */
    memset(text, 'a', TEXT);
    pack("one-distance", -15, 9, Z_DEFAULT_STRATEGY, NULL);
}

static size_t entry(uint8_t *out, const char *name, unsigned mode,
                    const char *bytes)
{
    size_t name_bytes = strlen(name) + 1, size = strlen(bytes);
    size_t data = (110 + name_bytes + 3) & ~(size_t)3;

    sprintf((char *)out,
            "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1u,
            mode, 0u, 0u, 1u, 0u, size, 0u, 0u, 0u, 0u, name_bytes, 0u);
    memcpy(out + 110, name, name_bytes);
    memcpy(out + data, bytes, size);
    return (data + size + 3) & ~(size_t)3;
}

/* Two archives, one behind the other, with zeros between. */
static void write_archive(void)
{
    static uint8_t archive[4096];
    size_t at = 0;

    at += entry(archive + at, ".", 0040755, "");
    at += entry(archive + at, "init", 0100755, "first");
    at += entry(archive + at, "TRAILER!!!", 0, "");
    at += 64;
    at += entry(archive + at, "./bin/true", 0100755, "true");
    at += entry(archive + at, "/init", 0100755, "the last one");
    at += entry(archive + at, "TRAILER!!!", 0, "");
    write_seed("archive", ARCHIVE, archive, at);
}

static void write_program(const char *name, Elf64_Half type, Elf64_Addr base)
{
    static uint8_t file[0x100];
    const Elf64_Ehdr header = {
        .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
        .e_type = type,
        .e_machine = EM_X86_64,
        .e_version = 1,
        .e_entry = base + 0xb0,
        .e_phoff = sizeof(header),
        .e_ehsize = sizeof(header),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 2,
    };
    const Elf64_Phdr segments[] = {
        { PT_LOAD, PF_R | PF_X, 0, base, base, 0xc0, 0xc0, 0x1000 },
        { PT_LOAD, PF_R | PF_W, 0xc0, base + 0x30c0, 0, 0x40, 0x5000, 0x1000 },
    };

    memcpy(file, &header, sizeof(header));
    memcpy(file + sizeof(header), segments, sizeof(segments));
    write_seed(name, PROGRAM, file, sizeof(file));
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: initrd_seeds FOLDER\n");
        return 2;
    }
    folder = argv[1];
    write_packed();
    write_archive();
    write_program("exec", ET_EXEC, 0x400000);
    write_program("dyn", ET_DYN, 0);
    return 0;
}
