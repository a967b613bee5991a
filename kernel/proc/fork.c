/* SPDX-License-Identifier: MIT */
/*
 * fork() and vfork().
 */
#include "proc/errno.h"
#include "proc/file.h"
#include "proc/process.h"
#include "proc/xstate.h"

static void share_files(struct process *child, const struct process *parent)
{
    for (size_t i = 0; i < PROCESS_FILES; i++) {
        if (parent->files[i])
            child->files[i] = file_hold(parent->files[i]);
    }
}

static void adopt(struct process *child, struct process *parent)
{
    child->parent = parent;
    child->sibling = parent->children;
    parent->children = child;
}

/*
 * Until the child of a vfork() has a space of its own, or is no more. One that
 * is killed meanwhile waits all the same: its space is in use.
 */
static void wait_for_space(const struct process *child)
{
    while (child->space_borrowed)
        process_wait_for(&process_current()->children_changed);
}

long process_fork(const struct trap_frame *frame, bool vfork)
{
    struct process *parent = process_current();
    struct trap_frame of_child = *frame;
    struct process *child;
    int pid;

    if (process_count() == PROCESS_MOST)
        return -EAGAIN;
    of_child.ax = 0;
    child = process_new(&of_child);
    if (!child)
        return -ENOMEM;
    child->space_borrowed = vfork;
    child->space = vfork ? parent->space : space_fork(parent->space);
    if (!child->space) {
        process_release(child);
        return -ENOMEM;
    }
    child->fs_base = parent->fs_base;
    child->signals = parent->signals;
    xstate_save(child->xstate);
    share_files(child, parent);
    adopt(child, parent);
    pid = child->pid;
    process_make_ready(child);
    if (vfork)
        wait_for_space(child);
    return pid;
}
