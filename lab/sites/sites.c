/* SPDX-License-Identifier: MIT */
/*
 * sites: every recorded call site of a kernel, and what each backend makes of
 * it.
 */
#include "sites/sites.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/verdict.h"

static int refuse(const char *path, const char *why)
{
    fprintf(stderr, "pvlab: %s: %s\n", path, why);
    return VERDICT_ERROR;
}

int sites_verb(const struct cmdline *line)
{
    const char *path = line->options.kernel;
    char why[IMAGE_WHY_BYTES];
    struct image_bytes bytes;
    struct sites sites;
    int status;

    if (!image_map(path, &bytes, why))
        return refuse(path, why);
    if (!sites_open(&bytes, &sites, why)) {
        image_unmap(&bytes);
        return refuse(path, why);
    }
    if (line->list_json)
        sites_print_json(&sites, path);
    else
        sites_print(&sites, path);
    status = sites.problems ? VERDICT_FAIL : VERDICT_PASS;
    sites_close(&sites);
    image_unmap(&bytes);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "pvlab: stdout: %s\n", strerror(errno));
        return VERDICT_ERROR;
    }
    return status;
}
