# SPDX-License-Identifier: MIT
#
# The guest of the clock tier is linked with that tier's one file; start/ has
# console and power of the library, and nothing else.

$(B)/tests/guest/clock.elf: $(B)/obj/lib-x86_64/src/clock.o
$(B)/tests/guest/clock-32.elf: $(B)/obj/lib-i386/src/clock.o
