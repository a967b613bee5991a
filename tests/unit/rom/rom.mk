# SPDX-License-Identifier: MIT
#
# The i386 ROMs as they were built, on a machine of 32 bits in a process, under
# a model of original Linux kernels: build/tests/unit/rom/NAME_test.

ROMUNIT_SRCS    := $(sort $(wildcard tests/unit/rom/*_test.c))
ROMUNIT_BINS    := $(ROMUNIT_SRCS:%.c=$(B)/%)
ROMUNIT_OBJS    := $(patsubst %,$(B)/obj/unit-rom/%.o,\
	$(basename $(filter-out %_test.c,$(sort \
	$(wildcard tests/unit/rom/*.c tests/unit/rom/*.S)))) \
	tests/unit/pvops/pvtest)
ROMUNIT_CFLAGS  := $(filter-out -Itests/unit/fake,$(PVUNIT_CFLAGS)) \
	-Irom/i386 -Itests/unit/rom -Wold-style-definition

# Where in the image of NAME post.S puts the state's place.
ROM32_DELTA      = $$(nm $(ROM32_OBJ)/$(1).elf | \
	sed -n 's/ . rom_state_delta$$//p')

$(B)/obj/unit-rom/%.o: %.c
	@mkdir -p $(@D)
	$(CC) -m32 $(ROMUNIT_CFLAGS) -c -o $@ $<

$(B)/obj/unit-rom/tests/unit/rom/roms.o: tests/unit/rom/roms.S $(ROM32_ROMS)
	@mkdir -p $(@D)
	$(CC) -m32 -DROM_DIR=$(B)/rom \
	    -DTIMER_DELTA=0x$(call ROM32_DELTA,vmi-native-timer) \
	    -DKVM_DELTA=0x$(call ROM32_DELTA,vmi-kvm) -c -o $@ $<

$(B)/obj/unit-rom/%.o: %.S
	@mkdir -p $(@D)
	$(CC) -m32 -c -o $@ $<

$(B)/tests/unit/rom/%_test: $(B)/obj/unit-rom/tests/unit/rom/%_test.o \
		$(ROMUNIT_OBJS)
	@mkdir -p $(@D)
	$(CC) -m32 -no-pie -fsanitize=address,undefined -o $@ $^

.SECONDARY: $(ROMUNIT_OBJS) $(ROMUNIT_SRCS:%.c=$(B)/obj/unit-rom/%.o)
-include $(wildcard $(B)/obj/unit-rom/tests/unit/*/*.d)
