/* SPDX-License-Identifier: MIT */
/*
 * What may be said about a boot, on the command line or in pvlab.yaml.
 *
 * Strings are owned by whoever filled the struct (argv, or the parsed file)
 * and live as long as the program.
 */
#ifndef LAB_CONFIG_OPTIONS_H
#define LAB_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum accel { ACCEL_TCG, ACCEL_KVM, ACCEL_AUTO };

enum { OPTIONS_MAX_MODULES = 16, OPTIONS_MAX_PLACES = 16 };

struct boot_options {
    const char *kernel; /* path, or "debian" */
    const char *append; /* kernel command line */
    const char *initrd;
    const char *modules[OPTIONS_MAX_MODULES];
    size_t module_count;
    const char *disk;
    const char *iso;
    const char *rom;    /* FILE, acpi:FILE or region:FILE */
    const char *expect; /* POSIX extended regular expression */
    bool uefi;
    bool net_user;
    unsigned cpus;      /* 0: 1 */
    unsigned mem_mib;   /* 0: the platform's default */
    unsigned timeout_s; /* 0: the platform's default */
    unsigned repeat;    /* 0: once */
    enum accel accel;
    bool icount;
    bool where;
    /* --where: symbols or addresses; the Nth 'from' goes with the Nth 'to' */
    const char *from[OPTIONS_MAX_PLACES];
    const char *to[OPTIONS_MAX_PLACES];
    size_t from_count, to_count;
    const char *symbols; /* --where: ELF or System.map that has them */
    unsigned gdb_port;   /* 0: no gdb */
    const char *json;
    const char *junit;
    bool tap;
    const char *log_dir;
};

#endif /* LAB_CONFIG_OPTIONS_H */
