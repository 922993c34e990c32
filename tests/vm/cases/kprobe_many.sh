# Many functions of the kernel at once, by breakpoints in its code.
. /cases/lib.sh
long_keys

traced "a wildcard" -c 'cat /etc/passwd' -e 'kprobe:vfs_* /pid == cpid/ { @[probe] = count(); @f[func] = count(); }' && {
    shows "an open by its probe" '^@\[kprobe:vfs_open\]: [1-9]'
    shows "a read by its function" '^@f\[vfs_read\]: [1-9]'
}
traced "returns by a wildcard" -c 'dd if=/dev/zero of=/dev/null bs=4321 count=3' \
    -e 'kretprobe:vfs_* /pid == cpid/ { @[func, retval] = count(); }' &&
    equal "one of many returns" "$(value @ 'vfs_read, 4321')" 3
traced "entries and returns" -c 'cat /etc/passwd' -e 'kprobe:vfs_r*, kretprobe:vfs_r* /pid == cpid/ { @[func] = count(); }' &&
    equal "a function is one key" "$(grep -c '^@\[vfs_read\]' out)" 1
traced "listing" -l 'kprobe:vfs_*' && shows "a listed function" '^kprobe:vfs_read$'
# One by one, a function takes some 200 ms in an emulated machine.
if ! grep -q ' register_fprobe$' /proc/kallsyms; then
    skip "a thousand functions"
    exit 0
fi
begin=$(cut -d. -f1 /proc/uptime)
traced "a thousand functions" -c 'cat /etc/passwd' -e 'kprobe:tcp_*, kprobe:vfs_*, kprobe:ip_*, kprobe:do_* /pid == cpid/ { @ = count(); }' && {
    shows "their hits" '^@: [1-9]'
    lacks "most are reached" 'left out.* and [0-9][0-9][0-9]' err
    for pattern in tcp_ vfs_ ip_ do_; do trapline -l "kprobe:$pattern*"; done >all
    echo "    $(wc -l <all) functions, $(($(cut -d. -f1 /proc/uptime) - begin)) s with the listing; $(grep 'left out' err)"
}
