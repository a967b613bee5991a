/* SPDX-License-Identifier: MIT */
/*
 * pvlab.yaml as a file: reading it, and what its paths are relative to.
 */
#include "config/parse.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/verdict.h"
#include "image/guest_rom.h"

/* 'path' as seen from the folder of 'file', whose path ends at 'folder'. */
static char *from_folder(struct config *config, const char *file, size_t folder,
                         const char *path)
{
    char *joined;

    if (!path || path[0] == '/' || !folder)
        return (char *)path;
    joined = config_memory(config, folder + strlen(path) + 1, 1);
    memcpy(joined, file, folder);
    strcpy(joined + folder, path);
    return joined;
}

/* The same of "acpi:path". */
static const char *rom_from_folder(struct config *config, const char *file,
                                   size_t folder, const char *text)
{
    const char *path = guest_rom_file(text);
    size_t prefix = path ? (size_t)(path - text) : 0;
    char *placed = from_folder(config, file, folder, path), *joined;

    if (placed == path)
        return text;
    joined = config_memory(config, prefix + strlen(placed) + 1, 1);
    memcpy(joined, text, prefix);
    strcpy(joined + prefix, placed);
    return joined;
}

static void place_options(struct config *config, const char *file,
                          size_t folder, struct boot_options *options)
{
    if (options->kernel && strcmp(options->kernel, "debian"))
        options->kernel = from_folder(config, file, folder, options->kernel);
    options->initrd = from_folder(config, file, folder, options->initrd);
    options->rom = rom_from_folder(config, file, folder, options->rom);
    options->disk = from_folder(config, file, folder, options->disk);
    options->iso = from_folder(config, file, folder, options->iso);
    for (size_t i = 0; i < options->module_count; i++)
        options->modules[i] =
            from_folder(config, file, folder, options->modules[i]);
}

static void place(struct config *config, const char *file)
{
    const char *slash = strrchr(file, '/');
    size_t folder = slash ? (size_t)(slash - file) + 1 : 0;

    place_options(config, file, folder, &config->base.options);
    for (size_t i = 0; i < config->on_count; i++)
        place_options(config, file, folder, &config->on[i].options);
    for (size_t i = 0; i < config->custom_count; i++) {
        struct custom_platform *custom = &config->custom[i];

        custom->console_path =
            from_folder(config, file, folder, custom->console_path);
        if (strchr(custom->command[0], '/'))
            custom->command[0] =
                from_folder(config, file, folder, custom->command[0]);
    }
}

/* Up to one byte more than is allowed; -1 with errno set. */
static ssize_t read_file(int fd, char *text)
{
    size_t used = 0;

    while (used < CONFIG_MAX_FILE_BYTES + 1) {
        ssize_t n = read(fd, text + used, CONFIG_MAX_FILE_BYTES + 1 - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        used += (size_t)n;
    }
    return (ssize_t)used;
}

struct config *config_load(const char *path, const char *const *known,
                           char why[CONFIG_WHY_BYTES])
{
    char *text = malloc(CONFIG_MAX_FILE_BYTES + 1), *sentence;
    struct config *config = NULL;
    ssize_t size = -1;
    int fd, failure;

    sentence = malloc(CONFIG_WHY_BYTES);
    if (!text || !sentence)
        err(VERDICT_ERROR, "out of memory");
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        size = read_file(fd, text);
    failure = size < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    if (size < 0)
        snprintf(why, CONFIG_WHY_BYTES, "%s: %s", path, strerror(failure));
    else
        config = config_parse(text, (size_t)size, known, sentence);
    if (size >= 0 && !config)
        snprintf(why, CONFIG_WHY_BYTES, "%s:%s", path, sentence);
    if (config)
        place(config, path);
    free(text);
    free(sentence);
    errno = failure;
    return config;
}
