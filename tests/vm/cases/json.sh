# JSON lines.
. /cases/lib.sh

traced "json" -f json -c 'dd if=/dev/zero of=/dev/null bs=1 count=100 status=none' \
    -e 'tracepoint:syscalls:sys_enter_read /pid == cpid/ { @n[comm] = count(); @h = hist(args.count); } END { printf("done\n"); }' && {
    shows "a map" '"type": "map", "data": \{"@n": \{"dd": 100\}\}'
    shows "a histogram" '"type": "hist".*"min": 1, "max": 1, "count": 100'
    shows "text" '"type": "printf", "data": "done\\n"'
    lacks "nothing but objects" '^[^{]'
}
