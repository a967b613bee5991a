/* SPDX-License-Identifier: MIT */
/*
 * Log lines: every conversion, at its limits; a line is never longer than
 * promised, and never has a byte in it that a terminal would obey.
 *
 * Tried: PVI_LINE_BYTES 121: too_long fails. The test for '~' taken out of
 *        pvi_line_char(): not_ascii fails. "%llu" read as unsigned: numbers
 *        fails, on i386 the conversions behind it too.
 */
#include "pvtest.h"

#include "host.h"
#include "internal.h"

PVTEST(numbers, "each conversion at its least and its greatest")
{
    host_reset();
    pvi_log(PVOPS_LOG_INFO, "%u %u %x %x", 0u, UINT32_MAX, 0u, 0xdeadbeefu);
    EXPECT_STR("0 4294967295 0 deadbeef\n", host.log);
    host_reset();
    pvi_log(PVOPS_LOG_INFO, "%llu %llu %llx %u", 0ull,
            (unsigned long long)UINT64_MAX, 0x123456789abcdef0ull, 7u);
    EXPECT_STR("0 18446744073709551615 123456789abcdef0 7\n", host.log);
    host_reset();
    pvi_log(PVOPS_LOG_INFO, "%p %p.", (void *)0,
            (void *)(uintptr_t)0xfee00000u);
    EXPECT_STR("0x0 0xfee00000.\n", host.log);
}

PVTEST(texts, "%s, and NULL for it")
{
    const char *volatile none = NULL;

    host_reset();
    pvi_log(PVOPS_LOG_ERROR, "<%s> <%s> <%s>", "text", "", none);
    EXPECT_STR("<text> <> <(null)>\n", host.log);
}

PVTEST(too_long, "what is beyond 120 bytes is left out")
{
    char text[300];
    size_t length;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    host_reset();
    pvi_log(PVOPS_LOG_INFO, "%s%u", text, 1u);
    length = strlen(host.log);
    EXPECT_EQ(121, length); /* with the newline */
    EXPECT_EQ('x', host.log[119]);
}

PVTEST(not_ascii, "control bytes and bytes beyond ASCII become '?'")
{
    host_reset();
    pvi_log(PVOPS_LOG_INFO, "a%sb", "\n\x1b[31m\x7f\x80\xff~ ");
    EXPECT_STR("a??[31m???~ b\n", host.log);
}

/* A variable format: the compiler would refuse it otherwise. */
PVTEST(unknown, "a conversion that is not known is shown as it stands")
{
    const char *volatile format = "%d %lu 100%";

    host_reset();
    pvi_log(PVOPS_LOG_INFO, format, 1);
    EXPECT_STR("%d %lu 100%\n", host.log);
}

PVTEST(panics, "a panic is formatted too")
{
    host_reset();
    EXPECT(HOST_PANICS(pvi_panic("op %s at 0x%x", "irq_enable", 16u)));
    EXPECT_STR("op irq_enable at 0x10", host.panic);
}
