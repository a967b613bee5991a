/* SPDX-License-Identifier: MIT */
/*
 * Read outer.list, and find what it names.
 */
#include "platform/outer_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"

enum { MAX_WORDS = 4, LDD_BYTES = 1 << 16 };

/* One line: SYSTEM KIND NAME [PLACE]. */
struct item {
    char *words[MAX_WORDS];
    size_t count;
    char *line;
};

static FILE *open_list(void)
{
    char *path = text_new("%s/outer.list", dirs_libexec());
    FILE *file = fopen(path, "re");

    free(path);
    return file;
}

/* The next line with something on it; false at the end. */
static bool next_item(FILE *file, struct item *item)
{
    size_t room = 0;
    char *rest, *word;

    free(item->line);
    *item = (struct item){ 0 };
    while (getline(&item->line, &room, file) > 0) {
        item->line[strcspn(item->line, "#\n")] = '\0';
        rest = item->line;
        item->count = 0;
        while ((word = strsep(&rest, " \t")) && item->count < MAX_WORDS) {
            if (*word)
                item->words[item->count++] = word;
        }
        if (item->count >= 3)
            return true;
    }
    free(item->line);
    item->line = NULL;
    return false;
}

void outer_list_fetch(enum component component, struct args *args)
{
    FILE *file = open_list();
    struct item item = { 0 };

    while (file && next_item(file, &item)) {
        const char *name = item.words[2];

        if (component == COMPONENT_LINUX && !strcmp(item.words[1], "module"))
            args_add(args, "%s", name + (name[0] == '!'));
        if (component == COMPONENT_XENTOOLS &&
            !strcmp(item.words[1], "package"))
            args_add(args, "%s", name);
    }
    if (file)
        fclose(file);
}

/* What the archive has already, so that nothing goes in twice. */
struct packing {
    struct newc *newc;
    struct args packed;
    struct args modules;
    char *why;
};

static bool packed(struct packing *packing, const char *place)
{
    for (size_t i = 0; i < packing->packed.count; i++) {
        if (!strcmp(packing->packed.v[i], place))
            return true;
    }
    args_add(&packing->packed, "%s", place);
    return false;
}

static void pack_file(struct packing *packing, const char *from,
                      const char *place, mode_t mode)
{
    if (!packed(packing, place))
        newc_file(packing->newc, place + 1, mode, from);
}

/* A path of the list: the unpacked packages have it, or this machine. */
static char *locate(const char *path)
{
    char *unpacked = text_new("%s%s", cache_path(COMPONENT_XENTOOLS), path);

    if (access(unpacked, R_OK) == 0)
        return unpacked;
    free(unpacked);
    return access(path, R_OK) == 0 ? text_new("%s", path) : NULL;
}

/* Where a library that was found lies for the programs that want it. */
static const char *place_of(const char *path)
{
    const char *root = cache_path(COMPONENT_XENTOOLS);
    size_t size = strlen(root);

    return strncmp(path, root, size) ? path : path + size;
}

/* ldd's lines: "NAME => PATH (0x...)", and the loader's "PATH (0x...)". */
static bool pack_libraries(struct packing *packing, const char *program)
{
    char *text = malloc(LDD_BYTES);
    struct args args = { 0 };
    bool good = true;
    char *rest = text, *line;

    if (!text)
        abort();
    args_add(&args, "env");
    args_add(&args,
             "LD_LIBRARY_PATH=%s/usr/lib/x86_64-linux-gnu:"
             "%s/lib/x86_64-linux-gnu",
             cache_path(COMPONENT_XENTOOLS), cache_path(COMPONENT_XENTOOLS));
    args_add_all(&args, "ldd", program, NULL);
    if (child_collect(args.v, text, LDD_BYTES) != 0)
        text[0] = '\0'; /* a static program has no libraries */
    while (good && (line = strsep(&rest, "\n"))) {
        char *path = strchr(line, '/');

        if (strstr(line, "not found")) {
            snprintf(packing->why, WHY_BYTES, "%.200s needs a library: %.200s",
                     program, line + strspn(line, " \t"));
            good = false;
        } else if (path) {
            path[strcspn(path, " ")] = '\0';
            pack_file(packing, path, place_of(path), 0755);
        }
    }
    args_free(&args);
    free(text);
    return good;
}

