# Strings from user memory, printed and as keys.
. /cases/lib.sh
long_keys

for hook in auto btf raw tracepoint; do
    traced "file names, $hook" -q --attach $hook -c 'cat /etc/passwd' \
        -e 'tracepoint:syscalls:sys_enter_openat /pid == cpid/ { printf("<%s %s>\n", comm, str(args.filename)); }' &&
        equal "file name, $hook" "$(grep '<' out)" '<cat /etc/passwd>'
done

mkdir deep
long=$PWD/deep/$(seq -s- 1 60)
echo >"$long"
echo "cat /etc/passwd; cat /etc/passwd; cat /no/such; cat $long" >script
if traced "file names as keys" -c 'sh script' \
    -e 'tracepoint:syscalls:sys_enter_openat /comm == "cat"/ { @[comm, str(args.filename)] = count(); @first[str(args.filename, 5)] = count(); }
        tracepoint:syscalls:sys_exit_openat /comm == "cat" && args.ret < 0/ { @failed[args.ret] = count(); }'
then
    equal "one name twice" "$(value @ 'cat, /etc/passwd')" 2
    equal "a missing file" "$(value @ 'cat, /no/such')" 1
    equal "a long name" "$(value @ "cat, $long")" 1
    equal "its error" "$(value @failed -2)" 1
    equal "start of a name" "$(grep -c '^@first' out)" 3
fi
