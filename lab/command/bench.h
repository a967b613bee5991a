/* SPDX-License-Identifier: MIT */
/*
 * pvlab bench.
 */
#ifndef LAB_COMMAND_BENCH_H
#define LAB_COMMAND_BENCH_H

/*
 * Becomes libexec/pvlab/bench/main.py with these words, which NULL ends; exit
 * status VERDICT_ERROR with a sentence if that cannot be started.
 */
__attribute__((noreturn)) void bench_verb(char **words);

#endif /* LAB_COMMAND_BENCH_H */
