/* SPDX-License-Identifier: MIT */
/*
 * The cache: a folder a component, complete or absent.
 */
#include "platform/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/args.h"
#include "base/child.h"
#include "base/sha256.h"
#include "base/stop.h"
#include "image/unpack_kernel.h"
#include "platform/outer_list.h"

static const char *const names[COMPONENT_COUNT] = {
    [COMPONENT_LINUX] = "linux",
    [COMPONENT_XEN] = "xen",
    [COMPONENT_XENTOOLS] = "xentools",
};

static char *failures[COMPONENT_COUNT];

/* Raised when fetch-debian would fill the folder with something else. */
enum { CACHE_LAYOUT = 2 };

/* What is in the folder follows from what fetch-debian was asked for. */
static char *new_path(enum component component)
{
    struct args args = { 0 };
    char digest[65], *path;

    outer_list_fetch(component, &args);
    sha256_texts((const char *const *)args.v, args.count, digest);
    path = text_new("%s/%s-%d-%.8s", dirs_cache(), names[component],
                    CACHE_LAYOUT, digest);
    args_free(&args);
    return path;
}

const char *cache_path(enum component component)
{
    static char *paths[COMPONENT_COUNT];

    if (!paths[component])
        paths[component] = new_path(component);
    return paths[component];
}

bool cache_ready(enum component component)
{
    char why[WHY_BYTES];

    return dirs_cache_safe(why) && access(cache_path(component), X_OK) == 0;
}

static bool fetch(enum component component, const char *partial,
                  char why[WHY_BYTES])
{
    struct args args = { 0 };
    char text[WHY_BYTES], *words;
    int status;

    args_add(&args, "%s/fetch-debian", dirs_libexec());
    args_add_all(&args, names[component], partial, NULL);
    outer_list_fetch(component, &args);
    status = child_collect(args.v, text, sizeof(text));
    if (status < 0 && errno != EINTR)
        snprintf(text, sizeof(text), "cannot run %s: %s", args.v[0],
                 strerror(errno));
    args_free(&args);
    if (status == 0)
        return true;
    /* The first line with words: gzip's messages begin with an empty one. */
    words = text + strspn(text, "\n");
    words[strcspn(words, "\n")] = '\0';
    if (stop_requested())
        snprintf(why, WHY_BYTES, "interrupted");
    else
        snprintf(why, WHY_BYTES, "cannot fetch %s from Debian: %.400s",
                 names[component], words[0] ? words : "no reason given");
    return false;
}

/* Asked for again and again: a wait would not see a signal that came before. */
static bool take_lock(int lock, enum component component,
                      void (*progress)(const char *text), char why[WHY_BYTES])
{
    enum { STEP_US = 50000 };
    bool said = false;
    char *text;

    while (flock(lock, LOCK_EX | LOCK_NB)) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            snprintf(why, WHY_BYTES, "cannot lock the cache folder %.300s: %s",
                     dirs_cache(), strerror(errno));
            return false;
        }
        if (stop_requested()) {
            snprintf(why, WHY_BYTES, "interrupted");
            return false;
        }
        if (!said) {
            text = text_new("waiting for %s: another pvlab is fetching",
                            names[component]);
            progress(text);
            free(text);
        }
        said = true;
        usleep(STEP_US);
    }
    return true;
}

/* A kernel that cannot be unpacked boots as it is, only later. */
static void unpack_linux(const char *dir)
{
    char *from = text_new("%s/vmlinuz", dir);
    char *to = text_new("%s/vmlinux", dir);
    char why[WHY_BYTES];

    if (!unpack_kernel(from, to, why))
        unlink(to);
    free(from);
    free(to);
}

const char *cache_vmlinux(void)
{
    static char *path;

    if (!path) {
        path = text_new("%s/vmlinux", cache_path(COMPONENT_LINUX));
        if (access(path, R_OK)) {
            free(path);
            path = text_new("%s/vmlinuz", cache_path(COMPONENT_LINUX));
        }
    }
    return path;
}

bool cache_need(enum component component, void (*progress)(const char *text),
                char why[WHY_BYTES])
{
    char *partial = NULL, *lock_path = NULL, *text;
    bool done = false;
    int lock = -1;

    if (cache_ready(component))
        return true;
    if (!dirs_cache_safe(why))
        goto out;
    lock_path = text_new("%s/lock", dirs_cache());
    if (!dirs_make(dirs_cache()) ||
        (lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666)) < 0) {
        snprintf(why, WHY_BYTES, "cannot write the cache folder %.300s: %s",
                 dirs_cache(), strerror(errno));
        goto out;
    }
    if (!take_lock(lock, component, progress, why))
        goto out;
    done = cache_ready(component);
    if (done)
        goto out;
    text = text_new("fetching %s from Debian's packages", names[component]);
    progress(text);
    free(text);
    partial = text_new("%s.partial", cache_path(component));
    dirs_remove(partial);
    done = fetch(component, partial, why);
    if (done && component == COMPONENT_LINUX)
        unpack_linux(partial);
    if (done && rename(partial, cache_path(component))) {
        snprintf(why, WHY_BYTES, "cannot write %.300s: %s",
                 cache_path(component), strerror(errno));
        done = false;
    }
    if (!done)
        dirs_remove(partial);
out:
    if (lock >= 0)
        close(lock);
    free(partial);
    free(lock_path);
    free(failures[component]);
    failures[component] = done ? NULL : text_new("%s", why);
    return done;
}

void cache_missing(enum component component, char why[WHY_BYTES])
{
    if (failures[component])
        snprintf(why, WHY_BYTES, "%s", failures[component]);
    else if (dirs_cache_safe(why))
        snprintf(why, WHY_BYTES,
                 "%s is not in the cache yet; it is fetched "
                 "when first needed",
                 names[component]);
}
