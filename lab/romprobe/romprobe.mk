# SPDX-License-Identifier: MIT
#
# romprobe: the kernels in which pvlab rom asks a ROM; the guests' start-up.

ROMPROBE_SRCS_64 := lab/romprobe/main.c lab/romprobe/vmi64.c \
	lab/romprobe/call_64.S
ROMPROBE_SRCS_32 := lab/romprobe/main.c lab/romprobe/vmi.c \
	lab/romprobe/call_32.S
ROMPROBE_OBJS_64 := $(patsubst %,$(B)/obj/guest-64/%.o,\
	$(basename $(ROMPROBE_SRCS_64)))
ROMPROBE_OBJS_32 := $(patsubst %,$(B)/obj/guest-32/%.o,\
	$(basename $(ROMPROBE_SRCS_32)))

$(ROMPROBE_OBJS_64) $(ROMPROBE_OBJS_32): GUEST_CFLAGS += -Isrc \
	-Itests/guest/start

$(LAB_LIBEXEC)/romprobe-32.elf: $(ROMPROBE_OBJS_32) $(GUEST_START_32) \
		$(GUEST_LIB_32)
	@mkdir -p $(@D)
	$(LD) -m elf_i386 $(GUEST_LDFLAGS) -s -o $@ $(filter %.o,$^) \
	    $(filter %.a,$^)

$(LAB_LIBEXEC)/romprobe-64.elf: $(ROMPROBE_OBJS_64) $(GUEST_START_64) \
		$(GUEST_LIB_64)
	@mkdir -p $(@D)
	$(LD) -m elf_x86_64 $(GUEST_LDFLAGS) -s -o $@ $(filter %.o,$^) \
	    $(filter %.a,$^)

-include $(wildcard $(B)/obj/guest-*/lab/romprobe/*.d)
