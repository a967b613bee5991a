/* SPDX-License-Identifier: MIT */
/*
 * Time: for measuring how long something took, and of day.
 */
#ifndef LAB_BASE_NOW_H
#define LAB_BASE_NOW_H

/* Seconds since an arbitrary instant; never goes back. */
double now_s(void);

/* Seconds since 1970-01-01 00:00 UTC, as this machine believes. */
double now_wall_s(void);

#endif /* LAB_BASE_NOW_H */
