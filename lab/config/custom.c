/* SPDX-License-Identifier: MIT */
/*
 * Platforms of the user's own: a command that boots the kernel, and where
 * the console comes out.
 */
#include "config/parse.h"

#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/verdict.h"

enum { NAME_MAX_BYTES = 64, PLACEHOLDER_BYTES = 32 };

static const char *const placeholders[] = {
    "kernel", "append", "initrd", "disk", "iso", "cpus", "mem", NULL,
};

/* The name in "{name}" at p; false if p begins no such thing. */
static bool placeholder_at(const char *p, char name[PLACEHOLDER_BYTES])
{
    size_t length;

    if (*p != '{')
        return false;
    length = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_");
    if (!length || length >= PLACEHOLDER_BYTES || p[1 + length] != '}')
        return false;
    memcpy(name, p + 1, length);
    name[length] = '\0';
    return true;
}

/* Its value; NULL if the boot has none. 'number' holds those of numbers. */
static const char *placeholder_value(const char *name,
                                     const struct boot_options *options,
                                     char number[16])
{
    if (!strcmp(name, "kernel"))
        return options->kernel;
    if (!strcmp(name, "append"))
        return options->append;
    if (!strcmp(name, "initrd"))
        return options->initrd;
    if (!strcmp(name, "disk"))
        return options->disk;
    if (!strcmp(name, "iso"))
        return options->iso;
    if (!strcmp(name, "cpus"))
        snprintf(number, 16, "%u", options->cpus ? options->cpus : 1);
    else
        snprintf(number, 16, "%u",
                 options->mem_mib ? options->mem_mib : CONFIG_CUSTOM_MEM_MIB);
    return number;
}

/* One argument, or NULL if it was a placeholder without a value. */
static char *replaced(const char *text, const struct boot_options *options)
{
    char name[PLACEHOLDER_BYTES], number[16], *out;
    const char *start = text;
    size_t size;
    FILE *memory = open_memstream(&out, &size);

    if (!memory)
        err(VERDICT_ERROR, "out of memory");
    while (*text) {
        const char *value;
        bool whole = text == start;

        if (!placeholder_at(text, name)) {
            fputc(*text++, memory);
            continue;
        }
        text += strlen(name) + 2;
        value = placeholder_value(name, options, number);
        if (value) {
            fputs(value, memory);
        } else if (whole && !*text) {
            fclose(memory);
            free(out);
            return NULL;
        }
    }
    if (fclose(memory))
        err(VERDICT_ERROR, "out of memory");
    return out;
}

void custom_command(const struct custom_platform *custom,
                    const struct boot_options *options, struct args *args)
{
    for (char **argument = custom->command; *argument; argument++) {
        char *text = replaced(*argument, options);

        if (text)
            args_add(args, "%s", text);
        free(text);
    }
}

/* Sets 'boots' if the argument brings in what is to be booted. */
static bool check_argument(struct parse *parse, const struct node *argument,
                           bool *boots)
{
    char name[PLACEHOLDER_BYTES];

    for (const char *p = argument->text; *p; p++) {
        struct node at = *argument;
        bool known = false;

        if (!placeholder_at(p, name))
            continue;
        for (size_t i = 0; placeholders[i]; i++)
            known = known || !strcmp(placeholders[i], name);
        at.text = name;
        if (!known)
            return wrong_word(parse, &at, "placeholder", placeholders);
        if (!strcmp(name, "kernel") || !strcmp(name, "disk") ||
            !strcmp(name, "iso"))
            *boots = true;
    }
    return true;
}

static bool take_command(struct parse *parse, const struct node *key,
                         struct custom_platform *custom)
{
    size_t count = 0;
    bool boots = false;

    if (!want_list(parse, key, "arguments"))
        return false;
    if (!key->value->first)
        return wrong(parse, key->value, "'command' is empty");
    custom->command = config_memory(parse->config, key->value->count + 1,
                                    sizeof(*custom->command));
    for (struct node *a = key->value->first; a; a = a->next) {
        if (a->kind != NODE_TEXT)
            return wrong(parse, a, "an argument of 'command' must be a text");
        if (!check_argument(parse, a, &boots))
            return false;
        custom->command[count++] = a->text;
    }
    /* A kernel may be a program itself, as User Mode Linux is. */
    if (!custom->command[0][0] || (custom->command[0][0] == '{' &&
                                   strcmp(custom->command[0], "{kernel}")))
        return wrong(parse, key->value->first,
                     "the first of 'command' must name a program");
    if (!boots)
        return wrong(parse, key->value,
                     "'command' boots nothing: it has neither {kernel}, "
                     "{disk} nor {iso}");
    return true;
}

