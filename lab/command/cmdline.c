/* SPDX-License-Identifier: MIT */
/*
 * The command line, by glibc's argp.
 */
#include "command/cmdline.h"

#include <argp.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/verdict.h"
#include "config/config.h"

const char *argp_program_version = "pvlab " PVLAB_VERSION;

enum key {
    KEY_APPEND = 0x100,
    KEY_INITRD,
    KEY_MODULE,
    KEY_ROM,
    KEY_DISK,
    KEY_ISO,
    KEY_UEFI,
    KEY_NET,
    KEY_CPUS,
    KEY_MEM,
    KEY_TIMEOUT,
    KEY_EXPECT,
    KEY_REPEAT,
    KEY_ACCEL,
    KEY_ICOUNT,
    KEY_WHERE,
    KEY_FROM,
    KEY_TO,
    KEY_SYMBOLS,
    KEY_GDB,
    KEY_JSON,
    KEY_TAP,
    KEY_JUNIT,
    KEY_ON,
    KEY_CONFIG,
    KEY_LOGS,
};

static const struct argp_option options[] = {
    { NULL, 0, NULL, 0, "The guest:", 1 },
    { "append", KEY_APPEND, "TEXT", 0, "kernel command line", 0 },
    { "initrd", KEY_INITRD, "FILE", 0, "initrd, or first module", 0 },
    { "module", KEY_MODULE, "FILE", 0, "further module; repeatable", 0 },
    { "rom", KEY_ROM, "[acpi:|region:]FILE", 0,
      "VMI ROM: as option ROM (i386) or first module, or where it says", 0 },
    { "disk", KEY_DISK, "FILE", 0,
      "disk image, raw or qcow2; writes are thrown away", 0 },
    { "iso", KEY_ISO, "FILE", 0, "CD image", 0 },
    { "uefi", KEY_UEFI, NULL, 0, "firmware is UEFI (OVMF), not BIOS", 0 },
    { "net", KEY_NET, "user", 0,
      "one network card; nothing of this machine can be reached by it", 0 },
    { "cpus", KEY_CPUS, "N", 0, "virtual CPUs (1)", 0 },
    { "mem", KEY_MEM, "MIB", 0, "memory in MiB", 0 },
    { NULL, 0, NULL, 0, "The verdict:", 2 },
    { "expect", KEY_EXPECT, "REGEX", 0,
      "PASS once the console shows this (POSIX extended)", 0 },
    { "timeout", KEY_TIMEOUT, "S", 0, "seconds a boot may take", 0 },
    { "repeat", KEY_REPEAT, "N", 0, "boot N times, count every failure", 0 },
    { NULL, 0, NULL, 0, "How it is run:", 3 },
    { "on", KEY_ON, "A,B", 0, "matrix: these platforms", 0 },
    { "accel", KEY_ACCEL, "tcg|kvm|auto", 0,
      "software CPU (default), this machine's KVM, or the faster", 0 },
    { "icount", KEY_ICOUNT, NULL, 0,
      "count instructions; one is one virtual nanosecond", 0 },
    { "where", KEY_WHERE, NULL, 0, "count instructions by who executes them",
      0 },
    { "from", KEY_FROM, "PLACE", 0,
      "--where: begin at this symbol or address; repeatable", 0 },
    { "to", KEY_TO, "PLACE", 0, "--where: end there; one for each --from", 0 },
    { "symbols", KEY_SYMBOLS, "FILE", 0,
      "--where: ELF or System.map that names them (KERNEL)", 0 },
    { "gdb", KEY_GDB, "PORT", 0,
      "stop before the first instruction and wait for gdb", 0 },
    { "config", KEY_CONFIG, "FILE", 0, "instead of ./pvlab.yaml", 0 },
    { NULL, 0, NULL, 0, "What is written:", 4 },
    { "json", KEY_JSON, "FILE", 0, "results as JSON (list: on stdout, no FILE)",
      0 },
    { "tap", KEY_TAP, NULL, 0, "TAP on stdout instead of the table", 0 },
    { "junit", KEY_JUNIT, "FILE", 0, "results as JUnit XML", 0 },
    { "logs", KEY_LOGS, "DIR", 0, "where the logs are kept", 0 },
    { 0 },
};

