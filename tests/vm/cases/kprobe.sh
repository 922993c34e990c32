# Functions of the kernel, by breakpoints in its code.
. /cases/lib.sh
long_keys

traced "an entry" -c 'cat /etc/passwd' \
    -e 'kprobe:vfs_read /pid == cpid/ { @calls = count(); @size = max(arg2); @[func, probe] = count(); }' && {
    shows "calls" '^@calls: [2-9]'
    # busybox reads 64 KiB or more at once, or sends; the loader of programs reads 256 bytes.
    shows "an argument" '^@size: [1-9][0-9]*$'
    shows "names" '^@\[vfs_read, kprobe:vfs_read\]: [1-9]'
}
traced "a member of an argument" -c 'cat /etc/passwd' \
    -e 'kprobe:vfs_open /pid == cpid/ { @[str(((struct path *)arg0)->dentry->d_name.name)] = count(); }' &&
    equal "the file" "$(value @ passwd)" 1
traced "a return" -c 'dd if=/dev/zero of=/dev/null bs=4321 count=3' \
    -e 'kretprobe:vfs_read /pid == cpid/ { @[retval] = count(); @f[func, probe] = count(); }' && {
    equal "what it returned" "$(value @ 4321)" 3
    shows "names of a return" '^@f\[vfs_read, kretprobe:vfs_read\]: [3-9]'
}
traced "entry and return" -c 'dd if=/dev/zero of=/dev/null bs=4321 count=3' \
    -e 'kprobe:vfs_write /pid == cpid/ { @size[tid] = arg2; }
        kretprobe:vfs_write /@size[tid]/ { @same[@size[tid] == retval] = count(); delete(@size[tid]); }' &&
    shows "they belong together" '^@same\[(1|true)\]: [3-9]'
traced "an offset" -c 'cat /etc/passwd' -e 'kprobe:vfs_read+0 /pid == cpid/ { @ = count(); }' && shows "its hits" '^@: [1-9]'
traced "several functions" -c 'cat /etc/passwd' \
    -e 'kprobe:vfs_open, kprobe:vfs_read /pid == cpid/ { @[func] = count(); @p[probe] = count(); }' && {
    shows "the first function" '^@\[vfs_open\]: [1-9]'
    shows "the second function" '^@\[vfs_read\]: [1-9]'
    shows "the second probe" '^@p\[kprobe:vfs_read\]: [1-9]'
}
traced "a stack" -c 'cat /etc/passwd' -e 'kprobe:vfs_read /pid == cpid/ { @[kstack] = count(); }' &&
    shows "the way to the function" 'vfs_read\+0|ksys_read|do_syscall_64'
traced "registers and names" -c 'cat /etc/passwd' \
    -e 'kprobe:vfs_read /pid == cpid/ { @[ksym(reg("ip")), reg("dx") == arg2] = count(); }' &&
    shows "the place" '^@\[vfs_read.*, (1|true)\]: [1-9]'
trace -e 'kprobe:vfs_no_such_function { @ = count(); }'
equal "an unknown function: status" "$status" 1
shows "an unknown function: message" 'vfs_no_such_function' err
trace -e 'kprobe:vfs_read+1 { @ = count(); }'
equal "inside an instruction: status" "$status" 1
shows "inside an instruction: message" 'vfs_read' err
lacks "inside an instruction: no panic" 'panicked' err
