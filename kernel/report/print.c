/* SPDX-License-Identifier: MIT */
/*
 * Rows as JSON lines, and as a table of 80 columns, what is wrong first.
 */
#include "core/text.h"
#include "report/report.h"

struct line {
    char text[REPORT_LINE];
    size_t used;
};

static void put(struct line *line, char byte)
{
    /* Room for what ends a line. */
    if (line->used < sizeof(line->text) - 4)
        line->text[line->used++] = byte;
}

__attribute__((format(printf, 2, 3))) static void
put_text(struct line *line, const char *format, ...)
{
    char text[160];
    va_list args;

    va_start(args, format);
    text_format(text, sizeof(text), format, args);
    va_end(args);
    for (const char *at = text; *at; at++)
        put(line, *at);
}

static void put_column(struct line *line, size_t until)
{
    while (line->used < until)
        put(line, ' ');
}

static void end_line(struct line *line)
{
    while (line->used && line->text[line->used - 1] == ' ')
        line->used--;
    line->text[line->used++] = '\n';
    report_write(line->text, line->used);
    line->used = 0;
}

/* A hypervisor's own words may have what JSON wants escaped: '?' for that. */
static char plain(char byte)
{
    return byte < ' ' || byte > '~' || byte == '"' || byte == '\\' ? '?' : byte;
}

static void put_member(struct line *line, const char *name, const char *value)
{
    put_text(line, ",\"%s\":\"", name);
    for (; *value; value++)
        put(line, plain(*value));
    put(line, '"');
}

static const char *kind_name(unsigned kind)
{
    static const char *const names[] = { "claim", "leaf", "bit", "msr",
                                         "call" };

    return names[kind];
}

const char *report_verdict_name(enum report_verdict verdict)
{
    static const char *const names[] = { "untried", "right",  "wrong",
                                         "dearer",  "absent", "unclaimed" };

    return names[verdict];
}

static void put_where(struct line *line, const struct report_try *try)
{
    static const char *const registers[] = { "eax", "ebx", "ecx", "edx" };
    uint32_t where = try->row->where;

    switch (try->row->kind) {
    case REPORT_LEAF:
        put_text(line, "0x%x", (unsigned)(try->base + where));
        return;
    case REPORT_BIT:
        if ((where >> 16 & 0x7fff) == REPORT_FEATURE_LEAF)
            put_text(line, "feature %u", (unsigned)(where & 31));
        else
            put_text(line, "0x%x.%s[%u]",
                     (unsigned)(try->base + (where >> 16 & 0x7fff)),
                     registers[where >> 8 & 3], (unsigned)(where & 31));
        return;
    case REPORT_MSR:
        put_text(line, "0x%x", (unsigned)where);
        return;
    case REPORT_CALL:
        put_text(line, "%u", (unsigned)(where & 0xffff));
        if (where >> 16)
            put_text(line, ".%u", (unsigned)(where >> 16) - 1);
        return;
    default:
        put_text(line, "-");
    }
}

void report_print_json(const struct report_try *try)
{
    struct line line = { .used = 0 };

    put_text(&line, "PVLAB REPORT {\"interface\":\"%s\"", try->interface->name);
    put_member(&line, "kind", kind_name(try->row->kind));
    put_member(&line, "name", try->row->name);
    put_text(&line, ",\"where\":\"");
    put_where(&line, try);
    put_text(&line, "\",\"claimed\":%s,\"used\":%s",
             try->claimed ? "true" : "false",
             try->row->used ? "true" : "false");
    put_member(&line, "verdict", report_verdict_name(try->verdict));
    if (try->ticks)
        put_text(&line, ",\"ticks\":%llu,\"native_ticks\":%llu",
                 (unsigned long long)try->ticks,
                 (unsigned long long)try->native);
    put_member(&line, "how", try->how);
    put(&line, '}');
    end_line(&line);
}

enum {
    AT_NAME = 7,
    AT_WHERE = 44,
    AT_CLAIMED = 63,
    AT_USED = 67,
    AT_VERDICT = 71,
    AT_HOW = 9
};

/* Broken at blanks, a word that is too long where the line ends. */
static void put_how(const char *how)
{
    struct line line = { .used = 0 };

    while (*how) {
        size_t word = 0;

        while (how[word] && how[word] != ' ')
            word++;
        if (line.used > AT_HOW && line.used + 1 + word > REPORT_COLUMNS)
            end_line(&line);
        if (line.used)
            put(&line, ' ');
        put_column(&line, AT_HOW);
        for (; word && line.used < REPORT_COLUMNS; word--)
            put(&line, plain(*how++));
        while (*how == ' ')
            how++;
    }
    if (line.used)
        end_line(&line);
}

static void put_row(const struct report_try *try)
{
    struct line line = { .used = 0 };

    put_text(&line, "%s", try->interface->name);
    put_column(&line, AT_NAME);
    put_text(&line, "%s ", try->row->name);
    put_column(&line, AT_WHERE);
    put_where(&line, try);
    put(&line, ' ');
    put_column(&line, AT_CLAIMED);
    put_text(&line, "%s", try->claimed ? "yes" : "no");
    put_column(&line, AT_USED);
    put_text(&line, "%s", try->row->used ? "yes" : "no");
    put_column(&line, AT_VERDICT);
    put_text(&line, "%s", report_verdict_name(try->verdict));
    end_line(&line);
    if (try->ticks) {
        struct line words = { .used = 0 };

        put_column(&words, AT_HOW);
        put_text(&words, "%llu ticks, natively %llu",
                 (unsigned long long)try->ticks,
                 (unsigned long long)try->native);
        end_line(&words);
    }
    put_how(try->how);
}

void report_print_table(const struct report_try *results, unsigned count)
{
    static const enum report_verdict order[] = {
        REPORT_WRONG,   REPORT_DEARER, REPORT_UNCLAIMED,
        REPORT_UNTRIED, REPORT_RIGHT,  REPORT_ABSENT,
    };
    struct line line = { .used = 0 };

    if (!count)
        return;
    end_line(&line);
    put_text(&line, "of     name");
    put_column(&line, AT_WHERE);
    put_text(&line, "where");
    put_column(&line, AT_CLAIMED - 4);
    put_text(&line, "claimed used verdict");
    end_line(&line);
    for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        for (unsigned j = 0; j < count; j++) {
            if (results[j].verdict == order[i])
                put_row(&results[j]);
        }
    }
    end_line(&line);
}
