/* SPDX-License-Identifier: MIT */
/*
 * pvlab.yaml: what a kernel's own repository says about it.
 *
 *   kernel: build/kernel.elf      # image, relative to the file's folder
 *   platforms: [native, kvm]      # what a bare "pvlab matrix" boots on
 *   expect: "boot complete"       # any option of a boot by its long name:
 *   timeout: 30                   #   append initrd modules disk iso uefi net
 *   on:                           #   cpus mem timeout expect accel repeat
 *     xen_domu_pv:                # the same keys for one platform, and
 *       kernel: build/xen.elf     #   skip: a reason not to run it there
 *       append: "console=hvc0"
 *     hyperv~gen2:
 *       skip: needs a PIT
 *   custom:                       # platforms of the user's own
 *     bochs:
 *       command: [bochs, -q, -f, lab.bochsrc]   # {kernel} {append} {initrd}
 *       console: stdio            #   {cpus} {mem} {disk} {iso} are replaced
 *       describe: Bochs 2.7 from Debian         # or console: file:PATH,
 *                                               # pty, unix:PATH
 */
#ifndef LAB_CONFIG_H
#define LAB_CONFIG_H

#include "options.h"

enum console_kind { CONSOLE_STDIO, CONSOLE_FILE, CONSOLE_PTY, CONSOLE_UNIX };

struct custom_platform {
    char *name;
    char **command; /* NULL-terminated */
    char *describe; /* NULL: none */
    enum console_kind console;
    char *console_path; /* CONSOLE_FILE, CONSOLE_UNIX */
};

/* Keys given for one platform; of 'options' only those in 'given' count. */
struct platform_config {
    char *platform;
    struct boot_options options;
    unsigned given; /* CONFIG_* bits of the keys that were there */
    char *skip;     /* NULL: run it */
};

enum {
    CONFIG_KERNEL = 1 << 0,
    CONFIG_APPEND = 1 << 1,
    CONFIG_INITRD = 1 << 2,
    CONFIG_MODULES = 1 << 3,
    CONFIG_DISK = 1 << 4,
    CONFIG_ISO = 1 << 5,
    CONFIG_EXPECT = 1 << 6,
    CONFIG_UEFI = 1 << 7,
    CONFIG_NET = 1 << 8,
    CONFIG_CPUS = 1 << 9,
    CONFIG_MEM = 1 << 10,
    CONFIG_TIMEOUT = 1 << 11,
    CONFIG_REPEAT = 1 << 12,
    CONFIG_ACCEL = 1 << 13,
};

struct config {
    struct platform_config base; /* the file's top level; platform NULL */
    char **platforms;            /* NULL-terminated; NULL: not given */
    struct platform_config *on;
    size_t on_count;
    struct custom_platform *custom;
    size_t custom_count;
};

enum { CONFIG_WHY_BYTES = 256 };

/*
 * Parse 'text'. Paths in it stay as they are written.
 *
 * Errors: NULL, with "LINE:COLUMN: sentence" in 'why': bad YAML, an unknown
 *         key (the nearest known one is offered), a value of the wrong kind
 *         or out of range, a key given twice, an alias or anchor (refused, so
 *         that a small file cannot expand into a large one).
 */
struct config *config_parse(const char *text, size_t size,
                            char why[CONFIG_WHY_BYTES]);

/*
 * config_parse() of a file; kernel, initrd, modules, disk, iso and custom
 * console paths are made relative to the file's folder, except the kernel
 * named "debian". 'why' begins with the path.
 */
struct config *config_load(const char *path, char why[CONFIG_WHY_BYTES]);

void config_free(struct config *config);

/*
 * Put together what holds for one platform: the file's top level, then its
 * entry under "on", then what the command line gave (bits in 'line_given').
 * 'config' may be NULL.
 */
void config_resolve(const struct config *config, const char *platform,
                    const struct boot_options *line, unsigned line_given,
                    struct boot_options *out_options, const char **out_skip);

#endif /* LAB_CONFIG_H */
