/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Included first of all in every file of a ROM: nothing is visible outside, so
 * that gcc and clang reach everything relative to RIP, and no GOT is needed.
 */
#pragma GCC visibility push(hidden)
