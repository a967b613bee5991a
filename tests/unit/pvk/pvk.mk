# SPDX-License-Identifier: MIT
#
# pvk's unit tests, in both widths: NAME_test.c here is two programs,
# build/tests/unit/pvk/{64,32}/NAME_test, under ASan and UBSan.
#
# Compiled as the library's are (../pvops/pvops.mk), with <pvtest.h>. What of
# pvk runs on the host is listed here.

PVKUNIT_KERNEL := $(PVK_BOOT_PARSERS) $(PVK_INITRD_PARSERS)
PVKUNIT_SRCS   := $(sort $(wildcard tests/unit/pvk/*_test.c))
PVKUNIT_BINS   := $(foreach w,64 32,$(patsubst tests/unit/pvk/%.c,\
	$(B)/tests/unit/pvk/$(w)/%,$(PVKUNIT_SRCS)))

# The report, its machine and what this is made of.
PVKUNIT_REPORT := $(filter-out $(addprefix kernel/report/,machine.c \
	machine_other.c machine_stale.c main.c),\
	$(wildcard kernel/report/*.c)) kernel/core/text.c \
	$(wildcard tests/unit/pvk/report_model*.c)

# $(call PVKUNIT_WIDTH,WIDTH)
define PVKUNIT_WIDTH
$(B)/obj/unit$(1)/kernel/%.o $(B)/obj/unit$(1)/tests/unit/pvk/%.o: \
    PVUNIT_CFLAGS := -Ikernel -Iunpack $(PVUNIT_CFLAGS)

$(B)/tests/unit/pvk/$(1)/%_test: $(B)/obj/unit$(1)/tests/unit/pvk/%_test.o \
	    $(PVKUNIT_KERNEL:%.c=$(B)/obj/unit$(1)/%.o) \
	    $(B)/obj/unit$(1)/tests/unit/pvops/pvtest.o
	@mkdir -p $$(@D)
	$$(CC) -m$(1) -no-pie -fsanitize=address,undefined -o $$@ $$^

$(filter $(B)/tests/unit/pvk/$(1)/report_%,$(PVKUNIT_BINS)): \
    $(PVKUNIT_REPORT:%.c=$(B)/obj/unit$(1)/%.o) $(B)/obj/unit$(1)/libpvops.a
endef
$(foreach w,64 32,$(eval $(call PVKUNIT_WIDTH,$(w))))

.SECONDARY: $(foreach w,64 32,$(PVKUNIT_SRCS:%.c=$(B)/obj/unit$(w)/%.o))
