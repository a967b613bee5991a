/* SPDX-License-Identifier: MIT */
/*
 * A growing argument vector, for programs to be started.
 */
#ifndef LAB_BASE_ARGS_H
#define LAB_BASE_ARGS_H

#include <stddef.h>

struct args {
    char **v; /* NULL-terminated once anything was added */
    size_t count;
    size_t room;
};

/* Append one argument, formatted. Ends the program if memory runs out. */
__attribute__((format(printf, 2, 3))) void args_add(struct args *args,
                                                    const char *format, ...);

/* Append several, up to a NULL. */
__attribute__((sentinel)) void args_add_all(struct args *args, ...);

/*
 * 'text' with each comma doubled, as QEMU wants it inside an option's value.
 * The caller frees it.
 */
char *args_commas(const char *text);

void args_free(struct args *args);

/* asprintf() that ends the program instead of failing. */
__attribute__((format(printf, 1, 2))) char *text_new(const char *format, ...);

#endif /* LAB_BASE_ARGS_H */
