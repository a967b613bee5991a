/* SPDX-License-Identifier: MIT */
/*
 * Addresses of symbols: from an ELF's symbol tables or a System.map text.
 *
 * Sources: gABI, chapter 4, "Symbol Table"; nm(1) for the text, whose types
 *          are capitals for global symbols.
 */
#include "image/elf.h"

#include <inttypes.h>
#include <string.h>

/* The best symbol so far. */
struct search {
    const char *name;
    size_t name_length;
    unsigned globals, locals; /* different addresses seen, at most 2 */
    uint64_t global, local;   /* the first of each */
    uint64_t other_local;     /* the second */
};

static void offer(struct search *search, uint64_t value, bool is_global)
{
    if (is_global) {
        if (!search->globals++)
            search->global = value;
    } else if (search->locals == 0) {
        search->locals = 1;
        search->local = value;
    } else if (search->locals == 1 && value != search->local) {
        search->locals = 2;
        search->other_local = value;
    }
}

static bool conclude(const struct search *search, const char *where,
                     uint64_t *out_value, char *why)
{
    if (search->globals) {
        *out_value = search->global;
        return true;
    }
    if (search->locals == 1) {
        *out_value = search->local;
        return true;
    }
    if (search->locals == 2)
        return image_refuse(why,
                            "%s has several local symbols '%.40s' (at "
                            "%#" PRIx64 " and %#" PRIx64 "): give an address",
                            where, search->name, search->local,
                            search->other_local);
    return image_refuse(why, "%s has no symbol '%.40s'", where, search->name);
}

static Elf64_Sym read_symbol(const struct elf_view *elf, const uint8_t *at)
{
    Elf64_Sym symbol;
    Elf32_Sym small;

    if (elf->is64) {
        memcpy(&symbol, at, sizeof(symbol));
        return symbol;
    }
    memcpy(&small, at, sizeof(small));
    return (Elf64_Sym){
        .st_name = small.st_name,
        .st_value = small.st_value,
        .st_size = small.st_size,
        .st_info = small.st_info,
        .st_shndx = small.st_shndx,
    };
}

/* Has it an address of its own? */
static bool is_address(const Elf64_Sym *symbol)
{
    unsigned type = ELF64_ST_TYPE(symbol->st_info);

    return symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_COMMON &&
           (type == STT_NOTYPE || type == STT_OBJECT || type == STT_FUNC ||
            type == STT_GNU_IFUNC);
}

static void each_of_table(const struct elf_view *elf,
                          const struct image_bytes *symbols,
                          const struct image_bytes *strings, elf_symbol *each,
                          void *context)
{
    size_t entry_size = elf->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

    for (size_t at = 0; image_has(symbols, at, entry_size); at += entry_size) {
        Elf64_Sym symbol = read_symbol(elf, symbols->data + at);

        if (is_address(&symbol))
            each(context, strings, &symbol);
    }
}

bool elf_each_symbol(const struct elf_view *elf, uint32_t type,
                     elf_symbol *each, void *context, uint64_t *symbol_bytes,
                     char why[IMAGE_WHY_BYTES])
{
    size_t entry_size = elf->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

    for (uint64_t i = 0; i < elf->section_count; i++) {
        Elf64_Shdr section = elf_view_section(elf, i);
        struct image_bytes symbols, strings;
        Elf64_Shdr string_section;

        if (section.sh_type != type)
            continue;
        if (section.sh_entsize != entry_size)
            return image_refuse(why,
                                "ELF: symbol table in section %" PRIu64
                                " has entries of %" PRIu64
                                " bytes instead of %zu",
                                i, section.sh_entsize, entry_size);
        if (!image_has(&elf->bytes, section.sh_offset, section.sh_size))
            return image_refuse(why,
                                "ELF: symbol table in section %" PRIu64
                                " lies beyond the end of the file (offset "
                                "%" PRIu64 ", %" PRIu64 " bytes)",
                                i, section.sh_offset, section.sh_size);
        if (section.sh_link >= elf->section_count)
            return image_refuse(why,
                                "ELF: symbol table in section %" PRIu64
                                " has its names in section %u, which is "
                                "missing",
                                i, section.sh_link);
        symbols = elf_view_content(elf, &section);
        string_section = elf_view_section(elf, section.sh_link);
        strings = elf_view_content(elf, &string_section);
        *symbol_bytes += symbols.size;
        if (*symbol_bytes > elf->bytes.size)
            return image_refuse(why, "ELF: symbol tables overlap");
        each_of_table(elf, &symbols, &strings, each, context);
    }
    return true;
}

