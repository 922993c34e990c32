# Functions of the kernel, by trampolines: arguments and results with their types.
. /cases/lib.sh
long_keys

traced "an entry" -c 'cat /etc/passwd' \
    -e 'fentry:vfs_read /pid == cpid/ { @[func, probe] = count(); @size = max(args.count); }' && {
    shows "names" '^@\[vfs_read, fentry:(vmlinux:)?vfs_read\]: [1-9]'
    shows "an argument" '^@size: [1-9][0-9]*$'
}
traced "members" -c 'cat /etc/passwd' \
    -e 'fentry:vfs_open /pid == cpid/ { @[str(args.path.dentry.d_name.name)] = count(); }' &&
    equal "the file" "$(value @ passwd)" 1
traced "a return" -c 'dd if=/dev/zero of=/dev/null bs=4321 count=3' \
    -e 'fexit:vfs_read /pid == cpid/ { @[retval, args.count] = count(); }' &&
    equal "result and argument" "$(value @ '4321, 4321')" 3
traced "a stack" -c 'cat /etc/passwd' -e 'fentry:vfs_read /pid == cpid/ { @[kstack] = count(); }' &&
    shows "the way to the function" 'ksys_read|do_syscall_64'
traced "entry and return in one probe" -c 'cat /etc/passwd' -e 'fentry:vfs_read, fexit:vfs_read /pid == cpid/ { @[probe] = count(); }' && {
    shows "the entry" '^@\[fentry:(vmlinux:)?vfs_read\]: [1-9]'
    shows "the return" '^@\[fexit:(vmlinux:)?vfs_read\]: [1-9]'
}
traced "the older names" -c 'cat /etc/passwd' -e 'kfunc:vfs_read /pid == cpid/ { @ = count(); } kretfunc:vfs_read { @r = count(); }' &&
    shows "hits by the older names" '^@: [1-9]'
traced "typed raw tracepoints" -c 'cat /etc/passwd' \
    -e 'rawtracepoint:sched_process_exec /pid == cpid/ { @[str(args.bprm.filename)] = count(); }' &&
    shows "the program" '^@\[.*cat\]: 1$'
trace -e 'fentry:vfs_no_such_function { @ = count(); }'
equal "an unknown function: status" "$status" 1
shows "an unknown function: message" 'vfs_no_such_function' err
