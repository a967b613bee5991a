# SPDX-License-Identifier: MIT
#
# The guests with a driver of Hyper-V's are linked with the whole library.

HYPERV_DRIVERS := hyperv-driver-first hyperv-driver-later

$(HYPERV_DRIVERS:%=$(GUEST_OBJ_64)/%/main.o) \
$(HYPERV_DRIVERS:%=$(GUEST_OBJ_32)/%/main.o): GUEST_CFLAGS += -Iinclude -Isrc

$(HYPERV_DRIVERS:%=$(B)/tests/guest/%.elf): $(B)/lib/libpvops-x86_64.o
$(HYPERV_DRIVERS:%=$(B)/tests/guest/%-32.elf): $(B)/lib/libpvops-i386.o
