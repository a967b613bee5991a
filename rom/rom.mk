# SPDX-License-Identifier: MIT
#
# ROMs: libpvops' backends as VMI 3.0 and its 64-bit profile (docs/rom.md).

include rom/x86_64/x86_64.mk
include rom/i386/i386.mk

ROM_ALL := $(ROM64_ROMS) $(ROM32_ROMS)

MKROM_OBJS := $(B)/obj/rom/mkrom.o $(B)/obj/src/vmi_image.o

$(B)/obj/rom/mkrom.o: rom/mkrom.c
	@mkdir -p $(@D)
	$(CC) $(LAB_CFLAGS) -c -o $@ $<

$(B)/bin/mkrom: $(MKROM_OBJS)
	@mkdir -p $(@D)
	$(CC) -o $@ $^

-include $(MKROM_OBJS:.o=.d)

.PHONY: rom
rom: $(ROM_ALL)
