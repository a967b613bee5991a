/* SPDX-License-Identifier: MIT */
/*
 * list: what there is, and whether it is ready.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/verdict.h"
#include "command/run.h"
#include "platform/cache.h"
#include "platform/needs.h"
#include "platform/partial.h"
#include "platform/platform.h"

/* A component that can be fetched does not make a platform unready. */
static bool ready(const struct platform *platform, char why[WHY_BYTES])
{
    return needs_installed(platform, false, why);
}

/* As its command is started; a kernel that is the program is given later. */
static bool custom_ready(const struct custom_platform *custom,
                         char why[WHY_BYTES])
{
    const char *program = custom->command[0];
    bool path = strchr(program, '/') != NULL;

    if (!strcmp(program, "{kernel}"))
        return true;
    if (path ? access(program, X_OK) == 0 : needs_program(program))
        return true;
    if (path)
        snprintf(why, WHY_BYTES, "%s: %s", program, strerror(errno));
    else
        snprintf(why, WHY_BYTES, "%s is not in PATH", program);
    return false;
}

/* Is it PLATFORM's, that is PLATFORM~something? */
static bool is_of(const struct platform *partial, const char *platform)
{
    size_t length = strlen(platform);

    return !strncmp(partial->name, platform, length) &&
           partial->name[length] == '~';
}

static json_t *partials_json(const char *platform)
{
    json_t *names = json_array();
    size_t count;
    const struct platform *partials = partial_platforms(&count);

    for (size_t i = 0; i < count; i++) {
        if (is_of(&partials[i], platform))
            json_array_append_new(names, json_string(partials[i].name));
    }
    return names;
}

/* What follows the '~' of each, in lines of 80 columns. */
static void partials_text(const char *platform)
{
    size_t count, shape_at = strlen(platform) + 1, column;
    const struct platform *partials = partial_platforms(&count);

    column = (size_t)printf("  %s~%*s", platform, (int)(8 - shape_at), "");
    for (size_t i = 0; i < count; i++) {
        const char *shape = partials[i].name + shape_at;

        if (!is_of(&partials[i], platform))
            continue;
        if (column + 1 + strlen(shape) > 80)
            column = (size_t)printf("\n%10s", "") - 1;
        column += (size_t)printf(" %s", shape);
    }
    putchar('\n');
}

static void list_json(const struct config *config)
{
    json_t *list = json_array();
    char why[WHY_BYTES];

    for (size_t i = 0; i < platform_count; i++) {
        const struct platform *platform = &platforms[i];
        bool is_ready = ready(platform, why);

        json_array_append_new(
            list, json_pack("{s:s,s:b,s:s?,s:s,s:s?,s:b,s:o}", "platform",
                            platform->name, "ready", is_ready, "missing",
                            is_ready ? NULL : why, "runs", platform->describe,
                            "limits", platform->limits, "custom", 0, "partial",
                            partials_json(platform->name)));
    }
    for (size_t i = 0; config && i < config->custom_count; i++) {
        const struct custom_platform *custom = &config->custom[i];
        bool is_ready = custom_ready(custom, why);

        json_array_append_new(
            list,
            json_pack("{s:s,s:b,s:s?,s:s?,s:n,s:b}", "platform", custom->name,
                      "ready", is_ready, "missing", is_ready ? NULL : why,
                      "runs", custom->describe, "limits", "custom", 1));
    }
    json_dumpf(list, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(list);
}

static void list_text(const struct config *config)
{
    char why[WHY_BYTES];

    for (size_t i = 0; i < platform_count; i++) {
        const struct platform *platform = &platforms[i];
        bool is_ready = ready(platform, why);

        printf("%-13s %-7s  %s\n", platform->name,
               is_ready ? "ready" : "missing", platform->describe);
        if (!is_ready)
            printf("%23s%s\n", "", why);
        else if (platform->limits)
            printf("%23snot: %s\n", "", platform->limits);
    }
    puts("With one feature less, with all of them or none (docs/lab.md):");
    partials_text("hyperv");
    partials_text("kvm");
    for (size_t i = 0; config && i < config->custom_count; i++) {
        const struct custom_platform *custom = &config->custom[i];
        bool is_ready = custom_ready(custom, why);

        printf("%-13s %-7s  %s\n", custom->name, is_ready ? "ready" : "missing",
               custom->describe ? custom->describe : "from pvlab.yaml");
        if (!is_ready)
            printf("%23s%s\n", "", why);
    }
}

int list_verb(const struct cmdline *line, const struct config *config)
{
    if (line->list_json)
        list_json(config);
    else
        list_text(config);
    if ((!fflush(stdout) && !ferror(stdout)) || errno == EPIPE)
        return 0;
    fprintf(stderr, "pvlab: cannot write stdout: %s\n", strerror(errno));
    return VERDICT_ERROR;
}