static bool take_console(struct parse *parse, const struct node *key,
                         struct custom_platform *custom)
{
    char *text;

    if (!take_text(parse, key, &text))
        return false;
    if (!strcmp(text, "stdio")) {
        custom->console = CONSOLE_STDIO;
    } else if (!strcmp(text, "pty")) {
        custom->console = CONSOLE_PTY;
    } else if (!strncmp(text, "file:", 5) && text[5]) {
        custom->console = CONSOLE_FILE;
        custom->console_path = text + 5;
    } else if (!strncmp(text, "unix:", 5) && text[5]) {
        custom->console = CONSOLE_UNIX;
        custom->console_path = text + 5;
    } else {
        char shown[NODE_SHOWN_BYTES];

        return wrong(parse, key->value,
                     "'console' wants 'stdio', 'pty', 'file:PATH' or "
                     "'unix:PATH', not %s",
                     node_shown(key->value, shown));
    }
    return true;
}

/* NAME.log, NAME.lab.log, NAME.2.log: the logs of another would be met. */
static bool names_a_log(const char *name)
{
    static const char *const taken[] = { "log", "lab", "cpu", "where" };
    const char *end = strrchr(name, '.');

    if (!end)
        return false;
    end++;
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (!strcmp(end, taken[i]))
            return true;
    }
    return *end && strspn(end, "0123456789") == strlen(end);
}

/* Names become parts of file names and of lists with commas. */
static bool check_name(struct parse *parse, const struct node *name)
{
    char shown[NODE_SHOWN_BYTES];
    size_t length = strlen(name->text);
    bool good = length > 0 && length <= NAME_MAX_BYTES &&
                isalnum((unsigned char)name->text[0]);

    for (const char *p = name->text; *p && good; p++)
        good = (unsigned char)*p < 0x80 &&
               (isalnum((unsigned char)*p) || strchr("_-.~", *p));
    if (!good)
        return wrong(parse, name,
                     "a platform's name is at most %d letters, digits and "
                     "_ - . ~, not %s",
                     NAME_MAX_BYTES, node_shown(name, shown));
    if (names_a_log(name->text))
        return wrong(parse, name,
                     "a platform's name does not end in .log, .lab, .cpu, "
                     ".where or a dot and digits, as the names of logs do: %s",
                     node_shown(name, shown));
    for (size_t i = 0; parse->known[i]; i++) {
        if (!strcmp(parse->known[i], name->text))
            return wrong(parse, name, "%s is a built-in platform",
                         node_shown(name, shown));
    }
    return true;
}

static bool parse_one(struct parse *parse, const struct node *name,
                      struct custom_platform *custom)
{
    static const char *const words[] = { "command", "console", "describe",
                                         NULL };

    if (!check_name(parse, name) || !want_map(parse, name, "keys"))
        return false;
    custom->name = name->text;
    for (struct node *key = name->value->first; key; key = key->next) {
        bool ok;

        if (!want_once(parse, name->value, key))
            return false;
        if (!strcmp(key->text, "command"))
            ok = take_command(parse, key, custom);
        else if (!strcmp(key->text, "console"))
            ok = take_console(parse, key, custom);
        else if (!strcmp(key->text, "describe"))
            ok = take_text(parse, key, &custom->describe);
        else
            ok = wrong_word(parse, key, "key", words);
        if (!ok)
            return false;
    }
    if (!custom->command)
        return wrong(parse, name, "'%s' has no 'command'", name->text);
    return true;
}

bool custom_parse(struct parse *parse, const struct node *key)
{
    struct config *config = parse->config;

    if (!want_map(parse, key, "platforms"))
        return false;
    if (key->value->count > CONFIG_MAX_CUSTOM)
        return wrong(parse, key->value, "'%s' takes at most %d platforms",
                     key->text, CONFIG_MAX_CUSTOM);
    config->custom =
        config_memory(config, key->value->count + 1, sizeof(*config->custom));
    for (struct node *name = key->value->first; name; name = name->next) {
        if (!want_once(parse, key->value, name) ||
            !parse_one(parse, name, &config->custom[config->custom_count++]))
            return false;
    }
    return true;
}

const struct custom_platform *config_custom(const struct config *config,
                                            const char *name)
{
    for (size_t i = 0; config && i < config->custom_count; i++) {
        if (!strcmp(config->custom[i].name, name))
            return &config->custom[i];
    }
    return NULL;
}
