/* SPDX-License-Identifier: MIT */
/*
 * Time for measuring how long something took.
 */
#ifndef LAB_NOW_H
#define LAB_NOW_H

/* Seconds since an arbitrary instant; never goes back. */
double now_s(void);

#endif /* LAB_NOW_H */
