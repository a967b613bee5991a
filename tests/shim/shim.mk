# SPDX-License-Identifier: MIT
#
# Programs for Debian's Linux on the shim (tests/shim/run).

SHIM_PROGRAMS := $(addprefix $(B)/tests/shim-programs/,code32 bad_iret)

.PHONY: shim-programs
shim-programs: $(SHIM_PROGRAMS)

$(B)/tests/shim-programs/code32: tests/shim/code32.S
	@mkdir -p $(@D)
	$(CC) -m32 -nostdlib -static -no-pie -Wl,--build-id=none -o $@ $<

$(B)/tests/shim-programs/bad_iret: tests/shim/bad_iret.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -Wall -Wextra -static -o $@ $<
