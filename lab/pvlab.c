/* SPDX-License-Identifier: MIT */
/*
 * pvlab: boot any kernel on real hypervisors.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/stop.h"
#include "base/verdict.h"
#include "command/bench.h"
#include "command/cmdline.h"
#include "command/run.h"
#include "config/config.h"
#include "platform/platform.h"
#include "rom/rom.h"
#include "sites/sites.h"

/* The file that --config names must be there; pvlab.yaml may be. */
static struct config *load_config(const char *given)
{
    const char *path = given ? given : "pvlab.yaml";
    char why[CONFIG_WHY_BYTES];
    struct config *config;

    if (!given && access(path, F_OK))
        return NULL;
    config = config_load(path, platform_names(), why);
    if (!config) {
        fprintf(stderr, "pvlab: %s\n", why);
        exit(EXIT_USAGE);
    }
    return config;
}

/* Else the first file or pipe that is opened would take a closed one's place
 * and get what is written there. */
static void open_standard_streams(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    struct cmdline line;
    struct config *config;
    int status;

    open_standard_streams();
    if (argc > 1 && !strcmp(argv[1], "bench"))
        bench_verb(argv + 2);
    cmdline_parse(argc, argv, &line);
    if (line.verb == VERB_SITES)
        return sites_verb(&line);
    if (line.verb == VERB_ROM)
        return rom_verb(&line);
    config = load_config(line.config);
    stop_setup();
    status = line.verb == VERB_LIST ? list_verb(&line, config)
                                    : run_verb(&line, config);
    dirs_remove_temp();
    config_free(config);
    return stop_requested() ? stop_status() : status;
}
