/* SPDX-License-Identifier: MIT */
/*
 * A program from the initrd, and the stack it begins with.
 *
 * Source: System V ABI, AMD64 supplement 1.0, 3.4.1 (initial stack); Linux
 *         include/uapi/linux/auxvec.h (AT_*).
 */
#include "exec/exec.h"

#include <string.h>

#include <pvops/pvops.h>

#include "core/heap.h"
#include "core/log.h"
#include "core/main.h"
#include "core/modules.h"
#include "mm/space.h"
#include "proc/errno.h"
#include "unpack.h"

enum {
    PAGE = 4096,
    STACK_BYTES = 8 << 20,
    RANDOM_BYTES = 16,
    MODE_TYPE = 0170000,
    MODE_FILE = 0100000,
    MODE_EXECUTE = 0111,
};

/* Where a program that is linked to no address is put. */
#define BASE UINT64_C(0x155554000)

static const uint8_t *archive;
static size_t archive_bytes;
static const char *damage;

/* The heap keeps it for good. NULL with a reason. */
static const uint8_t *unpack(const uint8_t *module, size_t bytes,
                             size_t *out_bytes, const char **out_why)
{
    uint8_t *out;

    *out_why = unpack_gzip(module, bytes, NULL, 0, out_bytes);
    if (*out_why)
        return NULL;
    out = heap_alloc(*out_bytes);
    if (!out)
        *out_why = "gzip: no memory for what is in it";
    else
        *out_why = unpack_gzip(module, bytes, out, *out_bytes, out_bytes);
    return out;
}

static bool is_gzip(const uint8_t *module, size_t bytes)
{
    return bytes >= 2 && module[0] == 0x1f && module[1] == 0x8b;
}

static bool is_newc(const uint8_t *module, size_t bytes)
{
    return bytes >= 5 && !memcmp(module, "07070", 5);
}

static const char *use(const uint8_t *module, size_t bytes)
{
    const char *why = NULL;

    if (is_gzip(module, bytes))
        module = unpack(module, bytes, &bytes, &why);
    if (!why)
        why = cpio_check(module, bytes);
    if (why)
        return why;
    archive = module;
    archive_bytes = bytes;
    return NULL;
}

bool exec_find_initrd(void)
{
    for (size_t i = 0; i < kernel.boot.module_count; i++) {
        size_t bytes = 0, behind_rom;
        const uint8_t *module = modules_map(i, &bytes);
        const char *why = "it cannot be mapped";

        behind_rom = module ? cpio_behind_rom(module, bytes) : 0;
        if (behind_rom && behind_rom == bytes)
            continue;
        if (module) {
            module += behind_rom;
            bytes -= behind_rom;
            why = use(module, bytes);
        }
        if (!why)
            return true;
        log_line("module %zu is no initrd: %s", i, why);
        if (module && (is_gzip(module, bytes) || is_newc(module, bytes)))
            damage = why;
    }
    return false;
}

const char *exec_initrd_damage(void)
{
    return damage;
}

static long find(const char *path, struct cpio_file *out)
{
    if (!cpio_find(archive, archive_bytes, path, out))
        return -ENOENT;
    if ((out->mode & MODE_TYPE) != MODE_FILE || !(out->mode & MODE_EXECUTE))
        return -EACCES;
    return 0;
}

static long map_segments(struct space *space, const struct cpio_file *file,
                         const struct elf_program *program)
{
    for (unsigned i = 0; i < program->segment_count; i++) {
        const struct elf_segment *segment = &program->segments[i];
        long result =
            space_map(space, segment->address, segment->bytes, segment->rights,
                      file->bytes + segment->file_offset, segment->file_bytes);

        if (result < 0)
            return result;
    }
    space_set_brk(space, program->end);
    return space_map(space, SPACE_STACK_TOP - STACK_BYTES, STACK_BYTES,
                     SPACE_READ | SPACE_WRITE, NULL, 0) < 0
               ? -ENOMEM
               : 0;
}

enum { KEPT_BYTES = 512 };

/*
 * One word below the other. The last ones are kept until there are many: each
 * copy into a space that is not active looks for the page.
 */
struct builder {
    struct space *space;
    uint64_t sp;
    long result;
    uint8_t *kept;
    size_t used; /* of 'kept', at its end: what is at 'sp' */
};

static void write_kept(struct builder *b)
{
    if (!b->result)
        b->result = space_copy_out(b->space, b->sp,
                                   b->kept + KEPT_BYTES - b->used, b->used);
    b->used = 0;
}

