/* SPDX-License-Identifier: MIT */
/*
 * pvlab's command line.
 */
#ifndef LAB_COMMAND_CMDLINE_H
#define LAB_COMMAND_CMDLINE_H

#include "config/options.h"

enum { CMDLINE_MAX_KERNELS = 8 };

enum verb {
    VERB_LIST,
    VERB_RUN,
    VERB_MATRIX,
    VERB_SITES,
    VERB_ROM,
    VERB_BENCH, /* as the first word alone: bench.h takes it from there */
};

struct cmdline {
    enum verb verb;
    const char *platform; /* run */
    const char *on;       /* matrix: comma list; rom: one; NULL: not given */
    const char *config;   /* file; NULL: pvlab.yaml, if there */
    /* matrix: as they were named; the first one is options.kernel too */
    const char *kernels[CMDLINE_MAX_KERNELS];
    size_t kernel_count;
    bool list_json;              /* list, sites, rom info: JSON on stdout */
    bool rom_check;              /* rom: check, else info */
    struct boot_options options; /* kernel NULL: not given */
    unsigned given;              /* CONFIG_* bits of what was given */
};

/* Ends the program: status 2 with one sentence, or after --help. */
void cmdline_parse(int argc, char **argv, struct cmdline *out_cmdline);

/* Wrong usage: one sentence on stderr, exit status 2. */
__attribute__((noreturn, format(printf, 1, 2))) void usage(const char *format,
                                                           ...);

#endif /* LAB_COMMAND_CMDLINE_H */
