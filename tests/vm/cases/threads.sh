# Two threads on the same values: nothing is lost.
. /cases/lib.sh

calls='workload getppid 2 100000'
if traced "two threads" -c "$calls" \
    -e 'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @c = count(); @x++; @y[args.__syscall_nr]++; @s[comm] = sum(1); @z[pid] += 2; }'
then
    equal "count()" "$(plain @c)" 200000
    equal "@x++" "$(plain @x)" 200000
    equal "@y[]++" "$(value @y 110)" 200000
    equal "sum by name" "$(value @s workload)" 200000
    equal "@z[] +=" "$(sed -n 's/^@z\[[0-9]*\]: //p' out)" 400000
fi

# Both threads hit each key first at nearly the same moment.
if traced "keys at the same time" -c 'workload keys 2 2000' \
    -e 'config = { max_map_keys = 20000 }
        tracepoint:syscalls:sys_enter_lseek /pid == cpid/ { @c[args.fd] = count(); @x[args.fd]++; }'
then
    equal "keys of count()" "$(grep -c '^@c\[.*\]: 2$' out)" 2000
    equal "keys of @x[]++" "$(grep -c '^@x\[.*\]: 2$' out)" 2000
fi

# A timer runs inside the other programs and writes the same maps.
if traced "with a timer in between" -c "$calls" \
    -e 'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @[comm, "call"] = count(); @n++; }
        profile:hz:999 { @[comm, "timer"] = count(); @ticks++; }'
then
    equal "calls beside a timer" "$(value @ 'workload, call')" 200000
    equal "increments beside a timer" "$(plain @n)" 200000
    [ "$(plain @ticks)" -gt 0 ] && ok "the timer fired"
fi

# More threads than processors: whoever is put aside in the middle of a program makes the others' runs be skipped.
if traced "many threads" -c 'workload getppid 8 20000' \
    -e 'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @c = count(); }'
then
    equal "calls of many threads" "$(plain @c)" 160000
    lacks "no skipped runs" 'Lost' err
fi
