/* SPDX-License-Identifier: MIT */
/*
 * Platform names from the command line and pvlab.yaml.
 */
#include "command/select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/nearest.h"
#include "platform/partial.h"

/* Every name that may be said: built-in, then custom. */
static struct args known_names(const struct config *config)
{
    const char *const *builtin = platform_names();
    struct args names = { 0 };

    while (*builtin)
        args_add(&names, "%s", *builtin++);
    for (size_t i = 0; config && i < config->custom_count; i++)
        args_add(&names, "%s", config->custom[i].name);
    return names;
}

/* The partial ones are too many to be told to everybody. */
static bool is_partial(const char *name)
{
    size_t count;
    const struct platform *partials = partial_platforms(&count);

    for (size_t i = 0; i < count; i++) {
        if (!strcmp(partials[i].name, name))
            return true;
    }
    return false;
}

__attribute__((noreturn)) static void unknown(const char *name,
                                              const struct config *config)
{
    struct args names = known_names(config);
    const char *near =
        nearest_word(name, (const char *const *)names.v, names.count);
    char *list = text_new("%s", "");

    if (near)
        usage("no platform '%s'; did you mean '%s'?", name, near);
    for (size_t i = 0; i < names.count; i++) {
        char *longer;

        if (is_partial(names.v[i]))
            continue;
        longer = text_new("%s%s%s", list, i ? ", " : "", names.v[i]);

        free(list);
        list = longer;
    }
    usage("no platform '%s'; there are %s, and partial ones (pvlab list)", name,
          list);
}

static void add(struct selection *selection, const char *name,
                const struct cmdline *line, const struct config *config)
{
    struct selected *selected;

    if (!*name)
        usage("a platform's name is empty");
    for (size_t i = selection->kernel_first; i < selection->count; i++) {
        const struct selected *other = &selection->list[i];

        if (!strcmp(other->platform ? other->platform->name
                                    : other->custom->name,
                    name))
            usage("platform '%s' is named twice", name);
    }
    selection->list = reallocarray(selection->list, selection->count + 1,
                                   sizeof(*selection->list));
    if (!selection->list)
        abort();
    selected = &selection->list[selection->count++];
    *selected = (struct selected){
        .platform = platform_find(name),
        .custom = config_custom(config, name),
    };
    if (!selected->platform && !selected->custom)
        unknown(name, config);
    config_resolve(config, name, &line->options, line->given,
                   &selected->options, &selected->skip);
    if (!selected->options.kernel && !selected->skip)
        usage("no kernel is named: neither on the command line nor in "
              "pvlab.yaml");
    if (!selection->kernel)
        selection->kernel = selected->options.kernel;
}

static void add_list(struct selection *selection, const char *text,
                     const struct cmdline *line, const struct config *config)
{
    char *copy = text_new("%s", text);
    char *rest = copy, *name;

    while ((name = strsep(&rest, ",")))
        add(selection, name, line, config);
    free(copy);
}

static void add_platforms(struct selection *out_selection,
                          const struct cmdline *line,
                          const struct config *config)
{
    if (line->verb == VERB_RUN) {
        add(out_selection, line->platform, line, config);
    } else if (line->on) {
        add_list(out_selection, line->on, line, config);
    } else if (config && config->platforms) {
        for (char **name = config->platforms; *name; name++)
            add(out_selection, *name, line, config);
    } else {
        for (size_t i = 0; i < platform_count; i++) {
            if (!strchr(platforms[i].name, '~'))
                add(out_selection, platforms[i].name, line, config);
        }
    }
}

/* "pvk" of "build/kernel/i386/pvk.elf"; its folder's before it if 'folder'. */
static char *label_of(const char *path, bool folder)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    int length = (int)(dot && dot != name ? dot - name : (long)strlen(name));
    const char *up = slash;

    while (folder && up && up > path && up[-1] != '/')
        up--;
    if (!folder || !slash || up == slash)
        return text_new("%.*s", length, name);
    return text_new("%.*s-%.*s", (int)(slash - up), up, length, name);
}

/* Whether another kernel of the line would have this label. */
static bool is_taken(const struct cmdline *line, size_t index,
                     const char *label, bool folder)
{
    bool taken = false;

    for (size_t i = 0; i < line->kernel_count && !taken; i++) {
        char *other = label_of(line->kernels[i], folder);

        taken = i != index && !strcmp(label, other);
        free(other);
    }
    return taken;
}

/* A short word for each, that no other one has. It names files as well. */
static char *unique_label(const struct cmdline *line, size_t index)
{
    const char *path = line->kernels[index];
    char *label = label_of(path, false), *numbered;

    if (!is_taken(line, index, label, false))
        return label;
    free(label);
    label = label_of(path, true);
    if (!is_taken(line, index, label, true))
        return label;
    numbered = text_new("%s-%zu", label, index + 1);
    free(label);
    return numbered;
}

void select_platforms(const struct cmdline *line, const struct config *config,
                      struct selection *out_selection)
{
    *out_selection = (struct selection){ 0 };
    if (line->kernel_count < 2) {
        add_platforms(out_selection, line, config);
        return;
    }
    for (size_t i = 0; i < line->kernel_count; i++) {
        struct cmdline one = *line;

        one.options.kernel = line->kernels[i];
        out_selection->kernel_first = out_selection->count;
        add_platforms(out_selection, &one, config);
        for (size_t n = out_selection->kernel_first; n < out_selection->count;
             n++)
            out_selection->list[n].label = unique_label(line, i);
    }
}

void selection_release(struct selection *selection)
{
    for (size_t i = 0; i < selection->count; i++)
        free(selection->list[i].label);
    free(selection->list);
    *selection = (struct selection){ 0 };
}
