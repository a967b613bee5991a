/* SPDX-License-Identifier: MIT */
/*
 * The commands of protocol.h.
 */
#include "session.h"

#include "bridge.h"
#include "job.h"
#include "port.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ARGUMENTS = 512 };

static bool is_xen;
static char *arguments[MAX_ARGUMENTS + 1];
static size_t argument_count;

void session_begin(bool xen)
{
    is_xen = xen;
    port_answer("ready");
}

/* One too many is kept as such, so that "run" can say so. */
static void add_argument(const char *text)
{
    if (argument_count < MAX_ARGUMENTS) {
        arguments[argument_count] = strdup(text);
        if (!arguments[argument_count])
            port_fatal("no memory for an argument");
    }
    argument_count++;
}

static void run(void)
{
    if (run_is_active() || domain_is_active())
        port_answer("failed something runs already");
    else if (!argument_count)
        port_answer("failed run without arguments");
    else if (argument_count > MAX_ARGUMENTS)
        port_answer("failed run with %zu arguments, the limit is %d",
                    argument_count, MAX_ARGUMENTS);
    else
        run_start(arguments);

    while (argument_count) {
        argument_count--;
        if (argument_count < MAX_ARGUMENTS)
            free(arguments[argument_count]);
        if (argument_count <= MAX_ARGUMENTS)
            arguments[argument_count] = NULL;
    }
}

static void domain(const char *cfg, bool paused)
{
    if (!is_xen)
        port_answer("failed this outer system has no Xen");
    else if (run_is_active() || domain_is_active())
        port_answer("failed something runs already");
    else
        domain_start(cfg, paused);
}

/* What follows 'word' and a space in 'line', or NULL. */
static const char *after(const char *line, const char *word)
{
    size_t n = strlen(word);

    return !strncmp(line, word, n) && line[n] == ' ' ? line + n + 1 : NULL;
}

static void command(const char *line)
{
    const char *rest;

    if ((rest = after(line, "arg"))) {
        add_argument(rest);
    } else if (!strcmp(line, "run")) {
        run();
    } else if ((rest = after(line, "domain"))) {
        domain(rest, false);
    } else if ((rest = after(line, "domain-gdb"))) {
        domain(rest, true);
    } else if (!strcmp(line, "unpause")) {
        if (!domain_unpause())
            port_answer("failed no domain is paused");
    } else if (!strcmp(line, "ping")) {
        poll(NULL, 0, 20);
        port_answer("pong");
    } else if (!strcmp(line, "kill")) {
        run_kill();
        domain_kill();
    } else {
        port_answer("failed no such command: %s", line);
    }
}

void session_take(enum agent_channel channel, const uint8_t *bytes, size_t size)
{
    char line[AGENT_FRAME_BYTES + 1];

    switch (channel) {
    case AGENT_CONTROL:
        memcpy(line, bytes, size);
        line[size] = '\0';
        command(line);
        break;
    case AGENT_CONSOLE:
    case AGENT_MONITOR:
    case AGENT_GDB:
        /* A key pressed too late is not the next guest's. */
        if (run_is_active() || domain_is_active())
            bridge_push(channel, bytes, size);
        break;
    case AGENT_LOG:
    case AGENT_CHANNELS:
        port_log("pvlab sent on channel %d", channel);
        break;
    }
}
