/* SPDX-License-Identifier: MIT */
/*
 * echo: prints "ready", then every line that it is sent as "echo: LINE", up
 * to "quit".
 *
 * Verdict: PASS (0) if "quit" was sent; without input CRASH (6) by time-out.
 */
#include <guest.h>

enum { LINE_BYTES = 200 };

/* Ends at CR or LF. Longer lines are cut, not wrapped. */
static void read_line(char *line)
{
    size_t used = 0;
    char byte;

    for (;;) {
        byte = guest_read_byte();
        if (byte == '\r' || byte == '\n')
            break;
        if (used < LINE_BYTES - 1)
            line[used++] = byte;
    }
    line[used] = '\0';
}

static bool is_quit(const char *line)
{
    return line[0] == 'q' && line[1] == 'u' && line[2] == 'i' &&
           line[3] == 't' && !line[4];
}

void guest_main(void)
{
    static char line[LINE_BYTES];

    guest_begin();
    guest_text("ready\n");
    for (;;) {
        read_line(line);
        if (is_quit(line))
            break;
        if (line[0]) /* a terminal's CR LF is one end of line */
            guest_text("echo: %s\n", line);
    }
    guest_pass("console-in");
    guest_end();
}
