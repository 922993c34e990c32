# Exact counts by number, through every hook.
. /cases/lib.sh

dd='dd if=/dev/zero of=/dev/null bs=1 count=1000 status=none'
for hook in auto btf raw tracepoint; do
    if traced "counts by number, $hook" --attach $hook -c "$dd" \
        -e 'tracepoint:raw_syscalls:sys_enter /pid == cpid/ { @enter[args.id] = count(); @all = count(); }
            tracepoint:raw_syscalls:sys_exit /pid == cpid/ { @exit[args.id] = count(); @bytes[args.id] = sum(args.ret); }'
    then
        equal "reads, $hook" "$(value @enter 0)" 1000
        equal "writes, $hook" "$(value @enter 1)" 1000
        equal "returns from read, $hook" "$(value @exit 0)" 1000
        equal "bytes written, $hook" "$(value @bytes 1)" 1000
    fi
    if traced "counts of named calls, $hook" --attach $hook -c "$dd" \
        -e 'tracepoint:syscalls:sys_enter_read /pid == cpid/ { @asked = sum(args.count); @n++; }
            tracepoint:syscalls:sys_exit_read /pid == cpid/ { @got = sum(args.ret); }
            tracepoint:syscalls:sys_enter_write, tracepoint:syscalls:sys_exit_write /pid == cpid/ { @[probe] = count(); }'
    then
        equal "bytes asked for, $hook" "$(plain @asked)" 1000
        equal "bytes read, $hook" "$(plain @got)" 1000
        equal "incremented, $hook" "$(plain @n)" 1000
        equal "enter by name, $hook" "$(value @ tracepoint:syscalls:sys_enter_write)" 1000
        equal "exit by name, $hook" "$(value @ tracepoint:syscalls:sys_exit_write)" 1000
    fi
done
