# Every aggregation on the descriptors 1000 to 1999.
. /cases/lib.sh

if traced "aggregations" -c 'workload keys 1 1000' \
    -e 'tracepoint:syscalls:sys_enter_lseek /pid == cpid/ {
            @count = count(); @sum = sum(args.fd); @avg = avg(args.fd); @min = min(args.fd); @max = max(args.fd);
            @stats = stats(args.fd); @hist = hist(args.fd); @lhist = lhist(args.fd, 0, 1900, 500);
            @keyed[args.fd / 500] = hist(args.fd); @bykey[comm, args.fd % 2] = stats(args.fd);
        }
        tracepoint:syscalls:sys_exit_lseek /pid == cpid/ { @least = min(args.ret); @negative = hist(args.ret); @total = sum(args.ret); }'
then
    equal "count" "$(plain @count)" 1000
    equal "sum" "$(plain @sum)" 1499500
    equal "avg" "$(plain @avg)" 1499
    equal "min" "$(plain @min)" 1000
    equal "max" "$(plain @max)" 1999
    equal "stats" "$(plain @stats)" '{ .count = 1000, .average = 1499, .total = 1499500 }'
    equal "stats by key" "$(value @bykey 'workload, 1')" '{ .count = 500, .average = 1500, .total = 750000 }'
    equal "lowest result" "$(plain @least)" -9
    equal "sum of negative results" "$(plain @total)" -9000
    grep -A3 '^@hist:' out | awk '{ $NF = ""; print $1, $2, $3 }' >rows
    shows "first bucket" '^\[512, 1K\) 24$' rows
    shows "second bucket" '^\[1K, 2K\) 976$' rows
    grep -A8 '^@lhist:' out | awk '{ print $1, $2, $3 }' >rows
    shows "linear bucket" '^\[1000, 1500\) 500$' rows
    # Above the range, whatever the row is called.
    shows "linear overflow" '100 \|@' out
    shows "negative numbers" '^\(\.\.\., 0\) +1000 '
    equal "histograms by key" "$(grep -c '^@keyed\[[23]\]:' out)" 2
fi
