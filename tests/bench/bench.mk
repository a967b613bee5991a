# SPDX-License-Identifier: MIT
#
# Programs whose cost is counted with pvlab run --where.

.PHONY: benches
benches: $(B)/tests/bench/linux-calls.cpio

# Not position-independent: a marker is a virtual address known beforehand.
$(B)/tests/bench/linux-calls: tests/bench/linux-calls/main.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -Wall -Wextra -ffreestanding -nostdlib -static \
	    -no-pie -fno-pie -fno-stack-protector -fcf-protection=none \
	    -mgeneral-regs-only -Wl,--build-id=none -o $@ $<

# An initrd (newc) whose /init is the program.
$(B)/tests/bench/linux-calls.cpio: $(B)/tests/bench/linux-calls
	@rm -rf $@.root && mkdir -p $@.root && cp $< $@.root/init
	cd $@.root && echo init | cpio --quiet -o -H newc -R 0:0 >../$(@F)
	@rm -rf $@.root
