/* SPDX-License-Identifier: MIT */
/*
 * The keys of one boot: one table says for each what it takes, where it goes
 * and which bit tells that it was given.
 */
#include "config/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum key_kind {
    KEY_TEXT,
    KEY_EXPECT,
    KEY_NUMBER,
    KEY_FLAG,
    KEY_LIST,
    KEY_WORD
};

/* Words that a key takes, and the value of each. */
struct key_words {
    const char *words[4];
    int values[3];
    const char *sentence;
};

struct key {
    const char *name;
    unsigned bit;
    enum key_kind kind;
    size_t offset; /* in struct boot_options */
    unsigned largest;
    const struct key_words *words;
};

static const struct key_words accel_words = {
    { "tcg", "kvm", "auto" },
    { ACCEL_TCG, ACCEL_KVM, ACCEL_AUTO },
    "'tcg', 'kvm' or 'auto'",
};
static const struct key_words net_words = {
    { "user", "none" },
    { true, false },
    "'user' or 'none'",
};

#define AT(field) offsetof(struct boot_options, field)

/* clang-format off */
static const struct key keys[] = {
    { "kernel",  CONFIG_KERNEL,  KEY_TEXT,   AT(kernel),    0, NULL },
    { "append",  CONFIG_APPEND,  KEY_TEXT,   AT(append),    0, NULL },
    { "initrd",  CONFIG_INITRD,  KEY_TEXT,   AT(initrd),    0, NULL },
    { "modules", CONFIG_MODULES, KEY_LIST,   AT(modules),   0, NULL },
    { "rom",     CONFIG_ROM,     KEY_TEXT,   AT(rom),       0, NULL },
    { "disk",    CONFIG_DISK,    KEY_TEXT,   AT(disk),      0, NULL },
    { "iso",     CONFIG_ISO,     KEY_TEXT,   AT(iso),       0, NULL },
    { "expect",  CONFIG_EXPECT,  KEY_EXPECT, AT(expect),    0, NULL },
    { "uefi",    CONFIG_UEFI,    KEY_FLAG,   AT(uefi),      0, NULL },
    { "net",     CONFIG_NET,     KEY_WORD,   AT(net_user),  0, &net_words },
    { "cpus",    CONFIG_CPUS,    KEY_NUMBER, AT(cpus),
      CONFIG_MAX_CPUS,      NULL },
    { "mem",     CONFIG_MEM,     KEY_NUMBER, AT(mem_mib),
      CONFIG_MAX_MEM_MIB,   NULL },
    { "timeout", CONFIG_TIMEOUT, KEY_NUMBER, AT(timeout_s),
      CONFIG_MAX_TIMEOUT_S, NULL },
    { "repeat",  CONFIG_REPEAT,  KEY_NUMBER, AT(repeat),
      CONFIG_MAX_REPEAT,    NULL },
    { "accel",   CONFIG_ACCEL,   KEY_WORD,   AT(accel),     0, &accel_words },
};
/* clang-format on */

enum { KEY_COUNT = sizeof(keys) / sizeof(keys[0]) };

const char *const *boot_key_names(void)
{
    static const char *names[KEY_COUNT + 1];

    for (size_t i = 0; i < KEY_COUNT; i++)
        names[i] = keys[i].name;
    return names;
}

static bool wrong_kind(struct parse *parse, const struct node *key,
                       const char *wanted)
{
    char shown[NODE_SHOWN_BYTES];

    if (node_empty(key->value))
        return wrong(parse, key, "'%s' has no value; it wants %s", key->text,
                     wanted);
    return wrong(parse, key->value, "'%s' wants %s, not %s", key->text, wanted,
                 node_shown(key->value, shown));
}

static bool fit_text(struct parse *parse, const struct node *value,
                     const char *key)
{
    for (const char *p = value->text; *p; p++) {
        if (*p == '\n')
            return wrong(parse, value,
                         "'%s' contains a line break; a folded text without "
                         "one begins with '>-'",
                         key);
        if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f)
            return wrong(parse, value, "'%s' contains a control character",
                         key);
    }
    return true;
}

bool take_text(struct parse *parse, const struct node *key, char **out_text)
{
    if (key->value->kind != NODE_TEXT || node_empty(key->value))
        return wrong_kind(parse, key, "a text");
    if (!fit_text(parse, key->value, key->text))
        return false;
    *out_text = key->value->text;
    return true;
}

/* A path or, where an empty text makes sense, a text. */
static bool take_plain(struct parse *parse, const struct node *key,
                       const struct key *k, const char **out_text)
{
    char *text, why[EXPECT_WHY_BYTES];

    if (!take_text(parse, key, &text))
        return false;
    if (!text[0] && k->kind == KEY_TEXT && k->bit != CONFIG_APPEND)
        return wrong(parse, key->value, "'%s' is empty", key->text);
    if (k->kind == KEY_EXPECT && !expect_valid(text, why))
        return wrong(parse, key->value, "'%s' %s", key->text, why);
    *out_text = text;
    return true;
}

