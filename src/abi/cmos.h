/* SPDX-License-Identifier: MIT */
/*
 * The real-time clock in CMOS. Facts only.
 *
 * Source: Motorola MC146818A data sheet (registers, update cycle: while UIP is
 *         clear the registers stay for at least 244 us; an update takes up to
 *         2,228 us); IBM PC/AT Technical Reference (ports); ACPI 6.5, table
 *         "FADT", CENTURY (where the century is, if anywhere).
 */
#ifndef ABI_CMOS_H
#define ABI_CMOS_H

#define CMOS_PORT_INDEX 0x70u /* bit 7: NMIs are masked */
#define CMOS_PORT_DATA  0x71u

#define CMOS_SECONDS 0x00u
#define CMOS_MINUTES 0x02u
#define CMOS_HOURS   0x04u
#define CMOS_DAY     0x07u /* of the month, from 1 */
#define CMOS_MONTH   0x08u /* from 1 */
#define CMOS_YEAR    0x09u /* of the century */

/* What a port reads without a device; as register A it is no clock's. */
#define CMOS_ABSENT 0xffu

#define CMOS_A         0x0au
#define CMOS_A_UIP_BIT 7 /* update in progress, or within 244 us */
#define CMOS_A_UIP     (1u << CMOS_A_UIP_BIT)
#define CMOS_B         0x0bu
#define CMOS_B_24H_BIT 1
#define CMOS_B_24H     (1u << CMOS_B_24H_BIT)
#define CMOS_B_DM_BIT  2 /* binary, not BCD */
#define CMOS_B_DM      (1u << CMOS_B_DM_BIT)
#define CMOS_D         0x0du
#define CMOS_D_VRT_BIT 7 /* the battery held */
#define CMOS_D_VRT     (1u << CMOS_D_VRT_BIT)

#define CMOS_HOURS_PM_BIT 7 /* in 12-hour mode */
#define CMOS_HOURS_PM     (1u << CMOS_HOURS_PM_BIT)

#endif /* ABI_CMOS_H */