static void push_bytes(struct builder *b, const void *bytes, size_t count)
{
    if (count > KEPT_BYTES - b->used)
        write_kept(b);
    b->sp -= count;
    if (count <= KEPT_BYTES) {
        b->used += count;
        memcpy(b->kept + KEPT_BYTES - b->used, bytes, count);
    } else if (!b->result) {
        b->result = space_copy_out(b->space, b->sp, bytes, count);
    }
}

static void push(struct builder *b, uint64_t word)
{
    push_bytes(b, &word, sizeof(word));
}

static void push_auxiliary(struct builder *b, uint64_t type, uint64_t value)
{
    push(b, value);
    push(b, type);
}

/* Not for secrets: a program wants something there. */
static void push_random(struct builder *b)
{
    uint64_t words[RANDOM_BYTES / 8];
    uint64_t state = pvops_time_now_ns() ^ (uintptr_t)b->space;

    for (unsigned i = 0; i < RANDOM_BYTES / 8; i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        words[i] = state ^ state >> 29;
    }
    push_bytes(b, words, sizeof(words));
}

/* Pointers to the strings before 'end', the first of them at 'at', and NULL. */
static void push_vector(struct builder *b, const char *strings, const char *end,
                        uint64_t at)
{
    push(b, 0);
    while (end > strings) {
        do {
            end--;
        } while (end > strings && end[-1]);
        push(b, at + (uint64_t)(end - strings));
    }
}

static const char *behind(const char *strings, unsigned count)
{
    while (count--) {
        while (*strings++) {
        }
    }
    return strings;
}

static void push_auxiliaries(struct builder *b,
                             const struct elf_program *program, uint64_t random,
                             uint64_t path)
{
    enum {
        AT_NULL = 0,
        AT_PHDR = 3,
        AT_PHENT = 4,
        AT_PHNUM = 5,
        AT_PAGESZ = 6,
        AT_BASE = 7,
        AT_FLAGS = 8,
        AT_ENTRY = 9,
        AT_UID = 11,
        AT_EUID = 12,
        AT_GID = 13,
        AT_EGID = 14,
        AT_CLKTCK = 17,
        AT_SECURE = 23,
        AT_RANDOM = 25,
        AT_EXECFN = 31,
        PHENT = 56,
    };

    push_auxiliary(b, AT_NULL, 0);
    push_auxiliary(b, AT_EXECFN, path);
    push_auxiliary(b, AT_RANDOM, random);
    push_auxiliary(b, AT_SECURE, 0);
    push_auxiliary(b, AT_CLKTCK, 100);
    for (unsigned id = AT_UID; id <= AT_EGID; id++)
        push_auxiliary(b, id, 0);
    push_auxiliary(b, AT_ENTRY, program->entry);
    push_auxiliary(b, AT_FLAGS, 0);
    push_auxiliary(b, AT_BASE, 0);
    push_auxiliary(b, AT_PAGESZ, PAGE);
    push_auxiliary(b, AT_PHNUM, program->header_count);
    push_auxiliary(b, AT_PHENT, PHENT);
    push_auxiliary(b, AT_PHDR, program->headers_address);
}

static size_t length_of(const char *text)
{
    return (size_t)(behind(text, 1) - text);
}

long exec_load(struct space *space, const char *path, const char *strings,
               size_t strings_bytes, unsigned argc, unsigned envc,
               uint64_t *out_entry, uint64_t *out_sp)
{
    uint8_t kept[KEPT_BYTES];
    struct builder b = { .space = space, .sp = SPACE_STACK_TOP, .kept = kept };
    struct elf_program program;
    struct cpio_file file;
    uint64_t at_strings, at_path, at_random, at_environment;
    const char *environment = behind(strings, argc);
    long result = find(path, &file);

    if (result)
        return result;
    if (elf_read(file.bytes, file.size, BASE, &program))
        return -ENOEXEC;
    result = map_segments(space, &file, &program);
    if (result)
        return result;

    push(&b, 0); /* as Linux: the last word is zero */
    push_bytes(&b, path, length_of(path));
    at_path = b.sp;
    push_bytes(&b, strings, strings_bytes);
    at_strings = b.sp;
    at_environment = at_strings + (uint64_t)(environment - strings);
    push_random(&b);
    at_random = b.sp;
    write_kept(&b);

    /* Vectors, auxiliary vector and count: RSP is a multiple of 16 at last. */
    b.sp &= ~UINT64_C(15);
    if ((argc + envc + 3) % 2)
        b.sp -= 8;
    push_auxiliaries(&b, &program, at_random, at_path);
    push_vector(&b, environment, strings + strings_bytes, at_environment);
    push_vector(&b, strings, environment, at_strings);
    push(&b, argc);
    write_kept(&b);
    *out_entry = program.entry;
    *out_sp = b.sp;
    return b.result;
}
