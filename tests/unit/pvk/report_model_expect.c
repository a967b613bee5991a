/* SPDX-License-Identifier: MIT */
/*
 * What tests of the report expect of one run on the model.
 */
#include "report_model_expect.h"

#include "pvtest.h"

void expect_intact(void)
{
    unsigned wrong = report_model_run();

    for (unsigned i = 0; i < report_result_count; i++) {
        if (report_results[i].verdict == REPORT_WRONG)
            FAIL("%s: %s (%u in all)", report_results[i].row->name,
                 report_results[i].how, wrong);
    }
    EXPECT(report_result_count > 10);
}

void expect_wrong(const char *name, const char *how)
{
    const struct report_try *row;

    report_model_run();
    row = report_model_row(name);
    if (row->verdict != REPORT_WRONG || !strstr(row->how, how))
        FAIL("%s is %s: \"%s\", want wrong: \"%s\"", name,
             report_verdict_name(row->verdict), row->how, how);
}

void whole_hyperv(void)
{
    report_model_hyperv(MODEL_HV_EAX, MODEL_HV_EBX, MODEL_HV_EDX,
                        MODEL_HV_HINTS);
}
