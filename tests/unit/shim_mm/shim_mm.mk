# SPDX-License-Identifier: MIT
#
# Unit tests of the shim's rules for page tables (shim/mm) and of what there is of
# frames and places in shim/domain, on memory that is an array: NAME_test.c here
# is one program of cmocka, under ASan and UBSan.

SHIMMM_SRCS := $(addprefix shim/mm/,frame.c table.c descriptor.c) \
	$(addprefix shim/domain/,free.c places.c)
SHIMMM_OBJS := $(SHIMMM_SRCS:%.c=$(B)/obj/unit/%.o)
SHIMMM_HELPERS := $(patsubst %.c,$(B)/obj/unit/%.o,$(filter-out %_test.c,\
	$(wildcard tests/unit/shim_mm/*.c)))
SHIMMM_BINS := $(patsubst %.c,$(B)/%,$(sort $(wildcard \
	tests/unit/shim_mm/*_test.c)))

$(B)/obj/unit/shim/mm/%.o $(B)/obj/unit/shim/domain/%.o \
$(B)/obj/unit/tests/unit/shim_mm/%.o: \
    TEST_CFLAGS := -Ishim -DSHIM_ON_HOST $(TEST_CFLAGS)

$(B)/tests/unit/shim_mm/%_test: $(B)/obj/unit/tests/unit/shim_mm/%_test.o \
	    $(SHIMMM_HELPERS) $(SHIMMM_OBJS)
	@mkdir -p $(@D)
	$(CC) $(UNIT_FLAVOUR) -o $@ $^ $(LAB_LDLIBS) -lcmocka

.SECONDARY: $(SHIMMM_OBJS) $(SHIMMM_HELPERS) $(SHIMMM_BINS:$(B)/%=$(B)/obj/unit/%.o)

-include $(wildcard $(B)/obj/unit/shim/mm/*.d $(B)/obj/unit/shim/domain/*.d)
