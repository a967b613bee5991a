# SPDX-License-Identifier: MIT
#
# Programs for the initrd: static, of an ordinary libc (musl), and busybox as
# Debian has it. The same files run under pvk and under Linux.

USER_PROGRAMS := $(filter-out test,$(patsubst tests/user/%.c,%,\
	$(wildcard tests/user/*.c)))
USER_BINS := $(USER_PROGRAMS:%=$(B)/tests/user/bin/%)
USER_CFLAGS := -std=c11 -O2 -s -static -fno-pie -no-pie -D_GNU_SOURCE -MMD -MP \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wmissing-declarations -Wsign-compare -Wpointer-arith -Wvla -Wundef

$(B)/tests/user/test.o: tests/user/test.c tests/user/test.h
	@mkdir -p $(@D)
	musl-gcc $(USER_CFLAGS) -c -o $@ $<

$(USER_BINS): $(B)/tests/user/bin/%: tests/user/%.c tests/user/test.h \
		$(B)/tests/user/test.o
	@mkdir -p $(@D)
	musl-gcc $(USER_CFLAGS) -MF $(B)/tests/user/$*.d -o $@ $< \
	    $(B)/tests/user/test.o -lm

# The very file that one would give to Linux.
$(B)/tests/user.cpio: $(USER_BINS)
	@rm -rf $@.d && mkdir -p $@.d/bin $@.d/dev
	cp $(USER_BINS) $@.d/bin/
	mv $@.d/bin/init $@.d/init
	cp "$$(command -v busybox)" $@.d/bin/busybox
	cd $@.d && find . | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc \
	    >../$(@F)

$(B)/tests/user.cpio.gz: $(B)/tests/user.cpio
	gzip -9 -n -c $< >$@

.PHONY: user
user: $(B)/tests/user.cpio.gz
