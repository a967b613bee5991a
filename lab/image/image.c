/* SPDX-License-Identifier: MIT */
/*
 * Which format a kernel file has; what is not bootable is named.
 *
 * Sources: ECMA-119 8.4 (CD001 in sector 16, of 2048 bytes); UEFI 2.10, 5.2
 *          (boot sector signature) and 5.3.2 (GPT header in block 1); QEMU
 *          docs/interop/qcow2.txt.
 */
#include "image/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BOOT_SIGNATURE = 510,
    GPT_HEADER = 512,
    ISO_IDENTIFIER = 16 * 2048 + 1,
    TEXT_PROBE_BYTES = 512,
};

bool image_refuse(char why[IMAGE_WHY_BYTES], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, IMAGE_WHY_BYTES, format, args);
    va_end(args);
    return false;
}

bool image_has_magic(const struct image_bytes *bytes, uint64_t offset,
                     const char *magic, size_t length)
{
    return image_has(bytes, offset, length) &&
           memcmp(bytes->data + offset, magic, length) == 0;
}

const char *image_compression(const struct image_bytes *bytes)
{
    static const struct {
        const char *magic;
        size_t length;
        const char *name;
    } rows[] = {
        { "\x1f\x8b\x08", 3, "gzip" },
        { "\xfd"
          "7zXZ\0",
          6, "xz" },
        { "BZh", 3, "bzip2" },
        { "\x5d\0\0", 3, "lzma" },
        { "\x89LZO\0\r\n\x1a\n", 9, "lzop" },
        /* Frame format, and the one before it, which Linux's build uses. */
        { "\x04\x22\x4d\x18", 4, "lz4" },
        { "\x02\x21\x4c\x18", 4, "lz4" },
        { "\x28\xb5\x2f\xfd", 4, "zstd" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (image_has_magic(bytes, 0, rows[i].magic, rows[i].length))
            return rows[i].name;
    }
    return NULL;
}

/* Formats of disks that QEMU must be told of, and that are not taken. */
static const char *foreign_disk(const struct image_bytes *bytes)
{
    if (image_has_magic(bytes, 0, "KDMV", 4))
        return "VMDK";
    if (image_has_magic(bytes, 0, "vhdxfile", 8))
        return "VHDX";
    if (image_has_magic(bytes, 0, "conectix", 8))
        return "VHD";
    if (image_has_magic(bytes, 64, "\x7f\x10\xda\xbe", 4))
        return "VDI";
    return NULL;
}

static bool is_text(const struct image_bytes *bytes)
{
    size_t size = bytes->size;

    if (size > TEXT_PROBE_BYTES)
        size = TEXT_PROBE_BYTES;
    for (size_t i = 0; i < size; i++) {
        uint8_t c = bytes->data[i];

        if (c == 0x7f || (c < ' ' && !(c >= '\t' && c <= '\r') && c != 0x1b))
            return false;
    }
    return true;
}

/* What is it then? */
static bool refuse_unknown(const struct image_bytes *bytes, char *why)
{
    struct image flat = { 0 };
    char complaint[IMAGE_WHY_BYTES];

    if (bytes->size == 0)
        return image_refuse(why, "file is empty");
    if (image_compression(bytes))
        return image_refuse(why, "file is packed with %s: unpack it first",
                            image_compression(bytes));
    if (foreign_disk(bytes))
        return image_refuse(why,
                            "%s disk image: make it raw or qcow2 first "
                            "(qemu-img convert)",
                            foreign_disk(bytes));
    if (image_is_pe(bytes))
        return image_refuse(why, "PE program for UEFI without a Linux boot "
                                 "header: put it on a disk image or ISO");
    image_multiboot_parse(bytes, &flat, complaint);
    if (flat.doors)
        return image_refuse(why, "flat binary with a Multiboot header: an "
                                 "ELF is needed");
    if (is_text(bytes))
        return image_refuse(why, "%s, not a kernel",
                            image_has_magic(bytes, 0, "#!", 2) ? "script"
                                                               : "text file");
    return image_refuse(why, "neither an ELF, a bzImage, an ISO nor a disk "
                             "image");
}

bool image_parse(const void *data, size_t size, struct image *out_image,
                 char why[IMAGE_WHY_BYTES])
{
    const struct image_bytes bytes = { data, size };

    memset(out_image, 0, sizeof(*out_image));
    why[0] = '\0';
    if (image_has_magic(&bytes, 0,
                        "\x7f"
                        "ELF",
                        4))
        return image_elf_parse(&bytes, out_image, why);

    /* Before the disks: an isohybrid has a boot sector as well. */
    if (image_has_magic(&bytes, ISO_IDENTIFIER, "CD001\x01", 6)) {
        out_image->format = IMAGE_ISO;
        out_image->doors = DOOR_FIRMWARE;
        return true;
    }
    if (image_is_bzimage(&bytes))
        return image_bzimage_parse(&bytes, out_image, why);

    if (image_has_magic(&bytes, 0, "QFI\xfb\0\0\0\x02", 8) ||
        image_has_magic(&bytes, 0, "QFI\xfb\0\0\0\x03", 8)) {
        out_image->format = IMAGE_DISK;
        out_image->doors = DOOR_FIRMWARE;
        out_image->qcow2 = true;
        return true;
    }
    if (!image_is_pe(&bytes) && !foreign_disk(&bytes) &&
        (image_has_magic(&bytes, BOOT_SIGNATURE, "\x55\xaa", 2) ||
         image_has_magic(&bytes, GPT_HEADER, "EFI PART", 8))) {
        out_image->format = IMAGE_DISK;
        out_image->doors = DOOR_FIRMWARE;
        return true;
    }
    return refuse_unknown(&bytes, why);
}

bool image_map(const char *path, struct image_bytes *out_bytes,
               char why[IMAGE_WHY_BYTES])
{
    struct stat status;
    void *data;
    int fd;

    out_bytes->data = (const uint8_t *)"";
    out_bytes->size = 0;
    /* Not to wait for a writer if it is a FIFO. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return image_refuse(why, "cannot be opened: %s", strerror(errno));
    if (fstat(fd, &status) != 0) {
        image_refuse(why, "cannot be examined: %s", strerror(errno));
        close(fd);
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        close(fd);
        return image_refuse(why, S_ISDIR(status.st_mode)
                                     ? "is a directory"
                                     : "is not a regular file");
    }
    if (status.st_size == 0) {
        close(fd);
        return true;
    }
    data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (data == MAP_FAILED)
        return image_refuse(why, "cannot be mapped: %s", strerror(errno));
    out_bytes->data = data;
    out_bytes->size = (size_t)status.st_size;
    return true;
}

void image_unmap(const struct image_bytes *bytes)
{
    if (bytes->size)
        munmap((void *)(uintptr_t)bytes->data, bytes->size);
}

bool image_open(const char *path, struct image *out_image,
                char why[IMAGE_WHY_BYTES])
{
    struct image_bytes bytes;
    bool ok;

    memset(out_image, 0, sizeof(*out_image));
    if (!image_map(path, &bytes, why))
        return false;
    ok = image_parse(bytes.data, bytes.size, out_image, why);
    image_unmap(&bytes);
    return ok;
}

bool image_open_payload(const char *path, struct image *out_image,
                        char why[IMAGE_WHY_BYTES])
{
    struct image_bytes bytes;
    bool ok;

    memset(out_image, 0, sizeof(*out_image));
    if (!image_map(path, &bytes, why))
        return false;
    ok = image_parse(bytes.data, bytes.size, out_image, why) &&
         image_parse_payload(bytes.data, bytes.size, out_image, why);
    image_unmap(&bytes);
    return ok;
}

char *image_doors_text(unsigned doors, char *text, size_t size)
{
    static const struct {
        unsigned door;
        const char *name;
    } rows[] = {
        { DOOR_PVH, "PVH" },
        { DOOR_MULTIBOOT1, "Multiboot1" },
        { DOOR_MULTIBOOT2, "Multiboot2" },
        { DOOR_XEN_PV, "Xen PV" },
        { DOOR_LINUX, "Linux" },
        { DOOR_LINUX_EFI, "Linux EFI" },
        { DOOR_FIRMWARE, "firmware" },
    };
    size_t used = 0;

    if (size == 0)
        return text;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!(doors & rows[i].door) || used >= size)
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s",
                                 used ? ", " : "", rows[i].name);
    }
    return text;
}

const char *image_format_name(enum image_format format)
{
    switch (format) {
    case IMAGE_ELF:
        return "ELF";
    case IMAGE_BZIMAGE:
        return "bzImage";
    case IMAGE_ISO:
        return "ISO";
    case IMAGE_DISK:
        return "disk image";
    }
    return "unknown";
}
