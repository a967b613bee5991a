/* SPDX-License-Identifier: MIT */
/*
 * Modules, or an archive of them.
 */
#include "boot/module.h"

#include "boot/boot.h"
#include "domain/domain.h"
#include "exec/exec.h"
#include "image/packed.h"
#include "log.h"
#include "mm/frame.h"
#include "mm/memory.h"

/* Behind the first word, which is the file's name. */
static const char *behind_name(const char *text)
{
    while (*text && *text != ' ')
        text++;
    while (*text == ' ')
        text++;
    return text;
}

static void find_packed(const struct boot *boot, struct domain_source *out)
{
    const uint8_t *archive = memory_at(boot->modules[0].base);
    size_t bytes = boot->modules[0].bytes;
    struct cpio_file file;

    if (!cpio_find(archive, bytes, "kernel", &file))
        boot_failed("the module is no archive with a file \"kernel\"");
    out->kernel = file.bytes;
    out->kernel_bytes = file.size;
    if (cpio_find(archive, bytes, "initrd", &file)) {
        out->initrd = file.bytes;
        out->initrd_bytes = file.size;
    }
    out->cmdline = boot->cmdline;
}

const char *modules_add_own(struct boot *boot)
{
    (void)boot;
    return NULL;
}

void modules_find(const struct boot *boot, struct domain_source *out_source)
{
    *out_source = (struct domain_source){ 0 };
    if (!boot->module_count)
        boot_failed("the loader has passed no kernel: it is the first module");
    if (boot->door == DOOR_PVH) {
        find_packed(boot, out_source);
        return;
    }
    out_source->kernel = memory_at(boot->modules[0].base);
    out_source->kernel_bytes = boot->modules[0].bytes;
    out_source->cmdline = behind_name(boot->module_text);
    if (boot->module_count > 1) {
        out_source->initrd = memory_at(boot->modules[1].base);
        out_source->initrd_bytes = boot->modules[1].bytes;
    }
    if (boot->module_count > 2)
        log_line("modules behind the second are not used");
}

static bool in_module(const struct boot *boot, uint64_t at)
{
    for (size_t i = 0; i < boot->module_count; i++) {
        const struct boot_range *module = &boot->modules[i];

        if (at + PAGE_BYTES > module->base && at < module->base + module->bytes)
            return true;
    }
    return false;
}

/* As high as possible; 0: nowhere. */
static uint64_t find_room(const struct boot *boot, uint64_t bytes)
{
    uint64_t pages = (bytes + PAGE_BYTES - 1) >> PAGE_BITS, run = 0;

    for (uint64_t i = frame_count; i-- > 0;) {
        run = frame_is_guests(i) && !in_module(boot, i << PAGE_BITS) ? run + 1
                                                                     : 0;
        if (run == pages)
            return i << PAGE_BITS;
    }
    return 0;
}

void modules_unpack(struct boot *boot, struct domain_source *source)
{
    static struct unpack_work work;
    struct kernel_packed packed;
    struct pvi_line why;
    uint64_t at;

    if (!kernel_is_packed(source->kernel, source->kernel_bytes))
        return;
    if (!kernel_packed_read(source->kernel, source->kernel_bytes, &packed,
                            &why))
        boot_failed("kernel: %s", why.text);
    at = find_room(boot, packed.unpacked_bytes);
    if (!at || boot_add_module(boot, at, packed.unpacked_bytes))
        boot_failed("too little memory: the kernel is %llu KiB, unpacked",
                    wide_number(packed.unpacked_bytes >> 10));
    if (!kernel_unpack(&packed, &work, memory_at(at), &why))
        boot_failed("kernel: %s", why.text);
    source->kernel = memory_at(at);
    source->kernel_bytes = packed.unpacked_bytes;
}
