# Kernel stacks, from a timer and from a system call.
. /cases/lib.sh

traced "stacks from a timer" -c 'dd if=/dev/zero of=/dev/null bs=1M count=2000 status=none' \
    -e 'profile:hz:999 /pid == cpid/ { @[kstack] = count(); }' &&
    shows "a reader's stack" '(vfs_read|ksys_read|read_iter_zero|read_zero)'
for hook in btf raw tracepoint; do
    traced "stacks from a call, $hook" --attach $hook -c 'cat /etc/passwd' \
        -e 'tracepoint:syscalls:sys_enter_openat /pid == cpid/ { @[kstack, comm] = count(); }' &&
        shows "the way into the kernel, $hook" 'do_syscall_64|entry_SYSCALL_64'
done
traced "short stacks" -c 'cat /etc/passwd' -e 'tracepoint:syscalls:sys_enter_openat /pid == cpid/ { @[kstack(2)] = count(); }'
