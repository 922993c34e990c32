# Many functions of the kernel at once, by trampolines; listing with types.
. /cases/lib.sh
long_keys

traced "wildcards" -c 'cat /etc/passwd' \
    -e 'fentry:vfs_r*, fentry:vfs_open { if (pid == cpid) { @[func] = count(); @p[probe] = count(); } }' && {
    shows "the first function" '^@\[vfs_read\]: [1-9]'
    shows "the second probe" '^@p\[fentry:(vmlinux:)?vfs_open\]: [1-9]'
}
traced "returns by a wildcard" -c 'dd if=/dev/zero of=/dev/null bs=4321 count=3' \
    -e 'fexit:vfs_r* /pid == cpid/ { @[func, retval] = count(); }' &&
    equal "one of many returns" "$(value @ 'vfs_read, 4321')" 3
traced "listing" -l 'fentry:vfs_*' && shows "a listed function" '^fentry:vmlinux:vfs_read$'
traced "listing with arguments" -lv 'fexit:vfs_read' && {
    shows "an argument's type" 'struct file ?\* ?file'
    shows "the result's type" 'ssize_t retval'
}
