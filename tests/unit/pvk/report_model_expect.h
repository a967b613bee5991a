/* SPDX-License-Identifier: MIT */
/*
 * What tests of the report expect of one run on the model.
 */
#ifndef PVK_REPORT_MODEL_EXPECT_H
#define PVK_REPORT_MODEL_EXPECT_H

#include "report_model.h"

/* Nothing is wrong, and something was looked at. */
void expect_intact(void);
/* The row is wrong, and says 'how' in it. */
void expect_wrong(const char *name, const char *how);
/* Hyper-V with everything that the model has. */
void whole_hyperv(void);

#endif /* PVK_REPORT_MODEL_EXPECT_H */
