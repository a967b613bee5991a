# SPDX-License-Identifier: MIT
#
# The guest of the clock tier is linked with that tier's one file, and nothing
# else of the library.

$(GUEST_OBJ_64)/clock/main.o $(GUEST_OBJ_32)/clock/main.o: \
	GUEST_CFLAGS += -Iinclude

$(B)/tests/guest/clock.elf: $(B)/obj/lib-x86_64/src/clock.o
$(B)/tests/guest/clock-32.elf: $(B)/obj/lib-i386/src/clock.o
