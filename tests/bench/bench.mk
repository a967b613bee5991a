# SPDX-License-Identifier: MIT
#
# Programs whose cost is counted with pvlab run --where.

.PHONY: benches
benches: $(addprefix $(B)/tests/bench/,user.cpio user-fork.cpio ops.elf \
	ops-32.elf seal.elf seal-32.elf seal-time forms-time mmu.elf \
	hypercall.elf) \
	$(B)/kernel/x86_64-raw/pvk.elf $(addprefix $(B)/tests/guest/,clock.elf \
	clock-32.elf)

# Programs that run as /init: tests/bench/user. Not position-independent: a
# marker is a virtual address known beforehand. It is called, not jumped to: what
# the call pushes is a parent's first write to its stack after a fork.
BENCH_USER_CFLAGS := -std=c11 -O2 -Wall -Wextra -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wmissing-declarations -Wsign-compare \
	-Wpointer-arith -Wvla -Wundef -Wno-missing-field-initializers \
	-ffreestanding -fno-pie -fno-stack-protector -fcf-protection=none \
	-fno-optimize-sibling-calls -mgeneral-regs-only
BENCH_USER_MAIN := main fault memory ring system
BENCH_USER_FORK := fork system
BENCH_USER_EXIT := exit system

$(B)/obj/bench-user/%.o: tests/bench/user/%.c tests/bench/bench.mk \
		$(wildcard tests/bench/user/*.h)
	@mkdir -p $(@D)
	$(CC) $(BENCH_USER_CFLAGS) -c -o $@ $<

$(B)/tests/bench/user: $(BENCH_USER_MAIN:%=$(B)/obj/bench-user/%.o)
$(B)/tests/bench/user-fork: $(BENCH_USER_FORK:%=$(B)/obj/bench-user/%.o)
$(B)/tests/bench/user-exit: $(BENCH_USER_EXIT:%=$(B)/obj/bench-user/%.o)
$(B)/tests/bench/user $(B)/tests/bench/user-fork $(B)/tests/bench/user-exit:
	@mkdir -p $(@D)
	$(CC) -nostdlib -static -no-pie -Wl,--build-id=none \
	    -Wl,-z,noexecstack -o $@ $^

# Initrds (newc) whose /init is one of them, beside what it executes: the same
# bytes for the same programs.
$(B)/tests/bench/user.cpio: $(B)/tests/bench/user $(B)/tests/bench/user-exit
$(B)/tests/bench/user-fork.cpio: $(B)/tests/bench/user-fork
$(B)/tests/bench/user.cpio $(B)/tests/bench/user-fork.cpio:
	@rm -rf $@.root && mkdir -p $@.root
	cp $< $@.root/init
	$(if $(word 2,$^),cp $(word 2,$^) $@.root/exit)
	touch -d @0 $@.root/*
	cd $@.root && ls | cpio --quiet --reproducible -o -H newc -R 0:0 \
	    >../$(@F)
	@rm -rf $@.root

# Sealing: instructions in ring 0, by arch; time in ring 3, of this machine.
BENCH_SEAL_LIB := src/seal.o src/site_code.o
$(B)/obj/guest-64/tests/bench/seal/%.o $(B)/obj/guest-32/tests/bench/seal/%.o: \
	GUEST_CFLAGS += -Iinclude -Isrc

$(B)/tests/bench/seal.elf: $(GUEST_START_64) $(GUEST_LIB_64) \
		$(BENCH_SEAL_LIB:%=$(B)/obj/lib-x86_64/%) \
		$(B)/obj/lib-x86_64/src/x86/native_64.o \
		$(patsubst %,$(B)/obj/guest-64/tests/bench/seal/%.o,sites guest)
	@mkdir -p $(@D)
	$(LD) -m elf_x86_64 $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) $(GUEST_LIB_64)

$(B)/tests/bench/seal-32.elf: $(GUEST_START_32) $(GUEST_LIB_32) \
		$(BENCH_SEAL_LIB:%=$(B)/obj/lib-i386/%) \
		$(B)/obj/lib-i386/src/x86/native_32.o \
		$(patsubst %,$(B)/obj/guest-32/tests/bench/seal/%.o,sites guest)
	@mkdir -p $(@D)
	$(LD) -m elf_i386 $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) $(GUEST_LIB_32)

$(B)/tests/bench/seal-time: tests/bench/seal/time.c \
		$(BENCH_SEAL_LIB:%=$(B)/obj/lib-x86_64/%) \
		$(B)/obj/lib-x86_64/src/x86/native_64.o \
		$(B)/obj/guest-64/tests/bench/seal/sites.o
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -Wall -Wextra -no-pie -o $@ $^

# What a call site may hold, in time.
$(B)/tests/bench/forms-time: tests/bench/time/forms.c tests/bench/time/median.h
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -Wall -Wextra -mno-red-zone -no-pie -o $@ $<

# What each hot op costs on bare metal: counted, by hand and sealed.
$(B)/obj/guest-64/tests/bench/ops/%.o $(B)/obj/guest-32/tests/bench/ops/%.o: \
	GUEST_CFLAGS += -Iinclude -Isrc

$(B)/tests/bench/ops.elf: $(GUEST_START_64) $(GUEST_LIB_64) \
		$(BENCH_SEAL_LIB:%=$(B)/obj/lib-x86_64/%) \
		$(B)/obj/lib-x86_64/src/x86/native_64.o \
		$(patsubst %,$(B)/obj/guest-64/tests/bench/ops/%.o,ops main lock)
	@mkdir -p $(@D)
	$(LD) -m elf_x86_64 $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) $(GUEST_LIB_64)

$(B)/tests/bench/ops-32.elf: $(GUEST_START_32) $(GUEST_LIB_32) \
		$(BENCH_SEAL_LIB:%=$(B)/obj/lib-i386/%) \
		$(B)/obj/lib-i386/src/x86/native_32.o \
		$(patsubst %,$(B)/obj/guest-32/tests/bench/ops/%.o,ops main lock)
	@mkdir -p $(@D)
	$(LD) -m elf_i386 $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) $(GUEST_LIB_32)

.PHONY: bench-ops
bench-ops: $(B)/bin/pvlab $(addprefix $(B)/tests/bench/,ops.elf ops-32.elf)
	@tests/bench/ops/run $(B)

# Page-table work under Xen PV, without a kernel: pvlab run xen_pv --icount.
$(B)/obj/guest-64/tests/bench/mmu/%.o: GUEST_CFLAGS += -Itests/guest

$(B)/tests/bench/mmu.elf: $(GUEST_START_64) $(B)/lib/libpvops-x86_64.o \
		$(B)/obj/guest-64/tests/bench/mmu/main.o
	@mkdir -p $(@D)
	$(LD) -m elf_x86_64 $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^)

# Xen's interface by itself.
$(B)/obj/guest-64/tests/bench/hypercall/%.o: \
	GUEST_CFLAGS += -Isrc -Itests/guest

$(B)/tests/bench/hypercall.elf: $(GUEST_START_64) $(GUEST_LIB_64) \
		$(patsubst %,$(B)/obj/guest-64/tests/bench/hypercall/%.o,main upcall)
	@mkdir -p $(@D)
	$(LD) -m elf_x86_64 $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) $(GUEST_LIB_64)

# Addresses of Xen's functions, as places for --where.
$(B)/obj/guest-64/tests/bench/xensyms/%.o: GUEST_CFLAGS += -Itests/guest

$(B)/tests/bench/xensyms.elf: $(GUEST_START_64) $(GUEST_LIB_64) \
		$(B)/obj/guest-64/tests/bench/xensyms/main.o
	@mkdir -p $(@D)
	$(LD) -m elf_x86_64 $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) $(GUEST_LIB_64)
