/* SPDX-License-Identifier: MIT */
/*
 * The host's side of the counting plugin: its arguments and its output.
 */
#include "where/where.h"

#include "base/args.h"
#include "where/live.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Lowest address that belongs to a kernel by itself. */
#define HIGH_HALF UINT64_C(0x0000800000000000)

__attribute__((format(printf, 2, 3))) static bool
refuse(char why[WHERE_WHY_BYTES], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, WHERE_WHY_BYTES, format, args);
    va_end(args);
    return false;
}

static bool resolve(const char *option, const char *place, const char *symbols,
                    const void *bytes, size_t size, uint64_t *out_address,
                    char why[WHERE_WHY_BYTES])
{
    char symbol_why[IMAGE_WHY_BYTES], *end;

    if (isdigit((unsigned char)place[0])) {
        errno = 0;
        *out_address = strtoull(place, &end, 0);
        if (errno || *end)
            return refuse(why, "--%s %.80s: not an address of 64 bits", option,
                          place);
        return true;
    }
    if (!symbols)
        return refuse(why,
                      "--%s %.80s: no file of symbols is known, give "
                      "--symbols or an address",
                      option, place);
    if (!image_symbol(bytes, size, place, out_address, symbol_why))
        return refuse(why, "--%s: %.80s: %s", option, symbols, symbol_why);
    return true;
}

static bool is_symbol(const char *place)
{
    return !isdigit((unsigned char)place[0]);
}

