# SPDX-License-Identifier: MIT
#
# The guests with a Xen driver are linked with the whole library.

XEN_DRIVERS := xen-driver-first xen-driver-later

$(XEN_DRIVERS:%=$(GUEST_OBJ_64)/%/main.o) \
$(XEN_DRIVERS:%=$(GUEST_OBJ_32)/%/main.o): GUEST_CFLAGS += -Iinclude -Isrc

$(XEN_DRIVERS:%=$(B)/tests/guest/%.elf): $(B)/lib/libpvops-x86_64.o
$(XEN_DRIVERS:%=$(B)/tests/guest/%-32.elf): $(B)/lib/libpvops-i386.o
