# Events that are no system calls, wildcards and listing.
. /cases/lib.sh
long_keys

traced "a string in a record" -c 'cat /etc/passwd' \
    -e 'tracepoint:sched:sched_process_exec /pid == cpid/ { @[comm, str(args.filename)] = count(); }' &&
    shows "its name" '^@\[cat, (/usr)?/bin/cat\]: 1$'
traced "an array in a record" -c 'workload getppid 2 10' \
    -e 'tracepoint:sched:sched_process_exit { @[args.comm] = count(); }' &&
    shows "its text" '^@\[workload\]: [1-9]'
traced "several events in one probe" -c 'sh -c "/bin/true; true"' \
    -e 'tracepoint:sched:sched_process_fork, tracepoint:sched:sched_process_exit { @[probe] = count(); }' && {
    shows "the first" '^@\[tracepoint:sched:sched_process_fork\]: [1-9]'
    shows "the second" '^@\[tracepoint:sched:sched_process_exit\]: [1-9]'
}

traced "all system calls by name" -c 'cat /etc/passwd' -e 'tracepoint:syscalls:sys_enter_* /pid == cpid/ { @[probe] = count(); }' && {
    equal "a call by its probe" "$(value @ tracepoint:syscalls:sys_enter_openat)" 1
    equal "the last call by its probe" "$(value @ tracepoint:syscalls:sys_enter_exit_group)" 1
}

ls -d /sys/kernel/tracing/events/syscalls/sys_enter* | sed 's#.*/#tracepoint:syscalls:#' | sort >expected
traced "listing" -l 'tracepoint:syscalls:sys_enter*' && {
    sort out >listed
    if cmp -s listed expected; then ok "the same names"; else fail "the same names" "$(diff listed expected | head -20 | tr '\n' ' ')"; fi
}
traced "fields" -lv 'tracepoint:syscalls:sys_enter_openat' && shows "a field" 'filename'
