/* SPDX-License-Identifier: MIT */
/*
 * nearest: a typing error finds its word, another word finds none.
 *
 * Damage tried: the swap's line (before[j - 2]) left out: "hyepvr" finds
 * nothing. "near &&" left out: the word at exactly the limit is lost. Known
 * words of up to twice LONGEST taken: the sanitizer sees the row's end passed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/nearest.h"

static const char *const known[] = {
    "native", "xen_pv", "xen_pvh",   "xen_domu_pv", "kvm",     "hyperv",
    "vmware", "vmi",    "platforms", "timeout",     "timeout", "hello",
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static void finds_the_nearest(void **state)
{
    static const struct {
        const char *word, *want;
    } rows[] = {
        { "kvm", "kvm" },
        { "KVM", "kvm" },             /* case is no error */
        { "xen-pv", "xen_pv" },       /* nor is the dash */
        { "kmv", "kvm" },             /* swap */
        { "hyepvr", "hyperv" },       /* two swaps: the limit */
        { "platfroms", "platforms" }, /* swap */
        { "plaforms", "platforms" },  /* lost */
        { "timmeout", "timeout" },    /* doubled */
        { "hypetv", "hyperv" },       /* wrong key */
        { "xen_pvhh", "xen_pvh" },    /* not xen_pv */
        { "vmwrae", "vmware" },       /* swap */
        { "natixx", "native" },       /* two: the limit of six letters */
        { "naxxxx", NULL },           /* four */
        { "xen_qqqqq_pv", NULL },     /* five; twelve letters allow four */
        { "xen_qqqq_pv", NULL },      /* four; eleven allow three */
        { "xq", NULL },               /* all letters wrong is no likeness */
        { "x", NULL },
        { "", NULL },
        { "sausages", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *near = nearest_word(rows[i].word, known, KNOWN);

        if (!rows[i].want != !near || (near && strcmp(near, rows[i].want)))
            fail_msg("'%s' found '%s', not '%s'", rows[i].word,
                     near ? near : "nothing",
                     rows[i].want ? rows[i].want : "nothing");
    }
}

static void first_of_equals(void **state)
{
    (void)state;
    assert_ptr_equal(nearest_word("timeou", known, KNOWN), known[9]);
    assert_null(nearest_word("kvm", known, 0));
}

/* Rows of the table have 64 columns: longer words stay outside. */
static void long_words(void **state)
{
    char word[200], other[200];
    const char *const words[] = { other };

    (void)state;
    for (size_t length = 60; length < 70; length++) {
        memset(word, 'a', length);
        word[length] = '\0';
        strcpy(other, word);
        other[0] = 'b';
        assert_ptr_equal(nearest_word(word, words, 1),
                         length <= 64 ? other : NULL);
    }
    memset(other, 'a', 80);
    other[80] = '\0';
    word[64] = '\0';
    assert_null(nearest_word(word, words, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_nearest),
        cmocka_unit_test(first_of_equals),
        cmocka_unit_test(long_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
