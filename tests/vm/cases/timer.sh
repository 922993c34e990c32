# interval and profile probes.
. /cases/lib.sh

traced "a timer ends the script" -q -e 'interval:ms:50 { @n++; printf("tick %d\n", @n); if (@n == 5) { exit(); } }' &&
    equal "ticks" "$(grep -c '^tick [1-5]$' out)" 5
traced "print and clear" -q -e 'interval:ms:400 { @c = count(); print(@c); clear(@c); @n++; if (@n == 3) { exit(); } }' &&
    equal "each print starts anew" "$(grep -c '^@c: 1$' out)" 3
trace -e 'interval:ms:10 { exit(3); }'
equal "exit status" "$status" 3
if traced "profile" -c 'workload spin 1000' -e 'profile:hz:99 { @all = count(); @[comm] = count(); @cpu[cpu] = count(); }'; then
    # 99 a second on two processors; a slow machine may lose some.
    [ "$(plain @all)" -ge 50 ] && ok "samples"
    shows "samples of the busy program" '^@\[workload\]: [0-9]+$'
    equal "processors sampled" "$(grep -c '^@cpu\[' out)" "$(nproc)"
fi
