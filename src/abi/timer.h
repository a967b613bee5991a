/* SPDX-License-Identifier: MIT */
/*
 * Old timers of the PC: 8254 (PIT), HPET, ACPI PM timer. Facts only.
 *
 * Source: Intel 8254 data sheet (231164), control word, counter latch command,
 *         modes 0 to 3; Intel ICH9 data sheet, 13.7.1 (NMI_SC, port 0x61);
 *         IA-PC HPET specification 1.0a, 2.3; ACPI 6.4, 4.8.3.3.
 */
#ifndef ABI_TIMER_H
#define ABI_TIMER_H

#define PIT_HZ              1193182u
#define PIT_PORT            0x40u /* + channel */
#define PIT_MASK            0xffffu
#define PIT_PORT_CONTROL    0x43u
#define PIT_CHANNEL_SHIFT   6
#define PIT_LATCH           0x00u /* with the channel's bits */
#define PIT_BOTH_BYTES      0x30u
#define PIT_MODE_2          0x04u /* counts down by one, again from the start */
#define PIT_MODE_3          0x06u /* what firmware leaves channel 0 in */
#define PORT_61             0x61u
#define PORT_61_GATE_2_BIT  0
#define PORT_61_GATE_2      (1u << PORT_61_GATE_2_BIT)
#define PORT_61_SPEAKER_BIT 1
#define PORT_61_SPEAKER     (1u << PORT_61_SPEAKER_BIT)
#define PORT_61_WRITABLE    0x0fu

#define HPET_PERIOD_FS         0x4u /* femtoseconds a tick */
#define HPET_PERIOD_FS_MAX     100000000u
#define HPET_CONFIG            0x10u
#define HPET_CONFIG_ENABLE_BIT 0
#define HPET_CONFIG_ENABLE     (1u << HPET_CONFIG_ENABLE_BIT)
#define HPET_COUNTER           0xf0u /* the low 32 bits */

#define PM_TIMER_HZ   3579545u
#define PM_TIMER_MASK 0xffffffu /* 24 bits; 32 if TMR_VAL_EXT */

#endif /* ABI_TIMER_H */