static void offer_symbol(void *context, const struct image_bytes *strings,
                         const Elf64_Sym *symbol)
{
    struct search *search = context;

    if (elf_string_is(strings, symbol->st_name, search->name))
        offer(search, symbol->st_value,
              ELF64_ST_BIND(symbol->st_info) != STB_LOCAL);
}

static bool search_elf(struct search *search, const struct image_bytes *bytes,
                       uint64_t *out_value, char *why)
{
    uint64_t symbol_bytes = 0;
    struct elf_view elf;

    if (!elf_view_open(bytes, &elf, why))
        return false;
    if (elf.type == ET_REL)
        return image_refuse(why, "ELF is a relocatable object: its symbols "
                                 "have no addresses yet");
    if (!elf_each_symbol(&elf, SHT_SYMTAB, offer_symbol, search, &symbol_bytes,
                         why))
        return false;
    /* .dynsym repeats what .symtab has; it is what a stripped ELF keeps. */
    if (!search->globals && !elf_each_symbol(&elf, SHT_DYNSYM, offer_symbol,
                                             search, &symbol_bytes, why))
        return false;
    if (symbol_bytes == 0)
        return image_refuse(why, "ELF is stripped: it has no symbol table");
    return conclude(search, "ELF", out_value, why);
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

struct map_line {
    uint64_t value;
    uint8_t type;
    const uint8_t *name;
    size_t name_length;
};

/* "ffffffff81000000 T _text", and whatever follows the name. */
static bool read_map_line(const uint8_t *at, const uint8_t *end,
                          struct map_line *line)
{
    const uint8_t *digits = at;

    line->value = 0;
    while (at < end && hex_digit(*at) >= 0) {
        line->value = line->value << 4 | (unsigned)hex_digit(*at);
        at++;
    }
    if (at == digits || at - digits > 16 || end - at < 4)
        return false;
    line->type = at[1];
    if (at[0] != ' ' || line->type <= ' ' || line->type >= 0x7f || at[2] != ' ')
        return false;
    line->name = at + 3;
    for (at = line->name; at<end && * at> ' '; at++)
        ;
    line->name_length = (size_t)(at - line->name);
    return line->name_length > 0;
}

/* 'u' is a unique global; 'w' and 'U' are undefined and have no address. */
static void offer_line(struct search *search, const struct map_line *line)
{
    if (line->name_length != search->name_length ||
        memcmp(line->name, search->name, line->name_length) != 0)
        return;
    if (line->type == 'U' || line->type == 'w' || line->type == 'v')
        return;
    offer(search, line->value,
          line->type == 'u' || (line->type >= 'A' && line->type <= 'Z'));
}

/* "ffffffffffffffff B The real System.map is in the ... package". */
static bool is_placeholder(const struct image_bytes *bytes)
{
    return image_has_magic(bytes, 0, "ffffffffffffffff B The ", 23);
}

static bool search_map(struct search *search, const struct image_bytes *bytes,
                       uint64_t *out_value, char *why)
{
    const uint8_t *at = bytes->data;
    const uint8_t *end = at + bytes->size;
    unsigned number = 1;

    for (; at < end; number++) {
        const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
        struct map_line line;

        if (!stop)
            stop = end;
        if (stop == at || *at == ' ' || *at == '\r') {
            /* Empty, or nm's line of a symbol without address. */
        } else if (read_map_line(at, stop, &line)) {
            offer_line(search, &line);
        } else {
            if (number == 1)
                return image_refuse(why, "neither an ELF nor a System.map");
            return image_refuse(why,
                                "System.map: line %u is not \"ADDRESS TYPE "
                                "NAME\"",
                                number);
        }
        at = stop == end ? end : stop + 1;
    }
    /* Debian's package of a kernel has one line that names another. */
    if (!search->globals && !search->locals && is_placeholder(bytes))
        return image_refuse(why, "System.map is Debian's placeholder: the "
                                 "real one is in the kernel's -dbg package");
    return conclude(search, "System.map", out_value, why);
}

bool image_symbol(const void *data, size_t size, const char *name,
                  uint64_t *out_value, char why[IMAGE_WHY_BYTES])
{
    const struct image_bytes bytes = { data, size };
    struct search search = { .name = name, .name_length = strlen(name) };

    why[0] = '\0';
    if (name[0] == '\0')
        return image_refuse(why, "symbol's name is empty");
    if (size == 0)
        return image_refuse(why, "file is empty");
    if (image_has_magic(&bytes, 0, "\177ELF", 4))
        return search_elf(&search, &bytes, out_value, why);
    if (image_is_bzimage(&bytes))
        return image_refuse(why, "bzImage has no symbols: give its vmlinux or "
                                 "System.map");
    if (image_compression(&bytes))
        return image_refuse(why, "file is packed with %s: unpack it first",
                            image_compression(&bytes));
    return search_map(&search, &bytes, out_value, why);
}