static bool map_symbols(const char *path, void **out_bytes, size_t *out_size,
                        char why[WHERE_WHY_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;

    if (fd < 0 || fstat(fd, &status)) {
        refuse(why, "--symbols %.80s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    *out_size = status.st_size;
    *out_bytes = mmap(NULL, *out_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (*out_bytes == MAP_FAILED)
        return refuse(why, "--symbols %.80s: not a file with content", path);
    return true;
}

bool where_pairs(const struct boot_options *options, const char *symbols,
                 struct where_pair out_pairs[OPTIONS_MAX_PLACES],
                 char why[WHERE_WHY_BYTES])
{
    void *bytes = NULL;
    size_t size = 0;
    bool wanted = false, ok = true;

    if (options->from_count != options->to_count)
        return refuse(why, "each --from wants its --to: there are %zu and %zu",
                      options->from_count, options->to_count);
    for (size_t i = 0; i < options->from_count; i++)
        wanted |= is_symbol(options->from[i]) || is_symbol(options->to[i]);
    if (wanted && symbols && !map_symbols(symbols, &bytes, &size, why))
        return false;
    for (size_t i = 0; ok && i < options->from_count; i++)
        ok = resolve("from", options->from[i], symbols, bytes, size,
                     &out_pairs[i].from, why) &&
             resolve("to", options->to[i], symbols, bytes, size,
                     &out_pairs[i].to, why);
    if (bytes)
        munmap(bytes, size);
    return ok;
}

/*
 * Add the ranges of a kernel that has nothing in the high half. One that has
 * is told by that; what it has below runs only at its start (boot code) or
 * not at all (Linux's per-CPU segment, linked at 0).
 */
static void add_ranges(char **text, const struct image *image)
{
    for (size_t i = 0; i < image->range_count; i++)
        if (image->ranges[i].vaddr >= HIGH_HALF)
            return;
    for (size_t i = 0; i < image->range_count; i++) {
        const struct image_range *range = &image->ranges[i];
        char *longer = text_new("%s,kernel=0x%" PRIx64 "-0x%" PRIx64, *text,
                                range->vaddr, range->vaddr + range->bytes);

        free(*text);
        *text = longer;
    }
}

char *where_plugin(const char *plugin, const char *out, enum where_mode mode,
                   const struct image *image, const struct where_pair *pairs,
                   size_t pair_count)
{
    static const char *const modes[] = {
        [WHERE_MODE_NATIVE] = "native",
        [WHERE_MODE_XEN_PV] = "xen_pv",
        [WHERE_MODE_SVM] = "svm",
    };
    char *file = args_commas(plugin), *samples = args_commas(out);
    char *text = text_new("file=%s,out=%s,mode=%s", file, samples, modes[mode]);

    free(file);
    free(samples);
    if (image)
        add_ranges(&text, image);
    for (size_t i = 0; i < pair_count; i++) {
        char *longer = text_new("%s,pair=0x%" PRIx64 ":0x%" PRIx64, text,
                                pairs[i].from, pairs[i].to);

        free(text);
        text = longer;
    }
    return text;
}

/* One line without its newline: a sample, or what else the plugin says. */
static bool parse_sample(const char *line, size_t *out_pair,
                         struct where_counts *out_counts)
{
    struct where_counts *c = out_counts;
    int end = -1;

    sscanf(line,
           "sample %zu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
           " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " .%n",
           out_pair, &c->user, &c->kernel, &c->hypervisor, &c->rep_user,
           &c->rep_kernel, &c->rep_hypervisor, &c->calls_user, &c->calls_kernel,
           &c->calls_hypervisor, &c->exits, &end);
    return end >= 0 && !line[end];
}

struct samples {
    struct where_counts *v;
    size_t count, room;
};

static bool keep(struct samples *samples, const struct where_counts *counts)
{
    if (samples->count == samples->room) {
        size_t room = samples->room ? 2 * samples->room : 64;
        struct where_counts *v =
            reallocarray(samples->v, room, sizeof(*samples->v));

        if (!v)
            return false;
        samples->v = v;
        samples->room = room;
    }
    samples->v[samples->count++] = *counts;
    return true;
}

static bool read_lines(FILE *in, const char *out, size_t pair,
                       struct samples *samples, char why[WHERE_WHY_BYTES])
{
    char line[256];

    for (size_t number = 1; fgets(line, sizeof(line), in); number++) {
        struct where_counts counts;
        size_t length = strlen(line), of;

        if (length && line[length - 1] != '\n' && feof(in))
            break;
        if (length)
            line[length - 1] = '\0';
        if (!strncmp(line, "error ", 6))
            return refuse(why, "instructions were not counted: %s", line + 6);
        if (!strcmp(line, "full"))
            break;
        if (!parse_sample(line, &of, &counts))
            return refuse(why, "%.80s:%zu: not a sample", out, number);
        if (of == pair && !keep(samples, &counts))
            return refuse(why, "%.80s: too many samples for the memory", out);
    }
    if (ferror(in))
        return refuse(why, "%.80s: %s", out, strerror(errno));
    return true;
}

bool where_samples(const char *out, size_t pair,
                   struct where_counts **out_samples, size_t *out_count,
                   char why[WHERE_WHY_BYTES])
{
    struct samples samples = { 0 };
    FILE *in = fopen(out, "re");
    bool ok;

    *out_samples = NULL;
    *out_count = 0;
    if (!in)
        return refuse(why, "%.80s: %s", out, strerror(errno));
    ok = read_lines(in, out, pair, &samples, why);
    fclose(in);
    if (!ok) {
        free(samples.v);
        return false;
    }
    *out_samples = samples.v;
    *out_count = samples.count;
    return true;
}

bool where_total(const char *out, struct where_counts *out_total,
                 char why[WHERE_WHY_BYTES])
{
    struct where_live live = { 0 };
    struct where_counts *unused;
    char *path;
    size_t count, got;
    FILE *in;

    /* For what the plugin may have had to say. */
    if (!where_samples(out, SIZE_MAX, &unused, &count, why))
        return false;
    path = text_new("%s%s", out, WHERE_LIVE_SUFFIX);
    in = fopen(path, "re");
    got = in ? fread(&live, 1, sizeof(live), in) : 0;
    free(path);
    if (in)
        fclose(in);
    if (got != sizeof(live) || live.magic != WHERE_LIVE_MAGIC)
        return refuse(why, "%.80s%s: not the plugin's counters", out,
                      WHERE_LIVE_SUFFIX);

    where_live_settle(&live);
    *out_total = (struct where_counts){
        .user = live.sum[WHERE_USER][WHERE_ALL],
        .kernel = live.sum[WHERE_KERNEL][WHERE_ALL],
        .hypervisor = live.sum[WHERE_HYPERVISOR][WHERE_ALL],
        .rep_user = live.sum[WHERE_USER][WHERE_REP],
        .rep_kernel = live.sum[WHERE_KERNEL][WHERE_REP],
        .rep_hypervisor = live.sum[WHERE_HYPERVISOR][WHERE_REP],
        .calls_user = live.sum[WHERE_USER][WHERE_CALLS],
        .calls_kernel = live.sum[WHERE_KERNEL][WHERE_CALLS],
        .calls_hypervisor = live.sum[WHERE_HYPERVISOR][WHERE_CALLS],
        .exits = live.exits,
    };
    return true;
}
