/* SPDX-License-Identifier: MIT */
/*
 * One JSON object a line from QEMU: greeting, events, answers.
 */
#include "boot/monitor.h"

#include <string.h>

#include <jansson.h>

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

/* The first word holds: a guest that panicked may be made to reset later. */
static void end_with(struct monitor *monitor, enum ending ending)
{
    if (!monitor->ended)
        monitor->ending = ending;
    monitor->ended = true;
}

static void on_shutdown(struct monitor *monitor, const json_t *data)
{
    const char *reason = text_of(data, "reason");

    if (!strcmp(reason, "guest-shutdown"))
        end_with(monitor, ENDING_POWEROFF);
    else if (!strcmp(reason, "guest-reset"))
        end_with(monitor, ENDING_RESET);
    else if (!strcmp(reason, "guest-panic"))
        end_with(monitor, ENDING_PANIC);
    else
        end_with(monitor, ENDING_LOST);
}

static void on_object(struct monitor *monitor, const json_t *object)
{
    const char *event = text_of(object, "event");
    const char *status;

    if (json_object_get(object, "QMP")) {
        monitor->answer = "{\"execute\":\"qmp_capabilities\"}\n";
    } else if (!strcmp(event, "SHUTDOWN")) {
        on_shutdown(monitor, json_object_get(object, "data"));
    } else if (!strcmp(event, "GUEST_PANICKED")) {
        end_with(monitor, ENDING_PANIC);
    } else if (!strcmp(event, "STOP")) {
        /* The greeting's answer comes first: QEMU refuses all before it. */
        if (!monitor->ended && !monitor->answer)
            monitor->answer = "{\"execute\":\"query-status\"}\n";
    } else {
        status = text_of(json_object_get(object, "return"), "status");
        /* KVM gave up on an instruction; QEMU would wait for ever. */
        if (!strcmp(status, "internal-error"))
            monitor->stopped = true;
    }
}

static void end_line(struct monitor *monitor)
{
    json_t *object = NULL;

    if (!monitor->overlong)
        object = json_loadb(monitor->line, monitor->used, 0, NULL);
    if (object)
        on_object(monitor, object);
    json_decref(object);
    monitor->used = 0;
    monitor->overlong = false;
}

void monitor_feed(struct monitor *monitor, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n')
            end_line(monitor);
        else if (monitor->used == sizeof(monitor->line))
            monitor->overlong = true;
        else
            monitor->line[monitor->used++] = (char)bytes[i];
    }
}
