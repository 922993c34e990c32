# 32-bit calls: raw_syscalls shows their number, syscalls: events never see them.
. /cases/lib.sh

for hook in auto btf raw tracepoint; do
    if traced "32-bit calls, $hook" --attach $hook -c 'workload compat 100' \
        -e 'tracepoint:raw_syscalls:sys_enter /pid == cpid/ { @raw[args.id] = count(); }
            tracepoint:syscalls:sys_enter_writev /pid == cpid/ { @writev = count(); }
            tracepoint:syscalls:sys_exit_writev /pid == cpid/ { @left = count(); }'
    then
        equal "by number, $hook" "$(value @raw 20)" 100
        lacks "never as writev, $hook" '^@(writev|left)'
    fi
done
