# SPDX-License-Identifier: MIT
#
# pvlab: the command, and what it gives to the systems that it boots.

LAB_LIBS    := jansson libarchive yaml-0.1 libxml-2.0 nettle capstone
LAB_CFLAGS  := -std=c11 -D_GNU_SOURCE -O2 $(DEBUG_INFO) -Ilab -Iinclude -Isrc -MMD -MP \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-declarations \
	-Wpointer-arith -Wvla -Wundef -Wold-style-definition \
	-DPVLAB_VERSION='"$(shell cat VERSION)"' \
	$(shell pkg-config --cflags $(LAB_LIBS) 2>/dev/null)
LAB_LDLIBS  := $(shell pkg-config --libs $(LAB_LIBS) 2>/dev/null)

# From top to bottom: none takes from one before it (tools/check-layers). The
# agent's codec of frames is pvlab's too, and the library's of call sites and of
# ROMs.
LAB_PARTS   := rom sites command outer boot qemu plan where platform config \
	image report base
LAB_SRCS    := lab/pvlab.c $(filter-out lab/where/plugin.c,\
	$(sort $(wildcard $(LAB_PARTS:%=lab/%/*.c)))) lab/agent/frame.c \
	src/site_code.c src/vmi_image.c
LAB_OBJS    := $(LAB_SRCS:%.c=$(B)/obj/%.o)
LAB_LIBEXEC := $(B)/libexec/pvlab
# pvlab bench is Python; it runs pvlab.
LAB_BENCH   := $(patsubst lab/%,$(LAB_LIBEXEC)/%,$(sort $(wildcard lab/bench/*.py)))
LAB_ALL     := $(B)/bin/pvlab $(LAB_LIBEXEC)/agent $(LAB_LIBEXEC)/probe-init \
	$(LAB_LIBEXEC)/where.so $(LAB_LIBEXEC)/outer.list $(LAB_LIBEXEC)/fetch-debian \
	$(LAB_LIBEXEC)/romprobe-64.elf $(LAB_LIBEXEC)/romprobe-32.elf $(LAB_BENCH)

$(B)/obj/lab/%.o: lab/%.c
	@mkdir -p $(@D)
	@echo "cc $<"
	$(CC) $(LAB_CFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/obj/src/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "cc $<"
	$(CC) $(LAB_CFLAGS) $(CFLAGS) -c -o $@ $<

# Everything but main(), so that tests link against it.
$(B)/obj/lab/libpvlab.a: $(filter-out $(B)/obj/lab/pvlab.o,$(LAB_OBJS))
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/bin/pvlab: $(B)/obj/lab/pvlab.o $(B)/obj/lab/libpvlab.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LAB_LDLIBS)

# PID 1 of the outer system: static, there is no libc to load there.
$(LAB_LIBEXEC)/agent: $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard lab/agent/*.c)))
	@mkdir -p $(@D)
	$(CC) -static -o $@ $^

# /init of the initrd that Debian's own kernel is booted with.
$(LAB_LIBEXEC)/probe-init: $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard lab/probe/*.c)))
	@mkdir -p $(@D)
	$(CC) -static -o $@ $^

# QEMU loads it; it finds QEMU's functions in the program that loads it.
$(LAB_LIBEXEC)/where.so: lab/where/plugin.c $(wildcard lab/where/*.h)
	@mkdir -p $(@D)
	$(CC) $(LAB_CFLAGS) -fPIC -shared -o $@ $(filter %.c,$^)

$(LAB_LIBEXEC)/outer.list: lab/agent/outer.list
	@mkdir -p $(@D)
	install -m 644 $< $@

# Those of the platforms vmi and vmi64; ROM_ALL is rom/rom.mk's.
LAB_ROMS = $(patsubst $(B)/rom/%,$(LAB_LIBEXEC)/%,\
	$(filter %/vmi-native.rom %/vmi64-native.rom,$(ROM_ALL)))

$(LAB_LIBEXEC)/%.rom: $(B)/rom/%.rom
	@mkdir -p $(@D)
	install -m 644 $< $@

$(LAB_LIBEXEC)/bench/%.py: lab/bench/%.py
	@mkdir -p $(@D)
	install -m 644 $< $@

$(LAB_LIBEXEC)/fetch-debian: lab/fetch-debian
	@mkdir -p $(@D)
	install -m 755 $< $@

-include $(LAB_OBJS:.o=.d)
-include $(wildcard $(B)/obj/lab/agent/*.d $(B)/obj/lab/probe/*.d)
