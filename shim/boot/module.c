/* SPDX-License-Identifier: MIT */
/*
 * Modules, or an archive of them.
 */
#include "boot/module.h"

#include "boot/boot.h"
#include "domain/domain.h"
#include "exec/exec.h"
#include "log.h"
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