/* To the line of a module that was named before. */
static bool add_parameter(struct packing *packing, const struct item *item)
{
    for (size_t i = 0; item->count > 3 && i < packing->modules.count; i++) {
        char **line = &packing->modules.v[i];
        const char *name = *line + ((*line)[0] == '!');
        char *longer;

        if (strcmp(name, item->words[2]) != 0)
            continue;
        longer = text_new("%s %s", *line, item->words[3]);
        free(*line);
        *line = longer;
        return true;
    }
    snprintf(packing->why, WHY_BYTES,
             "outer.list: a parameter for %s, which is no module named before",
             item->words[2]);
    return false;
}

static bool pack_item(struct packing *packing, const struct item *item)
{
    const char *kind = item->words[1], *name = item->words[2];
    const char *place = item->count > 3 ? item->words[3] : name;
    char *from;
    bool good = true;

    if (!strcmp(kind, "package"))
        return true;
    if (!strcmp(kind, "parameter"))
        return add_parameter(packing, item);
    if (!strcmp(kind, "module")) {
        const char *bare = name + (name[0] == '!');

        args_add(&packing->modules, "%s", name);
        from = text_new("%s/modules/%s.ko", cache_path(COMPONENT_LINUX), bare);
        place = text_new("/lib/modules/%s.ko", bare);
        pack_file(packing, from, place, 0644);
        free((char *)place);
        free(from);
        return true;
    }
    if (!strcmp(kind, "link")) {
        if (!packed(packing, name))
            newc_link(packing->newc, name + 1, place);
        return true;
    }
    from = locate(name);
    if (!from) {
        snprintf(packing->why, WHY_BYTES, "%s is missing on this machine",
                 name);
        return false;
    }
    if (!strcmp(kind, "program"))
        good = pack_libraries(packing, from);
    pack_file(packing, from, place, strcmp(kind, "program") ? 0644 : 0755);
    free(from);
    return good;
}

static void pack_modules(struct packing *packing)
{
    char *list = text_new("%s", "");

    for (size_t i = 0; i < packing->modules.count; i++) {
        char *longer = text_new("%s%s\n", list, packing->modules.v[i]);

        free(list);
        list = longer;
    }
    newc_bytes(packing->newc, "etc/pvlab/modules", 0644, list, strlen(list));
    free(list);
}

bool outer_list_pack(enum outer_kind kind, struct newc *newc,
                     char why[WHY_BYTES])
{
    bool kvm = kind == OUTER_KVM || kind == OUTER_KVM_UEFI;
    const char *mode = kvm ? "kvm" : "xen";
    struct packing packing = { .newc = newc, .why = why };
    char *agent = text_new("%s/agent", dirs_libexec());
    FILE *file = open_list();
    struct item item = { 0 };
    bool good = file != NULL;

    if (!file)
        snprintf(why, WHY_BYTES, "cannot read %.300s/outer.list: %s",
                 dirs_libexec(), strerror(errno));
    while (good && next_item(file, &item)) {
        if (!strcmp(item.words[0], mode) ||
            (kind == OUTER_KVM_UEFI && !strcmp(item.words[0], "kvm-uefi")))
            good = pack_item(&packing, &item);
    }
    if (good) {
        pack_modules(&packing);
        newc_bytes(newc, "etc/pvlab/mode", 0644, mode, strlen(mode));
        newc_file(newc, "init", 0755, agent);
        /* QEMU keeps there what a guest writes to its disks. */
        newc_link(newc, "var/tmp", "/tmp");
    }
    if (file)
        fclose(file);
    free(item.line);
    args_free(&packing.packed);
    args_free(&packing.modules);
    free(agent);
    return good;
}
