# Maps: full, cleared, deleted from.
. /cases/lib.sh

if traced "a full map" -c 'workload keys 1 100' \
    -e 'config = { max_map_keys = 16 } tracepoint:syscalls:sys_enter_lseek /pid == cpid/ { @[args.fd] = count(); @x[args.fd]++; @all = count(); }'
then
    equal "keys that fit" "$(grep -c '^@\[' out)" 16
    equal "keys that fit, shared" "$(grep -c '^@x\[' out)" 16
    equal "events" "$(plain @all)" 100
    cat out err >both
    shows "what was lost is said" '[Ll]ost .*168' both
fi

if traced "the time between" -c 'dd if=/dev/zero of=/dev/null bs=1 count=500 status=none' \
    -e 'tracepoint:raw_syscalls:sys_enter /pid == cpid/ { @start[tid] = nsecs; }
        tracepoint:raw_syscalls:sys_exit /@start[tid]/ { @ns[args.id] = stats(nsecs - @start[tid]); delete(@start, tid); }
        END { clear(@start); }'
then
    shows "each call has its time" '^@ns\[0\]: \{ .count = 500, .average = [1-9][0-9]*, .total = [0-9]+ \}$'
    lacks "nothing stays" '^@start'
fi

if traced "map functions" -q -e 'BEGIN {
        @a[1] = 10; @a[2] = 20; @a[3] = 30; delete(@a, 2); @z["k"] = count(); zero(@z);
        printf("%d %d\n", has_key(@a, 1), has_key(@a, 2)); print(@a, 1); exit(); }'
then
    shows "membership" '^1 0$'
    shows "zeroed" '^@z\[k\]: 0$'
    lacks "deleted" '^@a\[2\]'
fi

trace -q -e 'BEGIN { @a[1] = 10; @a[2] = 20; printf("%d\n", len(@a)); exit(); }'
if grep -q 'it needs Linux' err; then
    skip "len() of a map"
else
    shows "length" '^2$'
fi
