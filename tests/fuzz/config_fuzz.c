/* SPDX-License-Identifier: MIT */
/*
 * pvlab.yaml from an enemy: no input may crash the parser, leak, or be taken
 * without keeping what config.h promises of the result.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const known[] = { "native",      "kvm",         "hyperv",
                                     "hyperv~gen2", "xen_domu_pv", NULL };

static void require(bool held)
{
    if (!held)
        abort();
}

static void check_options(const struct platform_config *one)
{
    const struct boot_options *o = &one->options;

    require(o->cpus <= CONFIG_MAX_CPUS);
    require(o->timeout_s <= CONFIG_MAX_TIMEOUT_S);
    require(o->mem_mib <= CONFIG_MAX_MEM_MIB);
    require(o->module_count <= OPTIONS_MAX_MODULES);
    require(!(one->given & CONFIG_EXPECT) == !o->expect);
    require(!(one->given & CONFIG_KERNEL) == !o->kernel);
    require(!o->gdb_port && !o->where && !o->log_dir);
}

static void check_config(const struct config *config)
{
    static const struct boot_options none;
    struct boot_options options;
    const char *skip;

    check_options(&config->base);
    require(!config->platforms || config->platforms[0]);
    for (size_t i = 0; i < config->on_count; i++) {
        check_options(&config->on[i]);
        config_resolve(config, config->on[i].platform, &none, 0, &options,
                       &skip);
        require(skip == config->on[i].skip);
    }
    for (size_t i = 0; i < config->custom_count; i++) {
        const struct custom_platform *custom = &config->custom[i];
        struct args args = { 0 };

        require(config_custom(config, custom->name) == custom);
        custom_command(custom, &config->base.options, &args);
        args_free(&args);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char why[CONFIG_WHY_BYTES];
    struct config *config = config_parse((const char *)data, size, known, why);

    if (config)
        check_config(config);
    else
        require(why[0] >= '1' && why[0] <= '9' && strchr(why, ' ') &&
                strlen(why) < CONFIG_WHY_BYTES - 1 && !strchr(why, '\n'));
    config_free(config);
    return 0;
}
