# What builtin values give in each kind of program.
. /cases/lib.sh

values='@tid[tid == pid] = count(); @ids[uid, gid, username] = count(); @[comm] = count();
    @time[nsecs > 0, elapsed >= 0] = count(); @cpu[cpu < ncpus] = count(); @parent[ppid > 0] = count(); @r = max(rand);'
for hook in btf raw tracepoint; do
    if traced "in system calls, $hook" --attach $hook -c 'cat /etc/passwd' \
        -e "tracepoint:syscalls:sys_enter_openat /pid == cpid/ { $values }"
    then
        equal "tid, $hook" "$(grep -cE '^@tid\[(1|true)\]: 1$' out)" 1
        equal "ids, $hook" "$(value @ids '0, 0, root')" 1
        equal "comm, $hook" "$(value @ cat)" 1
        equal "parent, $hook" "$(grep -cE '^@parent\[(1|true)\]: 1$' out)" 1
        equal "clocks, $hook" "$(grep -cE '^@time\[(1, 1|true, true)\]: 1$' out)" 1
    fi
done
traced "in a timer" -c 'workload spin 500' -e "profile:hz:99 /comm == \"workload\"/ { $values }" &&
    shows "comm in a timer" '^@\[workload\]: [1-9]'
traced "in BEGIN and END" -e "BEGIN { $values exit(); } END { $values }" && shows "comm of the tracer" '^@\[trapline\]: [12]$'
traced "texts" -q -e 'BEGIN { printf("%s|%s|%s\n", syscall_name(257), strerror(2), strftime("%Y", nsecs)); time("%H:%M\n"); exit(); }' && {
    shows "names" '^openat\|No such file or directory\|[12][0-9]{3}$'
    shows "the time of day" '^[0-9]{2}:[0-9]{2}$'
}
