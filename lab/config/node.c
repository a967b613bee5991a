/* SPDX-License-Identifier: MIT */
/*
 * YAML to a tree: what pvlab.yaml may not use is refused here, before anyone
 * asks what the keys mean.
 */
#include "config/parse.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/nearest.h"
#include "base/verdict.h"
#include "report/text.h"

/* on: platform: modules: value is 4; the rest is for a clear message. */
enum { MAX_DEPTH = 8 };

struct config_block {
    struct config_block *next;
    max_align_t bytes[];
};

void *config_memory(struct config *config, size_t count, size_t size)
{
    struct config_block *block = NULL;

    if (!size || count <= (SIZE_MAX - sizeof(*block)) / size)
        block = calloc(1, sizeof(*block) + count * size);
    if (!block)
        err(VERDICT_ERROR, "out of memory");
    block->next = config->memory;
    config->memory = block;
    return block->bytes;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    while (config->memory) {
        struct config_block *next = config->memory->next;

        free(config->memory);
        config->memory = next;
    }
    free(config);
}

bool wrong(struct parse *parse, const struct node *at, const char *format, ...)
{
    va_list list;
    int used;

    used = snprintf(parse->why, CONFIG_WHY_BYTES, "%zu:%zu: ", at->line,
                    at->column);
    va_start(list, format);
    vsnprintf(parse->why + used, CONFIG_WHY_BYTES - (size_t)used, format, list);
    va_end(list);
    return false;
}

bool wrong_word(struct parse *parse, const struct node *at, const char *what,
                const char *const *words)
{
    char shown[NODE_SHOWN_BYTES];
    const char *near = NULL;
    size_t count = 0;

    while (words[count])
        count++;
    if (at->kind == NODE_TEXT)
        near = nearest_word(at->text, words, count);
    if (!near)
        return wrong(parse, at, "unknown %s %s", what, node_shown(at, shown));
    return wrong(parse, at, "unknown %s %s; did you mean '%s'?", what,
                 node_shown(at, shown), near);
}

bool node_empty(const struct node *node)
{
    return node->kind == NODE_TEXT && node->plain &&
           (!node->text[0] || !strcmp(node->text, "~") ||
            !strcmp(node->text, "null"));
}

char *node_shown(const struct node *node, char text[NODE_SHOWN_BYTES])
{
    char *clean;

    if (node->kind != NODE_TEXT || node_empty(node)) {
        snprintf(text, NODE_SHOWN_BYTES, "%s",
                 node->kind == NODE_LIST  ? "a list"
                 : node->kind == NODE_MAP ? "a mapping"
                                          : "nothing");
        return text;
    }
    clean = text_clean(node->text, TEXT_ASCII, NODE_SHOWN_BYTES - 3);
    snprintf(text, NODE_SHOWN_BYTES, "'%s'", clean);
    free(clean);
    return text;
}

/* What libyaml itself found wrong. */
static bool bad_yaml(struct parse *parse, const yaml_parser_t *yaml,
                     const char *text, size_t size)
{
    struct node at = { .line = yaml->problem_mark.line + 1,
                       .column = yaml->problem_mark.column + 1 };

    if (yaml->error == YAML_MEMORY_ERROR)
        err(VERDICT_ERROR, "out of memory");
    if (yaml->error == YAML_READER_ERROR) {
        /* There the mark is not set, only the byte's offset. */
        size_t end = yaml->problem_offset < size ? yaml->problem_offset : size;

        at.line = at.column = 1;
        for (size_t i = 0; i < end; i++) {
            at.column++;
            if (text[i] == '\n') {
                at.line++;
                at.column = 1;
            }
        }
    }
    if (yaml->context && yaml->context_mark.line < yaml->problem_mark.line)
        return wrong(parse, &at, "not valid YAML: %s %s from line %zu on",
                     yaml->problem, yaml->context, yaml->context_mark.line + 1);
    return wrong(parse, &at, "not valid YAML: %s%s%s",
                 yaml->problem ? yaml->problem : "unknown problem",
                 yaml->context ? " " : "", yaml->context ? yaml->context : "");
}

struct reader {
    struct parse *parse;
    yaml_parser_t yaml;
    const char *text;
    size_t size;
};

static bool next_event(struct reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->yaml, event))
        return true;
    return bad_yaml(reader->parse, &reader->yaml, reader->text, reader->size);
}

