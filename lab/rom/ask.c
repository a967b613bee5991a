/* SPDX-License-Identifier: MIT */
/*
 * A ROM's code, run in a machine of its own: QEMU's command line, and what
 * romprobe prints there (lab/romprobe/probe.h).
 *
 * Nothing of that is believed further than that the ROM printed it, which runs
 * with all rights of that machine, and with none of this one's.
 */
#include "rom/rom.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "base/child.h"
#include "base/stop.h"
#include "platform/needs.h"
#include "platform/platform.h"
#include "qemu/qemu.h"
#include "report/text.h"

enum {
    TIMEOUT_S = 20,
    TIMED_OUT = 124, /* timeout(1) */
    OUTPUT_BYTES = 256 * 1024,
    PROBLEM_BYTES = 400,
};

/* With one of these broken, nobody would find or enter its code. */
static const uint32_t not_to_run =
    1u << PVI_ROM_SHORT | 1u << PVI_ROM_SIGNATURE |
    1u << PVI_ROM_VMI_SIGNATURE | 1u << PVI_ROM_VERSION | 1u << PVI_ROM_LENGTH |
    1u << PVI_ROM_CHECKSUM | 1u << PVI_ROM_STUB | 1u << PVI_ROM_ENTRY |
    1u << PVI_ROM_ALIGNMENT | 1u << PVI_ROM_STATE | 1u << PVI_ROM_CPU;

/* The bytes that were looked at, whatever becomes of the file. */
static char *write_image(const struct rom *rom, char why[WHY_BYTES])
{
    const char *dir = dirs_temp(why);
    char *path;
    FILE *file;

    if (!dir)
        return NULL;
    path = text_new("%s/image.rom", dir);
    file = fopen(path, "wbe");
    if (file && fwrite(rom->image.bytes, 1, rom->image.length, file) ==
                    rom->image.length) {
        if (!fclose(file))
            return path;
        file = NULL;
    }
    snprintf(why, WHY_BYTES, "cannot write %s: %s", path, strerror(errno));
    if (file)
        fclose(file);
    free(path);
    return NULL;
}

/* A PC with a serial port and 64 MiB, and nothing else. */
static void add_pc(const struct rom *rom, const char *image, unsigned timeout_s,
                   struct args *args)
{
    const struct platform *native = platform_find("native");
    char *escaped = args_commas(image);
    bool is64 = rom->major == VMI64_API_MAJOR;

    args_add_all(args, "timeout", "-k", "2", NULL);
    args_add(args, "%u", timeout_s ? timeout_s : TIMEOUT_S);
    args_add(args, "qemu-system-x86_64");
    qemu_confine(args);
    args_add_all(args, "-nodefaults", "-machine", native->machine, "-cpu",
                 native->cpu, "-accel", "tcg", "-m", "64", "-vga", "none",
                 "-nic", "none", "-no-reboot", "-serial", "stdio", "-monitor",
                 "none", "-kernel", NULL);
    args_add(args, "%s/romprobe-%d.elf", dirs_libexec(), is64 ? 64 : 32);
    args_add_all(args, is64 ? "-initrd" : "-option-rom", is64 ? image : escaped,
                 NULL);
    free(escaped);
}

/* A boot as any other's. */
static void add_run(const struct rom *rom, const char *image,
                    const struct cmdline *line, struct args *args)
{
    bool is64 = rom->major == VMI64_API_MAJOR;

    args_add_all(args, "/proc/self/exe", "run", line->on, NULL);
    args_add(args, "%s/romprobe-%d.elf", dirs_libexec(), is64 ? 64 : 32);
    args_add_all(args, is64 ? "--initrd" : "--rom", image, "--logs", NULL);
    args_add(args, "%s.logs", image);
    if (line->options.timeout_s) {
        args_add(args, "--timeout");
        args_add(args, "%u", line->options.timeout_s);
    }
}

__attribute__((format(printf, 2, 3))) static void
add_problem(struct rom *rom, const char *format, ...)
{
    char text[PROBLEM_BYTES];
    va_list list;

    if (rom->problem_count == ROM_MOST_PROBLEMS)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    if (rom->problem_count == ROM_MOST_PROBLEMS - 1)
        strcpy(text, "and more; no more are shown");
    rom->problems[rom->problem_count++] =
        text_clean(text, TEXT_ASCII, PROBLEM_BYTES);
}

/* What follows 'prefix'; NULL: the line does not begin so. */
static const char *after(const char *line, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(line, prefix, length) ? NULL : line + length;
}

static void parse_answer(struct rom *rom, const char *text)
{
    unsigned call, type = 0, skip = 0, length = 0, pad = 0;
    unsigned long long target = 0;
    char word[16] = "";
    int used = 0;

    if (sscanf(text, "%u %15s%n", &call, word, &used) != 2 || call >= ROM_CALLS)
        return;
    text += used;
    if (!strcmp(word, "TYPE")) {
        sscanf(text, "%u %llx", &type, &target);
    } else {
        while (rom_type_name(rom, type) &&
               strcmp(rom_type_name(rom, type), word))
            type++;
        sscanf(text, "%llx %u %u %x", &target, &skip, &length, &pad);
    }
    rom->answers[call] = (struct rom_answer){
        .type = type,
        .target = target,
        .skip = skip,
        .length = length,
        .pad = pad,
    };
    rom->asked = ROM_ANSWERED;
}