/* These are asked for by their name first: their --json has no FILE. */
static const struct argp_option sites_options[] = {
    { "json", KEY_JSON, NULL, 0, "as JSON", 0 },
    { 0 },
};

static const struct argp_option rom_options[] = {
    { "json", KEY_JSON, NULL, 0, "info: as JSON", 0 },
    { "on", KEY_ON, "PLATFORM", 0,
      "run the ROM's code there, not in a bare PC of QEMU's software CPU", 0 },
    { "timeout", KEY_TIMEOUT, "S", 0, "seconds that may take (20)", 0 },
    { 0 },
};

static const struct argp_option list_options[] = {
    { "json", KEY_JSON, NULL, 0, "as JSON", 0 },
    { "config", KEY_CONFIG, "FILE", 0, "instead of ./pvlab.yaml", 0 },
    { 0 },
};

void usage(const char *format, ...)
{
    va_list list;

    fputs("pvlab: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputs(" (see pvlab --help)\n", stderr);
    exit(EXIT_USAGE);
}

static unsigned number(const char *option, const char *text, unsigned least,
                       unsigned most)
{
    unsigned long value;
    char *end;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value < least ||
        value > most)
        usage("--%s wants a whole number from %u to %u, not '%s'", option,
              least, most, text);
    return (unsigned)value;
}

static enum accel accel_of(const char *text)
{
    if (!strcmp(text, "tcg"))
        return ACCEL_TCG;
    if (!strcmp(text, "kvm"))
        return ACCEL_KVM;
    if (!strcmp(text, "auto"))
        return ACCEL_AUTO;
    usage("--accel wants tcg, kvm or auto, not '%s'", text);
}

static const char *expression(const char *text)
{
    char why[EXPECT_WHY_BYTES];

    if (!expect_valid(text, why))
        usage("--expect '%s' %s", text, why);
    return text;
}

static const char *folder(const char *text)
{
    if (!*text)
        usage("--logs wants a folder, not ''");
    /* QEMU's -D puts its process's number there. */
    if (strchr(text, '%'))
        usage("--logs wants a folder without %% in its name, not '%s'", text);
    return text;
}

static void add_module(struct boot_options *o, const char *path)
{
    if (o->module_count == OPTIONS_MAX_MODULES)
        usage("at most %d --module", OPTIONS_MAX_MODULES);
    o->modules[o->module_count++] = path;
}

static void add_place(const char *option, const char **list, size_t *count,
                      const char *text)
{
    if (*count == OPTIONS_MAX_PLACES)
        usage("at most %d --%s", OPTIONS_MAX_PLACES, option);
    list[(*count)++] = text;
}

static void set_verb(struct cmdline *line, const char *text)
{
    static const char *const verbs[] = { "list",  "run", "matrix",
                                         "sites", "rom", "bench" };
    const char *near;

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (!strcmp(text, verbs[i])) {
            line->verb = (enum verb)i;
            return;
        }
    }
    near = nearest_word(text, verbs, sizeof(verbs) / sizeof(verbs[0]));
    if (near)
        usage("no verb '%s'; did you mean '%s'?", text, near);
    usage("no verb '%s'; there are list, run, matrix, sites, rom and bench",
          text);
}

static void set_rom_verb(struct cmdline *line, const char *text)
{
    if (strcmp(text, "info") && strcmp(text, "check"))
        usage("rom wants info or check, not '%s'", text);
    line->rom_check = !strcmp(text, "check");
}