static bool no_extras(struct parse *parse, const struct node *at,
                      const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        return wrong(parse, at, "anchors (&) are not taken here");
    if (tag)
        return wrong(parse, at, "tags (!) are not taken here");
    return true;
}

static bool read_text(struct reader *reader, const yaml_event_t *event,
                      struct node *node)
{
    size_t length = event->data.scalar.length;

    node->kind = NODE_TEXT;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (!no_extras(reader->parse, node, event->data.scalar.anchor,
                   event->data.scalar.tag))
        return false;
    if (memchr(event->data.scalar.value, 0, length))
        return wrong(reader->parse, node, "a text contains a NUL");
    node->text = config_memory(reader->parse->config, length + 1, 1);
    memcpy(node->text, event->data.scalar.value, length);
    return true;
}

static bool read_node(struct reader *reader, const yaml_event_t *event,
                      unsigned depth, struct node **out_node);

/* Children up to the end of the list or mapping. */
static bool read_children(struct reader *reader, unsigned depth,
                          struct node *node)
{
    struct node **tail = &node->first;
    yaml_event_t event;
    bool ok;

    if (depth >= MAX_DEPTH)
        return wrong(reader->parse, node, "nested too deep");
    for (;;) {
        bool map = node->kind == NODE_MAP;

        if (!next_event(reader, &event))
            return false;
        if (event.type == YAML_SEQUENCE_END_EVENT ||
            event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return true;
        }
        ok = read_node(reader, &event, depth + 1, tail);
        yaml_event_delete(&event);
        if (!ok)
            return false;
        if (map && (*tail)->kind != NODE_TEXT)
            return wrong(reader->parse, *tail, "a key must be a word");
        if (map) {
            if (!next_event(reader, &event))
                return false;
            ok = read_node(reader, &event, depth + 1, &(*tail)->value);
            yaml_event_delete(&event);
            if (!ok)
                return false;
        }
        node->count++;
        tail = &(*tail)->next;
    }
}

static bool read_node(struct reader *reader, const yaml_event_t *event,
                      unsigned depth, struct node **out_node)
{
    struct node *node = config_memory(reader->parse->config, 1, sizeof(*node));

    node->line = event->start_mark.line + 1;
    node->column = event->start_mark.column + 1;
    *out_node = node;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_text(reader, event, node);
    case YAML_SEQUENCE_START_EVENT:
        node->kind = NODE_LIST;
        return no_extras(reader->parse, node, event->data.sequence_start.anchor,
                         event->data.sequence_start.tag) &&
               read_children(reader, depth, node);
    case YAML_MAPPING_START_EVENT:
        node->kind = NODE_MAP;
        return no_extras(reader->parse, node, event->data.mapping_start.anchor,
                         event->data.mapping_start.tag) &&
               read_children(reader, depth, node);
    default:
        return wrong(reader->parse, node, "aliases (*) are not taken here");
    }
}

/* From the start of the stream to its end: at most one document. */
static bool read_stream(struct reader *reader, struct node **out_root)
{
    yaml_event_t event;
    bool ok = true;

    for (;;) {
        yaml_event_type_t type;

        if (!next_event(reader, &event))
            return false;
        type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && *out_root) {
            struct node at = { .line = event.start_mark.line + 1,
                               .column = event.start_mark.column + 1 };

            ok = wrong(reader->parse, &at, "a second document begins here");
        } else if (type != YAML_STREAM_START_EVENT &&
                   type != YAML_STREAM_END_EVENT &&
                   type != YAML_DOCUMENT_START_EVENT &&
                   type != YAML_DOCUMENT_END_EVENT) {
            ok = read_node(reader, &event, 0, out_root);
        }
        yaml_event_delete(&event);
        if (!ok || type == YAML_STREAM_END_EVENT)
            return ok;
    }
}

bool node_read(struct parse *parse, const char *text, size_t size,
               struct node **out_root)
{
    struct reader reader = { .parse = parse, .text = text, .size = size };
    bool ok;

    *out_root = NULL;
    if (size > CONFIG_MAX_FILE_BYTES) {
        struct node at = { .line = 1, .column = 1 };

        return wrong(parse, &at, "larger than 1 MiB");
    }
    if (!yaml_parser_initialize(&reader.yaml))
        err(VERDICT_ERROR, "out of memory");
    yaml_parser_set_encoding(&reader.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.yaml, (const unsigned char *)text,
                                 size);
    ok = read_stream(&reader, out_root);
    yaml_parser_delete(&reader.yaml);
    return ok;
}
