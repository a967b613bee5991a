/* SPDX-License-Identifier: MIT */
/*
 * Seeds for frame_fuzz: frame_seeds FOLDER writes streams of frames.
 */
#include "agent/frame.h"
#include "seed_file.h"

#include <string.h>

static uint8_t stream[4 * (AGENT_HEADER_BYTES + AGENT_FRAME_BYTES)];
static size_t used;

static void add(enum agent_channel channel, const char *text, size_t size)
{
    frame_header(stream + used, channel, size);
    used += AGENT_HEADER_BYTES;
    if (text)
        memcpy(stream + used, text, size);
    else
        memset(stream + used, 'x', size);
    used += size;
}

/* The first byte seeds the cutting. */
static void write_seed(const char *folder, const char *name, uint8_t cutting)
{
    seed_file_write(folder, name, &cutting, 1, stream, used);
    used = 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: frame_seeds FOLDER\n");
        return 2;
    }
    add(AGENT_CONTROL, "ready", 5);
    add(AGENT_CONTROL, "started", 7);
    add(AGENT_CONSOLE, "PVOPS: END\n", 11);
    add(AGENT_MONITOR, "{}\n", 3);
    add(AGENT_GDB, "$T05#b9", 7);
    add(AGENT_LOG, "", 0);
    add(AGENT_CONTROL, "ended exit 0", 12);
    write_seed(argv[1], "boot", 1);
    add(AGENT_CONSOLE, NULL, AGENT_FRAME_BYTES);
    add(AGENT_CONTROL, "ended signal 9", 14);
    write_seed(argv[1], "longest", 2);
    add(AGENT_CONSOLE, NULL, AGENT_FRAME_BYTES + 1);
    write_seed(argv[1], "too-long", 3);
    add(AGENT_CHANNELS, "no such channel", 15);
    write_seed(argv[1], "channel", 4);
    return 0;
}
