/* SPDX-License-Identifier: MIT */
/*
 * pvlab.yaml from the top: its keys, its platforms.
 */
#include "config/parse.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "base/verdict.h"

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++) {
        if (!strcmp(word, *words))
            return true;
    }
    return false;
}

bool want_map(struct parse *parse, const struct node *key, const char *of)
{
    char name[NODE_SHOWN_BYTES], shown[NODE_SHOWN_BYTES];

    if (key->value->kind == NODE_MAP)
        return true;
    return wrong(parse, key->value, "%s wants a mapping of %s, not %s",
                 node_shown(key, name), of, node_shown(key->value, shown));
}

bool want_list(struct parse *parse, const struct node *key, const char *of)
{
    char shown[NODE_SHOWN_BYTES];

    if (key->value->kind == NODE_LIST)
        return true;
    return wrong(parse, key->value, "'%s' wants a list of %s ([a, b]), not %s",
                 key->text, of, node_shown(key->value, shown));
}

bool want_once(struct parse *parse, const struct node *map,
               const struct node *key)
{
    char shown[NODE_SHOWN_BYTES];

    for (struct node *other = map->first; other != key; other = other->next) {
        if (!strcmp(other->text, key->text))
            return wrong(parse, key, "%s is given twice, first in line %zu",
                         node_shown(key, shown), other->line);
    }
    return true;
}

bool known_platform(struct parse *parse, const struct node *name)
{
    const char **all;
    size_t count = 0;

    if (is_one_of(name->text, parse->known) ||
        config_custom(parse->config, name->text))
        return true;
    while (parse->known[count])
        count++;
    all = config_memory(parse->config, count + parse->config->custom_count + 1,
                        sizeof(*all));
    memcpy(all, parse->known, count * sizeof(*all));
    for (size_t i = 0; i < parse->config->custom_count; i++)
        all[count + i] = parse->config->custom[i].name;
    return wrong_word(parse, name, "platform", all);
}

static bool unknown_key(struct parse *parse, const struct node *key,
                        const char *const *more)
{
    static const char *const line_only[] = {
        "where", "gdb",   "icount", "from", "to", "symbols",
        "json",  "junit", "tap",    "logs", NULL,
    };
    const char *words[32] = { 0 };
    size_t count = 0;

    if (is_one_of(key->text, line_only))
        return wrong(parse, key, "'%s' can be given only on the command line",
                     key->text);
    for (const char *const *w = boot_key_names(); *w; w++)
        words[count++] = *w;
    for (; *more; more++)
        words[count++] = *more;
    return wrong_word(parse, key, "key", words);
}

static bool platforms_parse(struct parse *parse, const struct node *key)
{
    struct config *config = parse->config;
    size_t count = 0;

    if (!want_list(parse, key, "platforms"))
        return false;
    if (!key->value->first)
        return wrong(parse, key->value, "'platforms' is empty");
    config->platforms = config_memory(config, key->value->count + 1,
                                      sizeof(*config->platforms));
    for (struct node *name = key->value->first; name; name = name->next) {
        if (name->kind != NODE_TEXT)
            return wrong(parse, name, "'platforms' wants names");
        if (!known_platform(parse, name))
            return false;
        if (is_one_of(name->text, (const char *const *)config->platforms))
            return wrong(parse, name, "'%s' is listed twice", name->text);
        config->platforms[count++] = name->text;
    }
    return true;
}

static bool on_entry(struct parse *parse, const struct node *name,
                     struct platform_config *entry)
{
    static const char *const more[] = { "skip", NULL };

    if (!known_platform(parse, name) || !want_map(parse, name, "keys"))
        return false;
    entry->platform = name->text;
    for (struct node *key = name->value->first; key; key = key->next) {
        bool known;

        if (!want_once(parse, name->value, key) ||
            !boot_key(parse, key, entry, &known))
            return false;
        if (known)
            continue;
        if (strcmp(key->text, "skip"))
            return unknown_key(parse, key, more);
        if (!take_text(parse, key, &entry->skip))
            return false;
        if (!entry->skip[0])
            return wrong(parse, key->value, "'skip' wants a reason");
    }
    return true;
}

static bool on_parse(struct parse *parse, const struct node *key)
{
    struct config *config = parse->config;

    if (!want_map(parse, key, "platforms"))
        return false;
    config->on =
        config_memory(config, key->value->count + 1, sizeof(*config->on));
    for (struct node *name = key->value->first; name; name = name->next) {
        if (!want_once(parse, key->value, name) ||
            !on_entry(parse, name, &config->on[config->on_count++]))
            return false;
    }
    return true;
}

/* Two passes: "platforms" and "on" may name what "custom" defines below. */
static bool parse_root(struct parse *parse, const struct node *root)
{
    static const char *const more[] = { "platforms", "on", "custom", NULL };
    struct node *key;

    for (key = root->first; key; key = key->next) {
        bool known;

        if (!want_once(parse, root, key) ||
            !boot_key(parse, key, &parse->config->base, &known))
            return false;
        if (!strcmp(key->text, "skip"))
            return wrong(parse, key,
                         "'skip' belongs to one platform, under "
                         "'on'");
        if (!known && !is_one_of(key->text, more))
            return unknown_key(parse, key, more);
        if (!strcmp(key->text, "custom") && !custom_parse(parse, key))
            return false;
    }
    for (key = root->first; key; key = key->next) {
        if (!strcmp(key->text, "platforms") && !platforms_parse(parse, key))
            return false;
        if (!strcmp(key->text, "on") && !on_parse(parse, key))
            return false;
    }
    return true;
}

struct config *config_parse(const char *text, size_t size,
                            const char *const *known,
                            char why[CONFIG_WHY_BYTES])
{
    struct parse parse = { .known = known, .why = why };
    struct node *root;
    char shown[NODE_SHOWN_BYTES];
    bool ok;

    why[0] = '\0';
    parse.config = calloc(1, sizeof(*parse.config));
    if (!parse.config)
        err(VERDICT_ERROR, "out of memory");
    ok = node_read(&parse, text, size, &root);
    if (ok && root && !node_empty(root)) {
        if (root->kind == NODE_MAP)
            ok = parse_root(&parse, root);
        else
            ok = wrong(&parse, root,
                       "the file wants keys ('kernel: FILE'), not %s",
                       node_shown(root, shown));
    }
    if (ok)
        return parse.config;
    config_free(parse.config);
    return NULL;
}
