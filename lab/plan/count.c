/* SPDX-License-Identifier: MIT */
/*
 * From the options to the plugin's argument, from its files to the result.
 */
#include "plan/count.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "base/dirs.h"
#include "where/live.h"
#include "where/where.h"

bool count_wanted(const struct boot_options *options)
{
    return options->icount || options->where;
}

static const char *option_name(const struct plan *plan)
{
    return plan->options.where ? "--where" : "--icount";
}

static char *plugin_file(void)
{
    return text_new("%s/where.so", dirs_libexec());
}

/* A bzImage is packed, a medium holds who knows what: neither has symbols. */
static const char *symbols_of(const struct plan *plan)
{
    if (plan->options.symbols)
        return plan->options.symbols;
    return plan->image.format == IMAGE_ELF ? plan->kernel : NULL;
}

enum verdict count_plan(struct plan *plan, char why[WHY_BYTES])
{
    char place_why[WHERE_WHY_BYTES];
    char *plugin;
    bool there;

    if (!count_wanted(&plan->options))
        return VERDICT_PASS;
    if (!plan->platform) {
        snprintf(why, WHY_BYTES,
                 "%s counts in a QEMU that pvlab starts, not in the launcher "
                 "of a platform of your own",
                 option_name(plan));
        return VERDICT_SKIP;
    }
    if (plan->options.where && plan->platform->kind == PLATFORM_DOMU) {
        snprintf(why, WHY_BYTES,
                 "--where cannot tell this domain from the dom0 beside it");
        return VERDICT_SKIP;
    }
    if (plan->options.where && plan->platform->shim &&
        plan->platform->kind == PLATFORM_NESTED) {
        snprintf(why, WHY_BYTES,
                 "--where cannot tell the shim from its kernel under KVM: "
                 "platform shim can");
        return VERDICT_SKIP;
    }
    if (plan->options.accel == ACCEL_KVM) {
        snprintf(why, WHY_BYTES,
                 "%s counts in QEMU's software CPU, but the accelerator is "
                 "to be kvm",
                 option_name(plan));
        return VERDICT_ERROR;
    }
    plugin = plugin_file();
    there = access(plugin, R_OK) == 0;
    if (!there)
        snprintf(why, WHY_BYTES, "cannot read the plugin %s: %s", plugin,
                 strerror(errno));
    free(plugin);
    if (!there)
        return VERDICT_ERROR;
    if (!where_pairs(&plan->options, symbols_of(plan), plan->pairs,
                     place_why)) {
        snprintf(why, WHY_BYTES, "%s", place_why);
        return VERDICT_ERROR;
    }
    return VERDICT_PASS;
}

char *count_path(const struct plan *plan, const char *logs, const char *tag)
{
    if (!count_wanted(&plan->options))
        return NULL;
    return text_new("%s/%s.where", logs, tag);
}

/* libxenshim.a is linked into it: the shim, beneath the same kernel. */
static bool has_shim(const struct plan *plan)
{
    const struct boot_options asked = {
        .from = { "xenshim_hypercall" },
        .to = { "xenshim_entry" },
        .from_count = 1,
        .to_count = 1,
    };
    struct where_pair pairs[OPTIONS_MAX_PLACES];
    char why[WHERE_WHY_BYTES];

    return plan->image.format == IMAGE_ELF &&
           where_pairs(&asked, plan->kernel, pairs, why);
}

/*
 * --icount wants the sum alone: it needs no guest mode to be followed, and so
 * can lose none.
 */
static enum where_mode mode_of(const struct plan *plan)
{
    const struct platform *platform = plan->platform;

    if (!plan->options.where)
        return WHERE_MODE_NATIVE;
    if (platform->kind == PLATFORM_DOM0)
        return platform->domain == DOMAIN_PV ? WHERE_MODE_XEN_PV
                                             : WHERE_MODE_SVM;
    /* It lies where Xen does. */
    if (platform->shim || (platform->kind == PLATFORM_DIRECT && has_shim(plan)))
        return WHERE_MODE_XEN_PV;
    return platform->kind == PLATFORM_NESTED ? WHERE_MODE_SVM
                                             : WHERE_MODE_NATIVE;
}

static void remove_counts(const char *path)
{
    char *live = text_new("%s%s", path, WHERE_LIVE_SUFFIX);

    unlink(path);
    unlink(live);
    free(live);
}

