/* SPDX-License-Identifier: MIT */
/*
 * Regular expressions that are safe to compile.
 */
#include "config/config.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * glibc compiles x{3} as xxx and x+ as xx*, whatever x is, and follows long
 * chains of optional parts recursively.
 *
 * Source: tried with glibc 2.36: "((a{255}){255}){255}" is killed for want of
 *         memory; a thousand elements compile at once.
 */
enum { MAX_ELEMENTS = 1000, MAX_GROUPS = 64 };

struct unrolled {
    unsigned sums[MAX_GROUPS + 1]; /* elements so far, by open group */
    unsigned depth;
    unsigned last; /* elements of what a quantifier would repeat */
};

static const char *skip_bracket(const char *p)
{
    p++;
    if (*p == '^')
        p++;
    if (*p == ']')
        p++;
    for (; *p && *p != ']'; p++) {
        char kind = p[0] == '[' ? p[1] : '\0';

        if (kind != ':' && kind != '.' && kind != '=')
            continue;
        for (p += 2; *p && !(p[0] == kind && p[1] == ']'); p++)
            continue;
        if (!*p)
            return p;
        p++;
    }
    return *p ? p + 1 : p;
}

/* How often "{m,n}" at p repeats; 0 if it is no such thing. */
static unsigned long bound(const char *p, const char **out_end)
{
    char *end;
    unsigned long least = strtoul(p + 1, &end, 10), most = least;

    if (*end == ',')
        most = strtoul(end + 1, &end, 10);
    if (*end != '}')
        return 0;
    *out_end = end + 1;
    return most > least ? most : least + 1;
}

static bool repeat_last(struct unrolled *u, unsigned long times)
{
    if (times > MAX_ELEMENTS)
        return false;
    u->sums[u->depth] += u->last * (unsigned)(times - 1);
    u->last *= (unsigned)times;
    return u->sums[u->depth] <= MAX_ELEMENTS && u->last <= MAX_ELEMENTS;
}

static bool add_element(struct unrolled *u)
{
    u->last = 1;
    return ++u->sums[u->depth] <= MAX_ELEMENTS;
}

static bool open_group(struct unrolled *u)
{
    if (u->depth == MAX_GROUPS)
        return false;
    u->sums[++u->depth] = 0;
    return true;
}

static bool close_group(struct unrolled *u)
{
    if (!u->depth)
        return add_element(u);
    u->last = u->sums[u->depth] + 1;
    u->depth--;
    u->sums[u->depth] += u->last;
    return u->sums[u->depth] <= MAX_ELEMENTS;
}

/* False if it unrolls to too much. */
static bool is_small(const char *p)
{
    struct unrolled u = { .depth = 0 };
    bool ok = true;

    while (*p && ok) {
        const char *after = p + 1;
        unsigned long times = *p == '{' ? bound(p, &after) : 0;

        if (times) {
            ok = repeat_last(&u, times);
        } else if (*p == '+') {
            ok = repeat_last(&u, 2);
        } else if (*p == '(') {
            ok = open_group(&u);
        } else if (*p == ')') {
            ok = close_group(&u);
        } else if (*p == '[') {
            after = skip_bracket(p);
            ok = add_element(&u);
        } else if (*p == '\\' && p[1]) {
            after = p + 2;
            ok = add_element(&u);
        } else if (*p != '*' && *p != '?') {
            ok = add_element(&u);
        }
        p = after;
    }
    for (unsigned sum = 0, i = 0; ok && i <= u.depth; i++) {
        sum += u.sums[i];
        ok = sum <= MAX_ELEMENTS;
    }
    return ok;
}

/* \1 to \9, which POSIX does not have here and which take for ever. */
static bool refers_back(const char *p)
{
    while (*p) {
        if (*p == '[') {
            p = skip_bracket(p);
            continue;
        }
        if (*p++ != '\\' || !*p)
            continue;
        if (*p >= '1' && *p <= '9')
            return true;
        p++;
    }
    return false;
}

bool expect_valid(const char *pattern, char why[EXPECT_WHY_BYTES])
{
    regex_t regex;
    int failure;

    if (!pattern[0]) {
        snprintf(why, EXPECT_WHY_BYTES, "is empty and would match anything");
        return false;
    }
    if (refers_back(pattern)) {
        snprintf(why, EXPECT_WHY_BYTES,
                 "refers back (\\1), which POSIX extended regular expressions "
                 "cannot");
        return false;
    }
    if (!is_small(pattern)) {
        snprintf(why, EXPECT_WHY_BYTES,
                 "is too large: with its repetitions written out it has more "
                 "than %d elements, or more than %d nested groups",
                 MAX_ELEMENTS, MAX_GROUPS);
        return false;
    }
    failure = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);
    if (failure) {
        char reason[96];

        regerror(failure, &regex, reason, sizeof(reason));
        snprintf(why, EXPECT_WHY_BYTES,
                 "is no POSIX extended regular expression: %s", reason);
        return false;
    }
    failure = regexec(&regex, "", 0, NULL, 0);
    regfree(&regex);
    if (!failure)
        snprintf(why, EXPECT_WHY_BYTES,
                 "matches the empty text and would match anything");
    return failure != 0;
}
