/* SPDX-License-Identifier: MIT */
/*
 * Two files and what lies below them.
 */
#include "qemu/ovmf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file, so that it ends *below bytes before the image; its own are added.
 */
static bool place(uint8_t *image, size_t *below, const char *path,
                  char why[WHY_BYTES])
{
    FILE *file = fopen(path, "re");
    long size = -1;
    bool good = false;

    if (file && !fseek(file, 0, SEEK_END))
        size = ftell(file);
    if (size < 0) {
        snprintf(why, WHY_BYTES, "cannot read %s: %s", path, strerror(errno));
    } else if ((size_t)size > OVMF_BYTES - *below) {
        snprintf(why, WHY_BYTES, "%s is too large for OVMF", path);
    } else {
        *below += (size_t)size;
        rewind(file);
        good = fread(image + OVMF_BYTES - *below, 1, (size_t)size, file) ==
               (size_t)size;
        if (!good)
            snprintf(why, WHY_BYTES, "cannot read %s", path);
    }
    if (file)
        fclose(file);
    return good;
}

uint8_t *ovmf_image(const char *code, const char *vars, char why[WHY_BYTES])
{
    uint8_t *image = malloc(OVMF_BYTES);
    size_t below = 0;

    if (!image)
        abort();
    memset(image, 0xff, OVMF_BYTES);
    if (!place(image, &below, code, why) || !place(image, &below, vars, why)) {
        free(image);
        return NULL;
    }
    return image;
}
