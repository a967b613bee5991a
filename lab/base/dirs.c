/* SPDX-License-Identifier: MIT */
/*
 * Folders: found once, made when first needed.
 */
#include "base/dirs.h"

#include <errno.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/args.h"

static char *temp;

/* $variable/pvlab, or ~/fallback/pvlab; NULL without a home. */
static char *user_dir(const char *variable, const char *fallback)
{
    const char *base = getenv(variable);
    const char *home = getenv("HOME");

    if (base && base[0] == '/')
        return text_new("%s/pvlab", base);
    if (home && home[0] == '/')
        return text_new("%s/%s/pvlab", home, fallback);
    return NULL;
}

/* What is used without a home. Its name can be guessed by anybody. */
static char *homeless_dir(void)
{
    return text_new("/tmp/pvlab-%u", (unsigned)geteuid());
}

/*
 * Make it, or see that it is ours. /tmp is sticky: what is ours and a folder
 * now cannot be exchanged by others afterwards.
 */
static bool homeless_safe(char why[WHY_BYTES])
{
    char *dir = homeless_dir();
    const char *wrong = NULL;
    struct stat info;

    if (mkdir(dir, 0700) && errno != EEXIST)
        wrong = strerror(errno);
    else if (lstat(dir, &info))
        wrong = strerror(errno);
    else if (S_ISLNK(info.st_mode))
        wrong = "it is a symbolic link";
    else if (!S_ISDIR(info.st_mode))
        wrong = "it is not a folder";
    else if (info.st_uid != geteuid())
        wrong = "it belongs to another user";
    else if (info.st_mode & (S_IWGRP | S_IWOTH))
        wrong = "others can write to it";
    if (wrong)
        snprintf(why, WHY_BYTES,
                 "HOME is not set, and %s cannot be used in its place: %s", dir,
                 wrong);
    free(dir);
    return !wrong;
}

static bool cache_is_homeless;

const char *dirs_cache(void)
{
    static char *dir;
    const char *given = getenv("PVLAB_CACHE");
    char *base;

    if (!dir && given && *given)
        dir = realpath(given, NULL) ?: text_new("%s", given);
    if (!dir)
        dir = user_dir("XDG_CACHE_HOME", ".cache");
    if (!dir) {
        base = homeless_dir();
        dir = text_new("%s/.cache", base);
        free(base);
        cache_is_homeless = true;
    }
    return dir;
}

bool dirs_cache_safe(char why[WHY_BYTES])
{
    dirs_cache();
    return !cache_is_homeless || homeless_safe(why);
}

const char *dirs_libexec(void)
{
    static char dir[PATH_MAX + 32];
    char self[PATH_MAX];
    ssize_t size;

    if (dir[0])
        return dir;
    size = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[size < 0 ? 0 : size] = '\0';
    snprintf(dir, sizeof(dir), "%s/../libexec/pvlab", dirname(self));
    return dir;
}

const char *dirs_temp(char why[WHY_BYTES])
{
    const char *base = getenv("TMPDIR");

    if (temp)
        return temp;
    temp = text_new("%s/pvlab-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(temp)) {
        snprintf(why, WHY_BYTES, "cannot make a temporary folder %s: %s", temp,
                 strerror(errno));
        free(temp);
        temp = NULL;
    }
    return temp;
}

void dirs_remove_temp(void)
{
    if (temp)
        dirs_remove(temp);
    free(temp);
    temp = NULL;
}

bool dirs_make(const char *path)
{
    char *copy = text_new("%s", path);
    struct stat info;
    bool made;

    for (char *p = copy + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        mkdir(copy, 0777);
        *p = '/';
    }
    made = mkdir(copy, 0777) == 0;
    if (!made && errno == EEXIST && stat(copy, &info) == 0) {
        made = S_ISDIR(info.st_mode);
        errno = ENOTDIR;
    }
    free(copy);
    return made;
}

const char *dirs_logs(const char *wanted, char why[WHY_BYTES])
{
    static char *dir;
    time_t now = time(NULL);
    char stamp[32];
    char *base;

    if (dir)
        return dir;
    if (wanted) {
        dir = text_new("%s", wanted);
    } else {
        base = user_dir("XDG_STATE_HOME", ".local/state");
        if (!base) {
            if (!homeless_safe(why))
                return NULL;
            base = homeless_dir();
        }
        strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", localtime(&now));
        dir = text_new("%s/%s-%d", base, stamp, (int)getpid());
        free(base);
    }
    if (!dirs_make(dir)) {
        snprintf(why, WHY_BYTES, "cannot make the log folder %s: %s", dir,
                 strerror(errno));
        free(dir);
        dir = NULL;
    }
    return dir;
}

static int remove_one(const char *path, const struct stat *info, int type,
                      struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    remove(path);
    return 0;
}

void dirs_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
