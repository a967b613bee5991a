/* SPDX-License-Identifier: MIT */
/*
 * pvlab.yaml: what a kernel's own repository says about it.
 *
 *   kernel: build/kernel.elf      # image, relative to the file's folder
 *   platforms: [native, kvm]      # what a bare "pvlab matrix" boots on
 *   expect: "boot complete"       # any option of a boot by its long name:
 *   timeout: 30                   #   append initrd modules rom disk iso uefi
 *   on:                           #   net cpus mem timeout expect accel repeat
 *     xen_domu_pv:                # the same keys for one platform, and
 *       kernel: build/xen.elf     #   skip: a reason not to run it there
 *       append: "console=hvc0"
 *     hyperv~gen2:
 *       skip: needs a PIT
 *   custom:                       # platforms of the user's own
 *     bochs:
 *       command: [./bochs.sh, "{kernel}"]  # {kernel} {append} {initrd} {disk}
 *       console: stdio                     #   {iso} {cpus} {mem} are replaced
 *       describe: Bochs 2.7 from Debian    # or console: file:PATH, pty,
 *                                          #   unix:PATH
 *
 * docs/pvlab-yaml.md says each key's range and meaning.
 */
#ifndef LAB_CONFIG_H
#define LAB_CONFIG_H

#include "config/options.h"

struct args;

enum console_kind { CONSOLE_STDIO, CONSOLE_FILE, CONSOLE_PTY, CONSOLE_UNIX };

struct custom_platform {
    char *name;
    char **command; /* NULL-terminated, at least one */
    char *describe; /* NULL: none */
    enum console_kind console;
    char *console_path; /* CONSOLE_FILE, CONSOLE_UNIX; else NULL */
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
    CONFIG_ROM = 1 << 14,
};

/* Limits; each smallest value is 1. */
enum {
    CONFIG_MAX_CPUS = 255, /* QEMU's pc machine takes no more */
    CONFIG_MAX_MEM_MIB = 1048576,
    CONFIG_MAX_TIMEOUT_S = 86400,
    CONFIG_MAX_REPEAT = 100000,
    CONFIG_MAX_CUSTOM = 64,
    CONFIG_MAX_FILE_BYTES = 1048576,
    /* {mem} of a custom platform when none is asked for. */
    CONFIG_CUSTOM_MEM_MIB = 512,
};

struct config {
    struct platform_config base; /* the file's top level; platform NULL */
    char **platforms;            /* NULL-terminated; NULL: not given */
    struct platform_config *on;
    size_t on_count;
    struct custom_platform *custom;
    size_t custom_count;
    struct config_block *memory; /* all that is pointed to from here */
};

/* A sentence, after the longest path that Linux takes. */
enum { CONFIG_WHY_BYTES = 4096 + 512 };

/*
 * Parse 'text'. Paths in it stay as they are written. 'known' lists the
 * built-in platforms and shapes by their full names, up to a NULL: any other
 * name under "platforms" or "on" must be one of the file's own.
 *
 * Errors: NULL, with "LINE:COLUMN: sentence" in 'why': bad YAML, an unknown
 *         key or platform (the nearest known one is offered), a value of the
 *         wrong kind or out of range, a key given twice, an alias or anchor
 *         (refused, so that a small file cannot expand into a large one), a
 *         tag, a second document.
 */
struct config *config_parse(const char *text, size_t size,
                            const char *const *known,
                            char why[CONFIG_WHY_BYTES]);

/*
 * config_parse() of a file; kernel, initrd, modules, rom, disk, iso, custom
 * console paths, and a custom command's program if it contains a '/', are made
 * relative to the file's folder, except the kernel named "debian". 'why'
 * begins with the path.
 *
 * Errors: as config_parse(), errno 0; or NULL with errno set if the file could
 *         not be read (ENOENT: there is none).
 */
struct config *config_load(const char *path, const char *const *known,
                           char why[CONFIG_WHY_BYTES]);

/* Frees the config and every string that was taken from it. */
void config_free(struct config *config);

/*
 * Put together what holds for one platform: the file's top level, then its
 * entry under "on", then what the command line gave (bits in 'line_given').
 * What has no bit comes from 'line'. A shape has an entry of its own: "hyperv"
 * says nothing about "hyperv~gen2". 'config' may be NULL. The strings stay
 * the config's and the line's.
 */
void config_resolve(const struct config *config, const char *platform,
                    const struct boot_options *line, unsigned line_given,
                    struct boot_options *out_options, const char **out_skip);

/* The custom platform of that name, or NULL. 'config' may be NULL. */
const struct custom_platform *config_custom(const struct config *config,
                                            const char *name);

/*
 * Append a custom platform's command to 'args', placeholders replaced. One
 * that has no value becomes nothing, and an argument that is nothing else is
 * dropped.
 */
void custom_command(const struct custom_platform *custom,
                    const struct boot_options *options, struct args *args);

enum { EXPECT_WHY_BYTES = 160 };

/*
 * Whether a regular expression can serve as "expect": it must compile, it must
 * not match the empty text, and what it unrolls to is bounded, because glibc's
 * regcomp() copies what is repeated and "(((a{255}){255}){255})" would eat all
 * memory.
 *
 * Errors: false, with the end of a sentence in 'why' ("is no regular
 *         expression: Unmatched ( or \\(").
 */
bool expect_valid(const char *pattern, char why[EXPECT_WHY_BYTES]);

#endif /* LAB_CONFIG_H */
