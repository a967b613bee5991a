/* SPDX-License-Identifier: MIT */
/*
 * Progress lines.
 */
#include "report/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "base/now.h"

struct state {
    bool running;
    double since;
    char phase[48];
};

struct progress {
    const char *const *names;
    size_t count, done;
    struct state *states;
    bool terminal;
    double start;
};

struct progress *progress_new(const char *const *names, size_t count)
{
    struct progress *progress = calloc(1, sizeof(*progress));

    if (!progress ||
        !(progress->states = calloc(count + 1, sizeof(struct state))))
        abort();
    progress->names = names;
    progress->count = count;
    progress->terminal = isatty(STDERR_FILENO);
    progress->start = now_s();
    return progress;
}

static void clear(const struct progress *progress)
{
    if (progress->terminal)
        fputs("\r\033[K", stderr);
}

void progress_tick(struct progress *progress)
{
    char line[80];
    int used;

    if (!progress->terminal)
        return;
    used = snprintf(line, sizeof(line), "%zu/%zu  %.0f s", progress->done,
                    progress->count, now_s() - progress->start);
    for (size_t i = 0; i < progress->count; i++) {
        const struct state *state = &progress->states[i];

        if (!state->running || used >= (int)sizeof(line))
            continue;
        used += snprintf(line + used, sizeof(line) - (size_t)used,
                         "  %s: %s %.0f s", progress->names[i], state->phase,
                         now_s() - state->since);
    }
    clear(progress);
    fputs(line, stderr);
    fflush(stderr);
}

void progress_begin(struct progress *progress, size_t index)
{
    struct state *state = &progress->states[index];

    state->running = true;
    state->since = now_s();
    snprintf(state->phase, sizeof(state->phase), "booting");
    progress_tick(progress);
}

void progress_phase(struct progress *progress, size_t index, const char *text)
{
    struct state *state = &progress->states[index];

    if (!strcmp(state->phase, text))
        return;
    snprintf(state->phase, sizeof(state->phase), "%s", text);
    if (!progress->terminal)
        fprintf(stderr, "%s: %s\n", progress->names[index], text);
    progress_tick(progress);
}

void progress_end(struct progress *progress, size_t index,
                  const struct result *result)
{
    progress->states[index].running = false;
    progress->done++;
    clear(progress);
    fprintf(stderr, "%s: %s", progress->names[index],
            verdict_name(result->verdict));
    if (result->log)
        fprintf(stderr, " after %.1f s", result->seconds);
    fputc('\n', stderr);
    progress_tick(progress);
}

void progress_free(struct progress *progress)
{
    clear(progress);
    fflush(stderr);
    free(progress->states);
    free(progress);
}
