/* SPDX-License-Identifier: MIT */
/*
 * Partial hypervisors: what goes, what goes with it, and what stays.
 *
 * Tried: strcmp() alone in falls(), hv-synic without what it needs, a flag left
 * out of hyperv_cpu(), and platform_find() without them each fail here.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/args.h"
#include "platform/partial.h"

/* Is the flag among the commas of -cpu's value, with or without "=..."? */
static bool has(const char *name, const char *flag)
{
    const struct platform *platform = platform_find(name);
    char *copy, *rest, *word;
    bool found = false;

    assert_non_null(platform);
    copy = rest = text_new("%s", platform->cpu);
    while ((word = strsep(&rest, ","))) {
        word[strcspn(word, "=")] = '\0';
        found |= !strcmp(word, flag);
    }
    free(copy);
    return found;
}

static size_t flags_of(const char *name)
{
    size_t flags = 0;

    for (const char *c = platform_find(name)->cpu; *c; c++)
        flags += *c == ',';
    return flags;
}

static void one_goes_alone(void **state)
{
    (void)state;
    assert_true(has("hyperv~full", "hv-relaxed"));
    assert_true(has("hyperv~full", "hv-runtime"));
    assert_false(has("hyperv~no-hv-runtime", "hv-runtime"));
    assert_int_equal(flags_of("hyperv~no-hv-runtime"),
                     flags_of("hyperv~full") - 1);
}

static void dependents_go_too(void **state)
{
    (void)state;
    assert_true(has("hyperv~full", "hv-stimer-direct"));
    assert_false(has("hyperv~no-hv-synic", "hv-synic"));
    assert_false(has("hyperv~no-hv-synic", "hv-stimer"));
    assert_false(has("hyperv~no-hv-synic", "hv-stimer-direct"));
    assert_true(has("hyperv~no-hv-synic", "hv-vpindex"));
    assert_int_equal(flags_of("hyperv~no-hv-synic"),
                     flags_of("hyperv~full") - 3);
    assert_false(has("hyperv~no-hv-vpindex", "hv-synic"));
    assert_false(has("hyperv~no-hv-vpindex", "hv-ipi"));
    /* A name that begins another: only the one is meant. */
    assert_true(has("hyperv~no-hv-stimer-direct", "hv-stimer"));
}

static void kvm_loses_one_bit(void **state)
{
    (void)state;
    assert_string_equal(platform_find("kvm~no-kvm-pv-eoi")->cpu,
                        "host,kvm-pv-enforce-cpuid=on,kvm-pv-eoi=off");
    assert_string_equal(platform_find("kvm~no-kvmclock")->cpu,
                        "host,kvmclock=off");
    assert_true(has("kvm~none", "kvmclock"));
    assert_true(has("kvm~none", "kvm-pv-sched-yield"));
    assert_true(has("kvm~hyperv", "hv-time"));
    assert_false(has("kvm~hyperv", "kvm"));
}

/* All but name, CPU and description is the base's. */
static void the_rest_is_the_base(void **state)
{
    size_t count;
    const struct platform *partials = partial_platforms(&count);

    (void)state;
    assert_true(count > 30);
    for (size_t i = 0; i < count; i++) {
        const struct platform *partial = &partials[i];
        char *name =
            text_new("%.*s", (int)strcspn(partial->name, "~"), partial->name);
        const struct platform *base = platform_find(name);
        const char *flag;

        assert_non_null(base);
        assert_ptr_equal(platform_find(partial->name), partial);
        assert_string_equal(partial->machine, base->machine);
        assert_int_equal(partial->outer, base->outer);
        assert_int_equal(partial->timeout_s, base->timeout_s);
        assert_string_not_equal(partial->cpu, base->cpu);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(partial->name, partials[j].name);
            assert_string_not_equal(partial->cpu, partials[j].cpu);
        }
        free(name);
        flag = strstr(partial->name, "~no-hv-");
        if (flag) {
            assert_true(has("hyperv~full", flag + 4));
            assert_false(has(partial->name, flag + 4));
        }
    }
}

static void all_names_are_known(void **state)
{
    const char *const *names = platform_names();
    size_t partial_count, count = 0;

    (void)state;
    partial_platforms(&partial_count);
    while (names[count])
        assert_non_null(platform_find(names[count++]));
    assert_int_equal(count, platform_count + partial_count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_goes_alone),
        cmocka_unit_test(dependents_go_too),
        cmocka_unit_test(kvm_loses_one_bit),
        cmocka_unit_test(the_rest_is_the_base),
        cmocka_unit_test(all_names_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
