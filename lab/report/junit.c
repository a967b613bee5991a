/* SPDX-License-Identifier: MIT */
/*
 * JUnit XML, as test servers read it: one testsuite a boot, in it one testcase
 * "boot" with the boot's own verdict and one for each of the guest's checks.
 *
 * Source: junit-10.xsd of Jenkins' xUnit plugin; its <testsuites> has no
 *         attribute "skipped".
 */
#include "report/report.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <libxml/xmlwriter.h>

#include "base/args.h"
#include "report/parts.h"
#include "report/text.h"

struct tally {
    size_t tests, failures, errors, skipped;
    double seconds;
};

/* Into memory, a call fails for want of memory alone. */
static void must(int status)
{
    if (status < 0)
        err(VERDICT_ERROR, "out of memory");
}

static void begin(xmlTextWriter *xml, const char *element)
{
    must(xmlTextWriterStartElement(xml, (const xmlChar *)element));
}

static void end(xmlTextWriter *xml)
{
    must(xmlTextWriterEndElement(xml));
}

static void attribute(xmlTextWriter *xml, const char *name, const char *text)
{
    char *clean = text_clean(text, TEXT_XML, 0);

    must(xmlTextWriterWriteAttribute(xml, (const xmlChar *)name,
                                     (const xmlChar *)clean));
    free(clean);
}

static void attribute_count(xmlTextWriter *xml, const char *name, size_t count)
{
    char *text = text_new("%zu", count);

    attribute(xml, name, text);
    free(text);
}

static void attribute_seconds(xmlTextWriter *xml, double seconds)
{
    char *text = text_new("%.3f", seconds);

    attribute(xml, "time", text);
    free(text);
}

static void attribute_tally(xmlTextWriter *xml, const struct tally *tally)
{
    attribute_count(xml, "tests", tally->tests);
    attribute_count(xml, "failures", tally->failures);
    attribute_count(xml, "errors", tally->errors);
    attribute_seconds(xml, tally->seconds);
}

static void tally_one(struct tally *tally, enum verdict verdict)
{
    tally->tests++;
    tally->failures += verdict == VERDICT_FAIL;
    tally->errors += verdict == VERDICT_ERROR || verdict == VERDICT_CRASH;
    tally->skipped += verdict == VERDICT_SKIP;
}

static void tally_result(struct tally *tally, const struct result *result)
{
    tally_one(tally, result->verdict);
    for (size_t i = 0; i < result->check_count; i++)
        tally_one(tally, result->checks[i].verdict);
    tally->seconds += result->seconds;
}

static void put_verdict(xmlTextWriter *xml, enum verdict verdict,
                        const char *reason)
{
    if (verdict == VERDICT_PASS)
        return;
    begin(xml, verdict == VERDICT_SKIP   ? "skipped"
               : verdict == VERDICT_FAIL ? "failure"
                                         : "error");
    if (verdict != VERDICT_SKIP)
        attribute(xml, "type", verdict_name(verdict));
    attribute(xml, "message", reason);
    end(xml);
}

static void put_case(xmlTextWriter *xml, const struct result *result,
                     const char *name, double seconds, enum verdict verdict,
                     const char *reason)
{
    char *class = text_new("pvlab.%s", result->platform);

    begin(xml, "testcase");
    attribute(xml, "classname", class);
    attribute(xml, "name", name);
    attribute_seconds(xml, seconds);
    put_verdict(xml, verdict, reason);
    end(xml);
    free(class);
}

static void put_property(xmlTextWriter *xml, const char *name,
                         const char *value)
{
    if (!value)
        return;
    begin(xml, "property");
    attribute(xml, "name", name);
    attribute(xml, "value", value);
    end(xml);
}

static void put_properties(xmlTextWriter *xml, const struct result *result)
{
    if (!result->hypervisor && !result->backend && !result->log)
        return;
    begin(xml, "properties");
    put_property(xml, "hypervisor", result->hypervisor);
    put_property(xml, "backend", result->backend);
    put_property(xml, "log", result->log);
    end(xml);
}

static void put_suite(xmlTextWriter *xml, const struct result *result)
{
    struct tally tally = { 0 };
    char *label = part_label(result);

    tally_result(&tally, result);
    begin(xml, "testsuite");
    attribute(xml, "name", label);
    attribute_tally(xml, &tally);
    attribute_count(xml, "skipped", tally.skipped);
    put_properties(xml, result);
    put_case(xml, result, "boot", result->seconds, result->verdict,
             part_reason(result));
    for (size_t i = 0; i < result->check_count; i++) {
        const struct check *check = &result->checks[i];

        put_case(xml, result, check->name, 0, check->verdict,
                 check->reason ? check->reason : "no reason was given");
    }
    end(xml);
    free(label);
}

bool report_junit(const char *path, const struct report *report)
{
    xmlBuffer *buffer = xmlBufferCreate();
    xmlTextWriter *xml = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
    struct tally all = { 0 };
    int failure;
    bool ok;

    if (!xml)
        err(VERDICT_ERROR, "out of memory");
    for (size_t i = 0; i < report->result_count; i++)
        tally_result(&all, &report->results[i]);
    must(xmlTextWriterSetIndent(xml, 1));
    must(xmlTextWriterStartDocument(xml, NULL, "UTF-8", NULL));
    begin(xml, "testsuites");
    attribute(xml, "name", "pvlab");
    attribute_tally(xml, &all);
    for (size_t i = 0; i < report->result_count; i++)
        put_suite(xml, &report->results[i]);
    must(xmlTextWriterEndDocument(xml));
    xmlFreeTextWriter(xml);

    ok = part_save(path, (const char *)xmlBufferContent(buffer),
                   (size_t)xmlBufferLength(buffer));
    failure = errno;
    xmlBufferFree(buffer);
    errno = failure;
    return ok;
}
