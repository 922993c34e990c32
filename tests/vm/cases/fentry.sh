# Functions of the kernel, by trampolines: arguments and results with their types.
. /cases/lib.sh

trace -c 'cat /etc/passwd' -e 'fentry:vfs_read { @ = count(); }'
if [ "$status" != 0 ] && uname -r | grep -q '^5\.'; then
    shows "a kernel without them says so" 'fentry' err
    lacks "no fault of ours" 'bug|panicked' err
    exit 0
fi
traced "an entry" -c 'cat /etc/passwd' \
    -e 'fentry:vfs_read /pid == cpid/ { @[func, probe] = count(); @size = max(args.count); @same[arg2 == args.count] = count(); }' && {
    shows "names" '^@\[vfs_read, fentry:(vmlinux:)?vfs_read\]: [1-9]'
    shows "an argument" '^@size: [1-9][0-9]*$'
    shows "the argument by number" '^@same\[(1|true)\]: [1-9]'
}
traced "members" -c 'cat /etc/passwd' \
    -e 'fentry:vfs_open /pid == cpid/ { @[str(args.path.dentry.d_name.name)] = count(); }' &&
    equal "the file" "$(value @ passwd)" 1
traced "a return" -c 'dd if=/dev/zero of=/dev/null bs=4321 count=3' \
    -e 'fexit:vfs_read /pid == cpid/ { @[retval, args.count] = count(); }' &&
    equal "result and argument" "$(value @ '4321, 4321')" 3
traced "wildcards" -c 'cat /etc/passwd' \
    -e 'fentry:vfs_r*, fentry:vfs_open { if (pid == cpid) { @[func] = count(); @p[probe] = count(); } }' && {
    shows "the first function" '^@\[vfs_read\]: [1-9]'
    shows "the second probe" '^@p\[fentry:(vmlinux:)?vfs_open\]: [1-9]'
}
traced "returns by a wildcard" -c 'dd if=/dev/zero of=/dev/null bs=4321 count=3' \
    -e 'fexit:vfs_r* /pid == cpid/ { @[func, retval] = count(); }' &&
    equal "one of many returns" "$(value @ 'vfs_read, 4321')" 3
traced "a stack" -c 'cat /etc/passwd' -e 'fentry:vfs_read /pid == cpid/ { @[kstack] = count(); }' &&
    shows "the way to the function" 'ksys_read|do_syscall_64'
traced "entry and return in one probe" -c 'cat /etc/passwd' -e 'fentry:vfs_read, fexit:vfs_read /pid == cpid/ { @[probe] = count(); }' && {
    shows "the entry" '^@\[fentry:(vmlinux:)?vfs_read\]: [1-9]'
    shows "the return" '^@\[fexit:(vmlinux:)?vfs_read\]: [1-9]'
}
traced "the older names" -c 'cat /etc/passwd' -e 'kfunc:vfs_read /pid == cpid/ { @ = count(); } kretfunc:vfs_read { @r = count(); }' &&
    shows "hits by the older names" '^@: [1-9]'
traced "listing" -l 'fentry:vfs_*' && shows "a listed function" '^fentry:vmlinux:vfs_read$'
traced "listing with arguments" -lv 'fexit:vfs_read' && {
    shows "an argument's type" 'struct file ?\* ?file'
    shows "the result's type" 'ssize_t retval'
}
traced "typed raw tracepoints" -c 'cat /etc/passwd' \
    -e 'rawtracepoint:sched_process_exec /pid == cpid/ { @[str(args.bprm.filename)] = count(); }' &&
    shows "the program" '^@\[.*cat\]: 1$'
trace -e 'fentry:vfs_no_such_function { @ = count(); }'
equal "an unknown function: status" "$status" 1
shows "an unknown function: message" 'vfs_no_such_function' err