char *count_plugin(const struct plan *plan, const char *path)
{
    const struct image *image = &plan->image;
    bool medium = image->format == IMAGE_ISO || image->format == IMAGE_DISK;
    char *plugin = plugin_file(), *text;

    remove_counts(path);
    text = where_plugin(plugin, path, mode_of(plan), medium ? NULL : image,
                        plan->pairs, plan->options.from_count);
    free(plugin);
    return text;
}

static struct where_counts since(const struct where_counts *now,
                                 const struct where_counts *before)
{
    return (struct where_counts){
        .user = now->user - before->user,
        .kernel = now->kernel - before->kernel,
        .hypervisor = now->hypervisor - before->hypervisor,
        .rep_user = now->rep_user - before->rep_user,
        .rep_kernel = now->rep_kernel - before->rep_kernel,
        .rep_hypervisor = now->rep_hypervisor - before->rep_hypervisor,
        .calls_user = now->calls_user - before->calls_user,
        .calls_kernel = now->calls_kernel - before->calls_kernel,
        .calls_hypervisor = now->calls_hypervisor - before->calls_hypervisor,
        .exits = now->exits - before->exits,
    };
}

static struct where_samples *new_entries(struct result *result, size_t count)
{
    result->where = calloc(count, sizeof(*result->where));
    if (!result->where)
        abort();
    result->where_count = count;
    return result->where;
}

static void fill_total(struct result *result, const struct where_counts *counts)
{
    struct where_samples *entry = new_entries(result, 1);

    entry->list = malloc(sizeof(*entry->list));
    if (!entry->list)
        abort();
    entry->list[0] = *counts;
    entry->count = 1;
}

static bool fill_pairs(const struct plan *plan, const char *path,
                       struct result *result, char why[WHERE_WHY_BYTES])
{
    const struct boot_options *options = &plan->options;
    struct where_samples *entries = new_entries(result, options->from_count);

    for (size_t i = 0; i < options->from_count; i++) {
        entries[i].from = text_new("%s", options->from[i]);
        entries[i].to = text_new("%s", options->to[i]);
        if (!where_samples(path, i, &entries[i].list, &entries[i].count, why))
            return false;
    }
    return true;
}

/* True with a sentence if the guest passed by some pair not even once. */
static bool some_unpassed(const struct result *result,
                          char why[WHERE_WHY_BYTES])
{
    const struct where_samples *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < result->where_count; i++) {
        if (result->where[i].count)
            continue;
        if (!first)
            first = &result->where[i];
        count++;
    }
    if (!first)
        return false;
    if (count == 1)
        snprintf(why, WHERE_WHY_BYTES,
                 "--where: nothing ran from %.60s to %.60s", first->from,
                 first->to);
    else
        snprintf(why, WHERE_WHY_BYTES,
                 "--where: nothing ran from %.60s to %.60s, nor between %zu "
                 "more of %zu pairs",
                 first->from, first->to, count - 1, result->where_count);
    return true;
}

/* The counts are not whole: the worse of that and of what was seen. */
static void complain(struct result *result, bool damaged, const char *why)
{
    char *reason = result->reason;

    if (verdict_worst(result->verdict, VERDICT_ERROR) != result->verdict) {
        result->verdict = VERDICT_ERROR;
        result->reason = text_new("%s", why);
    } else if (damaged && result->verdict != VERDICT_ERROR) {
        result->reason = text_new("%s; besides, %s", reason, why);
    } else {
        return;
    }
    free(reason);
}

static bool fill(const struct plan *plan, const char *path,
                 const struct where_counts *before, struct result *result,
                 char why[WHERE_WHY_BYTES])
{
    const struct boot_options *options = &plan->options;
    struct where_counts counts;

    if (options->from_count && !fill_pairs(plan, path, result, why))
        return false;
    if (options->from_count && !options->icount)
        return true;
    if (!where_total(path, &counts, why))
        return false;
    counts = since(&counts, before);
    if (options->where && !options->from_count)
        fill_total(result, &counts);
    if (!options->icount)
        return true;
    result->instructions = counts.user + counts.kernel + counts.hypervisor;
    if (!result->instructions)
        snprintf(why, WHERE_WHY_BYTES, "--icount: nothing was executed");
    return result->instructions > 0;
}

void count_finish(const struct plan *plan, const char *path,
                  const struct where_counts *before, struct result *result)
{
    char why[WHERE_WHY_BYTES];

    if (!fill(plan, path, before, result, why)) {
        result_forget_where(result);
        complain(result, true, why);
    } else if (some_unpassed(result, why)) {
        complain(result, false, why);
    }
}