static void add_kernel(struct cmdline *line, const char *path)
{
    for (size_t i = 0; i < line->kernel_count; i++) {
        if (!strcmp(line->kernels[i], path))
            usage("kernel '%s' is named twice", path);
    }
    if (line->kernel_count == CMDLINE_MAX_KERNELS)
        usage("at most %d kernels", CMDLINE_MAX_KERNELS);
    if (!line->kernel_count)
        line->options.kernel = path;
    line->kernels[line->kernel_count++] = path;
    line->given |= CONFIG_KERNEL;
}

static void positional(struct cmdline *line, unsigned index, const char *text)
{
    if (index == 0) {
        set_verb(line, text);
    } else if (line->verb == VERB_RUN && index == 1) {
        line->platform = text;
    } else if (line->verb == VERB_ROM && index == 1) {
        set_rom_verb(line, text);
    } else if ((line->verb == VERB_SITES && index == 1) ||
               (line->verb == VERB_ROM && index == 2)) {
        line->options.kernel = text;
    } else if ((line->verb == VERB_RUN && index == 2) ||
               line->verb == VERB_MATRIX) {
        add_kernel(line, text);
    } else {
        usage("nothing is expected after '%s', but '%s' is there",
              line->verb == VERB_LIST ? "list" : line->options.kernel, text);
    }
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct cmdline *line = state->input;
    struct boot_options *o = &line->options;

    switch (key) {
    case ARGP_KEY_ARG:
        positional(line, state->arg_num, text);
        break;
    case ARGP_KEY_NO_ARGS:
        usage("a verb is missing: list, run, matrix, sites, rom or bench");
    case KEY_APPEND:
        o->append = text;
        line->given |= CONFIG_APPEND;
        break;
    case KEY_INITRD:
        o->initrd = text;
        line->given |= CONFIG_INITRD;
        break;
    case KEY_MODULE:
        add_module(o, text);
        line->given |= CONFIG_MODULES;
        break;
    case KEY_ROM:
        o->rom = text;
        line->given |= CONFIG_ROM;
        break;
    case KEY_DISK:
        o->disk = text;
        line->given |= CONFIG_DISK;
        break;
    case KEY_ISO:
        o->iso = text;
        line->given |= CONFIG_ISO;
        break;
    case KEY_UEFI:
        o->uefi = true;
        line->given |= CONFIG_UEFI;
        break;
    case KEY_NET:
        if (strcmp(text, "user"))
            usage("--net wants user, not '%s'", text);
        o->net_user = true;
        line->given |= CONFIG_NET;
        break;
    case KEY_CPUS:
        o->cpus = number("cpus", text, 1, CONFIG_MAX_CPUS);
        line->given |= CONFIG_CPUS;
        break;
    case KEY_MEM:
        o->mem_mib = number("mem", text, 1, CONFIG_MAX_MEM_MIB);
        line->given |= CONFIG_MEM;
        break;
    case KEY_EXPECT:
        o->expect = expression(text);
        line->given |= CONFIG_EXPECT;
        break;
    case KEY_TIMEOUT:
        o->timeout_s = number("timeout", text, 1, CONFIG_MAX_TIMEOUT_S);
        line->given |= CONFIG_TIMEOUT;
        break;
    case KEY_REPEAT:
        o->repeat = number("repeat", text, 1, CONFIG_MAX_REPEAT);
        line->given |= CONFIG_REPEAT;
        break;
    case KEY_ACCEL:
        o->accel = accel_of(text);
        line->given |= CONFIG_ACCEL;
        break;
    case KEY_ON:
        line->on = text;
        break;
    case KEY_ICOUNT:
        o->icount = true;
        break;
    case KEY_WHERE:
        o->where = true;
        break;
    case KEY_FROM:
        add_place("from", o->from, &o->from_count, text);
        break;
    case KEY_TO:
        add_place("to", o->to, &o->to_count, text);
        break;
    case KEY_SYMBOLS:
        o->symbols = text;
        break;
    case KEY_GDB:
        o->gdb_port = number("gdb", text, 1, 65535);
        break;
    case KEY_CONFIG:
        line->config = text;
        break;
    case KEY_JSON:
        o->json = text;
        line->list_json = line->list_json || !text;
        break;
    case KEY_TAP:
        o->tap = true;
        break;
    case KEY_JUNIT:
        o->junit = text;
        break;
    case KEY_LOGS:
        o->log_dir = folder(text);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* What argp cannot know by itself. */
static void check(const struct cmdline *line)
{
    const struct boot_options *o = &line->options;

    if (line->verb == VERB_BENCH)
        usage("bench is the first word, before any option");
    if (line->verb == VERB_SITES && !o->kernel)
        usage("sites wants a kernel");
    if (line->verb == VERB_ROM && !o->kernel)
        usage("rom wants info or check, and a ROM");
    if (line->rom_check && line->list_json)
        usage("--json belongs to rom info");
    if (line->verb == VERB_RUN && (!line->platform || !o->kernel))
        usage("run wants a platform and a kernel");
    if (line->verb != VERB_MATRIX && line->verb != VERB_ROM && line->on)
        usage("--on belongs to matrix and rom");
    if ((o->from_count || o->to_count) && !o->where)
        usage("--from and --to belong to --where");
    if (o->symbols && !o->where)
        usage("--symbols belongs to --where");
    if (o->from_count != o->to_count)
        usage("each --from wants its --to: there are %zu and %zu",
              o->from_count, o->to_count);
    if (o->accel == ACCEL_KVM && (o->where || o->icount))
        usage("--%s counts in QEMU's software CPU: --accel kvm cannot be",
              o->where ? "where" : "icount");
    if (o->gdb_port && (line->verb != VERB_RUN || o->repeat > 1))
        usage("--gdb belongs to a single run");
}

void cmdline_parse(int argc, char **argv, struct cmdline *out_cmdline)
{
    static const struct argp list_argp = {
        .options = list_options,
        .parser = parse,
        .args_doc = "list [--json]",
        .doc = "Platforms and shapes; for each: ready, or what is missing.",
    };
    static const struct argp sites_argp = {
        .options = sites_options,
        .parser = parse,
        .args_doc = "sites KERNEL [--json]",
        .doc = "Every call site that libpvops records in KERNEL, an ELF, and "
               "what each backend in it makes of the site.",
    };
    static const struct argp rom_argp = {
        .options = rom_options,
        .parser = parse,
        .args_doc = "rom info FILE [--json]\nrom check FILE",
        .doc = "info: all that a VMI ROM says of itself, and what its code "
               "answers for each call. check: every rule of VMI 3.0, or of the "
               "64-bit profile, that it breaks; exit status 5 if there is one."
               "\vThe ROM's code is run, in a virtual machine of its own.",
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "list [--json]\nrun PLATFORM KERNEL\nmatrix [KERNEL...]\n"
                    "sites KERNEL [--json]\nrom info|check FILE\n"
                    "bench [--only A,B] [--on A,B]",
        .doc = "Boot any kernel on real hypervisors, without special "
               "hardware.\v"
               "KERNEL is an ELF, bzImage, ISO or disk image, or the word "
               "debian for Debian's own linux-image. Exit status: 0 PASS, "
               "3 SKIP, 4 ERROR, 5 FAIL, 6 CRASH (the worst), 2 for wrong "
               "usage.",
    };

    const struct argp *chosen = &argp;

    *out_cmdline = (struct cmdline){ 0 };
    argp_err_exit_status = EXIT_USAGE;
    if (argc > 1 && !strcmp(argv[1], "list"))
        chosen = &list_argp;
    if (argc > 1 && !strcmp(argv[1], "sites"))
        chosen = &sites_argp;
    if (argc > 1 && !strcmp(argv[1], "rom"))
        chosen = &rom_argp;
    if (argp_parse(chosen, argc, argv, 0, NULL, out_cmdline))
        exit(EXIT_USAGE);
    check(out_cmdline);
}