static bool take_number(struct parse *parse, const struct node *key,
                        unsigned largest, unsigned *out_number)
{
    const char *text = key->value->kind == NODE_TEXT ? key->value->text : "";
    unsigned long number = 0;
    char wanted[64];

    if (strspn(text, "0123456789") == strlen(text) && strlen(text) < 10)
        number = strtoul(text, NULL, 10);
    if (number < 1 || number > largest) {
        snprintf(wanted, sizeof(wanted), "a whole number from 1 to %u",
                 largest);
        return wrong_kind(parse, key, wanted);
    }
    *out_number = (unsigned)number;
    return true;
}

static bool take_flag(struct parse *parse, const struct node *key,
                      bool *out_flag)
{
    const char *text = key->value->kind == NODE_TEXT ? key->value->text : "";

    *out_flag = !strcmp(text, "true") || !strcmp(text, "yes");
    if (*out_flag || !strcmp(text, "false") || !strcmp(text, "no"))
        return true;
    return wrong_kind(parse, key, "'true' or 'false'");
}

static bool take_word(struct parse *parse, const struct node *key,
                      const struct key_words *words, int *out_value)
{
    for (size_t i = 0; words->words[i]; i++) {
        if (key->value->kind == NODE_TEXT &&
            !strcmp(key->value->text, words->words[i])) {
            *out_value = words->values[i];
            return true;
        }
    }
    return wrong_kind(parse, key, words->sentence);
}

static bool take_modules(struct parse *parse, const struct node *key,
                         struct boot_options *options)
{
    if (key->value->kind != NODE_LIST)
        return wrong_kind(parse, key, "a list of files");
    if (key->value->count > OPTIONS_MAX_MODULES)
        return wrong(parse, key->value, "'%s' takes at most %d files",
                     key->text, OPTIONS_MAX_MODULES);
    for (struct node *file = key->value->first; file; file = file->next) {
        if (file->kind != NODE_TEXT || node_empty(file) || !file->text[0])
            return wrong(parse, file, "'%s' wants the names of files",
                         key->text);
        if (!fit_text(parse, file, key->text))
            return false;
        options->modules[options->module_count++] = file->text;
    }
    return true;
}

bool boot_key(struct parse *parse, const struct node *key,
              struct platform_config *into, bool *out_known)
{
    const struct key *k = keys;
    char *at;
    int value = 0;

    while (k < keys + KEY_COUNT && strcmp(k->name, key->text))
        k++;
    *out_known = k < keys + KEY_COUNT;
    if (!*out_known)
        return true;
    into->given |= k->bit;
    at = (char *)&into->options + k->offset;
    switch (k->kind) {
    case KEY_TEXT:
    case KEY_EXPECT:
        return take_plain(parse, key, k, (const char **)at);
    case KEY_NUMBER:
        return take_number(parse, key, k->largest, (unsigned *)at);
    case KEY_FLAG:
        return take_flag(parse, key, (bool *)at);
    case KEY_LIST:
        return take_modules(parse, key, &into->options);
    case KEY_WORD:
        if (!take_word(parse, key, k->words, &value))
            return false;
        if (k->bit == CONFIG_NET)
            into->options.net_user = value;
        else
            into->options.accel = (enum accel)value;
        return true;
    }
    return true;
}

static size_t key_bytes(const struct key *k)
{
    switch (k->kind) {
    case KEY_TEXT:
    case KEY_EXPECT:
        return sizeof(const char *);
    case KEY_NUMBER:
        return sizeof(unsigned);
    case KEY_FLAG:
        return sizeof(bool);
    case KEY_WORD:
        return k->bit == CONFIG_NET ? sizeof(bool) : sizeof(enum accel);
    case KEY_LIST:
        break;
    }
    return sizeof(((struct boot_options *)0)->modules);
}

/* What 'from' gives, apart from the bits in 'kept'. */
static void lay_over(struct boot_options *options,
                     const struct platform_config *from, unsigned kept)
{
    for (const struct key *k = keys; k < keys + KEY_COUNT; k++) {
        if (!(from->given & k->bit & ~kept))
            continue;
        memcpy((char *)options + k->offset,
               (const char *)&from->options + k->offset, key_bytes(k));
        if (k->kind == KEY_LIST)
            options->module_count = from->options.module_count;
    }
}

void config_resolve(const struct config *config, const char *platform,
                    const struct boot_options *line, unsigned line_given,
                    struct boot_options *out_options, const char **out_skip)
{
    *out_options = *line;
    *out_skip = NULL;
    if (!config)
        return;
    lay_over(out_options, &config->base, line_given);
    for (size_t i = 0; i < config->on_count; i++) {
        if (strcmp(config->on[i].platform, platform))
            continue;
        lay_over(out_options, &config->on[i], line_given);
        *out_skip = config->on[i].skip;
    }
}