/* One line of the console. */
static void parse_line(struct rom *rom, const char *line, bool *out_ended)
{
    const char *text;

    if ((text = after(line, "ROM init ")) && *text) {
        rom->init_status = (uint32_t)strtoul(text, NULL, 10);
        rom->asked = ROM_INIT_ONLY;
    } else if ((text = after(line, "ROM call "))) {
        parse_answer(rom, text);
    } else if (rom->broken && after(line, "PVLAB FAIL found ")) {
        return; /* the same, said again */
    } else if ((text = after(line, "PVLAB FAIL "))) {
        text += strcspn(text, " ");
        add_problem(rom, "%s", *text ? text + 1 : "an unnamed rule");
    } else if ((text = after(line, "PVLAB SKIP init "))) {
        char *clean = text_clean(text, TEXT_ASCII, WHY_BYTES / 2);

        snprintf(rom->why, sizeof(rom->why), "%s", clean);
        free(clean);
    } else if (after(line, "PVLAB END ")) {
        *out_ended = true;
    }
}

/* The last words of a machine that came to no end tell where it was. */
static void judge_lost(struct rom *rom, const char *last, int status, bool bare)
{
    const char *how = "ends the machine (a fault that nothing handles, or a "
                      "reset)";
    const char *text = after(last, "ROM call ");
    unsigned call = text ? (unsigned)strtoul(text, NULL, 10) : ROM_CALLS;
    const char *name = call < ROM_CALLS ? rom_call_name(rom, call) : NULL;

    if (!bare)
        how = "never comes back, or ends the machine";
    else if (status == TIMED_OUT)
        how = "never comes back";
    if (text)
        add_problem(rom, "GetRelocationInfo for call %u%s%s%s %s", call,
                    name ? " (" : "", name ? name : "", name ? ")" : "", how);
    else if (after(last, "ROM init"))
        add_problem(rom, "Init %s", how);
    else
        add_problem(rom, "its code %s", how);
}

/* Why pvlab run did not boot it: below its table, in lines of 80 columns. */
static void judge_not_begun(const char *output, int status, char why[WHY_BYTES])
{
    const char *text = strstr(output, "\nSKIP ");
    size_t length = 0;
    char *clean;

    if (!text)
        text = strstr(output, "\nERROR ");
    snprintf(why, WHY_BYTES,
             "its code cannot be asked: what should run it ended with status "
             "%d",
             status);
    if (!text)
        return;
    text += 1 + strcspn(text + 1, " ") + 1;
    for (; *text && strncmp(text, "\n\n", 2) && length < WHY_BYTES - 1;
         text++) {
        if (strchr(" \n", *text)) {
            if (length && why[length - 1] != ' ')
                why[length++] = ' ';
        } else {
            why[length++] = *text;
        }
    }
    why[length] = '\0';
    clean = text_clean(why, TEXT_ASCII, WHY_BYTES - 1);
    strcpy(why, clean);
    free(clean);
}

static bool parse(struct rom *rom, char *output, int status, bool bare,
                  char why[WHY_BYTES])
{
    char *whole = bare ? NULL : text_new("%s", output);
    bool begun = strstr(output, "PVLAB INFO entered=") != NULL, ended = false;
    const char *last = "";
    char *rest = output, *line;

    while ((line = strsep(&rest, "\n"))) {
        size_t length = strlen(line);

        if (length && line[length - 1] == '\r')
            line[length - 1] = '\0';
        parse_line(rom, line, &ended);
        if (after(line, "ROM "))
            last = line;
    }
    /* The BIOS calls 03h before our kernel is entered. */
    if (!begun && bare && rom->major == VMI_API_MAJOR &&
        (status == TIMED_OUT || status == 0))
        add_problem(rom, status ? "03h never comes back to the BIOS"
                                : "03h ends the machine");
    else if (!begun)
        judge_not_begun(whole ? whole : "", status, why);
    else if (!ended)
        judge_lost(rom, last, status, bare);
    free(whole);
    return begun || rom->problem_count;
}

bool rom_ask(struct rom *rom, const struct cmdline *line, char why[WHY_BYTES])
{
    struct args args = { 0 };
    char *image, *output;
    int status;
    bool sound;

    if (rom->broken & not_to_run) {
        snprintf(rom->why, sizeof(rom->why),
                 "its code is not asked: no kernel would enter it");
        return true;
    }
    if (!needs_installed(platform_find("native"), false, why))
        return false;
    image = write_image(rom, why);
    if (!image)
        return false;
    output = calloc(1, OUTPUT_BYTES);
    if (line->on)
        add_run(rom, image, line, &args);
    else
        add_pc(rom, image, line->options.timeout_s, &args);
    status = output ? child_collect(args.v, output, OUTPUT_BYTES) : -1;
    sound = status >= 0 && !stop_requested();
    if (sound)
        sound = parse(rom, output, status, !line->on, why);
    else
        snprintf(why, WHY_BYTES, "cannot run its code: %s",
                 strerror(stop_requested() ? EINTR : errno));
    args_free(&args);
    free(output);
    free(image);
    return sound;
}
