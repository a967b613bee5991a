# SPDX-License-Identifier: MIT
#
# shim/emulate on the host, x86-64: NAME_test.c here is
# build/tests/unit/shim_emulate/NAME_test, under ASan and UBSan. Other files are
# helpers. emulate_cpu_test executes what it emulates, emulate_length_test asks
# objdump.

EMULATE_SRCS    := $(sort $(wildcard shim/emulate/*.c))
EMUUNIT_SRCS    := $(sort $(wildcard tests/unit/shim_emulate/*_test.c))
EMUUNIT_HELPERS := $(sort $(filter-out %_test.c,\
	$(wildcard tests/unit/shim_emulate/*.c)))
EMUUNIT_BINS    := $(EMUUNIT_SRCS:%.c=$(B)/%)
EMUUNIT_OBJ     := $(B)/obj/unit_shim_emulate

$(EMUUNIT_OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) -m64 -Itests/unit/shim_emulate -Ishim $(PVUNIT_CFLAGS) -c -o $@ $<

$(EMUUNIT_OBJ)/%.o: %.S
	@mkdir -p $(@D)
	$(CC) -m64 -c -o $@ $<

$(B)/tests/unit/shim_emulate/%_test: \
	    $(EMUUNIT_OBJ)/tests/unit/shim_emulate/%_test.o \
	    $(patsubst %.c,$(EMUUNIT_OBJ)/%.o,$(EMULATE_SRCS) $(EMUUNIT_HELPERS)) \
	    $(EMUUNIT_OBJ)/tests/unit/shim_emulate/native.o \
	    $(EMUUNIT_OBJ)/tests/unit/pvops/pvtest.o
	@mkdir -p $(@D)
	$(CC) -m64 -no-pie -fsanitize=address,undefined -o $@ $^

-include $(shell find $(EMUUNIT_OBJ) -name '*.d' 2>/dev/null)
.SECONDARY: $(EMUUNIT_SRCS:%.c=$(EMUUNIT_OBJ)/%.o)
