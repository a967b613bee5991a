# SPDX-License-Identifier: MIT
#
# kernel/mm on the host, x86-64: NAME_test.c here is
# build/tests/unit/pvk/64/mm_NAME_test, under ASan and UBSan. It is compiled
# against a model: tests/unit/pvk_mm comes before include and kernel.

PVKMM_KERNEL  := $(filter-out kernel/mm/entry.c,$(sort $(wildcard kernel/mm/*.c)))
PVKMM_SRCS    := $(sort $(wildcard tests/unit/pvk_mm/*_test.c))
PVKMM_HELPERS := $(sort $(filter-out %_test.c,$(wildcard tests/unit/pvk_mm/*.c)))
PVKMM_BINS    := $(PVKMM_SRCS:tests/unit/pvk_mm/%.c=$(B)/tests/unit/pvk/64/mm_%)
PVKMM_OBJ     := $(B)/obj/unit_pvk_mm

$(PVKMM_OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) -m64 -Itests/unit/pvk_mm -Ikernel $(PVUNIT_CFLAGS) -c -o $@ $<

$(B)/tests/unit/pvk/64/mm_%: $(PVKMM_OBJ)/tests/unit/pvk_mm/%.o \
	    $(PVKMM_KERNEL:%.c=$(PVKMM_OBJ)/%.o) \
	    $(PVKMM_HELPERS:%.c=$(PVKMM_OBJ)/%.o) \
	    $(PVKMM_OBJ)/tests/unit/pvops/pvtest.o \
	    $(PVKMM_OBJ)/tests/unit/fake/tlb.o
	@mkdir -p $(@D)
	$(CC) -m64 -no-pie -fsanitize=address,undefined -o $@ $^

-include $(shell find $(PVKMM_OBJ) -name '*.d' 2>/dev/null)
.SECONDARY: $(PVKMM_SRCS:%.c=$(PVKMM_OBJ)/%.o)
