# Does the machine offer what the other cases need?
. /cases/lib.sh

[ -s /sys/kernel/btf/vmlinux ] && ok "types of the kernel"
[ -e /sys/kernel/tracing/events/raw_syscalls/sys_enter/format ] && ok "trace events"
[ -e /sys/fs/cgroup/cgroup.controllers ] && ok "control groups"
[ "$(nproc)" -ge 2 ] && ok "several processors"
workload getppid 2 1000 && ok "work for two threads"
workload compat 10 && ok "32-bit calls"
