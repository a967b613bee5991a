/* SPDX-License-Identifier: MIT */
/*
 * grub-mkrescue, fed with one menu entry.
 */
#include "plan/grub_iso.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/args.h"
#include "base/child.h"
#include "image/image.h"
#include "platform/needs.h"

static bool prerequisites(bool uefi, char why[WHY_BYTES])
{
    static const struct {
        const char *program, *package;
    } needs[] = {
        { "grub-mkrescue", "grub-common" },
        { "xorriso", "xorriso" },
        { "mformat", "mtools" },
    };
    const char *modules =
        uefi ? "/usr/lib/grub/x86_64-efi" : "/usr/lib/grub/i386-pc";

    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        if (needs_program(needs[i].program))
            continue;
        snprintf(why, WHY_BYTES, "missing: %s (Debian: %s), to boot it by GRUB",
                 needs[i].program, needs[i].package);
        return false;
    }
    if (access(modules, R_OK)) {
        snprintf(why, WHY_BYTES, "missing: %s (Debian: %s), to boot it by GRUB",
                 modules, uefi ? "grub-efi-amd64-bin" : "grub-pc-bin");
        return false;
    }
    return true;
}

static bool link_in(const char *from, const char *dir, const char *name,
                    char why[WHY_BYTES])
{
    char *target = realpath(from, NULL);
    char *path = text_new("%s/%s", dir, name);
    bool good = target && symlink(target, path) == 0;

    if (!good)
        snprintf(why, WHY_BYTES, "cannot use %.300s: %s", from,
                 strerror(errno));
    free(target);
    free(path);
    return good;
}

/* GRUB's quoting: between ' and ', only ' itself ends the string. */
static void quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    }
    fputc('\'', out);
}

/*
 * What GRUB has to complain of goes where the guest will print: it is silent
 * otherwise. "dumb": without escape sequences. UEFI's console is there anyway.
 */
static const char bios_console[] = "serial --unit=0 --speed=115200\n"
                                   "terminfo serial dumb\n"
                                   "terminal_output serial\n";

/* The first error is the last line then, and needs no time-out. */
static const char or_halt[] = "\nif [ $? != 0 ]; then halt; fi\n";

static bool write_config(const struct grub_kernel *kernel, const char *dir,
                         bool uefi, char why[WHY_BYTES])
{
    const char *load = kernel->door == DOOR_LINUX        ? "linux"
                       : kernel->door == DOOR_MULTIBOOT1 ? "multiboot"
                                                         : "multiboot2";
    const char *module = kernel->door == DOOR_MULTIBOOT1 ? "module" : "module2";
    char *path = text_new("%s/boot/grub/grub.cfg", dir);
    FILE *out = fopen(path, "w");
    bool good;

    free(path);
    if (!out) {
        snprintf(why, WHY_BYTES, "cannot write grub.cfg: %s", strerror(errno));
        return false;
    }
    fprintf(out, "set timeout=0\n%s%s /kernel ", uefi ? "" : bios_console,
            load);
    /* Each word by itself: GRUB hands the words on, joined by a blank. */
    for (const char *p = kernel->append; *p;) {
        size_t size = strcspn(p, " ");
        char *word = text_new("%.*s", (int)size, p);

        if (size)
            quoted(out, word);
        fputc(' ', out);
        free(word);
        p += size;
        p += strspn(p, " ");
    }
    fputs(or_halt, out);
    if (kernel->initrd)
        fprintf(out, "%s /initrd%s",
                kernel->door == DOOR_LINUX ? "initrd" : module, or_halt);
    for (size_t i = 0; i < kernel->module_count; i++)
        fprintf(out, "%s /module%zu%s", module, i, or_halt);
    fprintf(out, "boot%s", or_halt);
    good = !ferror(out);
    if (fclose(out) || !good) {
        snprintf(why, WHY_BYTES, "cannot write grub.cfg: %s", strerror(errno));
        return false;
    }
    return true;
}

bool grub_iso(const struct grub_kernel *kernel, const char *iso, bool uefi,
              char why[WHY_BYTES])
{
    char *dir = text_new("%s.d", iso);
    char *grub = text_new("%s/boot/grub", dir);
    struct args args = { 0 };
    char text[4096];
    bool good = false;
    int status;

    if (!prerequisites(uefi, why))
        goto out;
    if (!dirs_make(grub)) {
        snprintf(why, WHY_BYTES, "cannot make %.300s: %s", grub,
                 strerror(errno));
        goto out;
    }
    if (!link_in(kernel->kernel, dir, "kernel", why) ||
        (kernel->initrd && !link_in(kernel->initrd, dir, "initrd", why)))
        goto out;
    for (size_t i = 0; i < kernel->module_count; i++) {
        char name[32];

        snprintf(name, sizeof(name), "module%zu", i);
        if (!link_in(kernel->modules[i], dir, name, why))
            goto out;
    }
    if (!write_config(kernel, dir, uefi, why))
        goto out;
    /* -f is mkisofs's: links are followed. */
    args_add_all(&args, "grub-mkrescue", "-o", iso, dir, "-f", NULL);
    status = child_collect(args.v, text, sizeof(text));
    good = status == 0;
    if (!good)
        snprintf(why, WHY_BYTES, "grub-mkrescue failed (%d): %.300s", status,
                 text);
out:
    dirs_remove(dir);
    args_free(&args);
    free(dir);
    free(grub);
    return good;
}
