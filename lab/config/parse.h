/* SPDX-License-Identifier: MIT */
/*
 * Between the files that read pvlab.yaml: YAML as a tree whose nodes know
 * where they stand, and the memory that it all lives in.
 */
#ifndef LAB_CONFIG_PARSE_H
#define LAB_CONFIG_PARSE_H

#include "config/config.h"

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    size_t line, column; /* from 1 */
    bool plain;          /* NODE_TEXT: written without quotes */
    char *text;          /* NODE_TEXT: NUL-terminated, no NUL inside */
    struct node *first;  /* NODE_LIST: values. NODE_MAP: keys */
    struct node *next;   /* next value or key */
    struct node *value;  /* of a key */
    size_t count;        /* of values or keys */
};

struct parse {
    struct config *config;
    const char *const *known; /* built-in platforms, up to a NULL */
    char *why;                /* CONFIG_WHY_BYTES */
};

/* Zeroed memory that config_free() frees. Ends the program if none is left. */
void *config_memory(struct config *config, size_t count, size_t size);

/* The file's one document; NULL in 'out_root' if it has none. */
bool node_read(struct parse *parse, const char *text, size_t size,
               struct node **out_root);

/* A node as a message names it: "'soon'", "a list"; 'text' is returned. */
enum { NODE_SHOWN_BYTES = 64 };
char *node_shown(const struct node *node, char text[NODE_SHOWN_BYTES]);

/* True if nothing was written, or what YAML calls null. */
bool node_empty(const struct node *node);

/* Write "LINE:COLUMN: sentence" to 'why'; returns false. */
__attribute__((format(printf, 3, 4))) bool
wrong(struct parse *parse, const struct node *at, const char *format, ...);

/* wrong() for a word that is none of 'words' (up to a NULL). */
bool wrong_word(struct parse *parse, const struct node *at, const char *what,
                const char *const *words);

/* A text value: not empty unless quoted, without control characters. */
bool take_text(struct parse *parse, const struct node *key, char **out_text);

/* Refuse what is not a mapping or list, by the name of its key. */
bool want_map(struct parse *parse, const struct node *key, const char *of);
bool want_list(struct parse *parse, const struct node *key, const char *of);

/* A key that was there before in the same mapping is refused. */
bool want_once(struct parse *parse, const struct node *map,
               const struct node *key);

/*
 * One of the keys of a boot ("timeout: 30") into 'into'.
 *
 * Errors: false, 'why' filled. 'out_known' is false if it is no such key; then
 *         nothing has happened and true is returned.
 */
bool boot_key(struct parse *parse, const struct node *key,
              struct platform_config *into, bool *out_known);

/* Names of all those keys, up to a NULL. */
const char *const *boot_key_names(void);

/* The value of "custom:" into the config. */
bool custom_parse(struct parse *parse, const struct node *key);

/* A name as "platforms" and "on" take it: built in, or under "custom". */
bool known_platform(struct parse *parse, const struct node *name);

#endif /* LAB_CONFIG_PARSE_H */
