# SPDX-License-Identifier: MIT
#
# Unit tests of the shim's readers of kernels (shim/image, unpack), as pvlab's own are:
# NAME_test.c here is one program of cmocka, under ASan and UBSan; other files
# are helpers. What is tested is freestanding code, compiled for the host.

SHIMIMAGE_SRCS := $(sort $(wildcard shim/image/*.c unpack/*.c))
SHIMIMAGE_OBJS := $(SHIMIMAGE_SRCS:%.c=$(B)/obj/unit/%.o)
SHIMIMAGE_HELPERS := $(patsubst %.c,$(B)/obj/unit/%.o,$(filter-out %_test.c,\
	$(wildcard tests/unit/shim_image/*.c)))
SHIMIMAGE_BINS := $(patsubst %.c,$(B)/%,$(sort $(wildcard \
	tests/unit/shim_image/*_test.c)))

# Before -Ilab, which has a folder image/ too.
$(B)/obj/unit/shim/image/%.o $(B)/obj/unit/tests/unit/shim_image/%.o: \
    TEST_CFLAGS := -Ishim -Iunpack $(TEST_CFLAGS)

$(B)/tests/unit/shim_image/%_test: \
	    $(B)/obj/unit/tests/unit/shim_image/%_test.o $(SHIMIMAGE_HELPERS) \
	    $(SHIMIMAGE_OBJS) $(B)/obj/unit/libpvlab.a
	@mkdir -p $(@D)
	$(CC) $(UNIT_FLAVOUR) -o $@ $^ $(LAB_LDLIBS) -lcmocka

.SECONDARY: $(SHIMIMAGE_OBJS) $(SHIMIMAGE_HELPERS) $(SHIMIMAGE_BINS:$(B)/%=$(B)/obj/unit/%.o)

-include $(wildcard $(B)/obj/unit/shim/image/*.d $(B)/obj/unit/unpack/*.d)
