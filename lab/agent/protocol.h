/* SPDX-License-Identifier: MIT */
/*
 * What pvlab and the agent in the outer system say to each other, over one
 * virtio-serial port named AGENT_PORT.
 *
 * Both directions are a stream of frames: one byte channel, one byte zero,
 * two bytes length (little endian, at most AGENT_FRAME_BYTES), the payload.
 * One stream keeps the order: when "ended" arrives, every byte that the guest
 * wrote before has arrived.
 *
 * AGENT_CONTROL frames hold one command or answer each, as text without a
 * newline:
 *
 *   pvlab -> agent
 *     arg TEXT       append one argument (up to the end of the frame)
 *     run            start argv; its stdin and stdout are AGENT_CONSOLE, its
 *                    stderr AGENT_LOG. Arguments are forgotten afterwards.
 *                    Two sockets are bridged while it runs, as soon as they
 *                    can be connected: AGENT_MONITOR_SOCKET to AGENT_MONITOR,
 *                    AGENT_GDB_SOCKET to AGENT_GDB.
 *     domain CFG     Xen: "xl create -p CFG", join AGENT_CONSOLE to the
 *                    domain's console, then unpause. CFG says on_poweroff,
 *                    on_reboot, on_crash, on_watchdog, on_soft_reset =
 *                    "preserve". If a device model listens at
 *                    AGENT_SERIAL_SOCKET that is the console (an HVM domain's
 *                    serial="unix:...,server=on,wait=off"), else Xen's ring.
 *     domain-gdb CFG the same, but the domain is left paused: time to set a
 *                    breakpoint at its first instruction, by the gdb stub of
 *                    the QEMU that runs the outer system. (Debian's Xen has
 *                    no support for gdbsx.)
 *     unpause        let it run; only "failed" is answered
 *     ping           answered by "pong" after 20 ms of sleep
 *     kill           end what runs (SIGKILL, or xl destroy)
 *
 *   agent -> pvlab
 *     ready          the outer system is up; once
 *     pong           this system's timers run
 *     started        "run" or "domain" succeeded
 *     failed TEXT    it did not; nothing runs
 *     ended TEXT     it is over. TEXT: "exit N", "signal N", or for a domain
 *                    "poweroff", "reboot", "suspend", "crash", "watchdog",
 *                    "soft-reset", "destroyed", "unknown"
 *
 * One program or domain runs at a time. Input that the guest does not take is
 * kept up to 1 MiB a channel and dropped beyond that, with an AGENT_LOG line,
 * so that "kill" is always heard. Guest output waits while pvlab does not read.
 */
#ifndef AGENT_PROTOCOL_H
#define AGENT_PROTOCOL_H

#define AGENT_PORT           "pvlab.agent"
#define AGENT_MONITOR_SOCKET "/run/pvlab/monitor"
#define AGENT_GDB_SOCKET     "/run/pvlab/gdb"
#define AGENT_SERIAL_SOCKET  "/run/pvlab/serial"

enum { AGENT_HEADER_BYTES = 4, AGENT_FRAME_BYTES = 16384 };

enum agent_channel {
    AGENT_CONTROL = 0,
    AGENT_CONSOLE = 1,
    AGENT_MONITOR = 2,
    AGENT_GDB = 3,
    AGENT_LOG = 4, /* agent -> pvlab only: diagnostics, for the log */
    AGENT_CHANNELS = 5,
};

#endif /* AGENT_PROTOCOL_H */
